#include "database/format.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "backends/ddl.h"
#include "base/digest.h"
#include "config_tree/tables.h"
#include "etalon/error.h"
#include "index/commits.h"
#include "index/tables.h"
#include "store/tables.h"

namespace etalon::database {

using backends::Connection;
using backends::Engine;
using backends::Sql;
using backends::TransactionMode;

namespace {

constexpr const char* kReadFormat = R"(SELECT "major", "minor", "databaseName" FROM "storeFormat" ORDER BY "ID" DESC LIMIT 1)";

std::string format_name(std::int64_t major, std::int64_t minor) { return fmt::format("format {}.{}", major, minor); }

/// Reads the stored format inside a transaction; refuses newer major numbers.
std::string read_format(backends::Transaction& tx, const std::string& place) {
    const auto cursor = tx.query(Sql(kReadFormat), {});
    if (!cursor->next()) {
        throw Error(ErrorCode::Format, {"the database has no format record", place, "one row in storeFormat", "none",
                                        "restore it from a copy, or run init in an empty place"});
    }
    const auto major = cursor->integer(0);
    if (major > kFormatMajor) {
        throw Error(ErrorCode::Format, {"the database has a newer format than this program can read", place,
                                        format_name(kFormatMajor, kFormatMinor) + " or older",
                                        format_name(major, cursor->integer(1)), "use a newer etalon"});
    }
    return std::string(cursor->text(2));
}

}  // namespace

std::string default_name(const backends::Place& place) {
    if (!place.database_name.empty()) return place.database_name;
    return std::filesystem::path(place.target).stem().string();
}

void create_format(Connection& connection, const std::string& name, bool upgrade) {
    (void)upgrade;  // Format 1 is the first: there is nothing older to bring up to it.
    if (connection.read_only()) {
        if (connection.has_relation("storeFormat")) {
            (void)check_format(connection);
            return;
        }
        throw Error(ErrorCode::ReadOnly, {"cannot create the tables", connection.place(), "a place that can be written",
                                          "a read-only one", "check permissions"});
    }
    const bool exists = connection.has_relation("storeFormat");
    auto tx = connection.begin(TransactionMode::Write);
    index::lock_tables(*tx, index::TableUse::Change);
    if (exists) (void)read_format(*tx, connection.place());
    const auto engine = connection.engine();
    tx->execute_script(backends::immutability_functions(engine) + backends::render_ddl(engine, R"(
CREATE TABLE IF NOT EXISTS "storeFormat" ("ID" {id}, "major" {int} NOT NULL, "minor" {int} NOT NULL,
"databaseName" {text} NOT NULL, "placeUid" {blob} NOT NULL, "entryTime" {int} NOT NULL, "comment" {text});
)") + store::create_tables(engine) + index::create_tables(engine) +
                       config_tree::create_tables(engine));
    bool has_row = false;
    {
        const auto cursor = tx->query(Sql(kReadFormat), {});
        has_row = cursor->next();
        while (has_row && cursor->next()) {
        }
    }
    if (!has_row) {
        const auto uid = make_uid();
        const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                             std::chrono::system_clock::now().time_since_epoch()).count();
        tx->execute(Sql(R"(INSERT INTO "storeFormat" ("major", "minor", "databaseName", "placeUid", "entryTime")
VALUES (?1, ?2, ?3, ?4, ?5))"),
                    {kFormatMajor, kFormatMinor, name, Bytes(uid.begin(), uid.end()), static_cast<std::int64_t>(now)});
    }
    tx->commit();
}

std::string check_format(Connection& connection) {
    if (!connection.has_relation("storeFormat")) {
        throw Error(ErrorCode::Format, {"this is no Etalon database", connection.place(), "the table storeFormat", "none",
                                        "create the tables with 'etalon -d URL init'"});
    }
    const auto tx = connection.begin(TransactionMode::Single);
    return read_format(*tx, connection.place());
}

}  // namespace etalon::database
