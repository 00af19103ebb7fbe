#pragma once
/// TOML before it is parsed: the parser follows keys and values as deep as they go, until its stack ends.

#include <string>
#include <string_view>

namespace etalon {

/// Throws Error(BadInput) at `path:line` when a key has more parts than 32, or arrays and inline tables stand deeper in
/// each other than 32.
void check_toml_nesting(std::string_view text, const std::string& path);

}  // namespace etalon
