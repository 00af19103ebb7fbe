#pragma once
/// Retiring interval records. Callers hold the database's mutex.

#include "etalon/commit.h"
#include "etalon/history.h"

namespace etalon::place {

class Place;

/// Database::retire.
[[nodiscard]] RetireReport retire_records(Place& db, std::string_view name, const HistoryOptions& which,
                                          const CommitInfo& info, bool several, bool dry_run);

}  // namespace etalon::place
