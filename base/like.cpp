#include "base/like.h"

#include <cstddef>

namespace etalon {
namespace {

/// One step of a pattern.
struct Step {
    enum class Kind { Many, One, Byte } kind = Kind::Byte;
    char byte = 0;
    std::size_t length = 1;  ///< in the pattern
};

Step step_at(std::string_view pattern, std::size_t at) noexcept {
    const char c = pattern[at];
    if (c == '%') return {Step::Kind::Many, c, 1};
    if (c == '_') return {Step::Kind::One, c, 1};
    if (c == '\\' && at + 1 < pattern.size()) return {Step::Kind::Byte, pattern[at + 1], 2};
    return {Step::Kind::Byte, c, 1};
}

}  // namespace

bool is_like_pattern(std::string_view pattern) noexcept {
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] == '\\' && ++at == pattern.size()) return false;
    }
    return true;
}

bool is_like(std::string_view text, std::string_view pattern) noexcept {
    std::size_t at = 0;
    std::size_t next = 0;
    // Where to go on when it does not fit: behind the last `%`, one byte later.
    std::size_t retry_next = std::string_view::npos;
    std::size_t retry_at = 0;
    while (at < text.size()) {
        if (next < pattern.size()) {
            const auto step = step_at(pattern, next);
            if (step.kind == Step::Kind::Many) {
                next += step.length;
                retry_next = next;
                retry_at = at;
                continue;
            }
            if (step.kind == Step::Kind::One || step.byte == text[at]) {
                next += step.length;
                ++at;
                continue;
            }
        }
        if (retry_next == std::string_view::npos) return false;
        next = retry_next;
        at = ++retry_at;
    }
    while (next < pattern.size() && pattern[next] == '%') ++next;
    return next == pattern.size();
}

}  // namespace etalon
