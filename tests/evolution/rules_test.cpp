#include "evolution/rules.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>

#include "conversion/plan.h"
#include "etalon/error.h"
#include "evolution/law.h"
#include "evolution/rule_trace.h"
#include "evolution/value_ranges.h"
#include "tests/schema/build.h"

using namespace etalon;
using namespace etalon::schema;
using namespace etalon::evolution;
using namespace etalon::conversion;
using etalon::test::element;
using etalon::test::natural;
using enum etalon::ScalarType;

namespace {

DefinitionPtr share(StructDefinition definition) {
    return std::make_shared<const StructDefinition>(std::move(definition));
}

std::string error_text(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::BadInput);
        return error.what();
    }
    return "no error";
}

bool says(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return true;
    MESSAGE(text);
    return false;
}

RuleSet section(const DefinitionPtr& older, const DefinitionPtr& newer, const std::string& lines) {
    const auto sets =
        read_rules("struct S\nfrom " + layout_name(*older) + " to " + layout_name(*newer) + "\n" + lines, "S.rules");
    REQUIRE(sets.size() == 1);
    return sets.front();
}

CheckedRulesPtr rules_of(const DefinitionPtr& older, const DefinitionPtr& newer, const std::string& lines) {
    return check_rules(section(older, newer, lines), older, newer);
}

StructRules two(const DefinitionPtr& older, const DefinitionPtr& newer, const std::string& lines) {
    return {{layout_name(*older), layout_name(*newer)}, {rules_of(older, newer, lines)}};
}

std::shared_ptr<const ConversionPlan> plan_of(const StructDefinition& stored, const StructDefinition& asked,
                                              const StructRules& rules, const UnitSystem* units = nullptr) {
    const auto way = rules.way(stored, asked);
    PlanOptions options;
    options.units = units;
    options.way = &way;
    return ConversionPlan::make(stored, asked, options);
}

template <class T>
void put(std::vector<std::byte>& row, const StructDefinition& layout, const std::string& path, T value,
         std::size_t index = 0) {
    for (const auto& one : layout.elements) {
        if (one.path == path) std::memcpy(row.data() + one.offset + index * sizeof(T), &value, sizeof value);
    }
}

template <class T>
T get(const std::vector<std::byte>& row, const StructDefinition& layout, const std::string& path,
      std::size_t index = 0) {
    T value{};
    for (const auto& one : layout.elements) {
        if (one.path == path) std::memcpy(&value, row.data() + one.offset + index * sizeof(T), sizeof value);
    }
    return value;
}

std::vector<std::byte> run(const ConversionPlan& plan, const std::vector<std::byte>& row,
                           const StructDefinition& asked) {
    std::vector<std::byte> result(asked.size);
    (void)plan.run(row.data(), result.data(), 1);
    return result;
}

const JudgedChange* find_change(const std::vector<JudgedChange>& changes, const std::string& path, ChangeKind kind) {
    for (const auto& change : changes) {
        if (change.change.path == path && change.change.kind == kind) return &change;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("a file of rules is read, and written as it was read") {
    const auto sets = read_rules(R"(# how tpcGain changed
struct tpcGain

from 2F6C11D0 to 81b00c4d   # gains got a plural
  rename gain -> gains
  scale  length by 10
  scale  temperature by 1 minus 273.15
  scale  inch by 1/25.4 plus 1
  move   value -> value[0]
  move   p[1][2] -> pos.y by 0.5
  fill   value[1:] = -1
  fill   label = "a # in text"
  allow loss noise
from 81b00c4d to 00000000ffff
)",
                                 "tpcGain.rules");
    REQUIRE(sets.size() == 2);
    CHECK(sets[0].struct_name == "tpcGain");
    CHECK(sets[0].from == "2f6c11d0");
    CHECK(sets[1].rules.empty());
    REQUIRE(sets[0].rules.size() == 9);
    CHECK(sets[0].rules[2].scale == UnitConversion{1, -273.15});
    CHECK(sets[0].rules[3].scale == UnitConversion{1 / 25.4, 1});
    CHECK(sets[0].rules[7].value == "\"a # in text\"");
    const auto again = read_rules("struct tpcGain\n" + to_text(sets[0]) + to_text(sets[1]), "again");
    REQUIRE(again.size() == 2);
    for (std::size_t i = 0; i < sets[0].rules.size(); ++i) {
        auto rule = again[0].rules[i];
        rule.line = sets[0].rules[i].line;
        CHECK(rule == sets[0].rules[i]);
    }
}

TEST_CASE("rules of structs are read and written, and hold for layouts of these names alone") {
    const auto older = std::make_shared<const StructDefinition>(natural({element("a", ScalarType::Int32)}, "Old"));
    const auto newer = std::make_shared<const StructDefinition>(natural({element("a", ScalarType::Int32)}, "ns::New"));
    const auto head = "struct ns::New\nfrom " + layout_name(*older) + " to " + layout_name(*newer) + "\n";
    const auto check = [&](const std::string& lines) {
        const auto read = read_rules(head + lines, "test");
        REQUIRE(read.size() == 1);
        CHECK(read_rules("struct ns::New\n" + to_text(read[0]), "test")[0].rules.size() == read[0].rules.size());
        return check_rules(read[0], older, newer);
    };
    const auto renamed = check("rename struct Old -> ns::New\n");
    REQUIRE(renamed->renamed_struct);
    CHECK(*renamed->renamed_struct == std::pair<std::string, std::string>("Old", "ns::New"));
    CHECK_FALSE(check("rename a -> a\n")->renamed_struct);
    for (const std::string lines :
         {"rename struct ns::New -> Old\n", "rename struct Old -> New\n",
          "rename struct Old -> ns::New\nrename struct Old -> ns::New\n", "distinct struct Old, ns::New\n"}) {
        CAPTURE(lines);
        CHECK_THROWS_AS((void)check(lines), Error);
    }
    for (const std::string line :
         {"rename struct Old", "rename struct Old ->", "rename struct Old New", "distinct struct Old",
          "distinct struct Old, New, Newer", "rename struct Old -> New more"}) {
        CAPTURE(line);
        CHECK_THROWS_AS((void)read_rules(head + line + "\n", "test"), Error);
    }
    CHECK(StructRules({layout_name(*older), layout_name(*newer)}, {renamed}).newest_struct_name() == "ns::New");
}

TEST_CASE("structs look like one that was renamed by their names and their members together") {
    const auto one = [](const std::string& name, const std::vector<std::string>& paths) {
        std::vector<Element> elements;
        for (const auto& path : paths) elements.push_back(element(path, ScalarType::Float32));
        return natural(std::move(elements), name);
    };
    const auto old = one("padGain", {"gain", "x", "y"});
    CHECK(likely_renamed(old, one("tpcGain", {"gain", "x", "y"})) > 0);
    CHECK(likely_renamed(old, one("PadGains", {"gain", "x", "z"})) > 0);
    CHECK(likely_renamed(old, one("det::padGain", {"gain", "x", "y"})) > 0);
    CHECK(likely_renamed(old, one("padGains", {"a", "b", "c"})) == 0);
    CHECK(likely_renamed(old, one("weather", {"gain", "x", "y"})) == 0);
    CHECK(likely_renamed(old, one("padGain", {"gain", "x", "y"})) == 0);
}

TEST_CASE("bad lines of rules are errors that name the line and what was expected") {
    const auto error_of = [](const std::string& text) {
        return error_text([&] { (void)read_rules(text, "x.rules"); });
    };
    CHECK(says(error_of(""), "no struct is named"));
    CHECK(says(error_of("rename a -> b"), "line 1"));
    CHECK(says(error_of("struct a b"), "struct NAME"));
    CHECK(says(error_of("struct a\nstruct b"), "line 2"));
    CHECK(says(error_of("struct a\nrename x -> y"), "from HASH to HASH"));
    CHECK(says(error_of("struct a\nfrom 12 to 12345678"), "8 to 64 hexadecimal digits"));
    CHECK(says(error_of("struct a\nfrom 1234567z to 12345678"), "hexadecimal"));
    const std::string head = "struct a\nfrom 12345678 to 23456789\n";
    for (const auto* line : {"rename a b",
                             "rename a ->",
                             "rename a -> b c",
                             "renam a -> b",
                             "scale x 10",
                             "scale x by 0",
                             "scale x by nan",
                             "scale x by 1/0",
                             "scale x by 1e308/1e-10",
                             "scale x by 5e-324",
                             "scale x by 1 plus 1e308/1e-10",
                             "scale x by 2 and 3",
                             "move a -> b from",
                             "move a b",
                             "move a -> b by",
                             "fill x",
                             "fill x =",
                             "fill x y = 3",
                             "allow x",
                             "allow loss",
                             "allow loss x y"}) {
        CAPTURE(line);
        CHECK(says(error_of(head + line), "line 3"));
    }
    for (const auto* again : {"from 1234567800 to 23456789", "from 23456789 to 1234567800"}) {
        CHECK(says(error_of(head + again), "line 3: a second section for these two layouts"));
        CHECK(says(error_of(head + again), "section of line 2"));
    }
}

TEST_CASE("rules that do not fit their layouts are errors that name the line") {
    const auto older =
        share(natural({element("gain", Float32, {3}), element("name", Char, {8}), element("mode", Int32)}));
    const auto newer =
        share(natural({element("gains", Float32, {4}), element("name", Char, {8}), element("state", Int16)}));
    const auto error_of = [&](const std::string& lines) {
        return error_text([&] { (void)rules_of(older, newer, lines); });
    };
    CHECK(error_of("rename gain -> gains") == "no error");
    CHECK(says(error_of("rename gian -> gains"), "line 3: the old layout has no element 'gian', did you mean 'gain'?"));
    CHECK(says(error_of("rename gain -> gain"), "the new layout has no element 'gain'"));
    CHECK(says(error_of("rename gain -> gains\nrename mode -> gains"), "line 4: 'gains' has a second origin"));
    CHECK(says(error_of("move mode -> gains[4]"), "outside gains, which is float32[4]"));
    CHECK(says(error_of("move mode -> gains"), "not one value"));
    CHECK(says(error_of("move name -> state"), "text and numbers"));
    CHECK(says(error_of("scale name by 2"), "text and enumerations have no factor"));
    CHECK(says(error_of("scale state by 2"), "has no old value"));
    CHECK(says(error_of("rename mode -> state\nscale state by 2\nscale state by 3"),
               "line 5: 'state' has a second factor"));
    CHECK(says(error_of("fill state = 100000"), "does not fit"));
    CHECK(says(error_of("fill gains[4:] = 1"), "outside"));
    CHECK(says(error_of("allow loss stat"), "did you mean 'state'?"));
    auto other = section(older, newer, "");
    other.from = "00000000";
    CHECK(says(error_text([&] { (void)check_rules(other, older, newer); }), "another layout"));
}

TEST_CASE("a renamed element keeps its values in both directions, and the name given anew is absent") {
    const auto older = share(natural({element("a", Int32), element("b", Float64, {2})}));
    const auto newer =
        share(natural({element("b", Float64), element("c", Int64), element("d", Float64, {2}), element("a", Int16)}));
    const auto rules = two(older, newer, "rename a -> c\nrename b -> d");
    std::vector<std::byte> row(older->size);
    put<std::int32_t>(row, *older, "a", 7);
    put<double>(row, *older, "b", 2.5, 1);
    const auto plan = plan_of(*older, *newer, rules);
    CHECK(plan->absent() == std::vector<std::string>{"b", "a"});
    const auto there = run(*plan, row, *newer);
    CHECK(get<std::int64_t>(there, *newer, "c") == 7);
    CHECK(get<double>(there, *newer, "d", 1) == 2.5);
    const auto back = plan_of(*newer, *older, rules);
    CHECK(back->absent().empty());
    CHECK(run(*back, there, *older) == row);
    const auto judged = judge(*older, *newer, nullptr, &rules);
    const auto* renamed = find_change(judged, "c", ChangeKind::Renamed);
    REQUIRE(renamed != nullptr);
    CHECK(renamed->verdict == Verdict::Automatic);
    CHECK(renamed->reason == "by rule: rename a -> c");
    CHECK(worst(judged) == Verdict::Automatic);
}

TEST_CASE("a nested struct is renamed with all elements below it") {
    const auto older =
        share(natural({element("pos.x", Float32), element("pos.y", Float32), element("pos.old", Int32)}));
    const auto newer = share(natural({element("at.x", Float32), element("at.y", Float64), element("at.z", Float32)}));
    const auto rules = two(older, newer, "rename pos -> at");
    std::vector<std::byte> row(older->size);
    put<float>(row, *older, "pos.x", 1.5F);
    put<float>(row, *older, "pos.y", 2.5F);
    const auto plan = plan_of(*older, *newer, rules);
    CHECK(plan->absent() == std::vector<std::string>{"at.z"});
    const auto there = run(*plan, row, *newer);
    CHECK(get<float>(there, *newer, "at.x") == 1.5F);
    CHECK(get<double>(there, *newer, "at.y") == 2.5);
}

TEST_CASE("allowed loss does not reach to factors and units that came later") {
    const auto first = share(natural({element("b", Int32)}));
    const auto second = share(natural({element("d", Int32)}));
    const auto third = share(natural({element("e", Int32)}));
    const StructRules rules(
        {layout_name(*first), layout_name(*second), layout_name(*third)},
        {rules_of(first, second, "rename b -> d\nallow loss d"), rules_of(second, third, "move d -> e by 1/2")});
    std::vector<std::byte> row(first->size);
    std::vector<std::byte> there(third->size);
    const auto plan = plan_of(*first, *third, rules);
    put<std::int32_t>(row, *first, "b", 4);
    (void)plan->run(row.data(), there.data(), 1);
    CHECK(get<std::int32_t>(there, *third, "e") == 2);
    put<std::int32_t>(row, *first, "b", 3);
    CHECK_THROWS_AS((void)plan->run(row.data(), there.data(), 1), Error);
    // A unit that came later is no less of a factor.
    const auto in_mm = share(natural({element("x", Int32, {}, "mm")}));
    const auto renamed = share(natural({element("y", Int32, {}, "mm")}));
    const auto in_cm = share(natural({element("y", Int32, {}, "cm")}));
    const StructRules lengths({layout_name(*in_mm), layout_name(*renamed), layout_name(*in_cm)},
                              {rules_of(in_mm, renamed, "rename x -> y\nallow loss y")});
    const auto units = make_units();
    std::vector<std::byte> length(in_mm->size);
    put<std::int32_t>(length, *in_mm, "x", 15);
    CHECK_THROWS_AS((void)plan_of(*in_mm, *in_cm, lengths, units.get())->run(length.data(), there.data(), 1), Error);
}

TEST_CASE("whole numbers that a factor and an offset made are the same ones again when they are read back") {
    for (const auto* rule : {"scale v by 3 plus 1", "scale v by 10 plus 3", "scale v by 1/3", "scale v by 7 minus 2"}) {
        const auto older = share(natural({element("v", Int32)}));
        const auto newer = share(natural({element("v", Int32), element("other", Int8)}));
        const auto rules = two(older, newer, rule);
        for (std::int32_t value = -300; value <= 300; value += 3) {
            std::vector<std::byte> row(older->size);
            put<std::int32_t>(row, *older, "v", value);
            const auto there = run(*plan_of(*older, *newer, rules), row, *newer);
            CHECK(run(*plan_of(*newer, *older, rules), there, *older) == row);
        }
    }
    const auto celsius = share(natural({element("t", Float64)}));
    const auto fahrenheit = share(natural({element("t", Float64), element("other", Int8)}));
    const auto rules = two(celsius, fahrenheit, "scale t by 1.8 plus 32");
    for (int value = -200; value <= 200; value += 5) {
        std::vector<std::byte> row(celsius->size);
        put<double>(row, *celsius, "t", value);
        const auto there = run(*plan_of(*celsius, *fahrenheit, rules), row, *fahrenheit);
        CHECK(get<double>(run(*plan_of(*fahrenheit, *celsius, rules), there, *celsius), *celsius, "t") == value);
    }
}

TEST_CASE("a factor is the decimal that is written, so that whole results are whole") {
    const auto units = make_units();
    for (const auto& [rule, from, to] : {std::tuple("scale v by 1.1", 10, 11),
                                         {"scale v by 3.6", 35, 126},
                                         {"scale v by 0.07", 300, 21},
                                         {"scale v by 2.54 plus 0.5", 25, 64},
                                         {"scale v by 1e-3", 7000, 7}}) {
        CAPTURE(std::string(rule));
        const auto older = share(natural({element("v", Int32)}));
        const auto newer = share(natural({element("v", Int32), element("other", Int8)}));
        const auto rules = two(older, newer, rule);
        std::vector<std::byte> row(older->size);
        put<std::int32_t>(row, *older, "v", from);
        const auto there = run(*plan_of(*older, *newer, rules), row, *newer);
        CHECK(get<std::int32_t>(there, *newer, "v") == to);
        CHECK(run(*plan_of(*newer, *older, rules), there, *older) == row);
        put<std::int32_t>(row, *older, "v", from + 1);
        CHECK_THROWS_AS(run(*plan_of(*older, *newer, rules), row, *newer), Error);
    }
    // With a unit behind it, too.
    const auto first = share(natural({element("v", Int32, {}, "m/s")}));
    const auto second = share(natural({element("v", Int32, {}, "m/s"), element("other", Int8)}));
    const auto third = share(natural({element("v", Int32, {}, "km/h")}));
    const StructRules rules({layout_name(*first), layout_name(*second), layout_name(*third)},
                            {rules_of(first, second, "scale v by 1.1")});
    std::vector<std::byte> row(first->size);
    put<std::int32_t>(row, *first, "v", 50);
    CHECK(get<std::int32_t>(run(*plan_of(*first, *third, rules, units.get()), row, *third), *third, "v") == 198);
}

TEST_CASE("what pads a longer array is judged as the plan takes it") {
    const auto v1 = share(natural({element("v", Int32, {2})}));
    const auto v2 = share(natural({element("v", Int32, {4})}));
    const auto v3 = share(natural({element("v", UInt8, {4})}));
    for (const auto* fill : {"300", "30"}) {
        const StructRules rules({layout_name(*v1), layout_name(*v2), layout_name(*v3)},
                                {rules_of(v1, v2, "fill v = " + std::string(fill))});
        const auto judged = judge(*v1, *v2, nullptr, &rules);
        const auto* padded = find_change(judged, "v", ChangeKind::Resized);
        REQUIRE(padded != nullptr);
        CHECK(padded->reason == "padded with " + std::string(fill) + " by rule");
        const bool fits = std::string(fill) == "30";
        CHECK(worst(judge(*v1, *v3, nullptr, &rules)) == (fits ? Verdict::Checked : Verdict::Refused));
        if (fits) {
            CHECK(get<std::uint8_t>(run(*plan_of(*v1, *v3, rules), std::vector<std::byte>(v1->size), *v3), *v3, "v",
                                    3) == 30);
        } else {
            CHECK_THROWS_AS(plan_of(*v1, *v3, rules), Error);
        }
    }
}

TEST_CASE("a fill of an earlier rule is a number, or a name, where the asked type is another one") {
    auto mode = element("st", Int32);
    mode.enumerators = {{"OFF", 0}, {"ON", 5}};
    auto other = mode;
    other.enumerators = {{"ON", 0}, {"OFF", 1}};
    const auto first = share(natural({element("k", Int32)}));
    const auto second = share(natural({element("k", Int32), element("ok", Bool), mode}));
    const auto third = share(natural({element("k", Int32), element("ok", Int16), element("st", Int8)}));
    const auto named = share(natural({element("k", Int32), element("ok", Bool), other}));
    for (const auto* fill : {"ON", "5"}) {
        const StructRules rules({layout_name(*first), layout_name(*second), layout_name(*third), layout_name(*named)},
                                {rules_of(first, second, "fill ok = true\nfill st = " + std::string(fill))});
        const std::vector<std::byte> row(first->size);
        for (const auto& asked : {third, named}) {
            CHECK(worst(judge(*first, *asked, nullptr, &rules)) == Verdict::Automatic);
            const auto there = run(*plan_of(*first, *asked, rules), row, *asked);
            if (asked == third) {
                CHECK(get<std::int16_t>(there, *third, "ok") == 1);
                CHECK(get<std::int8_t>(there, *third, "st") == 5);
            } else {
                CHECK(get<bool>(there, *named, "ok"));
                CHECK(get<std::int32_t>(there, *named, "st") == 0);
            }
        }
    }
}

TEST_CASE("a scalar becomes an item of an array and the reverse, the other items are filled") {
    const auto older = share(natural({element("value", Int16)}));
    const auto newer = share(natural({element("value", Int32, {3})}));
    CHECK(worst(judge(*older, *newer)) == Verdict::NeedsRule);
    const auto rules = two(older, newer, "move value -> value[1]\nfill value[2:] = -1");
    std::vector<std::byte> row(older->size);
    put<std::int16_t>(row, *older, "value", 12);
    const auto plan = plan_of(*older, *newer, rules);
    const auto there = run(*plan, row, *newer);
    CHECK(get<std::int32_t>(there, *newer, "value", 0) == 0);
    CHECK(get<std::int32_t>(there, *newer, "value", 1) == 12);
    CHECK(get<std::int32_t>(there, *newer, "value", 2) == -1);
    CHECK(plan->absent() == std::vector<std::string>{"value[0]", "value[2]"});
    CHECK(run(*plan_of(*newer, *older, rules), there, *older) == row);
    const auto judged = judge(*older, *newer, nullptr, &rules);
    CHECK(worst(judged) == Verdict::Automatic);
    const auto* moved = find_change(judged, "value", ChangeKind::Rearranged);
    REQUIRE(moved != nullptr);
    CHECK(moved->reason ==
          "by rule: move value -> value[1]; 2 of 3 values absent: value[0], value[2]; value[2:] filled with -1");
    CHECK(worst(judge(*newer, *older, nullptr, &rules)) == Verdict::Checked);  // int32 to int16
    PlanOptions strict;
    const auto way = rules.way(*older, *newer);
    strict.way = &way;
    strict.strict = true;
    CHECK_THROWS_AS(ConversionPlan::make(*older, *newer, strict), Error);
}

TEST_CASE("single elements are merged into an array and split again, text too") {
    const auto older = share(natural(
        {element("px", Float32), element("py", Float32), element("first", Char, {4}), element("second", Char, {4})}));
    const auto newer = share(natural({element("names", Char, {2, 6}), element("p", Float64, {2})}));
    const auto rules =
        two(older, newer, "move px -> p[0]\nmove py -> p[1]\nmove first -> names[1]\nmove second -> names[0]");
    std::vector<std::byte> row(older->size);
    put<float>(row, *older, "px", 1.25F);
    put<float>(row, *older, "py", -3);
    std::memcpy(row.data() + older->elements[2].offset, "abcd", 4);
    std::memcpy(row.data() + older->elements[3].offset, "ef", 2);
    const auto plan = plan_of(*older, *newer, rules);
    CHECK(plan->absent().empty());
    const auto there = run(*plan, row, *newer);
    CHECK(get<double>(there, *newer, "p", 0) == 1.25);
    CHECK(get<double>(there, *newer, "p", 1) == -3);
    CHECK(std::memcmp(there.data() + newer->elements[0].offset, "ef\0\0\0\0abcd\0\0", 12) == 0);
    CHECK(run(*plan_of(*newer, *older, rules), there, *older) == row);
    CHECK(judge(*older, *newer, nullptr, &rules).size() == 3);  // two elements, and the struct grew: nothing removed
}

TEST_CASE("a factor and an offset hold in both directions, and beside units") {
    const auto units = make_units();
    const auto older = share(natural(
        {element("length", Float64, {}, "furlongs"), element("count", Int32), element("t", Float64, {}, "degF")}));
    const auto newer =
        share(natural({element("length", Float64, {}, "m"), element("count", Int32), element("t", Float64, {}, "K")}));
    const auto rules = two(older, newer, "scale length by 201.168\nscale count by 10 plus 1");
    std::vector<std::byte> row(older->size);
    put<double>(row, *older, "length", 2);
    put<std::int32_t>(row, *older, "count", 5);
    put<double>(row, *older, "t", 32);
    const auto there = run(*plan_of(*older, *newer, rules, units.get()), row, *newer);
    CHECK(get<double>(there, *newer, "length") == doctest::Approx(402.336));
    CHECK(get<std::int32_t>(there, *newer, "count") == 51);
    CHECK(get<double>(there, *newer, "t") == doctest::Approx(273.15));
    const auto back = run(*plan_of(*newer, *older, rules, units.get()), there, *older);
    CHECK(get<double>(back, *older, "length") == doctest::Approx(2));
    CHECK(get<std::int32_t>(back, *older, "count") == 5);
    auto uneven = there;
    put<std::int32_t>(uneven, *newer, "count", 50);
    CHECK_THROWS_AS(run(*plan_of(*newer, *older, rules, units.get()), uneven, *older), Error);  // 4.9
    const auto judged = judge(*older, *newer, units.get(), &rules);
    CHECK(find_change(judged, "length", ChangeKind::Rescaled)->verdict == Verdict::Automatic);
    CHECK(find_change(judged, "length", ChangeKind::UnitChanged) == nullptr);
    CHECK(find_change(judged, "count", ChangeKind::Rescaled)->verdict == Verdict::Checked);
}

TEST_CASE("loss that a rule allows is done and counted, other loss is an error") {
    const auto older = share(natural({element("noise", Int32), element("gain", Int32)}));
    const auto newer = share(natural({element("noise", Int8), element("gain", Int8)}));
    const auto rules = two(older, newer, "allow loss noise");
    std::vector<std::byte> row(older->size);
    put<std::int32_t>(row, *older, "noise", 1000);
    const auto plan = plan_of(*older, *newer, rules);
    std::vector<std::byte> there(newer->size);
    CHECK(plan->run(row.data(), there.data(), 1).losses == 1);
    CHECK(get<std::int8_t>(there, *newer, "noise") == 127);
    put<std::int32_t>(row, *older, "gain", 1000);
    CHECK_THROWS_AS(plan->run(row.data(), there.data(), 1), Error);
    CHECK(find_change(judge(*older, *newer, nullptr, &rules), "noise", ChangeKind::Retyped)->row == "loss_allowed");
}

TEST_CASE("a way leads over several versions, through a version with rules of its own and around others") {
    const auto v1 = share(natural({element("a", Float64, {}, "cm")}));
    const auto v2 = share(natural({element("b", Float64, {}, "cm")}));
    const auto v3 = share(natural({element("b", Float64, {}, "cm"), element("x", Int32)}));
    const auto v4 = share(natural({element("c", Float64, {2}), element("x", Int32)}));
    const auto first = rules_of(v1, v2, "rename a -> b");
    const auto second = rules_of(v3, v4, "move b -> c[1] by 10\nfill c[0] = 5");
    std::vector<std::string> names;
    for (const auto& version : {v1, v2, v3, v4}) names.push_back(layout_name(*version));
    const StructRules rules(names, {first, second});
    CHECK(rules.way(*v1, *v4).size() == 2);
    CHECK(rules.way(*v2, *v3).empty());
    std::vector<std::byte> row(v1->size);
    put<double>(row, *v1, "a", 1.5);
    const auto plan = plan_of(*v1, *v4, rules);
    const auto there = run(*plan, row, *v4);
    CHECK(get<double>(there, *v4, "c", 0) == 5);
    CHECK(get<double>(there, *v4, "c", 1) == 15);
    CHECK(plan->absent() == std::vector<std::string>{"c[0]", "x"});
    CHECK(get<double>(run(*plan_of(*v4, *v1, rules), there, *v1), *v1, "a") == 1.5);
    // A section for just these two comes before the way over others; of two the last one counts.
    const StructRules shortcut(
        names, {first, second, rules_of(v1, v4, "move a -> c[0] by 1"), rules_of(v1, v4, "move a -> c[1] by 1")});
    CHECK(get<double>(run(*plan_of(*v1, *v4, shortcut), row, *v4), *v4, "c", 1) == 1.5);
    // Layouts that are not recorded are read by the law alone.
    const auto other = natural({element("c", Float64, {2})});
    CHECK(rules.way(*v1, other).empty());
}

TEST_CASE("a later section for two layouts takes the place of the earlier one, whichever of them it names first") {
    const auto older = share(natural({element("a", Int32), element("b", Int32)}));
    const auto newer = share(natural({element("c", Int32)}));
    const std::vector<std::string> names{layout_name(*older), layout_name(*newer)};
    const auto first = rules_of(older, newer, "rename a -> c");
    const auto later = rules_of(newer, older, "rename c -> b");
    std::vector<std::byte> row(older->size);
    put<std::int32_t>(row, *older, "a", 1);
    put<std::int32_t>(row, *older, "b", 2);
    for (const auto& [sections, expected] :
         {std::pair{std::vector{first, later}, 2}, std::pair{std::vector{later, first}, 1},
          std::pair{std::vector{first, later, first}, 1}}) {
        const StructRules rules(names, sections);
        CHECK(rules.sections().size() == 1);
        const auto there = run(*plan_of(*older, *newer, rules), row, *newer);
        CHECK(get<std::int32_t>(there, *newer, "c") == expected);
        const auto back = run(*plan_of(*newer, *older, rules), there, *older);
        CHECK(get<std::int32_t>(back, *older, "a") == (expected == 1 ? 1 : 0));
        CHECK(get<std::int32_t>(back, *older, "b") == (expected == 2 ? 2 : 0));
    }
}

TEST_CASE("through any chain of rules the values are those of going step by step") {
    const bool good = rc::check("way = steps", [] {
        const auto steps = *rc::gen::inRange(1, 6);
        std::vector<DefinitionPtr> versions;
        std::vector<CheckedRulesPtr> sections;
        std::vector<std::string> names{"a", "b", "c", "d"};
        auto layout = [&](bool merged) {
            std::vector<Element> elements;
            if (merged) {
                elements.push_back(element("m", Float64, {names.size()}));
            } else {
                for (const auto& name : names) elements.push_back(element(name, Float64));
            }
            return share(natural(elements));
        };
        bool merged = false;
        versions.push_back(layout(false));
        int fresh = 0;
        for (int step = 0; step < steps; ++step) {
            std::string lines;
            const auto before = names;
            const bool will_merge = *rc::gen::arbitrary<bool>();
            if (merged != will_merge) {
                for (std::size_t i = 0; i < names.size(); ++i) {
                    const auto at = "m[" + std::to_string(i) + "]";
                    lines += will_merge ? "move " + names[i] + " -> " + at : "move " + at + " -> " + names[i];
                    if (*rc::gen::arbitrary<bool>()) lines += " by " + std::to_string(1 << *rc::gen::inRange(1, 4));
                    lines += "\n";
                }
            } else if (!merged) {
                for (std::size_t i = 0; i < names.size(); ++i) {
                    if (!*rc::gen::arbitrary<bool>()) continue;
                    // Also names that were in use before.
                    names[i] = *rc::gen::arbitrary<bool>() ? "n" + std::to_string(fresh++) : names[i] + "x";
                    lines += "rename " + before[i] + " -> " + names[i] + "\n";
                    if (*rc::gen::arbitrary<bool>()) lines += "scale " + names[i] + " by 4 plus 2\n";
                }
            } else {
                lines = "scale m by 0.5 minus 8\n";
            }
            merged = will_merge;
            auto next = layout(merged);
            RC_PRE(layout_name(*next) != layout_name(*versions.back()));
            for (const auto& known : versions) RC_PRE(layout_name(*next) != layout_name(*known));
            sections.push_back(rules_of(versions.back(), next, lines));
            versions.push_back(std::move(next));
        }
        std::vector<std::string> hashes;
        for (const auto& version : versions) hashes.push_back(layout_name(*version));
        const StructRules rules(hashes, sections);
        std::vector<std::byte> row(versions.front()->size);
        for (std::size_t i = 0; i < 4; ++i) {
            const double value = *rc::gen::inRange(-1000, 1000);
            std::memcpy(row.data() + 8 * i, &value, 8);
        }
        auto stepwise = row;
        for (std::size_t v = 1; v < versions.size(); ++v) {
            stepwise = run(*plan_of(*versions[v - 1], *versions[v], rules), stepwise, *versions[v]);
            const auto direct = plan_of(*versions.front(), *versions[v], rules);
            RC_ASSERT(run(*direct, row, *versions[v]) == stepwise);
            RC_ASSERT(direct->absent().empty());
            RC_ASSERT(run(*plan_of(*versions[v], *versions.front(), rules), stepwise, *versions.front()) == row);
            RC_ASSERT(worst(judge(*versions.front(), *versions[v], nullptr, &rules)) <= Verdict::Automatic);
        }
    });
    CHECK(good);
}

TEST_CASE("a factor of one says that the numbers stay, whatever became of the unit") {
    const auto older = share(natural({element("a", Float32)}));
    const auto newer = share(natural({element("a", Float32, {}, "cm")}));
    CHECK(worst(judge(*older, *newer)) == Verdict::NeedsRule);
    const auto rules = two(older, newer, "scale a by 1");
    CHECK(worst(judge(*older, *newer, nullptr, &rules)) == Verdict::Automatic);
    CHECK(worst(judge(*newer, *older, nullptr, &rules)) == Verdict::Automatic);
    CHECK(plan_of(*older, *newer, rules)->is_copy());
}

TEST_CASE("a factor of an array holds for the items that no rule moves, and a moved item is nowhere else") {
    const auto older = share(natural({element("v", Float64, {3})}));
    const auto newer = share(natural({element("v", Float64, {4})}));
    const auto rules = two(older, newer, "move v[0] -> v[3]\nscale v by 100");
    std::vector<std::byte> row(older->size);
    for (std::size_t i = 0; i < 3; ++i) put<double>(row, *older, "v", static_cast<double>(i + 1), i);
    const auto plan = plan_of(*older, *newer, rules);
    const auto there = run(*plan, row, *newer);
    CHECK(plan->absent() == std::vector<std::string>{"v[0]"});
    CHECK(get<double>(there, *newer, "v", 1) == 200);
    CHECK(get<double>(there, *newer, "v", 2) == 300);
    CHECK(get<double>(there, *newer, "v", 3) == 100);
    CHECK(run(*plan_of(*newer, *older, rules), there, *older) == row);
}

TEST_CASE("an array that became a scalar without a rule stays an error through later versions") {
    const auto v1 = share(natural({element("z", Int32, {2})}));
    const auto v2 = share(natural({element("z", Int32)}));
    const auto v3 = share(natural({element("x", Int32)}));
    const auto v4 = share(natural({element("y", Int32, {3})}));
    const StructRules rules({layout_name(*v1), layout_name(*v2), layout_name(*v3), layout_name(*v4)},
                            {rules_of(v2, v3, "move z -> x"), rules_of(v3, v4, "move x -> y[0]")});
    for (const auto& asked : {v3, v4}) {
        CHECK_THROWS_AS(plan_of(*v1, *asked, rules), Error);
        CHECK(worst(judge(*v1, *asked, nullptr, &rules)) >= Verdict::NeedsRule);
    }
    CHECK_NOTHROW(plan_of(*v2, *v4, rules));
}

TEST_CASE("an array that was one value in between, which a rule takes from another array, stays an error") {
    const auto v1 = share(natural({element("a", Int32, {2})}));
    const auto v2 = share(natural({element("x", Int32)}));
    const auto v3 = share(natural({element("x", Int32, {3}), element("own", Int32)}));
    const StructRules rules({layout_name(*v1), layout_name(*v2), layout_name(*v3)},
                            {rules_of(v1, v2, "move a[1] -> x")});
    CHECK_THROWS_AS(plan_of(*v1, *v3, rules), Error);
    const auto judged = judge(*v1, *v3, nullptr, &rules);
    CHECK(worst(judged) == Verdict::NeedsRule);
    CHECK(says(find_change(judged, "x", ChangeKind::RankChanged)->reason, "no rule says which one it is"));
}

TEST_CASE("values that rules take out of an array are not in an array of its name as well") {
    const auto older = share(natural({element("p", Int32, {2})}));
    const auto newer = share(natural({element("px", Int32), element("py", Int32), element("p", Int32, {2})}));
    const auto rules = two(older, newer, "move p[0] -> px\nmove p[1] -> py");
    CHECK(plan_of(*older, *newer, rules)->absent() == std::vector<std::string>{"p"});
    const auto latest = share(natural({element("p", Int32), element("px", Int32)}));
    const auto middle = share(natural({element("px", Int32), element("py", Int32)}));
    const StructRules longer(
        {layout_name(*older), layout_name(*middle), layout_name(*latest)},
        {rules_of(older, middle, "move p[0] -> px\nmove p[1] -> py"), rules_of(middle, latest, "")});
    CHECK(plan_of(*older, *latest, longer)->absent() == std::vector<std::string>{"p"});
}

TEST_CASE("fills hold for the layout that they were written for, in its unit, and must fit where they are asked for") {
    const auto units = make_units();
    const auto v1 = share(natural({element("k", Int32)}));
    const auto v2 = share(
        natural({element("k", Int32), element("b", Float32, {}, "cm"), element("v", Int32, {2}), element("s", Int16)}));
    const auto v3 = share(
        natural({element("k", Int32), element("b", Float32, {}, "mm"), element("v", Int32, {4}), element("s", Int8)}));
    const auto with = [&](const std::string& first) {
        return StructRules({layout_name(*v1), layout_name(*v2), layout_name(*v3)},
                           {rules_of(v1, v2, first), rules_of(v2, v3, "fill v[2:] = -1")});
    };
    const auto rules = with("fill b = 3\nfill v = -7");
    const auto there = run(*plan_of(*v1, *v3, rules, units.get()), std::vector<std::byte>(v1->size), *v3);
    CHECK(get<float>(there, *v3, "b") == 30);
    for (std::size_t i = 0; i < 4; ++i) CHECK(get<std::int32_t>(there, *v3, "v", i) == (i < 2 ? -7 : -1));
    const auto large = with("fill s = 300");
    CHECK_THROWS_AS(plan_of(*v1, *v3, large, units.get()), Error);
    CHECK(worst(judge(*v1, *v3, units.get(), &large)) == Verdict::Refused);
}

TEST_CASE("loss is allowed into the type that the rule was written for, not into later ones") {
    const auto v1 = share(natural({element("a", Int32)}));
    const auto v2 = share(natural({element("a", UInt8)}));
    const auto v3 = share(natural({element("a", Int8)}));
    const StructRules rules({layout_name(*v1), layout_name(*v2), layout_name(*v3)}, {rules_of(v1, v2, "allow loss a")});
    std::vector<std::byte> row(v1->size);
    put<std::int32_t>(row, *v1, "a", 300);
    CHECK(get<std::uint8_t>(run(*plan_of(*v1, *v2, rules), row, *v2), *v2, "a") == 255);
    CHECK_THROWS_AS(run(*plan_of(*v1, *v3, rules), row, *v3), Error);
}

TEST_CASE(
    "stored values that neither a rule nor their name takes anywhere are told as truncated, and judged on a line") {
    const auto older =
        share(natural({element("gain", Float32, {6}), element("t", Char, {3, 4}), element("m", Int32, {2, 3})}));
    const auto newer =
        share(natural({element("first", Float32), element("gain", Float32, {3}), element("name", Char, {4}),
                       element("m", Int32, {2, 2}), element("last", Int32)}));
    const auto rules = two(older, newer, "move gain[0] -> first\nmove t[1] -> name\nmove m[1][2] -> last");
    const auto plan = plan_of(*older, *newer, rules);
    CHECK(plan->truncated() == std::vector<std::string>{"gain[3:]", "t[0]", "t[2]", "m[0][2:]"});
    CHECK(plan->absent() == std::vector<std::string>{"gain[0]"});
    const auto judged = judge(*older, *newer, nullptr, &rules);
    const auto reason = [&](const std::string& path, ChangeKind kind) {
        const auto* change = find_change(judged, path, kind);
        return change == nullptr ? "no such line" : change->reason;
    };
    CHECK(reason("first", ChangeKind::Rearranged) == "by rule: move gain[0] -> first");
    CHECK(reason("gain", ChangeKind::Rearranged) ==
          "by rule: move gain[0] -> first; gain[1:] by name; 1 of 3 values absent: gain[0]");
    CHECK(reason("gain", ChangeKind::PartlyRemoved) == "ignored, as neither a rule nor a name takes them: gain[3:]");
    CHECK(find_change(judged, "gain", ChangeKind::PartlyRemoved)->verdict == Verdict::Automatic);
    CHECK(reason("t", ChangeKind::PartlyRemoved) == "ignored, as neither a rule nor a name takes them: t[0], t[2]");
    CHECK(reason("m", ChangeKind::PartlyRemoved) == "ignored, as neither a rule nor a name takes them: m[0][2:]");
    const auto back = plan_of(*newer, *older, rules);
    CHECK(back->absent() == std::vector<std::string>{"gain[3:]", "t[0]", "t[2]", "m[0][2:]"});
    CHECK(back->truncated() == std::vector<std::string>{"gain[0]"});
}

TEST_CASE("an array that is renamed and gives a value to a shorter one tells what both leave") {
    const auto older = share(natural({element("a", Float32, {6})}));
    const auto newer = share(natural({element("b", Float32, {3}), element("c", Float32)}));
    const auto rules = two(older, newer, "rename a -> b\nmove a[4] -> c");
    CHECK(plan_of(*older, *newer, rules)->truncated() == std::vector<std::string>{"a[3]", "a[5]"});
}

TEST_CASE("what units do to rearranged values is told with its factor") {
    const auto units = make_units();
    const auto older =
        share(natural({element("x", Float32, {}, "cm"), element("y", Float32, {}, "m"), element("n", Int32, {}, "mm"),
                       element("t", Float32, {}, "cm"), element("s", Float64, {}, "cm")}));
    const auto newer = share(
        natural({element("p", Float64, {3}, "mm"), element("m", Int32, {1}, "cm"), element("q", Float64, {2}, "cm")}));
    const auto last = share(
        natural({element("p", Float64, {3}, "mm"), element("m", Int32, {1}, "cm"), element("q", Float64, {2}, "mm")}));
    const StructRules rules(
        {layout_name(*older), layout_name(*newer), layout_name(*last)},
        {rules_of(older, newer, "move x -> p[0]\nmove y -> p[2]\nmove n -> m[0]\nmove t -> q[0]\nmove s -> q[1] by 3"),
         rules_of(newer, last, "")});
    const auto judged = judge(*older, *newer, units.get(), &rules);
    CHECK(says(find_change(judged, "p", ChangeKind::Rearranged)->reason,
               "; p[0] times 10, p[2:] times 1000; 1 of 3 values absent: p[1]"));
    CHECK(says(find_change(judged, "m", ChangeKind::Rearranged)->reason, "; times 0.1, must fit int32"));
    CHECK(find_change(judged, "m", ChangeKind::Rearranged)->verdict == Verdict::Checked);
    CHECK(says(find_change(judged, "q", ChangeKind::Rearranged)->reason, "move s -> q[1] by 3"));
    // Through a rule's factor and a later unit: what is executed.
    const auto far = judge(*older, *last, units.get(), &rules);
    CHECK(says(find_change(far, "q", ChangeKind::Rearranged)->reason, "; q[0] times 10, q[1:] times 30"));
    std::vector<std::byte> row(older->size);
    put<double>(row, *older, "s", 2);
    CHECK(get<double>(run(*plan_of(*older, *last, rules, units.get()), row, *last), *last, "q", 1) == 60);
}

TEST_CASE(
    "an enumeration that was a scaled number in between is refused, by the judge and by the plan, for one reason") {
    auto before = element("state", Int32);
    before.enumerators = {{"OFF", 0}, {"ON", 1}};
    auto after = before;
    after.enumerators = {{"OFF", 0}, {"ON", 10}};
    const auto v1 = share(natural({before}));
    const auto v2 = share(natural({element("state", Int32)}));
    const auto v3 = share(natural({after, element("x", Int32)}));
    const auto v4 = share(natural({before, element("y", Int32)}));
    const std::vector<std::string> names{layout_name(*v1), layout_name(*v2), layout_name(*v3), layout_name(*v4)};
    const auto scaled = rules_of(v1, v2, "scale state by 10");
    const StructRules rules(names, {scaled});
    for (const auto& [stored, asked] : {std::pair{v1, v3}, std::pair{v3, v1}, std::pair{v1, v4}}) {
        const auto judged = judge(*stored, *asked, nullptr, &rules);
        CHECK(worst(judged) == Verdict::Refused);
        CHECK(says(find_change(judged, "state", ChangeKind::Rescaled)->reason, "a factor of a rule lies between"));
        CHECK(find_change(judged, "state", ChangeKind::EnumChanged) == nullptr);
        try {
            (void)plan_of(*stored, *asked, rules);
            FAIL("a plan");
        } catch (const Error& error) {
            CHECK(says(error.what(), "a factor of a rule lies between"));
        }
    }
    CHECK_NOTHROW(plan_of(*v1, *v2, rules));
    CHECK_NOTHROW(plan_of(*v2, *v3, rules));
    // Rules for just these two come first; without a factor in the end names are kept.
    const StructRules direct(names, {scaled, rules_of(v1, v3, "")});
    std::vector<std::byte> row(v1->size);
    put<std::int32_t>(row, *v1, "state", 1);
    CHECK(get<std::int32_t>(run(*plan_of(*v1, *v3, direct), row, *v3), *v3, "state") == 10);
    const StructRules undone(names, {scaled, rules_of(v2, v4, "scale state by 0.1")});
    CHECK(get<std::int32_t>(run(*plan_of(*v1, *v4, undone), row, *v4), *v4, "state") == 1);
    CHECK(worst(judge(*v1, *v4, nullptr, &undone)) <= Verdict::Checked);
    // Value by value as well.
    auto many = after;
    many.dims = {2};
    const auto v5 = share(natural({many}));
    const StructRules moved({names[0], names[1], layout_name(*v5)},
                            {scaled, rules_of(v2, v5, "move state -> state[1]")});
    CHECK(worst(judge(*v1, *v5, nullptr, &moved)) == Verdict::Refused);
    CHECK_THROWS_AS(plan_of(*v1, *v5, moved), Error);
}

TEST_CASE("a rule about one of a million values costs as much as one about one of three") {
    constexpr std::uint64_t kMany = 1'000'000;
    const auto units = make_units();
    const auto older = share(
        natural({element("a", Float64, {10}, "cm"), element("c", Float64, {kMany}), element("m", Float64, {1000, 2})}));
    const auto newer = share(natural(
        {element("a", Float64, {kMany}, "mm"), element("c", Float64, {kMany}), element("m", Float64, {1000, 4})}));
    const auto rules = two(older, newer, "fill a[18] = 3\nmove c[7] -> c[9]\nfill m[5][3] = 2");
    const auto way = rules.way(*older, *newer);
    const auto origins = trace(*older, *newer, way, units.get());
    REQUIRE(origins.elements.size() == 3);
    CHECK(origins.elements[0].runs.size() == 4);  // stored, default, filled, default
    CHECK(origins.elements[1].runs.size() == 5);
    const auto plan = plan_of(*older, *newer, rules, units.get());
    CHECK(plan->absent() == std::vector<std::string>{"a[10:]", "c[7]", "m[:][2:]"});
    CHECK(std::ranges::count(plan->explain(), '\n') < 3000);  // the rows of m are moves of their own
    std::vector<std::byte> row(older->size);
    for (std::size_t i = 0; i < 10; ++i) put<double>(row, *older, "a", static_cast<double>(i), i);
    for (std::size_t i = 0; i < kMany; ++i) put<double>(row, *older, "c", static_cast<double>(i), i);
    put<double>(row, *older, "m", 11, 11);
    const auto there = run(*plan, row, *newer);
    CHECK(get<double>(there, *newer, "a", 9) == 90);
    CHECK(get<double>(there, *newer, "a", 17) == 0);
    CHECK(get<double>(there, *newer, "a", 18) == 3);
    CHECK(get<double>(there, *newer, "c", 8) == 8);
    CHECK(get<double>(there, *newer, "c", 7) == 0);
    CHECK(get<double>(there, *newer, "c", 9) == 7);
    CHECK(get<double>(there, *newer, "c", kMany - 1) == kMany - 1);
    CHECK(get<double>(there, *newer, "m", 21) == 11);
    CHECK(get<double>(there, *newer, "m", 23) == 2);
    CHECK(get<double>(there, *newer, "m", 27) == 0);
    CHECK(judge(*older, *newer, units.get(), &rules).size() < 10);
}

TEST_CASE("some values of an array have as few names as possible") {
    const auto names = [](const std::vector<std::uint64_t>& dims, std::vector<ValueRange> ranges) {
        return names_of(element("v", Float64, dims), std::move(ranges));
    };
    using Names = std::vector<std::string>;
    CHECK(names({}, {{0, 1}}) == Names{"v"});
    CHECK(names({5}, {}) == Names{});
    CHECK(names({5}, {{0, 5}}) == Names{"v"});
    CHECK(names({5}, {{3, 5}, {0, 3}}) == Names{"v"});
    CHECK(names({5}, {{4, 5}}) == Names{"v[4:]"});
    CHECK(names({5}, {{0, 1}, {4, 5}}) == Names{"v[0]", "v[4]"});
    CHECK(names({9}, {{1, 3}, {5, 6}, {7, 9}}) == Names{"v[1:3]", "v[5]", "v[7:]"});
    CHECK(names({2, 3}, {{1, 3}, {4, 6}}) == Names{"v[:][1:]"});
    CHECK(names({4, 3}, {{2, 10}}) == Names{"v[0][2]", "v[1:3]", "v[3][0]"});
    CHECK(names({2, 2, 2}, {{1, 2}, {3, 4}, {5, 6}, {7, 8}}) == Names{"v[:][:][1:]"});
    Element text = element("t", Char, {3, 8});
    CHECK(names_of(text, {{1, 3}}) == Names{"t[1:]"});
    CHECK(others({{4, 5}, {0, 2}, {1, 3}}, 7) == std::vector<ValueRange>{{3, 4}, {5, 7}});
}

TEST_CASE("likely renames are proposed, each old and new element once") {
    const auto older = natural({element("samplingFreq", Float64), element("gain", Float32, {3}), element("tail", Int32),
                                element("zzz", Int8)});
    const auto newer = natural({element("samplingFrequency", Float64), element("gains", Float32, {4}),
                                element("tail", Int32), element("q", Float64)});
    const auto proposed = propose_renames(older, newer);
    REQUIRE(proposed.size() == 2);
    CHECK(to_text(proposed[0]) == "rename samplingFreq -> samplingFrequency");
    CHECK(to_text(proposed[1]) == "rename gain -> gains");
    CHECK(propose_renames(older, older).empty());
}
