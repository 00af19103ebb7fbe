#include "cli/render/differences.h"

#include <algorithm>

#include "cli/render/progress.h"

namespace etalon::cli {
namespace {

constexpr std::int64_t kShownInTable = 100;
constexpr std::int64_t kShownInHtml = 1000;

/// Leaves out a column in which every row says the same that needs no saying.
void drop_column(Table& table, std::string_view name, std::string_view text) {
    const auto column = static_cast<std::size_t>(std::ranges::find(table.columns, name) - table.columns.begin());
    const auto says = [&](const std::vector<Cell>& row) { return row[column].text != text; };
    if (column == table.columns.size() || std::ranges::any_of(table.rows, says)) return;
    table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(column));
    for (auto& row : table.rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(column));
}

void print_people(Output& out, const DiffReport& report, const interchange::DifferenceContext& context, Table list) {
    out << context.title << ": " << interchange::outcome_text(report) << "\n";
    print_table(out, without_empty_columns(interchange::side_table(report, context)));
    for (const auto& [name, text] : context.conditions) out << name << ": " << text << "\n";
    auto summary = interchange::summary_table(report, true);
    std::uint64_t values = 0;
    for (const auto& one : report.members) values += one.values;
    const auto equal = report.members.size() - summary.rows.size();
    out << "\n" << counted(values, "value") << " compared";
    if (!summary.rows.empty()) out << "; members that differ:";
    out << "\n";
    if (!summary.rows.empty()) {
        const bool one_path = std::ranges::all_of(
            report.members, [&](const DiffMemberSummary& one) { return one.path == report.members.front().path; });
        if (one_path) {
            summary.columns.erase(summary.columns.begin());
            for (auto& row : summary.rows) row.erase(row.begin());
        }
        print_table(out, summary);
        if (equal > 0) out << counted(equal, "other member is", "other members are") << " equal\n";
    }
    if (list.rows.empty()) return;
    const auto shown = list.rows.size();
    out << "\n";
    drop_column(list, "path", context.title);
    drop_column(list, "element", "0");
    print_table(out, without_empty_columns(std::move(list)));
    if (report.differences > shown) {
        out << "... " << counted(report.differences - shown, "more difference")
            << "; --limit N lists more, --format csv or json all\n";
    }
}

/// CSV has no place for what was not compared as it is stored.
void note_conversions(const DiffReport& report) {
    const auto note = [](const DiffSideReport& side, const std::string& which) {
        if (!side.truncated.empty())
            print_note("no place in the newer layout (" + which + "): " + list_cell(side.truncated).text);
        if (side.losses > 0) {
            print_note(counted(side.losses, "value") + " of " + which + " changed because loss is allowed");
        }
    };
    note(report.before, "the first side");
    note(report.after, "the second side");
}

void note_sides(const DiffReport& report) {
    if (report.before.settled && report.after.settled) return;
    print_note("nothing was committed after a date that was asked for, so it may come to mean more: see 'commit'");
}

}  // namespace

int print_differences(Invocation& invocation, const interchange::DifferenceContext& context,
                      const DifferenceOptions& options, const Compare& compare) {
    using interchange::DifferenceList;
    auto& out = invocation.out;
    const bool as_html = invocation.format_name == "html";
    const auto format = invocation.format();
    const auto run = [&](const DiffVisitor& visit) {
        ProgressBar bar("comparing");
        return compare(visit, bar.callback());
    };
    DiffReport report;
    if (!as_html && format != Format::Table) {
        DifferenceList list(format == Format::Json ? DifferenceList::Form::Json : DifferenceList::Form::Csv,
                            options.enum_names, options.limit < 0 ? 0 : static_cast<std::uint64_t>(options.limit));
        report = run([&](const Difference& one) { list.add(one); });
        if (format == Format::Json) {
            interchange::write_json(out.stream(), report, context, list);
        } else {
            interchange::write_csv(out.stream(), list);
            note_conversions(report);
            if (report.differences > list.size())
                print_note(counted(report.differences - list.size(), "more difference") + " beyond --limit");
        }
    } else {
        const auto limit = static_cast<std::size_t>(options.limit > 0 ? options.limit
                                                    : as_html         ? kShownInHtml
                                                                      : kShownInTable);
        Table list{interchange::difference_columns(), {}};
        report = run([&](const Difference& one) {
            if (list.rows.size() < limit) list.rows.push_back(interchange::difference_cells(one, true));
        });
        if (as_html) {
            interchange::write_html(out.stream(), report, context, list);
        } else {
            print_people(out, report, context, std::move(list));
        }
    }
    note_sides(report);
    return report.equal ? 0 : 1;
}

}  // namespace etalon::cli
