#pragma once
/// What an audit asks of the tables of this room that no read asks.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "base/bytes.h"

namespace etalon::store {

/// All rows of structure as cells of structure_table(), unchecked, in any order.
[[nodiscard]] std::unique_ptr<backends::Cursor> read_struct_rows(backends::Transaction& tx);
/// The schema versions of a struct as cells of version_table(), unchecked, the oldest first.
[[nodiscard]] std::unique_ptr<backends::Cursor> read_version_rows(backends::Transaction& tx, std::int64_t struct_id);
/// The elements of a schema version as cells of element_table(), unchecked, in order of position.
[[nodiscard]] std::unique_ptr<backends::Cursor> read_element_rows(backends::Transaction& tx, std::int64_t struct_id,
                                                                  std::int64_t schema_id);
/// The row tables of structs that have one by name, whether it exists or not, by struct.
[[nodiscard]] std::map<std::int64_t, std::string> read_row_tables(backends::Transaction& tx);

/// A row of payload, unchecked.
struct StoredPayload {
    std::int64_t data_id = 0;
    std::int64_t struct_id = 0;
    std::int64_t schema_id = 0;
    std::int64_t encoding = 0;
    std::int64_t num_rows = 0;
    Bytes content_hash;
    // Format 2.
    std::optional<std::int64_t> rows_checksum;
    Bytes part_checksums;
};
/// The next payloads behind an ID, in order of it, at most `most`.
[[nodiscard]] std::vector<StoredPayload> read_payload_rows(backends::Transaction& tx, std::int64_t after,
                                                           std::int64_t most);
[[nodiscard]] std::uint64_t count_payloads(backends::Transaction& tx);

/// Rows of a row table that are none of a payload of the struct stored in columns.
[[nodiscard]] std::int64_t count_stray_rows(backends::Transaction& tx, std::int64_t struct_id,
                                            const std::string& table);
/// Payloads of the struct stored in columns of which the row table has another number of rows than they say.
[[nodiscard]] std::int64_t count_incomplete_payloads(backends::Transaction& tx, std::int64_t struct_id,
                                                     const std::string& table);
/// Rows of a schema version in which any of these columns, which it does not have, is not empty.
[[nodiscard]] std::int64_t count_rows_using(backends::Transaction& tx, std::int64_t struct_id, std::int64_t schema_id,
                                            const std::string& table, std::span<const std::string> columns);
/// Chunks of no payload stored as bytes.
[[nodiscard]] std::int64_t count_stray_chunks(backends::Transaction& tx);
/// Payloads stored as bytes that have rows and no first chunk.
[[nodiscard]] std::int64_t count_chunkless_payloads(backends::Transaction& tx);
/// Rows of a table with a column structID whose struct is not there.
[[nodiscard]] std::int64_t count_structless_rows(backends::Transaction& tx, std::string_view table);

}  // namespace etalon::store
