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
    bool collect = false;           ///< keep the good structs of a header that also has bad ones (for surveys)
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

/// What a run found. Without `collect`, any refusal means `definitions` is not to be used.
struct Reflection {
    std::vector<StructDefinition> definitions;  ///< in order of declaration, each name once
    /// For each definition, `file:line:column` of the member that each of its elements is; of the one that holds the
    /// nested struct when the element has its unit from there. For people: part of no hash.
    std::vector<std::vector<std::string>> element_locations;
    std::vector<Diagnostic> refusals;     ///< every declaration that cannot be stored
    std::vector<Diagnostic> errors;       ///< compiler errors: nothing is reliable then
    std::vector<std::string> files_read;  ///< every header opened, for dependency files
};

/// Parses all headers in one translation unit and returns the structs that are defined in them (not in their includes;
/// nested types are flattened wherever they come from). Throws Error(BadInput) when a file is missing or the tool
/// itself cannot run (resource headers missing).
[[nodiscard]] Reflection reflect_headers(const std::vector<std::string>& headers, const ReflectOptions& options);

}  // namespace etalon::reflect
