#include "backends/sqlite/functions.h"

#include <sqlite3.h>

#include <string_view>

#include "base/like.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {
namespace {

std::string_view bytes_of(sqlite3_value* value) {
    const auto* data = static_cast<const char*>(sqlite3_value_blob(value));
    return data == nullptr ? std::string_view() : std::string_view(data, sqlite3_value_bytes(value));
}

void like(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_type(values[1]) == SQLITE_NULL) return;
    sqlite3_result_int(context, is_like(bytes_of(values[0]), bytes_of(values[1])) ? 1 : 0);
}

}  // namespace

void add_functions(sqlite3* db) {
    constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    if (sqlite3_create_function_v2(db, "etalonLike", 2, kFlags, nullptr, like, nullptr, nullptr, nullptr) ==
        SQLITE_OK) {
        return;
    }
    throw Error(ErrorCode::Backend, {"SQLite takes no function", sqlite3_errmsg(db), "", "", ""});
}

}  // namespace etalon::backends::sqlite
