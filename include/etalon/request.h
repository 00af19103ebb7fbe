#pragma once
/// How a read chooses: as of when, which version, elements and layers.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "etalon/condition.h"
#include "etalon/time.h"

namespace etalon {

/// The name of a recorded snapshot (Database::set_snapshot); holds one commit number per place.
struct SnapshotName {
    std::string name;
    friend bool operator==(const SnapshotName&, const SnapshotName&) = default;
};

/// A commit with the beginning of its hash: `17-5f0e31bd`. A place whose commit 17 has another hash has another history
/// and is refused.
struct HashedCommit {
    std::int64_t commit = 0;
    std::string hash;  ///< 8 to 64 lower-case hexadecimal digits
    friend bool operator==(const HashedCommit&, const HashedCommit&) = default;
};

/// A point in the history of a database: a commit number (0 = before all; belongs to one place), a time, which means
/// the highest commit entered at or before it, a named snapshot, or a commit with its hash.
using AsOf = std::variant<std::int64_t, Time, SnapshotName, HashedCommit>;

/// Digits alone are a commit number, digits with `-` and 8 to 64 hexadecimal digits behind them one with its hash, what
/// reads as a time is one, anything else is the name of a snapshot.
[[nodiscard]] AsOf parse_as_of(std::string_view text);

/// A commit number, or one with its hash; throws Error(BadInput) for anything else.
[[nodiscard]] HashedCommit parse_commit(std::string_view text);

/// What names that match a pattern are read as of. A pattern is an exact name, or a beginning of one and `*`.
struct AsOfPattern {
    std::string pattern;
    AsOf as_of;
};

/// What comes from one layer of a stack (docs/layers.md): each element by itself, or all elements of an answer from the
/// highest layer that has any of them (as MINOS DBI did).
enum class LayerUnit : std::uint8_t { Element = 1, Answer = 2 };
[[nodiscard]] std::string_view name_of(LayerUnit unit) noexcept;  // `element`, `answer`

/// Elements such as `0-23,30`; throws Error(BadInput). Order is kept, duplicates are refused, at most a million.
[[nodiscard]] std::vector<std::int64_t> parse_elements(std::string_view text);
/// Inverse of parse_elements: runs of neighbours as `a-b`.
[[nodiscard]] std::string format_elements(std::span<const std::int64_t> elements);

/// How a read chooses. Nothing here is process-global.
struct FetchOptions {
    std::string version;                       ///< version chain: `sim,default`, `sim+default`; empty: `default`
    std::vector<std::int64_t> elements = {0};  ///< in the order in which rows shall come
    std::optional<AsOf> as_of;                 ///< empty: the snapshot of the Database
    std::vector<AsOfPattern> as_of_patterns;   ///< beat as_of where they match; the most specific one wins
    LayerUnit layer_unit = LayerUnit::Element;
    std::int64_t schema = 0;  ///< untyped reads: the schema version to return; 0: as stored (the newest of several)
    /// Untyped reads: members to return, each a path, the path of a nested struct (all of it), or with `*` for any
    /// characters; empty: all. Rows come in a layout of these members alone, of the newest schema version (as of an
    /// older snapshot: of the one that they are stored in) unless `schema` or a layout say which. Of rows stored in
    /// columns nothing else is read, unless members were renamed or rules hold.
    std::vector<std::string> fields = {};
    bool strict = false;        ///< absent elements are an error
    bool lenient = false;       ///< lossy conversions are done and counted
    bool any_position = false;  ///< a baseLine read: the first record in order, whatever its interval
    /// Whether uid, commit, times and content hash of the record are read with it; they take three more look-ups.
    /// Empty: yes for fetch_rows, no for fetch<T>, whose Rows::provenance() reads them when it is called.
    std::optional<bool> provenance = std::nullopt;
    /// Values that were valid: only records count that have a row for which that holds, as though there were no others
    /// (a hole has no row). The interval is that of this question. All rows of the winner come. Such a read is not kept
    /// in the cache, and reads the rows of all records of the elements. Typed as HistoryOptions::where.
    Condition where = {};
};

}  // namespace etalon
