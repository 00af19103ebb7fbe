#pragma once
/// Commits of interval records.

#include <functional>
#include <span>
#include <vector>

#include "backends/port.h"
#include "etalon/commit.h"
#include "etalon/reference.h"
#include "index/commits.h"
#include "place/write_context.h"

namespace etalon::place {

/// Called when the commit has its number (nobody else commits until its end), and its references exist, before its
/// records are written: the place to retire what they supersede.
using BeforeRecords = std::function<void(backends::Transaction& tx, const index::CommitStamp& stamp)>;

/// Database::commit.
[[nodiscard]] CommitResult write_commit(Place& db, std::span<const PutRecord> puts, std::span<const NameSpec> specs,
                                        const WriteContext& context, const BeforeRecords& before_records = {});
/// Database::preview: against the last visible commit.
[[nodiscard]] std::vector<PutEffect> preview_commit(Place& db, std::span<const PutRecord> puts,
                                                    std::span<const NameSpec> specs, const WriteContext& context);

}  // namespace etalon::place
