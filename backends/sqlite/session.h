#pragma once
/// What the connection, its transaction, cursors and bulk writer share.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "backends/port.h"
#include "backends/sqlite/handle.h"
#include "backends/sqlite/kept_read.h"
#include "backends/sqlite/statements.h"

namespace etalon::backends::sqlite {

class SqliteCursor;

/// Prepared once per connection, as all other statements: parsing it costs as much as a small read.
inline const Sql kBegin{"BEGIN"};

/// An open file with its prepared statements and open cursors.
class Session {
public:
    Session(const std::string& path, const std::string& place, bool create, std::chrono::milliseconds wait)
        : place_(place),
          wait_(wait),
          handle_(path, place_, create, wait),
          statements_(handle_.get(), place_),
          kept_(handle_) {}
    ~Session() {
        detach_cursors();
        end_kept_read();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] Handle& handle() noexcept { return handle_; }
    [[nodiscard]] Statements& statements() noexcept { return statements_; }
    [[nodiscard]] const std::string& place() const noexcept { return place_; }
    /// How long what others hold is waited for.
    [[nodiscard]] std::chrono::milliseconds wait() const noexcept { return wait_; }

    /// Runs a statement without values and rows, which is not counted; throws Error.
    void run(const Sql& sql);

    void attach(SqliteCursor& cursor) noexcept;
    void detach(SqliteCursor& cursor) noexcept;
    /// Ends all open cursors: they give no rows any more.
    void detach_cursors() noexcept;
    [[nodiscard]] bool has_cursors() const noexcept { return cursors_ != nullptr; }

    /// Before a read begins: goes on in the transaction that was kept, begins one to be kept, or leaves it to SQLite to
    /// take a lock for each statement. Nothing of that where others alone can write. Throws Error(Backend) when the
    /// file is not in its place any more.
    void prepare_read();
    /// True when statements run inside a transaction that is kept.
    [[nodiscard]] bool holds_read() const noexcept { return kept_.holds(); }
    /// The next read does not go on in the transaction that is kept: something went wrong in it.
    void doubt_kept_read() noexcept { kept_.doubt(); }
    /// Ends it; open cursors go on in the state that they read.
    void end_kept_read() noexcept;

    void count_statement() noexcept { ++statement_count_; }
    /// It is sent once more, and counts once.
    void uncount_statement() noexcept { --statement_count_; }
    [[nodiscard]] std::uint64_t statement_count() const noexcept { return statement_count_; }
    [[nodiscard]] bool in_transaction() const noexcept { return in_transaction_; }
    void set_in_transaction(bool value) noexcept { in_transaction_ = value; }

private:
    std::string place_;
    std::chrono::milliseconds wait_;
    Handle handle_;
    Statements statements_;
    KeptRead kept_;
    SqliteCursor* cursors_ = nullptr;
    std::uint64_t statement_count_ = 0;
    bool in_transaction_ = false;
};

/// Rows of one statement.
class SqliteCursor final : public Cursor {
public:
    SqliteCursor(Session& session, Statement& statement, std::unique_ptr<Statement> owned, bool* failed);
    ~SqliteCursor() override;
    SqliteCursor(const SqliteCursor&) = delete;
    SqliteCursor& operator=(const SqliteCursor&) = delete;

    bool next() override;
    /// Steps to the first row already, so that what can go wrong does so now; next() then finds it.
    void fetch_first() { first_is_here_ = next(); }
    [[nodiscard]] bool is_null(int column) const override;
    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] double real(int column) const override;
    [[nodiscard]] std::string_view text(int column) const override;
    [[nodiscard]] std::span<const std::byte> bytes(int column) const override;
    [[nodiscard]] bool holds_text(int column, bool asked) const override;
    [[nodiscard]] std::uint32_t read_integers(int first, std::span<std::int64_t> values) const override;
    void read_cell(int column, const CellType& cell, std::byte* out) const override;
    void read_cells(std::span<const PlacedCell> cells, std::byte* row) const override;

private:
    friend class Session;
    /// The statement, standing on a row that has the column; else Error(Internal).
    [[nodiscard]] sqlite3_stmt* row(int column) const;
    [[noreturn]] void refuse(int column, std::string_view expected) const;
    void release() noexcept;

    Session* session_;
    Statement* statement_;
    std::unique_ptr<Statement> owned_;
    bool* failed_;  ///< the transaction's flag, as long as that lives
    int columns_ = 0;
    bool on_row_ = false;
    bool done_ = false;
    bool first_is_here_ = false;
    SqliteCursor* before_ = nullptr;
    SqliteCursor* after_ = nullptr;
};

/// `failed` (may be null) is set when a statement fails.
[[nodiscard]] std::unique_ptr<BulkWriter> make_bulk_writer(Session& session, bool& failed, std::string_view table,
                                                           std::span<const std::string> columns);

/// Begins a transaction (the connection has looked at modes and access before).
[[nodiscard]] std::unique_ptr<Transaction> make_transaction(Session& session, TransactionMode mode);

}  // namespace etalon::backends::sqlite
