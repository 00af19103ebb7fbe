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
    CHECK(parse(ScalarType::Int32, "{3, 4}", {2}) == "refused");
    CHECK(parse(ScalarType::Int32, "{3}", {2}) == "refused");
    CHECK(parse(ScalarType::Int32, "{0}", {2}) == "0");
    CHECK(parse(ScalarType::Float32, "{}", {2}) == "0");
    CHECK(parse(ScalarType::Char, "\"abc\"", {2, 3}) == "\"abc\"");
    CHECK(parse(ScalarType::Char, "\"abcd\"", {4, 3}) == "refused");
    CHECK(parse(ScalarType::Char, "abc", {3}) == "refused");
    CHECK(parse(ScalarType::Char, R"("\x00\\")", {2}) == R"("\x00\\")");
}

TEST_CASE("what an initialiser gives is a default when it is one value") {
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
    CHECK(value(ScalarType::Int32, {"", {five, {"6", {}}}}, {2}) == "none");
    CHECK(value(ScalarType::Int32, {"", {{"", {five}}, {"", {five}}}}, {2, 1}) == "5");
    CHECK(value(ScalarType::Int8, {"200", {}}) == "none");
    const RawValue ab{"", {{"97", {}}, {"98", {}}, {"0", {}}}};
    CHECK(value(ScalarType::Char, ab, {3}) == "\"ab\"");
    CHECK(value(ScalarType::Char, {"", {ab, ab}}, {2, 3}) == "\"ab\"");
    CHECK(value(ScalarType::Char, {"", {ab, {"", {{"97", {}}}}}}, {2, 3}) == "none");
    CHECK(value(ScalarType::Char, {"", {{"34", {}}, {"92", {}}, {"7", {}}, {"200", {}}}}, {4}) == R"("""\\\x07\xc8")");
    CHECK(value(ScalarType::Char, {"", {}}, {4}) == "\"\"");
}

}  // namespace
