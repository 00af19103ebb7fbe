#include "schema/exact_scale.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

using namespace etalon::schema;

namespace {

__extension__ using Wide = __int128;

WholeNumber whole(std::int64_t value) {
    const auto size = static_cast<std::uint64_t>(value);
    return {value < 0, value < 0 ? ~size + 1 : size};
}

}  // namespace

TEST_CASE("decimals and quotients are read with all their digits") {
    CHECK(read_exact_scale("3.6", "0")->factor_text() == "18/5");
    CHECK(read_exact_scale("-1.50e1", "0")->factor_text() == "-15");
    CHECK(read_exact_scale("1/25.4", ".5")->factor_text() == "5/127");
    CHECK(read_exact_scale("1e-30", "0")->factor() == 1e-30);
    for (const char* bad : {"", ".", "x", "1/0", "0", "1e", "1e9999999", "nan", "inf", "1 ", "0x10", "1/2/3"})
        CHECK_MESSAGE(read_exact_scale(bad, "0") == nullptr, bad);
    CHECK(read_exact_scale("1", "?") == nullptr);
}

TEST_CASE("a double becomes the nearest double, at the ends of the range too") {
    const auto third = read_exact_scale("1/3", "0");
    CHECK(third->apply(1) == 1.0 / 3);
    CHECK(third->apply(-0.0) == 0);
    CHECK(std::signbit(third->apply(-0.0)));
    CHECK(read_exact_scale("3.6", "0")->apply(0.5) == 1.8);
    CHECK(read_exact_scale("10", "0")->apply(1.7e308) == std::numeric_limits<double>::infinity());
    CHECK(read_exact_scale("0.1", "0")->apply(-5e-324) == 0);
    CHECK(read_exact_scale("0.6", "0")->apply(5e-324) == 5e-324);
    CHECK(read_exact_scale("0.5", "0")->apply(5e-324) == 0);  // half: to the even one
    CHECK(std::isnan(third->apply(std::nan(""))));
    CHECK(read_exact_scale("-1", "5")->apply(std::numeric_limits<double>::infinity()) ==
          -std::numeric_limits<double>::infinity());
    // Decimals that doubles round stay decimals.
    CHECK(read_exact_scale("1", "-273.15")->apply(273.15) == 0);
    CHECK(read_exact_scale("1", "-273.15")->apply(293.15) == 20);
    CHECK(read_exact_scale("5/9", "-160/9")->apply(98.6) == 37);
    CHECK(read_exact_scale("9/5", "32")->apply(37) == 98.6);
    CHECK(read_exact_scale("1e300", "0")->apply(1e-300) == 1);
}

TEST_CASE("an integer becomes the exact integer, or is told to be none") {
    const auto speed = read_exact_scale("3.6", "0");
    CHECK(speed->apply(whole(15)).is_whole);
    CHECK(speed->apply(whole(15)).value == whole(54));
    CHECK_FALSE(speed->apply(whole(16)).is_whole);
    CHECK(speed->apply(whole(16)).value == whole(57));
    CHECK(speed->apply(whole(-16)).value == whole(-57));
    const auto large = read_exact_scale("10", "0");
    CHECK(large->apply(whole(9007199254740993)).value == whole(90071992547409930));
    CHECK(large->apply(whole(std::numeric_limits<std::int64_t>::min())).is_beyond);
    CHECK_FALSE(large->apply(whole(std::numeric_limits<std::int64_t>::min())).is_whole);
    const auto huge = read_exact_scale("1e30", "0");
    CHECK(huge->apply(whole(0)).is_whole);
    CHECK(huge->apply(whole(-1)).is_beyond);
    CHECK(huge->apply(whole(-1)).value.is_negative);
    CHECK(read_exact_scale("1e-30", "0")->apply(whole(5)).value == whole(0));
    const auto fahrenheit = read_exact_scale("5/9", "-160/9");
    CHECK(fahrenheit->apply(whole(212)).value == whole(100));
    CHECK_FALSE(fahrenheit->apply(whole(213)).is_whole);
}

TEST_CASE("the steps from integer to integer are all integers that become integers") {
    rc::check("steps", [] {
        const auto num = *rc::gen::inRange(-50, 50);
        const auto den = *rc::gen::inRange(1, 40);
        const auto add = *rc::gen::inRange(-100, 100);
        RC_PRE(num != 0);
        const auto scale = read_exact_scale(std::to_string(num) + "/" + std::to_string(den),
                                            std::to_string(add) + "/" + std::to_string(*rc::gen::inRange(1, 40)));
        const auto steps = scale->whole_steps();
        for (int x = -200; x <= 200; ++x) {
            const auto result = scale->apply(whole(x));
            const bool is_step = steps && (x - steps->first_from) % steps->step_from == 0;
            RC_ASSERT(result.is_whole == is_step);
            if (is_step) {
                const auto expected = steps->first_to + (x - steps->first_from) / steps->step_from * steps->step_to;
                RC_ASSERT(result.value == whole(expected));
            }
        }
    });
}

TEST_CASE("a scale after its reverse changes nothing, and two scales are their product") {
    const auto a = read_exact_scale("5/9", "-160/9");
    const auto b = read_exact_scale("1", "273.15");
    CHECK(a->after(*a->reversed())->equals(*read_exact_scale("1", "0")));
    CHECK(b->after(*a)->apply(32) == 273.15);
    rc::check("integers there and back", [] {
        const auto x = *rc::gen::arbitrary<std::int64_t>();
        const auto scale = read_exact_scale("7", "-3");
        const auto there = scale->apply(whole(x));
        const Wide expected = static_cast<Wide>(x) * 7 - 3;
        const Wide size = expected < 0 ? -expected : expected;
        RC_ASSERT(there.is_beyond == (size > static_cast<Wide>(std::numeric_limits<std::uint64_t>::max())));
        if (there.is_whole) RC_ASSERT(scale->reversed()->apply(there.value).value == whole(x));
    });
}
