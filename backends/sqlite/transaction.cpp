#include <sqlite3.h>

#include "backends/sqlite/cells.h"
#include "backends/sqlite/errors.h"
#include "backends/sqlite/session.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {
namespace {

// As kBegin, prepared once per connection.
const Sql kBeginWrite{"BEGIN IMMEDIATE"};
const Sql kCommit{"COMMIT"};
const Sql kRollback{"ROLLBACK"};

/// Takes the write lock with the file in WAL mode, so that readers and the writer do not wait for each other. The mode
/// can only be looked at safely under the lock: the last process to close takes it back.
void begin_write(Session& session) {
    Handle& handle = session.handle();
    Patience patience(session.wait());
    while (true) {
        session.run(kBeginWrite);
        if (handle.is_wal()) return;
        // A cursor of this connection would be in the way of a change of mode; the rollback journal is as safe, only
        // slower.
        if (session.has_cursors()) return;
        session.run(kRollback);
        const int code = handle.try_run("PRAGMA journal_mode=WAL");
        if (code == SQLITE_OK) {
            if (handle.is_wal()) continue;
            session.run(kBeginWrite);  // a file system without shared memory: it stays with the rollback journal
            return;
        }
        if ((code & 0xff) != SQLITE_BUSY || !patience.wait()) {
            throw make_error(handle.get(), code, session.place(), "PRAGMA journal_mode=WAL");
        }
    }
}

class SqliteTransaction final : public Transaction {
    /// Notes that `work` failed, if it did.
    template <class Work>
    auto guarded(const Work& work) {
        try {
            return work();
        } catch (...) {
            failed_ = true;
            throw;
        }
    }

public:
    SqliteTransaction(Session& session, TransactionMode mode) : session_(session), mode_(mode) {
        if (mode == TransactionMode::Single) return;
        if (mode == TransactionMode::Write) {
            begin_write(session);
        } else if (!session_.holds_read()) {
            session_.run(kBegin);
        }
        open_ = true;
        session_.set_in_transaction(true);
    }

    ~SqliteTransaction() override {
        if (failed_) session_.doubt_kept_read();
        if (!open_) return;
        end();
        if (session_.holds_read()) return;
        // Fails only when SQLite has rolled back by itself (a full disk), which is what is wanted.
        if (sqlite3_get_autocommit(session_.handle().get()) != 0) return;
        try {
            session_.run(kRollback);
        } catch (const Error&) {
            (void)session_.handle().try_run("ROLLBACK");
        }
    }
    SqliteTransaction(const SqliteTransaction&) = delete;
    SqliteTransaction& operator=(const SqliteTransaction&) = delete;

    [[nodiscard]] Engine engine() const noexcept override { return Engine::Sqlite; }

    using Transaction::execute;
    using Transaction::query;

    [[nodiscard]] std::unique_ptr<Cursor> query(const Sql& sql, std::span<const Value> values) override {
        std::unique_ptr<Statement> owned;
        Statement& statement = prepare(sql, values, owned, true);
        // A lone statement's cursor may outlive this object, as it may in PostgreSQL.
        return std::make_unique<SqliteCursor>(session_, statement, std::move(owned), open_ ? &failed_ : nullptr);
    }

    std::uint64_t execute(const Sql& sql, std::span<const Value> values) override {
        if (mode_ == TransactionMode::Single) refuse_write(sql.text());
        std::unique_ptr<Statement> owned;
        Statement& statement = prepare(sql, values, owned, false);
        sqlite3* db = session_.handle().get();
        const auto before = sqlite3_total_changes64(db);
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW) code = sqlite3_step(statement.get());
        if (code != SQLITE_DONE) {
            const Error error = make_error(db, code, session_.place(), sql.text());
            failed_ = true;
            statement.reset();
            throw error;
        }
        statement.reset();
        // sqlite3_changes keeps the number of an earlier statement when this one is no INSERT, UPDATE or DELETE.
        return sqlite3_total_changes64(db) == before ? 0 : static_cast<std::uint64_t>(sqlite3_changes64(db));
    }

    void execute_script(std::string_view sql) override {
        check_open();
        if (mode_ != TransactionMode::Write) refuse_write(sql);
        session_.count_statement();
        guarded([&] { session_.handle().run(std::string(sql).c_str()); });
    }

    [[nodiscard]] std::unique_ptr<BulkWriter> bulk_insert(std::string_view table,
                                                          std::span<const std::string> columns) override {
        check_open();
        if (mode_ != TransactionMode::Write) refuse_write(table);
        return guarded([&] { return make_bulk_writer(session_, failed_, table, columns); });
    }

    void let_go() override { session_.handle().let_go(); }

    void commit() override {
        check_open();
        if (mode_ == TransactionMode::Single) {
            done_ = true;
            return;
        }
        session_.detach_cursors();
        if (!session_.holds_read()) guarded([&] { session_.run(kCommit); });
        end();
    }

private:
    void end() noexcept {
        session_.detach_cursors();
        open_ = false;
        session_.set_in_transaction(false);
        done_ = true;
    }

    void check_open() const {
        if (done_)
            throw Error(ErrorCode::Internal,
                        {"a transaction is used after it has ended", session_.place(), "", "", ""});
        // As in PostgreSQL: after a failed statement there is only the rollback.
        if (failed_ && open_) {
            throw Error(ErrorCode::Backend,
                        {"an earlier statement of this transaction failed; it can only be rolled back",
                         session_.place(), "", "", ""});
        }
    }

    [[noreturn]] void refuse_write(std::string_view sql) {
        failed_ = true;
        throw Error(ErrorCode::ReadOnly, {"a write in a transaction that was begun for reading",
                                          session_.place() + " in statement: " + shown_statement(sql), "", "", ""});
    }

    Statement& prepare(const Sql& sql, std::span<const Value> values, std::unique_ptr<Statement>& owned, bool copied) {
        check_open();
        return guarded([&]() -> std::reference_wrapper<Statement> {
            // Each lone statement sees the newest state.
            if (mode_ == TransactionMode::Single) session_.prepare_read();
            session_.count_statement();
            Statement& statement = session_.statements().acquire(sql, owned);
            try {
                if (mode_ != TransactionMode::Write && !statement.reads_only()) refuse_write(sql.text());
                bind(statement, values, copied);
            } catch (...) {
                statement.reset();
                throw;
            }
            return statement;
        });
    }

    void bind(Statement& statement, std::span<const Value> values, bool copied) {
        const int expected = sqlite3_bind_parameter_count(statement.get());
        if (static_cast<std::size_t>(expected) != values.size()) {
            throw Error(ErrorCode::Internal,
                        {"a statement got the wrong number of values", shown_statement(statement.sql()),
                         std::to_string(expected), std::to_string(values.size()), ""});
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            const int code = bind_value(statement.get(), static_cast<int>(i) + 1, values[i], copied);
            if (code != SQLITE_OK) throw make_error(session_.handle().get(), code, session_.place(), statement.sql());
        }
    }

    Session& session_;
    TransactionMode mode_;
    bool open_ = false;    ///< between BEGIN and the end
    bool done_ = false;    ///< committed
    bool failed_ = false;  ///< a statement failed
};

}  // namespace

std::unique_ptr<Transaction> make_transaction(Session& session, TransactionMode mode) {
    return std::make_unique<SqliteTransaction>(session, mode);
}

}  // namespace etalon::backends::sqlite
