#pragma once
/// What a change of records does to the winners of one series (name, element, version), without writing it.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/port.h"
#include "index/timeline.h"

namespace etalon::index {

/// A record of a series that is not retired, as of the last commit.
struct LiveSeriesRecord {
    RecordKey key;  ///< rank 0
    std::string uid;
    std::int64_t schema_id = 0;
    bool is_hole = false;
};
/// All of a series, in order of begin, commit and place in the commit.
[[nodiscard]] std::vector<LiveSeriesRecord> read_live_series(backends::Transaction& tx, const TimelineKey& key);

/// A stretch whose winner changes: index into the records, or none for a gap. Never the same on both sides.
struct WinnerChange {
    Interval interval;
    std::optional<std::size_t> before;
    std::optional<std::size_t> after;
};
/// Where two timelines over the same records (index/timeline.h) differ, in order; linear in their segments. Both have
/// at least one segment and cover the axis.
[[nodiscard]] std::vector<WinnerChange> compare_timelines(std::span<const Segment> before,
                                                          std::span<const Segment> after);

/// The union of intervals of one axis as disjoint ones that do not touch, in order.
[[nodiscard]] std::vector<Interval> unite(std::vector<Interval> intervals);

/// A part of an interval, and whether the cover has it.
struct CoveredPart {
    Interval interval;
    bool is_covered = false;
};
/// Cuts an interval along a cover, which is a result of unite(). `first` is where to look from in the cover: 0 at
/// first, moved on for intervals that come in order of their begins.
[[nodiscard]] std::vector<CoveredPart> cut_by_cover(const Interval& interval, std::span<const Interval> cover,
                                                    std::size_t& first);

}  // namespace etalon::index
