#include "text/csv_hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace etalon::text {
namespace {

using namespace std::string_view_literals;

struct Form {
    std::string_view beginning;
    std::string_view name;
    std::string_view advice;
};

constexpr std::array kForms{
    Form{"\x1F\x8B"sv, "gzip", "zcat"},
    Form{"BZh"sv, "bzip2", "bzcat"},
    Form{"\xFD"
         "7zXZ\0"sv,
         "xz", "xzcat"},
    Form{"\x28\xB5\x2F\xFD"sv, "Zstandard", "zstdcat"},
};

constexpr std::array kOthers{
    Form{"PK\x03\x04"sv, "a ZIP archive, or a spreadsheet", "export the table as CSV"},
    Form{"\xD0\xCF\x11\xE0"sv, "a spreadsheet of an old kind", "export the table as CSV"},
    Form{"\x89HDF"sv, "HDF5", "export the table as CSV"},
    Form{"SIMPLE  ="sv, "FITS", "export the table as CSV"},
    Form{"PAR1"sv, "Parquet", "export the table as CSV"},
    Form{"root\0"sv, "a ROOT file", "export the table as CSV"},
    Form{"%PDF"sv, "PDF", "export the table as CSV"},
    Form{"\xFF\xFE"sv, "UTF-16", "save it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE"},
    Form{"\xFE\xFF"sv, "UTF-16", "save it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE"},
};

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

}  // namespace

std::optional<ErrorInfo> find_foreign_form(std::string_view beginning) {
    const auto starts = [&](const Form& form) { return beginning.starts_with(form.beginning); };
    if (const auto packed = std::ranges::find_if(kForms, starts); packed != kForms.end()) {
        return ErrorInfo{fmt::format("the input is compressed ({})", packed->name), "", "", "",
                         fmt::format("unpack it, for example: {} FILE | etalon ... put REF -", packed->advice)};
    }
    if (const auto other = std::ranges::find_if(kOthers, starts); other != kOthers.end()) {
        return ErrorInfo{fmt::format("the input is {}", other->name), "", "", "", std::string(other->advice)};
    }
    // In the header: a NUL in a value is an error of that value.
    constexpr std::size_t kLooked = 64;
    const auto first = beginning.substr(0, std::min(beginning.find('\n'), kLooked));
    const auto nul = first.find('\0');
    if (nul != std::string_view::npos) {
        const bool wide = nul < 2 && first.size() > 3 && first[nul + 2] == '\0';
        return ErrorInfo{wide ? "the input is UTF-16" : "the input is no text", "", "", "",
                         wide ? "save it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE"
                              : "look whether it is the right file"};
    }
    return std::nullopt;
}

std::string line_advice(std::string_view line) {
    const auto first = line.find_first_not_of(" \t");
    if (first != std::string_view::npos && line[first] == '#')
        return "lines that begin with '#' are left out with --comment '#'";
    if (line.find('\r') != std::string_view::npos)
        return "lines end with CR alone there: turn them into LF, for example: tr '\\r' '\\n' < FILE";
    const bool has_comma = line.find(',') != std::string_view::npos;
    if (line.find(';') != std::string_view::npos) {
        return has_comma ? "fields are separated by commas, and a decimal comma is written as a point: "
                           "tr ',;' '.,' < FILE"
                         : "fields are separated by commas, not by ';': tr ';' ',' < FILE";
    }
    if (!has_comma && line.find('\t') != std::string_view::npos)
        return "fields are separated by commas, not by tabs: tr '\\t' ',' < FILE";
    if (!has_comma && first != std::string_view::npos && line.find(' ', first) < line.find_last_not_of(" \t"))
        return "fields are separated by commas, not by blanks";
    return {};
}

std::string cell_advice(std::string_view cell, bool is_float) {
    const auto comma = cell.find(',');
    if (comma != std::string_view::npos && comma > 0 && comma + 1 < cell.size() && is_digit(cell[comma - 1]) &&
        is_digit(cell[comma + 1])) {
        return "the decimal sign is a point, and digits are not grouped";
    }
    std::string lower(cell);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool missing = lower.empty() || lower == "na" || lower == "n/a" || lower == "null" || lower == "none" ||
                         lower == "-" || lower == "#n/a" || lower == "?";
    if (missing && is_float) return "a number that is not known is written nan";
    if (missing) return "every cell holds a value: an integer has none for what is not known";
    if (cell.find(';') != std::string_view::npos) return line_advice(cell);
    return {};
}

}  // namespace etalon::text
