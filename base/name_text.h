#pragma once
/// What every name that people give has to be: text that reads, compares and sorts alike everywhere.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "etalon/error.h"

namespace etalon {

/// The longest name, in bytes.
inline constexpr std::size_t kLongestName = 255;

/// A character of a text, for errors: `U+200B at byte 4`; a byte that begins none: `0xff at byte 4`.
[[nodiscard]] std::string describe_character(std::string_view text, std::size_t at);

/// Nothing when a name is 1 to 255 bytes of UTF-8 in Unicode's normal form NFC, without control, bidi or invisible
/// characters, spaces but U+0020, unassigned or private code points, and without a password as of a URL. Else the
/// error: which of these, which character where, and what to do. `what` is `named reference`, `configuration node`,
/// ... For names that are being made: those of before stay what they are.
[[nodiscard]] std::optional<Error> find_name_fault(std::string_view name, std::string_view what);
/// Throws that error.
void check_name_text(std::string_view name, std::string_view what);
/// Throws Error(BadInput) when a text that goes with what is written (a reason, a comment) is no UTF-8 or holds NUL.
void check_free_text(std::string_view text, std::string_view what);

/// The NFC form of a text that is in another one; nothing when it is in NFC, or no UTF-8.
[[nodiscard]] std::optional<std::string> find_composed(std::string_view text);

}  // namespace etalon
