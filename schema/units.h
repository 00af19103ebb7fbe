#pragma once
/// Units of elements: the interface that conversion needs, and its implementation by the table of units that is part of
/// the program (schema/unit_table.h).

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "schema/exact_scale.h"

namespace etalon::schema {

/// How a number in one unit becomes one in another: `value * scale + offset` (K -> degC: 1, -273.15), or the reverse of
/// that:
/// `(value - offset) / scale`, which gives whole numbers back where 1 / scale has no exact double.
struct UnitConversion {
    double scale = 1;
    double offset = 0;
    bool is_reversed = false;
    /// The same without rounding, which then counts; scale and offset are the nearest doubles, and it is not reversed.
    /// None for factors of rules that are written as rounded doubles.
    std::shared_ptr<const ExactScale> exact = nullptr;

    /// Without rounding.
    [[nodiscard]] static UnitConversion make(std::shared_ptr<const ExactScale> exact);

    /// The value in the other unit: the double nearest to the exact result. Without an exact one, a scale that is one
    /// over a whole number divides (reversed: multiplies) by it: one rounding less.
    [[nodiscard]] double apply(double value) const noexcept;
    /// The reverse of it.
    [[nodiscard]] UnitConversion reversed() const;
    /// The same as one factor and one offset, rounded: for people, and to put together with others.
    [[nodiscard]] UnitConversion flat() const noexcept;
    [[nodiscard]] bool is_identity() const noexcept { return scale == 1 && offset == 0; }
    friend bool operator==(const UnitConversion& a, const UnitConversion& b) {
        const bool are_exact = a.exact != nullptr && b.exact != nullptr;
        return a.scale == b.scale && a.offset == b.offset && a.is_reversed == b.is_reversed &&
               (!are_exact || a.exact->equals(*b.exact));
    }
};

/// Knows units. Implementations are safe to call from several threads.
class UnitSystem {
public:
    virtual ~UnitSystem() = default;
    /// How `from` becomes `to`; nothing when a unit is unknown or they measure different things, or when the conversion
    /// is not linear (decibels). What counts as different: docs/evolution.md.
    [[nodiscard]] virtual std::optional<UnitConversion> conversion(std::string_view from,
                                                                   std::string_view to) const = 0;
    /// True when the spelling is a unit.
    [[nodiscard]] virtual bool knows(std::string_view unit) const = 0;
    /// Why two known units do not convert, in one clause for people; empty when they do, or when one is unknown.
    [[nodiscard]] virtual std::string difference(std::string_view from, std::string_view to) const = 0;
    /// True for a unit with a zero of its own (degC), in which a difference is another thing than a value.
    [[nodiscard]] virtual bool has_offset(std::string_view unit) const = 0;
    /// The unit with every unknown name replaced by the nearest known one; empty when there is none.
    [[nodiscard]] virtual std::string nearest(std::string_view unit) const = 0;
};

/// The units of the table, and those that a unit text defines for itself (schema/unit_definitions.h). UDUNITS-2 reads
/// what has logarithms and dates; its own database is read when the first of these turns up, and Error(Internal) is
/// thrown when it cannot be.
[[nodiscard]] std::unique_ptr<UnitSystem> make_units();

/// make_units() when the first unit turns up. Thread-safe.
class LazyUnits final : public UnitSystem {
public:
    [[nodiscard]] std::optional<UnitConversion> conversion(std::string_view from, std::string_view to) const override {
        return units().conversion(from, to);
    }
    [[nodiscard]] bool knows(std::string_view unit) const override { return units().knows(unit); }
    [[nodiscard]] std::string difference(std::string_view from, std::string_view to) const override {
        return units().difference(from, to);
    }
    [[nodiscard]] bool has_offset(std::string_view unit) const override { return units().has_offset(unit); }
    [[nodiscard]] std::string nearest(std::string_view unit) const override { return units().nearest(unit); }

private:
    const UnitSystem& units() const {
        std::call_once(once_, [this] { units_ = make_units(); });
        return *units_;
    }
    mutable std::once_flag once_;
    mutable std::unique_ptr<UnitSystem> units_;
};

}  // namespace etalon::schema
