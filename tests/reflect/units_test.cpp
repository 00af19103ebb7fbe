#include "reflect/units.h"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace etalon::reflect;

TEST_CASE("what stands in brackets is a unit, a text, or nothing that could be one") {
    for (const char* unit :
         {"cm", "mV/fC", "adc counts", "1/cm", "%", "degE7", "furlongz", "Mev", "mm/wire", "10 ns"}) {
        CAPTURE(unit);
        CHECK(content_of(unit) == Content::Unit);
    }
    for (const char* text :
         {"WIP", "left/right", "Smith et al", "min/max", "N/A", "E/W", "unused", "on/off", "MC only"}) {
        CAPTURE(text);
        CHECK(content_of(text) == Content::Text);
    }
    for (const char* index : {"", "1", "0-23", "i", "N-1", "0..kMax", "7:4", "c", "-1, 1"}) {
        CAPTURE(index);
        CHECK(content_of(index) == Content::Nothing);
    }
    CHECK(is_remark("unused"));
    CHECK_FALSE(is_remark("cm"));
}

}  // namespace
