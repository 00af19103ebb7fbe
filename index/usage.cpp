#include "index/usage.h"

#include <fmt/format.h>

#include "backends/ids.h"
#include "index/names.h"
#include "index/records.h"
#include "index/tables.h"

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

std::vector<PayloadUse> find_records_of(backends::Transaction& tx, std::int64_t struct_id,
                                        const std::vector<std::int64_t>& data_ids, std::int64_t snapshot) {
    static const backends::EngineSql kFind([](backends::Engine engine) {
        const bool sqlite = engine == backends::Engine::Sqlite;
        return fmt::format(R"(SELECT n."name", n."axis", {} FROM "namedRef" n JOIN "dataIndex" d ON d."nameID" = n."ID"
WHERE n."structID" = ?1 AND d."commitSeq" <= ?2 AND d."dataID" {} ORDER BY d."ID")",
                           record_table().select("d"),
                           sqlite ? R"(IN (SELECT "value" FROM json_each(?3)))" : "= ANY(?3::bigint[])");
    });
    std::vector<PayloadUse> uses;
    if (data_ids.empty()) return uses;
    const auto& table = record_table();
    const auto at = [&](const char* column) { return 2 + table.at(column); };
    const auto cursor = tx.query(kFind.of(tx.engine()), {struct_id, snapshot, data_ids});
    while (cursor->next()) {
        (void)table.check(*cursor, 2);
        auto& use = uses.emplace_back();
        use.name = cursor->text(0);
        use.version = cursor->text(at("version"));
        use.element = cursor->integer(at("elementID"));
        use.interval = {static_cast<Axis>(cursor->integer(1)), cursor->integer(at("beginTime")),
                        cursor->find_integer(at("endTime"))};
        use.schema_id = cursor->integer(at("schemaID"));
        use.commit = cursor->integer(at("commitSeq"));
        use.retired = cursor->find_integer(at("retiredSeq"));
        if (use.retired && *use.retired > snapshot) use.retired.reset();
        use.num_rows = static_cast<std::uint64_t>(cursor->integer(at("numRows")));
        use.data_id = cursor->integer(at("dataID"));
        const auto uid = cursor->bytes(at("uid"));
        use.uid.assign(uid.begin(), uid.end());
    }
    return uses;
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
