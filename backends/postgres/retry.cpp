#include "backends/postgres/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace etalon::backends::postgres {
namespace {

/// https://www.postgresql.org/docs/15/errcodes-appendix.html
Obstacle obstacle_of(std::string_view state) {
    // 57P01 to 57P03: the server ends, has crashed, or does not take connections yet; 57P05 and 25P03: the session was
    // idle for too long.
    if (state.empty() || state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" ||
        state == "57P05" || state == "25P03") {
        return Obstacle::Disconnected;
    }
    // 40001 is also what a standby says that had to remove rows which were read, 40P01 one whose reader was in the way.
    if (state.starts_with("40") && state != "40003") return Obstacle::Changing;
    if (state == "40003") return Obstacle::InDoubt;  // statement_completion_unknown
    if (state == "55P03") return Obstacle::Locked;
    return Obstacle::Other;
}

/// The host that the session has reached, of several in the URL.
std::string server_of(Session& session) {
    const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
    const auto host = text(PQhost(session.link().raw()));
    const auto port = text(PQport(session.link().raw()));
    if (host.empty()) return port;
    return host + (port.empty() ? "" : ':' + port);
}

}  // namespace

Error with_obstacle(Error error, std::string_view sqlstate) {
    const auto obstacle = obstacle_of(sqlstate);
    error.set_obstacle(obstacle);
    if (obstacle == Obstacle::InDoubt) error.set_retryable(false);
    if (obstacle == Obstacle::Disconnected) error.set_retryable(true);
    return error;
}

Obstacle obstacle_of_connecting(std::string_view message) noexcept {
    // A server that is there, and will answer in a moment (57P03).
    for (const auto* word : {"starting up", "shutting down", "in recovery mode", "not yet accepting connections"}) {
        if (message.find(word) != std::string_view::npos) return Obstacle::Changing;
    }
    return Obstacle::Disconnected;
}

std::string with_timeouts(std::string_view url) {
    std::string out(url);
    // A password may hold a '?'; libpq ends it at the first '@'.
    auto hosts = std::min(url.find("://"), url.size());
    const auto user = url.find_first_of("@/", std::min(hosts + 3, url.size()));
    if (user != std::string_view::npos && url[user] == '@') hosts = user;
    const auto add = [&out, hosts](std::string_view name, std::string_view value) {
        if (out.find(fmt::format("{}=", name), hosts) != std::string::npos) return;
        out += fmt::format("{}{}={}", out.find('?', hosts) == std::string::npos ? '?' : '&', name, value);
    };
    // Seconds, for each of several hosts; else as long as the system tries, about two minutes.
    if (std::getenv("PGCONNECT_TIMEOUT") == nullptr) add("connect_timeout", "10");
    // A server whose machine has gone says nothing: without these a query would wait for two hours.
    add("keepalives_idle", "15");
    add("keepalives_interval", "5");
    add("keepalives_count", "3");
    add("tcp_user_timeout", "30000");
    return out;
}

bool writes_again(Session& session) {
    return !session.ask_read_only();
}

Error read_only_error(Session& session, std::string_view url, const std::string& place) {
    const bool chooses = url.find("target_session_attrs=") != std::string_view::npos;
    return Error(
        ErrorCode::ReadOnly,
        {"the PostgreSQL server takes no writes here (a standby, or default_transaction_read_only)", place,
         "the primary server", server_of(session),
         chooses ? "write to the primary server: put target_session_attrs=read-write into the URL"
                 : "write to the primary server: name it in the URL, or several hosts with "
                   "?target_session_attrs=read-write (postgresql://h1,h2/db?target_session_attrs=read-write)"});
}

}  // namespace etalon::backends::postgres
