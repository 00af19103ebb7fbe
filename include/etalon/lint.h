#pragma once
/// Interval records that look like mistakes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/interval.h"

namespace etalon {

/// What is suspicious. A series is one (name, element, version); retired records count nowhere.
enum class LintKind : std::uint8_t {
    EqualKeys = 1,       ///< records of a series that only their commit, or their place in it, tells apart: equal begin
                         ///< (by_begin); overlap with equal creation time (by_creation)
    NeverWins = 2,       ///< a record that wins nowhere in its series
    Gap = 3,             ///< of a reference with coverage `complete`: nothing is valid between records of an element
    MissingElement = 4,  ///< of the same: an element without any record
    Expired = 5,         ///< the last explicit end of a series is in the past, and nothing follows (time axis only)
    OverlappingEnds = 6,  ///< an explicit end behind the begin of a later record of the series
};
/// `equal keys`, `never wins`, `gap`, `missing element`, `expired`, `overlapping ends`.
[[nodiscard]] std::string_view name_of(LintKind kind) noexcept;

/// One suspicion.
struct LintFinding {
    LintKind kind = LintKind::EqualKeys;
    std::string name;     ///< the named reference
    std::string layer;    ///< the place, a URL without password; empty: all layers together (coverage)
    std::string version;  ///< of the series; of coverage the version chain that readers use by default
    std::int64_t element = 0;
    std::vector<std::string> uids;  ///< of the records; equal keys: the one that wins is the last
    Interval interval;              ///< where it shows; the whole axis for a missing element
    std::string text;               ///< what is wrong and what to do, for people
};

}  // namespace etalon
