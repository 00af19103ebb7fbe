#include "backends/postgres/transaction.h"

#include <charconv>
#include <optional>
#include <string_view>
#include <type_traits>

#include "backends/postgres/bulk.h"
#include "backends/postgres/cursor.h"
#include "backends/postgres/errors.h"
#include "backends/postgres/translate.h"
#include "etalon/error.h"

namespace etalon::backends::postgres {
namespace {

class PostgresTransaction final : public Transaction {
public:
    PostgresTransaction(std::shared_ptr<Session> session, const Owner& owner, TransactionMode mode)
        : session_(std::move(session)), owner_(owner), mode_(mode) {
        if (mode == TransactionMode::Single) return;
        state_ = std::make_shared<CopyState>();
        session_->begin(is_writing());
        is_open_ = true;
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
        auto results = failing([&] { return session_->run_all(statements, is_writing()); });
        std::vector<std::unique_ptr<Cursor>> cursors;
        for (auto& result : results)
            cursors.push_back(std::make_unique<PostgresCursor>(std::move(result), owner_.place));
        return cursors;
    }

    std::uint64_t execute(const Sql& sql, std::span<const Value> values) override {
        if (mode_ == TransactionMode::Single) refuse_write();
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
        if (!is_writing()) refuse_write();
        ++*owner_.statement_count;
        failing([&] { session_->run_script(sql); });
    }

    [[nodiscard]] std::unique_ptr<BulkWriter> bulk_insert(std::string_view table,
                                                          std::span<const std::string> columns) override {
        check_open();
        if (!is_writing()) refuse_write();
        ++*owner_.statement_count;
        return start_copy(*session_, state_, table, columns);
    }

    void commit() override {
        check_open();
        if (mode_ == TransactionMode::Single) {
            done_ = true;
            return;
        }
        failing([&] { send_commit(); });
        leave();
        done_ = true;
    }

private:
    [[nodiscard]] bool is_writing() const noexcept { return mode_ == TransactionMode::Write; }

    /// Does what fails the whole transaction when it fails.
    template <class Work>
    std::invoke_result_t<const Work&> failing(const Work& work) {
        state_->failed = true;
        if constexpr (std::is_void_v<std::invoke_result_t<const Work&>>) {
            work();
            state_->failed = false;
        } else {
            auto result = work();
            state_->failed = false;
            return result;
        }
    }

    void send_commit() {
        // Nothing was sent: this commit is surely not there.
        if (!session_->still_connected()) throw make_lost_error("before the commit", *owner_.place);
        const Result result(PQexec(session_->link().raw(), "COMMIT"));
        if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) {
            if (std::string_view(PQcmdStatus(result.get())) == "COMMIT") return;
            throw Error(ErrorCode::Backend, {"PostgreSQL rolled a transaction back instead of committing it",
                                             *owner_.place, "", "", "repeat"});
        }
        if (session_->is_alive()) throw session_->error(result.get(), "", is_writing());
        // Not retryable: what may be there already must not be written again without a look.
        throw Error(ErrorCode::Backend,
                    {"PostgreSQL: the connection was lost during COMMIT, so the commit may or may not be there",
                     *owner_.place, "", "", "look for it in 'etalon log' before repeating it"})
            .set_obstacle(Obstacle::InDoubt);
    }

    Result run(const Sql& sql, std::span<const Value> values) {
        check_open();
        ++*owner_.statement_count;
        if (mode_ == TransactionMode::Single) return run_single(sql, values);
        return failing([&] { return session_->run(sql, values, is_writing()); });
    }

    /// A lone reading statement can be repeated when the connection turns out to be lost, or its plan stale.
    Result run_single(const Sql& sql, std::span<const Value> values) {
        try {
            return session_->run(sql, values, false);
        } catch (const Error& error) {
            if (*owner_.in_transaction || !looks_reading(sql.text())) throw;
            if (session_->is_alive() && error.info().advice != kTablesChanged) throw;
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

    [[noreturn]] void refuse_write() {
        if (state_ != nullptr) state_->failed = true;
        throw Error(ErrorCode::ReadOnly,
                    {"a write in a transaction that was begun for reading", *owner_.place, "", "", ""});
    }

    void end() noexcept {
        if (is_open_) {
            if (state_->active) abandon_copy(*session_, *state_);
            if (session_->is_alive()) PQclear(PQexec(session_->link().raw(), "ROLLBACK"));
            leave();
        }
        done_ = true;
    }

    void leave() noexcept {
        is_open_ = false;
        *owner_.in_transaction = false;
    }

    std::shared_ptr<Session> session_;
    const Owner& owner_;
    TransactionMode mode_;
    std::shared_ptr<CopyState> state_;  ///< not for Single
    bool is_open_ = false;              ///< the server is in it
    bool done_ = false;
};

}  // namespace

std::unique_ptr<Transaction> make_transaction(std::shared_ptr<Session> session, const Owner& owner,
                                              TransactionMode mode) {
    return std::make_unique<PostgresTransaction>(std::move(session), owner, mode);
}

}  // namespace etalon::backends::postgres
