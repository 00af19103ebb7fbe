#include "store/joined_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "backends/ids.h"
#include "store/catalog.h"
#include "store/payload.h"

namespace etalon::store {

using backends::Cursor;
using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::Value;

std::string list_columns(std::string_view alias, std::span<const std::string> columns) {
    std::string list;
    for (const auto& column : columns) {
        list += fmt::format("{}{}.{}", list.empty() ? "" : ", ", alias, backends::quote_identifier(column));
    }
    return list;
}

JoinedRows::JoinedRows(Storage storage, const std::string& table_name, std::span<const std::string> columns,
                       std::uint64_t row_bytes)
    : stored_(columns.empty() ? Storage::Bytes : storage),
      most_rows_(std::max<std::uint64_t>(1, kWholeBytes / std::max<std::uint64_t>(1, row_bytes))) {
    if (stored_ == Storage::Columns) {
        columns_ = R"(r."rowNumber", )" + list_columns("r", columns);
        table_ = backends::quote_identifier(table_name);
        order_ = R"("rowNumber")";
        // One more than may be: too many are seen.
        few_rows_ = fmt::format(R"( AND r."rowNumber" <= {})", most_rows_);
    } else {
        columns_ = R"(r."chunk", r."bytes")";
        table_ = R"("bytes")";
        order_ = R"("chunk")";
        more_ = fmt::format(R"( AND r."chunk" < {})", kJoinedChunks);
    }
}

std::string JoinedRows::is_first() const {
    return fmt::format("r.{0} = 0 OR r.{0} IS NULL", order_);
}

std::string JoinedRows::join(Engine engine, std::string_view of) const {
    // In SQLite the join is a nested loop over the key (dataID, rowNumber), which is the order. PostgreSQL reads an
    // ordered subquery in its order, from the index; an order of the whole would cost a sort of all columns. The reader
    // checks it.
    if (engine == Engine::Sqlite) {
        return fmt::format(R"( LEFT JOIN {} r ON r."dataID" = {}."dataID"{})", table_, of, more_);
    }
    return fmt::format(
        R"( LEFT JOIN LATERAL (SELECT * FROM {} r WHERE r."dataID" = {}."dataID"{} ORDER BY r.{}) r ON TRUE)", table_,
        of, more_ + few_rows_, order_);
}

std::string JoinedRows::join_few(std::string_view of, std::int64_t most) const {
    return fmt::format(R"( LEFT JOIN LATERAL (SELECT * FROM {0} r WHERE r."dataID" = {1}."dataID"{2}
AND {1}."numRows" <= {4} ORDER BY r.{3} LIMIT {5}) r ON TRUE)",
                       table_, of, more_, order_, most, most + 1);
}

std::string payload_columns() {
    return R"(p."encoding", p."contentHash")";
}

std::string join_payload(std::string_view of) {
    return fmt::format(R"( LEFT JOIN "payload" p ON p."dataID" = {}."dataID")", of);
}

std::string join_new_versions(std::string_view of, int first) {
    return fmt::format(
        R"( LEFT JOIN "schemaVersion" v ON {0}."nth" = 1 AND v."structID" = {0}."ofStruct" AND v."schemaID" = {0}."schemaID"
AND ({0}."ofStruct", {0}."schemaID") NOT IN (SELECT g."structID", g."schemaID" FROM unnest(?{1}::bigint[], ?{2}::bigint[])
AS g("structID", "schemaID")))",
        of, first, first + 1);
}

std::string with_payloads_sql(const std::string& winners, int num_columns, int ord, int data_id, int first) {
    const auto fresh = [&](const std::string& what) {
        return fmt::format(R"(CASE WHEN n."nth" = 1 AND (n."structID", n."payloadSchema") NOT IN (
SELECT k."structID", k."schemaID" FROM unnest(?{}::bigint[], ?{}::bigint[]) AS k("structID", "schemaID"))
THEN (SELECT {} FROM "schemaVersion" v WHERE v."structID" = n."structID" AND v."schemaID" = n."payloadSchema") END)",
                           first, first + 1, what);
    };
    std::string shown;
    std::string named;
    for (int i = 0; i < num_columns; ++i) {
        shown += fmt::format(R"(n."c{}", )", i);
        named += fmt::format(R"({}"c{}")", i == 0 ? "" : ", ", i);
    }
    return fmt::format(
        R"(SELECT {}n."structID", n."encoding", n."contentHash", n."nth", {}, {} FROM (
SELECT w.*, p."structID", p."schemaID" AS "payloadSchema", p."encoding", p."contentHash",
row_number() OVER (PARTITION BY p."structID", p."schemaID" ORDER BY w."c{}") AS "nth"
FROM ({}) w({}) LEFT JOIN "payload" p ON p."dataID" = w."c{}") n)",
        shown, fresh(R"(v."definition")"), fresh(joined_columns_sql(Engine::Postgres)), ord, winners, named, data_id);
}

std::unique_ptr<Cursor> read_rows_of(Transaction& tx, std::vector<PayloadsOfStruct> payloads) {
    std::string text;
    std::vector<Value> values;
    for (auto& of_struct : payloads) {
        values.emplace_back(std::move(of_struct.data_ids));
        text += fmt::format(
            R"({}SELECT r."dataID", r."rowNumber", ROW({}) AS "row" FROM {} r WHERE r."dataID" = ANY(?{}::bigint[]))",
            text.empty() ? "" : "\nUNION ALL ", list_columns("r", of_struct.columns),
            backends::quote_identifier(of_struct.table_name), values.size());
    }
    return tx.query(Sql("SELECT * FROM (" + text + R"() u ORDER BY 1, 2)"), values);
}

std::unique_ptr<Cursor> read_rows_of(Transaction& tx, const std::string& table_name,
                                     std::span<const std::string> columns, std::vector<std::int64_t> data_ids) {
    const Sql sql(fmt::format(R"(SELECT r."dataID", r."rowNumber"{}{} FROM {} w{}{} r ON r."dataID" = w."n")",
                              columns.empty() ? "" : ", ", list_columns("r", columns),
                              backends::listed_integers(tx.engine(), 1), backends::join_word(tx.engine()),
                              backends::quote_identifier(table_name)));
    return tx.query(sql, {std::move(data_ids)});
}

std::unique_ptr<Cursor> find_rows_with(Transaction& tx, const std::string& table_name,
                                       std::span<const std::string> columns, const ObjectId& id) {
    std::string text;
    for (const auto& column : columns) {
        text += fmt::format(R"({}SELECT r."dataID", r."rowNumber" FROM {} r WHERE r.{} = {})",
                            text.empty() ? "" : "\nUNION ", backends::quote_identifier(table_name),
                            backends::quote_identifier(column), backends::bound_id(tx.engine(), 1));
    }
    return tx.query(Sql(text), {backends::to_bytes(id)});
}

std::map<std::int64_t, std::int64_t> find_structs_of_payloads(Transaction& tx, std::vector<std::int64_t> data_ids) {
    static const backends::EngineSql kRead([](Engine engine) {
        return fmt::format(R"(SELECT p."dataID", p."structID" FROM {} w{}"payload" p ON p."dataID" = w."n")",
                           backends::listed_integers(engine, 1), backends::join_word(engine));
    });
    std::map<std::int64_t, std::int64_t> structs;
    if (data_ids.empty()) return structs;
    const auto cursor = tx.query(kRead.of(tx.engine()), {std::move(data_ids)});
    while (cursor->next()) structs.emplace(cursor->integer(0), cursor->integer(1));
    return structs;
}

std::unique_ptr<Cursor> read_chunks_of(Transaction& tx, std::vector<std::int64_t> data_ids) {
    static const backends::EngineSql kRead([](Engine engine) {
        return fmt::format(R"(SELECT b."dataID", b."chunk", b."bytes" FROM {} w{}"bytes" b ON b."dataID" = w."n"
ORDER BY b."dataID", b."chunk")",
                           backends::listed_integers(engine, 1), backends::join_word(engine));
    });
    return tx.query(kRead.of(tx.engine()), {std::move(data_ids)});
}

}  // namespace etalon::store
