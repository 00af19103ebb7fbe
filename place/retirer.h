#pragma once
/// Retiring interval records.

#include "etalon/commit.h"
#include "etalon/history.h"
#include "place/write_context.h"

namespace etalon::place {

/// Database::retire.
[[nodiscard]] RetireReport retire_records(Place& db, std::string_view name, const HistoryOptions& which, bool several,
                                          const WriteContext& context);

}  // namespace etalon::place
