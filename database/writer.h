#pragma once
/// Commits of interval records. Callers hold the database's mutex.

#include <span>
#include <vector>

#include "etalon/database.h"

namespace etalon::detail {
class DatabaseImpl;
}

namespace etalon::database {

/// The system clock.
[[nodiscard]] Time now();
/// Fills in user, host and program where they are empty.
[[nodiscard]] CommitInfo complete(CommitInfo info);

/// Database::commit.
[[nodiscard]] CommitResult write_commit(detail::DatabaseImpl& db, std::span<const PutRecord> puts,
                                        std::span<const NameSpec> specs, const CommitInfo& info,
                                        const Progress& progress);
/// Database::preview: against the last visible commit.
[[nodiscard]] std::vector<PutEffect> preview_commit(detail::DatabaseImpl& db, std::span<const PutRecord> puts,
                                                    std::span<const NameSpec> specs);

}  // namespace etalon::database
