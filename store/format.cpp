#include "store/format.h"

#include <fmt/format.h>

#include "backends/ddl.h"

namespace etalon::store {

using backends::ProvedTable;
using backends::Sql;
using backends::Transaction;

const ProvedTable& format_table() {
    static const ProvedTable kTable(
        "storeFormat", "ID", "rowChecksum",
        {{"ID"}, {"major"}, {"minor"}, {"databaseName", 't'}, {"placeUid", 'b'}, {"entryTime"}, {"comment", 't'}});
    return kTable;
}

std::string create_format_table(backends::Engine engine) {
    return backends::render_ddl(engine, R"(
CREATE TABLE IF NOT EXISTS "storeFormat" ("ID" {id}, "major" {int} NOT NULL, "minor" {int} NOT NULL,
"databaseName" {text} NOT NULL, "placeUid" {blob} NOT NULL, "entryTime" {int} NOT NULL, "comment" {text}, "rowChecksum" {int});
)");
}

std::optional<FormatRow> read_format_row(Transaction& tx) {
    static const Sql kNewest(
        R"(SELECT "major", "minor", "databaseName" FROM "storeFormat" ORDER BY "ID" DESC LIMIT 1)");
    const auto cursor = tx.query(kNewest, {});
    if (!cursor->next()) return std::nullopt;
    return FormatRow{cursor->integer(0), cursor->integer(1), std::string(cursor->text(2))};
}

void check_format_row(Transaction& tx) {
    const auto& table = format_table();
    static const Sql kNewest(
        fmt::format(R"(SELECT {} FROM "storeFormat" f ORDER BY f."ID" DESC LIMIT 1)", table.select("f")));
    const auto cursor = tx.query(kNewest, {});
    if (cursor->next() && !cursor->is_null(table.width() - 1)) (void)table.check(*cursor, 0);
}

bool has_format_row(Transaction& tx) {
    static const Sql kAny(R"(SELECT 1 FROM "storeFormat" LIMIT 1)");
    return tx.query(kAny, {})->next();
}

std::unique_ptr<backends::Cursor> read_format_rows(Transaction& tx) {
    static const Sql kAll(fmt::format(R"(SELECT {} FROM "storeFormat" f ORDER BY f."ID")", format_table().select("f")));
    return tx.query(kAll, {});
}

std::optional<PlaceIdentity> read_identity(Transaction& tx) {
    static const Sql kNewest(R"(SELECT "placeUid", "entryTime" FROM "storeFormat" ORDER BY "ID" DESC LIMIT 1)");
    const auto cursor = tx.query(kNewest, {});
    if (!cursor->next()) return std::nullopt;
    const auto uid = cursor->bytes(0);
    return PlaceIdentity{Bytes(uid.begin(), uid.end()), cursor->integer(1)};
}

}  // namespace etalon::store
