#include "reflect/defaults.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace etalon::reflect;

TEST_CASE("a default is brought to the text form of its type or refused") {
    using etalon::Element;
    using etalon::ScalarType;
    const auto parse = [](ScalarType type, const char* text, std::vector<std::uint64_t> dims = {}) {
        Element element;
        element.type = type;
        element.dims = std::move(dims);
        return parse_default(element, text).value_or("refused");
    };
    CHECK(parse(ScalarType::Int8, "-128") == "-128");
    CHECK(parse(ScalarType::Int8, "128") == "refused");
    CHECK(parse(ScalarType::UInt8, "-1") == "refused");
    CHECK(parse(ScalarType::UInt16, "0xFFFF") == "65535");
    CHECK(parse(ScalarType::UInt16, "0x10000") == "refused");
    CHECK(parse(ScalarType::Int32, "10L") == "10");
    CHECK(parse(ScalarType::Int32, "1.5") == "refused");
    CHECK(parse(ScalarType::Int32, "+5") == "5");
    CHECK(parse(ScalarType::Int64, "-9223372036854775808") == "-9223372036854775808");
    CHECK(parse(ScalarType::UInt64, "18446744073709551615u") == "18446744073709551615");
    CHECK(parse(ScalarType::UInt64, "18446744073709551616") == "refused");
    CHECK(parse(ScalarType::Float32, "0.1f") == "0.1");
    CHECK(parse(ScalarType::Float32, "1e39") == "refused");
    CHECK(parse(ScalarType::Float64, "1e39") == "1e39");
    CHECK(parse(ScalarType::Float64, "-inf") == "-inf");
    CHECK(parse(ScalarType::Float64, "1,5") == "refused");
    CHECK(parse(ScalarType::Bool, "false") == "0");
    CHECK(parse(ScalarType::Bool, "2") == "refused");
    for (const char* yes : {"true", "yes", "on", "TRUE", "On", "Yes", "1"}) CHECK(parse(ScalarType::Bool, yes) == "1");
    for (const char* no : {"false", "no", "off", "FALSE", "Off", "No", "0"}) CHECK(parse(ScalarType::Bool, no) == "0");
    CHECK(parse(ScalarType::Int32, "on") == "refused");
    CHECK(parse(ScalarType::Int32, "1,5") == "refused");
    CHECK(parse(ScalarType::Int8, "'A'") == "65");
    CHECK(parse(ScalarType::UInt8, "'\\n'") == "10");
    CHECK(parse(ScalarType::Int32, "{3, 3}", {2}) == "3");
    CHECK(parse(ScalarType::Int32, "{3, 4}", {2}) == "{3, 4}");
    CHECK(parse(ScalarType::Int32, "{ 0x3,4 , }", {2}) == "{3, 4}");
    CHECK(parse(ScalarType::Int32, "{3, 4, 5}", {2}) == "refused");
    CHECK(parse(ScalarType::Int32, "{3, , 4}", {3}) == "refused");
    CHECK(parse(ScalarType::Int32, "{3}", {}) == "refused");
    CHECK(parse(ScalarType::Int32, "{{1, 2, 3}, {4, 5, 6}}", {2, 3}) == "{1, 2, 3, 4, 5, 6}");
    CHECK(parse(ScalarType::Int32, "{1, 2, 3, 4, 5, 6}", {2, 3}) == "{1, 2, 3, 4, 5, 6}");
    CHECK(parse(ScalarType::Int32, "{{1, 2}, {3, 4}, {5, 6}}", {2, 3}) == "refused");
    CHECK(parse(ScalarType::Int32, "{1, {2, 3}, 4, 5, 6}", {2, 3}) == "refused");
    CHECK(parse(ScalarType::Int32, "{{0}}", {2, 3}) == "refused");
    CHECK(parse(ScalarType::Int32, "{1, 2", {2}) == "refused");
    CHECK(parse(ScalarType::Bool, "{on, off}", {2}) == "{1, 0}");
    CHECK(parse(ScalarType::Float64, "{1.50, nan, -inf}", {3}) == "{1.5, nan, -inf}");
    CHECK(parse(ScalarType::Char, R"({"a", "b, ""}"})", {2, 6}) == R"({"a", "b, ""}"})");
    CHECK(parse(ScalarType::Char, R"({{"a", "b"}, {"c", "d"}})", {2, 2, 2}) == R"({"a", "b", "c", "d"})");
    CHECK(parse(ScalarType::Char, R"({"a", b})", {2, 6}) == "refused");
    CHECK(parse(ScalarType::Char, R"({"a", "a"})", {2, 6}) == "\"a\"");
    CHECK(parse(ScalarType::Int32, "{3}", {2}) == "refused");
    CHECK(parse(ScalarType::Int32, "{0}", {2}) == "0");
    CHECK(parse(ScalarType::Float32, "{}", {2}) == "0");
    CHECK(parse(ScalarType::Char, "\"abc\"", {2, 3}) == "\"abc\"");
    CHECK(parse(ScalarType::Char, "\"abcd\"", {4, 3}) == "refused");
    CHECK(parse(ScalarType::Char, "abc", {3}) == "refused");
    CHECK(parse(ScalarType::Char, R"("\x00\\")", {2}) == R"("\x00\\")");
}

TEST_CASE("a list that is no default says what was expected") {
    etalon::Element element;
    element.type = etalon::ScalarType::Int32;
    element.dims = {2, 3};
    const auto says = [&](const char* text, const char* what) {
        CAPTURE(describe_misfit(element, text));
        return describe_misfit(element, text).find(what) != std::string::npos;
    };
    CHECK(says("{1, 2}", "has 2 values, 6 are expected: int32[2][3] has 6 items"));
    CHECK(says("{1, 2, 3, 4, 5, 6, 7}", "has 7 values, 6 are expected"));
    CHECK(says("{{1, 2}, {3, 4}, {5, 6}}", "is not nested as int32[2][3] is"));
    CHECK(says("{1, 2, x, 4, 5, 6}", "its value 2 is x"));
    CHECK(says("{1, 2, , 4, 5, 6}", "its value 2 is empty"));
    CHECK(says("1.5", "is not a value of int32; an array takes one value for every item"));
    element.dims.clear();
    CHECK(says("{1}", "is a list, and int32 is one value"));
}

TEST_CASE("a list in a comment ends at its own brace") {
    CHECK(length_of_list("{1, 2} x}") == 6);
    CHECK(length_of_list("{{1}, {2}} x") == 10);
    CHECK(length_of_list(R"({"}", '}', "a""}"} x)") == 18);
    CHECK(length_of_list("{don't}") == 7);
    CHECK(length_of_list("{1") == 0);
    CHECK(length_of_list("1}") == 0);
    CHECK(length_of_list("") == 0);
}

TEST_CASE("what an initialiser gives is a default, with all of its values where they differ") {
    using etalon::Element;
    using etalon::ScalarType;
    const auto value = [](ScalarType type, const RawValue& given, std::vector<std::uint64_t> dims = {}) {
        Element element;
        element.type = type;
        element.dims = std::move(dims);
        return default_of(element, given).value_or("none");
    };
    const RawValue five{"5", {}};
    CHECK(value(ScalarType::Int32, five) == "5");
    CHECK(value(ScalarType::Int32, {"", {five, five}}, {2}) == "5");
    CHECK(value(ScalarType::Int32, {"", {five, {"6", {}}}}, {2}) == "{5, 6}");
    CHECK(value(ScalarType::Int32, {"", {{"", {five, {"6", {}}}}, {"", {five, five}}}}, {2, 2}) == "{5, 6, 5, 5}");
    CHECK(value(ScalarType::Int8, {"", {five, {"200", {}}}}, {2}) == "none");
    CHECK(value(ScalarType::Int32, {"", {{"", {five}}, {"", {five}}}}, {2, 1}) == "5");
    CHECK(value(ScalarType::Int8, {"200", {}}) == "none");
    const RawValue ab{"", {{"97", {}}, {"98", {}}, {"0", {}}}};
    CHECK(value(ScalarType::Char, ab, {3}) == "\"ab\"");
    CHECK(value(ScalarType::Char, {"", {ab, ab}}, {2, 3}) == "\"ab\"");
    CHECK(value(ScalarType::Char, {"", {ab, {"", {{"97", {}}}}}}, {2, 3}) == R"({"ab", "a"})");
    CHECK(value(ScalarType::Char, {"", {{"34", {}}, {"92", {}}, {"7", {}}, {"200", {}}}}, {4}) == R"("""\\\x07\xc8")");
    CHECK(value(ScalarType::Char, {"", {}}, {4}) == "\"\"");
}

}  // namespace
