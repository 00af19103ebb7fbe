#pragma once
/// A database of its own on the test server, for what a neighbour of the same database would disturb.

#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "backends/port.h"
#include "etalon/error.h"
#include "support/postgres.h"

namespace etalon::test {

/// A database of the test server that goes away with this object.
class OwnDatabase {
public:
    /// `server` is the URL of any database of the server. Empty, or a copy of another database that nobody is connected
    /// to.
    explicit OwnDatabase(std::string server, const std::string& like = "")
        : server_(std::move(server)), name_("own_" + fresh_schema_name()), owner_(getpid()) {
        run("CREATE DATABASE " + name_ + (like.empty() ? "" : " TEMPLATE " + like));
    }
    ~OwnDatabase() {
        if (owner_ != getpid()) return;
        try {
            run("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
        } catch (const Error&) {
            return;  // the server is private to the tests
        }
    }
    OwnDatabase(const OwnDatabase&) = delete;
    OwnDatabase& operator=(const OwnDatabase&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::string url(const std::string& schema) const {
        const auto path = server_.find('/', server_.find("://") + 3);
        const auto end = server_.find('?', path);
        return server_.substr(0, path + 1) + name_ + (end == std::string::npos ? "" : server_.substr(end)) + '#' +
               schema;
    }

private:
    void run(const std::string& sql) const {
        // In no transaction: CREATE DATABASE refuses to be in one.
        const auto connection =
            backends::open_connection(backends::parse_place_url(server_ + "#public"), backends::OpenMode::Existing);
        (void)connection->begin(backends::TransactionMode::Single)->query(backends::Sql(sql), {});
    }

    std::string server_;
    std::string name_;
    pid_t owner_;
};

}  // namespace etalon::test
