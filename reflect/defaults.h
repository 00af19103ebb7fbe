#pragma once
/// Declared defaults, checked against the type of their element.

#include <optional>
#include <string>
#include <string_view>

#include "etalon/definition.h"
#include "reflect/records.h"

namespace etalon::reflect {

/// The default in the text form of CSV when `text` (see find_default) is a value of the element's type: a decimal
/// integer in range (hexadecimal, characters, enumerators with or without what they are in, `true`/`yes`/`on` and their
/// opposites in any case are translated), a float, text that fits in double quotes, a list of equal values in braces
/// for an array. Nothing when it is not.
[[nodiscard]] std::optional<std::string> parse_default(const Element& element, std::string_view text);

/// The same of what a C++ initialiser gives. Nothing also when items of an array differ: an element has one default.
[[nodiscard]] std::optional<std::string> default_of(const Element& element, const RawValue& value);

/// True when the text can only be meant as a value: it begins like a number, a quote or a list. Other words (`none`,
/// `see`) are prose when they do not fit.
[[nodiscard]] bool is_surely_value(std::string_view text) noexcept;

}  // namespace etalon::reflect
