#pragma once
/// Two layouts of a struct side by side.

#include <cstdint>
#include <string>

#include "cli/invocation.h"

namespace etalon::cli {

/// Prints schema version `stored` on the left and `asked` on the right, an element a line in the order of both, with
/// the verdict of reading the first as the second. CSV and JSON have a row for each change of an element, or one
/// `same`. Returns the exit status.
int show_diff(Invocation& invocation, Database& database, const std::string& struct_name, std::int64_t stored,
              std::int64_t asked);

/// Prints the steps of the plan that reads schema version `stored` as `asked`, an error when the law refuses it.
/// Returns the exit status.
int show_plan(Invocation& invocation, Database& database, const std::string& struct_name, std::int64_t stored,
              std::int64_t asked);

}  // namespace etalon::cli
