#include "base/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace etalon {
namespace {

/// Decimal exponents from here to kLastFixed are written without `e`: 0.0001, 1234567890123456, but 1e-05, 1e16
/// (as Python's repr, less its `+` and `.0`).
constexpr int kFirstFixed = -4;
constexpr int kLastFixed = 15;

template <class T>
void append_shortest(std::string& out, T value) {
    if (std::isnan(value)) {
        out += "nan";
        return;
    }
    if (std::isinf(value)) {
        out += value < 0 ? "-inf" : "inf";
        return;
    }
    // `d.ddde+XX`: the shortest digits; only their arrangement is decided here.
    std::array<char, 40> buffer;
    const auto written =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
    std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
    const auto e = text.find('e');
    int exponent = 0;
    const char* const first = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
    std::from_chars(first, text.data() + text.size(), exponent);
    if (exponent < kFirstFixed || exponent > kLastFixed) {
        out += text.substr(0, e + 1);
        out += text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
        return;
    }
    if (text.front() == '-') {
        out += '-';
        text.remove_prefix(1);
    }
    const std::string_view mantissa = text.substr(0, text.find('e'));
    const char leading = mantissa.front();
    const std::string_view rest = mantissa.size() > 1 ? mantissa.substr(2) : std::string_view{};
    if (exponent < 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-exponent - 1), '0');
        out += leading;
        out += rest;
        return;
    }
    const auto whole = static_cast<std::size_t>(exponent);
    out += leading;
    out += rest.substr(0, std::min(whole, rest.size()));
    if (rest.size() <= whole) {
        out.append(whole - rest.size(), '0');
    } else {
        out += '.';
        out += rest.substr(whole);
    }
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
    return std::ranges::equal(text, lower, {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

/// Where a decimal lies that std::from_chars calls out of range: true when it is too large, false when too small.
/// `text` is well formed and has no sign.
bool is_too_large(std::string_view text) noexcept {
    // The decimal exponent of the first digit that is not zero; everything saturates far outside any float.
    constexpr long long kFar = 1'000'000'000'000;
    const auto e = std::min(text.find_first_of("eE"), text.size());
    const std::string_view mantissa = text.substr(0, e);
    const auto point = std::min(mantissa.find('.'), mantissa.size());
    const auto significant = mantissa.find_first_not_of("0.");
    if (significant == std::string_view::npos) return false;
    long long magnitude = significant < point ? static_cast<long long>(point - significant) - 1
                                              : -static_cast<long long>(significant - point);
    if (e < text.size()) {
        std::string_view digits = text.substr(e + 1);
        const bool negative = digits.front() == '-';
        if (digits.front() == '-' || digits.front() == '+') digits.remove_prefix(1);
        long long exponent = 0;
        for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), kFar);
        magnitude += negative ? -exponent : exponent;
    }
    return magnitude > 0;
}

template <class T>
FloatParse parse(std::string_view text, T& value) noexcept {
    bool negative = false;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    if (text.empty()) return FloatParse::Malformed;
    const char head = text.front();
    if ((head < '0' || head > '9') && head != '.') {
        if (equals_ignoring_case(text, "nan")) {
            value = std::numeric_limits<T>::quiet_NaN();
        } else if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
            value = negative ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
        } else {
            return FloatParse::Malformed;
        }
        return FloatParse::Ok;
    }
    T magnitude{};
    const auto result = std::from_chars(text.data(), text.data() + text.size(), magnitude, std::chars_format::general);
    if (result.ec == std::errc::invalid_argument || result.ptr != text.data() + text.size()) {
        return FloatParse::Malformed;
    }
    if (result.ec == std::errc::result_out_of_range) {
        if (is_too_large(text)) return FloatParse::OutOfRange;
        magnitude = T{0};
    }
    value = negative ? -magnitude : magnitude;
    return FloatParse::Ok;
}

}  // namespace

void append_float(std::string& out, float value) {
    append_shortest(out, value);
}
void append_float(std::string& out, double value) {
    append_shortest(out, value);
}

FloatParse parse_float(std::string_view text, float& value) noexcept {
    return parse(text, value);
}
FloatParse parse_float(std::string_view text, double& value) noexcept {
    return parse(text, value);
}

bool is_utf8(std::string_view text) noexcept {
    const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::size_t i = 0;
    while (i < text.size()) {
        const unsigned char head = byte(i);
        if (head < 0x80) {
            ++i;
            continue;
        }
        std::size_t more = 0;
        unsigned char low = 0x80;   // bounds of the second byte: they exclude overlong forms, surrogates
        unsigned char high = 0xBF;  // and what lies beyond U+10FFFF
        if (head >= 0xC2 && head <= 0xDF) {
            more = 1;
        } else if (head >= 0xE0 && head <= 0xEF) {
            more = 2;
            if (head == 0xE0) low = 0xA0;
            if (head == 0xED) high = 0x9F;
        } else if (head >= 0xF0 && head <= 0xF4) {
            more = 3;
            if (head == 0xF0) low = 0x90;
            if (head == 0xF4) high = 0x8F;
        } else {
            return false;
        }
        if (text.size() - i <= more || byte(i + 1) < low || byte(i + 1) > high) return false;
        for (std::size_t k = 2; k <= more; ++k) {
            if (byte(i + k) < 0x80 || byte(i + k) > 0xBF) return false;
        }
        i += more + 1;
    }
    return true;
}

}  // namespace etalon
