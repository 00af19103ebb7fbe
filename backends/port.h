#pragma once
/// The port to a database engine: one small set of interfaces, two adapters (sqlite/, postgres/), one conformance
/// suite.
///
/// SQL is written once for both engines, with `?1`, `?2`, ... for bound values and double-quoted identifiers. Values
/// are always bound. Errors are etalon::Error: Backend (retryable when repeating can help), ReadOnly, Conflict
/// (constraint), with the statement and the engine's words. A Connection and all that hangs off it belongs to one
/// thread at a time.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "etalon/types.h"

namespace etalon::backends {

enum class Engine : std::uint8_t { Sqlite = 1, Postgres = 2 };

/// The stored format of a place (docs/storage_format.md).
struct StoreFormat {
    std::int64_t major = 2;
    std::int64_t minor = 1;
    friend bool operator==(const StoreFormat&, const StoreFormat&) = default;
};

/// A bound value. Lists are bigint[] / text[] / bytea[] in PostgreSQL (for unnest) and JSON text in SQLite (for
/// json_each; lists of bytes are not supported there).
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Bytes, std::vector<std::int64_t>,
                           std::vector<std::string>, std::vector<Bytes>>;

/// A piece of SQL as a plain value. `columns` names the result columns in order.
struct Fragment {
    std::string sql;
    std::vector<Value> bindings;
    std::vector<std::string> columns;
};

/// Statement text with its hash, so that the adapters find the prepared statement without hashing again.
class Sql {
public:
    Sql(std::string text) : text_(std::move(text)), hash_(std::hash<std::string_view>{}(text_)) {}  // NOLINT: implicit
    Sql(const char* text) : Sql(std::string(text)) {}                                               // NOLINT: implicit
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] std::size_t hash() const noexcept { return hash_; }

private:
    std::string text_;
    std::size_t hash_;
};

/// The type of one stored element cell: scalar type and dims as in Element (text: the last dim is the capacity).
/// How a cell is stored, bit for bit (docs/storage_format.md):
/// PostgreSQL: boolean, smallint (int8, uint8, int16), integer (uint16, int32), bigint (uint32, int64), numeric(20,0)
/// (uint64), real, double precision, bytea (text, file), uuid (ref, uid); native arrays of those with all dims (text:
/// without the last).
/// SQLite (columns without a type): integer; REAL; uint64 above 2^63-1 as 20-digit text; NaN as a blob of its 4 or 8
/// little-endian bytes; text as TEXT when it is UTF-8, else as BLOB; arrays as JSON text, nested, floats as
/// shortest decimals and "Infinity" / "-Infinity" strings; an array that JSON text cannot give back bit for bit (a NaN,
/// text that is not UTF-8) as a BLOB of its little-endian bytes; ref, uid and file as a BLOB, in arrays as the text
/// form. Both: a null ref, uid or file is NULL (in JSON null).
struct CellType {
    ScalarType type = ScalarType::Int32;
    std::span<const std::uint64_t> dims;

    [[nodiscard]] std::uint64_t count() const noexcept {
        std::uint64_t n = 1;
        for (const auto dim : dims) n *= dim;
        return n;
    }
    [[nodiscard]] std::size_t bytes() const noexcept { return count() * size_of(type); }
    [[nodiscard]] bool is_text() const noexcept { return type == ScalarType::Char; }
    /// True when the cell is an array in SQL: any dims, for text more than one.
    [[nodiscard]] bool is_array() const noexcept { return dims.size() > (is_text() ? 1U : 0U); }
};

/// True for a cell that is NULL where its value is null: of etalon/ref.h, and no array.
[[nodiscard]] constexpr bool may_be_null(const CellType& cell) noexcept {
    return is_identity(cell.type) && cell.dims.empty();
}
/// True when its value is null.
[[nodiscard]] bool is_null_cell(const CellType& cell, const std::byte* value) noexcept;

/// Result rows, one at a time. What text() and bytes() return lives until next() or the end of the cursor.
class Cursor {
public:
    virtual ~Cursor() = default;
    /// Steps to the first or next row; false when there is none (any more).
    virtual bool next() = 0;
    [[nodiscard]] virtual bool is_null(int column) const = 0;
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;  ///< any integer or boolean column
    [[nodiscard]] virtual double real(int column) const = 0;
    [[nodiscard]] virtual std::string_view text(int column) const = 0;
    [[nodiscard]] virtual std::span<const std::byte> bytes(int column) const = 0;
    /// True when a cell that is not NULL holds text, and not bytes: where any column takes both (SQLite) proofs tell
    /// them apart. Elsewhere the column says which, and this is what is asked for.
    [[nodiscard]] virtual bool holds_text(int column, bool asked) const {
        (void)column;
        return asked;
    }
    /// Reads values.size() integer columns from `first` on at once, at most 32. Bit i of what is returned says that
    /// column first + i is NULL; its value is 0 then.
    [[nodiscard]] virtual std::uint32_t read_integers(int first, std::span<std::int64_t> values) const;
    /// Writes the cell's values to `out` (cell.bytes() bytes, row-major, text zero-padded). A NULL cell, or one that
    /// does not hold such values (other dims, out of range) throws Error(Corrupt).
    virtual void read_cell(int column, const CellType& cell, std::byte* out) const = 0;

    /// Where a cell stands in the result, and where its values go in a row.
    struct PlacedCell {
        int column = 0;
        CellType cell;
        std::uint64_t offset = 0;
    };
    /// read_cell() for all cells of a row.
    virtual void read_cells(std::span<const PlacedCell> cells, std::byte* row) const;

    /// One field of a row value, for read_record.
    struct RecordField {
        CellType cell;
        std::byte* out = nullptr;  ///< null: the field is passed over
    };
    /// Reads the fields of a row value (`ROW(a, b, ...)`), so that rows of several tables fit into one UNION ALL.
    /// PostgreSQL only; fewer fields than asked for, or one of another type, throws Error(Corrupt).
    virtual void read_record(int column, std::span<const RecordField> fields) const;

    [[nodiscard]] std::optional<std::int64_t> find_integer(int column) const {
        if (is_null(column)) return std::nullopt;
        return integer(column);
    }
};

/// A statement with its values. The text lives as long as the call that it is given to.
struct Statement {
    const Sql* sql = nullptr;
    std::vector<Value> values;
};

/// Fills one table fast (PostgreSQL: binary COPY; SQLite: one prepared INSERT). Columns in the order given; rows become
/// visible to the transaction with finish(). Only one at a time per transaction; no other statement in between.
class BulkWriter {
public:
    virtual ~BulkWriter() = default;
    virtual void put(
        const Value& value) = 0;  ///< next column; integers go to bigint columns, text to text, Bytes to bytea
    virtual void put_cell(const CellType& cell, const std::byte* value) = 0;  ///< next column, an element
    virtual void put_null() = 0;
    virtual void end_row() = 0;
    /// Completes; returns the number of rows. Without it nothing (or, in SQLite, an unspecified part) is kept: roll
    /// back.
    virtual std::uint64_t finish() = 0;
};

/// How long what is in somebody's way is waited for (OpenOptions::wait).
struct Waiting {
    std::chrono::milliseconds limit{60'000};
    /// Called while that goes on, at most about once a second, with what is waited for; may be empty.
    std::function<void(const std::string&)> tell = {};
};

enum class TransactionMode : std::uint8_t {
    Single,  ///< one reading statement, no BEGIN: the statement is its own transaction
    Read,    ///< several reading statements that see one state (PostgreSQL: REPEATABLE READ READ ONLY)
    Write,   ///< PostgreSQL: READ COMMITTED; SQLite: BEGIN IMMEDIATE
};

/// An open transaction; rolled back by the destructor unless committed.
class Transaction {
public:
    virtual ~Transaction() = default;
    [[nodiscard]] virtual Engine engine() const noexcept = 0;
    /// The stored format that the statements of this transaction meet.
    [[nodiscard]] const StoreFormat& format() const noexcept { return format_; }
    /// Says that this transaction has changed the format: statements meet the new one from now on.
    void become(const StoreFormat& format) noexcept { format_ = format; }
    /// False: the place was opened with `verified = off`, and what is read need not be proved.
    [[nodiscard]] bool verified() const noexcept { return verified_; }
    /// How long its statements may wait for what others hold.
    [[nodiscard]] std::chrono::milliseconds wait() const noexcept { return wait_; }
    /// Runs a statement that returns rows. The statement is prepared once per connection and kept. Only one cursor per
    /// statement text is open at a time; PostgreSQL reads the whole result before it returns.
    [[nodiscard]] virtual std::unique_ptr<Cursor> query(const Sql& sql, std::span<const Value> values) = 0;
    /// Runs several reading statements, of different texts, and returns their cursors in order. PostgreSQL: in one
    /// round trip, within a transaction of TransactionMode::Read or Write.
    [[nodiscard]] virtual std::vector<std::unique_ptr<Cursor>> query_all(std::span<const Statement> statements);
    /// Runs a statement without rows; returns the number of rows changed.
    virtual std::uint64_t execute(const Sql& sql, std::span<const Value> values) = 0;
    /// Runs DDL or several statements separated by `;`, without bindings, not kept prepared.
    virtual void execute_script(std::string_view sql) = 0;
    [[nodiscard]] virtual std::unique_ptr<BulkWriter> bulk_insert(std::string_view table,
                                                                  std::span<const std::string> columns) = 0;
    virtual void commit() = 0;
    /// Gives back memory that only holds what was read from the file (SQLite: its mapped pages; nothing is lost). What
    /// reads very much calls it from time to time, while no cursor is open.
    virtual void let_go() {}

    [[nodiscard]] std::unique_ptr<Cursor> query(const Fragment& f) { return query(Sql(f.sql), f.bindings); }
    [[nodiscard]] std::unique_ptr<Cursor> query(const Sql& sql, std::initializer_list<Value> values) {
        return query(sql, std::span<const Value>(values.begin(), values.size()));
    }
    std::uint64_t execute(const Sql& sql, std::initializer_list<Value> values) {
        return execute(sql, std::span<const Value>(values.begin(), values.size()));
    }

private:
    friend class Connection;
    StoreFormat format_;
    bool verified_ = true;
    std::chrono::milliseconds wait_ = Waiting{}.limit;
};

/// One open database (a SQLite file, or one schema of a PostgreSQL database).
class Connection {
public:
    explicit Connection(Waiting waiting = {}) : waiting_(std::move(waiting)) {}
    virtual ~Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    [[nodiscard]] virtual Engine engine() const noexcept = 0;
    /// True when nothing can be written here (read-only file or media, standby, default_transaction_read_only).
    [[nodiscard]] virtual bool read_only() const noexcept = 0;
    [[nodiscard]] std::unique_ptr<Transaction> begin(TransactionMode mode) {
        auto transaction = begin_transaction(mode);
        transaction->format_ = format_;
        transaction->verified_ = verified_;
        transaction->wait_ = waiting_.limit;
        return transaction;
    }
    /// False where a second connection would be to another place (memory), or where opening one copies the whole file.
    [[nodiscard]] virtual bool can_open_again() const noexcept { return true; }
    /// True while a lock or the like is kept from one read to the next, which saves asking for it (SQLite with a
    /// write-ahead log). Other reads and writes are not held up, but the log of a writer cannot start over: who leaves
    /// the connection idle for more than a moment calls rest().
    [[nodiscard]] virtual bool holds_read() const noexcept { return false; }
    /// Gives up what is kept between reads. Not inside a transaction.
    virtual void rest() noexcept {}
    /// The stored format of the place; the newest until whoever opened it has read what stands there.
    [[nodiscard]] const StoreFormat& format() const noexcept { return format_; }
    void set_format(const StoreFormat& format) noexcept { format_ = format; }
    [[nodiscard]] bool verified() const noexcept { return verified_; }
    /// What the transactions that are begun from now on say of it.
    void set_verified(bool verified) noexcept { verified_ = verified; }
    [[nodiscard]] const Waiting& waiting() const noexcept { return waiting_; }
    /// Called on this connection each time when it was made anew, before anything else is asked: another server may
    /// answer now. What it throws is what the call throws that needed the connection.
    void set_check(std::function<void()> check) { check_ = std::move(check); }
    /// Statements sent to the engine since it was opened, BEGIN and COMMIT not counted.
    [[nodiscard]] virtual std::uint64_t statement_count() const noexcept = 0;
    /// The URL without a password, for errors.
    [[nodiscard]] virtual const std::string& place() const noexcept = 0;
    /// True when a relation (table or view) of that exact name exists.
    [[nodiscard]] virtual bool has_relation(std::string_view name) = 0;

protected:
    [[nodiscard]] virtual std::unique_ptr<Transaction> begin_transaction(TransactionMode mode) = 0;
    /// The connection was made anew.
    void check_again() const {
        if (check_) check_();
    }

private:
    StoreFormat format_;
    bool verified_ = true;
    Waiting waiting_;
    std::function<void()> check_;
};

/// What a URL names.
enum class PlaceKind : std::uint8_t { File, Server, Memory, Csv };

/// A parsed URL (docs/layers.md): `sqlite:PATH[#Name]`, `postgresql://...[#Name]` (or `postgres://`), `memory:[#Name]`,
/// `csv:DIRECTORY[#Name]`. In front of `#` may stand `?verified=off` (`&verified=off` behind other parameters), or
/// `on`.
struct PlaceUrl {
    Engine engine = Engine::Sqlite;
    std::string target;         ///< the path, or what libpq gets (everything before `#`); empty for memory
    std::string database_name;  ///< behind `#`; empty when not given
    PlaceKind kind = PlaceKind::File;
    bool verified = true;  ///< false: the URL says `?verified=off`

    /// True for memory and csv: opened as an SQLite database in memory that nobody else sees, empty at first.
    [[nodiscard]] bool is_private() const noexcept { return kind == PlaceKind::Memory || kind == PlaceKind::Csv; }
};

/// Throws Error(Usage) that names the known kinds when the URL is not one of them.
[[nodiscard]] PlaceUrl parse_place_url(std::string_view url);

/// The URL of the same place with that name behind `#`; empty: without one.
[[nodiscard]] std::string named_url(const PlaceUrl& place, std::string_view name);

enum class OpenMode : std::uint8_t {
    Existing,  ///< must exist (the file; the PostgreSQL schema)
    Create,    ///< the file or schema is created when missing, without tables
};

/// Opens a place for reading and, where possible, writing; a private one in memory. `schema` is the PostgreSQL schema
/// (default: the database's own name); ignored by SQLite. Throws Error(Backend) when the server or file cannot be
/// reached, naming the place.
[[nodiscard]] std::unique_ptr<Connection> open_connection(const PlaceUrl& place, OpenMode mode, Waiting waiting = {});

/// `"name"` with quotes inside doubled: the one function that quotes identifiers.
[[nodiscard]] std::string quote_identifier(std::string_view name);
/// `'text'` with quotes inside doubled; only for DDL (triggers, views), where nothing can be bound.
[[nodiscard]] std::string quote_literal(std::string_view text);
/// The SQL column type of an element (PostgreSQL) or an empty string (SQLite).
[[nodiscard]] std::string column_type(Engine engine, const CellType& cell);
/// Column types of the fixed tables: `bigint`, `text`, `bytea`, ... (PostgreSQL) and INTEGER, TEXT, BLOB (SQLite).
enum class FixedType : std::uint8_t { Integer, Text, Blob, Real };
[[nodiscard]] std::string_view column_type(Engine engine, FixedType type) noexcept;

}  // namespace etalon::backends
