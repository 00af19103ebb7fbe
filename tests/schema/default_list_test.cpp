#include "schema/default_list.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "build.h"

namespace {

using namespace etalon;
using namespace etalon::schema;
using etalon::test::element;

using Items = std::vector<std::string_view>;

TEST_CASE("the items of a list stand between commas, outside of quotes") {
    const auto numbers = element("v", ScalarType::Int32, {2, 2});
    const auto texts = element("t", ScalarType::Char, {2, 8});
    CHECK(default_items(numbers, "{1, 2,3 , 4}") == Items{"1", "2", "3", "4"});
    CHECK(default_items(numbers, "{1,}") == Items{"1", ""});
    CHECK(default_items(texts, R"({"a, b", "c""}"})") == Items{R"("a, b")", R"("c""}")"});
    CHECK_FALSE(default_items(numbers, "1"));
    CHECK_FALSE(default_items(numbers, "{1, 2"));
    CHECK_FALSE(default_items(texts, "{a, b}"));
    CHECK_FALSE(default_items(element("v", ScalarType::Int32), "{1}"));
    CHECK_FALSE(default_items(element("t", ScalarType::Char, {8}), R"({"a"})"));
}

TEST_CASE("equal values are one default, others a flat list") {
    CHECK(default_of_items({"1", "2"}) == "{1, 2}");
    CHECK(default_of_items({"1", "1"}) == "1");
    CHECK(default_of_items({"1"}) == "1");
    CHECK_FALSE(default_of_items({}));
}

TEST_CASE("a part of an array has that part of the list") {
    const auto numbers = element("v", ScalarType::Int32, {2, 2});
    CHECK(part_of_default(numbers, "{1, 2, 3, 4}", 1, 2) == "{2, 3}");
    CHECK(part_of_default(numbers, "{1, 2, 3, 4}", 3, 1) == "4");
    CHECK(part_of_default(numbers, "7", 1, 2) == "7");
}

}  // namespace
