#include "schema/units.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "support/temp_directory.h"

using namespace etalon;
using namespace etalon::schema;

namespace {

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> parts;
    std::istringstream in(line);
    for (std::string part; std::getline(in, part, '\t');) parts.push_back(part);
    return parts;
}

bool converts(const UnitSystem& units, const char* from, const char* to) {
    return units.conversion(from, to).has_value();
}

}  // namespace

TEST_CASE("units of one kind convert into each other") {
    const auto units = make_units();
    CHECK(units->conversion("cm", "mm") == UnitConversion{10, 0});
    CHECK(units->conversion("mm", "cm") == UnitConversion{0.1, 0});
    CHECK(units->conversion("m", "km") == UnitConversion{0.001, 0});
    CHECK(units->conversion("mV/fC", "V/C") == UnitConversion{1e12, 0});
    CHECK(units->conversion("s", "second")->is_identity());
    const auto celsius = units->conversion("K", "degC");
    REQUIRE(celsius);
    CHECK(celsius->scale == 1);
    CHECK(celsius->offset == -273.15);
    CHECK(units->conversion("degF", "degC")->apply(212) == 100);
    CHECK(units->conversion("m/s", "km/h")->apply(15) == 54);
    CHECK(units->conversion("m/s", "km/h")->exact->factor_text() == "18/5");
}

TEST_CASE("units of different kinds, unknown ones and decibels do not convert") {
    const auto units = make_units();
    CHECK_FALSE(units->conversion("cm", "s"));
    CHECK_FALSE(units->conversion("cm", "nonsense"));
    CHECK_FALSE(units->conversion("nonsense", "nonsense"));
    CHECK_FALSE(units->conversion("lg(re 1 mW)", "W"));
    CHECK_FALSE(units->conversion("dB", "1"));
    CHECK_FALSE(units->conversion("cm", std::string_view("m\0m", 3)));
    CHECK(units->knows("mV/fC"));
    CHECK(units->knows("lg(re 1 mW)"));
    CHECK_FALSE(units->knows("furlongs per fortnights!"));
    CHECK(units->conversion("seconds since 2000-01-01", "hours since 2000-01-01")->apply(7200) == doctest::Approx(2));
}

TEST_CASE("angles, cycles, counts, decays and doses are no numbers and no frequencies") {
    const auto units = make_units();
    for (const auto& [from, to] : {std::pair("cps", "Hz"),
                                   {"counts/s", "Hz"},
                                   {"rpm", "Hz"},
                                   {"rad/s", "Hz"},
                                   {"rpm", "rad/s"},
                                   {"rev", "deg"},
                                   {"cycle", "rad"},
                                   {"cycle/s", "Hz"},
                                   {"Bq", "Hz"},
                                   {"Bq", "counts/s"},
                                   {"Gy", "Sv"},
                                   {"Sv", "J/kg"},
                                   {"rem", "Gy"},
                                   {"lm", "cd"},
                                   {"lx", "cd/m2"},
                                   {"sr", "1"},
                                   {"sr", "rad"},
                                   {"rad", "1"},
                                   {"mrad", "mm/m"},
                                   {"W/sr", "W"},
                                   {"count", "1"},
                                   {"count", "percent"},
                                   {"bit", "1"},
                                   {"bps", "Hz"},
                                   {"baud", "bps"},
                                   {"ADC", "count"},
                                   {"pad", "strip"},
                                   {"electron", "photoelectron"},
                                   {"e-", "C"},
                                   {"MIP", "1"},
                                   {"ppm", "rad"},
                                   {"deg", "percent"}}) {
        CAPTURE(std::string(from));
        CAPTURE(std::string(to));
        CHECK(units->knows(from));
        CHECK(units->knows(to));
        CHECK_FALSE(converts(*units, from, to));
        CHECK_FALSE(converts(*units, to, from));
        CHECK(units->difference(from, to).find(" measures ") != std::string::npos);
    }
    CHECK(units->difference("cps", "Hz") == "[cps] measures count second^-1, [Hz] second^-1");
}

TEST_CASE("within one kind angles, cycles, counts and fractions convert") {
    const auto units = make_units();
    const auto factor = [&](const char* from, const char* to) {
        const auto conversion = units->conversion(from, to);
        return conversion && conversion->offset == 0 ? conversion->exact->factor_text() : "none";
    };
    CHECK(factor("rpm", "rev/s") == "1/60");
    CHECK(factor("percent", "1") == "1/100");
    CHECK(factor("%/K", "ppm/mK") == "10");
    CHECK(factor("deg", "arcmin") == "60");
    CHECK(factor("mas", "arcsec") == "1/1000");
    CHECK(factor("uas", "mas") == "1/1000");
    CHECK(factor("cps", "counts/ms") == "1/1000");
    CHECK(factor("Ci", "GBq") == "37");
    CHECK(factor("mrem", "uSv") == "10");
    CHECK(factor("lm", "cd sr") == "1");
    CHECK(factor("sr", "rad^2") == "1");
    CHECK(factor("1/s", "Hz") == "1");
    CHECK(factor("J/kg", "Gy") == "1");
    CHECK(units->conversion("deg", "rad")->scale == 0.017453292519943295);
    CHECK(units->conversion("deg2", "sr")->scale == doctest::Approx(3.0461741978670857e-4));
    CHECK_FALSE(units->conversion("deg", "rad")->exact->is_rational());
}

TEST_CASE("the units of the field are known, however they are written") {
    const auto units = make_units();
    for (const char* unit : {"deg",
                             "mas",
                             "ADC",
                             "ADC counts",
                             "adc count",
                             "ADCs",
                             "channel",
                             "channels",
                             "ch",
                             "pad",
                             "pads",
                             "MeV/ADC",
                             "fC/ADC count",
                             "GeV/c",
                             "GeV/c2",
                             "GeV/c^2",
                             "GeV/c**2",
                             "GeV/c\xC2\xB2",
                             "kG",
                             "mG",
                             "Jy",
                             "mJy",
                             "MiB",
                             "KiB/s",
                             "kB",
                             "photoelectron",
                             "photoelectrons",
                             "p.e.",
                             "pe/MeV",
                             "counts/s",
                             "cts/s",
                             "e-",
                             "electrons",
                             "e-/ADU",
                             "DN",
                             "ADU",
                             "pixel",
                             "px",
                             "strip",
                             "wire",
                             "sample",
                             "MSa/s",
                             "tick",
                             "bit",
                             "byte",
                             "GiB",
                             "arcsec",
                             "G",
                             "meV",
                             "keV",
                             "TeV",
                             "PeV",
                             "barn",
                             "mb",
                             "pb^-1",
                             "1/fb",
                             "/cm",
                             "mbar",
                             "uTorr",
                             "mm Hg",
                             "deg C",
                             "degrees Celsius",
                             "\xC2\xB0 C",
                             "\xC2\xB0/s",
                             "V m^-1",
                             "kg.m.s-2",
                             "cm^(-2)",
                             "N-m",
                             "10^6 m",
                             "1e-3 cm",
                             "m s\xE2\x81\xBB\xC2\xB9",
                             "\xC2\xB5m",
                             "um",
                             "\xCE\xA9",
                             "kOhm",
                             "ppm",
                             "ppb",
                             "%",
                             "%RH",
                             "X0",
                             "MIPs",
                             "bunch crossing",
                             "time bins",
                             "events/spill",
                             "dB",
                             "dBm",
                             "Ah",
                             "Wh",
                             "sccm",
                             "u",
                             "amu",
                             "a.u.",
                             "pc",
                             "Mpc",
                             "\xB0"}) {
        CAPTURE(std::string(unit));
        CHECK(units->knows(unit));
        CHECK(units->conversion(unit, unit)->is_identity());
        CHECK(units->nearest(unit) == "");
    }
    CHECK(units->conversion("kG", "T")->apply(5) == 0.5);
    CHECK(units->conversion("MiB", "kB")->exact->factor_text() == "131072/125");
    CHECK(units->conversion("fC/ADC count", "pC/ADC")->scale == 0.001);
    CHECK(units->conversion("GeV/c^2", "MeV/c2")->scale == 1000);
    CHECK(units->conversion("deg C", "K")->offset == 273.15);
}

TEST_CASE("an unknown unit is one whatever stands beside it, and the nearest one is proposed") {
    const auto units = make_units();
    for (const auto& [unit, near] : {std::pair("furlongz", "furlong"),
                                     {"Mev", "MeV"},
                                     {"kHZ", "kHz"},
                                     {"KeV/c2", "keV/c2"},
                                     {"MeV/ADCc", "MeV/ADC"},
                                     {"", ""},
                                     {"m/", ""},
                                     {"m^0.25", ""},
                                     {"V/sqrt(Hzz)", "V/sqrt(Hz)"},
                                     {"(m", ""},
                                     {"m)", ""},
                                     {"0 m", ""},
                                     {"m^999", ""},
                                     {"x where x", ""},
                                     {"mmas", ""}}) {
        CAPTURE(std::string(unit));
        CHECK_FALSE(units->knows(unit));
        if (*near != '\0') CHECK(units->nearest(unit) == near);
    }
    // No prefix goes before a prefix, none before the speed of light.
    CHECK_FALSE(units->knows("kkm"));
    CHECK_FALSE(units->knows("mc"));
    // Definitions that lead to themselves or to too much.
    CHECK_FALSE(units->knows("a where a = a"));
    CHECK_FALSE(units->knows("a where a = b, b = 2 a"));
    std::string tower = "a0 where a0 = 2 s";
    for (int i = 1; i < 40; ++i) tower += fmt::format(", a{} = a{} a{}", i, i - 1, i - 1);
    CHECK(units->knows(tower));
    CHECK_FALSE(units->knows("a39" + tower.substr(2)));
}

TEST_CASE("roots of units convert as their squares do") {
    const auto units = make_units();
    const auto factor = [&](const char* from, const char* to) {
        const auto conversion = units->conversion(from, to);
        return conversion && conversion->exact->is_rational() ? conversion->exact->factor_text() : "none";
    };
    CHECK(factor("nV/sqrt(Hz)", "uV Hz^-0.5") == "1/1000");
    CHECK(factor("V/Hz^(1/2)", "V s^(1/2)") == "1");
    CHECK(factor("cm/sqrt(cm)", "mm/sqrt(cm)") == "10");
    CHECK(factor("nV/sqrt(MHz)", "nV/sqrt(Hz)") == "1/1000");
    CHECK(factor("1/sqrt(cm)", "m^-0.5") == "10");
    CHECK(factor("m^1.5", "m^(3/2)") == "1");
    CHECK(factor("\xE2\x88\x9AHz", "sqrt(Hz)") == "1");
    CHECK(factor("sqrt(m) sqrt(m)", "m") == "1");
    CHECK(units->conversion("sqrt(kHz)", "sqrt(Hz)")->scale == 31.622776601683793);
    CHECK_FALSE(units->conversion("sqrt(kHz)", "sqrt(Hz)")->exact->is_rational());
    CHECK_FALSE(units->conversion("V/sqrt(Hz)", "V/Hz"));
    CHECK_FALSE(units->knows("sqrt(sqrt(m))"));
    CHECK_FALSE(units->knows("sqrt(-1 m)"));
}

TEST_CASE("temperatures convert as points, their differences and compounds without the offset") {
    const auto units = make_units();
    const auto is = [&](const char* from, const char* to, const char* factor, double offset) {
        const auto conversion = units->conversion(from, to);
        return conversion && conversion->exact->factor_text() == factor && conversion->offset == offset;
    };
    CHECK(is("degC", "K", "1", 273.15));
    CHECK(is("mdegC", "K", "1/1000", 273.15));
    CHECK(is("0.1 degC", "K", "1/10", 273.15));
    CHECK(is("delta_degC", "K", "1", 0));
    CHECK(is("K", "delta_degC", "1", 0));
    CHECK(is("delta_degC", "delta_K", "1", 0));
    CHECK(is("degC difference", "K difference", "1", 0));
    CHECK(is("delta degC", "delta_degF", "9/5", 0));
    CHECK(
        is("\xCE\x94\xC2\xB0"
           "C",
           "mK", "1000", 0));
    CHECK(is("delta_degF", "delta_degC", "5/9", 0));
    CHECK(is("degC/m", "K/cm", "1/100", 0));
    CHECK(is("1/degC", "1/K", "1", 0));
    CHECK(is("mV/degF", "mV/K", "9/5", 0));
    CHECK(is("degC^2", "K2", "1", 0));
    CHECK_FALSE(units->conversion("degC", "delta_degC"));
    CHECK_FALSE(units->conversion("degF difference", "degC"));
    CHECK(units->difference("degC", "delta_degC") ==
          "[degC] is a point of its scale, [delta_degC] a difference between two");
    CHECK(units->has_offset("degC"));
    CHECK(units->has_offset("0.1 degF"));
    CHECK_FALSE(units->has_offset("K"));
    CHECK_FALSE(units->has_offset("delta_degC"));
    CHECK_FALSE(units->has_offset("degC/m"));
}

TEST_CASE("factors, offsets, doubles and integers are those of Python's fractions") {
    const auto units = make_units();
    test::TempDirectory directory;
    const auto file = directory.file("pairs");
    const auto command =
        fmt::format("/usr/bin/python3 '{}/tests/schema/units_oracle.py' 20240601 6000 > '{}'", ETALON_SOURCE_DIR, file);
    REQUIRE(std::system(command.c_str()) == 0);
    std::ifstream in(file);
    int converted = 0;
    int refused = 0;
    for (std::string line; std::getline(in, line);) {
        CAPTURE(line);
        const auto parts = split(line);
        REQUIRE(parts.size() >= 3);
        const auto conversion = units->conversion(parts[0], parts[1]);
        REQUIRE(conversion.has_value() == (parts[2] != "none"));
        if (!conversion) {
            ++refused;
            CHECK(units->difference(parts[0], parts[1]) != "");
            continue;
        }
        ++converted;
        REQUIRE(parts.size() == 8);
        const auto exact = read_exact_scale(parts[2], parts[3]);
        REQUIRE(conversion->exact->equals(*exact));
        CHECK(conversion->scale == exact->factor());
        const double from = std::strtod(parts[4].c_str(), nullptr);
        const double to = std::strtod(parts[5].c_str(), nullptr);
        CHECK(std::bit_cast<std::uint64_t>(conversion->apply(from)) == std::bit_cast<std::uint64_t>(to));
        const auto whole = std::stoll(parts[6]);
        const auto size = static_cast<std::uint64_t>(whole);
        const auto result = conversion->exact->apply(WholeNumber{whole < 0, whole < 0 ? ~size + 1 : size});
        if (parts[7] == "-") {
            CHECK_FALSE(result.is_whole);
        } else {
            const bool is_negative = parts[7].front() == '-';
            CHECK(result.is_whole);
            CHECK(result.value == WholeNumber{is_negative, std::stoull(parts[7].substr(is_negative ? 1 : 0))});
        }
    }
    CHECK(converted > 3000);
    CHECK(refused > 500);
}

TEST_CASE("a scale of one over a whole number divides, so that whole results are whole") {
    const UnitConversion to_cm{0.1, 0};
    for (int i = 0; i < 1000; ++i) CHECK(to_cm.apply(10 * i) == i);
    CHECK(UnitConversion{2, 1}.apply(3) == 7);
    const auto there = make_units()->conversion("degF", "degC");
    CHECK(there->reversed().apply(100) == 212);
    CHECK(there->reversed() == *make_units()->conversion("degC", "degF"));
}
