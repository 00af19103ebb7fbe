#include "interchange/findings.h"

#include <utility>
#include <vector>

namespace etalon::interchange {

Table lint_table(std::span<const LintFinding> findings, std::string_view all_layers) {
    Table table{{"kind", "name", "version", "element", "begin", "end", "text", "uids", "layer"}, {}};
    for (const auto& finding : findings) {
        table.rows.push_back({cell(name_of(finding.kind)), cell(finding.name), cell(finding.version),
                              cell(finding.element), cell(finding.interval.axis, finding.interval.begin),
                              cell(finding.interval.axis, finding.interval.end), cell(finding.text),
                              list_cell(finding.uids), cell(finding.layer.empty() ? all_layers : finding.layer)});
    }
    return table;
}

Table verify_table(std::span<const VerifyFinding> findings) {
    Table table{{"table", "key", "what", "expected", "found", "advice", "repaired", "layer"}, {}};
    for (const auto& finding : findings) {
        table.rows.push_back({cell(finding.table), cell(finding.key), cell(finding.what), cell(finding.expected),
                              cell(finding.found), cell(finding.repaired ? std::string("made anew") : finding.advice),
                              cell(std::string(finding.repaired ? "yes" : "no")), cell(finding.layer)});
    }
    return table;
}

Table effect_table(std::span<const PutEffect> effects, const EffectColumns& columns) {
    Table table{{"name", "version", "element", "begin", "end", "before", "after"}, {}};
    if (columns.hidden_by) table.columns.emplace_back("hiddenBy");
    if (columns.from_commit) table.columns.emplace_back("fromCommit");
    for (const auto& effect : effects) {
        const auto axis = effect.interval.axis;
        std::vector<Cell> row = {cell(effect.name),
                                 cell(effect.version),
                                 cell(effect.element),
                                 cell(axis, effect.interval.begin),
                                 cell(axis, effect.interval.end),
                                 cell(effect.before),
                                 cell(effect.after)};
        if (columns.hidden_by) row.push_back(cell_or_null(effect.hidden_by));
        if (columns.from_commit) row.push_back(cell(*columns.from_commit));
        table.rows.push_back(std::move(row));
    }
    return table;
}

}  // namespace etalon::interchange
