#include "backends/sqlite/errors.h"

#include <sqlite3.h>

#include <string>

#include "backends/sqlite/lock_holders.h"

namespace etalon::backends::sqlite {
namespace {

struct Verdict {
    ErrorCode code = ErrorCode::Backend;
    bool retryable = false;
    const char* advice = "";
};

Verdict judge(int extended) {
    // RAISE(ABORT) of a trigger is how the store refuses; everything else of this class is a collision of data.
    if (extended == SQLITE_CONSTRAINT_TRIGGER) return {ErrorCode::Refused};
    if (extended == SQLITE_READONLY_ROLLBACK || extended == SQLITE_READONLY_RECOVERY ||
        extended == SQLITE_READONLY_CANTINIT) {
        return {ErrorCode::Backend, false,
                "an interrupted writer left work to finish: open the file once where it can be written"};
    }
    switch (extended & 0xff) {
        case SQLITE_CONSTRAINT:
            return {ErrorCode::Conflict};
        case SQLITE_READONLY:
            return {ErrorCode::ReadOnly, false, "write to a copy, or make the file and its directory writable"};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            return {ErrorCode::Backend, true, "another process holds the file: try again when it has finished"};
        case SQLITE_NOTADB:
            return {ErrorCode::Format, false, "check the path: this is not an SQLite database"};
        case SQLITE_CORRUPT:
            return {ErrorCode::Corrupt, false, "the file is damaged: restore it from a copy"};
        case SQLITE_CANTOPEN:
            return {ErrorCode::Backend, false, "check the path and the permissions of its directory"};
        case SQLITE_FULL:
            return {ErrorCode::Backend, false, "the disk is full: free space and repeat"};
        case SQLITE_TOOBIG:
            return {ErrorCode::BadInput, false, "SQLite stores at most 1 GB in one value"};
        default:
            return {};
    }
}

}  // namespace

std::string shown_statement(std::string_view sql) {
    constexpr std::size_t kLimit = 300;
    std::string out;
    for (const char c : sql.substr(0, kLimit)) {
        const bool space = c == '\n' || c == '\t' || c == '\r' || c == ' ';
        if (!space) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    if (sql.size() > kLimit) out += "...";
    return out;
}

Error make_error(sqlite3* db, int code, std::string_view place, std::string_view sql) {
    const int extended =
        db == nullptr || (sqlite3_extended_errcode(db) & 0xff) != (code & 0xff) ? code : sqlite3_extended_errcode(db);
    const bool own_words = db != nullptr && (sqlite3_errcode(db) & 0xff) == (code & 0xff);
    const Verdict verdict = judge(extended);
    ErrorInfo info;
    info.what = std::string("SQLite: ") + (own_words ? sqlite3_errmsg(db) : sqlite3_errstr(code));
    info.where = place;
    if (!sql.empty()) info.where += " in statement: " + shown_statement(sql);
    info.advice = verdict.advice;
    const bool is_busy = (extended & 0xff) == SQLITE_BUSY || (extended & 0xff) == SQLITE_LOCKED;
    const char* file = is_busy && db != nullptr ? sqlite3_db_filename(db, "main") : nullptr;
    if (file != nullptr && *file != '\0') {
        const auto holders = describe_lock_holders(file);
        if (!holders.empty()) info.found = holders;
    }
    Error error(verdict.code, std::move(info));
    error.set_retryable(verdict.retryable);
    if (is_busy) error.set_obstacle(Obstacle::Locked);
    return error;
}

}  // namespace etalon::backends::sqlite
