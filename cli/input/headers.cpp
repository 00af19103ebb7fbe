#include "cli/input/headers.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "cli/render/progress.h"
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

std::vector<HeaderWarning> find_unknown_units(const reflect::Reflection& found) {
    std::unique_ptr<schema::UnitSystem> units;  // reading its database costs milliseconds
    std::map<std::string, bool> known;
    std::map<std::pair<std::string, std::string>, std::size_t> at_place;  // location and unit -> warning
    std::vector<HeaderWarning> warnings;
    std::vector<std::size_t> others;  // elements of the same place, behind the first
    for (std::size_t d = 0; d < found.definitions.size(); ++d) {
        const auto& definition = found.definitions[d];
        for (std::size_t e = 0; e < definition.elements.size(); ++e) {
            const auto& element = definition.elements[e];
            if (element.unit.empty()) continue;
            const auto [spelling, is_new] = known.emplace(element.unit, false);
            if (is_new) {
                if (!units) units = schema::make_udunits();
                spelling->second = units->knows(element.unit);
            }
            if (spelling->second) continue;
            const auto& location = found.element_locations[d][e];
            // A member of a nested struct is many elements, and may be one of several structs.
            const auto [place, is_first] = at_place.emplace(std::pair(location, element.unit), warnings.size());
            if (!is_first) {
                ++others[place->second];
                continue;
            }
            warnings.push_back({without_column(location), definition.name, element.path, element.unit, ""});
            others.push_back(0);
        }
    }
    for (std::size_t i = 0; i < warnings.size(); ++i) {
        auto& warning = warnings[i];
        const std::string more = others[i] == 0 ? "" : " (and " + std::to_string(others[i]) + " more)";
        warning.message = "unit '" + warning.unit + "' of element " + warning.element + more +
                          " is not known to UDUNITS-2; values in it are never converted";
    }
    return warnings;
}

void print_warnings(const std::vector<HeaderWarning>& warnings) {
    for (const auto& one : warnings) {
        print_line(one.location + ": warning: " + one.message);
    }
}

}  // namespace etalon::cli
