#pragma once
/// Rows of structs as tables for people: wide arrays abbreviated, wide structs turned on their side.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/render/output.h"
#include "etalon/definition.h"

namespace etalon::cli {

/// One element of a row: all values, or the first that fit into `width` and how many there are.
[[nodiscard]] std::string value_text(const Element& element, const std::byte* row, std::size_t width);
/// `float32[24][3]`, `char[32]`, `int32`.
[[nodiscard]] std::string type_text(const Element& element);
/// The first values of a row: `a=1, b=[1, 2, ... 24 values]`, cut to `width`.
[[nodiscard]] std::string first_values(const StructDefinition& layout, const std::byte* row, std::size_t width);
/// `offset (default 1.5), gain[2:]`: elements that were not stored, with what stands there instead unless it is zero.
[[nodiscard]] std::string absent_text(const StructDefinition& layout, const std::vector<std::string>& absent);
/// Prints rows: a line a row when that fits the terminal, else a block a row. `elements` holds the element of every
/// row that is shown, in order, or nothing when it shall not be shown.
void print_rows(Output& out, const StructDefinition& layout, const std::byte* data, std::size_t num_rows,
                const std::vector<std::int64_t>& elements);

}  // namespace etalon::cli
