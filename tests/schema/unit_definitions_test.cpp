#include "schema/unit_definitions.h"

#include <doctest/doctest.h>

#include "etalon/error.h"
#include "schema/units.h"

using namespace etalon;
using namespace etalon::schema;

namespace {

std::string problems_of(std::vector<UnitDefinition> units) {
    try {
        const UnitDefinitions made(std::move(units));
        return "";
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::BadInput);
        return error.info().found;
    }
}

}  // namespace

TEST_CASE("a unit is recorded with what its names mean, and then means the same everywhere") {
    const UnitDefinitions own({{"spill", "12 s", {"spills"}, "u:1"},
                               {"supercycle", "3 spills", {}, "u:2"},
                               {"wafer", "new", {}, "u:3"},
                               {"tick", "50 ns", {}, "u:4"}});
    CHECK(own.recorded("cm") == "cm");
    CHECK(own.recorded("") == "");
    CHECK(own.recorded("furlongz/wafer") == "furlongz/wafer");
    CHECK(own.recorded("MeV/spill") == "MeV/spill where spill = 12 s");
    CHECK(own.recorded("supercycle") == "supercycle where supercycle = 3 spills, spills = spill, spill = 12 s");
    CHECK(own.recorded("wafer/spill") == "wafer/spill where wafer = new, spill = 12 s");
    CHECK(own.recorded("kwafer") == "kwafer where wafer = new");
    CHECK(own.recorded("spill where spill = 3 s") == "spill where spill = 3 s");
    const auto units = make_units();
    CHECK(units->conversion(own.recorded("supercycle"), "s")->scale == 36);
    CHECK(units->conversion(own.recorded("kwafer"), own.recorded("wafer"))->scale == 1000);
    CHECK(units->conversion(own.recorded("tick"), "ns")->scale == 50);
    CHECK_FALSE(units->conversion(own.recorded("tick"), "tick"));
    CHECK_FALSE(units->conversion(own.recorded("wafer"), own.recorded("spill")));
    CHECK(unit_symbol("MeV/spill where spill = 12 s") == "MeV/spill");
    CHECK(unit_symbol("cm") == "cm");
}

TEST_CASE("definitions that mean nothing, or something else already, are refused with their places") {
    CHECK(problems_of({{"cm", "3 m", {}, "u:1"}}) == "u:1: 'cm' is a unit already, with a meaning of its own");
    CHECK(problems_of({{"channel", "2 pad", {}, "u:1"}}) == "");
    CHECK(problems_of({{"a2", "m", {}, "u:7"}}).find("u:7: 'a2' is no name for a unit") == 0);
    for (const char* name : {"", "a b", "per", "where", "2a", "a-b", "delta_x", "new"})
        CHECK(problems_of({{name, "m", {}, "u:1"}}).find("is no name for a unit") != std::string::npos);
    CHECK(problems_of({{"zork", "m", {}, "u:1"}, {"zork", "s", {}, "u:2"}}) == "u:2: 'zork' is defined twice");
    CHECK(problems_of({{"zork", "m", {"quux"}, "u:1"}, {"quux", "s", {}, "u:2"}}) == "u:2: 'quux' is defined twice");
    CHECK(problems_of({{"zork", "3 metr", {}, "u:1"}}).find("'metr' is not known, did you mean") != std::string::npos);
    CHECK(problems_of({{"zork", "quux", {}, "u:1"}, {"quux", "2 zork", {}, "u:2"}})
              .find("u:1: 'quux', the definition of zork, is no unit") == 0);
    for (const char* definition : {"", "m,s", "m = s", "m where s = 3 m", "0 m", "3 +"})
        CHECK(problems_of({{"zork", definition, {}, "u:1"}}).find("is no unit") != std::string::npos);
}

TEST_CASE("names of differences and widths are told from those of values") {
    for (const char* name : {"sigma", "sigmaT", "t_spread", "width", "tolerance", "RMS", "tempRMS", "a.b.error", "err2",
                             "deltaT", "T_err", "stdDev", "noise"})
        CHECK_MESSAGE(is_name_of_difference(name), name);
    for (const char* name :
         {"t", "temperature", "mean", "errand", "widths_of", "stepper", "setpoint", "sigmas.value", ""})
        CHECK_MESSAGE(!is_name_of_difference(name), name);
}
