#pragma once
/// Which record wins, and for how long: the rule of DESIGN 2.4 as SQL, by index probes.
///
/// One probe per (version, length class): a record of class k that contains t begins in (t - 2^k, t]. The effective
/// interval is bounded above by the first later record that beats the winner and below by the last record that would have
/// beaten it and has ended; both are one probe each. docs/validity.md derives it.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/port.h"
#include "etalon/database.h"
#include "etalon/interval.h"
#include "index/chain.h"
#include "index/names.h"

namespace etalon::index {

/// An interval record that won.
struct WinnerRecord {
    std::int64_t id = 0;
    std::int64_t schema_id = 0;
    std::string version;
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::int64_t creation_time = 0;
    std::int64_t commit = 0;
    std::int64_t entry_time = 0;
    std::int64_t num_rows = 0;
    std::int64_t data_id = 0;  ///< 0: a hole
    std::array<std::byte, 16> uid{};
};

/// The winner and its effective interval; without a winner, the interval of the gap.
struct WinnerAnswer {
    std::optional<WinnerRecord> record;
    Interval validity;
};

/// Names of the winner's columns in the order that read_winner expects; all point and set queries begin with them.
inline constexpr int kWinnerColumnCount = 12;

/// The question's shape: everything that changes the text of the statement, not the bound values.
struct PointShape {
    struct Probe {
        std::int64_t rank = 0;
        std::string version;
        std::int64_t length_class = 0;
    };
    std::vector<Probe> probes;
    OrderPolicy policy = OrderPolicy::ByBegin;
    bool any_position = false;  ///< a baseLine read: intervals do not count

    /// The probes of a chain over the classes that a name has. Empty probes: nothing is recorded, always a gap.
    static PointShape make(const VersionChain& chain, const NameRecord& name, bool any_position);
};

/// A statement for one (name, element, position, snapshot). Made once per shape; immutable.
class PointQuery {
public:
    explicit PointQuery(const PointShape& shape);

    /// `SELECT` with kWinnerColumnCount winner columns (all NULL for a gap) and then the bounds; exactly one row.
    /// Parameters ?1..?parameter_count().
    [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
    /// Names of all result columns.
    [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }
    [[nodiscard]] bool empty() const noexcept { return shape_.probes.empty(); }

    /// The same as a list of joins that needs no temporary table; more may be joined to the alias `w`. Empty for a chain of
    /// several ranks. Either text is right on both engines; SQLite makes a temporary table for any subquery that it joins.
    [[nodiscard]] const std::string& flat_from(backends::Engine engine) const noexcept {
        return engine == backends::Engine::Sqlite ? flat_by_id_ : flat_by_record_;
    }
    /// Its result columns, those of columns(). Where `first_row` (a condition) does not hold, bounds may be NULL: they need
    /// not be looked for again in every row that is joined.
    [[nodiscard]] std::string flat_columns(std::string_view first_row) const;
    /// Values for one question. `out` is overwritten.
    void bind(std::vector<backends::Value>& out, std::int64_t name_id, std::int64_t element, std::int64_t at,
              std::int64_t snapshot) const;
    /// Reads the current row of a cursor whose first columns are columns().
    [[nodiscard]] WinnerAnswer read(const backends::Cursor& cursor, Axis axis) const;

private:
    PointShape shape_;
    std::string sql_;
    std::vector<std::string> columns_;
    std::vector<std::string> versions_;       // parameters ?5...
    std::vector<std::int64_t> low_classes_;   // parameters behind the versions: lowest begin of each class
    std::string flat_by_id_;
    std::string flat_by_record_;
    struct Bound {
        std::string query;
        bool of_winner = false;  // looks at the winner's record
    };
    std::vector<Bound> bounds_;
    int next_columns_ = 0;
    int end_columns_ = 0;
};

/// One question of a set: many names and elements at once (PostgreSQL).
struct SetKey {
    std::int64_t name_id = 0;
    std::int64_t element = 0;
    std::int64_t at = 0;
    Axis axis = Axis::Time;
    const PointShape* shape = nullptr;
};

/// What the keys of a set need of its statement; a statement for more than that gives the same answers, slower.
enum SetMode : unsigned {
    kSetByBegin = 1,         ///< keys of policy by_begin
    kSetByCreation = 2,      ///< keys of policy by_creation
    kSetBaseByBegin = 4,     ///< baseLine reads of policy by_begin
    kSetBaseByCreation = 8,  ///< baseLine reads of policy by_creation
    kSetEnds = 16,           ///< records with explicit ends exist
    kAllSetModes = 31,
};
[[nodiscard]] unsigned set_modes(std::span<const SetKey> keys) noexcept;

/// Values of set_query_sql() for those keys.
[[nodiscard]] std::vector<backends::Value> bind_set(std::span<const SetKey> keys, std::int64_t snapshot);
/// One statement that answers all keys: columns `ord` (index of the key), the winner's columns, `nextBegin`, `prevEnd`; one row
/// a key that has probes, in any order. PostgreSQL only (unnest and LATERAL). `modes`: at least set_modes(keys).
[[nodiscard]] const std::string& set_query_sql(unsigned modes = kAllSetModes);
inline constexpr int kSetParameterCount = 11;
inline constexpr int kSetColumnCount = 1 + kWinnerColumnCount + 2;
/// Reads the current row; `first` is the column of `ord`.
[[nodiscard]] WinnerAnswer read_set_row(const backends::Cursor& cursor, const SetKey& key);

}  // namespace etalon::index
