#pragma once
/// SQLite's result codes as etalon::Error.

#include <string_view>

#include "etalon/error.h"

struct sqlite3;

namespace etalon::backends::sqlite {

/// The statement as far as an error message should show it: one line, at most 300 bytes.
[[nodiscard]] std::string shown_statement(std::string_view sql);

/// The Error for result code `code` of `db` (may be null: then only the code's own words). `sql` may be empty.
[[nodiscard]] Error make_error(sqlite3* db, int code, std::string_view place, std::string_view sql = {});

}  // namespace etalon::backends::sqlite
