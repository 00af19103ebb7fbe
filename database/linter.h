#pragma once
/// Suspicious records of a stack. Callers hold its mutex.

#include <span>
#include <string>
#include <vector>

#include "etalon/database.h"
#include "etalon/lint.h"

namespace etalon::detail {
class StackImpl;
}

namespace etalon::database {

/// Database::lint.
[[nodiscard]] std::vector<LintFinding> lint(detail::StackImpl& stack, std::span<const std::string> names, Time now);

}  // namespace etalon::database
