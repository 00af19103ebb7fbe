#include "database/unit_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/printable.h"
#include "base/whole_input.h"
#include "database/toml_nesting.h"
#include "etalon/error.h"

namespace etalon {
namespace {

constexpr const char* kForm =
    "NAME = \"definition\", NAME = \"new\" or NAME = { definition = \"...\", aliases = [\"...\"] }";

std::string place_of(const std::string& path, const toml::source_region& source) {
    return source.begin.line == 0 ? path : path + ":" + std::to_string(source.begin.line);
}

[[noreturn]] void refuse(const std::string& what, const std::string& where, const std::string& found) {
    throw Error(ErrorCode::BadInput, {what, where, kForm, found, ""});
}

schema::UnitDefinition read_unit(const std::string& path, const toml::key& key, const toml::node& node) {
    schema::UnitDefinition unit;
    unit.name = key.str();
    unit.place = place_of(path, key.source());
    if (const auto* text = node.as_string()) {
        unit.definition = text->get();
        return unit;
    }
    const auto* table = node.as_table();
    if (table == nullptr) refuse("a unit is not defined by text", unit.place, "another kind of value");
    for (const auto& [option, value] : *table) {
        const auto where = place_of(path, option.source());
        if (option.str() == "definition" && value.is_string()) {
            unit.definition = value.as_string()->get();
        } else if (option.str() == "aliases" && value.is_array()) {
            for (const auto& alias : *value.as_array()) {
                if (!alias.is_string()) refuse("an alias of a unit is no text", where, "another kind of value");
                unit.aliases.push_back(alias.as_string()->get());
            }
        } else {
            refuse("a unit has an unknown key", where, excerpt(option.str()));
        }
    }
    if (unit.definition.empty()) refuse("a unit has no definition", unit.place, "unit " + excerpt(unit.name));
    return unit;
}

}  // namespace

std::shared_ptr<const schema::UnitDefinitions> read_unit_file(const std::string& path) {
    constexpr std::uint64_t kLargest = std::uint64_t{1} << 20;
    const auto text = read_whole_file(path, "a TOML file of units", kLargest);
    check_toml_nesting(text, path);
    toml::table file;
    try {
        file = toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        throw Error(ErrorCode::BadInput, {"the file of units is not TOML", place_of(path, error.source()), kForm,
                                          toml_reason(error.description()), ""});
    }
    for (const auto& [key, value] : file) {
        if (key.str() != "units" || !value.is_table())
            refuse("the file of units has another part than [units]", place_of(path, key.source()), excerpt(key.str()));
    }
    std::vector<schema::UnitDefinition> units;
    if (const auto* table = file["units"].as_table()) {
        for (const auto& [key, value] : *table) units.push_back(read_unit(path, key, value));
    }
    // In the order of the file, so that messages are.
    std::ranges::stable_sort(units, {}, [](const auto& one) { return std::pair(one.place.size(), one.place); });
    return std::make_shared<const schema::UnitDefinitions>(std::move(units));
}

std::string find_unit_file(const std::string& header) {
    namespace fs = std::filesystem;
    std::error_code failed;
    auto folder = fs::weakly_canonical(fs::path(header), failed).parent_path();
    while (!folder.empty()) {
        const auto file = folder / kUnitFileName;
        if (fs::is_regular_file(file, failed)) {
            // As people say it, where they stand above it.
            const auto relative = file.lexically_proximate(fs::weakly_canonical(fs::current_path(failed), failed));
            return relative.empty() || *relative.begin() == ".." ? file.string() : relative.string();
        }
        if (fs::exists(folder / ".git", failed) || folder == folder.parent_path()) return {};
        folder = folder.parent_path();
    }
    return {};
}

}  // namespace etalon
