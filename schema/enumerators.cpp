#include "schema/enumerators.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/numbers.h"
#include "schema/names.h"

namespace etalon::schema {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// `enum ns::Status` -> `Status`; empty for a type without a name.
std::string_view type_name(std::string_view c_type) noexcept {
    c_type.remove_prefix(std::min(c_type.size(), c_type.rfind(' ') + 1));
    c_type.remove_prefix(std::min(c_type.size(), c_type.rfind(':') + 1));
    return is_identifier(c_type) ? c_type : std::string_view();
}

/// One name, qualified or not.
std::optional<std::int64_t> find_one(const Element& element, std::string_view text) {
    auto name = text;
    if (const auto colons = text.rfind("::"); colons != std::string_view::npos) {
        auto scope = text.substr(0, colons);
        name = text.substr(colons + 2);
        const auto last = scope.substr(std::min(scope.size(), scope.rfind(':') + 1));
        const auto type = type_name(element.c_type);
        if (!is_struct_name(scope) || (!type.empty() && type != last)) return std::nullopt;
    }
    const auto found =
        std::ranges::find(element.enumerators, name, [](const auto& one) { return std::string_view(one.first); });
    return found == element.enumerators.end() ? std::nullopt : std::optional(found->second);
}

/// The first enumerator of exactly that value; null when there is none.
const std::string* find_name(const Element& element, std::uint64_t value) noexcept {
    const auto found = std::ranges::find(element.enumerators, static_cast<std::int64_t>(value),
                                         [](const auto& one) { return one.second; });
    return found == element.enumerators.end() ? nullptr : &found->first;
}

/// As Element::enumerators has it: sign-extended, uint64 wraps.
std::int64_t load_value(ScalarType type, const std::byte* at) noexcept {
    return with_number_type(type, [&]<class T>(T) { return static_cast<std::int64_t>(load_number<T>(at)); });
}

/// True for a value whose sign is no bit of a set.
bool is_set(const Element& element, std::int64_t value) noexcept {
    return value > 0 || (value < 0 && element.type == ScalarType::UInt64);
}

bool has_every_bit(const Element& element, std::int64_t value) noexcept {
    if (!is_set(element, value)) return false;
    for (auto rest = static_cast<std::uint64_t>(value); rest != 0; rest &= rest - 1) {
        if (find_name(element, rest & (~rest + 1)) == nullptr) return false;
    }
    return true;
}

}  // namespace

std::optional<std::int64_t> find_enumerator(const Element& element, std::string_view text) {
    if (element.enumerators.empty()) return std::nullopt;
    std::int64_t value = 0;
    bool is_first = true;
    while (true) {
        const auto end = std::min(text.find('|'), text.size());
        const auto one = find_one(element, trimmed(text.substr(0, end)));
        if (!one) return std::nullopt;
        const bool is_last = end == text.size();
        // What has a sign of its own is no bit to put together.
        if ((!is_first || !is_last) && *one != 0 && !is_set(element, *one)) return std::nullopt;
        value |= *one;
        if (is_last) return value;
        text.remove_prefix(end + 1);
        is_first = false;
    }
}

std::string enumerator_text(const Element& element, std::int64_t value) {
    if (const auto* name = find_name(element, static_cast<std::uint64_t>(value))) return *name;
    if (!has_every_bit(element, value)) return {};
    std::string text;
    for (auto rest = static_cast<std::uint64_t>(value); rest != 0; rest &= rest - 1) {
        text += (text.empty() ? "" : "|") + *find_name(element, rest & (~rest + 1));
    }
    return text;
}

std::string enumerator_text_at(const Element& element, const std::byte* at) {
    return element.enumerators.empty() ? std::string() : enumerator_text(element, load_value(element.type, at));
}

bool has_enumerator(const Element& element, const std::byte* at) noexcept {
    const auto value = load_value(element.type, at);
    return find_name(element, static_cast<std::uint64_t>(value)) != nullptr || has_every_bit(element, value);
}

std::string list_enumerators(const Element& element) {
    constexpr std::size_t kMost = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(element.enumerators.size(), kMost); ++i) {
        const auto& [name, value] = element.enumerators[i];
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", name,
                            element.type == ScalarType::UInt64 ? fmt::to_string(static_cast<std::uint64_t>(value))
                                                               : fmt::to_string(value));
    }
    if (element.enumerators.size() > kMost) text += fmt::format(" and {} more", element.enumerators.size() - kMost);
    return text;
}

}  // namespace etalon::schema
