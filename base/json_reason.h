#pragma once
/// What a JSON parser says of a text that is none.

#include <string>
#include <string_view>

namespace etalon {

/// The reason in what an exception of nlohmann-json says, without its number and place, and without what it repeats of
/// the text: a file of another kind is not printed.
[[nodiscard]] std::string json_reason(std::string_view message);

}  // namespace etalon
