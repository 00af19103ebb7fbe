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
#include "index/timeline.h"
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
StoredFormat read_format(backends::Transaction& tx, const std::string& place) {
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
    return {cursor->integer(1), std::string(cursor->text(2))};
}

[[noreturn]] void refuse_old_format(std::int64_t minor, const std::string& place) {
    throw Error(ErrorCode::Format, {"the database has an older format", place, format_name(kFormatMajor, kOldestMinor) + " or newer",
                                    format_name(kFormatMajor, minor), "bring it up to date with 'etalon -d URL init --upgrade'"});
}

/// Format 1.0 found records by their length class; 1.1 keeps timelines.
void drop_length_classes(backends::Transaction& tx) {
    tx.execute_script(R"(DROP INDEX "dataIndex_winner"; DROP INDEX "dataIndex_end"; DROP TABLE "lengthClass";)");
    if (tx.engine() == Engine::Sqlite) tx.execute_script(R"(DROP TRIGGER "dataIndex_noUpdate")");
    tx.execute_script(R"(ALTER TABLE "dataIndex" DROP COLUMN "lengthClass")");
}

}  // namespace

std::string default_name(const backends::Place& place) {
    if (!place.database_name.empty()) return place.database_name;
    return std::filesystem::path(place.target).stem().string();
}

void create_format(Connection& connection, const std::string& name, bool upgrade) {
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
    const auto stored_minor = exists ? read_format(*tx, connection.place()).minor : kFormatMinor;
    const bool is_old = stored_minor < kFormatMinor;
    if (is_old && !upgrade) {
        if (stored_minor >= kOldestMinor) return;
        refuse_old_format(stored_minor, connection.place());
    }
    const bool has_timelines = stored_minor >= 1;
    if (!has_timelines) drop_length_classes(*tx);
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
    if (is_old) {
        if (!has_timelines) index::rebuild_all_timelines(*tx);
        tx->execute(Sql(R"(INSERT INTO "storeFormat" ("major", "minor", "databaseName", "placeUid", "entryTime")
SELECT ?1, ?2, f."databaseName", f."placeUid", f."entryTime" FROM "storeFormat" f ORDER BY f."ID" DESC LIMIT 1)"),
                    {kFormatMajor, kFormatMinor});
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

StoredFormat check_format(Connection& connection) {
    if (!connection.has_relation("storeFormat")) {
        throw Error(ErrorCode::Format, {"this is no Etalon database", connection.place(), "the table storeFormat", "none",
                                        "create the tables with 'etalon -d URL init'"});
    }
    auto stored = read_format(*connection.begin(TransactionMode::Single), connection.place());
    if (stored.minor < kOldestMinor) refuse_old_format(stored.minor, connection.place());
    stored.has_rules = connection.has_relation("schemaRule");
    return stored;
}

}  // namespace etalon::database
