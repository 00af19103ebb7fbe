#pragma once
/// Tables of named references, commits, interval records and snapshots.

#include <string>

#include "backends/port.h"

namespace etalon::index {

/// CREATE statements of namedRef, namedRefPolicy, commitCounter, commitLog, dataIndex, lengthClass, snapshot,
/// snapshotEntry, their indexes and triggers. Idempotent.
[[nodiscard]] std::string create_tables(backends::Engine engine);

}  // namespace etalon::index
