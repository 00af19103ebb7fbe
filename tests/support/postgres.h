#pragma once
/// The PostgreSQL server that tests may use: ETALON_TEST_POSTGRES, set by scripts/with_postgres.

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace etalon::test {

/// The URL of the test server's database, without a schema; nothing (and a line on standard error, once) without one.
inline std::optional<std::string> find_postgres() {
    const char* url = std::getenv("ETALON_TEST_POSTGRES");
    if (url != nullptr && *url != '\0') return std::string(url);
    static std::atomic<bool> said{false};
    if (!said.exchange(true)) {
        std::fputs(
            "SKIPPED: everything on PostgreSQL, because ETALON_TEST_POSTGRES is not set; run scripts/with_postgres "
            "COMMAND\n",
            stderr);
    }
    return std::nullopt;
}

/// A schema name that no other test, process or earlier run uses.
inline std::string fresh_schema_name() {
    static std::atomic<int> number{0};
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    return "test_" + std::to_string(getpid()) + '_' + std::to_string(now % 1'000'000'000'000) + '_' +
           std::to_string(++number);
}

/// The URL of a schema that does not exist yet; nothing without a server.
inline std::optional<std::string> find_fresh_postgres_place() {
    auto url = find_postgres();
    if (url) *url += '#' + fresh_schema_name();
    return url;
}

}  // namespace etalon::test
