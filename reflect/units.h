#pragma once
/// The spellings of units: a grammar of symbols and names, without what they mean.

#include <cstdint>
#include <string_view>

namespace etalon::reflect {

/// True when the text is a product, quotient or power of known unit symbols and names (`cm/sqrt(cm)`, `V m^-1`,
/// `fC/adc count`). A grammar of spellings: UDUNITS-2 decides later what they mean.
[[nodiscard]] bool is_known_unit(std::string_view text);

/// What stands in brackets.
enum class Content : std::uint8_t {
    Nothing,  ///< numbers, ranges, indices: no word of a unit
    Unit,     ///< known; or all but one word of a quotient or product are; or one letter makes it known (`furlongz`)
    Text,
};
[[nodiscard]] Content content_of(std::string_view text);

/// True when the whole of a comment is a unit and can be no prose: `mV/fC`, `(cm)`, not `second`, `A B`, `10 ns`.
/// `element_name` guards against a label that repeats the name (`float C; // C`).
[[nodiscard]] bool is_only_unit(std::string_view text, std::string_view element_name);

/// `(cm)` is `cm`, `(a)/(b)` is itself.
[[nodiscard]] std::string_view without_parentheses(std::string_view text) noexcept;

/// Words in small letters that stand alone in brackets and say something else than a unit: `unused`, `todo`, `east`.
[[nodiscard]] bool is_remark(std::string_view word);

}  // namespace etalon::reflect
