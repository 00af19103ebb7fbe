#pragma once
/// Format 2: what stretches do not say of the record that wins, read by its ID: the record itself, its payload, its
/// commit.

#include <cstdint>
#include <string>
#include <string_view>

#include "backends/port.h"
#include "index/winner.h"

namespace etalon::index {

/// Cells of record_table, payload_table and commit_table behind the aliases d, p, c.
[[nodiscard]] std::string provenance_columns();
/// LEFT JOINs that give them for the ID of a record (an SQL expression).
[[nodiscard]] std::string provenance_joins(std::string_view record_id);
/// `SELECT provenance_columns()` of one record: ?1 its ID. One row, with NULL in place of what is missing.
[[nodiscard]] const backends::Sql& provenance_sql();
/// Fills in creation_time, commit, entry_time and uid of a winner from the cells that begin at `first`, and returns the
/// content hash (empty for a hole). Throws Error(Corrupt) when a row is missing, does not have its checksum, or says
/// something else than the stretch.
[[nodiscard]] std::string read_provenance_cells(const backends::Cursor& cursor, int first, WinnerRecord& winner);

}  // namespace etalon::index
