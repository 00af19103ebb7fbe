#pragma once
/// Variables of the environment in paths.

#include <string>
#include <string_view>

namespace etalon::layers {

/// The text with `$VAR` and `${VAR}` replaced by the environment's values, and `$$` by a dollar. A variable that is not
/// set, or a `$` that begins none of these, throws Error(BadInput) with `where`.
[[nodiscard]] std::string expand_variables(std::string_view text, std::string_view where);

}  // namespace etalon::layers
