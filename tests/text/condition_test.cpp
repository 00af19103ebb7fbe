#include "etalon/condition.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <string>

#include "etalon/error.h"

using namespace etalon;

namespace {

using Kind = Condition::Kind;

Condition compare(std::string path, ValueOp op, ValueFilter::Value value) {
    return ValueFilter{std::move(path), op, std::move(value)};
}

Condition joined(Kind kind, std::vector<Condition> parts) {
    return {.kind = kind, .parts = std::move(parts)};
}

Condition test(Kind kind, std::string path, std::vector<ValueFilter::Value> values) {
    return {.kind = kind, .parts = {}, .path = std::move(path), .op = ValueOp::Equal, .values = std::move(values)};
}

ValueText text(std::string of) {
    return {std::move(of)};
}

Error error_of(std::string_view condition) {
    try {
        (void)parse_condition(condition);
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error: " << condition);
    std::abort();
}

Condition random_condition(int depth) {
    const auto pick = [](int n) { return *rc::gen::inRange(0, n); };
    static const std::vector<std::string> kPaths{"a",   "gain[2]", "hit[1].pos.x", "session.user.name",
                                                 "not", "in",      "and"};
    static const std::vector<std::string> kValues{"1",          "-2.5e3",    "left",    "two words", "\"and\"", "\"\"",
                                                  "\"a\"\"b\"", "\"( , )\"", "f(x, y)", "nan",       "null",    "a=b"};
    const auto value = [&]() -> ValueFilter::Value {
        if (pick(6) == 0) return Parameter{"p" + std::to_string(pick(3))};
        return ValueText{kValues[static_cast<std::size_t>(pick(static_cast<int>(kValues.size())))]};
    };
    const auto path = kPaths[static_cast<std::size_t>(pick(4))];
    switch (pick(depth > 3 ? 4 : 7)) {
        case 0:
            return compare(pick(3) == 0 ? kPaths[static_cast<std::size_t>(pick(7))] : path,
                           static_cast<ValueOp>(pick(6) + 1), value());
        case 1: {
            std::vector<ValueFilter::Value> values;
            for (int i = pick(3); i >= 0; --i) values.push_back(value());
            return test(Kind::In, path, values);
        }
        case 2:
            return test(Kind::Like, path, {value()});
        case 3:
            return test(Kind::IsNull, path, {});
        case 4:
            return joined(Kind::Not, {random_condition(depth + 1)});
        default: {
            std::vector<Condition> parts;
            for (int i = pick(2) + 1; i >= 0; --i) parts.push_back(random_condition(depth + 1));
            return joined(pick(2) == 0 ? Kind::And : Kind::Or, parts);
        }
    }
}

}  // namespace

TEST_CASE("conditions read as people write them") {
    CHECK(parse_condition("gain[2]>3.5") == compare("gain[2]", ValueOp::Greater, text("3.5")));
    CHECK(parse_condition("  a == 1 ") == compare("a", ValueOp::Equal, text("1")));
    CHECK(parse_condition("label = two words") == compare("label", ValueOp::Equal, text("two words")));
    CHECK(parse_condition("label = f(a, b)") == compare("label", ValueOp::Equal, text("f(a, b)")));
    CHECK(parse_condition("label = \"a\"\"b\"") == compare("label", ValueOp::Equal, text("\"a\"\"b\"")));
    CHECK(parse_condition("a in (1, \"x, y\",z)") == test(Kind::In, "a", {text("1"), text("\"x, y\""), text("z")}));
    CHECK(parse_condition("a NOT IN(1)") == joined(Kind::Not, {test(Kind::In, "a", {text("1")})}));
    CHECK(parse_condition("a like %b_") == test(Kind::Like, "a", {text("%b_")}));
    CHECK(parse_condition("a Is Null") == test(Kind::IsNull, "a", {}));
    CHECK(parse_condition("a is not null") == joined(Kind::Not, {test(Kind::IsNull, "a", {})}));
    CHECK(parse_condition("a = :run") == compare("a", ValueOp::Equal, Parameter{"run"}));
    // `and` binds closer than `or`, `not` closer than both.
    CHECK(parse_condition("not a = 1 and b = 2 or c = 3") ==
          joined(Kind::Or, {joined(Kind::And, {joined(Kind::Not, {compare("a", ValueOp::Equal, text("1"))}),
                                               compare("b", ValueOp::Equal, text("2"))}),
                            compare("c", ValueOp::Equal, text("3"))}));
    CHECK(parse_condition("(a = left or b = 2) and c = 3").kind == Kind::And);
    // Words of the language are names of elements where a comparison stands behind them.
    CHECK(parse_condition("not = 1") == compare("not", ValueOp::Equal, text("1")));
    CHECK(parse_condition("and = 1 and in in (2)").parts.size() == 2);
}

TEST_CASE("errors of conditions point to the place") {
    const auto error = error_of("gain > 1 and  (label = left or )");
    CHECK(error.code() == ErrorCode::Usage);
    CHECK(error.info().where.find("column 32") != std::string::npos);
    CHECK(error.info().found == "')'");
    CHECK(error_of("\xc3\xa4 ~ 1").info().where.find("column 3") != std::string::npos);
    for (const char* bad : {"",
                            "a",
                            "= 1",
                            "a =",
                            "a = ",
                            "a ! 3",
                            "a = 'x'",
                            "a = \"x",
                            "a = \"x\"y",
                            "(a = 1",
                            "a = 1)",
                            "a in ()",
                            "a in (1",
                            "a in (1,)",
                            "a in 1",
                            "a is 3",
                            "a not 3",
                            "not",
                            "a = 1 and",
                            "or a = 1",
                            "a = (1)",
                            "a = :",
                            "a = : b",
                            "a = 1 b = 2",
                            "a = x or",
                            "a = and",
                            "a like",
                            "()",
                            "a = b and and c = d"}) {
        CAPTURE(bad);
        CHECK(error_of(bad).code() == ErrorCode::Usage);
        CHECK(error_of(bad).info().where.find("column") != std::string::npos);
    }
}

TEST_CASE("conditions nested too deep are refused") {
    const std::string open(100'000, '(');
    CHECK(error_of(open).info().what == "a condition nested too deep");
    CHECK(error_of(open + "a = 1" + std::string(100'000, ')')).info().what == "a condition nested too deep");
    std::string nots;
    for (int i = 0; i < 100'000; ++i) nots += "not ";
    CHECK(error_of(nots + "a = 1").info().what == "a condition nested too deep");
    const std::string some(kMostNesting, '(');
    CHECK(parse_condition(some + "a = 1" + std::string(kMostNesting, ')')).kind == Kind::Compare);
    std::string many = "a = 0";
    for (int i = 1; i < 20'000; ++i) many += " or a = " + std::to_string(i);
    CHECK(parse_condition(many).parts.size() == 20'000);
}

TEST_CASE("what is formatted reads back to the same") {
    CHECK(rc::check("format and parse", [] {
        const auto condition = random_condition(0);
        const auto formatted = format_condition(condition);
        RC_LOG() << formatted << '\n';
        RC_ASSERT(parse_condition(formatted) == condition);
    }));
    CHECK(format_condition(parse_condition("(a=1) AND not(b=2 or c is not null)")) ==
          "a = 1 and not (b = 2 or c is not null)");
    CHECK(format_condition(compare("a", ValueOp::Less, 0.5)) == "a < 0.5");
    CHECK(format_condition(compare("a", ValueOp::Equal, std::string("x \"\\\xff"))) == "a = \"x \"\"\\\\\\xff\"");
    CHECK(format_condition(compare("a", ValueOp::Equal, ObjectId{{1, 2}})) == "a = 01020000000000000000000000000000");
    CHECK(format_condition({}).empty());
}

TEST_CASE("any bytes are a condition or an error that says where") {
    CHECK(rc::check("bytes", [] {
        const auto bytes = *rc::gen::container<std::string>(rc::gen::oneOf(
            rc::gen::elementOf(std::string("a1 =<>!(),\"':\\notandinlike")), rc::gen::arbitrary<char>()));
        try {
            const auto condition = parse_condition(bytes);
            RC_ASSERT(parse_condition(format_condition(condition)) == condition);
        } catch (const Error& error) {
            RC_ASSERT(error.code() == ErrorCode::Usage);
        }
    }));
}

TEST_CASE("parameters are given values, all and no others") {
    const auto condition = parse_condition("a = :x and (b in (:y, 2) or not c like :x)");
    CHECK(parameters_of(condition) == std::vector<std::string>{"x", "y"});
    const auto given = with_parameters(condition, {{"x", text("1")}, {"y", std::int64_t{5}}});
    CHECK(parameters_of(given).empty());
    CHECK(format_condition(given) == "a = 1 and (b in (5, 2) or c not like 1)");
    const auto fails = [&](const std::map<std::string, ValueFilter::Value>& values) {
        try {
            (void)with_parameters(condition, values);
        } catch (const Error& error) {
            return error.code() == ErrorCode::Usage;
        }
        return false;
    };
    CHECK(fails({{"x", text("1")}}));
    CHECK(fails({{"x", text("1")}, {"y", text("1")}, {"z", text("1")}}));
}
