#include "objects/references.h"

#include <fmt/format.h>

#include <string>

#include "backends/ids.h"
#include "backends/proof.h"

namespace etalon::objects {

using backends::Engine;
using backends::Sql;
using backends::Transaction;

void insert_references(Transaction& tx, std::span<const StoredReference> references) {
    if (references.empty()) return;
    static const std::vector<std::string> kColumns{"dataID", "rowNumber", "elementKey", "item", "toID"};
    const auto writer = tx.bulk_insert("objectRef", kColumns);
    for (const auto& one : references) {
        writer->put(one.at.data_id);
        writer->put(one.at.row);
        writer->put(one.at.element_key);
        writer->put(one.at.item);
        writer->put(backends::to_bytes(one.to));
        writer->end_row();
    }
    writer->finish();
}

std::vector<ReferencePlace> find_references(Transaction& tx, const ObjectId& to) {
    if (!backends::has_objects(tx)) return {};
    static const backends::EngineSql kFind([](Engine engine) {
        return fmt::format(R"(SELECT r."dataID", r."rowNumber", r."elementKey", r."item" FROM "objectRef" r
WHERE r."toID" = {} ORDER BY 1, 2, 3, 4)",
                           backends::bound_id(engine, 1));
    });
    std::vector<ReferencePlace> places;
    const auto cursor = tx.query(kFind.of(tx.engine()), {backends::to_bytes(to)});
    while (cursor->next())
        places.push_back({cursor->integer(0), cursor->integer(1), cursor->integer(2), cursor->integer(3)});
    return places;
}

std::vector<StoredReference> read_references(Transaction& tx, std::int64_t after, std::int64_t up_to) {
    static const Sql kRead(R"(SELECT r."dataID", r."rowNumber", r."elementKey", r."item", r."toID" FROM "objectRef" r
WHERE r."dataID" > ?1 AND r."dataID" <= ?2 ORDER BY 1, 2, 3, 4)");
    std::vector<StoredReference> references;
    const auto cursor = tx.query(kRead, {after, up_to});
    while (cursor->next()) {
        references.push_back(
            {{cursor->integer(0), cursor->integer(1), cursor->integer(2), cursor->integer(3)},
             cursor->bytes(4).size() == sizeof(ObjectId) ? backends::read_id(*cursor, 4) : ObjectId{}});
    }
    return references;
}

std::int64_t count_stray_references(Transaction& tx) {
    static const Sql kCount(R"(SELECT count(*) FROM "objectRef" r
WHERE NOT EXISTS (SELECT 1 FROM "payload" p WHERE p."dataID" = r."dataID"))");
    const auto cursor = tx.query(kCount, {});
    return cursor->next() ? cursor->integer(0) : 0;
}

void replace_references(Transaction& tx, std::span<const std::int64_t> data_ids,
                        std::span<const StoredReference> references) {
    static const Sql kDelete(R"(DELETE FROM "objectRef" WHERE "dataID" = ?1)");
    for (const auto data_id : data_ids) tx.execute(kDelete, {data_id});
    insert_references(tx, references);
}

void remove_stray_references(Transaction& tx) {
    tx.execute(Sql(R"(DELETE FROM "objectRef"
WHERE NOT EXISTS (SELECT 1 FROM "payload" p WHERE p."dataID" = "objectRef"."dataID"))"),
               {});
}

}  // namespace etalon::objects
