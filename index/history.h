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
#include "etalon/reference.h"

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
/// The statement that reads them: those records in the order of the query, at most `limit`.
[[nodiscard]] backends::Fragment select_history(backends::Engine engine, const HistoryQuery& query,
                                                backends::Fragment records,
                                                std::optional<std::int64_t> limit = std::nullopt);

/// How many of some records have their rows in one schema version and form.
struct PayloadCount {
    std::int64_t schema_id = 0;
    Storage storage = Storage::Columns;
    std::int64_t records = 0;
};
/// Counts the payloads of what history_records() yields, holes left out.
[[nodiscard]] std::vector<PayloadCount> count_payloads_of(backends::Transaction& tx, const backends::Fragment& records);

/// A record with the payload that it refers to.
struct HistoryRow {
    HistoryRecord record;
    std::int64_t data_id = 0;  ///< 0: a hole
};
/// Reads the current row of a cursor whose columns are history_columns().
[[nodiscard]] HistoryRow read_history_row(const backends::Cursor& cursor, const HistoryQuery& query);

}  // namespace etalon::index
