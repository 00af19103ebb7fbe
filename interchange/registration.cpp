#include "interchange/registration.h"

#include "interchange/json_object.h"

namespace etalon::interchange {
namespace {

Table warning_table(std::span<const HeaderWarning> warnings) {
    Table table{{"location", "struct", "element", "unit", "message"}, {}};
    for (const auto& one : warnings) {
        table.rows.push_back(
            {cell(one.location), cell(one.struct_name), cell(one.element), cell(one.unit), cell(one.message)});
    }
    return table;
}

}  // namespace

std::string_view name_of(RegisterOutcome::Action action) noexcept {
    switch (action) {
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

std::string to_json(const Comparison& comparison, std::span<const HeaderWarning> warnings) {
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
        structs.rows.push_back({cell(outcome.struct_name), cell(name_of(outcome.action)), cell(outcome.schema),
                                outcome.previous_schema == 0 ? null_cell() : cell(outcome.previous_schema),
                                cell(outcome.is_current), Cell{"", to_json(changes, 3), false},
                                Cell{"", to_json(others, 3), false}, cell(outcome.layout),
                                cell_or_null(outcome.previous_layout), cell(outcome.rules), list_cell(outcome.proposed),
                                list_cell(outcome.notes)});
    }
    JsonObject object(",\n ");
    object.add("database", cell_or_null(comparison.database).json);
    object.add("history", cell_or_null(comparison.history).json);
    object.add("commit", report.commit == 0 ? "null" : std::to_string(report.commit));
    object.add("blocked", cell(report.blocked).json);
    object.add("warnings", to_json(warning_table(warnings), 1));
    return object.add("structs", to_json(structs, 1)).text();
}

Table outcome_table(std::span<const Comparison> comparisons) {
    Table table{{"database", "struct", "action", "schema", "previous", "change", "verdict", "reason", "blocks", "row",
                 "records", "configurations", "history"},
                {}};
    for (const auto& comparison : comparisons) {
        for (const auto& outcome : comparison.report.outcomes) {
            const std::vector<Cell> head = {cell_or_null(comparison.database), cell(outcome.struct_name),
                                            cell(name_of(outcome.action)), cell(outcome.schema),
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

}  // namespace etalon::interchange
