#pragma once
/// Retiring interval records. Callers hold the database's mutex.

#include "etalon/database.h"

namespace etalon::detail {
class DatabaseImpl;
}

namespace etalon::database {

/// Database::retire.
[[nodiscard]] RetireReport retire_records(detail::DatabaseImpl& db, std::string_view name, const HistoryOptions& which,
                                          const CommitInfo& info, bool several, bool dry_run);

}  // namespace etalon::database
