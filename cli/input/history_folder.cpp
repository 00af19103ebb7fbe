#include "cli/input/history_folder.h"

#include <algorithm>
#include <filesystem>
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
        const auto file = file_of(definition.name);
        evolution::RecordedStruct recorded;
        if (const auto text = read_text(file); !text.empty()) {
            auto history = evolution::read_history(text, file);
            if (history.struct_name != definition.name) {
                throw Error(ErrorCode::BadInput, {"the recorded history is about another struct", file,
                                                  "struct " + definition.name, "struct " + history.struct_name, ""});
            }
            recorded = std::move(history.recorded);
        }
        const auto own = given.find(definition.name);
        auto planned = evolution::plan_rules(recorded, definition, {},
                                             own == given.end() ? std::span<const evolution::RuleSet>() : own->second);
        auto outcome = evolution::compute_outcome(
            recorded, definition, make_current,
            [&](const StructDefinition& stored, const StructDefinition& asked) {
                return evolution::judge(stored, asked, &units, planned.all.get());
            },
            planned.all.get());
        outcome.rules = planned.fresh.size();
        outcome.notes.insert(outcome.notes.begin(), planned.notes.begin(), planned.notes.end());
        report.blocked = report.blocked || std::any_of(outcome.changes.begin(), outcome.changes.end(),
                                                       [](const auto& line) { return line.blocks; });
        report.outcomes.push_back(std::move(outcome));
    }
    return report;
}

AppendedHistory HistoryFolder::append(std::span<const DefinitionPtr> recorded, const StructDefinition& current,
                                      bool make_current) const {
    AppendedHistory done;
    done.file = file_of(current.name);
    const auto text = read_text(done.file);
    std::vector<DefinitionPtr> layouts(recorded.begin(), recorded.end());
    if (!text.empty()) {
        const auto before = evolution::read_history(text, done.file);
        std::erase_if(layouts, [&](const DefinitionPtr& layout) { return before.find(*layout) != 0; });
        const bool moves = make_current && before.find(current) != before.recorded.current;
        if (layouts.empty() && !moves) return done;
    }
    const auto after = evolution::append_history(text, done.file, current.name, layouts, &current);
    write_file(done.file, after);
    done.layouts = layouts.size();
    done.current = evolution::read_history(after, done.file).recorded.current;
    return done;
}

}  // namespace etalon::cli
