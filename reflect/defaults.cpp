#include "reflect/defaults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/number_text.h"
#include "reflect/words.h"

namespace etalon::reflect {
namespace {

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

/// `'A'` and the simple escapes of C.
std::optional<std::string> character_code(std::string_view text) {
    if (text.size() < 3 || text.front() != '\'' || text.back() != '\'') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    int code = static_cast<unsigned char>(text.front());
    if (text.front() == '\\' && text.size() == 2) {
        constexpr std::string_view kLetters = "0abtnvfr\\'\"";
        constexpr std::array<int, 11> kCodes{0, 7, 8, 9, 10, 11, 12, 13, '\\', '\'', '"'};
        const auto at = kLetters.find(text[1]);
        if (at == std::string_view::npos) return std::nullopt;
        code = kCodes[at];
    } else if (text.size() != 1 || text.front() == '\\') {
        return std::nullopt;
    }
    return std::to_string(code);
}

std::optional<std::string> bool_text(std::string_view text) {
    const std::string word = lower(text);
    for (const std::string_view yes : {"true", "1", "yes", "on"}) {
        if (word == yes) return "1";
    }
    for (const std::string_view no : {"false", "0", "no", "off"}) {
        if (word == no) return "0";
    }
    return std::nullopt;
}

/// The items of `{1, 2}`; nothing when something is nested.
std::optional<std::vector<std::string_view>> list_items(std::string_view text) {
    if (text.size() < 2 || text.front() != '{' || text.back() != '}') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    if (text.find_first_of("{}\"") != std::string_view::npos) return std::nullopt;
    std::vector<std::string_view> items;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const std::string_view item = text.substr(at, end - at);
        items.push_back(trim(item));
        at = end + 1;
    }
    return items;
}

/// Bytes up to the last that is no NUL, as the quoted text of CSV.
std::string quoted(std::string_view bytes) {
    while (!bytes.empty() && bytes.back() == '\0') bytes.remove_suffix(1);
    const bool is_text = is_utf8(bytes);
    std::string out = "\"";
    for (const char c : bytes) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"')
            out += "\"\"";
        else if (c == '\\')
            out += "\\\\";
        else if (code < 0x20 || code == 0x7F || (code >= 0x80 && !is_text))
            out += fmt::format("\\x{:02x}", code);
        else
            out += c;
    }
    return out + "\"";
}

/// Every innermost value.
void collect_values(const RawValue& value, std::vector<std::string_view>& values) {
    if (!value.text.empty()) values.push_back(value.text);
    for (const RawValue& item : value.items) collect_values(item, values);
}

/// The texts of `char[a][b][n]`, each of its last dimension; a row that is given in part ends in NUL.
void collect_texts(const RawValue& value, std::vector<std::string>& texts) {
    const bool is_row =
        std::all_of(value.items.begin(), value.items.end(), [](const RawValue& item) { return item.items.empty(); });
    if (!is_row) {
        for (const RawValue& item : value.items) collect_texts(item, texts);
        return;
    }
    std::string text;
    for (const RawValue& item : value.items) text += static_cast<char>(std::atoi(item.text.c_str()));
    texts.push_back(quoted(text));
}

template <class Text>
std::optional<std::string> only_one(const std::vector<Text>& values) {
    if (values.empty()) return std::nullopt;
    const bool same =
        std::all_of(values.begin(), values.end(), [&](const Text& value) { return value == values.front(); });
    return same ? std::optional(std::string(values.front())) : std::nullopt;
}

}  // namespace

bool is_surely_value(std::string_view text) noexcept {
    if (text.empty()) return false;
    const char first = text.front();
    if (is_digit(first) || first == '"' || first == '{' || first == '\'') return true;
    return text.size() > 1 && (first == '-' || first == '+' || first == '.') && (is_digit(text[1]) || text[1] == '.');
}

std::optional<std::string> parse_default(const Element& element, std::string_view text) {
    if (const auto items = list_items(text); items && !element.dims.empty() && !element.is_text()) {
        std::vector<std::string> values;
        for (const auto item : *items) values.push_back(parse_default(element, item).value_or(""));
        // `{}` and `{0}` are zero throughout, other short lists are not one value.
        const auto one = only_one(values);
        if (items->size() == 1 && (items->front().empty() || (one && parse_default(element, "0") == one)))
            return parse_default(element, "0");
        return one && !one->empty() && items->size() == element.count() ? one : std::nullopt;
    }
    // `Color::kRed`
    const auto scope = text.rfind("::");
    const std::string_view name_alone = scope == std::string_view::npos ? text : text.substr(scope + 2);
    for (const auto& [name, value] : element.enumerators) {
        if (name != name_alone) continue;
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
            return bool_text(text);
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
            if (const auto code = character_code(text)) return integer_default(element.type, *code);
            return integer_default(element.type, without_c_suffix(text, false));
    }
}

std::optional<std::string> default_of(const Element& element, const RawValue& value) {
    if (element.is_text()) {
        std::vector<std::string> texts;
        collect_texts(value, texts);
        return only_one(texts);
    }
    std::vector<std::string_view> values;
    collect_values(value, values);
    const auto one = only_one(values);
    return one ? parse_default(element, *one) : std::nullopt;
}

}  // namespace etalon::reflect
