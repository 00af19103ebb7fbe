#pragma once
/// Tables of named references, commits, interval records, timelines and snapshots.

#include <string>

#include "backends/port.h"

namespace etalon::index {

/// CREATE statements of namedRef, namedRefPolicy, commitCounter, commitLog, dataIndex, timeline, timelinePast,
/// snapshot, snapshotEntry, their indexes and triggers. Idempotent.
[[nodiscard]] std::string create_tables(backends::Engine engine);

}  // namespace etalon::index
