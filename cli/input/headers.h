#pragma once
/// Headers that commands read: options, what was found, what was refused, and units that mean nothing.

#include <string>
#include <vector>

#include "cli/invocation.h"
#include "interchange/registration.h"
#include "reflect/reflect.h"

namespace etalon::cli {

using interchange::HeaderWarning;

/// Which headers, and how they are parsed; arguments of the compiler are the invocation's.
struct HeaderFiles {
    std::vector<std::string> headers;
    std::string compile_commands;
    bool as_c = false;
    std::vector<std::string> only;  ///< structs to take; empty: all
    bool skip_unsupported = false;  ///< take the structs that can be stored, whatever else there is
    std::string units;  ///< a file of units for all headers; empty: the one of the folder of each header, if there is
};

/// Reads the headers; prints every refusal and error as `file:line:column: declaration: reason` on standard error, and
/// remarks, then throws Error(BadInput): always when there are errors, for refusals unless they may be skipped. Nothing
/// may be left then. Units that a file of units defines are given together
/// with what they mean there.
[[nodiscard]] reflect::Reflection read_headers(const Invocation& invocation, const HeaderFiles& files);

/// `2 structs skipped: a, b`; empty when there were none.
[[nodiscard]] std::string describe_skipped(const reflect::Reflection& found);
/// What was refused and the remarks on the headers, for the answer of a command.
[[nodiscard]] std::vector<HeaderWarning> header_warnings(const reflect::Reflection& found);

/// Units that are not known, each once, and elements that look like differences in a unit with a zero of its own
/// (degC), in order of declaration.
[[nodiscard]] std::vector<HeaderWarning> find_unit_warnings(const reflect::Reflection& found, const HeaderFiles& files);
/// Prints `file:line: warning: ...` on standard error.
void print_warnings(const std::vector<HeaderWarning>& warnings);
}  // namespace etalon::cli
