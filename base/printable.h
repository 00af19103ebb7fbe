#pragma once
/// Text that comes from elsewhere, made fit for the eyes of people: terminals, errors, logs.

#include <cstdint>
#include <string>
#include <string_view>

namespace etalon {

/// True for code points that steer a terminal or turn the direction of text: C0 (U+0000 to U+001F), DEL, C1 (U+0080 to
/// U+009F), the bidi controls U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, and the separators of lines
/// and paragraphs U+2028, U+2029.
[[nodiscard]] bool is_steering(std::uint32_t code_point) noexcept;

/// Which line ends of a text stay.
enum class LineEnds : std::uint8_t { Escaped, Kept };

/// The text with visible escapes in place of code points that are steering: `\n`, `\t`, `\r`, `\x1b`, and from DEL on
/// `\u202e`, as JSON has it. A byte that is no UTF-8 becomes `\xff`. Everything else stays, so that a text made
/// printable twice is the same.
[[nodiscard]] std::string printable(std::string_view text, LineEnds line_ends = LineEnds::Escaped);

/// A part of a file or argument for an error: printable, and at most 40 code points, then `...`.
[[nodiscard]] std::string excerpt(std::string_view text);

/// How many bytes at the start of a text are whole: all of them, unless the last code point of UTF-8 is cut off.
[[nodiscard]] std::size_t whole_length(std::string_view text) noexcept;

}  // namespace etalon
