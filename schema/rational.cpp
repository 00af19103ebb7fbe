#include "schema/rational.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/number_text.h"

namespace etalon::schema {
namespace {

constexpr int kMantissaBits = 53;
constexpr int kLeastExponent = -1074;  // of the last bit of a double

/// True when all of it are decimal digits.
bool take_digits(std::string_view& text, std::string& digits) {
    const auto before = digits.size();
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        digits += text.front();
        text.remove_prefix(1);
    }
    return digits.size() != before;
}

}  // namespace

std::optional<Rational> parse_rational(std::string_view text) {
    constexpr int kMostExponent = 4000;
    bool is_negative = false;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        is_negative = text.front() == '-';
        text.remove_prefix(1);
    }
    std::string digits;
    bool any = take_digits(text, digits);
    int exponent = 0;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        const auto before = digits.size();
        any = take_digits(text, digits) || any;
        exponent = -static_cast<int>(digits.size() - before);
    }
    if (!any || digits.size() > static_cast<std::size_t>(kMostExponent)) return std::nullopt;
    if (!text.empty()) {
        if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
        const auto written = parse_integer<int>(text.substr(1));
        if (!written || std::abs(*written) > kMostExponent) return std::nullopt;
        exponent += *written;
    }
    Rational value(mpz_class(digits, 10));
    value *= power(Rational(10), exponent);
    return is_negative ? Rational(-value) : value;
}

Rational exact_value(double value) {
    return Rational(value);
}

Rational power(const Rational& value, int exponent) {
    const auto size = static_cast<unsigned long>(std::abs(exponent));
    mpz_class num;
    mpz_class den;
    mpz_pow_ui(num.get_mpz_t(), value.get_num_mpz_t(), size);
    mpz_pow_ui(den.get_mpz_t(), value.get_den_mpz_t(), size);
    Rational result = exponent < 0 ? Rational(den, num) : Rational(num, den);
    result.canonicalize();
    return result;
}

std::optional<Rational> exact_root(const Rational& value) {
    const auto& num = value.get_num();
    const auto& den = value.get_den();
    if (num < 0 || mpz_perfect_square_p(num.get_mpz_t()) == 0 || mpz_perfect_square_p(den.get_mpz_t()) == 0)
        return std::nullopt;
    return Rational(sqrt(num), sqrt(den));
}

Rational nearly_root(const Rational& value) {
    // sqrt(n / d) = sqrt(n * d) / d, with 80 digits behind the point.
    mpz_class shift;
    mpz_ui_pow_ui(shift.get_mpz_t(), 10, 80);
    const mpz_class wide = value.get_num() * value.get_den() * shift * shift;
    const mpz_class den = value.get_den() * shift;
    Rational root(sqrt(wide), den);
    root.canonicalize();
    return root;
}

double nearest_double(const Rational& value) {
    if (value == 0) return 0;
    const mpz_class num = abs(value.get_num());
    const mpz_class& den = value.get_den();
    // A quotient of at least 66 bits, and whether anything is behind them.
    const long shift = 66 - (static_cast<long>(mpz_sizeinbase(num.get_mpz_t(), 2)) -
                             static_cast<long>(mpz_sizeinbase(den.get_mpz_t(), 2)));
    mpz_class quotient;
    mpz_class rest;
    const auto size = static_cast<mp_bitcnt_t>(std::abs(shift));
    if (shift >= 0) {
        const mpz_class wide = num << size;
        mpz_tdiv_qr(quotient.get_mpz_t(), rest.get_mpz_t(), wide.get_mpz_t(), den.get_mpz_t());
    } else {
        const mpz_class wide = den << size;
        mpz_tdiv_qr(quotient.get_mpz_t(), rest.get_mpz_t(), num.get_mpz_t(), wide.get_mpz_t());
    }
    const long bits = static_cast<long>(mpz_sizeinbase(quotient.get_mpz_t(), 2));
    const long last = std::max(bits - kMantissaBits - shift, static_cast<long>(kLeastExponent));
    const long drop = last + shift;  // at least 13
    mpz_class mantissa = quotient >> static_cast<mp_bitcnt_t>(drop);
    const mpz_class dropped = quotient - (mantissa << static_cast<mp_bitcnt_t>(drop));
    const mpz_class half = mpz_class(1) << static_cast<mp_bitcnt_t>(drop - 1);
    const int side = cmp(dropped, half);
    if (side > 0 || (side == 0 && (rest != 0 || mpz_odd_p(mantissa.get_mpz_t()) != 0))) ++mantissa;
    const double result = std::ldexp(mantissa.get_d(), static_cast<int>(std::min(last, 2000L)));
    return value < 0 ? -result : result;
}

}  // namespace etalon::schema
