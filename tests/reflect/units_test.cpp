#include "reflect/units.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "reflect/comments.h"
#include "reflect/defaults.h"

namespace {

using namespace etalon::reflect;

TEST_CASE("a comment that is only a unit gives the unit") {
    for (const char* unit : {"cm",
                             "mm",
                             "um",
                             "m",
                             "s",
                             "ms",
                             "us",
                             "ns",
                             "ps",
                             "V",
                             "kV",
                             "mV",
                             "A",
                             "uA",
                             "muA",
                             "\xC2\xB5m",
                             "C",
                             "K",
                             "T",
                             "Hz",
                             "MHz",
                             "eV",
                             "GeV",
                             "deg",
                             "rad",
                             "mrad",
                             "%",
                             "ppm",
                             "mbar",
                             "hPa",
                             "mm/ps",
                             "mV/fC",
                             "cm/us",
                             "cm/sqrt(cm)",
                             "A*ps",
                             "V/cm",
                             "GeV/c",
                             "GeV/c^2",
                             "1/cm",
                             "cm^-1",
                             "cm^2",
                             "m/s^2",
                             "m s^-2",
                             "V.s",
                             "kg*m/s",
                             "g/cm3",
                             "J/(kg K)",
                             "fC/adc count",
                             "mV/adc count",
                             "adc counts",
                             "ADC counts",
                             "time bins",
                             "radians",
                             "secs",
                             "usec",
                             "meters",
                             "percent",
                             "degrees",
                             "volts",
                             "pads",
                             "bins",
                             "deg C",
                             "\xC2\xB0"
                             "C",
                             "\xC2\xB0",
                             "mm Hg",
                             "cm\xC2\xB2",
                             "kHz/cm2",
                             "counts per second",
                             "10^-3 rad",
                             "kOhm",
                             "nanoseconds",
                             "Tesla",
                             "kGauss",
                             "N m"}) {
        CAPTURE(unit);
        CHECK(is_known_unit(unit));
        CHECK(find_unit(unit, "member") == unit);
        CHECK(find_unit(std::string("(") + unit + ")", "member") == unit);
        CHECK(find_unit(std::string("[") + unit + "] of the thing", "member") == unit);
        CHECK(find_unit(std::string("the thing [ ") + unit + " ]", "member") == unit);
    }
}

TEST_CASE("prose, labels and abbreviations are not taken for a unit") {
    for (const char* prose : {"",
                              " ",
                              "gain",
                              "index",
                              "a",
                              "as",
                              "at",
                              "in",
                              "am",
                              "pm",
                              "no",
                              "min",
                              "max",
                              "second",
                              "day",
                              "N/A",
                              "n/a",
                              "I/O",
                              "A/C",
                              "H/W",
                              "id",
                              "pad",
                              "channel",
                              "count",
                              "hits",
                              "degree",
                              "time",
                              "mode",
                              "pad row",
                              "PS",
                              "MC",
                              "TV",
                              "EV",
                              "MS",
                              "x/y",
                              "a/b",
                              "10 ns",
                              "5",
                              "1",
                              "0x10",
                              "s t",
                              "A B",
                              "number of pads",
                              "in cm",
                              "cm or mm",
                              "drift, cm",
                              "cm.",
                              "see V",
                              "the A side",
                              "A -> B",
                              "m[3]",
                              "c",
                              "b",
                              "h",
                              "(a)",
                              "()",
                              "/",
                              "cm/",
                              "/cm",
                              "cm^",
                              "((cm)",
                              "cm)",
                              "^2",
                              "*",
                              "bit 3",
                              "flags",
                              "GS"}) {
        CAPTURE(prose);
        CHECK(find_unit(prose, "member").empty());
    }
    CHECK(find_unit("C", "c").empty());
    CHECK(find_unit("C", "charge") == "C");
}

TEST_CASE("brackets hold a unit unless they hold an index, a range or prose") {
    const std::vector<std::pair<std::string, std::string>> cases{{"[cm] drift", "cm"},
                                                                 {"drift [cm]", "cm"},
                                                                 {"drift[us]", "us"},
                                                                 {"[%]", "%"},
                                                                 {"[0-23] sectors", ""},
                                                                 {"[0,1]", ""},
                                                                 {"[i]", ""},
                                                                 {"gain[i] [V]", "V"},
                                                                 {"[i][j] in [mV]", "mV"},
                                                                 {"per [sector][row]", ""},
                                                                 {"[0..N-1]", ""},
                                                                 {"[N-1]", ""},
                                                                 {"[n-1]", ""},
                                                                 {"[0:kRows)", ""},
                                                                 {"[kMax]", "kMax"},
                                                                 {"[MAX_ROWS]", ""},
                                                                 {"[NPADS]", ""},
                                                                 {"[in] value", ""},
                                                                 {"[out]", ""},
                                                                 {"[deprecated]", ""},
                                                                 {"[1]", ""},
                                                                 {"[]", ""},
                                                                 {"[", ""},
                                                                 {"[cm", ""},
                                                                 {"a[m]", ""},
                                                                 {"[N]", "N"},
                                                                 {"[min]", "min"},
                                                                 {"[clock cycles]", "clock cycles"},
                                                                 {"[photons/event]", "photons/event"},
                                                                 {"[10 ns]", "10 ns"},
                                                                 {"[a.u.]", ""},
                                                                 {"[arb. units]", "arb. units"},
                                                                 {"[see note]", ""},
                                                                 {"[-pi, pi]", ""},
                                                                 {"[1/cm^2]", "1/cm^2"},
                                                                 {"[v2]", ""},
                                                                 {"[bit 3]", ""},
                                                                 {"[i+1]", ""},
                                                                 {"[x]", ""},
                                                                 {"[counts]", "counts"},
                                                                 {"[ADC]", "ADC"},
                                                                 {"[adc]", "adc"},
                                                                 {"[31:16]", ""},
                                                                 {"[c]", ""},
                                                                 {"[sec since 1970]", ""},
                                                                 {"[0x1f]", ""},
                                                                 {"[N/A]", ""},
                                                                 {"[m] or [cm]", "m"}};
    for (const auto& [comment, unit] : cases) {
        CAPTURE(comment);
        CHECK(find_unit(comment, "member") == unit);
    }
}

TEST_CASE("a declared default is found behind its word and a colon") {
    CHECK(find_default("[cm] default: 1.5") == "1.5");
    CHECK(find_default("default : -3, else") == "-3");
    CHECK(find_default("DEFAULT:7.") == "7");
    CHECK(find_default("(default: 2)") == "2");
    CHECK(find_default("default: \"a, b\"\"c\" text") == "\"a, b\"\"c\"");
    CHECK(find_default("default: {1, 2} x") == "{1, 2}");
    CHECK(find_default("default: GREEN") == "GREEN");
    CHECK_FALSE(find_default("the default is 3").has_value());
    CHECK_FALSE(find_default("default:").has_value());
    CHECK_FALSE(find_default("undefault: 3").has_value());
    CHECK_FALSE(find_default("my_default: 3").has_value());
    CHECK_FALSE(find_default("").has_value());
}

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
    CHECK(parse(ScalarType::Char, "\"abc\"", {2, 3}) == "\"abc\"");
    CHECK(parse(ScalarType::Char, "\"abcd\"", {4, 3}) == "refused");
    CHECK(parse(ScalarType::Char, "abc", {3}) == "refused");
    CHECK(parse(ScalarType::Char, R"("\x00\\")", {2}) == R"("\x00\\")");
}

TEST_CASE("comment marks go, words stay") {
    CHECK(strip_marks("// gain ") == "gain");
    CHECK(strip_marks("///< gain") == "gain");
    CHECK(strip_marks("//!< gain") == "gain");
    CHECK(strip_marks("/** gain */") == "gain");
    CHECK(strip_marks("/*!< gain */") == "gain");
    CHECK(strip_marks("/* a\n * b\n *\n * c */") == "a b c");
    CHECK(strip_marks("/* a * b */") == "a * b");
    CHECK(strip_marks("/* a\r\n   b */") == "a b");
    CHECK(strip_marks("/**/").empty());
    CHECK(strip_marks("//").empty());
    CHECK(strip_marks("/***** title *****/") == "title");
    CHECK(strip_marks("// a \\\n b") == "a b");
}

}  // namespace
