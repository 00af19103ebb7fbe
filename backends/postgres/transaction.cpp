#include "backends/postgres/transaction.h"

#include <charconv>
#include <optional>
#include <string_view>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <pqxx/transaction>
#pragma GCC diagnostic pop

#include "backends/postgres/bulk.h"
#include "backends/postgres/cursor.h"
#include "backends/postgres/errors.h"
#include "backends/postgres/translate.h"
#include "etalon/error.h"

namespace etalon::backends::postgres {
namespace {

using ReadTransaction = pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>;
using WriteTransaction = pqxx::transaction<pqxx::read_committed, pqxx::read_write>;

class PostgresTransaction final : public Transaction {
public:
    PostgresTransaction(std::shared_ptr<Session> session, const Owner& owner, TransactionMode mode)
        : session_(std::move(session)), owner_(owner), mode_(mode) {
        if (mode == TransactionMode::Single) return;
        state_ = std::make_shared<CopyState>();
        guarded("BEGIN", [&] {
            if (mode == TransactionMode::Write) {
                open_ = std::make_unique<WriteTransaction>(session_->link());
            } else {
                open_ = std::make_unique<ReadTransaction>(session_->link());
            }
        });
        *owner_.in_transaction = true;
    }

    ~PostgresTransaction() override { end(); }
    PostgresTransaction(const PostgresTransaction&) = delete;
    PostgresTransaction& operator=(const PostgresTransaction&) = delete;

    [[nodiscard]] Engine engine() const noexcept override { return Engine::Postgres; }

    using Transaction::execute;
    using Transaction::query;

    [[nodiscard]] std::unique_ptr<Cursor> query(const Sql& sql, std::span<const Value> values) override {
        return std::make_unique<PostgresCursor>(run(sql, values), owner_.place);
    }

    [[nodiscard]] std::vector<std::unique_ptr<Cursor>> query_all(std::span<const Statement> statements) override {
        if (mode_ == TransactionMode::Single) return Transaction::query_all(statements);
        check_open();
        *owner_.statement_count += statements.size();
        std::vector<Result> results;
        try {
            results = session_->run_all(statements, mode_ == TransactionMode::Write);
        } catch (...) {
            state_->failed = true;
            throw;
        }
        std::vector<std::unique_ptr<Cursor>> cursors;
        for (auto& result : results)
            cursors.push_back(std::make_unique<PostgresCursor>(std::move(result), owner_.place));
        return cursors;
    }

    std::uint64_t execute(const Sql& sql, std::span<const Value> values) override {
        if (mode_ == TransactionMode::Single) refuse_write(sql.text());
        const Result result = run(sql, values);
        const std::string_view count = PQcmdTuples(result.get());
        std::uint64_t number = 0;
        // Statements that change no rows have no count; that of a SELECT is no number of changed rows.
        if (PQresultStatus(result.get()) == PGRES_COMMAND_OK ||
            !std::string_view(PQcmdStatus(result.get())).starts_with("SELECT")) {
            std::from_chars(count.data(), count.data() + count.size(), number);
        }
        return number;
    }

    void execute_script(std::string_view sql) override {
        check_open();
        if (mode_ != TransactionMode::Write) refuse_write(sql);
        ++*owner_.statement_count;
        guarded(sql, [&] {
            open_->exec(std::string(sql));
            session_->forget_statements();
        });
    }

    [[nodiscard]] std::unique_ptr<BulkWriter> bulk_insert(std::string_view table,
                                                          std::span<const std::string> columns) override {
        check_open();
        if (mode_ != TransactionMode::Write) refuse_write(table);
        ++*owner_.statement_count;
        return start_copy(*session_, state_, table, columns);
    }

    void commit() override {
        check_open();
        if (mode_ == TransactionMode::Single) {
            done_ = true;
            return;
        }
        if (!session_->still_connected()) {  // nothing was sent: this commit is surely not there
            state_->failed = true;
            throw make_error("", "the connection to the server was lost before the commit", *owner_.place, "COMMIT",
                             mode_ == TransactionMode::Write);
        }
        guarded("COMMIT", [&] { open_->commit(); });
        end();
    }

private:
    /// Runs what libpqxx does, and turns its exceptions into ours.
    template <class Work>
    void guarded(std::string_view sql, const Work& work) {
        const bool writing = mode_ == TransactionMode::Write;
        const auto& place = *owner_.place;
        state_->failed = true;
        try {
            work();
            state_->failed = false;
        } catch (const pqxx::in_doubt_error& failure) {
            // Not retryable: what may be there already must not be written again without a look.
            throw Error(
                ErrorCode::Backend,
                {std::string("PostgreSQL: the connection was lost during COMMIT, so the commit may or may not be "
                             "there: ") +
                     failure.what(),
                 place, "", "", "look for it in 'etalon log' before repeating it"});
        } catch (const pqxx::broken_connection& failure) {
            throw make_error("", failure.what(), place, sql, writing);
        } catch (const pqxx::sql_error& failure) {
            // libpqxx gives no SQLSTATE when the server hung up instead of answering.
            throw make_error(session_->is_alive() ? state_of(failure) : "", failure.what(), place, sql, writing);
        } catch (const pqxx::failure& failure) {
            throw make_error(session_->is_alive() ? "XX000" : "", failure.what(), place, sql, writing);
        }
    }

    static std::string state_of(const pqxx::sql_error& failure) {
        return failure.sqlstate().empty() ? "XX000" : failure.sqlstate();
    }

    Result run(const Sql& sql, std::span<const Value> values) {
        check_open();
        ++*owner_.statement_count;
        if (mode_ == TransactionMode::Single) return run_single(sql, values);
        try {
            return session_->run(sql, values, mode_ == TransactionMode::Write);
        } catch (...) {
            state_->failed = true;
            throw;
        }
    }

    /// A lone reading statement can be repeated when the connection turns out to be lost, or its plan stale.
    Result run_single(const Sql& sql, std::span<const Value> values) {
        try {
            return session_->run(sql, values, false);
        } catch (const Error& error) {
            if (*owner_.in_transaction || !looks_reading(sql.text())) throw;
            const bool stale = error.info().advice == "the tables were changed meanwhile: repeat";
            if (session_->is_alive() && !stale) throw;
            if (!session_->is_alive()) session_ = owner_.reconnect();
        }
        return session_->run(sql, values, false);
    }

    void check_open() const {
        if (done_)
            throw Error(ErrorCode::Internal, {"a transaction is used after it has ended", *owner_.place, "", "", ""});
        if (state_ == nullptr) return;
        if (state_->active) {
            throw Error(ErrorCode::Internal, {"a statement during a bulk insert", *owner_.place, "", "", ""});
        }
        if (!state_->failed) return;
        Error error(ErrorCode::Backend, {"an earlier statement of this transaction failed; it can only be rolled back",
                                         *owner_.place, "", "", ""});
        error.set_retryable(!session_->is_alive());
        throw error;
    }

    [[noreturn]] void refuse_write(std::string_view sql) {
        if (state_ != nullptr) state_->failed = true;
        throw Error(ErrorCode::ReadOnly,
                    {"a write in a transaction that was begun for reading",
                     *owner_.place + " in statement: " + std::string(sql.substr(0, 300)), "", "", ""});
    }

    void end() noexcept {
        if (open_ != nullptr) {
            if (state_->active) abandon_copy(*session_, *state_);
            open_.reset();  // rolls back unless committed
            *owner_.in_transaction = false;
        }
        done_ = true;
    }

    std::shared_ptr<Session> session_;
    const Owner& owner_;
    TransactionMode mode_;
    std::shared_ptr<CopyState> state_;  ///< not for Single
    std::unique_ptr<pqxx::dbtransaction> open_;
    bool done_ = false;
};

}  // namespace

std::unique_ptr<Transaction> make_transaction(std::shared_ptr<Session> session, const Owner& owner,
                                              TransactionMode mode) {
    return std::make_unique<PostgresTransaction>(std::move(session), owner, mode);
}

}  // namespace etalon::backends::postgres
