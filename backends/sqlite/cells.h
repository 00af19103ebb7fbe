#pragma once
/// Element cells in SQLite, bit for bit, as port.h (CellType) describes them.

#include <cstddef>
#include <string>
#include <string_view>

#include "backends/port.h"

struct sqlite3_stmt;
struct sqlite3_value;

namespace etalon::backends::sqlite {

/// Binds a cell to parameter `index` (1 = first); returns SQLite's result code. `buffer` holds what is bound and must
/// stay as it is until the statement has run. Throws Error(BadInput) for a bool that is neither 0 nor 1.
[[nodiscard]] int bind_cell(sqlite3_stmt* statement, int index, const CellType& cell, const std::byte* value,
                            std::string& buffer);

/// Binds a value. With `copied` SQLite keeps its own copy; else the value must live until the statement has run.
/// Throws Error(Usage) for a list of bytes, Error(BadInput) for a list of text that is not UTF-8.
[[nodiscard]] int bind_value(sqlite3_stmt* statement, int index, const Value& value, bool copied);

/// Reads a scalar that is stored as a number; false, and nothing is written, for anything else.
[[nodiscard]] bool read_number(sqlite3_value* value, ScalarType type, std::byte* out) noexcept;

/// Reads column `column` (0 = first) of the current row; see Cursor::read_cell.
void read_cell(sqlite3_stmt* statement, int column, const CellType& cell, std::byte* out, std::string_view place);

}  // namespace etalon::backends::sqlite
