#include "schema/exact_scale.h"

#include <cmath>
#include <limits>

#include "schema/rational.h"

namespace etalon::schema {
namespace {

__extension__ using Wide = __int128;
__extension__ using WideSize = unsigned __int128;

mpz_class whole_of(const WholeNumber& number) {
    mpz_class value;
    mpz_import(value.get_mpz_t(), 1, -1, sizeof number.size, 0, 0, &number.size);
    return number.is_negative ? mpz_class(-value) : value;
}

std::optional<std::int64_t> fits_64(const mpz_class& value) {
    if (!value.fits_slong_p()) return std::nullopt;
    return value.get_si();
}

/// Of a size that std::uint64_t may not hold.
WholeResult result_of(bool is_whole, bool is_negative, WideSize size) {
    constexpr auto kLargest = std::numeric_limits<std::uint64_t>::max();
    const bool is_beyond = size > kLargest;
    return {is_whole && !is_beyond,
            is_beyond,
            {is_negative && size != 0, is_beyond ? kLargest : static_cast<std::uint64_t>(size)}};
}

class Scale final : public ExactScale {
public:
    Scale(Rational factor, Rational offset, bool is_rational)
        : exact_factor_(std::move(factor)), exact_offset_(std::move(offset)), is_rational_(is_rational) {
        factor_ = nearest_double(exact_factor_);
        offset_ = nearest_double(exact_offset_);
        same_ = Shift(exact_offset_);
        opposite_ = Shift(find_decimal_offset());
        factor_rest_ = std::isfinite(factor_) ? nearest_double(exact_factor_ - exact_value(factor_)) : 0;
        // As one fraction: (x * num + add) / den.
        mpz_class den;
        mpz_lcm(den.get_mpz_t(), exact_factor_.get_den_mpz_t(), exact_offset_.get_den_mpz_t());
        const mpz_class num = exact_factor_.get_num() * (den / exact_factor_.get_den());
        const mpz_class add = exact_offset_.get_num() * (den / exact_offset_.get_den());
        const auto small_num = fits_64(num);
        const auto small_add = fits_64(add);
        const auto small_den = fits_64(den);
        if (small_num && small_add && small_den && *small_num != std::numeric_limits<std::int64_t>::min()) {
            num_ = *small_num;
            add_ = *small_add;
            den_ = *small_den;
        }
    }

    double factor() const noexcept override { return factor_; }
    double offset() const noexcept override { return offset_; }
    bool is_rational() const noexcept override { return is_rational_; }
    std::string factor_text() const override { return exact_factor_.get_str(); }

    double apply(double value) const override {
        if (!std::isfinite(value)) return factor_ < 0 ? -value : value;
        if (value == 0) return exact_offset_ != 0 ? offset_ : factor_ < 0 ? -value : value;
        const Shift& shift = ((value < 0) == (factor_ < 0)) == (offset_ < 0) ? opposite_ : same_;
        if (const auto quick = apply_quickly(value, shift.nearest, shift.rest)) return *quick;
        return nearest_double(exact_value(value) * exact_factor_ + shift.exact);
    }

    WholeResult apply(const WholeNumber& value) const override {
        if (den_ != 0) {
            // 64 bits times 63 bits, and 64 more.
            Wide sum = static_cast<Wide>(num_) * static_cast<Wide>(value.size);
            if (value.is_negative) sum = -sum;
            sum += add_;
            const Wide quotient = sum / den_;
            const bool is_negative = sum < 0;
            return result_of(quotient * den_ == sum, is_negative,
                             static_cast<WideSize>(quotient < 0 ? -quotient : quotient));
        }
        const Rational exact = exact_factor_ * Rational(whole_of(value)) + exact_offset_;
        const mpz_class size = abs(exact.get_num()) / exact.get_den();
        const bool is_whole = is_rational_ ? exact.get_den() == 1 : exact == 0;
        if (mpz_sizeinbase(size.get_mpz_t(), 2) > 64) return result_of(false, exact < 0, ~WideSize{0});
        std::uint64_t bits = 0;
        mpz_export(&bits, nullptr, -1, sizeof bits, 0, 0, size.get_mpz_t());
        return result_of(is_whole, exact < 0, bits);
    }

    std::optional<WholeSteps> whole_steps() const override {
        if (!is_rational_) return std::nullopt;
        // x * p/q + a/b is whole for one x below q at most, and then for every q-th.
        const mpz_class& step_from = exact_factor_.get_den();
        const mpz_class& step_to = exact_factor_.get_num();
        if (step_from % exact_offset_.get_den() != 0) return std::nullopt;
        // x * step_to = -a * (q/b) modulo q
        const mpz_class wanted = -exact_offset_.get_num() * (step_from / exact_offset_.get_den());
        mpz_class inverse;
        mpz_class first = 0;
        if (step_from != 1) {
            if (mpz_invert(inverse.get_mpz_t(), step_to.get_mpz_t(), step_from.get_mpz_t()) == 0) return std::nullopt;
            const mpz_class product = wanted * inverse;
            mpz_mod(first.get_mpz_t(), product.get_mpz_t(), step_from.get_mpz_t());
        }
        const Rational to = exact_factor_ * Rational(first) + exact_offset_;
        const auto a = fits_64(first);
        const auto b = fits_64(step_from);
        const auto c = fits_64(to.get_num());
        const auto d = fits_64(step_to);
        if (!a || !b || !c || !d || to.get_den() != 1) return std::nullopt;
        return WholeSteps{*a, *b, *c, *d};
    }

    std::shared_ptr<const ExactScale> reversed() const override {
        return std::make_shared<Scale>(1 / exact_factor_, -exact_offset_ / exact_factor_, is_rational_);
    }

    std::shared_ptr<const ExactScale> after(const ExactScale& inner) const override {
        const auto& first = static_cast<const Scale&>(inner);  // the only class there is
        return std::make_shared<Scale>(exact_factor_ * first.exact_factor_,
                                       exact_factor_ * first.exact_offset_ + exact_offset_,
                                       is_rational_ && first.is_rational_);
    }

    bool equals(const ExactScale& other) const override {
        const auto& one = static_cast<const Scale&>(other);
        return exact_factor_ == one.exact_factor_ && exact_offset_ == one.exact_offset_;
    }

private:
    /// What is added to a double that was multiplied.
    struct Shift {
        Shift() = default;
        explicit Shift(const Rational& value)
            : exact(value),
              nearest(nearest_double(value)),
              rest(std::isfinite(nearest) ? nearest_double(value - exact_value(nearest)) : 0) {}

        Rational exact;
        double nearest = 0;
        double rest = 0;
    };

    /// True for a decimal that ends.
    static bool is_decimal(const Rational& value) {
        mpz_class rest = value.get_den();
        for (const unsigned long prime : {2UL, 5UL}) {
            while (mpz_divisible_ui_p(rest.get_mpz_t(), prime) != 0) rest /= prime;
        }
        return rest == 1;
    }

    /// The offset against which a double is subtracted. 273.15 K are 0 degC: both stand for decimals, and the doubles
    /// nearest to 273.15 cancel each other, where the exact number would leave what was rounded away when the value was
    /// stored. Where the offset behind the factor is no decimal, the one before it may be: 98.6 degF less 32, times
    /// 5/9.
    Rational find_decimal_offset() const {
        if (!std::isfinite(offset_)) return exact_offset_;
        if (is_decimal(exact_offset_)) return exact_value(offset_);
        const Rational before = exact_offset_ / exact_factor_;
        const double rounded = nearest_double(before);
        return is_decimal(before) && std::isfinite(rounded) ? Rational(exact_value(rounded) * exact_factor_)
                                                            : exact_offset_;
    }

    /// In twice the digits of a double; nothing when the last bit remains in doubt (Dekker's two-sum, a fused product).
    std::optional<double> apply_quickly(double value, double shift, double shift_rest) const noexcept {
        const double product = value * factor_;
        if (shift == 0 && factor_rest_ == 0) return product;
        const double sum = product + shift;
        // Far from overflow and from where doubles lose digits, so that no rest is lost.
        const auto is_good = [](double x) { return x == 0 || (std::abs(x) > 1e-200 && std::abs(x) < 1e200); };
        if (!is_good(value) || !is_good(factor_) || !is_good(shift) || !is_good(product) || product == 0) return {};
        double rest = std::fma(value, factor_, -product) + value * factor_rest_;
        const double back = sum - product;
        rest += (product - (sum - back)) + (shift - back) + shift_rest;
        const double doubt = (std::abs(product) + std::abs(shift)) * 0x1p-98;
        const double above = sum + (rest + doubt);
        return above == sum + (rest - doubt) && std::abs(above) > 1e-200 ? std::optional(above) : std::nullopt;
    }

    Rational exact_factor_;
    Rational exact_offset_;
    bool is_rational_;
    double factor_ = 1;
    double offset_ = 0;
    double factor_rest_ = 0;  ///< what the double leaves out
    Shift same_;              ///< for a product of the sign of the offset
    Shift opposite_;          ///< for one of the other sign
    std::int64_t num_ = 1;    ///< (x * num + add) / den, when these are small enough (and no less exact); else den is 0
    std::int64_t add_ = 0;
    std::int64_t den_ = 0;
};

/// `1/25.4`
std::optional<Rational> read_quotient(std::string_view text) {
    const auto slash = text.find('/');
    auto value = parse_rational(text.substr(0, slash));
    if (!value || slash == std::string_view::npos) return value;
    const auto divisor = parse_rational(text.substr(slash + 1));
    if (!divisor || *divisor == 0) return std::nullopt;
    return Rational(*value / *divisor);
}

}  // namespace

std::shared_ptr<const ExactScale> make_exact_scale(const Rational& factor, const Rational& offset, bool is_rational) {
    return std::make_shared<Scale>(factor, offset, is_rational);
}

std::shared_ptr<const ExactScale> read_exact_scale(std::string_view factor, std::string_view offset) {
    const auto scale = read_quotient(factor);
    const auto shift = read_quotient(offset);
    if (!scale || !shift || *scale == 0) return nullptr;
    return make_exact_scale(*scale, *shift, true);
}

}  // namespace etalon::schema
