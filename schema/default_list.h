#pragma once
/// Declared defaults of arrays whose items differ: a list, one value for each item. Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"

namespace etalon::schema {

/// The items of a default that is a list, in the order of memory (the last index runs fastest), with their quotes and
/// without blanks around them: `{1, 2, 3, 4}` of an int32[2][2], `{"a", "b"}` of a char[2][8]. Views into `text`.
/// Nothing when `text` is one value, or when the element is no array. The number of items is not checked.
[[nodiscard]] std::optional<std::vector<std::string_view>> default_items(const Element& element, std::string_view text);

/// The canonical default of an array with these values: `{a, b}`, flat also when there are several dimensions; the
/// value alone when all of them are equal, so that what is meant has one spelling. Nothing of no values.
[[nodiscard]] std::optional<std::string> default_of_items(const std::vector<std::string>& values);

/// The default of `count` values of an element from value `first` on: that part of a list, else `text` as it is.
/// The range lies within the element.
[[nodiscard]] std::string part_of_default(const Element& element, std::string_view text, std::uint64_t first,
                                          std::uint64_t count);

}  // namespace etalon::schema
