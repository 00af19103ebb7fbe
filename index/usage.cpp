#include "index/usage.h"

#include "index/names.h"
#include "index/records.h"

namespace etalon::index {

std::vector<StoredCount> count_stored(backends::Transaction& tx, std::int64_t struct_id) {
    static const backends::Sql kCount(R"(SELECT n."name", d."schemaID", count(*) FROM "namedRef" n
JOIN "dataIndex" d ON d."nameID" = n."ID" AND d."retiredSeq" IS NULL AND d."dataID" IS NOT NULL
WHERE n."structID" = ?1 GROUP BY n."name", d."schemaID" ORDER BY n."name", d."schemaID")");
    std::vector<StoredCount> counts;
    for (const auto& name : all_names(tx, kPlusInfinity)) {
        if (name.struct_id == struct_id) prove_records(tx, name.id);
    }
    const auto cursor = tx.query(kCount, {struct_id});
    while (cursor->next()) {
        counts.push_back(
            {std::string(cursor->text(0)), cursor->integer(1), static_cast<std::uint64_t>(cursor->integer(2))});
    }
    return counts;
}

}  // namespace etalon::index
