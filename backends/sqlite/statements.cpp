#include "backends/sqlite/statements.h"

#include <sqlite3.h>

#include "backends/sqlite/errors.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {

Statement::Statement(sqlite3* db, std::string_view sql, const std::string& place, bool keep) {
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()),
                                        keep ? SQLITE_PREPARE_PERSISTENT : 0U, &statement_, &tail);
    if (code != SQLITE_OK) throw make_error(db, code, place, sql);
    const std::string_view rest(tail, static_cast<std::size_t>(sql.data() + sql.size() - tail));
    if (statement_ == nullptr || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
        sqlite3_finalize(statement_);
        throw Error(ErrorCode::Internal, {"not exactly one SQL statement", shown_statement(sql), "", "", ""});
    }
    reads_only_ = sqlite3_stmt_readonly(statement_) != 0;
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

std::string_view Statement::sql() const noexcept {
    return sqlite3_sql(statement_);
}

void Statement::reset() noexcept {
    sqlite3_reset(statement_);
    if (sqlite3_bind_parameter_count(statement_) != 0) sqlite3_clear_bindings(statement_);
    in_use_ = false;
}

Statement& Statements::acquire(const Sql& sql, std::unique_ptr<Statement>& owned) {
    auto found = kept_.find(sql);
    if (found == kept_.end()) {
        if (kept_.size() >= kLimit) make_room();
        auto statement = std::make_unique<Statement>(db_, sql.text(), place_, true);
        found = kept_.emplace(Key{sql.text(), sql.hash()}, std::move(statement)).first;
    }
    Statement* statement = found->second.get();
    if (statement->in_use()) {
        owned = std::make_unique<Statement>(db_, sql.text(), place_, false);
        statement = owned.get();
    }
    statement->set_in_use(true);
    statement->set_last_use(++uses_);
    return *statement;
}

void Statements::make_room() {
    auto oldest = kept_.end();
    for (auto it = kept_.begin(); it != kept_.end(); ++it) {
        if (it->second->in_use()) continue;
        if (oldest == kept_.end() || it->second->last_use() < oldest->second->last_use()) oldest = it;
    }
    if (oldest != kept_.end()) kept_.erase(oldest);
}

}  // namespace etalon::backends::sqlite
