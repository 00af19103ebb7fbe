#pragma once
/// Values of the types of etalon/ref.h (is_identity) between memory and text.

#include <cstddef>
#include <string>
#include <string_view>

#include "etalon/types.h"

namespace etalon {

/// True when all bytes of a value are zero.
[[nodiscard]] bool is_null_identity(ScalarType type, const std::byte* at) noexcept;
/// The text form: 32 hexadecimal digits, or `sha256:<64 digits>:<size>`; empty for null.
[[nodiscard]] std::string identity_text(ScalarType type, const std::byte* at);
/// Inverse of identity_text; false, and nothing is written, for any other text.
[[nodiscard]] bool parse_identity(ScalarType type, std::string_view text, std::byte* out) noexcept;

}  // namespace etalon
