#pragma once
/// Suspicious records of a series, judged in one pass over them.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/port.h"
#include "etalon/lint.h"
#include "index/chain.h"
#include "index/names.h"
#include "index/timeline.h"

namespace etalon::index {

/// A record that is not retired, as of the last commit.
struct LintRecord {
    RecordKey key;  ///< rank 0
    std::string uid;
    bool wins = false;  ///< anywhere in its series
};

/// Findings of one series, whose records come in order of begin, commit and place in the commit: all kinds but those of
/// coverage; name, layer, version and element are left to the caller. Pure. O(n log n).
[[nodiscard]] std::vector<LintFinding> judge_series(Axis axis, OrderPolicy policy, std::span<const LintRecord> records,
                                                    Time now);

/// Calls `visit` for every series of a name, in order of element and version; one statement.
void visit_series(backends::Transaction& tx, const NameRecord& name,
                  const std::function<void(std::int64_t element, const std::string& version,
                                           std::span<const LintRecord> records)>& visit);

/// The stretches between the first begin and the last end of the intervals in which none is valid, in order. Pure.
[[nodiscard]] std::vector<Interval> find_gaps(std::vector<Interval> intervals);

}  // namespace etalon::index
