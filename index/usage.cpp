#include "index/usage.h"

#include "index/names.h"
#include "index/records.h"

namespace etalon::index {

namespace {

void prove_records_of(backends::Transaction& tx, std::int64_t struct_id) {
    for (const auto& name : all_names(tx, kPlusInfinity)) {
        if (name.struct_id == struct_id) prove_records(tx, name.id);
    }
}

}  // namespace

std::vector<StoredPayload> list_stored_payloads(backends::Transaction& tx, std::int64_t struct_id) {
    static const backends::Sql kList(
        R"(SELECT d."schemaID", d."dataID", p."encoding", p."numRows", count(*) FROM "namedRef" n
JOIN "dataIndex" d ON d."nameID" = n."ID" AND d."retiredSeq" IS NULL AND d."dataID" IS NOT NULL
JOIN "payload" p ON p."dataID" = d."dataID"
WHERE n."structID" = ?1 GROUP BY d."dataID", d."schemaID", p."encoding", p."numRows" ORDER BY d."dataID")");
    prove_records_of(tx, struct_id);
    std::vector<StoredPayload> payloads;
    const auto cursor = tx.query(kList, {struct_id});
    while (cursor->next()) {
        payloads.push_back({cursor->integer(0), cursor->integer(1), cursor->integer(2),
                            static_cast<std::uint64_t>(cursor->integer(3)),
                            static_cast<std::uint64_t>(cursor->integer(4))});
    }
    return payloads;
}

std::vector<StoredCount> count_stored(backends::Transaction& tx, std::int64_t struct_id) {
    static const backends::Sql kCount(R"(SELECT n."name", d."schemaID", count(*) FROM "namedRef" n
JOIN "dataIndex" d ON d."nameID" = n."ID" AND d."retiredSeq" IS NULL AND d."dataID" IS NOT NULL
WHERE n."structID" = ?1 GROUP BY n."name", d."schemaID" ORDER BY n."name", d."schemaID")");
    std::vector<StoredCount> counts;
    prove_records_of(tx, struct_id);
    const auto cursor = tx.query(kCount, {struct_id});
    while (cursor->next()) {
        counts.push_back(
            {std::string(cursor->text(0)), cursor->integer(1), static_cast<std::uint64_t>(cursor->integer(2))});
    }
    return counts;
}

}  // namespace etalon::index
