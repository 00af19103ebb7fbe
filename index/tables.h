#pragma once
/// Tables of named references, commits, interval records, timelines and snapshots.

#include <string>

#include "backends/port.h"
#include "backends/proof.h"

namespace etalon::index {

/// The tables whose rows have checksums (docs/storage_format.md).
[[nodiscard]] const backends::ProvedTable& name_table();
[[nodiscard]] const backends::ProvedTable& policy_table();
[[nodiscard]] const backends::ProvedTable& commit_table();
[[nodiscard]] const backends::ProvedTable& record_table();
[[nodiscard]] const backends::ProvedTable& snapshot_table();
[[nodiscard]] const backends::ProvedTable& snapshot_entry_table();

/// The trigger functions of these tables, but for those of backends::immutability_functions (PostgreSQL; empty for
/// SQLite). Idempotent; create_tables() has them too.
[[nodiscard]] std::string trigger_functions(backends::Engine engine);

/// CREATE statements of namedRef, namedRefPolicy, commitCounter, commitLog, dataIndex, timeline, timelinePast,
/// snapshot, snapshotEntry, their indexes, view and triggers, in format 2. Idempotent.
[[nodiscard]] std::string create_tables(backends::Engine engine);

}  // namespace etalon::index
