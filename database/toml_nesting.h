#pragma once
/// TOML around its parser, which follows keys and values as deep as they go, until its stack ends, and repeats in its
/// words what stands in a file.

#include <string>
#include <string_view>

namespace etalon {

/// Throws Error(BadInput) at `path:line` when a key has more parts than 32, or arrays and inline tables stand deeper in
/// each other than 32.
void check_toml_nesting(std::string_view text, const std::string& path);

/// What the parser says is wrong, without what stands in the file: it may be a file of another kind.
[[nodiscard]] std::string toml_reason(std::string_view description);

}  // namespace etalon
