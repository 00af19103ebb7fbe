#include "objects/rows.h"

#include <fmt/format.h>

#include <array>

#include "backends/ids.h"
#include "base/bytes.h"
#include "objects/tables.h"

namespace etalon::objects {

using backends::Cursor;
using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::Value;

ObjectRow read_object(const Cursor& cursor, int first) {
    (void)object_table().check(cursor, first);
    return {cursor.integer(first),
            backends::read_id(cursor, first + 1),
            cursor.integer(first + 2),
            cursor.integer(first + 3),
            static_cast<Storage>(cursor.integer(first + 4)),
            cursor.integer(first + 5),
            cursor.integer(first + 6),
            cursor.integer(first + 7)};
}

std::map<ObjectId, ObjectRow> find_objects(Transaction& tx, std::span<const ObjectId> ids, std::int64_t snapshot) {
    std::map<ObjectId, ObjectRow> found;
    if (!backends::has_objects(tx) || ids.empty()) return found;
    static const backends::EngineSql kFind([](Engine engine) {
        return fmt::format(R"(SELECT {} FROM {} w{}"object" o ON o."id" = w."id" WHERE o."commitSeq" <= ?2)",
                           object_table().select("o"), backends::listed_ids(engine, 1), backends::join_word(engine));
    });
    const auto cursor = tx.query(kFind.of(tx.engine()), {backends::bind_ids(tx.engine(), ids), snapshot});
    while (cursor->next()) {
        auto row = read_object(*cursor, 0);
        found.emplace(row.id, row);
    }
    return found;
}

std::map<std::int64_t, ObjectRow> find_objects_of(Transaction& tx, std::span<const std::int64_t> data_ids,
                                                  std::int64_t snapshot) {
    std::map<std::int64_t, ObjectRow> found;
    if (!backends::has_objects(tx) || data_ids.empty()) return found;
    static const backends::EngineSql kFind([](Engine engine) {
        return fmt::format(R"(SELECT {} FROM {} w{}"object" o ON o."dataID" = w."n" WHERE o."commitSeq" <= ?2)",
                           object_table().select("o"), backends::listed_integers(engine, 1),
                           backends::join_word(engine));
    });
    const auto cursor =
        tx.query(kFind.of(tx.engine()), {std::vector<std::int64_t>(data_ids.begin(), data_ids.end()), snapshot});
    while (cursor->next()) {
        auto row = read_object(*cursor, 0);
        found.emplace(row.data_id, row);
    }
    return found;
}

std::map<std::int64_t, Bytes> read_content_hashes(Transaction& tx, std::span<const std::int64_t> data_ids) {
    static const backends::EngineSql kRead([](Engine engine) {
        return fmt::format(R"(SELECT p."dataID", p."contentHash" FROM {} w{}"payload" p ON p."dataID" = w."n")",
                           backends::listed_integers(engine, 1), backends::join_word(engine));
    });
    std::map<std::int64_t, Bytes> hashes;
    const auto cursor = tx.query(kRead.of(tx.engine()), {std::vector<std::int64_t>(data_ids.begin(), data_ids.end())});
    while (cursor->next()) {
        const auto hash = cursor->bytes(1);
        hashes.emplace(cursor->integer(0), Bytes(hash.begin(), hash.end()));
    }
    return hashes;
}

Bytes object_item(std::int64_t position, std::string_view struct_name, std::span<const std::byte> definition_hash,
                  std::span<const std::byte> content_hash) {
    return ItemBuilder(ItemKind::Object)
        .number(position)
        .text(struct_name)
        .blob(definition_hash)
        .blob(content_hash)
        .finish();
}

void insert_objects(Transaction& tx, const WriteStamp& stamp, std::span<NewObject> objects) {
    if (objects.empty()) return;
    const auto& table = object_table();
    std::map<std::int64_t, backends::SetSum> sets;
    {
        const auto writer = tx.bulk_insert(table.name(), table.stored_columns());
        std::int64_t position = 0;
        for (auto& object : objects) {
            auto& row = object.row;
            row.commit = stamp.commit;
            row.entry_time = stamp.entry_time;
            row.position = position++;
            const std::array<Value, 8> cells{row.data_id,
                                             backends::to_bytes(row.id),
                                             row.struct_id,
                                             row.schema_id,
                                             static_cast<std::int64_t>(row.encoding),
                                             row.commit,
                                             row.position,
                                             row.entry_time};
            sets[row.struct_id].add(table.put(*writer, cells));
            writer->end_row();
            stamp.add(object_item(row.position, object.struct_name, object.definition_hash, object.content_hash));
        }
        writer->finish();
    }
    for (const auto& [struct_id, sum] : sets) backends::add_to_set(tx, backends::SetKind::Objects, struct_id, sum);
}

void visit_object_items(Transaction& tx, CommitRange range,
                        const std::function<void(std::int64_t commit, Bytes item)>& add) {
    if (!backends::has_objects(tx)) return;
    // By struct, so that the index finds the commits.
    static const Sql kStructs(R"(SELECT "ID" FROM "structure" ORDER BY "ID")");
    static const Sql kRead(R"(SELECT o."commitSeq", o."position", s."name", v."definitionHash", p."contentHash"
FROM "object" o LEFT JOIN "structure" s ON s."ID" = o."structID"
LEFT JOIN "schemaVersion" v ON v."structID" = o."structID" AND v."schemaID" = o."schemaID"
LEFT JOIN "payload" p ON p."dataID" = o."dataID"
WHERE o."structID" = ?1 AND o."commitSeq" >= ?2 AND o."commitSeq" <= ?3)");
    std::vector<std::int64_t> structs;
    {
        const auto cursor = tx.query(kStructs, {});
        while (cursor->next()) structs.push_back(cursor->integer(0));
    }
    const auto bytes = [](const Cursor& cursor, int column) {
        return cursor.is_null(column) ? std::span<const std::byte>() : cursor.bytes(column);
    };
    for (const auto of_struct : structs) {
        const auto cursor = tx.query(kRead, {of_struct, range.first, range.last});
        while (cursor->next()) {
            add(cursor->integer(0),
                object_item(cursor->integer(1), cursor->text(2), bytes(*cursor, 3), bytes(*cursor, 4)));
        }
    }
}

void add_touched(Transaction& tx, CommitRange range, CommitTouches& touches) {
    if (!backends::has_objects(tx)) return;
    static const Sql kObjects(R"(SELECT o."commitSeq", s."name", count(*) FROM "structure" s
JOIN "object" o ON o."structID" = s."ID" WHERE o."commitSeq" BETWEEN ?1 AND ?2 GROUP BY o."commitSeq", s."name")");
    const auto cursor = tx.query(kObjects, {range.first, range.last});
    while (cursor->next()) {
        touches.at(cursor->integer(0), Touched::Object, std::string(cursor->text(1))).written =
            static_cast<std::uint64_t>(cursor->integer(2));
    }
}

void prove_objects(backends::Transaction& tx, std::int64_t struct_id) {
    if (!backends::is_proved(tx)) return;
    static const Sql kAll(
        fmt::format(R"(SELECT {} FROM "object" o WHERE o."structID" = ?1)", object_table().select("o")));
    backends::SetSum found;
    {
        const auto cursor = tx.query(kAll, {struct_id});
        while (cursor->next()) found.add(object_table().check(*cursor, 0));
    }
    backends::check_set(found, backends::read_set_proof(tx, backends::SetKind::Objects, struct_id),
                        backends::SetKind::Objects, fmt::format("structID {}", struct_id));
}

std::uint64_t count_objects(Transaction& tx, std::int64_t struct_id, std::int64_t snapshot) {
    if (!backends::has_objects(tx)) return 0;
    static const Sql kCount(R"(SELECT count(*) FROM "object" WHERE "structID" = ?1 AND "commitSeq" <= ?2)");
    const auto cursor = tx.query(kCount, {struct_id, snapshot});
    return cursor->next() ? static_cast<std::uint64_t>(cursor->integer(0)) : 0;
}

std::vector<ObjectPlace> list_object_places(Transaction& tx, std::int64_t struct_id) {
    std::vector<ObjectPlace> places;
    if (!backends::has_objects(tx)) return places;
    static const Sql kAll(
        R"(SELECT "dataID", "schemaID", "encoding" FROM "object" WHERE "structID" = ?1 ORDER BY "dataID")");
    const auto cursor = tx.query(kAll, {struct_id});
    while (cursor->next()) places.push_back({cursor->integer(0), cursor->integer(1), cursor->integer(2)});
    return places;
}

std::map<std::int64_t, std::uint64_t> count_objects_by_schema(Transaction& tx, std::int64_t struct_id) {
    std::map<std::int64_t, std::uint64_t> counts;
    if (!backends::has_objects(tx)) return counts;
    static const Sql kCount(R"(SELECT "schemaID", count(*) FROM "object" WHERE "structID" = ?1 GROUP BY "schemaID")");
    const auto cursor = tx.query(kCount, {struct_id});
    while (cursor->next()) counts[cursor->integer(0)] = static_cast<std::uint64_t>(cursor->integer(1));
    return counts;
}

}  // namespace etalon::objects
