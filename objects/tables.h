#pragma once
/// Tables of objects: `object`, `objectRef`, `namedQuery` (docs/storage_format.md). From format 2.1 on.

#include <string>

#include "backends/port.h"
#include "backends/proof.h"

namespace etalon::objects {

[[nodiscard]] const backends::ProvedTable& object_table();
[[nodiscard]] const backends::ProvedTable& query_table();  ///< `namedQuery`

/// CREATE statements of the tables, their indexes and triggers. Idempotent.
[[nodiscard]] std::string create_tables(backends::Engine engine);

}  // namespace etalon::objects
