#pragma once
/// The grammar of struct names and element paths, and text that may be written into JSON. Private to schema/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace etalon::schema {

/// One part of an element path: `hit[2][0]` is name `hit`, indices 2 and 0.
struct PathPart {
    std::string_view name;
    std::vector<std::uint64_t> indices;
};

/// A C identifier (bytes from 0x80 on count as letters, `$` too, as GCC and Clang take them).
[[nodiscard]] bool is_identifier(std::string_view text) noexcept;
/// `Name`, `ns::Name`, `Outer::Inner`.
[[nodiscard]] bool is_struct_name(std::string_view text) noexcept;
/// The parts of `hit[2].pos.x`; nothing when malformed or when the last part has an index (arrays of values are one
/// element). The parts point into `path`.
[[nodiscard]] std::optional<std::vector<PathPart>> split_path(std::string_view path);
/// A path of one value: that of its element, and the indices in its array.
struct ValuePath {
    std::string_view element;
    std::vector<std::uint64_t> indices;
};
/// Takes the indices off the end of `gain[2][0]`; what is not of that form stays with the element. Points into `path`.
[[nodiscard]] ValuePath split_value_path(std::string_view path);
/// The same text when it is UTF-8, else with every byte outside it read as Latin-1: headers of the past are full of it.
[[nodiscard]] std::string utf8_text(std::string_view text);
/// The same text when it is UTF-8, else with every byte outside it as `\xHH` (the text form of CSV).
[[nodiscard]] std::string utf8_escaped(std::string_view text);

}  // namespace etalon::schema
