#include "schema/units.h"

#include <doctest/doctest.h>

using namespace etalon::schema;

TEST_CASE("UDUNITS converts between units of one kind") {
    const auto units = make_udunits();
    CHECK(units->conversion("cm", "mm") == UnitConversion{10, 0});
    CHECK(units->conversion("mm", "cm") == UnitConversion{0.1, 0});
    CHECK(units->conversion("m", "km") == UnitConversion{0.001, 0});
    CHECK(units->conversion("mV/fC", "V/C")->scale == doctest::Approx(1e12));
    CHECK(units->conversion("s", "second")->is_identity());
    const auto celsius = units->conversion("K", "degC");
    REQUIRE(celsius);
    CHECK(celsius->scale == 1);
    CHECK(celsius->offset == -273.15);
    CHECK(units->conversion("degF", "degC")->apply(212) == doctest::Approx(100));
}

TEST_CASE("units of different kinds, unknown ones and decibels do not convert") {
    const auto units = make_udunits();
    CHECK_FALSE(units->conversion("cm", "s"));
    CHECK_FALSE(units->conversion("cm", "nonsense"));
    CHECK_FALSE(units->conversion("nonsense", "nonsense"));
    CHECK_FALSE(units->conversion("lg(re 1 mW)", "W"));
    CHECK_FALSE(units->conversion("cm", std::string_view("m\0m", 3)));
    CHECK(units->knows("mV/fC"));
    CHECK_FALSE(units->knows("furlongs per fortnights!"));
}

TEST_CASE("a scale of one over a whole number divides, so that whole results are whole") {
    const UnitConversion to_cm{0.1, 0};
    for (int i = 0; i < 1000; ++i) CHECK(to_cm.apply(10 * i) == i);
    CHECK(UnitConversion{2, 1}.apply(3) == 7);
}
