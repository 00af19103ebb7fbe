#include "index/retire.h"

#include <fmt/format.h>

#include <set>

#include "index/draft.h"
#include "index/records.h"
#include "index/tables.h"
#include "index/timeline.h"

namespace etalon::index {

using backends::Sql;
using backends::Transaction;
using backends::Value;

std::optional<LiveRecord> find_live_record(Transaction& tx, std::int64_t name_id, std::int64_t element,
                                           std::string_view version, std::int64_t begin,
                                           std::optional<std::int64_t> commit) {
    const bool proved = backends::is_proved(tx);
    const Sql sql(fmt::format(R"(SELECT d."ID", d."schemaID", d."dataID", d."commitSeq"{} FROM "dataIndex" d
WHERE d."nameID" = ?1 AND d."elementID" = ?2 AND d."version" = ?3 AND d."beginTime" = ?4 AND d."retiredSeq" IS NULL{}
ORDER BY d."commitSeq" DESC LIMIT 1)",
                              proved ? ", " + record_table().select("d") : "",
                              commit ? R"( AND d."commitSeq" = ?5)" : ""));
    std::vector<Value> values{name_id, element, std::string(version), begin};
    if (commit) values.emplace_back(*commit);
    const auto cursor = tx.query(sql, values);
    if (!cursor->next()) return std::nullopt;
    constexpr int kCells = 4;
    if (proved) (void)record_table().check(*cursor, kCells);
    return LiveRecord{
        cursor->integer(0), element, std::string(version), cursor->integer(1), cursor->find_integer(2).value_or(0),
        cursor->integer(3)};
}

void retire_records(Transaction& tx, const CommitStamp& stamp, const NameRecord& name,
                    std::span<const LiveRecord> records) {
    if (records.empty()) return;
    const auto& table = record_table();
    static const Sql kRead(R"(SELECT d."uid", d."retiredSeq" FROM "dataIndex" d WHERE d."ID" = ?1)");
    auto& draft = *stamp.draft;
    std::set<TimelineKey> timelines;
    for (const auto& record : records) {
        timelines.insert({name.id, record.element, record.version});
        Bytes uid;
        {
            const auto cursor = tx.query(kRead, {record.id});
            if (!cursor->next() || !cursor->is_null(1)) continue;
            uid.assign(cursor->bytes(0).begin(), cursor->bytes(0).end());
        }
        draft.record_sets[name.id].change(table.update(tx, record.id, {{"retiredSeq", stamp.seq}}));
        draft.items.push_back(retirement_item(uid));
    }
    renew_timelines(tx, stamp, name.id, name.policy, timelines);
}

}  // namespace etalon::index
