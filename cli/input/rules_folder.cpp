#include "cli/input/rules_folder.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cli/invocation.h"
#include "cli/render/write_file.h"
#include "etalon/error.h"
#include "evolution/registering.h"
#include "evolution/rules.h"

namespace etalon::cli {
namespace {

/// Digits of a layout's hash in files that people read.
constexpr std::size_t kDigits = 12;

}  // namespace

RulesFolder::RulesFolder(std::string path, bool may_be_missing) : path_(std::move(path)) {
    std::error_code failed;
    const auto kind = std::filesystem::status(path_, failed).type();
    if (kind == std::filesystem::file_type::not_found && may_be_missing) return;
    if (kind != std::filesystem::file_type::directory) {
        throw Error(ErrorCode::BadInput,
                    {"the folder of rules cannot be read", path_, "a directory with files NAME.rules",
                     kind == std::filesystem::file_type::not_found ? "nothing of that name" : "something else", ""});
    }
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        if (entry.path().extension() != ".rules") continue;
        const auto file = entry.path().string();
        files_.push_back({file, read_file(file, "a file of rules")});
    }
    std::ranges::sort(files_, {}, &RulesFile::name);
}

std::string RulesFolder::write_proposed(const RegisterOutcome& outcome) {
    const auto from = outcome.previous_layout.substr(0, kDigits);
    const auto to = outcome.layout.substr(0, kDigits);
    RulesFile* own = nullptr;
    for (auto& file : files_) {
        for (const auto& section : evolution::read_rules(file.text, file.name)) {
            if (section.struct_name != outcome.struct_name) continue;
            own = &file;
            const auto joins = [&](const std::string& one, const std::string& other) {
                return evolution::is_named(outcome.previous_layout, one) && evolution::is_named(outcome.layout, other);
            };
            if (!joins(section.from, section.to) && !joins(section.to, section.from)) continue;
            throw Error(ErrorCode::Refused,
                        {"the file has rules for these layouts already", file.name + ":" + std::to_string(section.line),
                         "", "from " + from + " to " + to, "add the lines there: " + outcome.proposed.front()});
        }
    }
    std::string text;
    std::string name;
    if (own != nullptr) {
        name = own->name;
        text = own->text;
        if (!text.ends_with('\n')) text += '\n';
    } else {
        auto stem = outcome.struct_name;  // `ns::Name` is no name of a file everywhere
        for (auto at = stem.find("::"); at != std::string::npos; at = stem.find("::")) stem.replace(at, 2, "__");
        name = (std::filesystem::path(path_) / (stem + ".rules")).string();
        text = "struct " + outcome.struct_name + "\n";
    }
    text += "\nfrom " + from + " to " + to + "\n";
    for (const auto& line : outcome.proposed)
        text += "  " + line + "    # or, if they are two things: " + evolution::as_distinct(line) + "\n";
    (void)evolution::read_rules(text, name);
    write_file(name, text);
    if (own != nullptr) {
        own->text = text;
    } else {
        files_.push_back({name, text});
    }
    return name;
}

}  // namespace etalon::cli
