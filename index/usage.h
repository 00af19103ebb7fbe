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

/// One payload that live records of a struct have.
struct StoredPayload {
    std::int64_t schema = 0;
    std::int64_t data_id = 0;
    std::int64_t encoding = 0;  ///< Storage as a number
    std::uint64_t num_rows = 0;
    std::uint64_t records = 0;
};
/// The payloads of all references of a struct, of records that are not retired; in order of ID. The records are proved.
[[nodiscard]] std::vector<StoredPayload> list_stored_payloads(backends::Transaction& tx, std::int64_t struct_id);

}  // namespace etalon::index
