#include "base/like.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

using etalon::is_like;
using etalon::is_like_pattern;

namespace {

/// As the words say it: all ways tried.
bool model(std::string_view text, std::string_view pattern) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '%') {
        for (std::size_t i = 0; i <= text.size(); ++i) {
            if (model(text.substr(i), pattern.substr(1))) return true;
        }
        return false;
    }
    if (text.empty()) return false;
    if (pattern[0] == '_') return model(text.substr(1), pattern.substr(1));
    const std::size_t length = pattern[0] == '\\' ? 2 : 1;
    return text[0] == pattern[length - 1] && model(text.substr(1), pattern.substr(length));
}

}  // namespace

TEST_CASE("patterns are byte by byte, and a backslash takes the next as it is") {
    CHECK(is_like("left", "left"));
    CHECK_FALSE(is_like("Left", "left"));
    CHECK(is_like("left", "l%t"));
    CHECK(is_like("", "%"));
    CHECK_FALSE(is_like("", "_"));
    CHECK(is_like("50%", "50\\%"));
    CHECK_FALSE(is_like("500", "50\\%"));
    CHECK(is_like("\xc3\xa4", "__"));  // one letter of two bytes
    CHECK(is_like("\xff", "_"));
    CHECK(is_like_pattern("a\\%"));
    CHECK(is_like_pattern("a\\\\"));
    CHECK_FALSE(is_like_pattern("a\\"));
    const std::string many(20000, 'a');
    CHECK_FALSE(is_like(many, "%a%a%a%a%a%a%a%b"));
}

TEST_CASE("patterns agree with all ways tried") {
    CHECK(rc::check("patterns", [] {
        const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\\%")));
        const auto parts = *rc::gen::container<std::vector<std::string>>(
            rc::gen::elementOf(std::vector<std::string>{"a", "b", "%", "_", "\\%", "\\\\", "\\a"}));
        std::string pattern;
        for (const auto& part : parts) pattern += part;
        if (text.size() > 12 || parts.size() > 8) return;
        RC_ASSERT(is_like(text, pattern) == model(text, pattern));
    }));
}
