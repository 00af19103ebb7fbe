#pragma once
/// Timelines: for every (name, element, version) the points of the axis at which the winner changes, kept with every
/// commit.
///
/// A point says: from `begin` on this record wins, or nothing does, until the next point. Neighbouring points always
/// differ, so the stretch between two of them is the effective interval, exactly. How they are stored:
/// index/stretches.h.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "backends/port.h"
#include "etalon/interval.h"
#include "etalon/reference.h"
#include "index/commits.h"

namespace etalon::index {

/// A record as the pure rule sees it.
struct RecordKey {
    std::int64_t rank = 0;  ///< position of its version in the chain
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::int64_t creation_time = 0;
    std::int64_t commit = 0;
    std::int64_t id = 0;
};

/// True when `a` comes before `b` in the total order (both eligible).
[[nodiscard]] bool beats(const RecordKey& a, const RecordKey& b, OrderPolicy policy) noexcept;

/// A stretch of the axis with one winner (index into the records) or none.
struct Segment {
    Interval interval;
    std::optional<std::size_t> winner;
};
/// The whole axis cut into maximal stretches of one winner, in order: one sweep, O(n log n).
[[nodiscard]] std::vector<Segment> timeline(Axis axis, std::span<const RecordKey> records, OrderPolicy policy);

/// Points of one timeline while records are added. Pure. It may hold a part of the points only: what add() says that it
/// needs.
class Timeline {
public:
    /// The winner from a point on; none: a gap.
    using Winner = std::optional<RecordKey>;

    Timeline() = default;
    explicit Timeline(std::map<std::int64_t, Winner> points) : points_(std::move(points)) {}
    /// Adds a record. Needed of the points: the last at or before its begin and at or before its end; in between all
    /// whose winner it beats, and the point before each of those.
    void add(const RecordKey& record, OrderPolicy policy);
    [[nodiscard]] const std::map<std::int64_t, Winner>& points() const noexcept { return points_; }

private:
    std::map<std::int64_t, Winner> points_;
};

/// What a timeline belongs to.
struct TimelineKey {
    std::int64_t name_id = 0;
    std::int64_t element = 0;
    std::string version;
    auto operator<=>(const TimelineKey&) const = default;
};

/// Makes timelines anew when the commit is completed, from the records that are not retired then: after retiring (the
/// keys of the retired), or after a change of the policy (no keys: all of the name). Stretches that stay are left
/// alone.
void renew_timelines(backends::Transaction& tx, const CommitStamp& stamp, std::int64_t name_id, OrderPolicy policy,
                     const std::set<TimelineKey>& keys = {});
/// Makes all timelines of all names anew, those of earlier snapshots included, from the history of records and
/// policies.
void rebuild_all_timelines(backends::Transaction& tx);

}  // namespace etalon::index
