#pragma once
/// Parameters as people and programs write them: JSON files and NAME=VALUE.

#include <string>
#include <string_view>
#include <utility>

#include "etalon/parameters.h"

namespace etalon::params {

/// Reads `{"name": value, ...}`. A value is true, false, a text, a number (an integer without fraction and exponent is
/// an int, any other a double), a list of values of one of these types, or `{"TYPE": value}` with a type's name, which
/// is needed for an empty list, and for `"NaN"`, `"Infinity"`, `"-Infinity"` as doubles. What `etalon params get
/// --format json` prints is read as the set that it shows. Throws Error(BadInput) with every value that cannot be read,
/// each with its line.
[[nodiscard]] ParameterSet read_json(std::string_view text, std::string_view origin);

/// Reads `name=value` or `name:type=value`. Without a type a value is read as in JSON, and what is no JSON is a text;
/// what could be meant as a number or otherwise (`nan`, `007`, `+3`, `.5`) is an error. With a type: a text is taken as
/// it is, a list is JSON. Throws Error(BadInput).
[[nodiscard]] std::pair<std::string, ParameterValue> read_assignment(std::string_view argument);

}  // namespace etalon::params
