#pragma once
/// The table storeFormat: which format a place has, and which place it is. The newest row counts.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "backends/port.h"
#include "backends/proof.h"
#include "base/bytes.h"

namespace etalon::store {

/// Its rows have checksums from format 2.0 on.
[[nodiscard]] const backends::ProvedTable& format_table();
/// Its CREATE statement. Idempotent.
[[nodiscard]] std::string create_format_table(backends::Engine engine);

/// What the newest row says, unchecked: older and later programs may not write a checksum.
struct FormatRow {
    std::int64_t major = 0;
    std::int64_t minor = 0;
    std::string database_name;
};
[[nodiscard]] std::optional<FormatRow> read_format_row(backends::Transaction& tx);
/// Throws Error(Corrupt) when the newest row has a checksum that is not its own.
void check_format_row(backends::Transaction& tx);
[[nodiscard]] bool has_format_row(backends::Transaction& tx);
/// All rows in order of their IDs, as cells of format_table(), unchecked.
[[nodiscard]] std::unique_ptr<backends::Cursor> read_format_rows(backends::Transaction& tx);

/// What a copy of a place keeps.
struct PlaceIdentity {
    Bytes uid;
    std::int64_t entry_time = 0;  ///< of the newest row
};
/// None without a row.
[[nodiscard]] std::optional<PlaceIdentity> read_identity(backends::Transaction& tx);

}  // namespace etalon::store
