#pragma once
/// A PgBouncer of its own between a test and the test server, reached by a Unix socket in a temporary directory.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/postgres.h"

namespace etalon::test {

enum class PoolMode { Session, Transaction };

/// Gives the connections of the tests to a few connections of the server; ends with this object.
class Pooler {
public:
    /// Lets `roles`, beside the user of the server's URL, in without passwords. `server_connections`: at most that many
    /// for each pair of database and role.
    Pooler(PoolMode mode, int server_connections, const std::vector<std::string>& roles = {})
        : server_(*find_postgres()), directory_(make_directory()), owner_(getpid()) {
        std::ofstream users(directory_ + "/users.txt");
        users << '"' << parameter("user") << "\" \"\"\n";
        for (const auto& role : roles) users << '"' << role << "\" \"\"\n";
        users.close();
        std::ofstream settings(directory_ + "/pooler.ini");
        settings << "[databases]\n* = host=" << parameter("host") << " port=" << parameter("port")
                 << "\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = " << directory_
                 << "\nunix_socket_mode = 0777\nauth_type = trust\nauth_file = " << directory_
                 << "/users.txt\nlogfile = " << directory_
                 << "/log\npool_mode = " << (mode == PoolMode::Session ? "session" : "transaction")
                 << "\nmax_client_conn = 200\ndefault_pool_size = " << server_connections
                 << "\nmax_user_connections = 0\n";
        settings.close();
        start();
    }
    ~Pooler() {
        if (owner_ != getpid()) return;
        kill(process_, SIGTERM);
        waitpid(process_, nullptr, 0);
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    Pooler(const Pooler&) = delete;
    Pooler& operator=(const Pooler&) = delete;

    /// False when there is no server, none that is reached by a socket, or no PgBouncer; says so.
    static bool is_there() {
        const auto url = find_postgres();
        if (!url) return false;
        const bool found = std::filesystem::exists(kProgram) && url->find("host=/") != std::string::npos;
        if (!found) std::fputs("SKIPPED: what needs PgBouncer (scripts/install_dependencies installs it)\n", stderr);
        return found;
    }

    /// The URL of the same place, by way of the pooler; with another user when one is given.
    [[nodiscard]] std::string url(std::string place, const std::string& user = {}) const {
        replace(place, "host", directory_);
        replace(place, "port", "6432");
        if (!user.empty()) replace(place, "user", user);
        return place;
    }

private:
    static constexpr const char* kProgram = "/usr/sbin/pgbouncer";

    /// The path of a socket is short (107 bytes), whatever TMPDIR is.
    static std::string make_directory() {
        std::string name = "/tmp/etalon_pooler.XXXXXX";
        REQUIRE(mkdtemp(name.data()) != nullptr);
        std::filesystem::permissions(name, std::filesystem::perms::all);
        return name;
    }

    [[nodiscard]] std::string parameter(const std::string& name) const {
        const auto at = server_.find(name + '=');
        REQUIRE(at != std::string::npos);
        const auto from = at + name.size() + 1;
        return server_.substr(from, server_.find_first_of("&#", from) - from);
    }

    static void replace(std::string& url, const std::string& name, const std::string& value) {
        const auto at = url.find(name + '=');
        REQUIRE(at != std::string::npos);
        const auto from = at + name.size() + 1;
        url.replace(from, url.find_first_of("&#", from) - from, value);
    }

    /// The socket is there a moment before anybody listens to it.
    [[nodiscard]] bool is_listening() const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto path = directory_ + "/.s.PGSQL.6432";
        REQUIRE(path.size() < sizeof address.sun_path);
        path.copy(address.sun_path, path.size());
        const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(socket >= 0);
        const bool listening = connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        close(socket);
        return listening;
    }

    void start() {
        const auto settings = directory_ + "/pooler.ini";
        // As root it runs as an ordinary user, because it refuses to run as root. It ends with the test, however that
        // ends.
        std::vector<const char*> words{"setpriv", "--pdeathsig", "TERM"};
        if (geteuid() == 0) words.insert(words.end(), {"--reuid=nobody", "--regid=nogroup", "--clear-groups"});
        words.insert(words.end(), {"--", kProgram, "-q", settings.c_str(), nullptr});
        process_ = fork();
        REQUIRE(process_ >= 0);
        if (process_ == 0) {
            const int null = open("/dev/null", O_RDWR);
            for (const int stream : {0, 1, 2}) dup2(null, stream);
            execvp(words[0], const_cast<char* const*>(words.data()));
            _exit(127);
        }
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!is_listening()) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            REQUIRE(waitpid(process_, nullptr, WNOHANG) == 0);
            usleep(10'000);
        }
    }

    std::string server_;
    std::string directory_;
    pid_t owner_;
    pid_t process_ = 0;
};

}  // namespace etalon::test
