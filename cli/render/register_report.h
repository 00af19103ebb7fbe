#pragma once
/// What registering structs did or would do, printed.

#include <string>
#include <vector>

#include "cli/render/output.h"
#include "interchange/registration.h"

namespace etalon::cli {

using interchange::Comparison;

/// `database NAME`, `history DIR`.
[[nodiscard]] std::string place_of(const Comparison& comparison);
/// `gains: retyped a: int32 -> float64: needs rule` of the first change that blocks.
[[nodiscard]] std::string first_blocking(const std::vector<Comparison>& comparisons);

/// For people: a line for each change; one that is refused, needs a rule or is checked says what it touches.
void print_outcomes(Output& out, const Comparison& comparison);
}  // namespace etalon::cli
