#pragma once
/// What the command line prints on standard output: text, and records as a table, CSV or JSON.

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

#include "interchange/records.h"

namespace etalon::cli {

// The cells of what is printed are those of interchange/.
using interchange::Cell;
using interchange::cell;
using interchange::cell_or_null;
using interchange::counted;
using interchange::interval_text;
using interchange::list_cell;
using interchange::null_cell;
using interchange::Table;

enum class Format : std::uint8_t { Table, Csv, Json };

/// Thrown when the reader of standard output has gone away: nothing to report, nobody to report to.
struct BrokenPipe {};

/// Standard output, written in large pieces: as it is to a file or pipe; to a terminal with visible escapes in place of
/// control and bidi characters and of bytes that are no UTF-8 (base/printable.h). Throws BrokenPipe, or Error(Backend)
/// when writing fails otherwise.
class Output {
public:
    Output() : is_terminal_(is_terminal()), buffer_(*this), stream_(&buffer_) { stream_.exceptions(std::ios::badbit); }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    Output& operator<<(std::string_view text);
    void flush();
    /// The same output for what writes to a stream, in order with the rest; throws what this does. Lives as long.
    [[nodiscard]] std::ostream& stream() noexcept { return stream_; }
    /// Width to lay tables out for: that of the terminal, `COLUMNS`, else 120.
    [[nodiscard]] static std::size_t width();

private:
    class Buffer : public std::streambuf {
    public:
        explicit Buffer(Output& out) : out_(out) {}

    private:
        int_type overflow(int_type c) override;
        std::streamsize xsputn(const char* text, std::streamsize size) override;

        Output& out_;
    };

    [[nodiscard]] static bool is_terminal();
    /// Writes the first bytes of what is pending.
    void write(std::size_t size);

    std::string pending_;
    bool is_terminal_;
    Buffer buffer_;
    std::ostream stream_;
};

/// Leaves out columns in which no row says anything.
[[nodiscard]] Table without_empty_columns(Table table);
/// Prints records: an aligned table, CSV with a header, or a JSON list of objects.
void print(Output& out, Format format, const Table& table);
/// Appends aligned lines; at most `max_rows` rows, then a line that says how many were left out. 0: all.
void print_table(Output& out, const Table& table, std::size_t max_rows = 0);

/// Columns that a text takes on a terminal: its code points.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;
/// The text on one line of at most `width` columns, cut with `...`; control characters of ASCII are blanks, what else
/// steers a terminal is escaped.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width);

}  // namespace etalon::cli
