#pragma once
/// Rational numbers of any size from and to what the rest of the program has: decimal text and doubles. Private to
/// schema/, and so is GMP, which computes with them. Pure functions.

#include <gmpxx.h>

#include <memory>
#include <optional>
#include <string_view>

#include "schema/exact_scale.h"

namespace etalon::schema {

using Rational = mpq_class;

/// A decimal number (`3.6`, `-1.5e3`, `.5`) with all its digits; nothing for other text, or with an exponent beyond
/// +-4000.
[[nodiscard]] std::optional<Rational> parse_rational(std::string_view text);
/// The value of a finite double, exactly.
[[nodiscard]] Rational exact_value(double value);
/// The nearest double, of two equally near the even one; infinite beyond the range.
[[nodiscard]] double nearest_double(const Rational& value);
/// `value` to a power that may be negative (the value is not zero then).
[[nodiscard]] Rational power(const Rational& value, int exponent);

/// The root of a square; nothing for another number.
[[nodiscard]] std::optional<Rational> exact_root(const Rational& value);
/// The root of a number above zero to more digits than a double has.
[[nodiscard]] Rational nearly_root(const Rational& value);

/// y = x * factor + offset. The factor is not zero. `is_rational`: false when the two numbers stand for others that are
/// not rational (pi), to more digits than a double has.
[[nodiscard]] std::shared_ptr<const ExactScale> make_exact_scale(const Rational& factor, const Rational& offset,
                                                                 bool is_rational);

}  // namespace etalon::schema
