#pragma once
/// SQL functions that Etalon's own statements call, on each SQLite connection.

struct sqlite3;

namespace etalon::backends::sqlite {

/// Adds `etalonLike(VALUE, PATTERN)`: 1 when the bytes of the value are like the pattern (base/like.h), else 0; NULL
/// when one of them is. Views and triggers of a file cannot call it. Throws Error(Backend).
void add_functions(sqlite3* db);

}  // namespace etalon::backends::sqlite
