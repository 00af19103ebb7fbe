#include "evolution/value_condition.h"

#include <doctest/doctest.h>

#include <array>
#include <cstring>

#include "etalon/error.h"
#include "schema/build.h"

using namespace etalon;
using namespace etalon::evolution;
using etalon::test::element;
using etalon::test::natural;

namespace {

/// Knows no unit.
class NoUnits final : public schema::UnitSystem {
public:
    [[nodiscard]] std::optional<schema::UnitConversion> conversion(std::string_view, std::string_view) const override {
        return std::nullopt;
    }
    [[nodiscard]] bool knows(std::string_view) const override { return false; }
    [[nodiscard]] std::string difference(std::string_view, std::string_view) const override { return {}; }
    [[nodiscard]] bool has_offset(std::string_view) const override { return false; }
    [[nodiscard]] std::string nearest(std::string_view) const override { return {}; }
};

DefinitionPtr shared(StructDefinition definition) {
    return std::make_shared<const StructDefinition>(std::move(definition));
}

Element refers(std::string path, std::string target, std::vector<std::uint64_t> dims = {}) {
    auto one = element(std::move(path), ScalarType::Ref, std::move(dims));
    one.target = std::move(target);
    return one;
}

}  // namespace

TEST_CASE("not is pushed down to the tests, and twice is nothing") {
    const auto pushed = [](const char* text) { return format_condition(push_not_down(parse_condition(text))); };
    CHECK(pushed("not (a = 1 and (b = 2 or not c = 3))") == "not (a = 1) or not (b = 2) and c = 3");
    CHECK(pushed("not not a in (1)") == "a in (1)");
    CHECK(pushed("not a not like x") == "a like x");
    Condition deep = parse_condition("a = 1");
    for (int i = 0; i < 2000; ++i) deep = {.kind = Condition::Kind::Not, .parts = {deep}};
    try {
        (void)push_not_down(deep);
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::BadInput);
    }
}

TEST_CASE("paths go on behind references, not behind members of nested structs") {
    const std::vector<DefinitionPtr> versions{shared(natural(
        {refers("session", "Session"), refers("hit[1].by", "User", {2}), element("pos.x", ScalarType::Int32)}))};
    const auto found = find_reference_path("session.user.name", versions);
    REQUIRE(found);
    CHECK(found->reference == "session");
    CHECK(found->rest == "user.name");
    CHECK(found->target == "Session");
    const auto nested = find_reference_path("hit[1].by[1].name", versions);
    REQUIRE(nested);
    CHECK(nested->reference == "hit[1].by[1]");
    CHECK(nested->target == "User");
    CHECK_FALSE(find_reference_path("pos.x", versions));
    CHECK_FALSE(find_reference_path("session", versions));
    CHECK_FALSE(find_reference_path("pos.y.z", versions));
}

TEST_CASE("what a version lacks is null, and neither equal nor unequal") {
    const std::vector<DefinitionPtr> versions{
        shared(natural({element("a", ScalarType::Int32), refers("session", "Session")})),
        shared(natural({element("a", ScalarType::Int32), element("b", ScalarType::Int32)}))};
    const auto kinds = [&](const char* text) {
        const NoUnits units;
        std::vector<TestTree::Kind> list;
        for (const auto& one : make_value_tests(parse_condition(text), versions, units)) list.push_back(one.tree.kind);
        return list;
    };
    using Kind = TestTree::Kind;
    CHECK(kinds("b = 1") == std::vector<Kind>{Kind::Never, Kind::Test});
    CHECK(kinds("not b = 1") == std::vector<Kind>{Kind::Never, Kind::Test});
    CHECK(kinds("b is null") == std::vector<Kind>{Kind::Always, Kind::Never});
    CHECK(kinds("session is not null") == std::vector<Kind>{Kind::Test, Kind::Never});
    CHECK(kinds("a = 1 or b is null") == std::vector<Kind>{Kind::Always, Kind::Test});
    CHECK(kinds("a < 3000000000") == std::vector<Kind>{Kind::Always, Kind::Always});
    CHECK(kinds("not a < 3000000000") == std::vector<Kind>{Kind::Never, Kind::Never});
}

TEST_CASE("references are resolved once, and is null also where they refer to nothing") {
    const std::vector<DefinitionPtr> versions{shared(natural({refers("session", "Session")}))};
    const NoUnits units;
    std::string asked;
    const auto type = [&](const char* text, std::vector<ObjectId> ids) {
        auto made = make_value_tests(parse_condition(text), versions, units, nullptr,
                                     [&](const std::string& target, const Condition& rest) {
                                         asked += target + ": " + format_condition(rest) + ";";
                                         return ReferenceSet{ids, std::nullopt};
                                     });
        return made[0].tree;
    };
    const ObjectId one{{1}};
    const ObjectId two{{2}};
    std::array<std::byte, 16> row{};
    const auto passes_with = [&](const TestTree& tree, const ObjectId& id) {
        std::memcpy(row.data(), id.bytes, row.size());
        return passes(tree, *versions[0], row.data());
    };
    auto tree = type("not session.user.name = x", {one});
    CHECK(asked == "Session: not (user.name = x);");
    CHECK(passes_with(tree, one));
    CHECK_FALSE(passes_with(tree, two));
    CHECK_FALSE(passes_with(tree, ObjectId{}));
    tree = type("session.user is null", {two});
    CHECK(passes_with(tree, two));
    CHECK(passes_with(tree, ObjectId{}));
    CHECK_FALSE(passes_with(tree, one));
    CHECK(type("session.user = 01000000000000000000000000000000", {}).kind == TestTree::Kind::Never);
}
