#pragma once
/// Records of one kind, as every list of results leaves: a table of cells, written as JSON or CSV.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/time.h"

namespace etalon::interchange {

/// One cell of a record, in its form for people and for JSON.
struct Cell {
    std::string text;        ///< for tables and CSV; empty when null
    std::string json;        ///< a JSON value
    bool is_number = false;  ///< right-aligned in tables
};

[[nodiscard]] Cell null_cell();
[[nodiscard]] Cell cell(std::string_view text);
[[nodiscard]] Cell cell(const char* text);
[[nodiscard]] Cell cell(std::int64_t number);
[[nodiscard]] Cell cell(std::uint64_t number);
[[nodiscard]] Cell cell(bool value);
/// A point on an axis: ISO text or integer; no value is null.
[[nodiscard]] Cell cell(Axis axis, std::optional<std::int64_t> at);
[[nodiscard]] Cell cell(Time time);
[[nodiscard]] Cell list_cell(std::span<const std::int64_t> numbers);
[[nodiscard]] Cell list_cell(std::span<const std::string> texts);
/// Text, or null when it is empty.
[[nodiscard]] Cell cell_or_null(std::string_view text);

/// Records of one kind. Every row has as many cells as there are columns.
struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<Cell>> rows;
    bool has_sentences = false;  ///< in the last column: people get it whole, however long
};

/// A JSON list of objects, without line end; each row on a line of its own, indented by `indent` spaces.
[[nodiscard]] std::string to_json(const Table& table, std::size_t indent = 0);
/// A line of column names and a line a row, each with its line end.
[[nodiscard]] std::string to_csv(const Table& table);
/// Appends the rows of `part`, which must have the same columns, or becomes it when it has none yet. With a `database`
/// they get a first column of that name that says so.
void append(Table& table, Table part, const std::string* database = nullptr);

/// A JSON string; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_quote(std::string_view text);
/// A CSV field, quoted when needed (RFC 4180).
[[nodiscard]] std::string csv_quote(std::string_view text);
/// `[begin, end)` for people; `open` where nothing known ends it.
[[nodiscard]] std::string interval_text(Axis axis, std::int64_t begin, std::optional<std::int64_t> end);
/// `1 row`, `2 rows`.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view one, std::string_view many = {});

}  // namespace etalon::interchange
