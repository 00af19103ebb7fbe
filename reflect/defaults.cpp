#include "reflect/defaults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/number_text.h"
#include "reflect/words.h"
#include "schema/default_list.h"

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

/// Where the quoted text, or the character, that begins at `at` ends; `at` when none does.
std::size_t behind_quotes(std::string_view text, std::size_t at) noexcept {
    if (text[at] == '"') {
        for (std::size_t i = at + 1; i < text.size(); ++i) {
            if (text[i] != '"') continue;
            if (i + 1 >= text.size() || text[i + 1] != '"') return i + 1;
            ++i;
        }
    } else if (text[at] == '\'' && at + 2 < text.size()) {
        const std::size_t end = at + (text[at + 1] == '\\' ? 3 : 2);
        if (end < text.size() && text[end] == '\'') return end + 1;
    }
    return at;
}

/// `{1, {2, 3}}`: a value, or a list of these. A comma behind the last one says nothing, as in C.
struct ListItem {
    std::string_view text;
    bool is_list = false;
    std::vector<ListItem> items;
};

/// `text` as a list, or one value as an item alone. Nests no deeper than an array of C does.
ListItem read_list(std::string_view text, std::size_t depth = 0) {
    constexpr std::size_t kMostDepth = 64;
    ListItem list{trim(text), false, {}};
    if (depth > kMostDepth || !list.text.starts_with('{') || length_of_list(list.text) != list.text.size()) return list;
    list.is_list = true;
    const std::string_view body = list.text.substr(1, list.text.size() - 2);
    for (std::size_t at = 0; at < body.size();) {
        std::size_t end = at;
        while (end < body.size() && body[end] != ',') {
            std::size_t next = behind_quotes(body, end);
            if (next == end && body[end] == '{') next += length_of_list(body.substr(end));
            end = std::max(next, end + 1);
        }
        const std::string_view item = trim(body.substr(at, end - at));
        if (!item.empty() || end < body.size()) list.items.push_back(read_list(item, depth + 1));
        at = end + 1;
    }
    return list;
}

/// Every value, in the order of memory.
void collect_values(const ListItem& list, std::vector<std::string_view>& values) {
    if (!list.is_list) values.push_back(list.text);
    for (const ListItem& item : list.items) collect_values(item, values);
}

bool is_nested(const ListItem& list) {
    return std::any_of(list.items.begin(), list.items.end(), [](const ListItem& item) { return item.is_list; });
}

/// True when the lists are nested as `dims` are, with as many items in each.
bool has_shape(const ListItem& list, const std::vector<std::uint64_t>& dims, std::size_t depth = 0) {
    if (depth == dims.size()) return !list.is_list;
    return list.is_list && list.items.size() == dims[depth] &&
           std::all_of(list.items.begin(), list.items.end(),
                       [&](const ListItem& item) { return has_shape(item, dims, depth + 1); });
}

/// The dimensions of an array, without the capacity of text.
std::vector<std::uint64_t> array_dims(const Element& element) {
    std::vector<std::uint64_t> dims = element.dims;
    if (element.is_text() && !dims.empty()) dims.pop_back();
    return dims;
}

std::uint64_t number_of_items(const std::vector<std::uint64_t>& dims) {
    std::uint64_t count = 1;
    for (const std::uint64_t dim : dims) count *= dim;
    return count;
}

/// One item of an array.
Element one_value_of(const Element& element) {
    Element one = element;
    one.dims.clear();
    if (element.is_text()) one.dims.push_back(element.dims.back());
    return one;
}

/// The default of an array with these values; nothing when one does not fit.
template <class Text>
std::optional<std::string> default_of_texts(const Element& one, const std::vector<Text>& texts) {
    std::vector<std::string> values;
    for (const Text& text : texts) {
        auto value = parse_default(one, text);
        if (!value) return std::nullopt;
        values.push_back(std::move(*value));
    }
    return schema::default_of_items(values);
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

std::optional<std::string> list_default(const Element& element, const std::vector<std::uint64_t>& dims,
                                        const ListItem& list) {
    std::vector<std::string_view> texts;
    collect_values(list, texts);
    const Element one = one_value_of(element);
    if (!is_nested(list) && texts.size() <= 1 && !element.is_text()) {
        const auto zero = parse_default(one, "0");
        if (texts.empty() || (zero && parse_default(one, texts.front()) == zero)) return zero;
    }
    if (texts.size() != number_of_items(dims) || (is_nested(list) && !has_shape(list, dims))) return std::nullopt;
    return default_of_texts(one, texts);
}

}  // namespace

std::size_t length_of_list(std::string_view text) noexcept {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 0 && text.front() != '{') return 0;
        if (const std::size_t next = behind_quotes(text, i); next != i)
            i = next - 1;
        else if (text[i] == '{')
            ++depth;
        else if (text[i] == '}' && --depth == 0)
            return i + 1;
    }
    return 0;
}

bool is_surely_value(std::string_view text) noexcept {
    if (text.empty()) return false;
    const char first = text.front();
    if (is_digit(first) || first == '"' || first == '{' || first == '\'') return true;
    return text.size() > 1 && (first == '-' || first == '+' || first == '.') && (is_digit(text[1]) || text[1] == '.');
}

std::optional<std::string> parse_default(const Element& element, std::string_view text) {
    if (const auto dims = array_dims(element); !dims.empty()) {
        if (const ListItem list = read_list(text); list.is_list) return list_default(element, dims, list);
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

std::string describe_misfit(const Element& element, std::string_view text) {
    const std::vector<std::uint64_t> dims = array_dims(element);
    std::string type(name_of(element.type));
    for (const std::uint64_t dim : element.dims) type += "[" + std::to_string(dim) + "]";
    const ListItem list = read_list(text);
    if (!list.is_list)
        return "is not a value of " + std::string(name_of(element.type)) +
               (element.is_text() ? ": text stands in double quotes" : "") +
               (dims.empty() ? "" : "; an array takes one value for every item, or a list of all of them in braces");
    if (dims.empty()) return "is a list, and " + type + " is one value";
    std::vector<std::string_view> values;
    collect_values(list, values);
    const std::uint64_t count = number_of_items(dims);
    if (values.size() != count)
        return fmt::format("has {} value{}, {} are expected: {} has {} items, a list gives all of them", values.size(),
                           values.size() == 1 ? "" : "s", count, type, count);
    if (is_nested(list) && !has_shape(list, dims))
        return "is not nested as " + type + " is: write one list of all " + std::to_string(count) +
               " values, or lists in lists as its dimensions are";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (parse_default(one_value_of(element), values[i])) continue;
        return fmt::format("is not a list of {}: its value {} is {}{}", name_of(element.type), i,
                           values[i].empty() ? "empty" : values[i],
                           element.is_text() ? " (text stands in double quotes)" : "");
    }
    return "does not fit";
}

std::optional<std::string> default_of(const Element& element, const RawValue& value) {
    if (element.is_text()) {
        std::vector<std::string> texts;
        collect_texts(value, texts);
        return texts.size() == number_of_items(array_dims(element)) ? default_of_texts(one_value_of(element), texts)
                                                                    : std::nullopt;
    }
    std::vector<std::string_view> values;
    collect_values(value, values);
    return values.size() == number_of_items(element.dims) ? default_of_texts(one_value_of(element), values)
                                                          : std::nullopt;
}

}  // namespace etalon::reflect
