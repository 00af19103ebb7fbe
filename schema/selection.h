#pragma once
/// Some members of a layout. Pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"

namespace etalon::schema {

/// True when the whole text is the pattern, in which `*` stands for any characters.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view text) noexcept;

/// True when `pattern` means the element of that path: it is the path, that of a struct or array of structs which holds
/// it, or has `*` for any characters.
[[nodiscard]] bool selects(std::string_view pattern, std::string_view path) noexcept;

/// A layout of the elements that any of the patterns means, in their order, each at its natural place. Keys are kept
/// when all of them are there. Throws Error(Unknown) with the nearest paths for a pattern that means none.
[[nodiscard]] StructDefinition select_elements(const StructDefinition& definition,
                                               const std::vector<std::string>& patterns);

}  // namespace etalon::schema
