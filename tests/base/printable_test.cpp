#include "base/printable.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "base/code_points.h"
#include "base/number_text.h"
#include "etalon/error.h"

using namespace etalon;

namespace {

/// True when a text holds a code point that steers a terminal, or a byte that is no UTF-8; looked for byte by byte.
bool has_steering(std::string_view text, bool line_ends_too) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && (c != '\n' || line_ends_too)) || byte == 0x7f) return true;
    }
    for (int c = 0x80; c < 0xa0; ++c) {
        if (text.find(std::string("\xc2") + static_cast<char>(c)) != std::string_view::npos) return true;
    }
    for (const char* one : {"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b", "\u202c", "\u202d",
                            "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"}) {
        if (text.find(one) != std::string_view::npos) return true;
    }
    return !is_utf8(text);
}

std::string random_text() {
    std::string text;
    const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
        rc::gen::string<std::string>(),
        rc::gen::element<std::string>("\u202e", "\u009b", "\xc2\x85", "\xe2\x80\xae", "\x1b[31m", "é", "增",
                                      "\xf0\x9f\x98", "\n", "\t", "\x7f", "\xe2\x80", "\u2066", "\u061c")));
    for (const auto& piece : pieces) text += piece;
    return text;
}

}  // namespace

TEST_CASE("what steers a terminal becomes a visible escape, the rest stays") {
    CHECK(printable("plain é 増 😀 \\x1b") == "plain é 増 😀 \\x1b");
    CHECK(printable("a\x1b[31m\nb\tc\r\x7f\u0085\u202e\xff") == "a\\x1b[31m\\nb\\tc\\r\\u007f\\u0085\\u202e\\xff");
    CHECK(printable("a\nb\t", LineEnds::Kept) == "a\nb\\t");
    CHECK(printable(std::string_view("a\0b", 3)) == "a\\x00b");
    CHECK(excerpt(std::string(41, 'x')) == std::string(40, 'x') + "...");
    CHECK(excerpt("éé") == "éé");
}

TEST_CASE("printable text never steers a terminal, and made printable again it is the same") {
    rc::check([] {
        const auto text = random_text();
        RC_ASSERT(!has_steering(printable(text), true));
        RC_ASSERT(!has_steering(printable(text, LineEnds::Kept), false));
        RC_ASSERT(!has_steering(excerpt(text), true));
        RC_ASSERT(printable(printable(text)) == printable(text));
        if (!has_steering(text, true)) RC_ASSERT(printable(text) == text);
    });
}

TEST_CASE("text that is cut where code points end is the same in pieces") {
    rc::check([] {
        const auto text = random_text();
        const auto cut = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
        const auto whole = whole_length(std::string_view(text).substr(0, cut));
        RC_ASSERT(whole <= cut);
        RC_ASSERT(cut - whole <= 3);
        RC_ASSERT(printable(text.substr(0, whole)) + printable(text.substr(whole)) == printable(text));
    });
}

TEST_CASE("an error never steers a terminal nor holds a password, whatever it is told") {
    rc::check([] {
        const auto text = random_text();
        const Error error(ErrorCode::BadInput, {text, "at " + text, text, "password='" + text + "s3cret'", text});
        RC_ASSERT(!has_steering(error.what(), true));
        RC_ASSERT(!has_steering(error.info().found, true));
        RC_ASSERT(!has_steering(error.within(text).about(text).advised(text).what(), true));
    });
    const Error error(ErrorCode::Backend, {"x", "postgresql://bob:s3cret@h/db", "", "password = 's3 cret'", ""});
    CHECK(std::string(error.what()) == "x, postgresql://bob:***@h/db; found password = ***");
}
