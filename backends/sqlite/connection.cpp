#include "backends/sqlite/connection.h"

#include <sqlite3.h>

#include "backends/sqlite/session.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {
namespace {

class SqliteConnection final : public Connection {
public:
    SqliteConnection(const Place& place, OpenMode mode) : path_(place.target), place_("sqlite:" + place.target) {
        if (!place.database_name.empty()) place_ += '#' + place.database_name;
        if (path_.empty()) throw Error(ErrorCode::Usage, {"an SQLite place without a path", place_, "", "", ""});
        session_ = std::make_unique<Session>(path_, place_, mode == OpenMode::Create);
    }

    [[nodiscard]] Engine engine() const noexcept override { return Engine::Sqlite; }
    [[nodiscard]] bool read_only() const noexcept override { return session_->handle().access() != Access::ReadWrite; }

    [[nodiscard]] std::unique_ptr<Transaction> begin(TransactionMode mode) override {
        if (session_->in_transaction) {
            throw Error(ErrorCode::Internal, {"a transaction is begun inside another one", place_, "", "", ""});
        }
        if (!read_only()) return make_transaction(*session_, mode);
        if (mode == TransactionMode::Write) {
            throw Error(ErrorCode::ReadOnly, {"the SQLite file or its directory cannot be written", place_, "", "",
                                              "write to a copy, or make the file and its directory writable"});
        }
        return begin_unwritable(mode);
    }

    [[nodiscard]] std::uint64_t statement_count() const noexcept override {
        return statements_before_ + session_->statement_count;
    }
    [[nodiscard]] const std::string& place() const noexcept override { return place_; }

    [[nodiscard]] bool has_relation(std::string_view name) override {
        std::unique_ptr<Statement> owned;
        Statement& statement = session_->statements().acquire(kHasRelation, owned);
        ++session_->statement_count;
        sqlite3_bind_text64(statement.get(), 1, name.data() == nullptr ? "" : name.data(), name.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8);
        SqliteCursor cursor(*session_, statement, std::move(owned), nullptr);
        return cursor.next();
    }

private:
    /// A file that only others can write: look first whether one did, because how it must be read depends on that.
    std::unique_ptr<Transaction> begin_unwritable(TransactionMode mode) {
        Patience patience;
        while (true) {
            if (observe(session_->handle().path(), place_) != session_->handle().state() && !session_->has_cursors())
                reopen();
            const bool live_writer = session_->handle().state().has_log;
            try {
                // Beside a live writer the first read can fail because it just left; pin the state while it can be
                // repeated.
                auto transaction = make_transaction(*session_, live_writer ? TransactionMode::Read : mode);
                if (live_writer) (void)transaction->query("SELECT 1 FROM sqlite_schema LIMIT 1", {})->next();
                return transaction;
            } catch (const Error&) {
                if (!live_writer || !patience.wait()) throw;
            }
            reopen();
        }
    }

    void reopen() {
        auto session = std::make_unique<Session>(path_, place_, false);
        statements_before_ += session_->statement_count;
        session_ = std::move(session);
    }

    inline static const Sql kHasRelation{"SELECT 1 FROM sqlite_schema WHERE name = ?1 AND type IN ('table', 'view')"};

    std::string path_;
    std::string place_;
    std::unique_ptr<Session> session_;
    std::uint64_t statements_before_ = 0;
};

}  // namespace

std::unique_ptr<Connection> open(const Place& place, OpenMode mode) {
    return std::make_unique<SqliteConnection>(place, mode);
}

}  // namespace etalon::backends::sqlite
