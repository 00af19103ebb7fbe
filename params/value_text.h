#pragma once
/// Text forms of values that every reader and writer of params/ shares.

#include <optional>
#include <string>
#include <string_view>

#include "etalon/parameters.h"

namespace etalon::params {

/// The shortest decimal that reads back to the same bits; `inf`, `-inf`, `nan`, and another NaN than the usual one as
/// `nan:` and the 16 hexadecimal digits of its bits.
[[nodiscard]] std::string exact_text(double value);
/// Inverse of exact_text; also reads other decimals, as parse_float. Nothing when malformed or out of range.
[[nodiscard]] std::optional<double> parse_exact(std::string_view text);

/// A JSON value: doubles always with a fraction or an exponent, `"NaN"`, `"Infinity"`, `"-Infinity"` as texts.
[[nodiscard]] std::string to_json(const ParameterValue& value);
/// For tables and CSV: what read_assignment takes behind `name:type=`. Scalars bare, lists as JSON.
[[nodiscard]] std::string to_text(const ParameterValue& value);
/// A JSON string.
[[nodiscard]] std::string quote(std::string_view text);

}  // namespace etalon::params
