#include "base/name_text.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "base/code_points.h"
#include "base/number_text.h"
#include "base/passwords.h"
#include "base/printable.h"

namespace etalon {
namespace {

constexpr const char* kGoodName =
    "1 to 255 bytes of UTF-8 in the form NFC, without control, bidi or invisible characters";

/// Blank, though the standard counts them among signs that are seen.
constexpr bool is_blank_sign(std::uint32_t c) noexcept {
    return c == 0x2800 || c == 0x1d159;
}

/// Signs that enclose the digits behind them and are seen, though their category is that of invisible ones.
constexpr bool is_seen_format(std::uint32_t c) noexcept {
    return (c >= 0x0600 && c <= 0x0605) || c == 0x06dd || c == 0x070f || c == 0x0890 || c == 0x0891 || c == 0x08e2 ||
           c == 0x110bd || c == 0x110cd;
}

/// What kind of character no name may have this one is; nothing for one that is good.
const char* find_fault(std::uint32_t c) noexcept {
    if (c >= 0x20 && c < 0x7f) return nullptr;
    const auto* property = utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
    switch (property->category) {
        case UTF8PROC_CATEGORY_CC:
            return "a control character";
        case UTF8PROC_CATEGORY_CN:
            return property->ignorable != 0 ? "an invisible character" : "a code point without a character";
        case UTF8PROC_CATEGORY_CO:
            return "a code point of private use";
        case UTF8PROC_CATEGORY_ZS:
            return "a space that is not U+0020";
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
            return "a separator of lines";
        default:
            break;
    }
    if (is_steering(c)) return "a bidi control character";
    if (is_seen_format(c)) return nullptr;
    if (property->ignorable != 0 || property->category == UTF8PROC_CATEGORY_CF || is_blank_sign(c))
        return "an invisible character";
    return nullptr;
}

/// The name in quotes, with what is not seen in it as escapes.
std::string quoted(std::string_view name) {
    std::string out = "'";
    constexpr std::size_t kMost = 80;  // bytes
    const auto all = name.size();
    while (!name.empty() && out.size() < kMost) {
        const auto next = first_code_point(name);
        const auto size = next ? next->size : 1;
        const bool hidden = next && !is_steering(next->value) && find_fault(next->value) != nullptr;
        out += hidden ? fmt::format("\\u{:04x}", next->value) : printable(name.substr(0, size));
        name.remove_prefix(size);
    }
    return out + (name.empty() ? "'" : fmt::format("...' of {} bytes", all));
}

Error make_fault(std::string_view name, std::string_view what, std::string found, std::string advice) {
    return Error(ErrorCode::BadInput,
                 {fmt::format("bad name of a {}", what), quoted(name), kGoodName, std::move(found), std::move(advice)});
}

bool is_ascii(std::string_view text) noexcept {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    }
    return true;
}

/// Where two texts part.
std::size_t find_difference(std::string_view a, std::string_view b) noexcept {
    std::size_t at = 0;
    while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
    // The start of the character.
    while (at > 0 && at < a.size() && (static_cast<unsigned char>(a[at]) & 0xC0U) == 0x80U) --at;
    return at;
}

std::string bytes_of(std::string_view text) {
    std::string out;
    for (const char c : text) out += fmt::format("{}{:02x}", out.empty() ? "" : " ", static_cast<unsigned char>(c));
    return out;
}

}  // namespace

std::string describe_character(std::string_view text, std::size_t at) {
    const auto here = first_code_point(text.substr(at));
    if (!here) return fmt::format("0x{:02x} at byte {}", static_cast<unsigned char>(text[at]), at);
    return fmt::format("U+{:04X} at byte {}", here->value, at);
}

std::optional<Error> find_name_fault(std::string_view name, std::string_view what) {
    if (name.empty()) return make_fault(name, what, "an empty name", "");
    if (name.size() > kLongestName) {
        return make_fault(name, what, fmt::format("{} bytes", name.size()), "choose a shorter one");
    }
    std::size_t bad = 0;
    while (const auto here = first_code_point(name.substr(bad))) bad += here->size;
    if (bad != name.size()) {
        return make_fault(name, what, fmt::format("bytes that are no UTF-8: {}", describe_character(name, bad)),
                          "write the name in UTF-8");
    }
    for (std::size_t at = 0; at < name.size();) {
        const auto here = first_code_point(name.substr(at));
        if (const auto* fault = find_fault(here->value)) {
            return make_fault(name, what, fmt::format("{}: {}", fault, describe_character(name, at)), "leave it out");
        }
        at += here->size;
    }
    if (const auto composed = find_composed(name)) {
        const auto at = find_difference(name, *composed);
        return make_fault(name, what, fmt::format("another form than NFC: {}", describe_character(name, at)),
                          fmt::format("write '{}' (bytes {})", *composed, bytes_of(*composed)));
    }
    if (without_passwords(name) != name) {
        return make_fault("***", what, "what may be a password", "a name is no URL with a password: leave that out");
    }
    return std::nullopt;
}

void check_name_text(std::string_view name, std::string_view what) {
    if (const auto fault = find_name_fault(name, what)) throw Error(*fault);
}

void check_free_text(std::string_view text, std::string_view what) {
    for (std::size_t at = 0; at < text.size();) {
        const auto here = first_code_point(text.substr(at));
        if (here && here->value != 0) {
            at += here->size;
            continue;
        }
        throw Error(ErrorCode::BadInput, {fmt::format("a {} that cannot be recorded", what), excerpt(text),
                                          "UTF-8 without NUL", describe_character(text, at), "write it in UTF-8"});
    }
}

std::optional<std::string> find_composed(std::string_view text) {
    if (is_ascii(text) || !is_utf8(text)) return std::nullopt;
    utf8proc_uint8_t* result = nullptr;
    const auto size =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                     &result, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(result, &std::free);
    if (size < 0) return std::nullopt;
    std::string composed(reinterpret_cast<const char*>(result), static_cast<std::size_t>(size));
    if (composed == text) return std::nullopt;
    return composed;
}

}  // namespace etalon
