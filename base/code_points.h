#pragma once
/// Code points of UTF-8.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace etalon {

/// A code point and the bytes that it takes.
struct CodePoint {
    std::uint32_t value = 0;
    std::size_t size = 0;
};

/// The code point at the start of a text; nothing when the text is empty or does not begin with well-formed UTF-8
/// (RFC 3629: no surrogates, no overlong forms).
[[nodiscard]] std::optional<CodePoint> first_code_point(std::string_view text) noexcept;

}  // namespace etalon
