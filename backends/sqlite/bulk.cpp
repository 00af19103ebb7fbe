#include <sqlite3.h>

#include <vector>

#include "backends/sqlite/cells.h"
#include "backends/sqlite/errors.h"
#include "backends/sqlite/session.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {
namespace {

/// Undoes the whole transaction when a row is refused, which is all that is left then anyway: to undo the statement
/// alone, SQLite keeps a copy of every page that the statement is about to change, where a trigger might refuse it.
std::string insert_statement(std::string_view table, std::span<const std::string> columns) {
    if (columns.empty())
        throw Error(ErrorCode::Internal, {"a bulk insert without columns", std::string(table), "", "", ""});
    std::string names;
    std::string places;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        names += (i == 0 ? "" : ",") + quote_identifier(columns[i]);
        places += (i == 0 ? "?" : ",?") + std::to_string(i + 1);
    }
    return "INSERT OR ROLLBACK INTO " + quote_identifier(table) + " (" + names + ") VALUES (" + places + ')';
}

class SqliteBulkWriter final : public BulkWriter {
public:
    SqliteBulkWriter(Session& session, bool& failed, std::string_view table, std::span<const std::string> columns)
        : session_(session),
          failed_(failed),
          statement_(&acquire(insert_statement(table, columns))),
          buffers_(columns.size()) {
        session_.count_statement();
    }
    ~SqliteBulkWriter() override { statement_->reset(); }
    SqliteBulkWriter(const SqliteBulkWriter&) = delete;
    SqliteBulkWriter& operator=(const SqliteBulkWriter&) = delete;

    void put(const Value& value) override {
        const int index = next_column();
        // Text and bytes are kept in a buffer of the column that is used again; SQLite's own copy would allocate each
        // time.
        if (const auto* text = std::get_if<std::string>(&value)) {
            auto& buffer = buffers_[column_ - 1];
            buffer = *text;
            check(sqlite3_bind_text64(statement_->get(), index, buffer.data(), buffer.size(), SQLITE_STATIC,
                                      SQLITE_UTF8));
        } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
            auto& buffer = buffers_[column_ - 1];
            buffer = as_text(*bytes);
            check(sqlite3_bind_blob64(statement_->get(), index, buffer.data(), buffer.size(), SQLITE_STATIC));
        } else {
            check(bind_value(statement_->get(), index, value, true));
        }
    }

    void put_cell(const CellType& cell, const std::byte* value) override {
        const int index = next_column();
        try {
            check(bind_cell(statement_->get(), index, cell, value, buffers_[column_ - 1]));
        } catch (...) {
            failed_ = true;
            throw;
        }
    }

    void put_null() override { check(sqlite3_bind_null(statement_->get(), next_column())); }

    void end_row() override {
        if (column_ != buffers_.size()) misuse("a row with " + std::to_string(column_) + " columns");
        column_ = 0;
        const int code = sqlite3_step(statement_->get());
        if (code != SQLITE_DONE) {
            failed_ = true;
            throw make_error(sqlite3_db_handle(statement_->get()), code, session_.place(), statement_->sql());
        }
        sqlite3_reset(statement_->get());
        ++rows_;
    }

    std::uint64_t finish() override {
        if (column_ != 0) misuse("a row that is not ended");
        if (finished_) misuse("a second finish()");
        finished_ = true;
        return rows_;
    }

private:
    Statement& acquire(const std::string& sql) { return session_.statements().acquire(Sql(sql), owned_); }

    int next_column() {
        if (finished_) misuse("a value after finish()");
        if (column_ >= buffers_.size()) misuse("more values than columns");
        return static_cast<int>(++column_);
    }

    void check(int code) {
        if (code == SQLITE_OK) return;
        failed_ = true;
        throw make_error(sqlite3_db_handle(statement_->get()), code, session_.place(), statement_->sql());
    }

    [[noreturn]] void misuse(std::string what) {
        failed_ = true;
        throw Error(ErrorCode::Internal, {"bulk insert: " + std::move(what), shown_statement(statement_->sql()),
                                          std::to_string(buffers_.size()) + " columns a row", "", ""});
    }

    Session& session_;
    bool& failed_;
    std::unique_ptr<Statement> owned_;
    Statement* statement_;
    std::vector<std::string> buffers_;
    std::size_t column_ = 0;
    std::uint64_t rows_ = 0;
    bool finished_ = false;
};

}  // namespace

std::unique_ptr<BulkWriter> make_bulk_writer(Session& session, bool& failed, std::string_view table,
                                             std::span<const std::string> columns) {
    return std::make_unique<SqliteBulkWriter>(session, failed, table, columns);
}

}  // namespace etalon::backends::sqlite
