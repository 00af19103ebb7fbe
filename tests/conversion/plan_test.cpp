#include "conversion/plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/bytes.h"
#include "etalon/error.h"
#include "schema/definition.h"
#include "tests/schema/build.h"

using namespace etalon;
using namespace etalon::schema;
using namespace etalon::evolution;
using namespace etalon::conversion;
using etalon::test::element;
using etalon::test::natural;
using enum etalon::ScalarType;

namespace {

template <class T>
constexpr ScalarType type_of() {
    if constexpr (std::is_same_v<T, bool>)
        return Bool;
    else if constexpr (std::is_same_v<T, float>)
        return Float32;
    else if constexpr (std::is_same_v<T, double>)
        return Float64;
    else if constexpr (sizeof(T) == 1)
        return std::is_signed_v<T> ? Int8 : UInt8;
    else if constexpr (sizeof(T) == 2)
        return std::is_signed_v<T> ? Int16 : UInt16;
    else if constexpr (sizeof(T) == 4)
        return std::is_signed_v<T> ? Int32 : UInt32;
    else
        return std::is_signed_v<T> ? Int64 : UInt64;
}

std::string error_of(auto call) {
    try {
        call();
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::Conversion);
        return error.what();
    }
    return "";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Converts one value; nothing when the plan refuses it.
template <class To, class From>
std::optional<To> convert(From value, PlanOptions options = {}, std::uint64_t* losses = nullptr,
                          const std::string& from_unit = "", const std::string& to_unit = "") {
    const auto plan = ConversionPlan::make(natural({element("x", type_of<From>(), {}, from_unit)}),
                                           natural({element("x", type_of<To>(), {}, to_unit)}), options);
    To result{};
    try {
        const auto count =
            plan->run(reinterpret_cast<const std::byte*>(&value), reinterpret_cast<std::byte*>(&result), 1);
        if (losses != nullptr) *losses = count.losses;
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::Conversion);
        return std::nullopt;
    }
    return result;
}

/// What lenient gives, and that it was counted as a loss.
template <class To, class From>
To lossy(From value) {
    CHECK_FALSE(convert<To>(value));
    std::uint64_t losses = 0;
    const auto result = convert<To>(value, {.lenient = true}, &losses);
    REQUIRE(result);
    CHECK(losses == 1);
    return *result;
}

Bytes run(const ConversionPlan& plan, const Bytes& from, std::size_t to_size, std::size_t rows) {
    Bytes to(to_size * rows, std::byte{0xEE});
    (void)plan.run(from.data(), to.data(), rows);
    return to;
}

template <class T>
Bytes bytes_of(const T& value) {
    Bytes result(sizeof value);
    std::memcpy(result.data(), &value, sizeof value);
    return result;
}

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("equal layouts without padding are one copy, padding is zeroed") {
    const auto dense = natural({element("a", Int32), element("b", Float32, {7})});
    CHECK(ConversionPlan::make(dense, dense)->is_copy());
    const auto padded = natural({element("a", Int8), element("b", Float64), element("c", Int16)});
    const auto plan = ConversionPlan::make(padded, padded);
    CHECK_FALSE(plan->is_copy());
    const auto out = run(*plan, Bytes(48, std::byte{0x11}), 24, 2);
    for (std::size_t i = 0; i < 48; ++i) {
        const std::size_t at = i % 24;
        const bool value = at == 0 || (at >= 8 && at < 18);
        CHECK(out[i] == (value ? std::byte{0x11} : std::byte{0}));
    }
    CHECK(contains(plan->explain(), "fill 7 bytes"));
}

TEST_CASE("integers convert when they fit and are refused when not") {
    CHECK(convert<std::uint8_t>(std::int32_t{255}) == 255);
    CHECK(lossy<std::uint8_t>(std::int32_t{256}) == 255);
    CHECK(lossy<std::uint8_t>(std::int32_t{-1}) == 0);
    CHECK(lossy<std::int8_t>(std::int64_t{-129}) == -128);
    CHECK(lossy<std::int64_t>(std::numeric_limits<std::uint64_t>::max()) == std::numeric_limits<std::int64_t>::max());
    CHECK(lossy<std::uint64_t>(std::int64_t{-5}) == 0);
    CHECK(convert<std::int64_t>(std::uint32_t{4000000000}) == 4000000000);
}

TEST_CASE("integers become floats only exactly") {
    CHECK(convert<float>(std::int32_t{16777216}) == 16777216.0F);
    CHECK(lossy<float>(std::int32_t{16777217}) == 16777216.0F);
    CHECK(convert<float>(std::int32_t{std::numeric_limits<std::int32_t>::min()}) == -2147483648.0F);
    CHECK(lossy<float>(std::numeric_limits<std::int32_t>::max()) == 2147483648.0F);
    CHECK(lossy<double>(std::numeric_limits<std::int64_t>::max()) == 9223372036854775808.0);
    CHECK(convert<double>(std::numeric_limits<std::int64_t>::min()) == -9223372036854775808.0);
    CHECK(lossy<double>(std::numeric_limits<std::uint64_t>::max()) == 18446744073709551616.0);
    CHECK(lossy<double>((std::int64_t{1} << 53) + 1) == 9007199254740992.0);
    CHECK(convert<double>(std::numeric_limits<std::int32_t>::max()) == 2147483647.0);
}

TEST_CASE("floats become integers when whole, finite and in range") {
    CHECK(convert<std::int32_t>(-3.0) == -3);
    CHECK(convert<std::int32_t>(-0.0) == 0);
    CHECK(convert<std::uint8_t>(-0.0F) == 0);
    CHECK(convert<std::uint8_t>(255.0) == 255);
    CHECK(lossy<std::int32_t>(2.75) == 2);
    CHECK(lossy<std::int32_t>(-2.75) == -2);
    CHECK(lossy<std::uint8_t>(-0.5) == 0);
    CHECK(lossy<std::uint8_t>(255.5) == 255);
    CHECK(lossy<std::uint8_t>(256.0) == 255);
    CHECK(lossy<std::int32_t>(kNan) == 0);
    CHECK(lossy<std::int32_t>(kInf) == std::numeric_limits<std::int32_t>::max());
    CHECK(lossy<std::int32_t>(-kInf) == std::numeric_limits<std::int32_t>::min());
    CHECK(convert<std::int64_t>(-9223372036854775808.0) == std::numeric_limits<std::int64_t>::min());
    CHECK(lossy<std::int64_t>(9223372036854775808.0) == std::numeric_limits<std::int64_t>::max());
    CHECK(convert<std::uint64_t>(9223372036854775808.0) == (std::uint64_t{1} << 63));
    CHECK(lossy<std::uint64_t>(18446744073709551616.0F) == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("float64 rounds to float32 within its range; NaN and infinities pass") {
    std::uint64_t losses = 9;
    CHECK(convert<float>(0.1, {}, &losses) == 0.1F);
    CHECK(losses == 0);
    CHECK(convert<float>(1e-60) == 0.0F);
    CHECK(std::signbit(*convert<float>(-1e-60)));
    CHECK(std::isnan(*convert<float>(kNan)));
    CHECK(convert<float>(-kInf) == -std::numeric_limits<float>::infinity());
    CHECK(convert<float>(double{std::numeric_limits<float>::max()}) == std::numeric_limits<float>::max());
    CHECK(lossy<float>(1e39) == std::numeric_limits<float>::infinity());
    CHECK(lossy<float>(-1e39) == -std::numeric_limits<float>::infinity());
    CHECK(std::isnan(*convert<double>(std::numeric_limits<float>::quiet_NaN())));
    CHECK(std::signbit(*convert<double>(-0.0F)));
}

TEST_CASE("numbers become bool only from 0 and 1") {
    CHECK(convert<bool>(std::int32_t{1}) == true);
    CHECK(convert<bool>(std::uint64_t{0}) == false);
    CHECK(convert<bool>(-0.0) == false);
    CHECK(convert<bool>(1.0F) == true);
    CHECK(lossy<bool>(std::int32_t{2}) == true);
    CHECK(lossy<bool>(std::int32_t{-2}) == false);
    CHECK(lossy<bool>(0.5) == false);
    CHECK(lossy<bool>(kNan) == false);
    CHECK(convert<double>(true) == 1.0);
    CHECK(convert<std::int8_t>(true) == 1);
}

TEST_CASE("a refused value is named with element, row, value and target type") {
    const auto plan = ConversionPlan::make(natural({element("a", Int32), element("gain", Int32, {2, 3})}),
                                           natural({element("a", Int32), element("gain", UInt8, {2, 3})}));
    Bytes from(28 * 1000);
    const std::int32_t bad = 300;
    std::memcpy(from.data() + 28 * 700 + 4 + 4 * 5, &bad, 4);
    std::memcpy(from.data() + 28 * 701 + 4, &bad, 4);
    Bytes to(12 * 1000);
    const auto message = error_of([&] { (void)plan->run(from.data(), to.data(), 1000); });
    CHECK(contains(message, "gain[1][2]"));
    CHECK(contains(message, "row 700"));
    CHECK(contains(message, "300"));
    CHECK(contains(message, "uint8"));
    CHECK(contains(message, "Sample"));
    CHECK(contains(plan->explain(), "convert 6 x int32 -> uint8"));
}

TEST_CASE("added elements get their default or zero and are absent") {
    auto asked =
        natural({element("a", Int32), element("b", Float32, {3}), element("c", Int16), element("t", Char, {4})});
    asked.elements[1].default_value = "1.5";
    asked.elements[3].default_value = "xy";
    const auto stored = natural({element("a", Int32)});
    const auto plan = ConversionPlan::make(stored, asked);
    CHECK(plan->absent() == std::vector<std::string>{"b", "c", "t"});
    struct Out {
        std::int32_t a;
        float b[3];
        std::int16_t c;
        char t[4];
    };
    REQUIRE(sizeof(Out) == asked.size);
    const auto bytes = run(*plan, bytes_of(std::array<std::int32_t, 2>{5, 6}), sizeof(Out), 2);
    Out out[2];
    std::memcpy(out, bytes.data(), sizeof out);
    CHECK(out[1].a == 6);
    CHECK(out[1].b[0] == 1.5F);
    CHECK(out[1].b[2] == 1.5F);
    CHECK(out[1].c == 0);
    CHECK(std::string(out[1].t, 4) == std::string("xy\0\0", 4));
    CHECK(contains(error_of([&] { (void)ConversionPlan::make(stored, asked, {.strict = true}); }), "b, c, t"));
}

TEST_CASE("arrays are padded with the default and truncated, per dimension, and say so") {
    auto asked = natural({element("m", Int32, {3, 2})});
    asked.elements[0].default_value = "9";
    const auto stored = natural({element("m", Int32, {2, 3})});
    const auto plan = ConversionPlan::make(stored, asked);
    CHECK(plan->absent() == std::vector<std::string>{"m[2:]"});
    CHECK(plan->truncated() == std::vector<std::string>{"m[:][2:]"});
    const auto out = run(*plan, bytes_of(std::array<std::int32_t, 6>{1, 2, 3, 4, 5, 6}), 24, 1);
    CHECK(out == bytes_of(std::array<std::int32_t, 6>{1, 2, 4, 5, 9, 9}));
    const auto back = ConversionPlan::make(asked, stored);
    CHECK(back->absent() == std::vector<std::string>{"m[:][2:]"});
    CHECK(back->truncated() == std::vector<std::string>{"m[2:]"});
    CHECK(run(*back, out, 24, 1) == bytes_of(std::array<std::int32_t, 6>{1, 2, 0, 4, 5, 0}));
    // Every dimension is named, also when several differ in one direction.
    const auto larger = natural({element("m", Int32, {4, 4})});
    CHECK(ConversionPlan::make(stored, larger)->absent() == std::vector<std::string>{"m[2:]", "m[:][3:]"});
    CHECK(ConversionPlan::make(larger, stored)->truncated() == std::vector<std::string>{"m[2:]", "m[:][3:]"});
    const auto mixed =
        ConversionPlan::make(natural({element("q", Int8, {2, 2, 2})}), natural({element("q", Int8, {3, 1, 3})}));
    CHECK(mixed->absent() == std::vector<std::string>{"q[2:]", "q[:][:][2:]"});
    CHECK(mixed->truncated() == std::vector<std::string>{"q[:][1:]"});
    const auto wide = ConversionPlan::make(natural({element("v", Int8, {2})}), natural({element("v", Int16, {3})}));
    CHECK(run(*wide, bytes_of(std::array<std::int8_t, 2>{-1, 7}), 6, 1) ==
          bytes_of(std::array<std::int16_t, 3>{-1, 7, 0}));
    CHECK(contains(error_of([&] { (void)ConversionPlan::make(stored, asked, {.strict = true}); }), "m[2:]"));
}

TEST_CASE("an array with a list of defaults gets in every item its own") {
    auto asked = natural({element("m", Int32, {3, 2}), element("t", Char, {3, 2})});
    asked.elements[0].default_value = "{1, 2, 3, 4, 5, 6}";
    asked.elements[1].default_value = R"({"a", "b,", ""})";
    const auto absent = ConversionPlan::make(natural({element("x", Int32)}), asked);
    CHECK(absent->absent() == std::vector<std::string>{"m", "t"});
    auto expected = bytes_of(std::array<std::int32_t, 6>{1, 2, 3, 4, 5, 6});
    const auto texts = bytes_of(std::array<char, 8>{'a', 0, 'b', ',', 0, 0, 0, 0});
    expected.insert(expected.end(), texts.begin(), texts.end());
    CHECK(run(*absent, bytes_of(std::array<std::int32_t, 1>{0}), 32, 1) == expected);

    asked = natural({element("m", Int32, {3, 2})});
    asked.elements[0].default_value = "{1, 2, 3, 4, 5, 6}";
    const auto grown = ConversionPlan::make(natural({element("m", Int32, {2, 1})}), asked);
    CHECK(run(*grown, bytes_of(std::array<std::int32_t, 2>{-1, -2}), 24, 1) ==
          bytes_of(std::array<std::int32_t, 6>{-1, 2, -2, 4, 5, 6}));
    asked.elements[0].default_value = "{1, 2, 3}";
    CHECK(contains(error_of([&] { (void)ConversionPlan::make(natural({element("x", Int32)}), asked); }),
                   "default '{1, 2, 3}' does not fit"));
}

TEST_CASE("text is padded with zeros, and refused when it would be cut") {
    const auto short_one = natural({element("t", Char, {2, 3})});
    const auto long_one = natural({element("t", Char, {2, 5})});
    const auto longer = ConversionPlan::make(short_one, long_one);
    CHECK(longer->absent().empty());
    CHECK(std::memcmp(run(*longer, bytes_of(std::array<char, 6>{'a', 'b', 'c', 'd', 0, 0}), 10, 1).data(),
                      "abc\0\0d\0\0\0\0", 10) == 0);
    const auto shorter = ConversionPlan::make(long_one, short_one);
    CHECK(shorter->truncated().empty());
    CHECK(std::memcmp(
              run(*shorter, bytes_of(std::array<char, 10>{'a', 'b', 'c', 0, 'X', 'd', 0, 'X', 'X', 'X'}), 6, 1).data(),
              "abcd\0\0", 6) == 0);
    const auto cut = bytes_of(std::array<char, 10>{'a', 'b', 0, 0, 0, 'd', 'e', 'f', '"', 0});
    Bytes to(6);
    const auto message = error_of([&] { (void)shorter->run(cut.data(), to.data(), 1); });
    CHECK(contains(message, "t[1]"));
    CHECK(contains(message, "char[3]"));
    const auto lenient = ConversionPlan::make(long_one, short_one, {.lenient = true});
    CHECK(lenient->run(cut.data(), to.data(), 1).losses == 1);
    CHECK(std::memcmp(to.data(), "ab\0def", 6) == 0);
}

TEST_CASE("a padded array of text keeps text zeroed and gets the default behind") {
    auto asked = natural({element("t", Char, {3, 4})});
    asked.elements[0].default_value = "zz";
    const auto plan = ConversionPlan::make(natural({element("t", Char, {2, 2})}), asked);
    CHECK(plan->absent() == std::vector<std::string>{"t[2:]"});
    CHECK(std::memcmp(run(*plan, bytes_of(std::array<char, 4>{'a', 'b', 'c', 0}), 12, 1).data(), "ab\0\0c\0\0\0zz\0\0",
                      12) == 0);
}

TEST_CASE("enumerations are read by name; a value without a name is an error, also lenient") {
    auto stored = natural({element("e", Int32)});
    auto asked = natural({element("e", UInt8)});
    stored.elements[0].enumerators = {{"A", 1}, {"B", 2}, {"Gone", 3}, {"Alias", 1}};
    asked.elements[0].enumerators = {{"B", 10}, {"A", 11}, {"Alias", 11}, {"New", 1}};
    for (const bool lenient : {false, true}) {
        const auto plan = ConversionPlan::make(stored, asked, {.lenient = lenient});
        CHECK(run(*plan, bytes_of(std::array<std::int32_t, 2>{1, 2}), 1, 2) ==
              bytes_of(std::array<std::uint8_t, 2>{11, 10}));
        for (const std::int32_t value : {3, 0, 77}) {
            const auto message = error_of([&] { (void)run(*plan, bytes_of(value), 1, 1); });
            CHECK(contains(message, std::to_string(value) + " (int32)"));
        }
    }
    asked.elements[0].enumerators[2].second = 12;  // two names of one stored value mean two things now
    CHECK(!error_of([&] { (void)run(*ConversionPlan::make(stored, asked), bytes_of(std::int32_t{1}), 1, 1); }).empty());
}

TEST_CASE("units convert in double, into integers checked, and need a unit system") {
    const auto units = make_units();
    const PlanOptions options{.units = units.get()};
    const PlanOptions lenient{.lenient = true, .units = units.get()};
    CHECK(convert<float>(1.5F, options, nullptr, "cm", "mm") == 15.0F);
    CHECK(convert<double>(std::int32_t{7}, options, nullptr, "mm", "cm") == 0.7);
    CHECK(convert<std::int32_t>(std::int32_t{70}, options, nullptr, "mm", "cm") == 7);
    CHECK_FALSE(convert<std::int32_t>(std::int32_t{75}, options, nullptr, "mm", "cm"));
    CHECK(convert<std::int32_t>(std::int32_t{75}, lenient, nullptr, "mm", "cm") == 7);
    CHECK_FALSE(convert<float>(3e38F, options, nullptr, "cm", "mm"));
    CHECK_FALSE(convert<double>(1e308, options, nullptr, "cm", "mm"));
    CHECK(std::isnan(*convert<float>(std::numeric_limits<float>::quiet_NaN(), options, nullptr, "cm", "mm")));
    CHECK(convert<double>(kInf, options, nullptr, "cm", "mm") == kInf);
    CHECK(convert<std::uint64_t>(std::numeric_limits<std::uint64_t>::max(), options, nullptr, "cm", "centimeter") ==
          std::numeric_limits<std::uint64_t>::max());
    const auto message = error_of([&] { (void)convert<float>(1.0F, {}, nullptr, "cm", "mm"); });
    CHECK(contains(message, "needs"));
    CHECK(!error_of([&] { (void)convert<float>(1.0F, options, nullptr, "cm", ""); }).empty());
    CHECK(!error_of([&] { (void)convert<float>(1.0F, options, nullptr, "", "cm"); }).empty());
    CHECK(!error_of([&] { (void)convert<float>(1.0F, options, nullptr, "cm", "s"); }).empty());
}

TEST_CASE("refused changes fail when the plan is made and name every element") {
    const auto stored = natural({element("a", Char, {4}), element("b", Int32), element("c", Int32)});
    const auto asked = natural({element("a", UInt8, {4}), element("b", Int32, {2}), element("c", Int32)});
    const auto message = error_of([&] { (void)ConversionPlan::make(stored, asked); });
    CHECK(contains(message, "element a"));
    CHECK(contains(message, "element b"));
    CHECK_FALSE(contains(message, "element c"));
}

TEST_CASE("renamed elements keep their values in both directions, also when names were exchanged") {
    const auto before = natural({element("x", Int32), element("y", Int32)});
    auto after = before;
    after.elements[0].renamed_from = "y";
    after.elements[1].renamed_from = "x";
    const auto values = bytes_of(std::array<std::int32_t, 2>{1, 2});
    const auto exchanged = bytes_of(std::array<std::int32_t, 2>{2, 1});
    CHECK(run(*ConversionPlan::make(before, after), values, 8, 1) == exchanged);
    CHECK(run(*ConversionPlan::make(after, before), exchanged, 8, 1) == values);
    CHECK(run(*ConversionPlan::make(after, after), values, 8, 1) == values);
}

TEST_CASE("items of an array of structs that were not stored are absent") {
    const auto stored = natural({element("hit[0].x", Int32), element("hit[1].x", Int32)});
    const auto asked = natural({element("hit[0].x", Int32), element("hit[1].x", Int32), element("hit[2].x", Int32)});
    CHECK(ConversionPlan::make(stored, asked)->absent() == std::vector<std::string>{"hit[2].x"});
}

TEST_CASE("no rows are no work") {
    const auto plan = ConversionPlan::make(natural({element("a", Int32)}), natural({element("a", Int8)}));
    CHECK(plan->run(nullptr, nullptr, 0).losses == 0);
}

TEST_CASE("speed of plans, for people") {
    std::vector<Element> elements;
    for (int i = 0; i < 100; ++i)
        elements.push_back(element("elementNumber" + std::to_string(i), i % 3 == 0 ? Int32 : Float32));
    const auto stored = natural(elements);
    auto retyped = elements;
    for (int i = 0; i < 100; i += 2) retyped[static_cast<std::size_t>(i)].type = Float64;
    std::reverse(elements.begin(), elements.end());
    const auto reordered = natural(elements);
    const auto longer = natural(retyped);
    auto added = stored.elements;
    added.insert(added.begin() + 50, element("added", Int64, {3}));
    const auto with_added = natural(added);
    const std::size_t rows = 20000;
    Bytes from(stored.size * rows);
    using Clock = std::chrono::steady_clock;
    const auto microseconds = [](Clock::time_point begin) {
        return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
    };
    const auto measure = [&](const std::string& what, const StructDefinition& asked) {
        auto begin = Clock::now();
        for (int i = 0; i < 100; ++i) (void)ConversionPlan::make(stored, asked);
        const double build = microseconds(begin) / 100;
        const auto plan = ConversionPlan::make(stored, asked);
        Bytes to(asked.size * rows);
        double best = 1e9;
        double copy = 1e9;
        for (int i = 0; i < 10; ++i) {
            begin = Clock::now();
            (void)plan->run(from.data(), to.data(), rows);
            best = std::min(best, microseconds(begin));
            begin = Clock::now();
            std::memcpy(to.data(), from.data(), std::min(to.size(), from.size()));
            copy = std::min(copy, microseconds(begin));
        }
        MESSAGE(what << ": built in " << build << " us, run at " << best / copy << " x memcpy");
        CHECK(to.size() == asked.size * rows);
    };
    measure("equal", stored);
    measure("100 elements reversed", reordered);
    measure("half retyped", longer);
    measure("one added", with_added);
}

TEST_CASE("references are copied, also where arrays grow, and never become anything else") {
    const auto ref = [](std::string path, std::string target, std::vector<std::uint64_t> dims = {}) {
        auto made = element(std::move(path), ScalarType::Ref);
        made.target = std::move(target);
        made.dims = std::move(dims);
        return made;
    };
    const auto stored = natural({element("n", Int32), ref("by", "User"), ref("tags", "Tag", {2})});
    const auto asked = natural({ref("tags", "Tag", {3}), ref("by", "User"), element("uid", ScalarType::Uid)});
    const auto plan = ConversionPlan::make(stored, asked);
    CHECK(plan->absent() == std::vector<std::string>{"tags[2:]", "uid"});
    std::array<std::byte, 52> from{};
    for (std::size_t i = 4; i < from.size(); ++i) from[i] = static_cast<std::byte>(i);
    std::array<std::byte, 80> to{};
    to.fill(std::byte{0xff});
    (void)plan->run(from.data(), to.data(), 1);
    CHECK(std::memcmp(to.data(), from.data() + 20, 32) == 0);
    CHECK(std::all_of(to.begin() + 32, to.begin() + 48, [](std::byte b) { return b == std::byte{0}; }));
    CHECK(std::memcmp(to.data() + 48, from.data() + 4, 16) == 0);
    CHECK(std::all_of(to.begin() + 64, to.end(), [](std::byte b) { return b == std::byte{0}; }));

    for (const auto& other : {ref("by", "Group"), element("by", ScalarType::Uid), element("by", Int64)}) {
        const auto text = error_of([&] { (void)ConversionPlan::make(natural({ref("by", "User")}), natural({other})); });
        CHECK(contains(text, "by"));
    }
}
