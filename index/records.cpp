#include "index/records.h"

#include <limits>

#include "base/digest.h"

namespace etalon::index {

using backends::Sql;
using backends::Transaction;
using backends::Value;

void write_records(Transaction& tx, const CommitStamp& stamp, std::span<const NewRecord> records,
                   const std::map<std::int64_t, OrderPolicy>& policies) {
    static const std::array<std::string, 16> kColumns{
        "ID",        "count",   "nameID", "schemaID", "version", "elementID", "beginTime",  "endTime", "creationTime",
        "commitSeq", "numRows", "dataID", "uid",      "entryTime", "retiredSeq", "comment"};
    // Numbered here, because the timelines need the IDs. The commit lock is held.
    static const Sql kLast(R"(SELECT "ID" FROM "dataIndex" ORDER BY "ID" DESC LIMIT 1)");
    std::int64_t id = 0;
    if (const auto cursor = tx.query(kLast, {}); cursor->next()) id = cursor->integer(0);
    AddedRecords added;
    {
        auto writer = tx.bulk_insert("dataIndex", kColumns);
        std::int64_t count = 0;
        for (const auto& record : records) {
            const auto uid = make_uid();
            writer->put(++id);
            writer->put(count++);
            writer->put(record.name_id);
            writer->put(record.schema_id);
            writer->put(record.version);
            writer->put(record.element);
            writer->put(record.begin);
            record.end ? writer->put(*record.end) : writer->put_null();
            writer->put(record.created.value_or(stamp.entry_time));
            writer->put(stamp.seq);
            writer->put(record.num_rows);
            record.data_id != 0 ? writer->put(record.data_id) : writer->put_null();
            writer->put(Bytes(uid.begin(), uid.end()));
            writer->put(stamp.entry_time);
            writer->put_null();
            writer->put_null();
            writer->end_row();
            added[{record.name_id, record.element, record.version}].push_back(
                {0, record.begin, record.end, record.created.value_or(stamp.entry_time), stamp.seq, id});
        }
        writer->finish();
    }
    extend_timelines(tx, stamp, added, policies);
}

std::vector<HistoryRecord> read_history(Transaction& tx, const HistoryFilter& filter) {
    std::string text = R"(SELECT "beginTime", "endTime", "elementID", "version", "schemaID", "numRows", "commitSeq",
"retiredSeq", "uid", "creationTime", "entryTime" FROM "dataIndex" WHERE "nameID" = ?1 AND "commitSeq" <= ?2)";
    constexpr auto kNoLimit = std::numeric_limits<std::int64_t>::max();
    std::vector<Value> values{filter.name_id, filter.snapshot,
                              filter.limit == 0 ? kNoLimit : static_cast<std::int64_t>(filter.limit)};
    if (!filter.version.empty()) {
        values.emplace_back(filter.version);
        text += R"( AND "version" = ?)" + std::to_string(values.size());
    }
    if (filter.element) {
        values.emplace_back(*filter.element);
        text += R"( AND "elementID" = ?)" + std::to_string(values.size());
    }
    text += R"( ORDER BY "elementID", "version", "beginTime", "commitSeq", "ID" LIMIT ?3)";
    std::vector<HistoryRecord> history;
    const auto cursor = tx.query(Sql(std::move(text)), values);
    while (cursor->next()) {
        HistoryRecord record;
        record.interval = Interval{filter.axis, cursor->integer(0), cursor->find_integer(1)};
        record.element = cursor->integer(2);
        record.version = cursor->text(3);
        record.schema = cursor->integer(4);
        record.rows = static_cast<std::uint64_t>(cursor->integer(5));
        record.commit = cursor->integer(6);
        record.retired = cursor->find_integer(7);
        if (record.retired && *record.retired > filter.snapshot) record.retired.reset();
        record.uid = to_hex(cursor->bytes(8));
        record.created = Time{cursor->integer(9)};
        record.entered = Time{cursor->integer(10)};
        history.push_back(std::move(record));
    }
    return history;
}

}  // namespace etalon::index
