#pragma once
/// What differs between two sides: references, configurations or whole databases at times, over ranges, in versions, as
/// of snapshots, in places (docs/diff.md).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "etalon/definition.h"
#include "etalon/interval.h"
#include "etalon/progress.h"
#include "etalon/request.h"
#include "etalon/time.h"

namespace etalon {

class Database;
class Federation;
struct ConfigurationRequest;

/// Stands for a value that was not stored, which is not zero, and for a side that has nothing to show.
struct NoValue {
    friend bool operator==(const NoValue&, const NoValue&) = default;
};
/// One value of a row in its own type; integers of less than 64 bits are widened, enumerations are their numbers. Text
/// ends before its first NUL. Of what is no value (DiffKind) also a word for people.
using DiffValue = std::variant<NoValue, bool, std::int64_t, std::uint64_t, float, double, std::string>;

/// The exact difference of two integers, which may take 65 bits.
struct IntegerDifference {
    bool negative = false;
    std::uint64_t magnitude = 0;
    friend bool operator==(const IntegerDifference&, const IntegerDifference&) = default;
};
/// after - before. Of floats as a double (infinite where that does not hold it); none of text, booleans and
/// enumerations, or where a value is absent or NaN.
using DiffNumber = std::variant<NoValue, IntegerDifference, double>;

/// What one difference is about.
enum class DiffKind : std::uint8_t {
    Value = 1,            ///< a member of a row that both sides have
    RowAdded = 2,         ///< a row that only the second side has
    RowRemoved = 3,       ///< a row that only the first side has
    Status = 4,           ///< one side has rows and the other none, or both have none for another reason
    NodeAdded = 5,        ///< of configurations
    NodeRemoved = 6,      ///< of configurations
    NodeChanged = 7,      ///< what a node refers to, which version, which elements
    RecordAdded = 8,      ///< of snapshots: an interval record that the second one has
    RecordRetired = 9,    ///< one that only the first one has
    RecordReplaced = 10,  ///< one that the second one has in place of another of the same element, version and begin
};
/// `value`, `row added`, `row removed`, `status`, `node added`, ...
[[nodiscard]] std::string_view name_of(DiffKind kind) noexcept;

/// One difference, as a visitor sees it. Everything it points at lives until the visitor returns.
struct Difference {
    DiffKind kind = DiffKind::Value;
    std::string_view path;            ///< the named reference, or the path of the node
    std::int64_t element = 0;         ///< not of nodes
    std::optional<Interval> stretch;  ///< where both sides are like that: of ranges; of a record its own interval
    const Element* member = nullptr;  ///< Value: in the layout of the comparison
    std::uint64_t value = 0;          ///< Value: its place in the member in row-major order (a text is one value)
    std::string_view property;        ///< NodeChanged: `reference`, `version`, `elements`, ...
    std::string_view version;         ///< of a record; of values the chain that both sides were read in, else empty
    std::uint64_t row = 0;            ///< within the element, from 0: of the first side; RowAdded: of the second
    std::optional<std::uint64_t> other_row;    ///< of the second side, where rows are matched by key
    std::span<const std::string> key_members;  ///< empty: rows are matched by their position
    std::span<const DiffValue> key;            ///< values of these
    DiffValue before;                          ///< Status: `Found`, ...; nodes and records: what there was
    DiffValue after;
    DiffNumber difference;
};
/// Called for each difference, in order of path, element, stretch and row. What it throws ends the comparison.
using DiffVisitor = std::function<void(const Difference&)>;

/// How far numbers may lie apart and count as equal. A pattern is a member (`gain`, all its values; `pos.x`) or a value
/// of one (`gain[2]`), with `*` for any text (`gain[*]`, `hit[*].adc`). An empty one means all numbers. Of several that
/// match, the one with most characters that are no `*` counts, then the last.
struct DiffTolerance {
    std::string pattern = {};
    double limit = 0;  ///< from 0 on, infinity included; NaN is refused
    friend bool operator==(const DiffTolerance&, const DiffTolerance&) = default;
};
/// Reads `1e-6` or `gain[*]=1e-6`; `where` is for errors. Throws Error(Usage).
[[nodiscard]] DiffTolerance parse_tolerance(std::string_view text, std::string_view where);

/// Which members tell rows apart. Rows of both sides with equal keys are compared, wherever they stand.
struct DiffKey {
    std::string struct_name = {};      ///< empty: of whatever struct is compared
    std::vector<std::string> members;  ///< paths of members that are one value; text is one
    friend bool operator==(const DiffKey&, const DiffKey&) = default;
};
/// Reads `channel`, `sector,row` or `Struct=sector,row`; throws Error(Usage).
[[nodiscard]] DiffKey parse_diff_key(std::string_view text);

/// How values are compared. Two finite numbers are equal when |a - b| <= max(relative * max(|a|, |b|), absolute), as
/// Python's math.isclose has it, so that the order of the sides does not matter; the difference of integers is exact.
/// NaN equals NaN, -0 equals 0, an infinity only itself whatever the tolerance, and an absent value only an absent one.
struct DiffOptions {
    std::vector<DiffTolerance> absolute = {};
    std::vector<DiffTolerance> relative = {};
    /// Rows of other structs are matched by the members that the newer layout declares as keys (`key: 1`), and by
    /// position where it declares none or a side has not stored them.
    std::vector<DiffKey> keys = {};
    bool by_position = false;  ///< declared keys do not count
    /// What is compared when the sides have no position: every stretch in it. Empty: the whole axis.
    std::optional<Interval> range = std::nullopt;
};

/// One side: a named reference.
struct DiffSide {
    Database* database = nullptr;  ///< not owned
    std::string name;
    FetchOptions fetch = {};                    ///< `schema` and `provenance` are not used
    std::optional<Position> at = std::nullopt;  ///< both sides have one, or none has
};
/// One side: a configuration, as Federation::fetch_configuration finds it. It has a time, a run or both, or none.
struct DiffConfigurationSide {
    Federation* federation = nullptr;  ///< not owned
    std::string root;
    std::string key = {};
    std::string start = {};
    const ConfigurationRequest* request = nullptr;  ///< not owned, never null
};

/// What was compared of one member.
struct DiffMemberSummary {
    std::string path;    ///< as in Difference
    std::string member;  ///< path of the element, all its values together
    /// Values that were compared: of each two rows that stood beside each other, once for each pair of contents of the
    /// two sides, however often its stretch was cut; not those that neither side had stored.
    std::uint64_t values = 0;
    std::uint64_t differ = 0;    ///< differences that the visitor was called for
    std::uint64_t measured = 0;  ///< of these, those that have a difference that is a number
    DiffNumber largest = {};     ///< the largest |difference| of these
    DiffNumber mean = {};        ///< mean |difference| of these, a double
};

/// What was read for one side.
struct DiffSideReport {
    std::string place;                        ///< URL without password; of configurations the database of the root
    std::int64_t snapshot = 0;                ///< commit number that was read as of; 0: nothing was read, or several
    bool settled = true;                      ///< as AnswerData::settled
    std::vector<std::string> truncated = {};  ///< `REF: gain[3:]`: what has no place in the common layout
    std::uint64_t losses = 0;                 ///< values that a conversion changed where loss is allowed
};

/// What came of a comparison.
struct DiffReport {
    bool equal = true;
    std::uint64_t differences = 0;  ///< calls of the visitor
    DiffSideReport before;
    DiffSideReport after;
    std::vector<DiffMemberSummary> members;  ///< in order of path and declaration
    std::uint64_t rows_added = 0;
    std::uint64_t rows_removed = 0;
    std::uint64_t statuses = 0;  ///< differences of status
    std::uint64_t nodes = 0;     ///< nodes that were added or removed, or parts of one that changed
    std::uint64_t records = 0;   ///< interval records that were added, retired or replaced
};

/// Compares two references of one struct, element by element. Without positions every stretch of the common refinement
/// of both sides' effective intervals within the range is compared, and neighbours with the same differences are told
/// as one. Each two answers are compared in the layout of the one with the newer schema version; the other is converted
/// by the law and the rules of evolution that hold there. The two sides may be of the same Database.
/// Memory: the answers of two neighbouring stretches, whatever the number of differences.
/// Throws as Database::fetch_rows, and Error(Usage) for two structs or axes, for a position on one side only, a
/// tolerance or key that fits no member (or one that it makes no sense for), equal keys within one side.
[[nodiscard]] DiffReport find_differences(const DiffSide& before, const DiffSide& after,
                                          const DiffOptions& options = {}, const DiffVisitor& visit = {},
                                          const Progress& progress = {});
/// The same of two configurations: which nodes came, went or changed; the values of tables that both have.
[[nodiscard]] DiffReport find_differences(const DiffConfigurationSide& before, const DiffConfigurationSide& after,
                                          const DiffOptions& options = {}, const DiffVisitor& visit = {},
                                          const Progress& progress = {});

/// Which names a comparison of snapshots looks at.
struct DiffSnapshots {
    std::optional<AsOf> before;  ///< empty: what reads of the Database see
    std::optional<AsOf> after;
    std::string names = "*";  ///< an exact name, or a beginning and `*`
};
/// Compares two snapshots of one database: which interval records came, went or were replaced, then the values of each
/// version and element whose records, or whose reference's policy, changed. Names in order. Throws Error(Unknown) when
/// no reference has such a name. Linear in the records of those names.
[[nodiscard]] DiffReport find_differences(Database& database, const DiffSnapshots& snapshots,
                                          const DiffOptions& options = {}, const DiffVisitor& visit = {},
                                          const Progress& progress = {});

}  // namespace etalon
