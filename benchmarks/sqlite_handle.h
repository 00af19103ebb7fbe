#pragma once
/// SQLite's C API for the bare side of the benchmarks. Errors end the program with the engine's words.

#include <sqlite3.h>

#include <cstdint>
#include <span>
#include <string>

#include "etalon/definition.h"

namespace etalon::bench {

class SqliteStatement {
public:
    SqliteStatement(sqlite3* db, const std::string& sql);
    ~SqliteStatement() { sqlite3_finalize(handle_); }
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    void bind(int index, std::int64_t value) { sqlite3_bind_int64(handle_, index, value); }
    void bind(int index, const std::string& value) {
        sqlite3_bind_text(handle_, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    void bind(int index, std::span<const std::byte> value) {
        sqlite3_bind_blob(handle_, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    void bind_real(int index, double value) { sqlite3_bind_double(handle_, index, value); }
    /// One value for each element from parameter `first` on.
    void bind_row(int first, const StructDefinition& of_struct, const std::byte* row);

    /// False when there are no more rows.
    bool step();
    void reset() { sqlite3_reset(handle_); }
    void run();

    [[nodiscard]] std::int64_t integer(int column) { return sqlite3_column_int64(handle_, column); }
    [[nodiscard]] double real(int column) { return sqlite3_column_double(handle_, column); }
    [[nodiscard]] bool is_null(int column) { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
    [[nodiscard]] std::string text(int column);
    [[nodiscard]] std::span<const std::byte> bytes(int column) {
        const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
    }
    /// One value for each element from column `first` on.
    void read_row(int first, const StructDefinition& of_struct, std::byte* row);

private:
    sqlite3* db_;
    sqlite3_stmt* handle_ = nullptr;
};

/// One connection with the settings of Etalon's own (backends/sqlite/handle.cpp). A file that is not there is created.
class SqliteHandle {
public:
    explicit SqliteHandle(const std::string& path);
    ~SqliteHandle();
    SqliteHandle(const SqliteHandle&) = delete;
    SqliteHandle& operator=(const SqliteHandle&) = delete;

    void run(const std::string& sql);
    /// From now on this connection writes with a log ahead, as Etalon's does; what it leaves behind has none.
    void start_writing();
    [[nodiscard]] sqlite3* get() const noexcept { return db_; }

private:
    sqlite3* db_ = nullptr;
    bool writes_ = false;
};

}  // namespace etalon::bench
