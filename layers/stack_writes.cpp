#include "layers/stack_writes.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "evolution/registering.h"
#include "layers/reach.h"
#include "layers/stack.h"
#include "place/own_structs.h"
#include "place/retirer.h"
#include "place/trees.h"
#include "place/writer.h"
#include "store/catalog.h"

namespace etalon::layers {

using backends::TransactionMode;
using place::WriteContext;

namespace {

/// Structs of any layer whose names are like those of definitions that no layer knows: they may be what these were
/// called before.
std::vector<NameSpec> find_similar(LayerStack& stack, std::span<const StructDefinition> definitions) {
    std::vector<NameSpec> similar;
    if (!stack.several()) return similar;
    std::vector<std::unique_ptr<backends::Transaction>> transactions;
    for (const auto& layer : stack.layers())
        transactions.push_back(layer.place->connection().begin(TransactionMode::Read));
    const auto is_known = [&](const StructDefinition& definition) {
        for (std::size_t i = 0; i < transactions.size(); ++i) {
            if (stack.layers()[i].place->find_struct(*transactions[i], definition.name)) return true;
        }
        return false;
    };
    std::set<std::string> found;
    for (const auto& definition : definitions) {
        if (is_known(definition)) continue;
        for (std::size_t i = 0; i < transactions.size(); ++i) {
            for (const auto& record : store::all_structs(*transactions[i])) {
                const auto entry = stack.layers()[i].place->get_struct(*transactions[i], record.id);
                const auto& name = entry->name();
                if (evolution::likeness_of_structs(name, definition.name) >= evolution::kLeastLikeness &&
                    !place::is_own_struct(name) && found.insert(record.name).second)
                    similar.emplace_back().struct_name = record.name;
            }
        }
    }
    return similar;
}

/// Of the structs that references are to, those that a layer knows.
std::set<std::string> find_targets(LayerStack& stack, std::span<const StructDefinition> definitions) {
    std::set<std::string> targets;
    for (const auto& definition : definitions) {
        for (const auto& element : definition.elements) {
            if (!element.target.empty()) targets.insert(element.target);
        }
    }
    std::set<std::string> found;
    if (targets.empty()) return found;
    for (const auto& layer : stack.layers()) {
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        for (const auto& target : targets) {
            if (layer.place->find_struct(*tx, target)) found.insert(target);
        }
    }
    return found;
}

}  // namespace

RegisterReport register_structs(LayerStack& stack, std::span<const StructDefinition> definitions,
                                const RegisterOptions& asked, place::AppliedRules& applied) {
    auto& place = stack.target();
    auto options = asked;
    options.is_elsewhere = [&, in_layers = find_targets(stack, definitions)](const std::string& struct_name) {
        return in_layers.contains(struct_name) || (asked.is_elsewhere && asked.is_elsewhere(struct_name));
    };
    std::vector<NameSpec> of_structs(definitions.size());
    for (std::size_t i = 0; i < definitions.size(); ++i) of_structs[i].struct_name = definitions[i].name;
    WriteContext context(options.info);
    context.dry_run = options.dry_run;
    // What a struct was called may be known in another layer alone.
    const auto given = evolution::read_rule_files(options.rules);
    for (const auto& definition : definitions) {
        for (const auto& former : evolution::former_names(given, definition.name))
            of_structs.emplace_back().struct_name = former;
    }
    auto of_trial = find_similar(stack, definitions);
    if (of_trial.empty() && stack.knows_all(place, {}, of_structs))
        return place::register_definitions(place, definitions, options, place::Registering::New, context, &applied);
    const auto scratch = stack.make_scratch();
    of_trial.insert(of_trial.end(), of_structs.begin(), of_structs.end());
    stack.ensure_known(*scratch, {}, of_trial);
    auto trial = context;
    trial.dry_run = true;
    const auto report =
        place::register_definitions(*scratch, definitions, options, place::Registering::New, trial, &applied);
    if (options.dry_run || (options.strict && report.blocked)) return report;
    stack.ensure_known(place, {}, of_structs);
    auto written = place::register_definitions(place, definitions, options, place::Registering::New, context, &applied);
    // What is asked about a new struct may be about one that the target does not know.
    for (std::size_t i = 0; i < written.outcomes.size(); ++i) {
        auto& outcome = written.outcomes[i];
        if (outcome.action != RegisterOutcome::Action::NewStruct || !outcome.proposed.empty()) continue;
        outcome.proposed = report.outcomes[i].proposed;
        outcome.changes = report.outcomes[i].changes;
        outcome.notes = report.outcomes[i].notes;
        outcome.previous_layout = report.outcomes[i].previous_layout;
    }
    written.blocked = written.blocked || report.blocked;
    return written;
}

std::int64_t define_name(LayerStack& stack, const NameSpec& spec, const WriteContext& context) {
    stack.ensure_known(stack.target(), {}, {&spec, 1});
    return place::define_reference(stack.target(), spec, context);
}

CommitResult commit(LayerStack& stack, std::span<const PutRecord> records, std::span<const NameSpec> names,
                    const WriteContext& context) {
    auto& place = stack.target();
    if (!stack.knows_all(place, records, names)) {
        // What is refused shall leave nothing behind, nor what the target would learn first.
        stack.check_known(records, names);
        const auto scratch = stack.make_scratch();
        stack.ensure_known(*scratch, records, names);
        (void)place::preview_commit(*scratch, records, names, context);
        stack.ensure_known(place, records, names);
    }
    return place::write_commit(place, records, names, context);
}

std::vector<PutEffect> preview(LayerStack& stack, std::span<const PutRecord> records, std::span<const NameSpec> names,
                               const WriteContext& context) {
    auto& place = stack.target();
    if (stack.knows_all(place, records, names)) {
        return mark_hidden(stack, place, place::preview_commit(place, records, names, context));
    }
    // What the target would learn first is learnt by a place in memory instead. It checks everything; where the
    // target has a reference already, the target says what changes, and needs no rows for it.
    stack.check_known(records, names);
    const auto scratch = stack.make_scratch();
    stack.ensure_known(*scratch, records, names);
    auto effects = place::preview_commit(*scratch, records, names, context);
    std::vector<PutRecord> of_target;
    for (const auto& record : records) {
        const auto tx = place.connection().begin(TransactionMode::Read);
        if (!place.find_name(*tx, record.name, kPlusInfinity)) continue;
        of_target.push_back(record);
        of_target.back().layout = nullptr;
        of_target.back().num_rows = 0;
    }
    std::set<std::string_view> told;
    for (const auto& record : of_target) told.insert(record.name);
    std::erase_if(effects, [&](const PutEffect& effect) { return told.contains(effect.name); });
    if (!of_target.empty()) {
        for (auto& effect : place::preview_commit(place, of_target, {}, context)) effects.push_back(std::move(effect));
    }
    return mark_hidden(stack, place, std::move(effects));
}

RetireReport retire(LayerStack& stack, std::string_view name, const HistoryOptions& which, bool several,
                    const WriteContext& write) {
    auto& place = stack.target();
    auto context = write;
    context.rules = stack.rules_at(stack.commits_of(name, {}));
    auto report = place::retire_records(place, name, which, several, context);
    for (auto& record : report.records) record.layer = place.connection().place();
    report.effects = mark_hidden(stack, place, std::move(report.effects));
    return report;
}

std::int64_t add_nodes(LayerStack& stack, std::span<const NodeSpec> nodes, const WriteContext& context,
                       OnExisting on_existing) {
    auto& place = stack.target();
    // The layer that keeps the tree knows the references that it names.
    std::vector<PutRecord> used;
    for (const auto& node : nodes) {
        if (node.type != NodeType::Table) continue;
        used.emplace_back().name =
            !node.ref_name.empty() ? node.ref_name : node.path.substr(node.path.find_last_of('/') + 1);
    }
    if (!stack.knows_all(place, used, {})) {
        stack.check_known(used, {});
        const auto scratch = stack.make_scratch();
        stack.ensure_known(*scratch, used, {});
        (void)place::write_tree(*scratch, nodes, context, on_existing);
        stack.ensure_known(place, used, {});
    }
    return place::write_tree(place, nodes, context, on_existing);
}

}  // namespace etalon::layers
