#include "reflect/unit_reading.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reflect/units.h"

namespace {

using namespace etalon::reflect;

std::string find_unit(std::string_view comment, std::string_view name, const std::vector<std::string>& others = {}) {
    return read_unit(comment, name, others).unit;
}

/// What find_default() finds, as text.
std::optional<std::string> default_text(std::string_view comment) {
    const auto found = find_default(comment);
    return found ? std::optional(found->text) : std::nullopt;
}

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
                                                                 {"[kMax]", ""},
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

TEST_CASE("a unit is taken where a comment says it plainly and nowhere else") {
    const std::vector<std::string> others{"gain", "pedestal", "x", "t"};
    const std::vector<std::pair<std::string, std::string>> cases{
        {"[mm] width", "mm"},
        {"width [mm]", "mm"},
        {"width [mm].", "mm"},
        {"[wibbles]", "wibbles"},  // of somebody, or misspelt: a warning tells
        {"width [wibbles]", ""},
        {"[unused]", ""},
        {"[beam]", ""},
        {"[Wibbles]", ""},
        {"width [mm] (default: 5)", "mm"},
        {"default: 5 [mm]", "mm"},
        {"width [mm], default = 5", "mm"},
        {"mm, default: 5", "mm"},
        {"width, unit: mm", "mm"},
        {"unit: mm; of a pad", "mm"},
        {"Units: adc counts, raw", "adc counts"},
        {"unit: [my own]", "my own"},
        {"width [unit: mm]", "mm"},
        {"unit: furlongz of it", "furlongz"},
        {"width [0..5] [mm]", "mm"},
        {"width [mm] [0..5]", "mm"},
        {"error of the gain [V]", "V"},
        {"error on gain [V]", "V"},
        {"gain and pedestal [ADC]", "ADC"},
        {"width (in [mm])", "mm"},
        {"- [mm] width", "mm"},
        {"it is given in [mm]", "mm"},
        {"time before the trigger [ns]", "ns"},
        {"First line.\nWidth [mm]\nMeasured.", "mm"},
        // not plainly
        {"the [mm] of it", ""},
        {"width [mm] of a pad", ""},
        {"first [mm] then [mm] then", ""},
        {"was [mm]", ""},
        {"was in [mm]", ""},
        {"which was given in [mm]", ""},
        {"used to be [mm]", ""},
        {"formerly [mm]", ""},
        {"previously stored in [mm]", ""},
        {"no longer in [mm]", ""},
        {"not in [mm]", ""},
        {"before 2015 in [mm]", ""},
        {"until run 7 [mm]", ""},
        {"originally [mm]", ""},
        {"divide by 10 for [mm]", ""},
        {"conversion factor to [GeV]", ""},
        {"unlike the others, which are in [mm]", ""},
        {"[mm] until 2015", ""},
        {"[mm] was used before", ""},
        {"[mm] in old files", ""},
        {"gain is in [V]", ""},
        {"index of a pad. gain: [V]", ""},
        {"index of a pad, gain in [V]", ""},
        {"index (pedestal in [ADC])", ""},
        {"see gain [V]", ""},
        {"see [V]", ""},
        {"[cm]/[ns]", ""},
        {"drift [cm] / [ns]", ""},
        {"x [cm] and t [ns]", ""},
        {"Index of a pad. Lengths are in [mm].", ""},
        {"Index of a pad. Widths are in [mm].", "mm"},
        {"unit: none", ""},
        {"unit: see the manual", ""},
        {"it used to have unit: mm", ""},
        {"a unit number: 5", ""},
        {"[WIP]", ""},
        {"[left/right]", ""},
        {"[Smith et al]", ""},
        {"[min/max]", ""},
        {"[yes/no]", ""},
        {"[E/W]", ""},
        {"[TODO] check", ""},
        {"[optional]", ""},
        {"[JINST 2010]", ""},
        {"as measured [fig. 3]", ""},
        {"[run 12]", ""},
        {"[MC only]", ""},
        {"[raw data]", ""},
        {"[PMT]", ""},
        {"[per channel]", ""}};
    for (const auto& [comment, unit] : cases) {
        CAPTURE(comment);
        CHECK(find_unit(comment, "width", others) == unit);
    }
    CHECK(find_unit("gain is in [V]", "gain", others) == "V");
}

TEST_CASE("units of the field are known, misspelt ones are kept as they are, and what is not taken is told") {
    for (const char* unit : {"degE7",
                             "cdeg",
                             "cdegC",
                             "c%",
                             "d%",
                             "cA",
                             "mAh",
                             "hJ",
                             "dam",
                             "pix",
                             "dpix",
                             "mG",
                             "gauss",
                             "KiB/s",
                             "bits/s",
                             "mm/h",
                             "cm^2",
                             "rpm",
                             "Jy",
                             "mas",
                             "MiB",
                             "photoelectron",
                             "counts/s",
                             "kG",
                             "pad",
                             "channel",
                             "MeV/ADC",
                             "GeV/c",
                             "bunch crossings",
                             "samples",
                             "mm/wire",
                             "V/turn",
                             "clock cycles",
                             "V/V",
                             "per cent",
                             "e-",
                             "p.e.",
                             "npe"}) {
        CAPTURE(unit);
        CHECK(find_unit(std::string("[") + unit + "] of it", "member") == unit);
        CHECK(read_unit(std::string("of it [") + unit + "]", "member").texts.empty());
    }
    for (const char* unit : {"furlongz", "Mev", "KHZ", "volst", "secnds"}) {
        CAPTURE(unit);
        CHECK(find_unit(std::string("of it [") + unit + "]", "member") == unit);
    }
    for (const char* text : {"WIP", "left/right", "Smith et al", "TODO", "kMax"}) {
        CAPTURE(text);
        const auto found = read_unit(std::string("of it [") + text + "]", "member");
        REQUIRE(found.texts.size() == 1);
        CHECK(found.texts[0].text == text);
        CHECK(found.texts[0].reason.find("no unit that is known") != std::string::npos);
    }
    for (const char* text : {"gain[i]", "[0-23]", "[0..5]", "[N-1]", "[i][j]", "[1]", "[]", "[0:4]"}) {
        CAPTURE(text);
        CHECK(read_unit(text, "member").texts.empty());
    }
    CHECK(read_unit("was [mm]", "member").texts.size() == 1);
    CHECK(read_unit("[mm] or [cm]", "member").texts.at(0).text == "cm");
}

TEST_CASE("a declared default is found behind its word and a colon") {
    CHECK(default_text("[cm] default: 1.5") == "1.5");
    CHECK(default_text("default : -3, else") == "-3");
    CHECK(default_text("DEFAULT:7.") == "7");
    CHECK(default_text("(default: 2)") == "2");
    CHECK(default_text("default: \"a, b\"\"c\" text") == "\"a, b\"\"c\"");
    CHECK(default_text("default: {1, 2} x") == "{1, 2}");
    CHECK(default_text("default: {{1, 2}, {3, 4}} x") == "{{1, 2}, {3, 4}}");
    CHECK(default_text("default: {\"}\", '}'} x") == "{\"}\", '}'}");
    CHECK(default_text("default: {1, 2, then") == "{1");  // no list: an error
    CHECK(default_text("default: GREEN") == "GREEN");
    CHECK(default_text("default = 7") == "7");
    CHECK(default_text("default=7;") == "7");
    CHECK(default_text("default value: on") == "on");
    CHECK(default_text("default: 1,5") == "1,5");  // no value: an error, not 1
    CHECK(default_text("default: 'A', or more") == "'A'");
    CHECK(default_text("default: Mode::kOn") == "Mode::kOn");
    CHECK(find_default("old default: 7")->is_retracted);
    CHECK(find_default("was default: 7")->is_retracted);
    CHECK_FALSE(find_default("a default: 7")->is_retracted);
    CHECK_FALSE(find_default("default == 7").has_value());
    CHECK_FALSE(find_default("default::x").has_value());
    CHECK_FALSE(find_default("the default is 3").has_value());
    CHECK_FALSE(find_default("default:").has_value());
    CHECK_FALSE(find_default("undefault: 3").has_value());
    CHECK_FALSE(find_default("my_default: 3").has_value());
    CHECK_FALSE(find_default("").has_value());
}

}  // namespace
