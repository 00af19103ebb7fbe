#pragma once
/// Units of elements: the interface that conversion needs, and its implementation with UDUNITS-2.

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

namespace etalon::schema {

/// How a number in one unit becomes one in another: `value * scale + offset` (K -> degC: 1, -273.15), or the reverse of
/// that:
/// `(value - offset) / scale`, which gives whole numbers back where 1 / scale has no exact double.
struct UnitConversion {
    double scale = 1;
    double offset = 0;
    bool is_reversed = false;

    /// The value in the other unit. A scale that is one over a whole number divides (reversed: multiplies) by it: one
    /// rounding less.
    [[nodiscard]] double apply(double value) const noexcept;
    /// The reverse of it.
    [[nodiscard]] UnitConversion reversed() const noexcept { return {scale, offset, !is_reversed}; }
    /// The same as one factor and one offset, rounded: for people, and to put together with others.
    [[nodiscard]] UnitConversion flat() const noexcept;
    [[nodiscard]] bool is_identity() const noexcept { return scale == 1 && offset == 0; }
    friend bool operator==(const UnitConversion&, const UnitConversion&) = default;
};

/// Knows units. Implementations are safe to call from several threads.
class UnitSystem {
public:
    virtual ~UnitSystem() = default;
    /// How `from` becomes `to`; nothing when a unit is unknown or they measure different things, or when the conversion
    /// is not linear (decibels).
    [[nodiscard]] virtual std::optional<UnitConversion> conversion(std::string_view from,
                                                                   std::string_view to) const = 0;
    /// True when the spelling is a unit.
    [[nodiscard]] virtual bool knows(std::string_view unit) const = 0;
};

/// The units of UDUNITS-2 (its own database). Throws Error(Internal) when the database cannot be read.
[[nodiscard]] std::unique_ptr<UnitSystem> make_udunits();

/// UDUNITS-2, read when the first changed unit turns up: reading its database costs milliseconds. Thread-safe.
class LazyUnits final : public UnitSystem {
public:
    [[nodiscard]] std::optional<UnitConversion> conversion(std::string_view from, std::string_view to) const override {
        return units().conversion(from, to);
    }
    [[nodiscard]] bool knows(std::string_view unit) const override { return units().knows(unit); }

private:
    const UnitSystem& units() const {
        std::call_once(once_, [this] { units_ = make_udunits(); });
        return *units_;
    }
    mutable std::once_flag once_;
    mutable std::unique_ptr<UnitSystem> units_;
};

}  // namespace etalon::schema
