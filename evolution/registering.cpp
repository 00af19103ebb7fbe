#include "evolution/registering.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>

#include "etalon/error.h"
#include "evolution/law.h"
#include "evolution/matching.h"
#include "schema/definition.h"

namespace etalon::evolution {
namespace {

/// A layout that sections may name.
struct Version {
    DefinitionPtr definition;
    std::string name;
    std::int64_t schema = 0;
};

std::string name_of(const RecordedLayout& layout) {
    return layout.name.empty() ? layout_name(*layout.definition) : layout.name;
}

const Version* find_version(const std::vector<Version>& versions, const RuleSet& section, const std::string& digits) {
    const Version* found = nullptr;
    for (const auto& version : versions) {
        if (!is_named(version.name, digits)) continue;
        if (found != nullptr) {
            throw Error(ErrorCode::BadInput,
                        {"a rule names several layouts", fmt::format("{}:{}", section.source, section.line),
                         "more digits of its hash", digits, ""});
        }
        found = &version;
    }
    return found;
}

/// Renames that are likely among what was added and removed: a question that somebody has to decide.
void propose(RegisterOutcome& outcome, const StructDefinition& stored, const StructDefinition& asked,
             const StructRules* rules) {
    const auto find = [&](ChangeKind kind, const std::string& path) {
        return std::ranges::find_if(outcome.changes,
                                    [&](const auto& line) { return line.kind == name_of(kind) && line.path == path; });
    };
    for (const auto& rule : propose_renames(stored, asked)) {
        const auto removed = find(ChangeKind::Removed, rule.from);
        const auto added = find(ChangeKind::Added, rule.to);
        if (removed == outcome.changes.end() || added == outcome.changes.end()) continue;
        if (rules != nullptr && rules->are_distinct(stored, rule.from, asked, rule.to)) continue;
        outcome.proposed.push_back(to_text(rule));
        removed->blocks = true;
    }
}

/// Elements that the current layout has not and an older one has: what rows of each older layout give.
void note_returned(RegisterOutcome& outcome, const RecordedStruct& recorded, const StructDefinition& definition,
                   const StructDefinition& current, const Judge& judge) {
    for (auto& line : outcome.changes) {
        if (line.kind != name_of(ChangeKind::Added)) continue;
        for (const auto& layout : recorded.layouts) {
            if (layout.definition.get() == &current || find_element(*layout.definition, line.path) == nullptr) continue;
            const auto judged = judge(*layout.definition, definition);
            const JudgedChange* worst_of_path = nullptr;
            for (const auto& one : judged) {
                if (one.change.path != line.path || one.change.kind == ChangeKind::Moved ||
                    one.change.kind == ChangeKind::Reordered)
                    continue;
                if (worst_of_path == nullptr || one.verdict > worst_of_path->verdict) worst_of_path = &one;
            }
            outcome.notes.push_back(
                worst_of_path == nullptr
                    ? fmt::format("{} comes back: rows of schema version {} give the value that they have", line.path,
                                  layout.schema)
                    : fmt::format("{} comes back: rows of schema version {}: {}: {}{}", line.path, layout.schema,
                                  describe(worst_of_path->change), name_of(worst_of_path->verdict),
                                  worst_of_path->reason.empty() ? "" : ": " + worst_of_path->reason));
            if (worst_of_path == nullptr || !blocks(worst_of_path->verdict)) continue;
            line.blocks = true;
            line.verdict = name_of(worst_of_path->verdict);
            line.reason = fmt::format("schema version {} has it as something else: {}", layout.schema,
                                      describe(worst_of_path->change));
        }
    }
}

/// `ON is 0 in schema version 3 and 1 in 2`: an enumerator that two enumerations give other numbers; empty when there
/// is none.
std::string find_renumbered(const Element& one, std::int64_t schema, const Element& other, std::int64_t other_schema) {
    for (const auto& [name, number] : one.enumerators) {
        const auto there = std::ranges::find(other.enumerators, name, &std::pair<std::string, std::int64_t>::first);
        if (there == other.enumerators.end() || there->second == number) continue;
        return fmt::format("{} is {} in schema version {} and {} in {}", name, number, schema, there->second,
                           other_schema);
    }
    return "";
}

/// Plain numbers and enumerations of an element are read as each other by their numbers. Says so where its
/// enumerations, among the new definition and the recorded ones, do not agree about these.
void note_renumbered(RegisterOutcome& outcome, const RecordedStruct& recorded, const StructDefinition& definition) {
    struct Place {
        std::int64_t schema;
        const Element* element;
    };
    std::set<std::string_view> enumerations;
    const auto note_paths = [&](const StructDefinition& layout) {
        for (const auto& element : layout.elements) {
            if (!element.enumerators.empty()) enumerations.insert(element.path);
        }
    };
    note_paths(definition);
    for (const auto& layout : recorded.layouts) note_paths(*layout.definition);
    for (const auto path : enumerations) {
        const auto* known = find_element(definition, path);
        if (known == nullptr) continue;
        const auto& element = *known;
        std::vector<Place> named;
        std::vector<Place> plain;
        (element.enumerators.empty() ? plain : named).push_back({outcome.schema, &element});
        for (const auto& layout : recorded.layouts) {
            const auto* there =
                layout.schema == outcome.schema ? nullptr : find_element(*layout.definition, element.path);
            if (there == nullptr || there->is_text()) continue;
            (there->enumerators.empty() ? plain : named).push_back({layout.schema, there});
        }
        if (plain.empty() || named.size() < 2) continue;
        for (std::size_t i = 1; i < named.size(); ++i) {
            const auto told =
                find_renumbered(*named.front().element, named.front().schema, *named[i].element, named[i].schema);
            if (told.empty()) continue;
            outcome.notes.push_back(
                fmt::format("{} is a plain number in schema version {}, and numbers are taken as they are; but {}",
                            path, plain.front().schema, told));
            break;
        }
    }
}

}  // namespace

namespace {

const Rule* find_rule(const RuleSet& section, RuleKind kind) {
    const auto found = std::ranges::find(section.rules, kind, &Rule::kind);
    return found == section.rules.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::string> former_names(const GivenRules& given, std::string_view name) {
    std::vector<std::string> names;
    for (const auto& [struct_name, sections] : given) {
        for (const auto& section : sections) {
            for (const auto& rule : section.rules) {
                if (rule.kind == RuleKind::RenameStruct && rule.to == name) names.push_back(rule.from);
            }
        }
    }
    return names;
}

std::vector<RuleSet> sections_of(const GivenRules& given, const std::set<std::string, std::less<>>& names) {
    std::vector<RuleSet> found;
    for (const auto& [struct_name, sections] : given) {
        const bool is_about = names.contains(struct_name) || std::ranges::any_of(sections, [&](const auto& section) {
                                  const auto* rule = find_rule(section, RuleKind::RenameStruct);
                                  return rule != nullptr && (names.contains(rule->from) || names.contains(rule->to));
                              });
        if (!is_about) continue;
        for (auto section : sections) {
            const auto dropped =
                std::erase_if(section.rules, [](const auto& rule) { return rule.kind == RuleKind::DistinctStruct; });
            if (dropped == 0 || !section.rules.empty()) found.push_back(std::move(section));
        }
    }
    return found;
}

bool are_distinct_structs(const GivenRules& given, std::string_view one, std::string_view other) {
    return std::ranges::any_of(given, [&](const auto& of_struct) {
        return std::ranges::any_of(of_struct.second, [&](const auto& section) {
            return std::ranges::any_of(section.rules, [&](const auto& rule) {
                return rule.kind == RuleKind::DistinctStruct &&
                       ((rule.from == one && rule.to == other) || (rule.from == other && rule.to == one));
            });
        });
    });
}

namespace {

void ask_renamed(RegisterOutcome& outcome, const StructDefinition& older, const StructDefinition& newer) {
    Rule rule;
    rule.kind = RuleKind::RenameStruct;
    rule.from = older.name;
    rule.to = outcome.struct_name;
    outcome.proposed.push_back(to_text(rule));
    // If it is, these are the next questions.
    for (const auto& of_element : propose_renames(older, newer)) outcome.proposed.push_back(to_text(of_element));
    outcome.previous_layout = layout_name(older);
    RegisterOutcome::Line line;
    line.kind = name_of(ChangeKind::Removed);
    line.change = "removed struct " + older.name;
    line.verdict = name_of(Verdict::Automatic);
    line.row = entry_of(LawRow::RenamedWithoutRule).id;
    line.reason = fmt::format("it is recorded, but not in these headers, and {} looks like it", outcome.struct_name);
    line.blocks = true;
    outcome.changes.push_back(std::move(line));
    outcome.notes.push_back(
        fmt::format("{} looks like {}: decide before it is recorded, after that they are two structs",
                    outcome.struct_name, older.name));
}

}  // namespace

void ask_about_renames(std::vector<LikelyRename> pairs, const GivenRules& given) {
    std::vector<std::pair<double, const LikelyRename*>> likely;
    for (const auto& one : pairs) {
        const double score = likely_renamed(*one.older, *one.newer);
        if (score > 0 && !are_distinct_structs(given, one.older->name, one.newer->name))
            likely.emplace_back(score, &one);
    }
    std::ranges::stable_sort(likely, std::greater{}, &std::pair<double, const LikelyRename*>::first);
    std::set<const StructDefinition*> taken;
    for (const auto& [score, one] : likely) {
        if (taken.contains(one->older.get()) || taken.contains(one->newer)) continue;
        taken.insert({one->older.get(), one->newer});
        ask_renamed(*one->outcome, *one->older, *one->newer);
    }
}

void tell_renamed(RegisterOutcome& outcome, const std::string& older_name) {
    RegisterOutcome::Line line;
    line.kind = name_of(ChangeKind::Renamed);
    line.change = fmt::format("renamed struct {} -> {}", older_name, outcome.struct_name);
    line.verdict = name_of(Verdict::Automatic);
    line.row = entry_of(LawRow::Renamed).id;
    line.reason = fmt::format("by rule: rename struct {} -> {}", older_name, outcome.struct_name);
    outcome.changes.insert(outcome.changes.begin(), std::move(line));
    outcome.renamed_from = older_name;
}

GivenRules read_rule_files(std::span<const RulesFile> files) {
    GivenRules given;
    for (const auto& file : files) {
        for (auto& section : read_rules(file.text, file.name)) given[section.struct_name].push_back(std::move(section));
    }
    return given;
}

PlannedRules plan_rules(const RecordedStruct& recorded, const StructDefinition& definition,
                        std::vector<CheckedRulesPtr> recorded_rules, std::span<const RuleSet> given) {
    PlannedRules plan;
    std::vector<Version> versions;
    const auto own = layout_name(definition);
    bool is_known = false;
    for (const auto& layout : recorded.layouts) {
        versions.push_back({layout.definition, name_of(layout), layout.schema});
        is_known = is_known || versions.back().name == own;
    }
    if (!is_known) {
        versions.push_back({std::make_shared<const StructDefinition>(definition), own,
                            versions.empty() ? 1 : versions.back().schema + 1});
    }
    auto sections = std::move(recorded_rules);
    std::vector<CheckedRulesPtr> taken;
    for (const auto& section : given) {
        const auto* from = find_version(versions, section, section.from);
        const auto* to = find_version(versions, section, section.to);
        if (from == nullptr || to == nullptr) {
            const auto* rename = find_rule(section, RuleKind::RenameStruct);
            const auto check_name = [&](const Version* version, const std::string& name) {
                if (version == nullptr || version->definition->name == name) return;
                throw Error(ErrorCode::BadInput,
                            {"a rule renames a struct that its layout is not of",
                             fmt::format("{}:{}", section.source, rename->line),
                             fmt::format("struct {}", version->definition->name), "struct " + name, ""});
            };
            if (rename != nullptr) check_name(from, rename->from), check_name(to, rename->to);
            plan.notes.push_back(
                fmt::format("{}:{}: rules from {} to {} are not used: no schema version {} here; this layout is {}",
                            section.source, section.line, section.from, section.to,
                            from == nullptr ? section.from : section.to, own.substr(0, 12)));
            continue;
        }
        if (from == to) {
            throw Error(ErrorCode::BadInput,
                        {"rules from a layout to itself", fmt::format("{}:{}", section.source, section.line),
                         "two layouts", section.from, ""});
        }
        auto whole = section;
        whole.from = from->name;
        whole.to = to->name;
        auto checked = check_rules(whole, from->definition, to->definition);
        // What is recorded is this text: it must be one that can be read.
        (void)read_rules("struct " + whole.struct_name + "\n" + to_text(whole), whole.source);
        const auto joins_same = [&](const auto& known) { return known->joins_same(*checked); };
        if (const auto twice = std::ranges::find_if(taken, joins_same); twice != taken.end()) {
            throw Error(
                ErrorCode::BadInput,
                {"two sections of rules for the same two layouts", fmt::format("{}:{}", section.source, section.line),
                 fmt::format("one, the other is at {}:{}", (*twice)->written.source, (*twice)->written.line),
                 fmt::format("from {} to {}", section.from, section.to), "a section holds in both directions"});
        }
        taken.push_back(checked);
        const auto last = std::find_if(sections.rbegin(), sections.rend(), joins_same);
        if (last != sections.rend() && to_text((*last)->written) == to_text(whole)) continue;
        if (last != sections.rend() && (*last)->renamed_struct && (*last)->renamed_struct != checked->renamed_struct) {
            const auto& [older_name, newer_name] = *(*last)->renamed_struct;
            throw Error(ErrorCode::BadInput,
                        {"a struct that was renamed stays so", fmt::format("{}:{}", section.source, section.line),
                         fmt::format("rename struct {} -> {}, as it is recorded", older_name, newer_name),
                         "rules between these layouts without it", "write that line there, too"});
        }
        sections.push_back(checked);
        plan.fresh.push_back({std::move(checked), from->schema, to->schema});
    }
    if (sections.empty()) return plan;
    std::vector<std::string> names;
    for (const auto& version : versions) names.push_back(version.name);
    plan.all = std::make_shared<const StructRules>(std::move(names), std::move(sections));
    return plan;
}

std::string as_distinct(std::string_view rename) {
    constexpr std::string_view kRename = "rename ";
    constexpr std::string_view kArrow = " -> ";
    const auto arrow = rename.find(kArrow);
    return fmt::format("distinct {}, {}", rename.substr(kRename.size(), arrow - kRename.size()),
                       rename.substr(arrow + kArrow.size()));
}

std::string describe(const Change& change) {
    std::string out(name_of(change.kind));
    if (!change.path.empty()) out += " " + change.path;
    if (!change.from.empty() && !change.to.empty()) return out + ": " + change.from + " -> " + change.to;
    if (!change.from.empty()) return out + " " + change.from;
    if (!change.to.empty()) return out + " " + change.to;
    return out;
}

RegisterOutcome compute_outcome(const RecordedStruct& recorded, const StructDefinition& definition, bool make_current,
                                const Judge& judge, const StructRules* rules) {
    using Action = RegisterOutcome::Action;
    RegisterOutcome outcome;
    outcome.struct_name = definition.name;
    outcome.layout = layout_name(definition);
    if (recorded.layouts.empty()) {
        outcome.action = Action::NewStruct;
        outcome.schema = 1;
        return outcome;
    }
    outcome.previous_schema = recorded.current;
    for (const auto& layout : recorded.layouts) {
        if (name_of(layout) == outcome.layout) outcome.schema = layout.schema;
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
    if (writes) note_renumbered(outcome, recorded, definition);
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
            outcome.previous_layout = name_of(layout);
            if (writes) propose(outcome, *layout.definition, definition, rules);
            if (writes) note_returned(outcome, recorded, definition, *layout.definition, judge);
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

void check_renamed(const PlannedRules& rules, const RecordedStruct& recorded, const StructDefinition& definition,
                   const std::string& renamed_from) {
    const auto renames = [&](const PlannedRules::Section& section) {
        const auto& renamed = section.rules->renamed_struct;
        return renamed && renamed->first == renamed_from && renamed->second == definition.name;
    };
    if (std::ranges::any_of(rules.fresh, renames)) return;
    std::string current = "HASH";
    for (const auto& layout : recorded.layouts) {
        if (layout.schema == recorded.current) current = name_of(layout).substr(0, 12);
    }
    throw Error(ErrorCode::BadInput,
                {"the rule that renames a struct is about other layouts",
                 fmt::format("rename struct {} -> {}", renamed_from, definition.name),
                 fmt::format("it under: from {} to {}", current, layout_name(definition).substr(0, 12)), "others",
                 "the definition was changed since the rule was written"});
}

}  // namespace etalon::evolution
