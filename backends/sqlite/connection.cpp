#include "backends/sqlite/connection.h"

#include <sqlite3.h>

#include <utility>

#include "backends/care.h"
#include "backends/sqlite/session.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {
namespace {

class SqliteConnection final : public Connection, public FileCare {
    /// Runs `work` on a file that only others can write. How it must be read depends on whether somebody does, and that
    /// can change at any moment: look before, and look again when it fails.
    template <class Work>
    auto repeat_while_changing(const Work& work) {
        Patience patience(waiting().limit);
        if (is_changed()) reopen();
        while (true) {
            try {
                return work();
            } catch (const Error&) {
                const auto& handle = session_->handle();
                const bool may_pass = handle.follows_live_log() || handle.has_left_journal() || is_changed();
                if (!may_pass || session_->has_cursors() || !patience.wait()) throw;
            }
            reopen();
        }
    }

    /// Somebody changed the file since it was opened, and it can be opened again.
    [[nodiscard]] bool is_changed() const { return !session_->has_cursors() && session_->handle().is_changed(); }

    void reopen() {
        auto session = std::make_unique<Session>(path_, place_, false, waiting().limit);
        session->handle().check_cells(checks_cells_);
        if (!trusts_schema_) {
            sqlite3_db_config(session->handle().get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
        }
        statements_before_ += session_->statement_count();
        session_ = std::move(session);
    }

public:
    SqliteConnection(const PlaceUrl& place, OpenMode mode, Waiting waiting_for)
        : Connection(std::move(waiting_for)),
          path_(place.is_private() ? std::string() : place.target),
          place_(scheme_of(place.kind) + place.target) {
        if (!place.database_name.empty()) place_ += '#' + place.database_name;
        if (place.is_private()) {
            session_ = std::make_unique<Session>(path_, place_, true, waiting().limit);
            return;
        }
        if (path_.empty()) throw Error(ErrorCode::Usage, {"an SQLite place without a path", place_, "", "", ""});
        session_ = std::make_unique<Session>(path_, place_, mode == OpenMode::Create, waiting().limit);
    }

    [[nodiscard]] Engine engine() const noexcept override { return Engine::Sqlite; }
    [[nodiscard]] bool read_only() const noexcept override { return session_->handle().access() != Access::ReadWrite; }

    [[nodiscard]] std::unique_ptr<Transaction> begin_transaction(TransactionMode mode) override {
        if (session_->in_transaction()) {
            throw Error(ErrorCode::Internal, {"a transaction is begun inside another one", place_, "", "", ""});
        }
        if (!read_only()) {
            if (mode == TransactionMode::Write) {
                session_->end_kept_read();
                session_->handle().check_in_place(true);
                // Stays from the first write on: switching it makes all prepared statements anew.
                check_cells(true);
            } else if (mode == TransactionMode::Read) {
                session_->prepare_read();
            }
            return make_transaction(*session_, mode);
        }
        if (mode == TransactionMode::Write) {
            throw Error(ErrorCode::ReadOnly, {"the SQLite file or its directory cannot be written", place_, "", "",
                                              "write to a copy, or make the file and its directory writable"});
        }
        return begin_unwritable(mode);
    }

    [[nodiscard]] bool can_open_again() const noexcept override {
        return !path_.empty() && session_->handle().access() != Access::Copy;
    }
    [[nodiscard]] bool holds_read() const noexcept override { return session_->holds_read(); }
    void rest() noexcept override { session_->end_kept_read(); }
    void check_cells(bool checked) override {
        checks_cells_ = checked;
        session_->handle().check_cells(checked);
    }
    void distrust_schema() noexcept override {
        trusts_schema_ = false;
        sqlite3_db_config(session_->handle().get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    }
    void leave_untouched(bool untouched) noexcept override { session_->handle().leave_untouched(untouched); }
    [[nodiscard]] std::uint64_t statement_count() const noexcept override {
        return statements_before_ + session_->statement_count();
    }
    [[nodiscard]] const std::string& place() const noexcept override { return place_; }

    [[nodiscard]] bool has_relation(std::string_view name) override {
        if (session_->holds_read() && !session_->in_transaction()) session_->prepare_read();
        std::unique_ptr<Statement> owned;
        Statement& statement = session_->statements().acquire(kHasRelation, owned);
        session_->count_statement();
        sqlite3_bind_text64(statement.get(), 1, name.data() == nullptr ? "" : name.data(), name.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8);
        SqliteCursor cursor(*session_, statement, std::move(owned), nullptr);
        return cursor.next();
    }

private:
    static std::string scheme_of(PlaceKind kind) {
        return kind == PlaceKind::Memory ? "memory:" : kind == PlaceKind::Csv ? "csv:" : "sqlite:";
    }

    /// A lone statement on a file that only others can write.
    class UnwritableSingle final : public Transaction {
    public:
        explicit UnwritableSingle(SqliteConnection& connection) : connection_(connection) {}
        [[nodiscard]] Engine engine() const noexcept override { return Engine::Sqlite; }
        [[nodiscard]] std::unique_ptr<Cursor> query(const Sql& sql, std::span<const Value> values) override {
            return connection_.repeat_while_changing([&] {
                auto cursor = plain()->query(sql, values);
                static_cast<SqliteCursor&>(*cursor).fetch_first();
                return cursor;
            });
        }
        std::uint64_t execute(const Sql& sql, std::span<const Value> values) override {
            return plain()->execute(sql, values);
        }
        void execute_script(std::string_view sql) override { plain()->execute_script(sql); }
        [[nodiscard]] std::unique_ptr<BulkWriter> bulk_insert(std::string_view table,
                                                              std::span<const std::string> columns) override {
            return plain()->bulk_insert(table, columns);
        }
        void commit() override {}

    private:
        [[nodiscard]] std::unique_ptr<Transaction> plain() const {
            return make_transaction(*connection_.session_, TransactionMode::Single);
        }
        SqliteConnection& connection_;
    };

    [[nodiscard]] std::unique_ptr<Transaction> begin_unwritable(TransactionMode mode) {
        if (mode == TransactionMode::Single) return std::make_unique<UnwritableSingle>(*this);
        return repeat_while_changing([&] {
            auto transaction = make_transaction(*session_, mode);
            // Fix the state now, while it can be repeated.
            if (session_->handle().has_log()) {
                (void)transaction->query("SELECT 1 FROM sqlite_schema LIMIT 1", {})->next();
                session_->uncount_statement();
            }
            return transaction;
        });
    }

    inline static const Sql kHasRelation{"SELECT 1 FROM sqlite_schema WHERE name = ?1 AND type IN ('table', 'view')"};

    std::string path_;
    std::string place_;
    std::unique_ptr<Session> session_;
    std::uint64_t statements_before_ = 0;
    bool checks_cells_ = true;
    bool trusts_schema_ = true;
};

}  // namespace

std::unique_ptr<Connection> open(const PlaceUrl& place, OpenMode mode, Waiting waiting) {
    return std::make_unique<SqliteConnection>(place, mode, std::move(waiting));
}

}  // namespace etalon::backends::sqlite
