#include "store/audit.h"

#include <fmt/format.h>

#include "backends/proof.h"
#include "store/tables.h"

namespace etalon::store {

using backends::Cursor;
using backends::Sql;
using backends::Transaction;

namespace {

std::int64_t count(Transaction& tx, const std::string& sql) {
    const auto cursor = tx.query(Sql(sql), {});
    return cursor->next() ? cursor->integer(0) : 0;
}

}  // namespace

std::unique_ptr<Cursor> read_struct_rows(Transaction& tx) {
    static const Sql kRead(fmt::format(R"(SELECT {} FROM "structure" x)", structure_table().select("x")));
    return tx.query(kRead, {});
}

std::unique_ptr<Cursor> read_version_rows(Transaction& tx, std::int64_t struct_id) {
    static const Sql kRead(
        fmt::format(R"(SELECT {} FROM "schemaVersion" v WHERE v."structID" = ?1 ORDER BY v."schemaID")",
                    version_table().select("v")));
    return tx.query(kRead, {struct_id});
}

std::unique_ptr<Cursor> read_element_rows(Transaction& tx, std::int64_t struct_id, std::int64_t schema_id) {
    static const Sql kRead(
        fmt::format(R"(SELECT {} FROM "schema" x WHERE x."structID" = ?1 AND x."schemaID" = ?2 ORDER BY x."position")",
                    element_table().select("x")));
    return tx.query(kRead, {struct_id, schema_id});
}

std::map<std::int64_t, std::string> read_row_tables(Transaction& tx) {
    static const Sql kRead(R"(SELECT "ID", "tableName" FROM "structure" WHERE "tableName" IS NOT NULL)");
    std::map<std::int64_t, std::string> tables;
    const auto cursor = tx.query(kRead, {});
    while (cursor->next()) tables.emplace(cursor->integer(0), std::string(cursor->text(1)));
    return tables;
}

std::vector<StoredPayload> read_payload_rows(Transaction& tx, std::int64_t after, std::int64_t most) {
    const bool proved = backends::is_proved(tx);
    const Sql sql(fmt::format(R"(SELECT "dataID", "structID", "schemaID", "encoding", "numRows", "contentHash"{}
FROM "payload" WHERE "dataID" > ?1 ORDER BY "dataID" LIMIT {})",
                              proved ? R"(, "rowsChecksum", "partChecksums")" : "", most));
    std::vector<StoredPayload> rows;
    const auto cursor = tx.query(sql, {after});
    while (cursor->next()) {
        const auto hash = cursor->bytes(5);
        auto& row = rows.emplace_back(StoredPayload{cursor->integer(0),
                                                    cursor->integer(1),
                                                    cursor->integer(2),
                                                    cursor->integer(3),
                                                    cursor->integer(4),
                                                    Bytes(hash.begin(), hash.end()),
                                                    std::nullopt,
                                                    {}});
        if (!proved) continue;
        row.rows_checksum = cursor->find_integer(6);
        if (cursor->is_null(7)) continue;
        const auto parts = cursor->bytes(7);
        row.part_checksums.assign(parts.begin(), parts.end());
    }
    return rows;
}

std::uint64_t count_payloads(Transaction& tx) {
    return static_cast<std::uint64_t>(count(tx, R"(SELECT count(*) FROM "payload")"));
}

std::int64_t count_stray_rows(Transaction& tx, std::int64_t struct_id, const std::string& table) {
    return count(
        tx, fmt::format(
                R"(SELECT count(*) FROM {} r WHERE NOT EXISTS (SELECT 1 FROM "payload" p WHERE p."dataID" = r."dataID"
AND p."structID" = {} AND p."encoding" = 1 AND r."rowNumber" >= 0 AND r."rowNumber" < p."numRows"))",
                backends::quote_identifier(table), struct_id));
}

std::int64_t count_incomplete_payloads(Transaction& tx, std::int64_t struct_id, const std::string& table) {
    return count(tx,
                 fmt::format(
                     R"(SELECT count(*) FROM "payload" p WHERE p."structID" = {} AND p."encoding" = 1 AND p."numRows" <>
(SELECT count(*) FROM {} r WHERE r."dataID" = p."dataID"))",
                     struct_id, backends::quote_identifier(table)));
}

std::int64_t count_rows_using(Transaction& tx, std::int64_t struct_id, std::int64_t schema_id, const std::string& table,
                              std::span<const std::string> columns) {
    std::string condition;
    for (const auto& column : columns) {
        condition += (condition.empty() ? "" : " OR ") + ("r." + backends::quote_identifier(column) + " IS NOT NULL");
    }
    return count(tx,
                 fmt::format(
                     R"(SELECT count(*) FROM {} r JOIN "payload" p ON p."dataID" = r."dataID" WHERE p."structID" = {}
AND p."schemaID" = {} AND ({}))",
                     backends::quote_identifier(table), struct_id, schema_id, condition));
}

std::int64_t count_stray_chunks(Transaction& tx) {
    return count(tx, R"(SELECT count(*) FROM "bytes" b WHERE NOT EXISTS (
SELECT 1 FROM "payload" p WHERE p."dataID" = b."dataID" AND p."encoding" = 2))");
}

std::int64_t count_chunkless_payloads(Transaction& tx) {
    return count(tx, R"(SELECT count(*) FROM "payload" p WHERE p."encoding" = 2 AND p."numRows" > 0 AND NOT EXISTS (
SELECT 1 FROM "bytes" b WHERE b."dataID" = p."dataID" AND b."chunk" = 0))");
}

std::int64_t count_structless_rows(Transaction& tx, std::string_view table) {
    return count(
        tx,
        fmt::format(
            R"(SELECT count(*) FROM "{}" t WHERE NOT EXISTS (SELECT 1 FROM "structure" s WHERE s."ID" = t."structID"))",
            table));
}

}  // namespace etalon::store
