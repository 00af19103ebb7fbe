#include "cli/render/diff.h"

#include <algorithm>
#include <map>
#include <vector>

#include "cli/render/value_text.h"
#include "conversion/plan.h"
#include "evolution/registering.h"
#include "evolution/rule_trace.h"
#include "schema/units.h"

namespace etalon::cli {
namespace {

using schema::ChangeKind;
using schema::JudgedChange;

/// One element as it stands on both sides, or on one; with everything that changed.
struct Pair {
    const Element* stored = nullptr;
    const Element* asked = nullptr;
    std::vector<const JudgedChange*> changes;
};

const Element* find_element(const StructDefinition& definition, const std::string& path) {
    const auto found = std::ranges::find(definition.elements, path, &Element::path);
    return found == definition.elements.end() ? nullptr : &*found;
}

/// Elements in the order of the asked layout; removed ones stand behind the element that they were stored behind.
std::vector<Pair> pair_up(const StructDefinition& stored, const StructDefinition& asked,
                          const std::vector<JudgedChange>& judged) {
    std::map<std::string, std::vector<const JudgedChange*>> by_path;
    std::map<std::string, std::string> old_path;  // of what was renamed
    std::vector<const JudgedChange*> removed;
    for (const auto& one : judged) {
        if (one.change.kind == ChangeKind::Removed) {
            removed.push_back(&one);
            continue;
        }
        if (one.change.kind == ChangeKind::PartlyRemoved) continue;  // a line of its own
        by_path[one.change.path].push_back(&one);
        if (one.change.kind == ChangeKind::Renamed) old_path[one.change.path] = one.change.from;
    }
    std::vector<Pair> pairs;
    for (const auto& element : asked.elements) {
        Pair pair;
        pair.asked = &element;
        pair.changes = by_path[element.path];
        const bool added = std::any_of(pair.changes.begin(), pair.changes.end(),
                                       [](const auto* one) { return one->change.kind == ChangeKind::Added; });
        const auto renamed = old_path.find(element.path);
        if (!added) pair.stored = find_element(stored, renamed != old_path.end() ? renamed->second : element.path);
        pairs.push_back(std::move(pair));
    }
    // In stored order, so that the one before has its place already.
    for (const auto* change : removed) {
        Pair pair;
        pair.stored = find_element(stored, change->change.path);
        pair.changes = {change};
        auto place = pairs.begin();
        if (pair.stored != stored.elements.data()) {
            place = std::ranges::find(pairs, pair.stored - 1, &Pair::stored);
            if (place != pairs.end()) ++place;
        }
        pairs.insert(place, std::move(pair));
    }
    return pairs;
}

std::string side_text(const Element* element) {
    if (element == nullptr) return {};
    return type_text(*element) + " @" + std::to_string(element->offset) +
           (element->unit.empty() ? "" : " [" + element->unit + "]");
}

std::string path_of(const Pair& pair) {
    return pair.asked != nullptr ? pair.asked->path : pair.stored->path;
}

/// One line of the table: all changes of an element, without those of place alone when there are others.
std::vector<Cell> line_of(const Pair& pair) {
    std::string name = path_of(pair);
    if (pair.stored != nullptr && pair.asked != nullptr && pair.stored->path != pair.asked->path) {
        name = pair.stored->path + " -> " + pair.asked->path;
    }
    std::string what;
    std::string why;
    auto verdict = schema::Verdict::Identical;
    const bool only_moved = std::all_of(pair.changes.begin(), pair.changes.end(),
                                        [](const auto* one) { return one->change.kind == ChangeKind::Moved; });
    for (const auto* one : pair.changes) {
        if (one->change.kind == ChangeKind::Moved) continue;
        what += (what.empty() ? "" : ", ") + std::string(schema::name_of(one->change.kind));
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
            cell(schema::name_of(verdict)),
            cell(why)};
}

/// The rules recorded for a struct; null when there are none.
std::shared_ptr<const schema::StructRules> rules_between(Database& database, const std::string& struct_name,
                                                         const StructDefinition& asked) {
    const auto files = database.get_rules(struct_name);
    if (files.empty()) return nullptr;
    schema::RecordedStruct recorded;
    for (auto& definition : database.get_definitions(struct_name)) {
        recorded.layouts.push_back({static_cast<std::int64_t>(recorded.layouts.size()) + 1, std::move(definition)});
    }
    std::vector<schema::RuleSet> sections;
    for (auto& [name, list] : schema::read_rule_files(files)) sections.insert(sections.end(), list.begin(), list.end());
    return schema::plan_rules(recorded, asked, {}, sections).all;
}

/// Two layouts of a struct, and what reading one as the other goes by.
struct Reading {
    Reading(Database& database, const std::string& struct_name, std::int64_t stored_schema, std::int64_t asked_schema)
        : stored(database.get_definition(struct_name, stored_schema)),
          asked(database.get_definition(struct_name, asked_schema)),
          units(schema::make_udunits()),
          rules(rules_between(database, struct_name, *asked)) {}

    DefinitionPtr stored;
    DefinitionPtr asked;
    std::unique_ptr<schema::UnitSystem> units;
    std::shared_ptr<const schema::StructRules> rules;  ///< null: none
};

}  // namespace

int show_plan(Invocation& invocation, Database& database, const std::string& struct_name, std::int64_t stored_schema,
              std::int64_t asked_schema) {
    const auto& [stored, asked, units, rules] = Reading(database, struct_name, stored_schema, asked_schema);
    const auto way = rules ? rules->way(*stored, *asked) : std::vector<schema::RuleStep>();
    schema::PlanOptions options;
    options.units = units.get();
    options.way = &way;
    invocation.out << schema::ConversionPlan::make(*stored, *asked, options)->explain();
    return 0;
}

int show_diff(Invocation& invocation, Database& database, const std::string& struct_name, std::int64_t stored_schema,
              std::int64_t asked_schema) {
    const auto& [stored, asked, units, rules] = Reading(database, struct_name, stored_schema, asked_schema);
    const auto judged = schema::judge(*stored, *asked, units.get(), rules.get());
    const auto pairs = pair_up(*stored, *asked, judged);
    // A change without a path is one of the struct itself, its size or alignment; one of another path, of a nested
    // struct. What an element loses may stand beside what it gives.
    std::vector<const JudgedChange*> apart;
    for (const auto& change : judged) {
        const bool is_listed = std::ranges::find(pairs, change.change.path, path_of) != pairs.end();
        if (!is_listed || change.change.kind == ChangeKind::PartlyRemoved) apart.push_back(&change);
    }
    if (invocation.format() == Format::Table) {
        std::map<schema::Verdict, std::uint64_t> counts;
        for (const auto& pair : pairs) {
            auto verdict = schema::Verdict::Identical;
            for (const auto* one : pair.changes) verdict = std::max(verdict, one->verdict);
            ++counts[verdict];
        }
        invocation.out << "struct " << struct_name << ": " << std::to_string(stored->size) << " -> "
                       << std::to_string(asked->size) << " bytes; reading schema " << std::to_string(stored_schema)
                       << " as schema " << std::to_string(asked_schema) << " is "
                       << schema::name_of(schema::worst(judged)) << "\n";
        std::string summary;
        for (const auto& [verdict, number] : counts) {
            summary +=
                (summary.empty() ? "" : ", ") + std::to_string(number) + " " + std::string(schema::name_of(verdict));
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
                                  null_cell(), cell(schema::name_of(change->change.kind)),
                                  cell(schema::name_of(change->verdict)), cell(change->reason)});
        }
        table.has_sentences = true;
        print(invocation.out, Format::Table, without_empty_columns(std::move(table)));
        return 0;
    }
    Table table{{"element", "stored", "asked", "change", "verdict", "reason"}, {}};
    const auto add = [&](const std::string& name, const std::string& left, const std::string& right,
                         const JudgedChange* change) {
        table.rows.push_back({cell(name), cell_or_null(left), cell_or_null(right),
                              change != nullptr ? cell(schema::name_of(change->change.kind)) : cell("same"),
                              cell(schema::name_of(change != nullptr ? change->verdict : schema::Verdict::Identical)),
                              cell(change != nullptr ? change->reason : "")});
    };
    for (const auto& pair : pairs) {
        for (const auto* change : pair.changes)
            add(path_of(pair), side_text(pair.stored), side_text(pair.asked), change);
        if (pair.changes.empty()) add(path_of(pair), side_text(pair.stored), side_text(pair.asked), nullptr);
    }
    for (const auto* change : apart) {
        const auto size = [](const StructDefinition& layout) { return std::to_string(layout.size) + " bytes"; };
        if (change->change.path.empty()) {
            add("(the struct)", size(*stored), size(*asked), change);
        } else if (change->change.kind == ChangeKind::PartlyRemoved) {
            add(change->change.path, side_text(find_element(*stored, change->change.path)), "", change);
        } else {
            add(change->change.path, change->change.from, change->change.to, change);
        }
    }
    table.has_sentences = true;
    print(invocation.out, invocation.format(), table);
    return 0;
}

}  // namespace etalon::cli
