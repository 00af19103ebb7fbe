#include "index/changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "index/records.h"

namespace etalon::index {

using backends::Sql;
using backends::Transaction;

std::vector<LiveSeriesRecord> read_live_series(Transaction& tx, const TimelineKey& key) {
    prove_records(tx, key.name_id);
    const Sql live(fmt::format(
        R"(SELECT d."beginTime", d."endTime", d."creationTime", d."commitSeq", d."ID", d."uid", d."schemaID",
d."dataID" FROM {} WHERE d."nameID" = ?1 AND d."elementID" = ?2 AND d."version" = ?3 AND d."retiredSeq" IS NULL
ORDER BY d."beginTime", d."commitSeq", d."ID")",
        records_relation(tx)));
    std::vector<LiveSeriesRecord> records;
    const auto cursor = tx.query(live, {key.name_id, key.element, key.version});
    while (cursor->next()) {
        records.push_back({{0, cursor->integer(0), cursor->find_integer(1), cursor->integer(2), cursor->integer(3),
                            cursor->integer(4)},
                           to_hex(cursor->bytes(5)),
                           cursor->integer(6),
                           cursor->is_null(7)});
    }
    return records;
}

std::vector<WinnerChange> compare_timelines(std::span<const Segment> before, std::span<const Segment> after) {
    std::vector<WinnerChange> changes;
    std::size_t a = 0;
    std::size_t b = 0;
    while (a < before.size() && b < after.size()) {
        if (before[a].winner != after[b].winner) {
            changes.push_back({intersect(before[a].interval, after[b].interval), before[a].winner, after[b].winner});
        }
        const auto& end_a = before[a].interval.end;
        const auto& end_b = after[b].interval.end;
        // The one that ends first gives way; no end is the last of all.
        const bool next_a = end_a && (!end_b || *end_a <= *end_b);
        const bool next_b = end_b && (!end_a || *end_b <= *end_a);
        if (!next_a && !next_b) break;
        a += next_a ? 1 : 0;
        b += next_b ? 1 : 0;
    }
    return changes;
}

std::vector<Interval> unite(std::vector<Interval> intervals) {
    std::sort(intervals.begin(), intervals.end(),
              [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
    std::vector<Interval> united;
    for (const auto& interval : intervals) {
        if (united.empty() || (united.back().end && *united.back().end < interval.begin)) {
            united.push_back(interval);
            continue;
        }
        auto& end = united.back().end;
        if (!end) continue;
        end = interval.end ? std::optional(std::max(*end, *interval.end)) : std::nullopt;
    }
    return united;
}

std::vector<CoveredPart> cut_by_cover(const Interval& interval, std::span<const Interval> cover, std::size_t& first) {
    while (first < cover.size() && cover[first].end && *cover[first].end <= interval.begin) ++first;
    std::vector<CoveredPart> parts;
    Interval rest = interval;
    for (std::size_t i = first; i < cover.size(); ++i) {
        if (interval.end && cover[i].begin >= *interval.end) break;
        if (cover[i].begin > rest.begin) parts.push_back({{rest.axis, rest.begin, cover[i].begin}, false});
        const auto covered = intersect(rest, cover[i]);
        parts.push_back({covered, true});
        if (covered.end == interval.end) return parts;
        rest.begin = *covered.end;
    }
    parts.push_back({rest, false});
    return parts;
}

}  // namespace etalon::index
