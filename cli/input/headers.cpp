#include "cli/input/headers.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "base/nearest.h"
#include "cli/render/progress.h"
#include "database/unit_file.h"
#include "schema/unit_definitions.h"
#include "schema/units.h"

namespace etalon::cli {
namespace {

/// Whether headers that are no C++ (`_Bool`, a member named `class`) are good C.
bool compiles_as_c(const HeaderFiles& files, reflect::ReflectOptions how) {
    if (how.as_c) return false;
    how.as_c = true;
    return reflect::reflect_headers(files.headers, how).errors.empty();
}

/// `file:line:column` -> `file:line`; other text stays.
std::string without_column(const std::string& location) {
    const auto column = location.rfind(':');
    const auto line = column == std::string::npos || column == 0 ? std::string::npos : location.rfind(':', column - 1);
    const bool is_whole =
        line != std::string::npos && line + 1 < column && location.find_first_not_of("0123456789", line + 1) == column;
    return is_whole ? location.substr(0, column) : location;
}

std::string line_of(const reflect::Diagnostic& one) {
    std::string line = one.location;
    for (const auto& part : {one.declaration, one.reason}) {
        if (!part.empty()) line += (line.empty() ? "" : ": ") + part;
    }
    return line;
}

/// Skipped structs of which no refusal tells, since it names another that they hold.
std::vector<std::string> others_skipped(const reflect::Reflection& found) {
    std::vector<std::string> names;
    for (const auto& name : found.skipped) {
        if (std::ranges::none_of(found.refusals, [&](const auto& one) {
                return one.struct_name == name || (one.struct_name.empty() && one.location == name);
            }))
            names.push_back(name);
    }
    return names;
}

/// What is wrong with headers of which nothing can be taken.
Error errors_in(const reflect::Reflection& found, const std::string& names, bool is_c) {
    const auto has = [&](std::string_view kind) {
        return std::ranges::all_of(found.errors, [&](const auto& one) { return one.kind == kind; });
    };
    const std::string count = counted(found.errors.size(), "error");
    if (has("missing"))
        return {ErrorCode::BadInput,
                {"a struct that was asked for is not there", names, "", count, "see the lines above"}};
    if (has("nothing"))
        return {ErrorCode::BadInput, {"a header gives no struct", names, "", count, "see the lines above"}};
    if (has("encoding")) return {ErrorCode::BadInput, {"a header is no text", names, "", count, "see the lines above"}};
    std::string advice =
        "each header is read alone: include in it what it needs; or give -I, -D or -std= behind --, or "
        "--compile-commands FILE";
    if (is_c) advice = "they do compile as C: give --c, or -x c behind --";
    return {ErrorCode::BadInput, {"the headers do not compile", names, "", count, advice}};
}

/// What stands in the brackets at the begin or the end of a comment; empty when there are none.
std::string_view bracketed(std::string_view comment) {
    if (comment.starts_with('[')) return comment.substr(1, std::min(comment.find(']'), comment.size()) - 1);
    const auto open = comment.ends_with(']') ? comment.rfind('[') : std::string_view::npos;
    return open == std::string_view::npos ? "" : comment.substr(open + 1, comment.size() - open - 2);
}

/// The unit of an element as it is recorded. A name of units.toml may be a word that brackets hold otherwise
/// (`[wafer]`).
std::string recorded_unit(const Element& element, const schema::UnitDefinitions& own, const schema::LazyUnits& units) {
    if (!element.unit.empty()) return own.recorded(element.unit);
    if (element.is_text() || !element.enumerators.empty()) return {};
    const auto within = bracketed(element.comment);
    auto unit = own.recorded(within);
    return unit != within && units.knows(unit) ? unit : std::string();
}

/// The files of units of some headers, each read once.
class UnitFiles {
public:
    explicit UnitFiles(const HeaderFiles& files) : given_(files.units) {}

    /// Those of the header of a definition; null when there are none. The file is noted in `files_read`.
    const schema::UnitDefinitions* of(const StructDefinition& definition, std::vector<std::string>& files_read) {
        const auto header = without_column(without_column(definition.source));
        const auto [at, is_new] = file_of_.emplace(header, given_);
        if (is_new && given_.empty()) at->second = find_unit_file(header);
        if (at->second.empty()) return nullptr;
        auto& units = units_[at->second];
        if (!units) {
            units = read_unit_file(at->second);
            files_read.push_back(at->second);
        }
        return units.get();
    }

private:
    std::string given_;
    std::map<std::string, std::string> file_of_;
    std::map<std::string, std::shared_ptr<const schema::UnitDefinitions>> units_;
};

/// Gives the units that files of units define together with what they mean.
void apply_unit_files(reflect::Reflection& found, const HeaderFiles& files) {
    UnitFiles unit_files(files);
    const schema::LazyUnits known;
    for (auto& definition : found.definitions) {
        const auto* own = unit_files.of(definition, found.files_read);
        if (own == nullptr) continue;
        for (auto& element : definition.elements) element.unit = recorded_unit(element, *own, known);
    }
}

/// The nearest spelling of a unit that is not known: of all units, or a name that the files of units define.
std::string nearest_unit(const schema::UnitSystem& units, const std::string& unit, const schema::UnitDefinitions* own) {
    auto candidates = own != nullptr ? own->names() : std::vector<std::string>();
    if (auto near = units.nearest(unit); !near.empty()) candidates.push_back(std::move(near));
    const auto best = nearest(unit, candidates, 1);
    return best.empty() ? std::string() : best.front();
}

}  // namespace

reflect::Reflection read_headers(const Invocation& invocation, const HeaderFiles& files) {
    reflect::ReflectOptions how;
    how.clang_args = invocation.clang_args;
    how.compile_commands = files.compile_commands;
    how.as_c = files.as_c;
    how.only = files.only;
    reflect::Reflection found;
    {
        ProgressBar bar("reading " + counted(files.headers.size(), "header"));
        bar.show(0, 0);
        found = reflect::reflect_headers(files.headers, how);
    }
    for (const auto& one : found.errors) print_line(line_of(one));
    for (const auto& one : found.refusals) print_line(line_of(one));
    if (files.skip_unsupported) {
        for (const auto& name : others_skipped(found))
            print_line("struct " + name + " is skipped, too: it holds a struct that cannot be stored");
    }
    for (const auto& one : found.remarks)
        print_line(without_column(one.location) + (one.is_warning ? ": warning: " : ": note: ") + one.message);
    std::string names;
    for (const auto& header : files.headers) names += (names.empty() ? "" : ", ") + header;
    if (!found.errors.empty()) throw errors_in(found, names, compiles_as_c(files, how));
    // Which of two structs of one name is meant, nobody but people can say.
    const bool is_double = std::ranges::any_of(
        found.refusals, [](const auto& one) { return one.kind == "duplicate-name" || one.kind == "other-definition"; });
    if (!found.refusals.empty() && (!files.skip_unsupported || is_double)) {
        throw Error(ErrorCode::BadInput,
                    {counted(found.refusals.size(), "declaration") + " cannot be stored", names, "", "",
                     "nothing was taken from these headers; see the lines above" +
                         std::string(is_double ? "" : ", or leave them out with --skip-unsupported")});
    }
    if (found.definitions.empty() && found.skipped.empty()) {
        throw Error(ErrorCode::BadInput,
                    {"nothing to record: the headers define no struct", names, "at least one struct", "none",
                     "only structs of the named files count, not those of their includes"});
    }
    apply_unit_files(found, files);
    return found;
}

std::string describe_skipped(const reflect::Reflection& found) {
    if (found.skipped.empty()) return {};
    std::string names;
    for (const auto& name : found.skipped) names += (names.empty() ? "" : ", ") + name;
    return counted(found.skipped.size(), "struct") + " skipped: " + names;
}

std::vector<HeaderWarning> header_warnings(const reflect::Reflection& found) {
    std::vector<HeaderWarning> warnings;
    for (const auto& one : found.refusals) {
        std::string message = "skipped: " + one.declaration;
        message += (one.declaration.empty() ? "" : ": ") + one.reason;
        warnings.push_back({without_column(one.location), one.struct_name, "", "", std::move(message)});
    }
    for (const auto& name : others_skipped(found))
        warnings.push_back({"", name, "", "", "skipped: it holds a struct that cannot be stored"});
    for (const auto& one : found.remarks)
        warnings.push_back({without_column(one.location), one.struct_name, one.element, "", one.message});
    return warnings;
}

std::vector<HeaderWarning> find_unit_warnings(const reflect::Reflection& found, const HeaderFiles& files) {
    const schema::LazyUnits units;
    UnitFiles unit_files(files);
    std::vector<std::string> ignored;
    struct Spelling {
        bool is_known = false;
        bool has_offset = false;
        std::size_t warning = 0;  ///< of an unknown one
        std::size_t others = 0;   ///< elements behind the first
        std::string near;
    };
    std::map<std::string, Spelling> spellings;
    std::map<std::pair<std::string, std::string>, bool>
        told;  // struct members of which a difference was told, by place
    std::vector<HeaderWarning> warnings;
    for (std::size_t d = 0; d < found.definitions.size(); ++d) {
        const auto& definition = found.definitions[d];
        for (std::size_t e = 0; e < definition.elements.size(); ++e) {
            const auto& element = definition.elements[e];
            if (element.unit.empty()) continue;
            const auto& location = found.element_locations[d][e];
            const HeaderWarning warning{without_column(location), definition.name, element.path, element.unit, ""};
            const auto [at, is_new] = spellings.emplace(element.unit, Spelling{});
            auto& spelling = at->second;
            if (is_new) {
                spelling.is_known = units.knows(element.unit);
                spelling.has_offset = spelling.is_known && units.has_offset(element.unit);
                spelling.warning = warnings.size();
                if (!spelling.is_known) {
                    warnings.push_back(warning);
                    spelling.near = nearest_unit(units, element.unit, unit_files.of(definition, ignored));
                }
            } else if (!spelling.is_known) {
                ++spelling.others;
            }
            if (!spelling.has_offset || !schema::is_name_of_difference(element.path)) continue;
            // A member of a nested struct is many elements, and may be one of several structs.
            if (!told.emplace(std::pair(location, element.unit), true).second) continue;
            warnings.push_back(warning);
            warnings.back().message = "element " + element.path + " [" + element.unit +
                                      "] looks like a difference, but this unit has a zero of its own and converts "
                                      "with its offset; write [delta_" +
                                      element.unit + "] for a difference";
        }
    }
    for (const auto& [unit, spelling] : spellings) {
        if (spelling.is_known) continue;
        auto& warning = warnings[spelling.warning];
        const std::string more = spelling.others == 0 ? "" : " (and " + std::to_string(spelling.others) + " more)";
        warning.message = "unit '" + unit + "' of element " + warning.element + more + " is not known" +
                          (spelling.near.empty() ? "" : ", did you mean '" + spelling.near + "'?") +
                          "; values in it are never converted; a file " + kUnitFileName +
                          " beside the header may define it";
    }
    return warnings;
}

void print_warnings(const std::vector<HeaderWarning>& warnings) {
    for (const auto& one : warnings) {
        print_line(one.location + ": warning: " + one.message);
    }
}

}  // namespace etalon::cli
