#include "index/names.h"

#include <algorithm>
#include <bit>

#include "base/nearest.h"
#include "etalon/error.h"

namespace etalon::index {

using backends::Sql;
using backends::Transaction;

namespace {

constexpr const char* kNameColumns = R"(
SELECT n."ID", n."name", n."structID", n."axis", n."viewName", p."orderPolicy", p."storage", p."coverage"
FROM "namedRef" n LEFT JOIN "namedRefPolicy" p ON p."ID" = (
  SELECT q."ID" FROM "namedRefPolicy" q WHERE q."nameID" = n."ID" AND q."commitSeq" <= ?1
  ORDER BY q."commitSeq" DESC LIMIT 1) )";

NameRecord read_name(const backends::Cursor& cursor) {
    NameRecord record;
    record.id = cursor.integer(0);
    record.name = cursor.text(1);
    record.struct_id = cursor.integer(2);
    record.axis = static_cast<Axis>(cursor.integer(3));
    if (!cursor.is_null(4)) record.view_name = cursor.text(4);
    record.has_policy = !cursor.is_null(5);
    if (record.has_policy) {
        record.policy = static_cast<OrderPolicy>(cursor.integer(5));
        record.storage = static_cast<Storage>(cursor.integer(6));
        if (!cursor.is_null(7)) record.coverage = parse_coverage(cursor.text(7));
    }
    return record;
}

}  // namespace

std::optional<NameRecord> find_name(Transaction& tx, std::string_view name, std::int64_t snapshot) {
    static const Sql kFind(std::string(kNameColumns) + R"(WHERE n."name" = ?2)");
    const auto cursor = tx.query(kFind, {snapshot, std::string(name)});
    if (!cursor->next()) return std::nullopt;
    return read_name(*cursor);
}

std::vector<NameRecord> all_names(Transaction& tx, std::int64_t snapshot) {
    static const Sql kAll(std::string(kNameColumns) + R"(ORDER BY n."name")");
    std::vector<NameRecord> names;
    const auto cursor = tx.query(kAll, {snapshot});
    while (cursor->next()) names.push_back(read_name(*cursor));
    return names;
}

std::vector<std::string> similar_names(Transaction& tx, std::string_view name) {
    static const Sql kNames(R"(SELECT "name" FROM "namedRef" ORDER BY "name")");
    std::vector<std::string> known;
    const auto cursor = tx.query(kNames, {});
    while (cursor->next()) known.emplace_back(cursor->text(0));
    return nearest(name, known, 3);
}

std::int64_t insert_name(Transaction& tx, const NameRecord& record, std::int64_t entry_time) {
    static const Sql kInsert(R"(INSERT INTO "namedRef" ("name", "structID", "axis", "entryTime")
VALUES (?1, ?2, ?3, ?4) RETURNING "ID")");
    const auto cursor = tx.query(
        kInsert, {record.name, record.struct_id, static_cast<std::int64_t>(record.axis), entry_time});
    if (!cursor->next()) throw Error(ErrorCode::Internal, {"INSERT returned no ID", "namedRef", "", "", ""});
    return cursor->integer(0);
}

void insert_policy(Transaction& tx, const NameRecord& record, std::int64_t commit, std::int64_t entry_time) {
    static const Sql kInsert(R"(INSERT INTO "namedRefPolicy" ("nameID", "orderPolicy", "storage", "commitSeq",
"entryTime", "coverage") VALUES (?1, ?2, ?3, ?4, ?5, ?6))");
    tx.execute(kInsert, {record.id, static_cast<std::int64_t>(record.policy),
                         static_cast<std::int64_t>(record.storage), commit, entry_time,
                         record.coverage.complete ? backends::Value(format_coverage(record.coverage)) : backends::Value()});
}

void change_name(Transaction& tx, const NameRecord& record) {
    static const Sql kUpdate(R"(UPDATE "namedRef" SET "structID" = ?2, "axis" = ?3 WHERE "ID" = ?1)");
    tx.execute(kUpdate, {record.id, record.struct_id, static_cast<std::int64_t>(record.axis)});
}

void set_view_name(Transaction& tx, std::int64_t name_id, std::string_view view_name) {
    static const Sql kUpdate(R"(UPDATE "namedRef" SET "viewName" = ?2 WHERE "ID" = ?1)");
    tx.execute(kUpdate, {name_id, view_name.empty() ? backends::Value{} : backends::Value{std::string(view_name)}});
}

bool has_records(Transaction& tx, std::int64_t name_id) {
    static const Sql kAny(R"(SELECT 1 FROM "dataIndex" WHERE "nameID" = ?1 LIMIT 1)");
    return tx.query(kAny, {name_id})->next();
}

}  // namespace etalon::index
