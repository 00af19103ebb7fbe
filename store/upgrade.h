#pragma once
/// What an upgrade asks of the tables of this room in formats 1.x. `prefix` stands before the names of tables that were
/// moved aside.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "backends/port.h"

namespace etalon::store {

/// The row tables of structs that have one of these names (lower case), ignoring case, by struct.
[[nodiscard]] std::map<std::int64_t, std::string> find_row_tables_named(backends::Transaction& tx,
                                                                        std::string_view prefix,
                                                                        const std::set<std::string>& names);
/// Records another name of a row table.
void set_row_table(backends::Transaction& tx, std::string_view prefix, std::int64_t struct_id,
                   const std::string& table);
/// The column `columns` of a schema version x of format 1 as format 2 has it: an SQL expression.
[[nodiscard]] std::string old_columns_sql(backends::Engine engine, std::string_view prefix);

}  // namespace etalon::store
