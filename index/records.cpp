#include "index/records.h"

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
            const auto uid = record.uid == decltype(record.uid){} ? make_uid() : record.uid;
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

}  // namespace etalon::index
