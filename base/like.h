#pragma once
/// Patterns of `like`, byte by byte: `%` stands for any bytes, `_` for one, `\` takes the next byte as it is.

#include <string_view>

namespace etalon {

/// True when the last byte of a pattern is no escape without a byte behind it.
[[nodiscard]] bool is_like_pattern(std::string_view pattern) noexcept;
/// True when all of `text` is like the pattern. Linear in the product of both lengths at worst.
[[nodiscard]] bool is_like(std::string_view text, std::string_view pattern) noexcept;

}  // namespace etalon
