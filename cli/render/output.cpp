#include "cli/render/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/number_text.h"
#include "base/printable.h"
#include "etalon/error.h"

namespace etalon::cli {

Output& Output::operator<<(std::string_view text) {
    pending_ += text;
    constexpr std::size_t kPiece = std::size_t{1} << 16;
    if (pending_.size() >= kPiece) write(is_terminal_ ? whole_length(pending_) : pending_.size());
    return *this;
}

Output::Buffer::int_type Output::Buffer::overflow(int_type c) {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char one = traits_type::to_char_type(c);
    out_ << std::string_view(&one, 1);
    return c;
}

std::streamsize Output::Buffer::xsputn(const char* text, std::streamsize size) {
    out_ << std::string_view(text, static_cast<std::size_t>(size));
    return size;
}

void Output::flush() {
    write(pending_.size());
}

void Output::write(std::size_t size) {
    // What a value holds must not steer the terminal of who looks at it; a file or another program gets it exactly.
    // JSON stays JSON: what it can hold of these becomes `\u202e`.
    const std::string rest = pending_.substr(size);
    pending_.resize(size);
    if (is_terminal_) pending_ = printable(pending_, LineEnds::Kept);
    std::size_t done = 0;
    while (done < pending_.size()) {
        const auto written = ::write(STDOUT_FILENO, pending_.data() + done, pending_.size() - done);
        if (written >= 0) {
            done += static_cast<std::size_t>(written);
        } else if (errno == EPIPE) {
            pending_.clear();
            throw BrokenPipe{};
        } else if (errno != EINTR && errno != EAGAIN) {
            const std::string reason = std::strerror(errno);
            pending_.clear();
            throw Error(ErrorCode::Backend, {"the output cannot be written", "standard output", "", reason, ""});
        }
    }
    pending_ = rest;
}

bool Output::is_terminal() {
    return isatty(STDOUT_FILENO) == 1;
}

std::size_t Output::width() {
    constexpr std::size_t kDefault = 120;
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    if (const char* columns = std::getenv("COLUMNS")) {
        if (const auto number = parse_integer<std::size_t>(columns); number && *number > 0) return *number;
    }
    return kDefault;
}

std::size_t display_width(std::string_view text) noexcept {
    // Bytes 10xxxxxx continue a code point of UTF-8.
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string shorten(std::string_view text, std::size_t width) {
    std::string line;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        line += byte < 0x20 || byte == 0x7f ? ' ' : c;
    }
    line = printable(line);
    if (display_width(line) <= width) return line;
    constexpr std::string_view kDots = "...";
    const std::size_t keep = width > kDots.size() ? width - kDots.size() : 0;
    std::size_t end = 0;
    std::size_t columns = 0;
    while (end < line.size()) {
        const bool starts = (static_cast<unsigned char>(line[end]) & 0xC0U) != 0x80U;
        if (starts && columns == keep) break;
        columns += starts ? 1 : 0;
        ++end;
    }
    return line.substr(0, end) + std::string(kDots);
}

Table without_empty_columns(Table table) {
    for (std::size_t c = table.columns.size(); c-- > 0;) {
        const bool empty =
            std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return row[c].text.empty(); });
        if (!empty) continue;
        table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(c));
        for (auto& row : table.rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(c));
    }
    return table;
}

void print_table(Output& out, const Table& table, std::size_t max_rows) {
    const auto shown = max_rows == 0 ? table.rows.size() : std::min(max_rows, table.rows.size());
    constexpr std::size_t kWidest = 120;
    const auto text_of = [&](const std::vector<Cell>& row, std::size_t c) {
        const bool is_whole = table.has_sentences && c + 1 == row.size();
        return row[c].json == "null" ? std::string("-") : shorten(row[c].text, is_whole ? row[c].text.size() : kWidest);
    };
    std::vector<std::size_t> widths;
    std::vector<bool> right(table.columns.size(), shown > 0);
    for (const auto& column : table.columns) widths.push_back(display_width(column));
    for (std::size_t r = 0; r < shown; ++r) {
        for (std::size_t c = 0; c < widths.size(); ++c) {
            const auto& one = table.rows[r][c];
            widths[c] = std::max(widths[c], display_width(text_of(table.rows[r], c)));
            if (!one.is_number && one.json != "null") right[c] = false;
        }
    }
    const auto print_line = [&](auto&& text_at) {
        std::string line;
        for (std::size_t c = 0; c < widths.size(); ++c) {
            const std::string text = text_at(c);
            const std::string gap(widths[c] - display_width(text), ' ');
            line += (c == 0 ? "" : "  ") + (right[c] ? gap + text : text + gap);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << "\n";
    };
    print_line([&](std::size_t c) { return table.columns[c]; });
    print_line([&](std::size_t c) { return std::string(widths[c], '-'); });
    for (std::size_t r = 0; r < shown; ++r) print_line([&](std::size_t c) { return text_of(table.rows[r], c); });
    if (shown < table.rows.size()) {
        out << "... " << counted(table.rows.size() - shown, "more row") << "; --format csv or json prints all\n";
    }
}

void print(Output& out, Format format, const Table& table) {
    switch (format) {
        case Format::Table:
            return print_table(out, table);
        case Format::Json:
            out << interchange::to_json(table) << "\n";
            return;
        case Format::Csv:
            out << interchange::to_csv(table);
            return;
    }
}

}  // namespace etalon::cli
