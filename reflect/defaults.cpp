#include "reflect/defaults.h"

#include <charconv>
#include <cstdint>

#include "base/number_text.h"

namespace etalon::reflect {
namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// `1.5f`, `10u`, `7L` as C writes them.
std::string_view without_c_suffix(std::string_view text, bool is_float_type) noexcept {
    const std::string_view suffixes = is_float_type ? "fFlL" : "uUlL";
    std::string_view bare = text;
    while (bare.size() > 1 && suffixes.find(bare.back()) != std::string_view::npos) bare.remove_suffix(1);
    // `-inf` ends in a letter of its own.
    if (is_digit(bare.back()) || bare.back() == '.') return bare;
    return text;
}

template <class T>
std::optional<std::string> integer_text(std::string_view text) {
    bool negative = false;
    std::string_view digits = text;
    if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) {
        negative = digits.front() == '-';
        digits.remove_prefix(1);
    }
    std::optional<T> value;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        digits.remove_prefix(2);
        T parsed{};
        const auto end = digits.data() + digits.size();
        const auto result = std::from_chars(digits.data(), end, parsed, 16);
        if (digits.empty() || result.ec != std::errc{} || result.ptr != end || negative) return std::nullopt;
        value = parsed;
    } else {
        if (!digits.empty() && !is_digit(digits.front())) return std::nullopt;
        value = parse_integer<T>(text);
    }
    if (!value) return std::nullopt;
    std::string out;
    append_integer(out, *value);
    return out;
}

std::optional<std::string> integer_default(ScalarType type, std::string_view text) {
    switch (type) {
        case ScalarType::Int8:
            return integer_text<std::int8_t>(text);
        case ScalarType::UInt8:
            return integer_text<std::uint8_t>(text);
        case ScalarType::Int16:
            return integer_text<std::int16_t>(text);
        case ScalarType::UInt16:
            return integer_text<std::uint16_t>(text);
        case ScalarType::Int32:
            return integer_text<std::int32_t>(text);
        case ScalarType::UInt32:
            return integer_text<std::uint32_t>(text);
        case ScalarType::Int64:
            return integer_text<std::int64_t>(text);
        case ScalarType::UInt64:
            return integer_text<std::uint64_t>(text);
        default:
            return std::nullopt;
    }
}

template <class T>
std::optional<std::string> float_text(std::string_view text) {
    T value{};
    if (parse_float(text, value) != FloatParse::Ok) return std::nullopt;
    std::string out;
    append_float(out, value);
    return out;
}

/// Bytes that the quoted text of a CSV field stands for; nothing when it is malformed.
std::optional<std::uint64_t> quoted_length(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
    const std::string_view body = text.substr(1, text.size() - 2);
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < body.size(); ++i, ++length) {
        if (body[i] == '"' && (++i >= body.size() || body[i] != '"')) return std::nullopt;
        if (body[i] != '\\') continue;
        if (++i >= body.size()) return std::nullopt;
        if (body[i] == 'x') i += 2;
        if (i >= body.size()) return std::nullopt;
    }
    return length;
}

}  // namespace

bool is_surely_value(std::string_view text) noexcept {
    if (text.empty()) return false;
    const char first = text.front();
    if (is_digit(first) || first == '"' || first == '{') return true;
    return text.size() > 1 && (first == '-' || first == '+' || first == '.') && (is_digit(text[1]) || text[1] == '.');
}

std::optional<std::string> parse_default(const Element& element, std::string_view text) {
    for (const auto& [name, value] : element.enumerators) {
        if (name != text) continue;
        std::string out;
        // The record keeps 64 bits; an unsigned enumerator above 2^63-1 wraps there.
        if (element.type == ScalarType::UInt64)
            append_integer(out, static_cast<std::uint64_t>(value));
        else
            append_integer(out, value);
        return out;
    }
    switch (element.type) {
        case ScalarType::Bool:
            if (text == "true" || text == "1") return "1";
            if (text == "false" || text == "0") return "0";
            return std::nullopt;
        case ScalarType::Float32:
            return float_text<float>(without_c_suffix(text, true));
        case ScalarType::Float64:
            return float_text<double>(without_c_suffix(text, true));
        case ScalarType::Char: {
            const auto length = quoted_length(text);
            if (!length || *length > element.dims.back()) return std::nullopt;
            return std::string(text);
        }
        default:
            return integer_default(element.type, without_c_suffix(text, false));
    }
}

}  // namespace etalon::reflect
