#include "cli/input/headers.h"

#include <cstdio>
#include <map>
#include <memory>
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

/// `file:line:column` -> `file:line`.
std::string without_column(const std::string& location) {
    return location.substr(0, location.rfind(':'));
}

}  // namespace

reflect::Reflection read_headers(const Invocation& invocation, const HeaderFiles& files) {
    reflect::ReflectOptions how;
    how.clang_args = invocation.clang_args;
    how.compile_commands = files.compile_commands;
    how.as_c = files.as_c;
    reflect::Reflection found;
    {
        ProgressBar bar("reading " + counted(files.headers.size(), "header"));
        bar.show(0, 0);
        found = reflect::reflect_headers(files.headers, how);
    }
    const auto report = [](const reflect::Diagnostic& one) {
        std::string line = one.location;
        for (const auto& part : {one.declaration, one.reason}) {
            if (!part.empty()) line += (line.empty() ? "" : ": ") + part;
        }
        print_line(line);
    };
    for (const auto& one : found.errors) report(one);
    for (const auto& one : found.refusals) report(one);
    std::string names;
    for (const auto& header : files.headers) names += (names.empty() ? "" : ", ") + header;
    if (!found.errors.empty()) {
        throw Error(ErrorCode::BadInput,
                    {"the headers do not compile", names, "", counted(found.errors.size(), "error"),
                     compiles_as_c(files, how) ? "they do compile as C: give --c, or -x c behind --"
                                               : "give -I, -D or -std= behind --, or --compile-commands FILE"});
    }
    if (!found.refusals.empty()) {
        throw Error(ErrorCode::BadInput, {counted(found.refusals.size(), "declaration") + " cannot be stored", names,
                                          "", "", "nothing was taken from these headers; see the lines above"});
    }
    if (found.definitions.empty()) {
        throw Error(ErrorCode::BadInput, {"the headers define no struct", names, "at least one struct", "none",
                                          "only structs of the named files count, not those of their includes"});
    }
    return found;
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
