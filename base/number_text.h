#pragma once
/// The text form of numbers, one rule for CSV, JSON, definitions and SQLite's arrays: integers in decimal, floats as
/// the shortest decimal that reads back to the same bits, `nan`, `inf`, `-inf`.

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace etalon {

/// Appends the shortest decimal that reads back to the same float (`-0.0` as `-0`; `nan`, `inf`, `-inf`): without `e`
/// from 0.0001 up to below 1e16, else as `1e-05`, `1e16`, `-1.5e20`.
void append_float(std::string& out, float value);
void append_float(std::string& out, double value);

template <std::integral T>
void append_integer(std::string& out, T value) {
    char buffer[24];
    const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
    out.append(buffer, result.ptr);
}

/// The whole of `text` as a decimal integer of type T (a leading `+` is accepted); nothing when malformed or out of
/// range.
template <std::integral T>
[[nodiscard]] std::optional<T> parse_integer(std::string_view text) noexcept {
    if (!text.empty() && text.front() == '+') {
        text.remove_prefix(1);
        if (!text.empty() && text.front() == '-') return std::nullopt;
    }
    T value{};
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

enum class FloatParse : std::uint8_t { Ok, Malformed, OutOfRange };

/// The whole of `text` as a float: decimal, `nan`, `inf`, `-inf` (any case; `infinity` too). A decimal too large for
/// the type is OutOfRange; one that underflows reads as the nearest value (a denormal or zero).
[[nodiscard]] FloatParse parse_float(std::string_view text, float& value) noexcept;
[[nodiscard]] FloatParse parse_float(std::string_view text, double& value) noexcept;

/// True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace etalon
