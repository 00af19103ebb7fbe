#include "schema/names.h"

#include "base/number_text.h"

namespace etalon::schema {
namespace {

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// Length of the well-formed UTF-8 sequence at the start of `text`, 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    for (std::size_t n = 1; n <= 4 && n <= text.size(); ++n) {
        if (is_utf8(text.substr(0, n))) return n;
    }
    return 0;
}

template <class Replace>
std::string repaired(std::string_view text, Replace replace) {
    if (is_utf8(text)) return std::string(text);
    std::string out;
    while (!text.empty()) {
        std::size_t n = sequence_length(text);
        if (n == 0) {
            replace(out, static_cast<unsigned char>(text.front()));
            n = 1;
        } else {
            out.append(text.substr(0, n));
        }
        text.remove_prefix(n);
    }
    return out;
}

}  // namespace

bool is_identifier(std::string_view text) noexcept {
    if (text.empty() || !is_letter(text.front())) return false;
    for (const char c : text) {
        if (!is_letter(c) && !is_digit(c)) return false;
    }
    return true;
}

bool is_struct_name(std::string_view text) noexcept {
    while (true) {
        const auto end = text.find("::");
        if (!is_identifier(text.substr(0, end))) return false;
        if (end == std::string_view::npos) return true;
        text.remove_prefix(end + 2);
    }
}

std::optional<std::vector<PathPart>> split_path(std::string_view path) {
    std::vector<PathPart> parts;
    while (true) {
        const auto dot = path.find('.');
        std::string_view part = path.substr(0, dot);
        PathPart result;
        const auto bracket = part.find('[');
        result.name = part.substr(0, bracket);
        if (!is_identifier(result.name)) return std::nullopt;
        part.remove_prefix(result.name.size());
        while (!part.empty()) {
            const auto close = part.find(']');
            if (part.front() != '[' || close == std::string_view::npos) return std::nullopt;
            const std::string_view digits = part.substr(1, close - 1);
            // One spelling per index, so that equal paths are equal strings.
            if (digits.empty() || !is_digit(digits.front()) || (digits.size() > 1 && digits.front() == '0'))
                return std::nullopt;
            const auto index = parse_integer<std::uint64_t>(digits);
            if (!index) return std::nullopt;
            result.indices.push_back(*index);
            part.remove_prefix(close + 1);
        }
        parts.push_back(std::move(result));
        if (dot == std::string_view::npos) break;
        path.remove_prefix(dot + 1);
    }
    if (!parts.back().indices.empty()) return std::nullopt;
    return parts;
}

ValuePath split_value_path(std::string_view path) {
    ValuePath split{path, {}};
    while (split.element.ends_with(']')) {
        const auto open = split.element.rfind('[');
        if (open == std::string_view::npos) break;
        const auto digits = split.element.substr(open + 1, split.element.size() - open - 2);
        const auto index = parse_integer<std::uint64_t>(digits);
        if (!index || digits.front() == '+') break;
        split.indices.insert(split.indices.begin(), *index);
        split.element = split.element.substr(0, open);
    }
    return split;
}

std::string utf8_text(std::string_view text) {
    return repaired(text, [](std::string& out, unsigned char byte) {
        out += static_cast<char>(0xC0 | (byte >> 6));
        out += static_cast<char>(0x80 | (byte & 0x3F));
    });
}

std::string utf8_escaped(std::string_view text) {
    return repaired(text, [](std::string& out, unsigned char byte) {
        constexpr char kDigits[] = "0123456789abcdef";
        out += "\\x";
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    });
}

}  // namespace etalon::schema
