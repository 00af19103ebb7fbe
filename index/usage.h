#pragma once
/// How many records stand in which schema version of a struct.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backends/port.h"
#include "base/bytes.h"
#include "etalon/interval.h"

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

/// A record whose payload is one of some.
struct PayloadUse {
    std::string name;
    std::string version;
    std::int64_t element = 0;
    Interval interval;
    std::int64_t schema_id = 0;
    std::int64_t commit = 0;
    std::optional<std::int64_t> retired;
    std::uint64_t num_rows = 0;
    std::int64_t data_id = 0;
    Bytes uid;
};
/// Records of the references of a struct as of a commit, retired ones included, whose payload is one of these. Linear
/// in the records of those references. Each is proved.
[[nodiscard]] std::vector<PayloadUse> find_records_of(backends::Transaction& tx, std::int64_t struct_id,
                                                      const std::vector<std::int64_t>& data_ids, std::int64_t snapshot);

}  // namespace etalon::index
