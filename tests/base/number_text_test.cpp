#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/number_text.h"

namespace {

using namespace etalon;

template <class T>
std::string text_of(T value) {
    std::string out;
    append_float(out, value);
    return out;
}

template <class T>
FloatParse parse(std::string_view text, T& value) {
    return parse_float(text, value);
}

/// Bits of what a text reads as; fails the test when it does not.
template <class T>
T value_of(std::string_view text) {
    T value{};
    CAPTURE(text);
    REQUIRE(parse_float(text, value) == FloatParse::Ok);
    return value;
}

template <class T>
bool same_bits(T a, T b) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    return std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b);
}

}  // namespace

TEST_CASE("floats are written as the shortest decimal, without e between 1e-4 and 1e16") {
    CHECK(text_of(0.0) == "0");
    CHECK(text_of(-0.0) == "-0");
    CHECK(text_of(1.0) == "1");
    CHECK(text_of(0.1) == "0.1");
    CHECK(text_of(0.1F) == "0.1");
    CHECK(text_of(100000.0) == "100000");
    CHECK(text_of(25000000.0F) == "25000000");
    CHECK(text_of(0.0001) == "0.0001");
    CHECK(text_of(-0.00012) == "-0.00012");
    CHECK(text_of(0.00001) == "1e-05");
    CHECK(text_of(1234567890123456.0) == "1234567890123456");
    CHECK(text_of(1e15) == "1000000000000000");
    CHECK(text_of(1e16) == "1e16");
    CHECK(text_of(-6.23298e18) == "-6.23298e18");
    CHECK(text_of(123.456) == "123.456");
    CHECK(text_of(10.5) == "10.5");
    CHECK(text_of(5e-324) == "5e-324");
    CHECK(text_of(std::numeric_limits<float>::max()) == "3.4028235e38");
    CHECK(text_of(std::numeric_limits<double>::max()) == "1.7976931348623157e308");
    CHECK(text_of(std::numeric_limits<float>::denorm_min()) == "1e-45");
    CHECK(text_of(std::numeric_limits<double>::quiet_NaN()) == "nan");
    CHECK(text_of(-std::numeric_limits<float>::quiet_NaN()) == "nan");
    CHECK(text_of(std::numeric_limits<double>::infinity()) == "inf");
    CHECK(text_of(-std::numeric_limits<float>::infinity()) == "-inf");
}

TEST_CASE("every float of random bits comes back bit for bit from its text") {
    CHECK(rc::check("float32", [] {
        const auto value = std::bit_cast<float>(*rc::gen::arbitrary<std::uint32_t>());
        RC_PRE(!std::isnan(value));
        RC_ASSERT(same_bits(value_of<float>(text_of(value)), value));
    }));
    CHECK(rc::check("float64", [] {
        // Words of eight random bytes: small generated numbers would all be denormals.
        const auto bytes = *rc::gen::container<std::vector<std::uint8_t>>(8, rc::gen::inRange<std::uint8_t>(0, 255));
        std::uint64_t bits = 0;
        for (const auto byte : bytes) bits = bits << 8U | byte;
        const auto value = std::bit_cast<double>(bits);
        RC_PRE(!std::isnan(value));
        RC_ASSERT(same_bits(value_of<double>(text_of(value)), value));
    }));
    std::mt19937_64 random(20190609);
    int checked = 0;
    for (int i = 0; i < 200000; ++i) {
        const auto wide = std::bit_cast<double>(random());
        const auto narrow = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        if (!std::isnan(wide)) checked += same_bits(value_of<double>(text_of(wide)), wide) ? 1 : -1000000;
        if (!std::isnan(narrow)) checked += same_bits(value_of<float>(text_of(narrow)), narrow) ? 1 : -1000000;
    }
    CHECK(checked > 390000);
}

TEST_CASE("a float32 is read from its decimal, not through float64") {
    // Lies just above the middle of two floats; as a double it is the middle, which rounds to even, downwards.
    const std::string text = "1.00000005960464477540";
    CHECK(value_of<float>(text) == 1.0000001F);
    CHECK(static_cast<float>(value_of<double>(text)) == 1.0F);
}

TEST_CASE("special floats are read in any case") {
    for (const char* text : {"nan", "NaN", "NAN", "-nan", "+nan"}) {
        CHECK(std::bit_cast<std::uint32_t>(value_of<float>(text)) == 0x7FC00000U);
        CHECK(std::bit_cast<std::uint64_t>(value_of<double>(text)) == 0x7FF8000000000000ULL);
    }
    for (const char* text : {"inf", "Inf", "INF", "+inf", "infinity", "Infinity"}) {
        CHECK(value_of<double>(text) == std::numeric_limits<double>::infinity());
    }
    CHECK(value_of<float>("-inf") == -std::numeric_limits<float>::infinity());
    CHECK(value_of<float>("-Infinity") == -std::numeric_limits<float>::infinity());
    CHECK(std::signbit(value_of<float>("-0")));
    CHECK(std::signbit(value_of<double>("-0.0e5")));
    CHECK_FALSE(std::signbit(value_of<double>("0")));
}

TEST_CASE("decimals beyond the type are out of range, tiny ones the nearest value") {
    float narrow = 7;
    double wide = 7;
    for (const char* text : {"1e39", "-1e39", "3.4028236e38", "340282360000000000000000000000000000000", "1e400"}) {
        CHECK(parse(text, narrow) == FloatParse::OutOfRange);
    }
    for (const char* text : {"1e400", "-1e309", "1.7976931348623159e308", "1e99999999999999999999", "0.1e400",
                             "100000000000000000000e300"}) {
        CHECK(parse(text, wide) == FloatParse::OutOfRange);
    }
    CHECK(parse(std::string(400, '9'), wide) == FloatParse::OutOfRange);
    CHECK(narrow == 7);
    CHECK(wide == 7);
    CHECK(value_of<float>("3.4028235e38") == std::numeric_limits<float>::max());
    CHECK(value_of<float>("3.4028235677e38") == std::numeric_limits<float>::max());
    CHECK(value_of<double>("1e-400") == 0);
    CHECK(std::signbit(value_of<double>("-1e-400")));
    CHECK(value_of<float>("1e-50") == 0);
    CHECK(value_of<float>("1e-45") == std::numeric_limits<float>::denorm_min());
    CHECK(value_of<double>("4.9e-324") == std::numeric_limits<double>::denorm_min());
    CHECK(value_of<double>("0e99999999999999999999") == 0);
    CHECK(value_of<double>("1e-99999999999999999999") == 0);
    CHECK(value_of<double>("0." + std::string(400, '0') + "1") == 0);
    CHECK(value_of<double>("0." + std::string(400, '0') + "1e401") == 1);
}

TEST_CASE("what is not a whole decimal is no float") {
    double value = 7;
    for (const char* text : {"",      " ",      "+",    "-",    ".",       "e5",   "1e",    "1e+", "1.5x",
                             "x1.5",  " 1",     "1 ",   "0x10", "0x1p3",   "1,5",  "1.5.5", "--1", "+-1",
                             "1_000", "nan(1)", "nanx", "in",   "infinit", "infx", "1d5",   "1.f", "١"}) {
        CAPTURE(text);
        CHECK(parse(text, value) == FloatParse::Malformed);
    }
    CHECK(parse(std::string_view("1\0", 2), value) == FloatParse::Malformed);
    CHECK(value == 7);
    CHECK(value_of<double>("+1.5") == 1.5);
    CHECK(value_of<double>("1.") == 1);
    CHECK(value_of<double>(".5") == 0.5);
    CHECK(value_of<double>("1E3") == 1000);
}

TEST_CASE("integers are read whole and within their type") {
    CHECK(parse_integer<std::uint64_t>("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
    CHECK_FALSE(parse_integer<std::uint64_t>("18446744073709551616"));
    CHECK(parse_integer<std::int64_t>("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
    CHECK(parse_integer<std::int8_t>("-128") == std::int8_t{-128});
    CHECK_FALSE(parse_integer<std::int8_t>("128"));
    CHECK(parse_integer<int>("+7") == 7);
    CHECK(parse_integer<int>("007") == 7);
    for (const char* text : {"", "+", "-", "++7", "+-7", "7 ", " 7", "7.0", "7e0", "0x7", "a"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_integer<int>(text));
    }
    std::string out;
    append_integer(out, std::numeric_limits<std::uint64_t>::max());
    append_integer(out, std::int8_t{-5});
    CHECK(out == "18446744073709551615-5");
}

TEST_CASE("UTF-8 is what RFC 3629 says") {
    for (const char* text : {"", "abc", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF",
                             "\xED\x9F\xBF", "\xEE\x80\x80", "a\xC2\x80z"}) {
        CHECK(is_utf8(text));
    }
    for (const char* text : {"\x80", "\xC3", "\xC3(", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
                             "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                             "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xE2\x82(", "\xF0\x9F\x98", "abc\xE9"}) {
        CHECK_FALSE(is_utf8(text));
    }
    CHECK(is_utf8(std::string_view("\0", 1)));
}

TEST_CASE("Python reads and writes the same floats") {
    const std::string python = "/usr/bin/python3";
    if (!std::filesystem::exists(python)) {
        MESSAGE("skipped: no " << python);
        return;
    }
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto folder = std::filesystem::temp_directory_path() / ("etalon_float_test_" + std::to_string(seed));
    std::filesystem::create_directories(folder);
    constexpr int kNumber = 20000;
    {
        std::ofstream input(folder / "in");
        for (int i = 0; i < kNumber; ++i) {
            auto wide_bits = random();
            auto narrow_bits = static_cast<std::uint32_t>(random());
            if (i % 2 == 0) {  // the exponents of everyday numbers
                wide_bits = (wide_bits & 0x800F'FFFF'FFFF'FFFFULL) | ((1000ULL + random() % 70) << 52U);
                narrow_bits = (narrow_bits & 0x807F'FFFFU) | static_cast<std::uint32_t>((100 + random() % 90) << 23U);
            }
            if (i % 16 < 2) {  // few digits
                wide_bits = std::bit_cast<std::uint64_t>(static_cast<double>(random() % 100000) / 1000);
                narrow_bits = std::bit_cast<std::uint32_t>(static_cast<float>(random() % 100000) / 1000);
            }
            input << wide_bits << ' ' << text_of(std::bit_cast<double>(wide_bits)) << ' ' << narrow_bits << ' '
                  << text_of(std::bit_cast<float>(narrow_bits)) << '\n';
        }
        std::ofstream script(folder / "oracle.py");
        // repr() tells the float64; for float32 the fewest digits that read back.
        script << R"(import re, struct, sys
def digits(text):
    return re.sub(r'e.*', '', text).replace('.', '').replace('-', '').strip('0')
def narrow(text):
    try:
        return struct.pack('<f', float(text))
    except OverflowError:
        return None
bad = 0
for line in open(sys.argv[1]):
    bits64, text64, bits32, text32 = line.split()
    d = struct.unpack('<d', struct.pack('<Q', int(bits64)))[0]
    raw = struct.pack('<I', int(bits32))
    f = struct.unpack('<f', raw)[0]
    expected = repr(d).replace('e+', 'e')
    expected = expected[:-2] if expected.endswith('.0') else expected
    if expected != text64:
        bad += 1
        print(text64, expected)
    if f != f or f in (float('inf'), float('-inf')):
        good = text32 == repr(f)
    else:
        fewest = next(n for n in range(1, 10) if narrow('%.*e' % (n - 1, f)) == raw)
        good = narrow(text32) == raw and len(digits(text32)) <= fewest
    if not good:
        bad += 1
        print(text32, f)
sys.exit(1 if bad else 0)
)";
    }
    const std::string command =
        python + " '" + (folder / "oracle.py").string() + "' '" + (folder / "in").string() + "'";
    CHECK(std::system(command.c_str()) == 0);
    std::filesystem::remove_all(folder);
}
