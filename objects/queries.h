#pragma once
/// Rows of `namedQuery`: versioned, append-only.

#include <functional>

#include "backends/port.h"
#include "base/bytes.h"

namespace etalon::objects {

/// Calls `add(commit, item)` for the named queries that all commits defined or retired.
void visit_query_items(backends::Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add);

}  // namespace etalon::objects
