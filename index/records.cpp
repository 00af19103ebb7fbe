#include "index/records.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "base/digest.h"
#include "index/names.h"

namespace etalon::index {

using backends::Sql;
using backends::Transaction;
using backends::Value;

void write_records(Transaction& tx, const CommitStamp& stamp, std::span<const NewRecord> records) {
    static const std::array<std::string, 16> kColumns{
        "count",        "nameID",    "schemaID", "version", "elementID", "beginTime",   "endTime",  "creationTime",
        "commitSeq",    "numRows",   "dataID",   "uid",     "lengthClass", "entryTime", "retiredSeq", "comment"};
    using Class = std::tuple<std::int64_t, std::string, std::int64_t>;
    std::set<Class> classes;
    auto writer = tx.bulk_insert("dataIndex", kColumns);
    std::int64_t count = 0;
    for (const auto& record : records) {
        const auto of_length = length_class(record.begin, record.end);
        const auto uid = make_uid();
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
        writer->put(of_length);
        writer->put(stamp.entry_time);
        writer->put_null();
        writer->put_null();
        writer->end_row();
        classes.emplace(record.name_id, record.version, of_length);
    }
    writer->finish();
    static const Sql kClass(R"(INSERT INTO "lengthClass" ("nameID", "version", "lengthClass", "commitSeq")
VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING)");
    for (const auto& [name, version, of_length] : classes) tx.execute(kClass, {name, version, of_length, stamp.seq});
}

bool beats(const RecordKey& a, const RecordKey& b, OrderPolicy policy) noexcept {
    if (a.rank != b.rank) return a.rank < b.rank;
    if (policy == OrderPolicy::ByBegin) {
        return std::tie(a.begin, a.commit, a.id) > std::tie(b.begin, b.commit, b.id);
    }
    return std::tie(a.creation_time, a.commit, a.begin, a.id) > std::tie(b.creation_time, b.commit, b.begin, b.id);
}

std::vector<Segment> timeline(Axis axis, std::span<const RecordKey> records, OrderPolicy policy) {
    // The winner can only change where a record begins or ends. An explicit end at infinity matters at that point only.
    std::set<std::int64_t> cuts{kMinusInfinity};
    for (const auto& record : records) {
        cuts.insert(record.begin);
        if (record.end) cuts.insert(*record.end);
    }
    std::vector<Segment> segments;
    for (const auto cut : cuts) {
        std::optional<std::size_t> winner;
        for (std::size_t i = 0; i < records.size(); ++i) {
            const auto& record = records[i];
            if (record.begin > cut || (record.end && *record.end <= cut)) continue;
            if (!winner || beats(record, records[*winner], policy)) winner = i;
        }
        if (!segments.empty() && segments.back().winner == winner) continue;
        if (!segments.empty()) segments.back().interval.end = cut;
        segments.push_back({Interval{axis, cut, std::nullopt}, winner});
    }
    return segments;
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
