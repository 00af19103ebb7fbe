#include "base/name_text.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/number_text.h"
#include "support/temp_directory.h"

using namespace etalon;

namespace {

std::string fault(std::string_view name) {
    const auto error = find_name_fault(name, "thing");
    return error ? error->what() : "";
}

void append_utf8(std::string& out, std::uint32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | (c >> 6));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | (c >> 12));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (c >> 18));
        out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    }
}

std::string utf8(std::uint32_t c) {
    std::string out;
    append_utf8(out, c);
    return out;
}

/// A character: mostly of scripts that compose and reorder, some from anywhere.
rc::Gen<std::uint32_t> any_character() {
    using rc::gen::inRange;
    return rc::gen::weightedOneOf<std::uint32_t>({{6, inRange<std::uint32_t>(0x20, 0x7f)},
                                                  {4, inRange<std::uint32_t>(0xa1, 0x250)},
                                                  {3, inRange<std::uint32_t>(0x300, 0x370)},
                                                  {1, inRange<std::uint32_t>(0x900, 0xd80)},
                                                  {2, inRange<std::uint32_t>(0x1100, 0x1200)},
                                                  {1, inRange<std::uint32_t>(0xac00, 0xd7a4)},
                                                  {1, inRange<std::uint32_t>(0x1e00, 0x2100)},
                                                  {1, inRange<std::uint32_t>(0xf900, 0xfb00)},
                                                  {1, inRange<std::uint32_t>(0x2f800, 0x2fa20)},
                                                  {1, inRange<std::uint32_t>(0, 0x110000)}});
}

std::string random_name() {
    std::string name;
    for (auto c : *rc::gen::resize(12, rc::gen::container<std::vector<std::uint32_t>>(any_character()))) {
        if (c >= 0xd800 && c < 0xe000) c = 'x';
        append_utf8(name, c);
    }
    // Some are cut within a character, or have a byte too many.
    if (!name.empty() && *rc::gen::inRange(0, 12) == 0) name.resize(name.size() - 1);
    if (*rc::gen::inRange(0, 15) == 0) name += static_cast<char>(*rc::gen::inRange(0x80, 0x100));
    return name;
}

std::string to_hex(std::string_view text) {
    std::string out;
    for (const char c : text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out;
}

/// What tests/base/name_oracle.py says of each name.
std::vector<std::string> ask_oracle(const std::vector<std::string>& names) {
    test::TempDirectory directory;
    {
        std::ofstream in(directory.file("in"));
        for (const auto& name : names) in << to_hex(name) << "\n";
    }
    const auto command = fmt::format("/usr/bin/python3 '{}/tests/base/name_oracle.py' < '{}' > '{}'", ETALON_SOURCE_DIR,
                                     directory.file("in"), directory.file("out"));
    REQUIRE(std::system(command.c_str()) == 0);
    std::ifstream out(directory.file("out"));
    std::vector<std::string> verdicts;
    for (std::string line; std::getline(out, line);) verdicts.push_back(line);
    REQUIRE(verdicts.size() == names.size());
    return verdicts;
}

/// The verdict in the oracle's words.
std::string verdict_of(const std::string& name) {
    const auto error = find_name_fault(name, "thing");
    if (!error) return "good";
    const auto& found = error->info().found;
    const auto has = [&](std::string_view part) { return found.find(part) != std::string::npos; };
    if (has("an empty name")) return "empty";
    if (has("no UTF-8")) return "utf8";
    if (has("than NFC")) return "form " + to_hex(*find_composed(name));
    if (has("U+")) return "character";
    return has("bytes") ? "long" : "password";
}

}  // namespace

TEST_CASE("names of all scripts are taken as they are written") {
    for (const char* name : {"tpcGain", "ns::Name", "a b", "é", "Größe", "модуль", "増幅率", "감마", "سعة", "ä/ö", "x̂",
                             "\u0915\u094d\u0937", "😀", "~{}|$%"}) {
        CAPTURE(name);
        CHECK(fault(name) == "");
    }
    CHECK(fault(std::string(255, 'x')) == "");
}

TEST_CASE("a name that is refused says which rule, which character, where, and what to do") {
    CHECK(fault("").find("found an empty name") != std::string::npos);
    CHECK(fault(std::string(256, 'x')).find("found 256 bytes; choose a shorter one") != std::string::npos);
    CHECK(
        fault("ga\x1bin") ==
        "bad name of a thing, 'ga\\x1bin'; expected 1 to 255 bytes of UTF-8 in the form NFC, without control, bidi or "
        "invisible characters, found a control character: U+001B at byte 2; leave it out");
    CHECK(fault("e\u0301t\u0301")
              .find("found another form than NFC: U+0065 at byte 0; write 'ét\u0301' (bytes c3 a9 74 "
                    "cc 81)") != std::string::npos);
    CHECK(fault("a\xff").find("bytes that are no UTF-8: 0xff at byte 1") != std::string::npos);
    CHECK(fault("a\u202eb").find("a bidi control character: U+202E at byte 1") != std::string::npos);
    CHECK(fault("a\u202eb").find("\u202e") == std::string::npos);
    CHECK(fault("ab\u200bc").find("'ab\\u200bc'") != std::string::npos);
    CHECK(fault("ab\u200bc").find("an invisible character: U+200B at byte 2") != std::string::npos);
    CHECK(fault("postgresql://bob:s3cret@h/db").find("password") != std::string::npos);
    CHECK(fault("postgresql://bob:s3cret@h/db").find("s3cret") == std::string::npos);
}

TEST_CASE("no name has a control, bidi, invisible, private or unassigned character, or a space of another kind") {
    for (const std::uint32_t c :
         {0x00U,   0x09U,    0x0aU,    0x1fU,    0x7fU,    0x80U,    0x85U,    0x9bU,    0x9fU,   0xa0U,   0xadU,
          0x34fU,  0x61cU,   0x115fU,  0x1160U,  0x1680U,  0x17b4U,  0x180bU,  0x180eU,  0x2003U, 0x200bU, 0x200cU,
          0x200dU, 0x200eU,  0x200fU,  0x2028U,  0x2029U,  0x202aU,  0x202eU,  0x202fU,  0x2060U, 0x2063U, 0x2066U,
          0x2069U, 0x206aU,  0x2800U,  0x3000U,  0x3164U,  0xe000U,  0xfdd0U,  0xfe0fU,  0xfeffU, 0xffa0U, 0xfff9U,
          0xffffU, 0x1d159U, 0x1d173U, 0xe0001U, 0xe0020U, 0xe0100U, 0xf0000U, 0x10ffffU}) {
        CAPTURE(c);
        CHECK(fault("ab" + utf8(c) + "c").find(fmt::format("U+{:04X} at byte 2", c)) != std::string::npos);
    }
}

TEST_CASE("random names are judged as Python's Unicode does") {
    std::vector<std::string> names;
    rc::check([&] {
        for (int i = 0; i < 50; ++i) names.push_back(random_name());
    });
    REQUIRE(names.size() >= 5000);
    const auto verdicts = ask_oracle(names);
    std::size_t good = 0;
    std::size_t composed = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (verdicts[i] == "unknown") continue;
        good += verdicts[i] == "good" ? 1 : 0;
        composed += verdicts[i].starts_with("form") ? 1 : 0;
        if (verdict_of(names[i]) == verdicts[i] || verdict_of(names[i]) == "password") continue;
        CAPTURE(to_hex(names[i]));
        CHECK(verdict_of(names[i]) == verdicts[i]);
    }
    CHECK(good > names.size() / 20);
    CHECK(composed > names.size() / 50);
}

TEST_CASE("every code point is judged as Python's Unicode does") {
    std::vector<std::string> names;
    for (std::uint32_t c = 0; c < 0x110000; ++c) {
        // Private planes and the large scripts in samples.
        const bool large = (c >= 0x3400 && c < 0xd800) || c >= 0x20000;
        if ((c >= 0xd800 && c < 0xe000) || (large && c % 37 != 0 && c < 0xe0000) || (c >= 0xe1000 && c % 997 != 0))
            continue;
        names.push_back("a" + utf8(c));
    }
    const auto verdicts = ask_oracle(names);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (verdicts[i] == "unknown" || verdict_of(names[i]) == verdicts[i]) continue;
        CAPTURE(to_hex(names[i]));
        CHECK(verdict_of(names[i]) == verdicts[i]);
    }
}

TEST_CASE("free text is UTF-8 without NUL") {
    CHECK_NOTHROW(check_free_text("why\n\u202eé", "reason"));
    CHECK_THROWS_AS(check_free_text(std::string_view("a\0b", 3), "reason"), Error);
    CHECK_THROWS_WITH(
        check_free_text("a\xff", "reason"),
        "a reason that cannot be recorded, a\\xff; expected UTF-8 without NUL, found 0xff at byte 1; write it in "
        "UTF-8");
}
