#include "objects/audit.h"

#include <fmt/format.h>

#include "backends/ids.h"

namespace etalon::objects {

using backends::Sql;
using backends::Transaction;

std::vector<ObjectLinks> read_object_links(Transaction& tx, std::int64_t after, std::int64_t most) {
    static const Sql kRead(R"(SELECT o."dataID", o."id", o."structID", o."schemaID", o."encoding", o."commitSeq",
o."entryTime", p."structID", p."schemaID", p."encoding", p."numRows", p."contentHash", c."entryTime"
FROM "object" o LEFT JOIN "payload" p ON p."dataID" = o."dataID"
LEFT JOIN "commitLog" c ON c."commitSeq" = o."commitSeq" WHERE o."dataID" > ?1 ORDER BY o."dataID" LIMIT ?2)");
    std::vector<ObjectLinks> objects;
    const auto cursor = tx.query(kRead, {after, most});
    while (cursor->next()) {
        auto& one = objects.emplace_back();
        one.data_id = cursor->integer(0);
        if (cursor->bytes(1).size() == sizeof(ObjectId)) one.id = backends::read_id(*cursor, 1);
        one.struct_id = cursor->integer(2);
        one.schema_id = cursor->integer(3);
        one.encoding = cursor->integer(4);
        one.commit = cursor->integer(5);
        one.entry_time = cursor->integer(6);
        one.commit_entry_time = cursor->find_integer(12);
        if (cursor->is_null(7)) continue;
        const auto hash = cursor->bytes(11);
        one.payload = {cursor->integer(7), cursor->integer(8), cursor->integer(9), cursor->integer(10),
                       Bytes(hash.begin(), hash.end())};
    }
    return objects;
}

std::uint64_t count_objects(Transaction& tx) {
    static const Sql kCount(R"(SELECT count(*) FROM "object")");
    const auto cursor = tx.query(kCount, {});
    return cursor->next() ? static_cast<std::uint64_t>(cursor->integer(0)) : 0;
}

std::vector<DanglingId> find_dangling(Transaction& tx, std::string_view table, std::string_view column,
                                      const std::optional<std::int64_t>& target_struct) {
    const Sql sql(fmt::format(
        R"(SELECT r.{0}, count(*), min(r."dataID") FROM {1} r WHERE r.{0} IS NOT NULL AND NOT EXISTS (
SELECT 1 FROM "object" o WHERE o."id" = r.{0}{2}) GROUP BY r.{0} ORDER BY r.{0})",
        backends::quote_identifier(column), backends::quote_identifier(table),
        target_struct ? fmt::format(R"( AND o."structID" = {})", *target_struct) : std::string()));
    std::vector<DanglingId> ids;
    const auto cursor = tx.query(sql, {});
    while (cursor->next()) {
        if (cursor->bytes(0).size() != sizeof(ObjectId)) continue;  // not an id: the row is damaged, which is told
        ids.push_back(
            {backends::read_id(*cursor, 0), static_cast<std::uint64_t>(cursor->integer(1)), cursor->integer(2)});
    }
    return ids;
}

}  // namespace etalon::objects
