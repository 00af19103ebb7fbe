#pragma once
/// Declared defaults, checked against the type of their element.

#include <optional>
#include <string>
#include <string_view>

#include "etalon/definition.h"

namespace etalon::reflect {

/// The default in the text form of CSV when `text` (see find_default) is a value of the element's type: a decimal
/// integer in range (hexadecimal, enumerators and `true`/`false` are translated), a float, text that fits in double
/// quotes. Nothing when it is not.
[[nodiscard]] std::optional<std::string> parse_default(const Element& element, std::string_view text);

/// True when the text can only be meant as a value: it begins like a number, a quote or a list. Other words (`none`,
/// `off`) are prose when they do not fit.
[[nodiscard]] bool is_surely_value(std::string_view text) noexcept;

}  // namespace etalon::reflect
