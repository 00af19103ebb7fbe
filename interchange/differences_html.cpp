// Differences as a page of HTML: one file, without scripts and without anything from elsewhere.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/passwords.h"
#include "base/printable.h"
#include "interchange/differences.h"

namespace etalon::interchange {
namespace {

constexpr std::string_view kStyle = R"(
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; color: #1a1a1a; background: #fff; }
h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin-top: 1.6em; }
table { border-collapse: collapse; margin: .5em 0; }
th, td { border: 1px solid #bbb; padding: .15em .6em; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #eee; } td.n { text-align: right; font-variant-numeric: tabular-nums; }
tr.added td { background: #eaf6ea; } tr.removed td { background: #faeaea; }
.outcome { font-weight: bold; } .note { color: #555; }
@media print {
  body { margin: 0; font-size: 10pt; } thead { display: table-header-group; } tr { break-inside: avoid; }
  * { print-color-adjust: exact; }
}
)";

/// Text of a page: nothing in it is markup, and nothing steers what shows it.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : printable(without_passwords(text))) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&#39;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

/// Columns in which some row says something.
std::vector<std::size_t> columns_with_text(const Table& table) {
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        const auto says = [&](const std::vector<Cell>& row) { return !row[c].text.empty(); };
        if (std::ranges::any_of(table.rows, says)) columns.push_back(c);
    }
    return columns;
}

/// `kind` is the column that says of a row what it is; none: no row is marked.
void write_table(std::ostream& out, const Table& table, std::string_view kind = {}) {
    const auto columns = columns_with_text(table);
    const auto kind_column = static_cast<std::size_t>(std::ranges::find(table.columns, kind) - table.columns.begin());
    out << "<table>\n<thead><tr>";
    for (const auto c : columns) out << "<th>" << escaped(table.columns[c]) << "</th>";
    out << "</tr></thead>\n<tbody>\n";
    for (const auto& row : table.rows) {
        std::string_view mark;
        if (kind_column < row.size()) {
            const auto& text = row[kind_column].text;
            if (text.ends_with("added")) mark = " class=\"added\"";
            if (text.ends_with("removed") || text.ends_with("retired")) mark = " class=\"removed\"";
        }
        out << "<tr" << mark << ">";
        for (const auto c : columns)
            out << (row[c].is_number ? "<td class=\"n\">" : "<td>") << escaped(row[c].text) << "</td>";
        out << "</tr>\n";
    }
    out << "</tbody>\n</table>\n";
}

}  // namespace

void write_html(std::ostream& out, const DiffReport& report, const DifferenceContext& context,
                const Table& differences) {
    out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        << "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Differences of " << escaped(context.title)
        << "</title>\n<style>" << kStyle << "</style>\n</head>\n<body>\n<h1>Differences of " << escaped(context.title)
        << "</h1>\n<p class=\"outcome\">" << escaped(outcome_text(report)) << "</p>\n";
    write_table(out, side_table(report, context));
    for (const auto& [name, text] : context.conditions)
        out << "<p class=\"note\">" << escaped(name) << ": " << escaped(text) << "</p>\n";
    const auto summary = summary_table(report);
    if (!summary.rows.empty()) {
        out << "<h2>Summary</h2>\n";
        write_table(out, summary);
    }
    if (!differences.rows.empty()) {
        out << "<h2>Differences</h2>\n";
        write_table(out, differences, "kind");
    }
    if (report.differences > differences.rows.size()) {
        out << "<p class=\"note\">" << report.differences - differences.rows.size() << " more of " << report.differences
            << " differences are not listed.</p>\n";
    }
    out << "</body>\n</html>\n";
}

}  // namespace etalon::interchange
