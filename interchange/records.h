#pragma once
/// What the command line prints on standard output: text, and lists of records as a table, CSV or JSON.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/time.h"

namespace etalon::cli {

enum class Format : std::uint8_t { Table, Csv, Json };

/// Thrown when the reader of standard output has gone away: nothing to report, nobody to report to.
struct BrokenPipe {};

/// Standard output, written in large pieces. Throws BrokenPipe, or Error(Backend) when writing fails otherwise.
class Output {
public:
    Output& operator<<(std::string_view text);
    void flush();
    /// Width to lay tables out for: that of the terminal, `COLUMNS`, else 120.
    [[nodiscard]] static std::size_t width();

private:
    std::string pending_;
};

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
    bool has_sentences = false;  ///< in the last column: printed whole, however long
};

/// Leaves out columns in which no row says anything.
[[nodiscard]] Table without_empty_columns(Table table);
/// Prints records: an aligned table, CSV with a header, or a JSON list of objects.
void print(Output& out, Format format, const Table& table);
/// A JSON list of objects, without line end; each row on a line of its own, indented by `indent` spaces.
[[nodiscard]] std::string to_json(const Table& table, std::size_t indent = 0);
/// Appends aligned lines; at most `max_rows` rows, then a line that says how many were left out. 0: all.
void print_table(Output& out, const Table& table, std::size_t max_rows = 0);

/// A JSON string; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_quote(std::string_view text);
/// A CSV field, quoted when needed (RFC 4180).
[[nodiscard]] std::string csv_quote(std::string_view text);
/// Columns that a text takes on a terminal: its code points.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;
/// The text on one line of at most `width` columns, cut with `...`.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width);
/// `[begin, end)` for people; `open` where nothing known ends it.
[[nodiscard]] std::string interval_text(Axis axis, std::int64_t begin, std::optional<std::int64_t> end);
/// `1 row`, `2 rows`.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view one, std::string_view many = {});

}  // namespace etalon::cli
