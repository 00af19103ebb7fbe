#include <string>
#include <string_view>
#include <utility>

#include "backends/port.h"
#include "backends/postgres/connection.h"
#include "backends/sqlite/connection.h"
#include "etalon/error.h"

namespace etalon::backends {
namespace {

constexpr std::string_view kKinds =
    "sqlite:PATH[#Name], postgresql://[user@][host][:port]/dbname[?parameters][#Name], csv:DIRECTORY[#Name] or "
    "memory:[#Name]";

[[noreturn]] void refuse(std::string_view what, std::string_view url, std::string_view advice = {}) {
    throw Error(ErrorCode::Usage, {std::string(what), "", std::string(kKinds),
                                   '\'' + postgres::without_password(url) + '\'', std::string(advice)});
}

bool starts_with_any_case(std::string_view text, std::string_view prefix) {
    if (text.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        if (c != prefix[i]) return false;
    }
    return true;
}

void check_name(std::string_view name, std::string_view url) {
    if (name.empty()) refuse("the database name behind '#' is empty", url);
    if (name.find('\0') != std::string_view::npos) refuse("the database name behind '#' holds a NUL byte", url);
}

/// `PATH[#Name]` of a file or directory.
PlaceUrl parse_path(PlaceKind kind, std::string_view rest, std::string_view url) {
    PlaceUrl place;
    place.engine = Engine::Sqlite;
    place.kind = kind;
    // A path may hold '#' itself; a name never holds '/'. So the last '#' counts, unless a '/' follows.
    const auto hash = rest.rfind('#');
    if (hash != std::string_view::npos && rest.find('/', hash) == std::string_view::npos) {
        const auto name = rest.substr(hash + 1);
        check_name(name, url);
        place.database_name = name;
        rest = rest.substr(0, hash);
    }
    if (kind == PlaceKind::Memory) {
        if (!rest.empty()) refuse("a memory URL has no path", url, "write memory: or memory:#Name");
        return place;
    }
    if (rest.empty() && kind == PlaceKind::Csv)
        refuse("the CSV URL has no directory", url, "write for example csv:overrides/");
    if (rest.empty()) refuse("the SQLite URL has no path", url, "write for example sqlite:calib.db");
    if (rest.find('\0') != std::string_view::npos) refuse("the path holds a NUL byte", url);
    place.target = rest;
    return place;
}

PlaceUrl parse_postgres(std::string_view url) {
    PlaceUrl place;
    place.engine = Engine::Postgres;
    place.kind = PlaceKind::Server;
    const auto hash = url.find('#');
    place.target = url.substr(0, hash);
    if (hash != std::string_view::npos) {
        const auto name = url.substr(hash + 1);
        check_name(name, url);
        const auto host = place.target.substr(place.target.find("//") + 2);
        if (name.find('@') != std::string_view::npos && host.find('@') == std::string_view::npos &&
            host.find(':') != std::string_view::npos) {
            refuse("an '@' behind '#'", "postgresql:", "in a password, write '#' as %23 and '@' as %40");
        }
        // PostgreSQL would cut a longer name silently and use another schema than the one asked for.
        if (name.size() > 63) refuse("a PostgreSQL schema name has at most 63 bytes", url);
        if (name == "information_schema" || name.starts_with("pg_")) {
            refuse("this PostgreSQL schema belongs to the server", url);
        }
        place.database_name = name;
    }
    if (place.target.find('\0') != std::string_view::npos) refuse("the URL holds a NUL byte", url);
    return place;
}

/// Cuts `?verified=on|off` (or `&`) from before `#`; tells whether it said off.
bool cut_verified(std::string& url) {
    const auto hash = url.rfind('#');
    const bool is_name = hash != std::string::npos && url.find('/', hash) == std::string::npos;
    const auto end = is_name ? hash : url.size();
    for (const std::string_view option : {"verified=off", "verified=on"}) {
        if (end < option.size() + 1) continue;
        const auto at = end - option.size();
        if (std::string_view(url).substr(at, option.size()) != option || (url[at - 1] != '?' && url[at - 1] != '&'))
            continue;
        url.erase(at - 1, option.size() + 1);
        return option == "verified=off";
    }
    return false;
}

PlaceUrl parse_plain(std::string_view url) {
    if (starts_with_any_case(url, "sqlite:")) return parse_path(PlaceKind::File, url.substr(7), url);
    if (starts_with_any_case(url, "csv:")) return parse_path(PlaceKind::Csv, url.substr(4), url);
    if (starts_with_any_case(url, "memory:")) return parse_path(PlaceKind::Memory, url.substr(7), url);
    if (starts_with_any_case(url, "postgresql://") || starts_with_any_case(url, "postgres://")) {
        return parse_postgres(url);
    }
    if (starts_with_any_case(url, "postgresql:") || starts_with_any_case(url, "postgres:")) {
        refuse("a PostgreSQL URL goes on with two slashes", url,
               "write postgresql://host/dbname or postgresql:///dbname");
    }
    if (url.empty()) refuse("the database URL is empty", url, "give -d URL or set ETALON_DB");
    refuse("unknown kind of database URL", url,
           url.find(':') == std::string_view::npos ? "a file needs its kind in front: sqlite:PATH" : "");
}

}  // namespace

std::string named_url(const PlaceUrl& place, std::string_view name) {
    std::string url;
    if (place.kind == PlaceKind::File) url = "sqlite:";
    if (place.kind == PlaceKind::Csv) url = "csv:";
    if (place.kind == PlaceKind::Memory) url = "memory:";
    url += place.target;
    if (!place.verified) url += place.target.find('?') == std::string::npos ? "?verified=off" : "&verified=off";
    if (!name.empty()) url += "#" + std::string(name);
    return url;
}

PlaceUrl parse_place_url(std::string_view url) {
    std::string plain(url);
    const bool off = cut_verified(plain);
    auto place = parse_plain(plain);
    place.verified = !off;
    return place;
}

std::unique_ptr<Connection> open_connection(const PlaceUrl& place, OpenMode mode, Waiting waiting) {
    switch (place.engine) {
        case Engine::Sqlite:
            return sqlite::open(place, mode, std::move(waiting));
        case Engine::Postgres:
            return postgres::open(place, mode, std::move(waiting));
    }
    throw Error(ErrorCode::Internal, {"a place of an unknown engine", place.target, "", "", ""});
}

}  // namespace etalon::backends
