#pragma once
/// Finds a unit and a declared default in the text of a comment. Pure functions over text.

#include <optional>
#include <string>
#include <string_view>

namespace etalon::reflect {

/// The unit that a comment states: the text of the first `[...]` that can be one (it has a letter or `%` and is not an
/// index, a range or prose), or the whole comment when it is nothing but a unit (`mV/fC`, `(cm)`). Empty when none.
/// `element_name` guards against a label that repeats the name (`float C; // C`).
[[nodiscard]] std::string find_unit(std::string_view comment, std::string_view element_name);

/// True when the text is a product, quotient or power of known unit symbols and names (`cm/sqrt(cm)`, `V m^-1`,
/// `fC/adc count`). A grammar of spellings: UDUNITS-2 decides later what they mean.
[[nodiscard]] bool is_known_unit(std::string_view text);

/// The text behind `default:` in a comment when a value stands there (a number, quoted text, a name or a list), not
/// yet checked against a type. `default: see below` is prose: only a single word or value counts.
[[nodiscard]] std::optional<std::string> find_default(std::string_view comment);

}  // namespace etalon::reflect
