#pragma once
/// Reads C and C++ headers with Clang and returns plain definitions or diagnostics. The only folder that sees Clang.

#include <string>
#include <vector>

#include "etalon/definition.h"

namespace etalon::reflect {

/// How headers are parsed.
struct ReflectOptions {
    std::vector<std::string> clang_args;  ///< `-I...`, `-D...`, `-std=...`, `-x c`, ABI flags: passed on as they are
    std::string compile_commands;   ///< path of a compile_commands.json, or empty; its flags come before clang_args
    bool as_c = false;              ///< parse `.h` as C (default: C++17, as the program that includes it)
    bool collect = false;           ///< keep the structs of good headers when others do not compile (for surveys)
    std::vector<std::string> only;  ///< names of structs to take; empty: all that the named files define
};

/// A declaration that cannot be stored, or an error of the compiler.
struct Diagnostic {
    std::string location;     ///< `file:line:column`
    std::string struct_name;  ///< empty for compiler errors
    std::string declaration;  ///< the source text of the declaration: `float* gains`
    std::string reason;       ///< why it cannot be stored and what to use instead
    std::string kind;  ///< short key to count by: `pointer`, `union`, `bit-field`, `flexible-array`, `long-double`,
                       ///< `wchar`, `empty`, ...
};

/// Something that is recorded other than a reader of the header may expect, or not at all.
struct Remark {
    std::string location;     ///< `file:line:column`, or the header
    std::string struct_name;  ///< empty when it is about a header
    std::string element;      ///< empty when it is about more
    std::string message;
    std::string kind;        ///< short key: `unit`, `default`, `encoding`, `nothing`, `same-name`, `pack`
    bool is_warning = true;  ///< else a note
};

/// What a run found. `definitions` has the structs that can be stored, whatever was refused beside them; none when
/// there are errors (with `collect`: none of the headers that have them).
struct Reflection {
    std::vector<StructDefinition> definitions;  ///< in order of declaration, each name once
    /// For each definition, `file:line:column` of the member that each of its elements is; of the one that holds the
    /// nested struct when the element has its unit from there. For people: part of no hash.
    std::vector<std::vector<std::string>> element_locations;
    std::vector<Diagnostic> refusals;     ///< every declaration that cannot be stored
    std::vector<Diagnostic> errors;       ///< compiler errors: nothing is reliable then
    std::vector<std::string> skipped;     ///< names of structs that have no definition for what was refused in them
    std::vector<Remark> remarks;          ///< for people; equal ones once
    std::vector<std::string> helpers;     ///< names of definitions that others of them hold, without `only`; sorted
    std::vector<std::string> tagged;      ///< names that C++ takes for a typedef of another alignment: `struct` tells
    std::vector<std::string> files_read;  ///< every header opened, for dependency files
};

/// Parses each header as a translation unit of its own, so that none has what another defines, and returns the structs
/// that are defined in them (not in their includes; nested types are flattened wherever they come from). Throws
/// Error(BadInput) when a file is missing or the tool itself cannot run (resource headers missing).
[[nodiscard]] Reflection reflect_headers(const std::vector<std::string>& headers, const ReflectOptions& options);

}  // namespace etalon::reflect
