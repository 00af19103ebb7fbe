#include "conversion/plan.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/schema/build.h"

using namespace etalon;
using namespace etalon::schema;
using namespace etalon::evolution;
using namespace etalon::conversion;
using etalon::test::element;
using etalon::test::natural;
using enum etalon::ScalarType;

namespace {

using Kinds = std::vector<std::pair<ChangeKind, std::string>>;

Kinds kinds(const StructDefinition& stored, const StructDefinition& asked) {
    Kinds result;
    for (const auto& change : compare(stored, asked)) {
        if (change.kind != ChangeKind::Moved) result.emplace_back(change.kind, change.path);
    }
    return result;
}

Verdict verdict(const Element& stored, const Element& asked, const UnitSystem* units = nullptr) {
    return worst(judge(natural({stored}), natural({asked}), units));
}

Verdict retype(ScalarType from, ScalarType to) {
    return verdict(element("x", from), element("x", to));
}

Element with_enumerators(Element value, std::vector<std::pair<std::string, std::int64_t>> enumerators) {
    value.enumerators = std::move(enumerators);
    return value;
}

}  // namespace

TEST_CASE("equal definitions have no changes") {
    const auto definition = natural({element("a", Int8), element("b", Float64, {3}, "cm")});
    CHECK(compare(definition, definition).empty());
    CHECK(worst(judge(definition, definition)) == Verdict::Identical);
}

TEST_CASE("every kind of change is detected, in asked order, removed last") {
    const auto stored =
        natural({element("a", Int32), element("gone", Int32), element("b", Float32, {3}), element("c", Int8, {}, "cm"),
                 with_enumerators(element("e", Int32), {{"A", 1}}), element("r", Int16)});
    auto asked =
        natural({element("a", Int64), element("b", Float32, {4}), element("c", Int8, {}, "mm"),
                 with_enumerators(element("e", Int32), {{"A", 2}}), element("n", Int16), element("r", Int16, {1})});
    asked.elements[0].default_value = "7";
    CHECK(kinds(stored, asked) == Kinds{{ChangeKind::Retyped, "a"},
                                        {ChangeKind::DefaultChanged, "a"},
                                        {ChangeKind::Resized, "b"},
                                        {ChangeKind::UnitChanged, "c"},
                                        {ChangeKind::EnumChanged, "e"},
                                        {ChangeKind::Added, "n"},
                                        {ChangeKind::RankChanged, "r"},
                                        {ChangeKind::Removed, "gone"}});
    const auto changes = compare(stored, asked);
    CHECK(changes.front().kind == ChangeKind::Moved);  // the struct grew
    CHECK(changes.front().path.empty());
    CHECK(changes[1].from == "int32");
    CHECK(changes[1].to == "int64");
    CHECK(changes.back().path == "gone");
}

TEST_CASE("only elements that left the common order are reordered") {
    const auto stored = natural({element("a", Int32), element("b", Int32), element("c", Int32), element("d", Int32)});
    const auto asked = natural({element("d", Int32), element("a", Int32), element("b", Int32), element("c", Int32)});
    CHECK(kinds(stored, asked) == Kinds{{ChangeKind::Reordered, "d"}});
    CHECK(worst(judge(stored, asked)) == Verdict::Identical);
}

TEST_CASE("padding alone is a move and identical") {
    auto stored = natural({element("a", Int32), element("b", Int32)});
    auto asked = stored;
    asked.elements[1].offset = 12;
    asked.size = 16;
    const auto changes = judge(stored, asked);
    REQUIRE(changes.size() == 2);
    CHECK(changes[1].change.kind == ChangeKind::Moved);
    CHECK(worst(changes) == Verdict::Identical);
}

TEST_CASE("a recorded rename is followed in both directions, an unrecorded one is removed and added") {
    const auto old_one = natural({element("old", Int32)});
    auto new_one = natural({element("fresh", Int32)});
    CHECK(kinds(old_one, new_one) == Kinds{{ChangeKind::Added, "fresh"}, {ChangeKind::Removed, "old"}});
    new_one.elements[0].renamed_from = "old";
    CHECK(kinds(old_one, new_one) == Kinds{{ChangeKind::Renamed, "fresh"}});
    CHECK(kinds(new_one, old_one) == Kinds{{ChangeKind::Renamed, "old"}});
    CHECK(worst(judge(old_one, new_one)) == Verdict::Automatic);
}

TEST_CASE("exchanged names follow the recorded renames") {
    const auto before = natural({element("x", Int32), element("y", Int32)});
    auto after = before;
    after.elements[0].renamed_from = "y";
    after.elements[1].renamed_from = "x";
    const auto found = kinds(before, after);
    CHECK(std::count(found.begin(), found.end(), Kinds::value_type{ChangeKind::Renamed, "x"}) == 1);
    CHECK(std::count(found.begin(), found.end(), Kinds::value_type{ChangeKind::Renamed, "y"}) == 1);
    CHECK(kinds(after, after).empty());
}

TEST_CASE("a type that has every value is automatic, any other number is checked, text is refused") {
    CHECK(retype(UInt8, Int16) == Verdict::Automatic);
    CHECK(retype(Int32, Float64) == Verdict::Automatic);
    CHECK(retype(Int16, Float32) == Verdict::Automatic);
    CHECK(retype(UInt16, Float32) == Verdict::Automatic);
    CHECK(retype(Float32, Float64) == Verdict::Automatic);
    CHECK(retype(Bool, Int8) == Verdict::Automatic);
    CHECK(retype(Bool, Float32) == Verdict::Automatic);
    CHECK(retype(UInt32, Int64) == Verdict::Automatic);
    CHECK(retype(Int32, Float32) == Verdict::Checked);
    CHECK(retype(Int64, Float64) == Verdict::Checked);
    CHECK(retype(Float64, Float32) == Verdict::Checked);
    CHECK(retype(Float32, Int64) == Verdict::Checked);
    CHECK(retype(Int8, UInt64) == Verdict::Checked);
    CHECK(retype(UInt64, Int64) == Verdict::Checked);
    CHECK(retype(UInt8, Bool) == Verdict::Checked);
    CHECK(retype(Float64, Bool) == Verdict::Checked);
    CHECK(verdict(element("x", UInt8, {4}), element("x", Char, {4})) == Verdict::Refused);
    CHECK(verdict(element("x", Char, {4}), element("x", UInt8, {4})) == Verdict::Refused);
    CHECK(verdict(element("x", Char, {4}), element("x", Int8)) == Verdict::Refused);
}

TEST_CASE("arrays and text of other lengths follow the table") {
    CHECK(verdict(element("x", Char, {4}), element("x", Char, {8})) == Verdict::Automatic);
    CHECK(verdict(element("x", Char, {8}), element("x", Char, {4})) == Verdict::Checked);
    CHECK(verdict(element("x", Char, {3, 8}), element("x", Char, {2, 8})) == Verdict::Automatic);
    CHECK(verdict(element("x", Int8, {3}), element("x", Int8, {2})) == Verdict::Automatic);
    CHECK(verdict(element("x", Int8, {3}), element("x", Int16, {9})) == Verdict::Automatic);
    CHECK(verdict(element("x", Int8, {3}), element("x", Int8, {3, 1})) == Verdict::NeedsRule);
    CHECK(verdict(element("x", Int8), element("x", Int8, {1})) == Verdict::NeedsRule);
    CHECK(verdict(element("x", Char, {8}), element("x", Char, {1, 8})) == Verdict::NeedsRule);
    CHECK(verdict(element("x", Int8, {2}), element("x", Int16, {2, 2})) == Verdict::NeedsRule);
}

TEST_CASE("a changed unit needs a rule unless the unit system converts it") {
    const auto units = make_units();
    const auto cm = element("x", Float32, {}, "cm");
    CHECK(verdict(cm, element("x", Float32, {}, "mm")) == Verdict::NeedsRule);
    CHECK(verdict(cm, element("x", Float32, {}, "mm"), units.get()) == Verdict::Automatic);
    CHECK(verdict(element("x", Int32, {}, "cm"), element("x", Int32, {}, "mm"), units.get()) == Verdict::Checked);
    CHECK(verdict(element("x", Int32, {}, "cm"), element("x", Int32, {}, "centimeter"), units.get()) ==
          Verdict::Automatic);
    CHECK(verdict(cm, element("x", Float32, {}, "s"), units.get()) == Verdict::NeedsRule);
    CHECK(verdict(cm, element("x", Float32), units.get()) == Verdict::NeedsRule);
    CHECK(verdict(element("x", Float32), cm, units.get()) == Verdict::NeedsRule);
    const auto judged = judge(natural({cm}), natural({element("x", Float32, {}, "mm")}), units.get());
    CHECK(judged.front().reason == "times 10");
}

TEST_CASE("enumerators are compared by name") {
    const auto one = with_enumerators(element("x", Int32), {{"A", 1}, {"B", 2}});
    CHECK(verdict(one, with_enumerators(element("x", Int32), {{"A", 1}, {"B", 3}})) == Verdict::Checked);
    CHECK(verdict(one, element("x", Int32)) == Verdict::Automatic);
    CHECK(verdict(one, one) == Verdict::Identical);
}

TEST_CASE("the worst verdict counts") {
    CHECK(worst({}) == Verdict::Identical);
    CHECK(worst({{{}, Verdict::Automatic, ""}, {{}, Verdict::Refused, ""}, {{}, Verdict::Checked, ""}}) ==
          Verdict::Refused);
    CHECK(name_of(Verdict::NeedsRule) == "needs rule");
    CHECK(name_of(ChangeKind::RankChanged) == "rank changed");
}
