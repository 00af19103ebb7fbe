#pragma once
/// How people spell scalar types.

#include <optional>
#include <string>
#include <string_view>

#include "etalon/types.h"

namespace etalon::schema {

/// The type that C on x86-64 Linux, or a definition, means by a name: `unsigned short`, `long`, `std::uint8_t`,
/// `float32`. Words may come in any order that C allows, with any blanks between them. A lone `char` is Int8, as the
/// ABI has it; Char itself (text) has no name here. Nothing when it is none.
[[nodiscard]] std::optional<ScalarType> find_c_type(std::string_view spelling);

/// `did you mean 'float'?` for a spelling that is no type; empty when nothing is near.
[[nodiscard]] std::string suggest_c_type(std::string_view spelling);

}  // namespace etalon::schema
