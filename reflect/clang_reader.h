#pragma once
/// The one door to Clang: source text in, plain records out.

#include <string>
#include <vector>

#include "reflect/records.h"

namespace etalon::reflect {

/// Parses `headers` in one synthetic translation unit. `arguments` are complete Clang arguments (language, standard,
/// resource directory) without program and input. Never throws through Clang; compiler errors are in the result, and
/// records that they leave incomplete are left out.
[[nodiscard]] RawUnit read_with_clang(const std::vector<NamedHeader>& headers, bool as_c,
                                      const std::vector<std::string>& arguments);

}  // namespace etalon::reflect
