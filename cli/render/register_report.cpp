#include "cli/render/register_report.h"

#include <algorithm>

namespace etalon::cli {
namespace {

std::string action_text(const RegisterOutcome& outcome) {
    switch (outcome.action) {
        case RegisterOutcome::Action::NewStruct:
            return "new struct";
        case RegisterOutcome::Action::NewSchema:
            return "new schema";
        case RegisterOutcome::Action::MadeCurrent:
            return "made current";
        case RegisterOutcome::Action::Known:
            return "known";
    }
    return "known";
}

/// A line that only says that an element lies elsewhere now.
bool only_moved(const RegisterOutcome::Line& line) {
    return line.verdict == "identical" && line.change.starts_with("moved");
}

/// Identical and automatic changes lose nothing: what they touch is not counted.
bool is_counted(const std::string& verdict) {
    return verdict != "identical" && verdict != "automatic";
}

std::string touched_text(std::uint64_t records, std::uint64_t configurations) {
    return counted(records, "stored record") + ", " + counted(configurations, "configuration");
}

Cell list_cell(const std::vector<std::string>& texts) {
    std::string json = "[";
    for (const auto& text : texts) json += (json.size() == 1 ? "" : ",") + json_quote(text);
    return {"", json + "]", false};
}

void print_other(Output& out, const RegisterOutcome::Other& other, bool has_records) {
    out << "  note: rows of schema version " << std::to_string(other.schema);
    if (has_records) out << " (" << touched_text(other.records, other.configurations) << ")";
    out << " are not given in this one: " << other.change << ": " << other.verdict;
    out << (other.reason.empty() ? "" : ": " + other.reason) << "\n";
}

}  // namespace

std::string place_of(const Comparison& comparison) {
    return comparison.history.empty() ? "database " + comparison.database : "history " + comparison.history;
}

std::string first_blocking(const std::vector<Comparison>& comparisons) {
    for (const auto& comparison : comparisons) {
        for (const auto& outcome : comparison.report.outcomes) {
            for (const auto& line : outcome.changes) {
                if (line.blocks) return outcome.struct_name + ": " + line.change + ": " + line.verdict;
            }
        }
    }
    return {};
}

void print_outcomes(Output& out, const Comparison& comparison) {
    const bool has_records = comparison.history.empty();
    for (const auto& outcome : comparison.report.outcomes) {
        out << outcome.struct_name << ": " << action_text(outcome) << ", schema version "
            << std::to_string(outcome.schema);
        if (outcome.previous_schema != 0 && outcome.previous_schema != outcome.schema) {
            out << (outcome.is_current ? ", after " : "; the current one is ")
                << std::to_string(outcome.previous_schema);
        }
        out << "\n";
        std::size_t moved = 0;
        for (const auto& line : outcome.changes) {
            if (only_moved(line)) {
                ++moved;
                continue;
            }
            out << "  " << line.change << ": " << line.verdict << (line.reason.empty() ? "" : ": " + line.reason);
            if (has_records && is_counted(line.verdict)) {
                out << "; touches " << touched_text(line.records, line.configurations);
            }
            out << "\n";
        }
        // An element that grows moves all behind it: one line for them.
        if (moved > 0) out << "  " << counted(moved, "change") << " of place only: identical\n";
        for (const auto& other : outcome.others) print_other(out, other, has_records);
        if (outcome.rules > 0) out << "  " << counted(outcome.rules, "section") << " of rules for it\n";
        for (const auto& line : outcome.proposed) out << "  likely: " << line << "\n";
        const bool wants_rule =
            std::any_of(outcome.changes.begin(), outcome.changes.end(), [](const auto& line) { return line.blocks; });
        if (wants_rule || !outcome.proposed.empty()) {
            out << "  rules for it stand under: from " << outcome.previous_layout.substr(0, 12) << " to "
                << outcome.layout.substr(0, 12) << "\n";
        }
    }
}

std::string outcomes_json(const Comparison& comparison, const std::vector<HeaderWarning>& warnings) {
    const auto& report = comparison.report;
    Table structs{{"struct", "action", "schema", "previous", "current", "changes", "others", "layout", "previousLayout",
                   "rules", "proposed", "notes"},
                  {}};
    for (const auto& outcome : report.outcomes) {
        Table changes{{"change", "kind", "element", "verdict", "reason", "blocks", "records", "configurations", "row"},
                      {}};
        for (const auto& line : outcome.changes) {
            changes.rows.push_back({cell(line.change), cell(line.kind), cell_or_null(line.path), cell(line.verdict),
                                    cell(line.reason), cell(line.blocks), cell(line.records), cell(line.configurations),
                                    cell(line.row)});
        }
        Table others{{"schema", "verdict", "change", "reason", "records", "configurations"}, {}};
        for (const auto& other : outcome.others) {
            others.rows.push_back({cell(other.schema), cell(other.verdict), cell(other.change), cell(other.reason),
                                   cell(other.records), cell(other.configurations)});
        }
        structs.rows.push_back({cell(outcome.struct_name), cell(action_text(outcome)), cell(outcome.schema),
                                outcome.previous_schema == 0 ? null_cell() : cell(outcome.previous_schema),
                                cell(outcome.is_current), Cell{"", to_json(changes, 3), false},
                                Cell{"", to_json(others, 3), false}, cell(outcome.layout),
                                cell_or_null(outcome.previous_layout), cell(outcome.rules), list_cell(outcome.proposed),
                                list_cell(outcome.notes)});
    }
    return "{\"database\":" + cell_or_null(comparison.database).json +
           ",\n \"history\":" + cell_or_null(comparison.history).json +
           ",\n \"commit\":" + (report.commit == 0 ? "null" : std::to_string(report.commit)) +
           ",\n \"blocked\":" + (report.blocked ? "true" : "false") + ",\n \"warnings\":" + to_json(warnings, 1) +
           ",\n \"structs\":" + to_json(structs, 1) + "}";
}

Table outcomes_table(const std::vector<Comparison>& comparisons) {
    Table table{{"database", "struct", "action", "schema", "previous", "change", "verdict", "reason", "blocks", "row",
                 "records", "configurations", "history"},
                {}};
    for (const auto& comparison : comparisons) {
        for (const auto& outcome : comparison.report.outcomes) {
            const std::vector<Cell> head = {cell_or_null(comparison.database), cell(outcome.struct_name),
                                            cell(action_text(outcome)), cell(outcome.schema),
                                            outcome.previous_schema == 0 ? null_cell() : cell(outcome.previous_schema)};
            const auto add = [&](std::vector<Cell> row) {
                row.resize(table.columns.size(), null_cell());
                row.back() = cell_or_null(comparison.history);
                table.rows.push_back(std::move(row));
            };
            if (outcome.changes.empty()) add(head);
            for (const auto& line : outcome.changes) {
                auto row = head;
                for (const auto& text : {line.change, line.verdict, line.reason}) row.push_back(cell(text));
                row.push_back(cell(line.blocks));
                row.push_back(cell(line.row));
                row.push_back(cell(line.records));
                row.push_back(cell(line.configurations));
                add(std::move(row));
            }
        }
    }
    return table;
}

}  // namespace etalon::cli
