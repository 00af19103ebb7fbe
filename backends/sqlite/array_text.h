#pragma once
/// Arrays as JSON text: what SQLite keeps of an array cell, readable with json_each and friends.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "backends/port.h"

namespace etalon::backends::sqlite {

/// Appends the array as JSON text; false when JSON cannot give it back bit for bit (a NaN, text that is not UTF-8);
/// what was appended then means nothing.
[[nodiscard]] bool append_array(std::string& out, const CellType& cell, const std::byte* values);

/// Inverse of append_array, into cell.bytes() bytes. Returns what is wrong with the text, or nothing.
[[nodiscard]] std::optional<std::string> parse_array(std::string_view text, const CellType& cell, std::byte* out);

/// Appends a JSON string. The text must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// The text of a char[capacity]: the bytes before the first NUL.
[[nodiscard]] std::string_view text_of(const std::byte* value, std::size_t capacity) noexcept;

}  // namespace etalon::backends::sqlite
