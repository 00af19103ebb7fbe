#pragma once
/// Points on the two axes of validity: time and run number. No local time, no server time zone, no wrapping.

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace etalon {

/// The extremes of the axis; they stand for minus and plus infinity on both axes.
inline constexpr std::int64_t kMinusInfinity = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kPlusInfinity = std::numeric_limits<std::int64_t>::max();

/// A point in time: signed nanoseconds since 1970-01-01T00:00:00 UTC (no leap seconds), or an infinity.
struct Time {
    std::int64_t ns = 0;
    friend constexpr auto operator<=>(const Time&, const Time&) = default;
};

/// A point on the run axis: a plain integer, or an infinity.
struct Run {
    std::int64_t number = 0;
    friend constexpr auto operator<=>(const Run&, const Run&) = default;
};

/// Which axis a named reference lives on. Persisted: values never change.
enum class Axis : std::uint8_t { Time = 1, Run = 2 };

/// `time` or `run`.
[[nodiscard]] constexpr std::string_view name_of(Axis axis) noexcept {
    return axis == Axis::Time ? "time" : "run";
}

/// A point on either axis, as a request carries it. Asking a named reference on the other axis is an error.
struct Position {
    Axis axis = Axis::Time;
    std::int64_t value = 0;

    constexpr Position() = default;
    constexpr Position(Time time) : axis(Axis::Time), value(time.ns) {}  // NOLINT: implicit on purpose
    constexpr Position(Run run) : axis(Axis::Run), value(run.number) {}  // NOLINT: implicit on purpose
    constexpr Position(Axis on, std::int64_t at) : axis(on), value(at) {}
    friend constexpr bool operator==(const Position&, const Position&) = default;
};

/// Reads `2019-06-09T13:20:47Z`, with a fraction of up to nine digits, a date alone (midnight), `@` + nanoseconds,
/// `-inf` or `inf`. The `Z` may be left out: every time is UTC. A finite time outside 1677-09-21T00:12:43.145224193Z to
/// 2262-04-11T23:47:16.854775806Z, or anything else, throws Error(BadInput).
[[nodiscard]] Time parse_time(std::string_view text);
/// What an integer could mean where a time is read, each with its date: `@N` for nanoseconds, and `@N000000000` for
/// seconds (milliseconds, microseconds and YYYYMMDD where they make sense). Empty for anything but an integer.
[[nodiscard]] std::string integer_time_advice(std::string_view text);

/// ISO 8601 with `Z` and a fraction (without trailing zeros) only when needed; `-inf`, `inf`. Inverse of parse_time.
[[nodiscard]] std::string format_time(Time time);

/// Reads a position on the given axis: parse_time for time; a decimal integer, `-inf` or `inf` for run.
[[nodiscard]] Position parse_position(Axis axis, std::string_view text);

/// Inverse of parse_position.
[[nodiscard]] std::string format_position(Position position);

}  // namespace etalon
