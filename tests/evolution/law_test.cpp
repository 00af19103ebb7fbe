#include "evolution/law.h"

#include <doctest/doctest.h>

#include <set>

#include "evolution/matching.h"
#include "tests/schema/build.h"

using namespace etalon;
using namespace etalon::schema;
using namespace etalon::evolution;
using etalon::test::element;
using etalon::test::natural;
using enum etalon::ScalarType;

namespace {

/// The rows of all changes but those of place.
std::vector<std::string> rows(const StructDefinition& stored, const StructDefinition& asked,
                              const UnitSystem* units = nullptr) {
    std::vector<std::string> result;
    for (const auto& change : judge(stored, asked, units)) {
        if (change.row != "moved") result.emplace_back(change.row);
    }
    return result;
}

std::vector<std::string> rows(const Element& stored, const Element& asked, const UnitSystem* units = nullptr) {
    return rows(natural({stored}), natural({asked}), units);
}

using Rows = std::vector<std::string>;

Element enumeration(std::vector<std::pair<std::string, std::int64_t>> enumerators, std::string unit = "") {
    auto value = element("x", Int32, {}, std::move(unit));
    value.enumerators = std::move(enumerators);
    return value;
}

}  // namespace

TEST_CASE("the law has one row for each id, says something in each cell, and ends with a refusal") {
    std::set<std::string_view> ids;
    for (const auto& entry : law()) {
        CHECK(ids.insert(entry.id).second);
        CHECK(!entry.change.empty());
        CHECK(!entry.reader.empty());
        CHECK(&entry_of(entry.row) == &entry);
    }
    CHECK(law().back().row == LawRow::AnythingElse);
    CHECK(law().back().verdict == Verdict::Refused);
    CHECK(&entry_of(static_cast<LawRow>(200)) == &law().back());
}

TEST_CASE("numbers fall into the row of their pair of types") {
    const auto row = [](ScalarType from, ScalarType to) { return rows(element("x", from), element("x", to)).front(); };
    CHECK(row(Bool, Float32) == "bool_to_number");
    CHECK(row(Float64, Bool) == "number_to_bool");
    CHECK(row(UInt8, Int16) == "integer_widened");
    CHECK(row(Int32, Int16) == "integer_narrowed");
    CHECK(row(UInt64, UInt8) == "integer_narrowed");
    CHECK(row(Int32, UInt64) == "integer_sign_changed");
    CHECK(row(UInt32, Int32) == "integer_sign_changed");
    CHECK(row(Int16, Float32) == "integer_to_float_exact");
    CHECK(row(Int32, Float32) == "integer_to_float");
    CHECK(row(UInt64, Float64) == "integer_to_float");
    CHECK(row(Float32, Float64) == "float_widened");
    CHECK(row(Float64, Float32) == "float_narrowed");
    CHECK(row(Float32, UInt8) == "float_to_integer");
    for (const auto from : {Bool, Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, UInt64, Float32, Float64}) {
        for (const auto to : {Bool, Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, UInt64, Float32, Float64}) {
            if (from == to) continue;
            const auto verdict = worst(judge(natural({element("x", from)}), natural({element("x", to)})));
            CHECK(verdict == (holds_every_value(from, to) ? Verdict::Automatic : Verdict::Checked));
        }
    }
}

TEST_CASE("an array of texts changes its length and the room of its texts by themselves") {
    CHECK(rows(element("x", Char, {3, 8}), element("x", Char, {2, 9})) == Rows{"array_shorter", "text_longer"});
    CHECK(rows(element("x", Char, {3, 8}), element("x", Char, {3, 7})) == Rows{"text_shorter"});
    CHECK(rows(element("x", Int8, {2, 3}), element("x", Int8, {3, 2})) == Rows{"array_longer_and_shorter"});
    CHECK(rows(element("x", Char, {8}), element("x", Char, {2, 8})) == Rows{"scalar_to_array"});
    CHECK(rows(element("x", Int8, {8}), element("x", Int16)) == Rows{"integer_widened", "array_to_scalar"});
    CHECK(rows(element("x", Int8, {8}), element("x", Int8, {8, 1})) == Rows{"rank_changed"});
}

TEST_CASE("text and numbers are refused for one reason, not for their dimensions too") {
    CHECK(rows(element("x", UInt8, {8}), element("x", Char, {8})) == Rows{"bytes_and_text"});
    CHECK(rows(element("x", Char, {8}), element("x", Int8, {4})) == Rows{"bytes_and_text"});
    CHECK(rows(element("x", Char, {8}), element("x", Int8)) == Rows{"text_to_number"});
    CHECK(rows(element("x", Float32, {3}), element("x", Char, {8})) == Rows{"number_to_text"});
    CHECK(rows(enumeration({{"A", 1}}), element("x", Char, {8})).front() == "anything_else");
}

TEST_CASE("units fall into the row that says what can be done") {
    const auto units = make_units();
    const auto row = [&](const std::string& from, const std::string& to, ScalarType type = Float32) {
        return rows(element("x", type, {}, from), element("x", type, {}, to), units.get()).front();
    };
    CHECK(row("cm", "centimeter") == "unit_respelled");
    CHECK(row("cm", "mm") == "unit_to_float");
    CHECK(row("cm", "mm", Int32) == "unit_to_integer");
    CHECK(row("cm", "s") == "unit_not_convertible");
    CHECK(row("cm", "wibbles") == "unit_unknown");
    CHECK(row("wibbles", "cm") == "unit_unknown");
    CHECK(row("", "cm") == "unit_appeared");
    CHECK(row("cm", "") == "unit_vanished");
    CHECK(rows(element("x", Char, {4}, "cm"), element("x", Char, {4}, "mm"), units.get()) == Rows{"unit_of_text"});
    CHECK(rows(enumeration({{"A", 1}}, "cm"), enumeration({{"A", 1}}, "mm"), units.get()) ==
          Rows{"unit_of_enumeration"});
    CHECK(rows(element("x", Int32, {}, "cm"), element("x", Int32, {}, "mm")) == Rows{"unit_unknown"});
}

TEST_CASE("an element that became a struct, or a struct an array, is noticed besides what its paths do") {
    const auto scalar = natural({element("pos", Float32, {3})});
    const auto one = natural({element("pos.x", Float32), element("pos.y", Float32)});
    const auto many = natural({element("pos[0].x", Float32), element("pos[1].x", Float32)});
    CHECK(rows(scalar, one) == Rows{"added", "added", "removed", "element_to_struct"});
    CHECK(rows(one, scalar) == Rows{"added", "removed", "removed", "struct_to_element"});
    CHECK(rows(one, many) == Rows{"added", "added", "removed", "removed", "struct_to_array"});
    CHECK(rows(many, scalar) == Rows{"added", "removed", "removed", "struct_to_element"});
    const auto changes = compare(one, many);
    CHECK(changes.back().path == "pos");
    CHECK(changes.back().from == "struct of 2 elements");
    CHECK(changes.back().to == "struct[2] of 2 elements");
    // Another length is only more or fewer elements; names that merely begin alike are others.
    CHECK(rows(many, natural({element("pos[0].x", Float32)})) == Rows{"removed"});
    CHECK(rows(natural({element("posx", Float32)}), one) == Rows{"added", "added", "removed"});
    // Inside structs as well.
    CHECK(rows(natural({element("a[0].b", Int8), element("a[0].c", Int8)}),
               natural({element("a[0].b.d", Int8), element("a[0].c", Int8)})) ==
          Rows{"added", "removed", "element_to_struct"});
}

TEST_CASE("a change that no row covers is refused") {
    const auto judged = judge_change(static_cast<ChangeKind>(99), nullptr, nullptr, nullptr);
    CHECK(judged.row == LawRow::AnythingElse);
    CHECK(judged.verdict == Verdict::Refused);
    CHECK(!judged.reason.empty());
}
