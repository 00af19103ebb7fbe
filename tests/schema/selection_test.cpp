// Some members of a layout.
#include "schema/selection.h"

#include <doctest/doctest.h>

#include "etalon/error.h"
#include "schema/definition.h"

using namespace etalon;
using namespace etalon::schema;

TEST_CASE("a pattern means a member, all of a nested struct, or what its stars stand for") {
    CHECK(selects("gain", "gain"));
    CHECK_FALSE(selects("gain", "gains"));
    CHECK_FALSE(selects("gain", "again"));
    CHECK(selects("pos", "pos.x"));
    CHECK(selects("hit", "hit[2].x"));
    CHECK(selects("hit[2]", "hit[2].x"));
    CHECK_FALSE(selects("hit[2]", "hit[21].x"));
    CHECK(selects("hit[*].x", "hit[2].x"));
    CHECK_FALSE(selects("hit[*].x", "hit[2].xx"));
    CHECK(selects("*", "anything"));
    CHECK(selects("g*n*", "gain"));
    CHECK_FALSE(selects("g*z", "gain"));
    CHECK(selects("**n", "gain"));
}

TEST_CASE("selected members lie at their natural places, in order, with all that is declared of them") {
    auto definition = from_json(
        R"({"name":"Wide","size":32,"alignment":8,"elements":[{"name":"a","type":"uint8","offset":0,"key":1},{"name":"b","type":"float64","offset":8,"unit":"cm","limits":["not nan"]},{"name":"c","type":"int32","offset":16,"key":2},{"name":"d","type":"uint8","dims":[3],"offset":20}]})",
        "a test");
    const auto some = select_elements(definition, {"d", "b"});
    REQUIRE(some.elements.size() == 2);
    CHECK(some.elements[0].path == "b");
    CHECK(some.elements[0].offset == 0);
    CHECK(some.elements[0].limits == definition.elements[1].limits);
    CHECK(some.elements[1].offset == 8);
    CHECK(some.size == 16);
    CHECK(validate(some).empty());
    CHECK(select_elements(definition, {"c"}).elements[0].key == 0);
    CHECK(select_elements(definition, {"a", "c"}).elements[1].key == 2);
    CHECK_THROWS_AS((void)select_elements(definition, {"a", "e"}), Error);
}
