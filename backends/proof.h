#pragma once
/// Proof of stored rows (format 2): every row has a checksum over all its cells, and every set of rows that is read as
/// a whole a proof row with their number and the sum of their checksums. A row or set that does not agree is
/// Error(Corrupt): it was changed by something other than Etalon. Pure but for what takes a transaction.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/port.h"

namespace etalon::backends {

/// A column of a proved table and what its cells are: `i` integer, `t` text, `b` blob.
struct ProvedColumn {
    std::string_view name;
    char kind = 'i';
};

/// A table whose rows have a checksum: its columns in the order in which they go into it (docs/storage_format.md).
class ProvedTable {
public:
    ProvedTable(std::string_view table, std::string_view id, std::string_view checksum,
                std::initializer_list<ProvedColumn> columns)
        : table_(table), id_(id), checksum_(checksum), columns_(columns) {}

    [[nodiscard]] std::string_view name() const noexcept { return table_; }
    [[nodiscard]] std::string_view id() const noexcept { return id_; }
    [[nodiscard]] std::string_view checksum_column() const noexcept { return checksum_; }
    [[nodiscard]] const std::vector<ProvedColumn>& columns() const noexcept { return columns_; }
    /// `a."ID", ..., a."rowChecksum"`: what check() reads.
    [[nodiscard]] std::string select(std::string_view alias) const;
    [[nodiscard]] int width() const noexcept { return static_cast<int>(columns_.size()) + 1; }
    /// Index of a column within select().
    [[nodiscard]] int at(std::string_view column) const;

    /// Names of the columns and of the checksum, in the order of select(): what put() writes.
    [[nodiscard]] std::vector<std::string> stored_columns() const;

    /// The checksum of the cells that begin at column `first` of the cursor's row.
    [[nodiscard]] std::int64_t compute(const Cursor& cursor, int first) const;
    /// True when that is the stored one.
    [[nodiscard]] bool is_whole(const Cursor& cursor, int first) const;
    /// The cells as values, unchecked.
    [[nodiscard]] std::vector<Value> read_cells(const Cursor& cursor, int first) const;
    /// Compares it with the stored one and returns it. Throws Error(Corrupt) naming table and row.
    std::int64_t check(const Cursor& cursor, int first) const;
    /// The checksum of cells that are not stored yet, in the order of columns().
    [[nodiscard]] std::int64_t compute(std::span<const Value> cells) const;

    /// Inserts a row; returns its checksum.
    std::int64_t insert(Transaction& tx, std::span<const Value> cells) const;
    std::int64_t insert(Transaction& tx, std::initializer_list<Value> cells) const {
        return insert(tx, std::span<const Value>(cells.begin(), cells.size()));
    }
    /// Writes the next stored_columns() of a bulk insert; returns the checksum.
    std::int64_t put(BulkWriter& writer, std::span<const Value> cells) const;
    struct Changed {
        std::int64_t before = 0;
        std::int64_t after = 0;
    };
    /// Reads a row, checks it, changes cells of it and its checksum.
    Changed update(Transaction& tx, std::int64_t id, std::span<const std::pair<std::string_view, Value>> changes) const;
    Changed update(Transaction& tx, std::int64_t id,
                   std::initializer_list<std::pair<std::string_view, Value>> changes) const {
        return update(tx, id, std::span(changes.begin(), changes.size()));
    }
    /// One more than the largest ID. The commit lock is held.
    [[nodiscard]] std::int64_t next_id(Transaction& tx) const;

private:
    std::string_view table_;
    std::string_view id_;
    std::string_view checksum_;
    std::vector<ProvedColumn> columns_;
};

/// The table of payloads, which the rooms of values and of intervals both read.
[[nodiscard]] const ProvedTable& payload_table();

/// What a proof row is about. Persisted: values never change.
enum class SetKind : std::int64_t {
    Names = 1,      ///< owner 0: all of namedRef
    Policies = 2,   ///< owner nameID: its rows of namedRefPolicy
    Structs = 3,    ///< owner 0: all of structure
    Versions = 4,   ///< owner structID: its rows of schemaVersion
    Elements = 5,   ///< owner structID: its rows of schema
    Rules = 6,      ///< owner structID: its rows of schemaRule
    Nodes = 7,      ///< owner 0: all of Nodes
    Edges = 8,      ///< owner ParentID: its rows of NodeRelation
    Snapshots = 9,  ///< owner 0: all of snapshot and snapshotEntry
    Records = 10,   ///< owner nameID: its rows of dataIndex
    Objects = 11,   ///< owner structID: its rows of object
    Queries = 12,   ///< owner 0: all of namedQuery
};
[[nodiscard]] std::string_view name_of(SetKind kind) noexcept;

/// A number of rows and the sum of their checksums modulo 2^64.
struct SetSum {
    std::int64_t count = 0;
    std::uint64_t sum = 0;

    void add(std::int64_t checksum) noexcept {
        ++count;
        sum += static_cast<std::uint64_t>(checksum);
    }
    void change(const ProvedTable::Changed& row) noexcept {
        sum += static_cast<std::uint64_t>(row.after) - static_cast<std::uint64_t>(row.before);
    }
    friend bool operator==(const SetSum&, const SetSum&) = default;
};

/// Which set, of which owner.
using SetKey = std::pair<SetKind, std::int64_t>;

/// CREATE statement of the table setProof (setKind, ownerID, rowCount, rowSum).
[[nodiscard]] std::string create_proof_table(Engine engine);
/// All proof rows.
[[nodiscard]] std::map<SetKey, SetSum> read_set_proofs(Transaction& tx);
/// Replaces all proof rows.
void write_set_proofs(Transaction& tx, const std::map<SetKey, SetSum>& sets);
/// The proof row of a set; without one, the set is empty.
[[nodiscard]] SetSum read_set_proof(Transaction& tx, SetKind kind, std::int64_t owner);
/// Adds to the proof row of a set. The commit lock is held.
void add_to_set(Transaction& tx, SetKind kind, std::int64_t owner, const SetSum& added);
/// Inserts a row into a set. The commit lock is held.
void insert_into_set(Transaction& tx, const ProvedTable& table, SetKind kind, std::int64_t owner,
                     std::span<const Value> cells);
inline void insert_into_set(Transaction& tx, const ProvedTable& table, SetKind kind, std::int64_t owner,
                            std::initializer_list<Value> cells) {
    insert_into_set(tx, table, kind, owner, std::span<const Value>(cells.begin(), cells.size()));
}
/// Changes cells of a row of a set. The commit lock is held.
void update_in_set(Transaction& tx, const ProvedTable& table, SetKind kind, std::int64_t owner, std::int64_t id,
                   std::initializer_list<std::pair<std::string_view, Value>> changes);
/// Throws Error(Corrupt) unless the sets of all owners are those of the proof rows; `owner` is the word for an owner.
void check_all_sets(Transaction& tx, SetKind kind, std::map<std::int64_t, SetSum> found, std::string_view owner);
/// Throws Error(Corrupt) unless what was read is what the proof row says. `what` names the set for people.
void check_set(const SetSum& found, const SetSum& proof, SetKind kind, std::string_view what);
/// Throws Error(Corrupt): reading the whole table finds a row that looking it up does not.
[[noreturn]] void throw_not_found_by_index(std::string_view table, std::string_view row);
/// Columns rowCount and rowSum of a proof row that a statement joined; NULL: no row.
[[nodiscard]] SetSum read_joined_proof(const Cursor& cursor, int first);
/// `LEFT JOIN "setProof" ALIAS ON ...` of the set of an owner (an SQL expression).
[[nodiscard]] std::string join_proof(std::string_view alias, SetKind kind, std::string_view owner);

/// Reads a whole table (`where`: a condition on the alias x, or nothing), checks every row, and sums up.
[[nodiscard]] SetSum sum_rows(Transaction& tx, const ProvedTable& table, const std::string& where = {},
                              std::span<const Value> values = {});

/// The next rows of a table behind an ID, in order of it, at most `most`: the cells of ProvedTable::select(),
/// unchecked, and the ID.
[[nodiscard]] std::unique_ptr<Cursor> read_page(Transaction& tx, const ProvedTable& table, std::int64_t after,
                                                std::int64_t most);
/// The same of a table that has another name, such as one that is being replaced. The ID comes first, then an
/// expression for each column: those of `expressions` on the alias x, else the column itself; the checksum is left out.
[[nodiscard]] std::unique_ptr<Cursor> read_page_for(Transaction& tx, const ProvedTable& table, std::string_view from,
                                                    const std::map<std::string_view, std::string>& expressions,
                                                    std::int64_t after, std::int64_t most);

/// True when the place has format 2.1 or newer: it has tables for objects and named queries.
[[nodiscard]] inline bool has_objects(const StoreFormat& format) noexcept {
    return format.major > 2 || (format.major == 2 && format.minor >= 1);
}
[[nodiscard]] inline bool has_objects(const Transaction& tx) noexcept {
    return has_objects(tx.format());
}

/// True when the place has format 2 or newer: its rows are proved.
[[nodiscard]] inline bool is_proved(const Transaction& tx) noexcept {
    return tx.format().major >= 2;
}

}  // namespace etalon::backends
