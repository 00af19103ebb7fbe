#pragma once
/// How many records stand in which schema version of a struct.

#include <cstdint>
#include <string>
#include <vector>

#include "backends/port.h"

namespace etalon::index {

/// The records of one named reference that are stored in one schema version.
struct StoredCount {
    std::string name;
    std::int64_t schema = 0;
    std::uint64_t records = 0;  ///< not retired, and no holes
};

/// Those of all references of a struct, by name and schema version; without those that have none. Linear in the
/// records.
[[nodiscard]] std::vector<StoredCount> count_stored(backends::Transaction& tx, std::int64_t struct_id);

}  // namespace etalon::index
