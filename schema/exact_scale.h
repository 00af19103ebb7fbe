#pragma once
/// A factor and an offset without rounding: what units do to numbers.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace etalon::schema {

/// An integer of 64 bits, signed or not, as sign and size.
struct WholeNumber {
    bool is_negative = false;
    std::uint64_t size = 0;
    friend bool operator==(const WholeNumber&, const WholeNumber&) = default;
};

/// What an integer becomes.
struct WholeResult {
    bool is_whole = false;   ///< the result is `value` exactly; else it was cut towards zero
    bool is_beyond = false;  ///< the result is larger than 64 bits hold; then `value` is the largest of its sign
    WholeNumber value;
};

/// The integers that become integers: from = first_from + k * step_from becomes first_to + k * step_to for every k, all
/// others become fractions.
struct WholeSteps {
    std::int64_t first_from = 0;
    std::int64_t step_from = 1;  ///< above 0
    std::int64_t first_to = 0;
    std::int64_t step_to = 1;
};

/// y = x * factor + offset in rational numbers of any size. Immutable, may be shared between threads.
class ExactScale {
public:
    virtual ~ExactScale() = default;
    ExactScale(const ExactScale&) = delete;
    ExactScale& operator=(const ExactScale&) = delete;

    /// Factor and offset as the nearest doubles.
    [[nodiscard]] virtual double factor() const noexcept = 0;
    [[nodiscard]] virtual double offset() const noexcept = 0;
    /// The double nearest to the exact result (of two equally near the even one), infinite beyond the range; what is
    /// no number or infinite stays so. -0.0 stays -0.0 where there is no offset. Where an offset is
    /// subtracted, it counts as the double nearest to it, as the values that are stored do: 273.15 K are 0 degC.
    [[nodiscard]] virtual double apply(double value) const = 0;
    /// What an integer becomes, exactly.
    [[nodiscard]] virtual WholeResult apply(const WholeNumber& value) const = 0;
    /// Which integers become integers; nothing when there are none, or when the numbers need more than 64 bits.
    [[nodiscard]] virtual std::optional<WholeSteps> whole_steps() const = 0;
    /// False when factor or offset stand for numbers that are not rational (pi).
    [[nodiscard]] virtual bool is_rational() const noexcept = 0;
    /// The factor as a quotient: `18/5`, `1000`.
    [[nodiscard]] virtual std::string factor_text() const = 0;
    /// From y to x.
    [[nodiscard]] virtual std::shared_ptr<const ExactScale> reversed() const = 0;
    /// This after `inner`.
    [[nodiscard]] virtual std::shared_ptr<const ExactScale> after(const ExactScale& inner) const = 0;
    [[nodiscard]] virtual bool equals(const ExactScale& other) const = 0;

protected:
    ExactScale() = default;
};

/// From decimal numbers or quotients of two, as people write them: `3.6`, `1/25.4`. Nothing for other text, or a factor
/// of zero.
[[nodiscard]] std::shared_ptr<const ExactScale> read_exact_scale(std::string_view factor, std::string_view offset);

}  // namespace etalon::schema
