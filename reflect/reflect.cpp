#include "reflect/reflect.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

#include "base/nearest.h"
#include "etalon/error.h"
#include "reflect/compile_commands.h"
#include "reflect/flatten.h"
#include "reflect/guarded_reader.h"
#include "reflect/source_text.h"

namespace etalon::reflect {
namespace {

namespace fs = std::filesystem;

/// The arguments of one parse, and which of them came from a database (and may be given up).
struct Arguments {
    bool as_c = false;
    std::vector<std::string> fixed_front;
    std::vector<std::string> from_database;
    std::vector<std::string> from_user;
    std::vector<std::string> fixed_back;

    [[nodiscard]] std::vector<std::string> all() const {
        std::vector<std::string> list = fixed_front;
        list.insert(list.end(), from_database.begin(), from_database.end());
        list.insert(list.end(), from_user.begin(), from_user.end());
        list.insert(list.end(), fixed_back.begin(), fixed_back.end());
        return list;
    }
};

std::vector<NamedHeader> find_headers(const std::vector<std::string>& headers) {
    std::vector<NamedHeader> found;
    std::set<fs::path> seen;
    for (const std::string& header : headers) {
        std::error_code failed;
        const fs::path real = fs::canonical(header, failed);
        if (failed || !fs::is_regular_file(real, failed) || !std::ifstream(real)) {
            throw Error(ErrorCode::BadInput, {"cannot read the header", header, "a readable file",
                                              failed ? failed.message() : "something else", "check the path"});
        }
        // Relative includes are looked for beside the path that was named, also when that is a symbolic link.
        const std::string path = fs::absolute(header).lexically_normal().string();
        if (path.find('"') != std::string::npos || path.find('\n') != std::string::npos) {
            throw Error(ErrorCode::BadInput, {"the path of the header cannot stand in an #include", header, "",
                                              "a double quote or a line end", "rename it"});
        }
        if (seen.insert(real).second) found.push_back({path, header});
    }
    return found;
}

bool holds_builtin_headers(const fs::path& folder) {
    std::error_code failed;
    return fs::exists(folder / "include" / "stddef.h", failed);
}

/// Clang's own headers (stddef.h and its kind), which a tool must be told of.
std::string find_resource_dir() {
    std::vector<fs::path> places;
    if (const char* given = std::getenv("ETALON_CLANG_RESOURCE_DIR"); given != nullptr && *given != '\0') {
        places.emplace_back(given);
    } else {
        places = {ETALON_CLANG_RESOURCE_DIR, "/usr/lib/llvm-19/lib/clang/19", "/usr/lib/clang/19",
                  "/usr/local/lib/clang/19"};
    }
    for (const fs::path& place : places) {
        if (holds_builtin_headers(place)) return place.string();
    }
    throw Error(ErrorCode::BadInput,
                {"the built-in headers of Clang are missing", places.front().string(), "include/stddef.h in it",
                 "no such file", "install libclang-common-19-dev, or set ETALON_CLANG_RESOURCE_DIR"});
}

/// Takes `-x LANG` and `-std=` out of the user's arguments: language and standard must fit each other.
struct UserArguments {
    std::vector<std::string> rest;
    std::string language;
    std::string standard;
    bool has_resource_dir = false;
};

UserArguments sort_user_arguments(const std::vector<std::string>& arguments) {
    UserArguments sorted;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (argument == "-x" && i + 1 < arguments.size()) {
            sorted.language = language_of(arguments[++i]);
        } else if (argument.starts_with("-x") && !language_of(argument.substr(2)).empty()) {
            sorted.language = language_of(argument.substr(2));
        } else if (argument.starts_with("-std=") || argument.starts_with("--std=")) {
            sorted.standard = argument.substr(argument.find('=') + 1);
        } else {
            if (argument.starts_with("-resource-dir")) sorted.has_resource_dir = true;
            sorted.rest.push_back(argument);
        }
    }
    return sorted;
}

Arguments make_arguments(const UserArguments& user, const DatabaseFlags& database, const ReflectOptions& options,
                         const std::string& resource_dir) {
    // The most explicit word about the language holds: -x, as_c, a -std of one language, the database, C++.
    std::string language = user.language;
    if (language.empty() && options.as_c) language = "c";
    if (language.empty()) language = language_of(user.standard);
    if (language.empty()) language = database.language;
    if (language.empty()) language = "c++";

    Arguments arguments;
    arguments.as_c = language == "c";
    std::string standard = arguments.as_c ? "gnu17" : "gnu++17";
    if (language_of(database.standard) == language) standard = database.standard;
    // A standard that the user names stays, so that a wrong one is reported.
    if (!user.standard.empty()) standard = user.standard;
    arguments.fixed_front = {"-x", language, "-std=" + standard};
    arguments.from_database = database.arguments;
    arguments.from_user = user.rest;
    if (!resource_dir.empty()) arguments.fixed_back = {"-resource-dir", resource_dir};
    return arguments;
}

/// For each header.
std::vector<Arguments> make_arguments(const std::vector<NamedHeader>& headers, const ReflectOptions& options) {
    const UserArguments user = sort_user_arguments(options.clang_args);
    std::vector<DatabaseFlags> database(headers.size());
    if (!options.compile_commands.empty()) database = read_compile_commands(options.compile_commands, headers);
    const std::string resource_dir = user.has_resource_dir ? "" : find_resource_dir();
    std::vector<Arguments> all;
    for (const DatabaseFlags& flags : database) all.push_back(make_arguments(user, flags, options, resource_dir));
    return all;
}

/// The flag that an error of the driver is about, when it came from the database.
std::optional<std::size_t> find_rejected_flag(const RawUnit& unit, const Arguments& arguments) {
    for (const RawError& error : unit.errors) {
        if (!error.location.empty()) continue;
        for (std::size_t i = 0; i < arguments.from_database.size(); ++i) {
            const std::string& flag = arguments.from_database[i];
            if (flag.starts_with("-m") && error.message.find("'" + flag) != std::string::npos) return i;
            // `unsupported argument 'x' to option '-march='`, `unknown target CPU 'x'`
            const std::size_t equals = flag.find('=');
            if (!flag.starts_with("-m") || equals == std::string::npos) continue;
            if (error.message.find("'" + flag.substr(0, equals + 1) + "'") != std::string::npos) return i;
            if (error.message.find("'" + flag.substr(equals + 1) + "'") != std::string::npos) return i;
        }
    }
    return std::nullopt;
}

/// One unit for each header.
std::vector<RawUnit> parse(const std::vector<NamedHeader>& headers, std::vector<Arguments>& arguments) {
    std::vector<ParseTask> tasks;
    for (std::size_t i = 0; i < headers.size(); ++i) tasks.push_back({i, arguments[i].as_c, arguments[i].all()});
    std::vector<RawUnit> units = read_guarded(headers, tasks);
    // GCC knows machine flags that Clang does not: give those up, one by one.
    while (true) {
        tasks.clear();
        for (std::size_t i = 0; i < headers.size(); ++i) {
            const auto rejected = find_rejected_flag(units[i], arguments[i]);
            if (!rejected) continue;
            auto& flags = arguments[i].from_database;
            flags.erase(flags.begin() + static_cast<std::ptrdiff_t>(*rejected));
            tasks.push_back({i, arguments[i].as_c, arguments[i].all()});
        }
        if (tasks.empty()) return units;
        auto again = read_guarded(headers, tasks);
        for (std::size_t i = 0; i < tasks.size(); ++i) units[tasks[i].header] = std::move(again[i]);
    }
}

/// Errors of a unit; those of the command line once.
void add_errors(const RawUnit& unit, Reflection& result) {
    for (const RawError& error : unit.errors) {
        Diagnostic one{error.location.empty() ? "command line" : error.location, "", "", error.message, "compiler"};
        const bool known = std::any_of(result.errors.begin(), result.errors.end(), [&](const Diagnostic& other) {
            return other.location == one.location && other.reason == one.reason;
        });
        if (!known) result.errors.push_back(std::move(one));
    }
}

void add_files(const RawUnit& unit, std::set<std::string>& files) {
    files.insert(unit.files_read.begin(), unit.files_read.end());
}

/// A name that was asked for and that nothing defines must not pass in silence.
void report_missing(const std::vector<NamedHeader>& headers, const ReflectOptions& options,
                    const std::vector<RawUnit>& units, Reflection& result) {
    for (const std::string& name : options.only) {
        const bool defined = std::any_of(result.definitions.begin(), result.definitions.end(),
                                         [&](const StructDefinition& definition) { return definition.name == name; });
        const bool refused = std::any_of(result.refusals.begin(), result.refusals.end(),
                                         [&](const Diagnostic& refusal) { return refusal.struct_name == name; });
        if (defined || refused) continue;
        std::string place = headers.empty() ? "" : headers.front().spelling;
        if (headers.size() > 1) place += " and " + std::to_string(headers.size() - 1) + " more";
        std::vector<std::string> known;
        for (const RawUnit& unit : units) {
            for (const std::size_t target : unit.targets) known.push_back(unit.records[target].name);
        }
        std::string reason = "no struct of this name is defined in the named headers";
        if (const std::string hint = did_you_mean(name, known); !hint.empty()) reason += "; " + hint;
        result.errors.push_back({place, name, "struct " + name, reason, "missing"});
    }
}

/// A header of which nothing comes must say so.
void report_nothing(const NamedHeader& header, const RawUnit& unit, Reflection& result) {
    if (!unit.targets.empty() || !unit.errors.empty()) return;
    if (unit.first_struct.empty()) {
        result.remarks.push_back(
            {header.spelling, "", "", "nothing to record: the header defines no struct", "nothing", false});
        return;
    }
    result.errors.push_back({unit.first_struct, "", "",
                             "nothing was recorded from " + header.spelling +
                                 ": what stands here is left out by a condition (an #if, or an include guard that a "
                                 "header included before has "
                                 "taken), or has no name that could be recorded; define what the condition asks for "
                                 "behind --, or leave the "
                                 "header out",
                             "nothing"});
}

void report_open_pack(const NamedHeader& header, const RawUnit& unit, Reflection& result) {
    if (unit.open_pack.empty()) return;
    result.remarks.push_back({unit.open_pack, "", "",
                              "#pragma pack still holds at the end of " + header.spelling +
                                  ": a program packs what it includes behind it, too (other headers are read without)",
                              "pack", true});
}

/// Definitions that others hold.
void find_helpers(const std::vector<RawUnit>& units, Reflection& result) {
    std::set<std::string> defined;
    for (const auto& definition : result.definitions) defined.insert(definition.name);
    std::set<std::string> held;
    for (const RawUnit& unit : units) {
        std::set<std::size_t> seen;
        const auto visit = [&](const auto& self, std::size_t index) -> void {
            if (!seen.insert(index).second) return;
            for (const RawField& field : unit.records[index].fields) {
                if (field.record == kNoRecord) continue;
                held.insert(unit.records[field.record].name);
                self(self, field.record);
            }
        };
        for (const std::size_t target : unit.targets) {
            if (defined.contains(unit.records[target].name)) visit(visit, target);
        }
    }
    std::set_intersection(defined.begin(), defined.end(), held.begin(), held.end(), std::back_inserter(result.helpers));
}

void find_tagged(const std::vector<RawUnit>& units, Reflection& result) {
    std::set<std::string> names;
    for (const RawUnit& unit : units) {
        for (const RawRecord& record : unit.records) {
            if (!record.keyword.empty()) names.insert(record.name);
        }
    }
    result.tagged.assign(names.begin(), names.end());
}

}  // namespace

Reflection reflect_headers(const std::vector<std::string>& headers, const ReflectOptions& options) {
    Reflection result;
    const std::vector<NamedHeader> named = find_headers(headers);
    if (named.empty()) return result;
    std::vector<Arguments> arguments = make_arguments(named, options);
    std::vector<RawUnit> units = parse(named, arguments);
    std::set<std::string> files;
    std::set<std::string> told;  // files whose text was looked at
    Flattening flattening(result);
    for (std::size_t i = 0; i < units.size(); ++i) {
        RawUnit& unit = units[i];
        add_errors(unit, result);
        add_files(unit, files);
        check_text(unit, told, result);
        if (options.collect && !unit.errors.empty()) continue;
        flattening.add(unit, options.only);
        if (options.only.empty()) report_nothing(named[i], unit, result);
        report_open_pack(named[i], unit, result);
    }
    flattening.finish();
    result.files_read.assign(files.begin(), files.end());
    if (options.collect || result.errors.empty()) report_missing(named, options, units, result);
    if (options.only.empty()) find_helpers(units, result);
    find_tagged(units, result);
    if (!options.collect && !result.errors.empty()) {
        result.definitions.clear();
        result.element_locations.clear();
        result.helpers.clear();
    }
    return result;
}

}  // namespace etalon::reflect
