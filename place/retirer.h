#pragma once
/// Retiring interval records. Callers hold the database's mutex.

#include "etalon/commit.h"
#include "etalon/history.h"
#include "place/place.h"

namespace etalon::place {

/// Database::retire. `rules` are for conditions on values.
[[nodiscard]] RetireReport retire_records(Place& db, std::string_view name, const HistoryOptions& which,
                                          const CommitInfo& info, bool several, bool dry_run, const RuleBookPtr& rules);

}  // namespace etalon::place
