#pragma once
/// All winners over a range of the axis, without their rows: what a scan of timelines gives, not a search for each.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "backends/port.h"
#include "index/chain.h"
#include "index/names.h"

namespace etalon::index {

/// A stretch of one winner, or of none.
struct WinnerSegment {
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    bool has_record = false;
    std::int64_t schema_id = 0;  ///< 0: a hole, or no record
    std::size_t layer = 0;       ///< of the caller's business; 0 here
    friend bool operator==(const WinnerSegment&, const WinnerSegment&) = default;
};

/// The winners of a chain over [from, to) (none: to the end of the axis) as of a snapshot: segments that tile the
/// range, each as the rule of docs/validity.md has it, cut at the range; neighbours may be of one record. Linear in the
/// stretches of the range; where a chain has members of equal rank, and in format 1, one search for each segment.
/// Throws as find_winner.
[[nodiscard]] std::vector<WinnerSegment> winner_segments(backends::Transaction& tx, const NameRecord& name,
                                                         std::int64_t element, const VersionChain& chain,
                                                         std::int64_t from, std::optional<std::int64_t> to,
                                                         std::int64_t snapshot);
/// `upper` with `lower` where it has no record. Both tile the same range.
[[nodiscard]] std::vector<WinnerSegment> fill_gaps(std::vector<WinnerSegment> upper,
                                                   const std::vector<WinnerSegment>& lower);

}  // namespace etalon::index
