#include "benchmarks/sqlite_handle.h"

#include <cstring>

#include "benchmarks/give_up.h"

namespace etalon::bench {

namespace {

template <class T>
T load(const std::byte* at) {
    T value{};
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <class T>
void store(std::byte* at, T value) {
    std::memcpy(at, &value, sizeof value);
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* db, const std::string& sql) : db_(db) {
    if (sqlite3_prepare_v3(db, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) != SQLITE_OK) {
        give_up(std::string(sqlite3_errmsg(db)) + " in " + sql);
    }
}

bool SqliteStatement::step() {
    const int code = sqlite3_step(handle_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) give_up(sqlite3_errmsg(db_));
    return code == SQLITE_ROW;
}

void SqliteStatement::run() {
    while (step()) {
    }
    reset();
}

std::string SqliteStatement::text(int column) {
    return reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
}

void SqliteStatement::bind_row(int first, const StructDefinition& of_struct, const std::byte* row) {
    for (const auto& element : of_struct.elements) {
        const auto* at = row + element.offset;
        if (element.type == ScalarType::Int32) {
            bind(first++, load<std::int32_t>(at));
        } else {
            const double value = element.type == ScalarType::Float32 ? load<float>(at) : load<double>(at);
            sqlite3_bind_double(handle_, first++, value);
        }
    }
}

void SqliteStatement::read_row(int first, const StructDefinition& of_struct, std::byte* row) {
    for (const auto& element : of_struct.elements) {
        auto* at = row + element.offset;
        if (element.type == ScalarType::Int32) {
            store(at, static_cast<std::int32_t>(integer(first++)));
        } else if (element.type == ScalarType::Float32) {
            store(at, static_cast<float>(real(first++)));
        } else {
            store(at, real(first++));
        }
    }
}

SqliteHandle::SqliteHandle(const std::string& path) {
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path.c_str(), &db_, kFlags, nullptr) != SQLITE_OK) give_up("cannot open " + path);
    sqlite3_busy_timeout(db_, 60'000);
    run("PRAGMA synchronous=FULL; PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=1073741824; "
        "PRAGMA recursive_triggers=ON; PRAGMA page_size=16384");
}

SqliteHandle::~SqliteHandle() {
    // Readers of what was written shall find what Etalon leaves to its readers. Somebody else may have it open still.
    sqlite3_busy_timeout(db_, 0);
    if (writes_) (void)sqlite3_exec(db_, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
    sqlite3_close_v2(db_);
}

void SqliteHandle::run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        give_up(std::string(sqlite3_errmsg(db_)) + " in " + sql);
    }
}

void SqliteHandle::start_writing() {
    if (writes_) return;
    run("PRAGMA journal_mode=WAL");
    writes_ = true;
}

}  // namespace etalon::bench
