#pragma once
/// Interval records: writing them, listing them, and the rule of DESIGN 2.4 as a pure function of values.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/database.h"
#include "index/commits.h"

namespace etalon::index {

/// One interval record to be written.
struct NewRecord {
    std::int64_t name_id = 0;
    std::int64_t schema_id = 0;      ///< 0 for a hole
    std::string version;
    std::int64_t element = 0;
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::optional<std::int64_t> created;
    std::int64_t num_rows = 0;
    std::int64_t data_id = 0;        ///< 0 for a hole
};

/// Writes the records of one commit, in order, and the length classes that are new. begin < end is the caller's check.
void write_records(backends::Transaction& tx, const CommitStamp& stamp, std::span<const NewRecord> records);

/// A record as the pure rule sees it.
struct RecordKey {
    std::int64_t rank = 0;            ///< position of its version in the chain
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
/// The whole axis cut into maximal stretches of one winner, in order. O(n^2); for previews, explanations and tests.
[[nodiscard]] std::vector<Segment> timeline(Axis axis, std::span<const RecordKey> records, OrderPolicy policy);

/// Records of a name, in order of element, version, begin, commit.
struct HistoryFilter {
    std::int64_t name_id = 0;
    Axis axis = Axis::Time;
    std::string version;                   ///< empty: all
    std::optional<std::int64_t> element;   ///< empty: all
    std::int64_t snapshot = 0;
    std::uint64_t limit = 0;               ///< 0: all
};
[[nodiscard]] std::vector<HistoryRecord> read_history(backends::Transaction& tx, const HistoryFilter& filter);

}  // namespace etalon::index
