#include "cli/render/diff.h"

#include <algorithm>
#include <map>
#include <vector>

#include "conversion/plan.h"
#include "evolution/registering.h"
#include "evolution/rule_trace.h"
#include "interchange/layout_changes.h"
#include "schema/units.h"

namespace etalon::cli {
namespace {

using evolution::ChangeKind;
using interchange::ElementPair;
using interchange::find_element;
using interchange::side_text;

/// One line of the table: all changes of an element, without those of place alone when there are others.
std::vector<Cell> line_of(const ElementPair& pair) {
    std::string name = pair.path();
    if (pair.stored != nullptr && pair.asked != nullptr && pair.stored->path != pair.asked->path) {
        name = pair.stored->path + " -> " + pair.asked->path;
    }
    std::string what;
    std::string why;
    auto verdict = evolution::Verdict::Identical;
    const bool only_moved = std::all_of(pair.changes.begin(), pair.changes.end(),
                                        [](const auto* one) { return one->change.kind == ChangeKind::Moved; });
    for (const auto* one : pair.changes) {
        if (one->change.kind == ChangeKind::Moved) continue;
        what += (what.empty() ? "" : ", ") + std::string(evolution::name_of(one->change.kind));
        // A rename and a factor may come from the same rules.
        if (why.find(one->reason) == std::string::npos) why += (why.empty() ? "" : "; ") + one->reason;
        verdict = std::max(verdict, one->verdict);
    }
    // What stands before an element moves it: that is no change of its own.
    const std::string mark = pair.stored == nullptr ? "+" : pair.asked == nullptr ? "-" : only_moved ? "" : "!";
    return {cell(mark),
            cell(name),
            cell_or_null(side_text(pair.stored)),
            cell_or_null(side_text(pair.asked)),
            cell(what),
            cell(evolution::name_of(verdict)),
            cell(why)};
}

/// The rules recorded for a struct; null when there are none.
std::shared_ptr<const evolution::StructRules> rules_between(Database& database, const std::string& struct_name,
                                                            const StructDefinition& asked) {
    const auto files = database.get_rules(struct_name);
    if (files.empty()) return nullptr;
    evolution::RecordedStruct recorded;
    for (auto& definition : database.get_definitions(struct_name)) {
        recorded.layouts.push_back({static_cast<std::int64_t>(recorded.layouts.size()) + 1, std::move(definition)});
    }
    std::vector<evolution::RuleSet> sections;
    for (auto& [name, list] : evolution::read_rule_files(files))
        sections.insert(sections.end(), list.begin(), list.end());
    return evolution::plan_rules(recorded, asked, {}, sections).all;
}

/// Two layouts of a struct, and what reading one as the other goes by.
struct Reading {
    Reading(Database& database, const std::string& struct_name, std::int64_t stored_schema, std::int64_t asked_schema)
        : stored(database.get_definition(struct_name, stored_schema)),
          asked(database.get_definition(struct_name, asked_schema)),
          units(schema::make_units()),
          rules(rules_between(database, struct_name, *asked)) {}

    DefinitionPtr stored;
    DefinitionPtr asked;
    std::unique_ptr<schema::UnitSystem> units;
    std::shared_ptr<const evolution::StructRules> rules;  ///< null: none
};

}  // namespace

int show_plan(Invocation& invocation, Database& database, const std::string& struct_name, std::int64_t stored_schema,
              std::int64_t asked_schema) {
    const auto& [stored, asked, units, rules] = Reading(database, struct_name, stored_schema, asked_schema);
    const auto way = rules ? rules->way(*stored, *asked) : std::vector<evolution::RuleStep>();
    conversion::PlanOptions options;
    options.units = units.get();
    options.way = &way;
    invocation.out << conversion::ConversionPlan::make(*stored, *asked, options)->explain();
    return 0;
}

int show_diff(Invocation& invocation, Database& database, const std::string& struct_name, std::int64_t stored_schema,
              std::int64_t asked_schema) {
    const auto& [stored, asked, units, rules] = Reading(database, struct_name, stored_schema, asked_schema);
    const auto judged = evolution::judge(*stored, *asked, units.get(), rules.get());
    const auto changes = interchange::arrange(*stored, *asked, judged);
    const auto& [pairs, apart] = changes;
    if (invocation.format() == Format::Table) {
        std::map<evolution::Verdict, std::uint64_t> counts;
        for (const auto& pair : pairs) {
            auto verdict = evolution::Verdict::Identical;
            for (const auto* one : pair.changes) verdict = std::max(verdict, one->verdict);
            ++counts[verdict];
        }
        invocation.out << "struct " << struct_name << ": " << std::to_string(stored->size) << " -> "
                       << std::to_string(asked->size) << " bytes; reading schema " << std::to_string(stored_schema)
                       << " as schema " << std::to_string(asked_schema) << " is "
                       << evolution::name_of(evolution::worst(judged)) << "\n";
        std::string summary;
        for (const auto& [verdict, number] : counts) {
            summary +=
                (summary.empty() ? "" : ", ") + std::to_string(number) + " " + std::string(evolution::name_of(verdict));
        }
        invocation.out << counted(pairs.size(), "element") << ": " << summary << "\n";
        Table table{{"", "element", "schema " + std::to_string(stored_schema), "schema " + std::to_string(asked_schema),
                     "change", "verdict", "reason"},
                    {}};
        for (const auto& pair : pairs) table.rows.push_back(line_of(pair));
        for (const auto* change : apart) {
            if (change->change.path.empty()) continue;  // the first line says it
            const bool is_partly = change->change.kind == ChangeKind::PartlyRemoved;
            const auto left = is_partly ? side_text(find_element(*stored, change->change.path)) : "";
            table.rows.push_back({cell(is_partly ? "-" : "!"), cell(change->change.path), cell_or_null(left),
                                  null_cell(), cell(evolution::name_of(change->change.kind)),
                                  cell(evolution::name_of(change->verdict)), cell(change->reason)});
        }
        table.has_sentences = true;
        print(invocation.out, Format::Table, without_empty_columns(std::move(table)));
        return 0;
    }
    print(invocation.out, invocation.format(), interchange::change_table(changes, *stored, *asked));
    return 0;
}

}  // namespace etalon::cli
