#pragma once
/// Half-open intervals of validity.

#include <cstdint>
#include <optional>

#include "etalon/time.h"

namespace etalon {

/// `[begin, end)` on one axis. `end` without a value means "until superseded": nothing known ends the interval, and it
/// contains plus infinity. An explicit end at kPlusInfinity excludes that one point. Never empty when made by Etalon.
struct Interval {
    Axis axis = Axis::Time;
    std::int64_t begin = kMinusInfinity;
    std::optional<std::int64_t> end;

    [[nodiscard]] constexpr bool contains(std::int64_t at) const noexcept { return begin <= at && (!end || at < *end); }
    [[nodiscard]] constexpr bool contains(Position at) const noexcept { return at.axis == axis && contains(at.value); }
    friend constexpr bool operator==(const Interval&, const Interval&) = default;
};

/// The common part of two intervals of one axis that overlap: latest begin, earliest end (no end = latest of all).
[[nodiscard]] constexpr Interval intersect(const Interval& a, const Interval& b) noexcept {
    Interval both{a.axis, a.begin > b.begin ? a.begin : b.begin, a.end};
    if (b.end && (!both.end || *b.end < *both.end)) both.end = b.end;
    return both;
}

}  // namespace etalon
