#pragma once
/// Interval records as a history lists them, and what it can be asked for: how intervals lie to a range, what rows
/// hold, and in which order records come.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "etalon/interval.h"
#include "etalon/request.h"

namespace etalon {

/// How a record's own interval [begin, end) lies to a range [s, e). A record without end ends behind every position,
/// plus infinity included; an explicit end at infinity is infinity. A range without e is open in the same way, one
/// without s begins at minus infinity. Before needs s, After and Ends need e, the others either.
enum class Relation : std::uint8_t {
    Before = 1,      ///< end <= s
    After = 2,       ///< begin >= e
    Misses = 3,      ///< before or after
    Throughout = 4,  ///< begin <= s and end >= e
    Within = 5,      ///< begin >= s and end <= e
    Overlaps = 6,    ///< begin < e and end > s
    Starts = 7,      ///< s <= begin < e
    Ends = 8,        ///< s < end <= e
};
[[nodiscard]] std::string_view name_of(Relation relation) noexcept;  // `before`, `after`, ...
/// Inverse of name_of; throws Error(Usage) with the nearest word.
[[nodiscard]] Relation parse_relation(std::string_view text);

/// Which records come first. What is equal in the key comes by element, version, begin, commit and place in the commit:
/// the order is total.
enum class HistoryOrder : std::uint8_t { Element = 1, Begin = 2, Commit = 3, Entered = 4, Created = 5 };
[[nodiscard]] std::string_view name_of(HistoryOrder order) noexcept;  // `element`, `begin`, ...
/// Inverse of name_of; throws Error(Usage) with the nearest word.
[[nodiscard]] HistoryOrder parse_history_order(std::string_view text);

/// Which records count by whether they are retired, as the snapshot knows it.
enum class RetiredFilter : std::uint8_t { All = 1, Live = 2, Retired = 3 };

enum class ValueOp : std::uint8_t {
    Equal = 1,
    NotEqual = 2,
    Less = 3,
    LessOrEqual = 4,
    Greater = 5,
    GreaterOrEqual = 6
};
[[nodiscard]] std::string_view name_of(ValueOp op) noexcept;  // `=`, `!=`, `<`, `<=`, `>`, `>=`

/// A value as a person writes it, read as the type of the element that it is compared with: a number as in CSV (`0.1`
/// is the float32 nearest to it where the element is float32), `true` and `false`, the name of an enumerator, text in
/// double quotes or bare, with the escapes of CSV.
struct ValueText {
    std::string text;
    friend bool operator==(const ValueText&, const ValueText&) = default;
};

/// A condition on one value of a row. Numbers are compared exactly, whatever their types; -0.0 equals 0.0. NaN can be
/// asked for with = and != only; a NaN in a row is unequal to every number and neither less nor greater. Text is
/// compared byte by byte; only text with text.
struct ValueFilter {
    using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string, ValueText>;
    std::string path;  ///< as a column of CSV: `pos.x`, `gain[2]`, `hit[3].adc[0][1]`
    ValueOp op = ValueOp::Equal;
    Value value;
};
/// Reads `gain[2] > 3.5` (also `==`); white space around the parts does not count. Throws Error(Usage).
[[nodiscard]] ValueFilter parse_value_filter(std::string_view text);
/// The same for people: `gain[2] > 3.5`.
[[nodiscard]] std::string format_value_filter(const ValueFilter& filter);

/// One interval record as `history` shows it.
struct HistoryRecord {
    Interval interval;
    std::int64_t element = 0;
    std::string version;
    std::int64_t schema = 0;
    std::uint64_t rows = 0;
    std::int64_t commit = 0;
    std::optional<std::int64_t> retired;
    std::string uid;
    Time created;
    Time entered;
    std::string layer = {};   ///< the place that has it, a URL without password
    std::string author = {};  ///< of its commit
    std::string reason = {};  ///< of its commit
};

/// Which records a history lists, and how. A record is listed when everything that is given holds.
struct HistoryOptions {
    std::vector<std::string> versions;   ///< any of them; empty: all
    std::vector<std::int64_t> elements;  ///< any of them; empty: all
    std::optional<AsOf> as_of;
    std::optional<Relation>
        relation;                  ///< of the record's own interval to [from, to); empty: overlaps, when one is given
    std::optional<Position> from;  ///< on the axis of the reference; empty: open
    std::optional<Position> to;    ///< above `from`; an empty range throws Error(Usage)
    std::optional<Time> entered_from;   ///< committed at or after
    std::optional<Time> entered_to;     ///< committed before
    std::optional<std::string> author;  ///< of the commit, exactly
    RetiredFilter retired = RetiredFilter::All;
    /// Records with a row for which all of these hold. A record whose schema version lacks an element does not match;
    /// one that is stored as bytes cannot be asked: Error(Usage) that says how many there are. Through a recorded
    /// rename or change of unit the old values count under the new name and in the new unit.
    std::vector<ValueFilter> where;
    HistoryOrder order = HistoryOrder::Element;
    bool descending = false;             ///< the order, ties included, the other way round
    std::uint64_t limit = 0;             ///< 0: all
    std::vector<std::string> uids = {};  ///< 32 hexadecimal digits each; empty: all
};

}  // namespace etalon
