#include <sqlite3.h>

#include <cmath>
#include <cstring>

#include "backends/sqlite/cells.h"
#include "backends/sqlite/errors.h"
#include "backends/sqlite/session.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {
void Session::run(const Sql& sql) {
    std::unique_ptr<Statement> owned;
    Statement& statement = statements_.acquire(sql, owned);
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) return statement.reset();
    const Error error = make_error(handle_.get(), code, place_, sql.text());
    statement.reset();
    throw error;
}

void Session::prepare_read() {
    if (handle_.access() != Access::ReadWrite) return;
    // An open cursor keeps the connection in the state that it reads: nothing is begun beside it.
    if (kept_.holds()) {
        if (has_cursors() || kept_.is_current()) return;
        end_kept_read();
    }
    handle_.check_in_place(false);
    if (has_cursors() || !kept_.begin()) return;
    try {
        run(kBegin);
    } catch (...) {
        kept_.drop();
        throw;
    }
}

void Session::end_kept_read() noexcept {
    if (!kept_.holds()) return;
    kept_.drop();
    // Open cursors go on in their state. Nothing was written: it ends either way, and did already where SQLite rolled
    // back by itself.
    if (sqlite3_get_autocommit(handle_.get()) == 0) (void)handle_.try_run("COMMIT");
}

void Session::attach(SqliteCursor& cursor) noexcept {
    cursor.after_ = cursors_;
    if (cursors_ != nullptr) cursors_->before_ = &cursor;
    cursors_ = &cursor;
}

void Session::detach(SqliteCursor& cursor) noexcept {
    (cursor.before_ == nullptr ? cursors_ : cursor.before_->after_) = cursor.after_;
    if (cursor.after_ != nullptr) cursor.after_->before_ = cursor.before_;
    cursor.before_ = cursor.after_ = nullptr;
}

void Session::detach_cursors() noexcept {
    while (cursors_ != nullptr) cursors_->release();
}

SqliteCursor::SqliteCursor(Session& session, Statement& statement, std::unique_ptr<Statement> owned, bool* failed)
    : session_(&session), statement_(&statement), owned_(std::move(owned)), failed_(failed) {
    session.attach(*this);
}

SqliteCursor::~SqliteCursor() {
    release();
}

void SqliteCursor::release() noexcept {
    if (statement_ == nullptr) return;
    statement_->reset();
    statement_ = nullptr;
    owned_.reset();
    on_row_ = false;
    session_->detach(*this);
}

bool SqliteCursor::next() {
    if (first_is_here_) {
        first_is_here_ = false;
        return true;
    }
    if (done_) return false;
    if (statement_ == nullptr) {
        throw Error(ErrorCode::Internal, {"a cursor is used after its transaction has ended", "", "", "", ""});
    }
    const int code = sqlite3_step(statement_->get());
    session_->handle().check_unchanged();
    on_row_ = code == SQLITE_ROW;
    if (on_row_) {
        columns_ = sqlite3_data_count(statement_->get());  // a step may prepare again, after a table has changed
        return true;
    }
    if (code != SQLITE_DONE) {
        const Error error =
            make_error(sqlite3_db_handle(statement_->get()), code, session_->place(), statement_->sql());
        if (failed_ != nullptr) *failed_ = true;
        session_->doubt_kept_read();
        done_ = true;
        release();
        throw error;
    }
    done_ = true;
    release();  // the read lock of a lone statement ends with its last row
    return false;
}

sqlite3_stmt* SqliteCursor::row(int column) const {
    if (!on_row_)
        throw Error(ErrorCode::Internal, {"a cursor that stands on no row is asked for a column", "", "", "", ""});
    if (column < 0 || column >= columns_) {
        throw Error(ErrorCode::Internal,
                    {"a cursor is asked for column " + std::to_string(column), shown_statement(statement_->sql()),
                     "less than " + std::to_string(columns_), "", ""});
    }
    return statement_->get();
}

void SqliteCursor::refuse(int column, std::string_view expected) const {
    constexpr const char* kNames[] = {"?", "integer", "real", "text", "blob", "NULL"};
    const char* name = sqlite3_column_name(statement_->get(), column);
    throw Error(ErrorCode::Corrupt,
                {"a result column has another type than expected",
                 session_->place() + ", column " + (name == nullptr ? "?" : name) +
                     " of statement: " + shown_statement(statement_->sql()),
                 std::string(expected), kNames[sqlite3_column_type(statement_->get(), column)], ""});
}

bool SqliteCursor::is_null(int column) const {
    return sqlite3_column_type(row(column), column) == SQLITE_NULL;
}

std::int64_t SqliteCursor::integer(int column) const {
    sqlite3_stmt* statement = row(column);
    if (sqlite3_column_type(statement, column) != SQLITE_INTEGER) refuse(column, "integer");
    return sqlite3_column_int64(statement, column);
}

double SqliteCursor::real(int column) const {
    sqlite3_stmt* statement = row(column);
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_FLOAT:
        case SQLITE_INTEGER:
            return sqlite3_column_double(statement, column);
        case SQLITE_BLOB: {  // how bind_value keeps a NaN
            double value = 0;
            if (sqlite3_column_bytes(statement, column) != static_cast<int>(sizeof value)) break;
            std::memcpy(&value, sqlite3_column_blob(statement, column), sizeof value);
            if (std::isnan(value)) return value;
            break;
        }
        default:
            break;
    }
    refuse(column, "real");
}

bool SqliteCursor::holds_text(int column, bool) const {
    return sqlite3_column_type(row(column), column) == SQLITE_TEXT;
}

std::string_view SqliteCursor::text(int column) const {
    return as_text(bytes(column));
}

std::span<const std::byte> SqliteCursor::bytes(int column) const {
    sqlite3_stmt* statement = row(column);
    const int type = sqlite3_column_type(statement, column);
    if (type != SQLITE_TEXT && type != SQLITE_BLOB) refuse(column, "text or blob");
    const void* data = sqlite3_column_blob(statement, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    if (data == nullptr && size != 0) throw make_error(sqlite3_db_handle(statement), SQLITE_NOMEM, session_->place());
    return {static_cast<const std::byte*>(data), size};
}

std::uint32_t SqliteCursor::read_integers(int first, std::span<std::int64_t> values) const {
    (void)row(first);
    sqlite3_stmt* statement = row(first + static_cast<int>(values.size()) - 1);
    std::uint32_t nulls = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const int column = first + static_cast<int>(i);
        // One look-up of the column instead of two: the connection is one thread's, so its values need no lock.
        sqlite3_value* value = sqlite3_column_value(statement, column);
        const int type = sqlite3_value_type(value);
        if (type == SQLITE_INTEGER) {
            values[i] = sqlite3_value_int64(value);
        } else if (type == SQLITE_NULL) {
            values[i] = 0;
            nulls |= 1U << i;
        } else {
            refuse(column, "integer");
        }
    }
    return nulls;
}

void SqliteCursor::read_cells(std::span<const PlacedCell> cells, std::byte* out) const {
    for (const auto& one : cells) {
        sqlite3_stmt* statement = row(one.column);
        if (one.cell.dims.empty() &&
            sqlite::read_number(sqlite3_column_value(statement, one.column), one.cell.type, out + one.offset))
            continue;
        sqlite::read_cell(statement, one.column, one.cell, out + one.offset, session_->place());
    }
}

void SqliteCursor::read_cell(int column, const CellType& cell, std::byte* out) const {
    sqlite::read_cell(row(column), column, cell, out, session_->place());
}

}  // namespace etalon::backends::sqlite
