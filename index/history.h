#pragma once
/// The interval records of a name, as a question of its own: by interval, entry, author, version and element.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/history.h"
#include "etalon/interval.h"

namespace etalon::index {

/// Which records, in which order. Everything that is given must hold.
struct HistoryQuery {
    std::int64_t name_id = 0;
    Axis axis = Axis::Time;
    std::int64_t snapshot = 0;
    std::vector<std::string> versions;         ///< any of them; empty: all
    std::vector<std::int64_t> elements;        ///< any of them; empty: all
    std::optional<Relation> relation;          ///< to [from, to)
    std::optional<std::int64_t> from;          ///< empty: minus infinity
    std::optional<std::int64_t> to;            ///< empty: behind every position, plus infinity included
    std::optional<std::int64_t> entered_from;  ///< inclusive
    std::optional<std::int64_t> entered_to;    ///< exclusive
    std::optional<std::string> author;
    RetiredFilter retired = RetiredFilter::All;
    std::vector<std::string> uids;  ///< any of them, 32 lower-case hexadecimal digits each; empty: all
    HistoryOrder order = HistoryOrder::Element;
    bool descending = false;
};

/// The relation of a record's own interval to the range, as a pure function.
[[nodiscard]] bool relates(Relation relation, const Interval& record, std::optional<std::int64_t> from,
                           std::optional<std::int64_t> to) noexcept;

/// `FROM ... WHERE ...` that yields the records; aliases `d` of dataIndex and `c` of commitLog. More conditions may
/// follow
/// (`AND ...`), with parameters behind its own.
[[nodiscard]] backends::Fragment history_records(const backends::Transaction& tx, const HistoryQuery& query);
/// The SELECT list that read_history_row reads.
[[nodiscard]] std::string_view history_columns() noexcept;
inline constexpr int kHistoryColumnCount = 14;
/// `ORDER BY ...` of the query.
[[nodiscard]] std::string history_order(backends::Engine engine, const HistoryQuery& query);

/// A record with the payload that it refers to.
struct HistoryRow {
    HistoryRecord record;
    std::int64_t data_id = 0;  ///< 0: a hole
};
/// Reads the current row of a cursor whose columns are history_columns().
[[nodiscard]] HistoryRow read_history_row(const backends::Cursor& cursor, const HistoryQuery& query);

}  // namespace etalon::index
