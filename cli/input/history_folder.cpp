#include "cli/input/history_folder.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "cli/invocation.h"
#include "cli/render/write_file.h"
#include "etalon/error.h"
#include "evolution/history_file.h"
#include "evolution/registering.h"
#include "schema/units.h"

namespace etalon::cli {
namespace {

constexpr const char* kExpected = "the recorded history of a struct";

/// The text of a file, empty when there is none.
std::string read_text(const std::string& path) {
    std::error_code failed;
    const auto kind = std::filesystem::status(path, failed).type();
    if (kind == std::filesystem::file_type::not_found) return {};
    auto text = read_file(path, kExpected);
    if (!text.empty()) return text;
    throw Error(ErrorCode::BadInput, {"the recorded history is empty", path, kExpected, "an empty file",
                                      "take the file back from version control, or remove it"});
}

}  // namespace

std::string HistoryFolder::file_of(const std::string& struct_name) const {
    return (std::filesystem::path(path_) / evolution::history_file_name(struct_name)).string();
}

std::string HistoryFolder::find_file(const std::string& struct_name) const {
    auto own = file_of(struct_name);
    if (std::filesystem::exists(own) || !std::filesystem::is_directory(path_)) return own;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        if (entry.path().extension() != ".json") continue;
        const auto file = entry.path().string();
        const auto text = read_text(file);
        // Only one that was renamed can have it.
        if (text.find("\"renamedFrom\"") == std::string::npos) continue;
        const auto history = evolution::read_history(text, file);
        const auto& layouts = history.recorded.layouts;
        if (std::ranges::any_of(layouts, [&](const auto& one) { return one.definition->name == struct_name; }))
            return file;
    }
    return own;
}

evolution::RecordedStruct HistoryFolder::find_continued(const StructDefinition& definition,
                                                        const evolution::GivenRules& given,
                                                        std::string& renamed_from) const {
    const auto read = [&](const std::string& name) {
        const auto file = find_file(name);
        const auto text = read_text(file);
        auto history = text.empty() ? evolution::HistoryFile{} : evolution::read_history(text, file);
        const auto& layouts = history.recorded.layouts;
        const bool is_it = std::ranges::any_of(layouts, [&](const auto& one) { return one.definition->name == name; });
        if (text.empty() || is_it) return history;
        throw Error(ErrorCode::BadInput, {"the recorded history is about another struct", file, "struct " + name,
                                          "struct " + history.struct_name, ""});
    };
    auto own = read(definition.name);
    if (!own.recorded.layouts.empty() && (own.name() == definition.name || own.find(definition) != 0))
        return std::move(own.recorded);
    for (const auto& former : evolution::former_names(given, definition.name)) {
        auto old = read(former);
        if (old.recorded.layouts.empty()) continue;
        const auto what = "rename struct " + former + " -> " + definition.name;
        if (old.name() != former || (!own.recorded.layouts.empty() && own.struct_name != old.struct_name)) {
            throw Error(ErrorCode::Refused, {"the struct has another name by now", what,
                                             "rename struct " + old.name() + " -> " + definition.name,
                                             former + ", which is called " + old.name() + " now", ""});
        }
        renamed_from = former;
        return std::move(old.recorded);
    }
    if (own.recorded.layouts.empty()) return {};
    throw Error(ErrorCode::Refused,
                {"the struct has another name by now", "struct " + definition.name + ", " + definition.source,
                 "a definition of struct " + own.name(), "another definition of " + definition.name,
                 "call it " + own.name() + ", or rename it back by a rule"});
}

void HistoryFolder::ask_about_renames(std::span<const StructDefinition> definitions, const evolution::GivenRules& given,
                                      RegisterReport& report) const {
    const auto is_new = [](const RegisterOutcome& one) { return one.action == RegisterOutcome::Action::NewStruct; };
    if (std::ranges::none_of(report.outcomes, is_new) || !std::filesystem::is_directory(path_)) return;
    std::vector<evolution::HistoryFile> others;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        if (entry.path().extension() != ".json") continue;
        auto history = evolution::read_history(read_text(entry.path().string()), entry.path().string());
        const bool declared = std::ranges::any_of(history.recorded.layouts, [&](const auto& layout) {
            return std::ranges::find(definitions, layout.definition->name, &StructDefinition::name) !=
                   definitions.end();
        });
        if (!declared) others.push_back(std::move(history));
    }
    std::vector<evolution::LikelyRename> likely;
    for (std::size_t i = 0; i < definitions.size(); ++i) {
        if (!is_new(report.outcomes[i])) continue;
        for (const auto& history : others) {
            likely.push_back({history.recorded.layouts.back().definition, &definitions[i], &report.outcomes[i]});
        }
    }
    evolution::ask_about_renames(std::move(likely), given);
}

RegisterReport HistoryFolder::compare(std::span<const StructDefinition> definitions, bool make_current,
                                      bool may_be_missing, std::span<const RulesFile> rules) const {
    std::error_code failed;
    const auto kind = std::filesystem::status(path_, failed).type();
    const bool missing = kind == std::filesystem::file_type::not_found;
    if (kind != std::filesystem::file_type::directory && !(missing && may_be_missing)) {
        throw Error(ErrorCode::BadInput, {"the folder of recorded histories cannot be read", path_, "a directory",
                                          missing ? "nothing of that name" : "something else",
                                          "'etalon register HEADER... --history DIR' makes it"});
    }
    const schema::LazyUnits units;
    const auto given = evolution::read_rule_files(rules);
    RegisterReport report;
    for (const auto& definition : definitions) {
        std::string renamed_from;
        const auto recorded = find_continued(definition, given, renamed_from);
        std::set<std::string, std::less<>> names{definition.name};
        for (const auto& layout : recorded.layouts) names.insert(layout.definition->name);
        auto planned = evolution::plan_rules(recorded, definition, {}, evolution::sections_of(given, names));
        if (!renamed_from.empty()) evolution::check_renamed(planned, recorded, definition, renamed_from);
        auto outcome = evolution::compute_outcome(
            recorded, definition, make_current,
            [&](const StructDefinition& stored, const StructDefinition& asked) {
                return evolution::judge(stored, asked, &units, planned.all.get());
            },
            planned.all.get());
        if (!renamed_from.empty()) evolution::tell_renamed(outcome, renamed_from);
        outcome.rules = planned.fresh.size();
        outcome.notes.insert(outcome.notes.begin(), planned.notes.begin(), planned.notes.end());
        report.outcomes.push_back(std::move(outcome));
    }
    ask_about_renames(definitions, given, report);
    for (const auto& outcome : report.outcomes) {
        report.blocked =
            report.blocked || std::ranges::any_of(outcome.changes, [](const auto& line) { return line.blocks; });
    }
    return report;
}

AppendedHistory HistoryFolder::append(std::span<const DefinitionPtr> recorded, const StructDefinition& current,
                                      bool make_current, const std::string& renamed_from) const {
    AppendedHistory done;
    // A struct that was renamed keeps its file.
    done.file = find_file(renamed_from.empty() ? current.name : renamed_from);
    for (const auto& layout : recorded) {
        if (!std::filesystem::exists(done.file)) done.file = find_file(layout->name);
    }
    if (!std::filesystem::exists(done.file) && !recorded.empty()) done.file = file_of(recorded.front()->name);
    const auto text = read_text(done.file);
    std::vector<DefinitionPtr> layouts(recorded.begin(), recorded.end());
    if (!text.empty()) {
        const auto before = evolution::read_history(text, done.file);
        std::erase_if(layouts, [&](const DefinitionPtr& layout) { return before.find(*layout) != 0; });
        const bool moves = make_current && before.find(current) != before.recorded.current;
        if (layouts.empty() && !moves) return done;
    }
    const auto after = evolution::append_history(
        text, done.file, layouts.empty() ? current.name : recorded.back()->name, layouts, &current);
    write_file(done.file, after);
    done.layouts = layouts.size();
    done.current = evolution::read_history(after, done.file).recorded.current;
    return done;
}

}  // namespace etalon::cli
