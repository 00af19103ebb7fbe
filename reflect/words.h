#pragma once
/// Letters and words of comments.

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

namespace etalon::reflect {

[[nodiscard]] inline bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] inline bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
[[nodiscard]] inline bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
[[nodiscard]] inline bool is_high(char c) noexcept {
    return static_cast<unsigned char>(c) >= 0x80;
}

[[nodiscard]] inline std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

[[nodiscard]] inline std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

template <std::size_t N>
[[nodiscard]] bool contains(const std::array<std::string_view, N>& list, std::string_view word) noexcept {
    return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace etalon::reflect
