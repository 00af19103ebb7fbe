#pragma once
/// Interval records as a history lists them, and what it can be asked for: how intervals lie to a range, what rows
/// hold, and in which order records come.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/condition.h"
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
    /// Records with a row for which that holds. What a record's schema version lacks is absent. Through a recorded
    /// rename or change of unit the old values count under the new name and in the new unit. Rows stored as bytes are
    /// all read for it.
    Condition where = {};
    HistoryOrder order = HistoryOrder::Element;
    bool descending = false;             ///< the order, ties included, the other way round
    std::uint64_t limit = 0;             ///< 0: all
    std::vector<std::string> uids = {};  ///< 32 hexadecimal digits each; empty: all
    /// Called before rows stored as bytes are read for `where`, with the number of records that have such; may be
    /// empty, and may throw to stop.
    std::function<void(std::uint64_t records)> reads_bytes = {};
};

}  // namespace etalon
