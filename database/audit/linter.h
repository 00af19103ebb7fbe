#pragma once
/// Suspicious records of a stack.

#include <span>
#include <string>
#include <vector>

#include "etalon/database.h"
#include "etalon/lint.h"

namespace etalon::layers {
class LayerStack;
}

namespace etalon::database {

/// Database::lint.
[[nodiscard]] std::vector<LintFinding> lint(layers::LayerStack& stack, std::span<const std::string> names, Time now);

}  // namespace etalon::database
