#include "base/printable.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/code_points.h"

namespace etalon {
namespace {

constexpr std::size_t kMostOfExcerpt = 40;  // code points

void append_escaped(std::string& out, std::uint32_t code_point) {
    switch (code_point) {
        case '\n':
            out += "\\n";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\r':
            out += "\\r";
            return;
        default:
            out += code_point < 0x20 ? fmt::format("\\x{:02x}", code_point) : fmt::format("\\u{:04x}", code_point);
    }
}

/// What most text is: nothing to look at closely.
bool is_plain(char c) noexcept {
    return c >= 0x20 && c < 0x7f;
}

}  // namespace

bool is_steering(std::uint32_t c) noexcept {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

std::string printable(std::string_view text, LineEnds line_ends) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto plain =
            static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_plain) - text.begin());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const auto next = first_code_point(text);
        if (!next) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
            text.remove_prefix(1);
            continue;
        }
        const bool stays = !is_steering(next->value) || (next->value == '\n' && line_ends == LineEnds::Kept);
        if (stays) {
            out += text.substr(0, next->size);
        } else {
            append_escaped(out, next->value);
        }
        text.remove_prefix(next->size);
    }
    return out;
}

std::string excerpt(std::string_view text) {
    // Four bytes are the longest code point: what is behind cannot be shown.
    auto shown = printable(text.substr(0, 4 * kMostOfExcerpt + 4));
    std::size_t count = 0;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        if ((static_cast<unsigned char>(shown[i]) & 0xC0U) == 0x80U || ++count <= kMostOfExcerpt) continue;
        shown.resize(i);
        return shown + "...";
    }
    return shown;
}

std::size_t whole_length(std::string_view text) noexcept {
    // Of a code point that is cut off, at most three bytes are there.
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if (byte < 0x80) break;
        if (byte < 0xC0) continue;
        const std::size_t needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        return needed > back ? text.size() - back : text.size();
    }
    return text.size();
}

}  // namespace etalon
