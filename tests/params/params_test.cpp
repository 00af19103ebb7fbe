// Parameter sets as values: what a set takes, its stored form, what people write, and differences.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <limits>

#include "etalon/error.h"
#include "etalon/parameters.h"
#include "index/many_cases.h"
#include "params/canonical.h"
#include "params/difference.h"
#include "params/input.h"
#include "params/value_text.h"

using namespace etalon;
using params::from_canonical;
using params::read_assignment;
using params::read_json;
using params::to_canonical;

namespace {

using Ints = std::vector<std::int64_t>;
using Doubles = std::vector<double>;
using Texts = std::vector<std::string>;
using Bools = std::vector<bool>;

template <class Work>
Error error_of(const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error");
    return Error(ErrorCode::Internal, ErrorInfo{});
}

bool says(const Error& error, std::string_view part) {
    return std::string_view(error.what()).find(part) != std::string_view::npos;
}

double from_bits(std::uint64_t bits) {
    return std::bit_cast<double>(bits);
}

rc::Gen<double> any_double() {
    return rc::gen::oneOf(
        rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), from_bits), rc::gen::arbitrary<double>(),
        rc::gen::element(0.0, -0.0, 1.0, 0.1, 1e16, 1e-5, std::nan(""), from_bits(0x7ff0000000000001),
                         from_bits(0xfff8000000000000), -std::numeric_limits<double>::infinity(),
                         std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max()));
}

/// UTF-8 of a few code points, NUL and quotes among them.
rc::Gen<std::string> any_text() {
    const auto part = rc::gen::element<std::string>("a", "Z", " ", "\"", "\\", "\n", std::string(1, '\0'), "\x7f", "ä",
                                                    "€", "𝄞", "/", "{", "]", ":", "=", "nan", "1");
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(part), [](const auto& parts) {
        std::string text;
        for (const auto& one : parts) text += one;
        return text;
    });
}

rc::Gen<ParameterValue> any_value() {
    const auto as_value = [](auto gen) {
        return rc::gen::map(std::move(gen), [](auto value) { return ParameterValue(std::move(value)); });
    };
    return rc::gen::oneOf(as_value(rc::gen::arbitrary<bool>()), as_value(rc::gen::arbitrary<std::int64_t>()),
                          as_value(any_double()), as_value(any_text()), as_value(rc::gen::arbitrary<Bools>()),
                          as_value(rc::gen::arbitrary<Ints>()), as_value(rc::gen::container<Doubles>(any_double())),
                          as_value(rc::gen::container<Texts>(any_text())));
}

rc::Gen<ParameterSet> any_set() {
    const auto name = rc::gen::element<std::string>("a", "b", "gain.x", "ä", "with space", "1", "\"", "a:int", "x=y",
                                                    "parameters", "types");
    const auto pair = rc::gen::pair(name, any_value());
    return rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, ParameterValue>>>(pair),
                        [](const auto& pairs) {
                            ParameterSet set;
                            for (const auto& [one, value] : pairs) set.set(one, value);
                            return set;
                        });
}

}  // namespace

TEST_CASE("a set gives back values of exactly their type and names what is wrong else") {
    ParameterSet set{{"cut", 1.5},     {"tries", 3}, {"name", "a text"}, {"on", true}, {"sectors", Ints{1, 2}},
                     {"none", Texts{}}};
    CHECK(set.get<double>("cut") == 1.5);
    CHECK(set.get<std::int64_t>("tries") == 3);
    CHECK(set.get<std::string>("name") == "a text");
    CHECK(set.get<bool>("on"));
    CHECK(set.get<Ints>("sectors") == Ints{1, 2});
    CHECK(set.get<Texts>("none").empty());
    CHECK(set.size() == 6);
    CHECK(set.contains("cut"));
    CHECK(set.find("cutt") == nullptr);
    set.set_origin("reco/default");
    const auto unknown = error_of([&] { (void)set.get<double>("cutt"); });
    CHECK(unknown.code() == ErrorCode::Unknown);
    CHECK(says(unknown, "did you mean 'cut'?"));
    CHECK(says(unknown, "reco/default"));
    const auto wrong = error_of([&] { (void)set.get<double>("tries"); });
    CHECK(wrong.code() == ErrorCode::Conversion);
    CHECK(says(wrong, "expected double, found int"));
    CHECK(says(error_of([&] { (void)set.get<Ints>("none"); }), "expected int[], found text[]"));
    CHECK(set.erase("cut"));
    CHECK_FALSE(set.erase("cut"));
    CHECK_FALSE(set.contains("cut"));
}

TEST_CASE("names and texts that cannot be kept are refused") {
    ParameterSet set;
    for (const std::string& name :
         {std::string(), std::string(256, 'a'), std::string("a\nb"), std::string("\xff"), std::string(1, '\0')}) {
        CHECK(error_of([&] { set.set(name, 1); }).code() == ErrorCode::BadInput);
    }
    CHECK(error_of([&] { set.set("a", std::string("\xff")); }).code() == ErrorCode::BadInput);
    CHECK(error_of([&] { set.set("a", Texts{"fine", "\xc3"}); }).code() == ErrorCode::BadInput);
    CHECK(set.empty());
    set.set(std::string(255, 'a'), std::string("\0 is a character", 16));
    CHECK(set.size() == 1);
    CHECK(says(error_of([] { ParameterSet{{"a", 1}, {"b", 2}, {"a", 3}}; }), "parameter 'a'"));
}

TEST_CASE("values are the same when type and bits are") {
    const double nan = std::nan("");
    CHECK(same_value(nan, nan));
    CHECK_FALSE(same_value(nan, from_bits(0x7ff8000000000001)));
    CHECK_FALSE(same_value(0.0, -0.0));
    CHECK_FALSE(same_value(std::int64_t{1}, 1.0));
    CHECK_FALSE(same_value(Ints{}, Doubles{}));
    CHECK(same_value(Doubles{nan, -0.0}, Doubles{nan, -0.0}));
    CHECK_FALSE(same_value(Doubles{-0.0}, Doubles{0.0}));
    CHECK_FALSE(same_value(Doubles{1}, Doubles{1, 2}));
}

TEST_CASE("the stored form is fixed: one line a parameter, sorted, doubles as texts") {
    const ParameterSet set{{"b", 3},
                           {"a", -0.0},
                           {"n", from_bits(0xfff8000000000001)},
                           {"t", "x\"y"},
                           {"e", Ints{}},
                           {"l", Doubles{0.1, std::nan(""), -std::numeric_limits<double>::infinity()}},
                           {"f", Bools{true, false}}};
    CHECK(to_canonical(set) ==
          "{\"format\":1,\"parameters\":{\n"
          "\"a\":{\"double\":\"-0\"},\n"
          "\"b\":{\"int\":3},\n"
          "\"e\":{\"int[]\":[]},\n"
          "\"f\":{\"bool[]\":[true,false]},\n"
          "\"l\":{\"double[]\":[\"0.1\",\"nan\",\"-inf\"]},\n"
          "\"n\":{\"double\":\"nan:fff8000000000001\"},\n"
          "\"t\":{\"text\":\"x\\\"y\"}\n"
          "}}\n");
    CHECK(to_canonical({}) == "{\"format\":1,\"parameters\":{\n}}\n");
    CHECK(from_canonical(to_canonical({}), "x").empty());
}

TEST_CASE("every set comes back from its stored form bit for bit, and equal sets have one form") {
    CHECK(test::check_many("stored form of parameter sets", 2000, [] {
        const auto set = *any_set();
        const auto text = to_canonical(set);
        const auto back = from_canonical(text, "a test");
        RC_ASSERT(back == set);
        RC_ASSERT(to_canonical(back) == text);
    }));
}

TEST_CASE("a stored form that is newer is refused, and one that is damaged is corrupt") {
    const auto newer = error_of([] { (void)from_canonical(R"({"format":2,"other":[]})", "parameters/a/b"); });
    CHECK(newer.code() == ErrorCode::Format);
    CHECK(says(newer, "format 1 or older"));
    CHECK(says(newer, "parameters/a/b"));
    for (const char* text :
         {"", "[]", "{}", "x", R"({"format":"1","parameters":{}})", R"({"format":0,"parameters":{}})",
          R"({"format":1})", "{\"format\":1,\"parameters\":{\n\"a\":1\n}}\n",
          "{\"format\":1,\"parameters\":{\n\"a\":{\"int\":1.0}\n}}\n",
          "{\"format\":1,\"parameters\":{\n\"a\":{\"int\":1}\n}}",                        // no last line end
          "{\"format\":1,\"parameters\":{\n\"b\":{\"int\":1},\n\"a\":{\"int\":1}\n}}\n",  // order
          "{\"format\":1,\"parameters\":{\n\"a\":{\"double\":\"0.10\"}\n}}\n",
          "{\"format\":1,\"parameters\":{\n\"a\":{\"int\":1},\n\"a\":{\"int\":1}\n}}\n"}) {
        CAPTURE(text);
        CHECK(error_of([&] { (void)from_canonical(text, "here"); }).code() == ErrorCode::Corrupt);
    }
}

TEST_CASE("JSON is read with its types: 1 is an int, 1.0 and 1e0 are doubles") {
    const auto set = read_json(R"({"i": 1, "d": 1.0, "e": 1e0, "neg": -9223372036854775808, "z": -0.0, "zi": -0,
 "t": "NaN", "on": false, "li": [1, 2], "ld": [1.0, 2.5], "lt": ["a", ""], "lb": [true],
 "empty": {"int[]": []}, "inf": {"double": "-Infinity"}, "nan": {"double": "NaN"}, "whole": {"double": 3},
 "mixed": {"double[]": [1, -0, 2.5, "Infinity"]}})",
                               "file.json");
    CHECK(set == ParameterSet{{"i", 1},
                              {"d", 1.0},
                              {"e", 1.0},
                              {"neg", kMinusInfinity},
                              {"z", -0.0},
                              {"zi", 0},
                              {"t", "NaN"},
                              {"on", false},
                              {"li", Ints{1, 2}},
                              {"ld", Doubles{1, 2.5}},
                              {"lt", Texts{"a", ""}},
                              {"lb", Bools{true}},
                              {"empty", Ints{}},
                              {"inf", -std::numeric_limits<double>::infinity()},
                              {"nan", std::nan("")},
                              {"whole", 3.0},
                              {"mixed", Doubles{1, -0.0, 2.5, std::numeric_limits<double>::infinity()}}});
    CHECK(read_json("{}", "x").empty());
    CHECK(read_json("\xEF\xBB\xBF{\"a\":1}", "x") == ParameterSet{{"a", 1}});
}

TEST_CASE("what is wrong in a JSON file is told with its line") {
    struct Case {
        const char* text;
        std::vector<const char*> parts;
    };
    for (const auto& [text, parts] : std::vector<Case>{
             {"{\n \"a\": 1,\n \"b\": 2,\n \"a\": 3\n}", {"f.json:4", "'a' stands twice", "line 2"}},
             {"{\n \"a\": 1,\n \"b\" 2}", {"f.json:3", "no JSON"}},
             {"", {"f.json:1", "no JSON"}},
             {"{\"a\":1} x", {"no JSON"}},
             {"[1]", {"f.json", "a list"}},
             {"{\"a\":\n []}", {"parameter 'a'", "an empty list", "int[]"}},
             {"{\"a\": [1, 2.5]}", {"integers and doubles in one list"}},
             {"{\"a\": [1, \"x\"]}", {"several types"}},
             {"{\"a\": [[1]]}", {"holds a list"}},
             {"{\"a\": null}", {"null"}},
             {"{\"a\": {\"b\": 1}}", {"unknown type", "'b'"}},
             {"{\"a\": {\"inte\": 1}}", {"did you mean 'int'"}},
             {"{\"a\": {\"b\": 1, \"c\": 2}}", {"flat"}},
             {"{\"a\": {}}", {"object"}},
             {"{\n\"a\": 9223372036854775808}",
              {"f.json:2", "expected int", "9223372036854775808", "a double takes it"}},
             {"{\"a\": 123456789012345678901234567890}", {"123456789012345678901234567890"}},
             {"{\"a\": 1e999}", {"no JSON"}},
             {"{\"a\": {\"int\": 1.0}}", {"no fraction"}},
             {"{\"a\": {\"bool\": 1}}", {"expected bool, found the integer 1"}},
             {"{\"a\": {\"double\": \"abc\"}}", {"expected double"}},
             {"{\"\": 1}", {"bad name", "f.json:1"}},
             {"{\"a\": \"\xff\"}", {"no JSON"}},
             {"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]}", {"nests too deep"}},
             {"{\n\"a\": [],\n\"b\": 1,\n\"c\": null}", {"2 parameters cannot be read", "f.json:2", "f.json:4"}},
         }) {
        CAPTURE(text);
        const auto error = error_of([&] { (void)read_json(text, "f.json"); });
        CHECK(error.code() == ErrorCode::BadInput);
        for (const auto* part : parts) {
            CAPTURE(error.what());
            CHECK(says(error, part));
        }
    }
}

TEST_CASE("what get prints as JSON is read as the set that it shows") {
    CHECK(test::check_many("values beside their types", 1000, [] {
        const auto set = *any_set();
        std::string values;
        std::string types;
        ParameterSet quiet;  // JSON keeps that something is a NaN, not which
        for (const auto& [name, value] : set) {
            const auto comma = values.empty() ? "" : ",";
            values += comma + params::quote(name) + ":" + params::to_json(value);
            types += comma + params::quote(name) + ":" + params::quote(name_of(type_of(value)));
            auto one = value;
            const auto calm = [](double& number) { number = std::isnan(number) ? std::nan("") : number; };
            if (auto* number = std::get_if<double>(&one)) calm(*number);
            if (auto* numbers = std::get_if<Doubles>(&one)) std::for_each(numbers->begin(), numbers->end(), calm);
            quiet.set(name, one);
        }
        const auto text = R"({"software":"s","parameters":{)" + values + "},\"types\":{" + types + "}}";
        RC_ASSERT(read_json(text, "a test") == quiet);
    }));
    CHECK(says(error_of([] { (void)read_json(R"({"parameters":{"a":1},"types":{}})", "f"); }), "without its type"));
    // A parameter that is called so does no harm.
    CHECK(read_json(R"({"parameters":1,"types":"x"})", "f") == ParameterSet{{"parameters", 1}, {"types", "x"}});
}

TEST_CASE("NAME=VALUE is read by its type, or as JSON has it") {
    const auto value = [](const char* text) { return read_assignment(text).second; };
    CHECK(read_assignment("a=b=c") == std::pair<std::string, ParameterValue>{"a", "b=c"});
    CHECK(same_value(value("a=1"), std::int64_t{1}));
    CHECK(same_value(value("a=-3"), std::int64_t{-3}));
    CHECK(same_value(value("a=1.0"), 1.0));
    CHECK(same_value(value("a=true"), true));
    CHECK(same_value(value("a=\"1\""), std::string("1")));
    CHECK(same_value(value("a="), std::string()));
    CHECK(same_value(value("a=some text"), std::string("some text")));
    CHECK(same_value(value("a=[1,2]"), Ints{1, 2}));
    CHECK(same_value(value("a:int=3"), std::int64_t{3}));
    CHECK(same_value(value("a:double=3"), 3.0));
    CHECK(same_value(value("a:double=nan"), std::nan("")));
    CHECK(same_value(value("a:double=-inf"), -std::numeric_limits<double>::infinity()));
    CHECK(same_value(value("a:double=-0"), -0.0));
    CHECK(same_value(value("a:double=nan:fff8000000000001"), from_bits(0xfff8000000000001)));
    CHECK(same_value(value("a:text=3"), std::string("3")));
    CHECK(same_value(value("a:text=\"q\""), std::string("\"q\"")));
    CHECK(same_value(value("a:bool=false"), false));
    CHECK(same_value(value("a:text[]=[\"a\",\"b\"]"), Texts{"a", "b"}));
    CHECK(same_value(value("a:int[]=[]"), Ints{}));
    CHECK(same_value(value("a:double[]=[1,\"NaN\"]"), Doubles{1, std::nan("")}));
    for (const char* text : {"a",
                             "=1",
                             "a=nan",
                             "a=inf",
                             "a=-Infinity",
                             "a=007",
                             "a=+3",
                             "a=.5",
                             "a=[]",
                             "a=[1,",
                             "a={",
                             "a=\"x",
                             "a=null",
                             "a=99999999999999999999",
                             "a:int=1.0",
                             "a:int=x",
                             "a:int=9223372036854775808",
                             "a:int=",
                             "a:bool=1",
                             "a:bool=yes",
                             "a:text[]=a,b",
                             "a:int[]=1",
                             "a:inte=1",
                             ":int=1",
                             "a:double=x",
                             "a:double=",
                             "a:double=1e999",
                             "a:=1",
                             "a={\"b\":1}"}) {
        CAPTURE(text);
        CHECK(error_of([&] { (void)read_assignment(text); }).code() == ErrorCode::BadInput);
    }
    CHECK(says(error_of([] { (void)read_assignment("a:inte=1"); }), "did you mean 'int'"));
    CHECK(says(error_of([] { (void)read_assignment("a=nan"); }), "a:double=nan"));
    CHECK(test::check_many("a value behind its type", 1000, [] {
        const auto value = *any_value();
        if (std::holds_alternative<Doubles>(value)) return;  // JSON lists keep no NaN's bits
        const auto text = "x:" + std::string(name_of(type_of(value))) + "=" + params::to_text(value);
        RC_ASSERT(same_value(read_assignment(text).second, value));
    }));
}

TEST_CASE("differences are names with what they were and are") {
    const ParameterSet before{{"a", 1}, {"b", 2}, {"n", std::nan("")}, {"z", 0.0}};
    const ParameterSet after{{"b", 2.0}, {"c", 3}, {"n", std::nan("")}, {"z", -0.0}};
    const auto found = params::differences(before, after);
    REQUIRE(found.size() == 4);
    CHECK((found[0].name == "a" && found[0].before && !found[0].after));
    CHECK((found[1].name == "b" && same_value(*found[1].before, std::int64_t{2}) && same_value(*found[1].after, 2.0)));
    CHECK((found[2].name == "c" && !found[2].before && found[2].after));
    CHECK(found[3].name == "z");
    CHECK(test::check_many("differences lead from one set to the other", 500, [] {
        const auto from = *any_set();
        const auto to = *any_set();
        auto patched = from;
        for (const auto& one : params::differences(from, to)) {
            if (one.after) {
                patched.set(one.name, *one.after);
            } else {
                RC_ASSERT(patched.erase(one.name));
            }
        }
        RC_ASSERT(patched == to);
        RC_ASSERT(params::differences(from, from).empty());
    }));
}
