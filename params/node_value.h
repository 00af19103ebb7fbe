#pragma once
/// Values from JSON nodes. Private to params/.

#include <optional>

#include "etalon/parameters.h"
#include "params/json_tree.h"

namespace etalon::params {

/// The node as a value of that type, or nothing when it is none: an int takes integers of 64 bits, a double takes any
/// number in range and the texts of parse_exact and JSON (`NaN`, `Infinity`, `-Infinity`), a list takes lists of such.
[[nodiscard]] std::optional<ParameterValue> read_as(ParameterType type, const JsonNode& node);
/// The type that the node has by itself, or nothing: null, objects, empty and mixed lists have none.
[[nodiscard]] std::optional<ParameterType> natural_type(const JsonNode& node) noexcept;

}  // namespace etalon::params
