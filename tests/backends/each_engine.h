#pragma once
/// Runs a test case once per engine.

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>

#include "backends/port.h"
#include "etalon/error.h"
#include "support/own_database.h"
#include "support/postgres.h"
#include "support/temp_directory.h"

namespace etalon::test {

/// A place of one engine, made when the test case's subcase for that engine runs. The test case has no SUBCASE of its
/// own: doctest 2.4.9 runs subcases that follow a sibling's again and again.
class EachEngine {
public:
    /// Of PostgreSQL a schema, or a whole database: within one, the open transactions of others keep dead rows.
    enum class Within { SharedDatabase, OwnDatabase };

    explicit EachEngine(Within within = Within::SharedDatabase) {
        SUBCASE("on SQLite") {
            url_ = "sqlite:" + directory_.file("test.db");
        }
        SUBCASE("on PostgreSQL") {
            url_ = find_fresh_postgres_place();
            if (url_ && within == Within::OwnDatabase) {
                own_ = std::make_unique<OwnDatabase>(*find_postgres());
                url_ = own_->url("public");
            }
        }
    }
    /// False when the engine is not there: the test case ends.
    explicit operator bool() const { return url_.has_value(); }
    [[nodiscard]] const std::string& url() const { return *url_; }
    [[nodiscard]] backends::PlaceUrl place() const { return backends::parse_place_url(*url_); }
    /// Of the database that is made there.
    [[nodiscard]] std::string name() const {
        const auto of_url = place().database_name;
        return of_url.empty() ? "test" : of_url;
    }
    /// The URL of a file that holds the same database: a layer to put over it.
    [[nodiscard]] std::string layer(const std::string& path) const { return "sqlite:" + path + "#" + name(); }
    [[nodiscard]] std::unique_ptr<backends::Connection> open(
        backends::OpenMode mode = backends::OpenMode::Create) const {
        return backends::open_connection(place(), mode);
    }

private:
    TempDirectory directory_;
    std::unique_ptr<OwnDatabase> own_;
    std::optional<std::string> url_;
};

/// What `work` throws; fails the test when it throws nothing.
template <class Work>
Error error_of(const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error");
    return Error(ErrorCode::Internal, ErrorInfo{});
}

/// Opens an SQLite file.
inline std::unique_ptr<backends::Connection> open_file(const std::string& path,
                                                       backends::OpenMode mode = backends::OpenMode::Existing) {
    return backends::open_connection(backends::parse_place_url("sqlite:" + path), mode);
}

/// Runs a script in a transaction of its own.
inline void script(backends::Connection& connection, std::string_view sql) {
    const auto transaction = connection.begin(backends::TransactionMode::Write);
    transaction->execute_script(sql);
    transaction->commit();
}

/// The one integer that a query gives.
inline std::int64_t ask(backends::Connection& connection, const std::string& sql) {
    const auto cursor = connection.begin(backends::TransactionMode::Single)->query(backends::Sql(sql), {});
    REQUIRE(cursor->next());
    return cursor->integer(0);
}

}  // namespace etalon::test
