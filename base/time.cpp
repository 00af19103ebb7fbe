#include "etalon/time.h"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "base/number_text.h"
#include "etalon/error.h"

namespace etalon {
namespace {

// Wide enough for every year of four digits, in which range is checked only at the end.
__extension__ using Wide = __int128;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::size_t kMostShown = 60;  // characters of a bad text that an error repeats

constexpr const char* kTimeForm =
    "a time such as 2019-06-09T13:20:47Z, a date, @ and nanoseconds since 1970, -inf or inf";

std::string quoted(std::string_view text) {
    const bool cut = text.size() > kMostShown;
    std::string out = "'";
    for (const char c : text.substr(0, kMostShown)) {
        const auto code = static_cast<unsigned char>(c);
        if (code >= 0x20 && code <= 0x7e) {
            out += c;
        } else {
            out += fmt::format("\\x{:02x}", code);
        }
    }
    return out + (cut ? "...'" : "'");
}

[[noreturn]] void fail(std::string_view what, std::string_view text, std::string expected, std::string advice = {}) {
    throw Error(
        ErrorCode::BadInput,
        {std::string(what), {}, std::move(expected), text.empty() ? "nothing" : quoted(text), std::move(advice)});
}

[[noreturn]] void fail_range(std::string_view text) {
    fail("time out of range", text, "1677-09-21T00:12:43.145224193Z to 2262-04-11T23:47:16.854775806Z",
         "write -inf or inf for a time without bound");
}

/// Reads from the front of a text, character by character.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
    /// Takes one of the characters, if it is next.
    bool take(std::string_view any_of) noexcept {
        if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// Takes exactly `width` digits.
    std::optional<unsigned> number(std::size_t width) noexcept {
        if (rest_.size() < width) return std::nullopt;
        unsigned value = 0;
        for (const char c : rest_.substr(0, width)) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + static_cast<unsigned>(c - '0');
        }
        rest_.remove_prefix(width);
        return value;
    }
    /// Takes all digits that are next.
    std::string_view digits() noexcept {
        const auto end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        const auto taken = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return taken;
    }

private:
    std::string_view rest_;
};

Time checked(Wide ns, std::string_view text) {
    // The extremes of the type are the infinities, no times.
    if (ns <= Wide{kMinusInfinity} || ns >= Wide{kPlusInfinity}) fail_range(text);
    return {static_cast<std::int64_t>(ns)};
}

/// True for what ends in `+02:00`, `-0500` or the like.
bool ends_in_offset(std::string_view rest) noexcept {
    const bool sign = !rest.empty() && (rest.front() == '+' || rest.front() == '-');
    return sign && rest.size() > 1 && rest.find_first_not_of("0123456789:", 1) == std::string_view::npos;
}

/// An optional sign and digits.
bool is_decimal(std::string_view text) noexcept {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

date::sys_days parse_date(Scanner& scanner, std::string_view text) {
    const auto year = scanner.number(4);
    const bool dash1 = scanner.take("-");
    const auto month = scanner.number(2);
    const bool dash2 = scanner.take("-");
    const auto day = scanner.number(2);
    if (!year || !dash1 || !month || !dash2 || !day) {
        if (is_decimal(text)) fail("not a time", text, kTimeForm, integer_time_advice(text));
        const bool compact = text.size() >= 8 && text.find_first_not_of("0123456789") >= 8 && text.size() <= 16;
        fail("not a time", text, kTimeForm, compact ? "write a date as YYYY-MM-DD, nanoseconds as @N" : "");
    }
    if (*month < 1 || *month > 12) fail("not a time: there is no such month", text, "a month from 01 to 12");
    const auto ym = date::year{static_cast<int>(*year)} / date::month{*month};
    const auto last = static_cast<unsigned>((ym / date::last).day());
    if (*day < 1 || *day > last) {
        fail("not a time: there is no such day", text,
             fmt::format("a day from 01 to {} in {:04}-{:02}", last, *year, *month));
    }
    return date::sys_days{ym / date::day{*day}};
}

/// Nanoseconds since midnight of `13:20:47.5`.
std::int64_t parse_time_of_day(Scanner& scanner, std::string_view text) {
    const auto hour = scanner.number(2);
    const bool colon1 = scanner.take(":");
    const auto minute = scanner.number(2);
    if (!hour || !colon1 || !minute) fail("not a time", text, kTimeForm);
    if (!scanner.take(":")) fail("not a time: the seconds are missing", text, kTimeForm);
    const auto second = scanner.number(2);
    if (!second) fail("not a time: the seconds are missing", text, kTimeForm);
    if (*hour > 23) fail("not a time: there is no such hour", text, "an hour from 00 to 23");
    if (*minute > 59) fail("not a time: there is no such minute", text, "a minute from 00 to 59");
    if (*second == 60) {
        fail("not a time: 60 seconds", text, "seconds from 00 to 59",
             "times have no leap seconds; write second 59, or second 00 of the next minute");
    }
    if (*second > 59) fail("not a time: there is no such second", text, "seconds from 00 to 59");
    std::int64_t ns = (std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60 + *second) * kNsPerSecond;
    if (scanner.take(".")) {
        const auto digits = scanner.digits();
        if (digits.empty() || digits.size() > 9) {
            fail("not a time: a fraction that cannot be kept", text, "1 to 9 digits behind the point");
        }
        std::int64_t unit = kNsPerSecond;
        for (const char c : digits) ns += (unit /= 10) * (c - '0');
    }
    return ns;
}

bool is_infinity(std::string_view text, std::int64_t& value) noexcept {
    if (text == "-inf") {
        value = kMinusInfinity;
    } else if (text == "inf" || text == "+inf") {
        value = kPlusInfinity;
    } else {
        return false;
    }
    return true;
}

Run parse_run(std::string_view text) {
    if (!is_decimal(text)) fail("not a run number", text, "an integer, -inf or inf");
    const auto number = parse_integer<std::int64_t>(text);
    if (!number || *number == kMinusInfinity || *number == kPlusInfinity) {
        fail("run number out of range", text, "-9223372036854775807 to 9223372036854775806",
             "write -inf or inf for a run without bound");
    }
    return {*number};
}

}  // namespace

std::string integer_time_advice(std::string_view text) {
    if (!is_decimal(text)) return {};
    const bool negative = text.front() == '-';
    const auto digits = text.substr(text.front() == '-' || text.front() == '+' ? 1 : 0);
    const auto number = parse_integer<std::int64_t>((negative ? "-" : "") + std::string(digits));
    std::string advice;
    const auto add = [&](const std::string& part) { advice += (advice.empty() ? "" : "; ") + part; };
    if (!negative && digits.size() == 8) {
        Scanner parts(digits);
        const auto year = parts.number(4);
        const auto month = parts.number(2);
        const auto day = parts.number(2);
        const auto date = date::year{static_cast<int>(*year)} / date::month{*month} / date::day{*day};
        if (date.ok()) add(fmt::format("a date is written {:04}-{:02}-{:02}", *year, *month, *day));
    }
    if (!number) return advice;
    struct Unit {
        std::string_view name;
        std::int64_t ns;
        bool always;
    };
    constexpr std::array kUnits{Unit{"seconds", kNsPerSecond, true}, Unit{"milliseconds", 1'000'000, false},
                                Unit{"microseconds", 1'000, false}, Unit{"nanoseconds", 1, true}};
    constexpr std::int64_t kFirstPlausible = 315'532'800 * kNsPerSecond;   // 1980
    constexpr std::int64_t kLastPlausible = 4'102'444'800 * kNsPerSecond;  // 2100
    for (const auto& unit : kUnits) {
        const auto ns = Wide{*number} * unit.ns;
        if (ns <= Wide{kMinusInfinity} || ns >= Wide{kPlusInfinity}) continue;
        const auto time = static_cast<std::int64_t>(ns);
        if (!unit.always && (time < kFirstPlausible || time > kLastPlausible)) continue;
        add(fmt::format("{} since 1970 are written @{} ({})", unit.name, time, format_time(Time{time})));
    }
    return advice;
}

Time parse_time(std::string_view text) {
    if (std::int64_t infinity = 0; is_infinity(text, infinity)) return {infinity};
    if (text.starts_with('@')) {
        const auto digits = text.substr(1);
        if (!is_decimal(digits)) fail("not a time", text, "@ and an integer: nanoseconds since 1970");
        const auto ns = parse_integer<std::int64_t>(digits);
        if (!ns) fail_range(text);
        return checked(*ns, text);
    }
    Scanner scanner(text);
    const auto days = parse_date(scanner, text).time_since_epoch().count();
    std::int64_t ns = 0;
    if (scanner.take("Tt")) {
        ns = parse_time_of_day(scanner, text);
    } else if (scanner.rest().starts_with(' ')) {
        fail("not a time", text, kTimeForm, "write a T between date and time");
    }
    if (ends_in_offset(scanner.rest())) {
        fail("not a time: it has an offset", text, "a time in UTC", "convert it to UTC and end it with Z");
    }
    scanner.take("Zz");
    if (!scanner.done()) fail("not a time", text, kTimeForm);
    return checked(Wide{days} * kSecondsPerDay * kNsPerSecond + ns, text);
}

std::string format_time(Time time) {
    if (time.ns == kMinusInfinity) return "-inf";
    if (time.ns == kPlusInfinity) return "inf";
    // Days are floored, so that what remains is never negative: before 1970 too.
    const auto since = std::chrono::nanoseconds{time.ns};
    const auto days = date::floor<date::days>(since);
    const date::year_month_day ymd{date::sys_days{days}};
    // The first day of the range begins before the range: its midnight is no nanosecond count of 64 bits.
    const auto in_day = static_cast<std::int64_t>(Wide{time.ns} - Wide{days.count()} * kSecondsPerDay * kNsPerSecond);
    const auto seconds = in_day / kNsPerSecond;
    const auto fraction = in_day % kNsPerSecond;
    std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(ymd.year()),
                                  static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()), seconds / 3600,
                                  seconds / 60 % 60, seconds % 60);
    if (fraction != 0) {
        out += fmt::format(".{:09}", fraction);
        out.erase(out.find_last_not_of('0') + 1);
    }
    return out + 'Z';
}

Position parse_position(Axis axis, std::string_view text) {
    if (std::int64_t infinity = 0; is_infinity(text, infinity)) return {axis, infinity};
    if (axis == Axis::Time) return parse_time(text);
    return parse_run(text);
}

std::string format_position(Position position) {
    if (position.axis == Axis::Time) return format_time({position.value});
    if (position.value == kMinusInfinity) return "-inf";
    if (position.value == kPlusInfinity) return "inf";
    return std::to_string(position.value);
}

}  // namespace etalon
