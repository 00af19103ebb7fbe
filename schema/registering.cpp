#include "schema/registering.h"

#include <algorithm>

#include "schema/definition.h"

namespace etalon::schema {

std::string describe(const Change& change) {
    std::string out(name_of(change.kind));
    if (!change.path.empty()) out += " " + change.path;
    if (!change.from.empty() && !change.to.empty()) return out + ": " + change.from + " -> " + change.to;
    if (!change.from.empty()) return out + " " + change.from;
    if (!change.to.empty()) return out + " " + change.to;
    return out;
}

RegisterOutcome compute_outcome(const RecordedStruct& recorded, const StructDefinition& definition, bool make_current,
                                const Judge& judge) {
    using Action = RegisterOutcome::Action;
    RegisterOutcome outcome;
    outcome.struct_name = definition.name;
    if (recorded.layouts.empty()) {
        outcome.action = Action::NewStruct;
        outcome.schema = 1;
        return outcome;
    }
    outcome.previous_schema = recorded.current;
    const auto hash = definition_hash(definition);
    for (const auto& layout : recorded.layouts) {
        if (definition_hash(*layout.definition) == hash) outcome.schema = layout.schema;
    }
    if (outcome.schema == 0) {
        outcome.action = Action::NewSchema;
        outcome.schema = recorded.layouts.back().schema + 1;
    } else if (outcome.schema != outcome.previous_schema) {
        outcome.is_current = make_current;
        if (make_current) outcome.action = Action::MadeCurrent;
    }
    if (outcome.schema == outcome.previous_schema) return outcome;

    const bool writes = outcome.action != Action::Known;
    for (const auto& layout : recorded.layouts) {
        if (layout.schema == outcome.schema) continue;
        const bool is_current = layout.schema == recorded.current;
        if (!is_current && !writes) continue;
        const auto judged = judge(*layout.definition, definition);
        if (is_current) {
            for (const auto& one : judged) {
                RegisterOutcome::Line line;
                line.change = describe(one.change);
                line.kind = name_of(one.change.kind);
                line.path = one.change.path;
                line.verdict = name_of(one.verdict);
                line.reason = one.reason;
                line.blocks = writes && blocks(one.verdict);
                line.row = one.row;
                outcome.changes.push_back(std::move(line));
            }
            continue;
        }
        const auto worst_verdict = worst(judged);
        if (!blocks(worst_verdict)) continue;
        const auto culprit = std::ranges::find(judged, worst_verdict, &JudgedChange::verdict);
        outcome.others.push_back(
            {layout.schema, std::string(name_of(worst_verdict)), describe(culprit->change), culprit->reason});
    }
    return outcome;
}

}  // namespace etalon::schema
