#pragma once
/// Flags of a compile_commands.json that change what a header means; the rest, often only known to GCC, is dropped.

#include <string>
#include <vector>

#include "reflect/records.h"

namespace etalon::reflect {

/// What the database says about a header.
struct DatabaseFlags {
    std::vector<std::string> arguments;  ///< paths made absolute; no language or standard
    std::string language;                ///< `c` or `c++`, of the sources that the flags come from
    std::string standard;                ///< value of `-std=`, or empty
};

/// Reads the database and takes, for each header, the flags of its own entry, else of the source that most likely
/// includes it: one that names it in an `#include`, then one of the same stem, then the nearest folder. One result for
/// each header. Throws Error(BadInput) when the file is missing, not JSON, or has no entries.
[[nodiscard]] std::vector<DatabaseFlags> read_compile_commands(const std::string& path,
                                                               const std::vector<NamedHeader>& headers);

/// A command line split into words as a POSIX shell does it (quotes and backslashes, no expansion).
[[nodiscard]] std::vector<std::string> split_command(const std::string& command);

/// The allowed ones of an entry's arguments (without program and source): -I -isystem -iquote -idirafter -D -U
/// -include -imacros -std -x, ABI flags and -m*. `directory` makes relative paths absolute. Separate values are joined
/// to their flag where Clang takes that.
[[nodiscard]] DatabaseFlags filter_flags(const std::vector<std::string>& arguments, const std::string& directory);

/// `c` or `c++` for a value of -x or of -std (empty when it tells nothing).
[[nodiscard]] std::string language_of(const std::string& flag_value);

}  // namespace etalon::reflect
