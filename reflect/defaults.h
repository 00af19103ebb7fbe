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
/// opposites in any case are translated), a float, text that fits in double quotes. Of an array also a list in braces
/// with all of its values, flat or nested as its dimensions are; the default is then a list (schema/default_list.h).
/// `{}` and `{0}` are zero throughout. Nothing when it is none of these.
[[nodiscard]] std::optional<std::string> parse_default(const Element& element, std::string_view text);

/// Why parse_default gives nothing: the end of a sentence that begins with the text.
[[nodiscard]] std::string describe_misfit(const Element& element, std::string_view text);

/// The same of what a C++ initialiser gives, which has all values of an array. Nothing when one does not fit.
[[nodiscard]] std::optional<std::string> default_of(const Element& element, const RawValue& value);

/// Bytes of the list in braces that `text` begins with, braces in quotes aside; 0 when it begins with none that ends.
[[nodiscard]] std::size_t length_of_list(std::string_view text) noexcept;

/// True when the text can only be meant as a value: it begins like a number, a quote or a list. Other words (`none`,
/// `see`) are prose when they do not fit.
[[nodiscard]] bool is_surely_value(std::string_view text) noexcept;

}  // namespace etalon::reflect
