#include "schema/definition.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "etalon/error.h"
#include "tests/schema/build.h"
#include "tests/schema/random_definitions.h"

using namespace etalon;
using namespace etalon::schema;
using etalon::test::element;
using etalon::test::natural;

namespace {

StructDefinition rich() {
    auto definition = natural({element("id", ScalarType::UInt64), element("gain", ScalarType::Float32, {2, 3}, "mV/fC"),
                               element("name", ScalarType::Char, {8}), element("color", ScalarType::UInt32),
                               element("hit[0].x", ScalarType::Float64), element("hit[1].x", ScalarType::Float64)},
                              "ns::Rich");
    definition.comment = "a \"rich\" one";
    definition.elements[1].comment = "the gain\nof it";
    definition.elements[1].default_value = "1.5";
    definition.elements[1].renamed_from = "oldGain";
    definition.elements[1].c_type = "gain_t";
    definition.elements[2].default_value = "abc";
    definition.elements[3].enumerators = {{"Red", 0}, {"Blue", 4000000000}};
    return definition;
}

const char* kRichJson =
    R"({"name":"ns::Rich","size":64,"alignment":8,"comment":"a \"rich\" one","elements":[)"
    R"({"name":"id","type":"uint64","dims":[],"offset":0,"unit":""},)"
    R"({"name":"gain","type":"float32","dims":[2,3],"offset":8,"unit":"mV/fC","comment":"the gain\nof it","default":"1.5","renamedFrom":"oldGain","ctype":"gain_t"},)"
    R"({"name":"name","type":"char","dims":[8],"offset":32,"unit":"","default":"abc"},)"
    R"({"name":"color","type":"uint32","dims":[],"offset":40,"unit":"","enumerators":[["Red",0],["Blue",4000000000]]},)"
    R"({"name":"hit[0].x","type":"float64","dims":[],"offset":48,"unit":""},)"
    R"({"name":"hit[1].x","type":"float64","dims":[],"offset":56,"unit":""}]})";

bool refuses(const std::string& text) {
    try {
        (void)from_json(text, "here");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::BadInput);
        CHECK(std::string(error.what()).find("here") != std::string::npos);
        return true;
    }
    return false;
}

/// The rich definition with one piece of its JSON replaced.
std::string with(const std::string& from, const std::string& to) {
    std::string text = kRichJson;
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

bool finds(const StructDefinition& definition, const std::string& part) {
    for (const auto& finding : validate(definition)) {
        if (finding.find(part) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a definition is written as one canonical line of JSON and read back") {
    CHECK(to_json(rich()) == kRichJson);
    CHECK(from_json(kRichJson, "test") == rich());
}

TEST_CASE("random definitions are sound and survive JSON") {
    CHECK(rc::check("round trip", [] {
        test::LayoutOptions options;
        options.packed = test::pick(0, 2) == 1;
        options.extra_gaps = test::pick(0, 2) == 1;
        const StructDefinition definition = test::random_definition("Sample", options);
        RC_ASSERT(validate(definition).empty());
        const std::string text = to_json(definition);
        const StructDefinition again = from_json(text, "test");
        RC_ASSERT(again == definition);
        RC_ASSERT(to_json(again) == text);
        RC_ASSERT(definition_hash(again) == definition_hash(definition));
    }));
}

TEST_CASE("optional keys may be left out and be in any order") {
    const auto definition =
        from_json(R"({"elements":[{"offset":0,"type":"int8","name":"x"}],"alignment":1,"size":1,"name":"S"})", "t");
    CHECK(definition == natural({element("x", ScalarType::Int8)}, "S"));
}

TEST_CASE("malformed definitions are refused with their origin") {
    CHECK(refuses(""));
    CHECK(refuses("null"));
    CHECK(refuses("[]"));
    CHECK(refuses("{}"));
    CHECK(refuses(std::string(kRichJson) + "x"));
    CHECK(refuses(std::string(100000, '[')));
    CHECK(refuses(with(R"("size":64)", R"("size":-64)")));
    CHECK(refuses(with(R"("size":64)", R"("size":64.0)")));
    CHECK(refuses(with(R"("size":64)", R"("size":"64")")));
    CHECK(refuses(with(R"("size":64)", R"("size":1e999)")));
    CHECK(refuses(with(R"("size":64)", R"("size":18446744073709551616)")));
    CHECK(refuses(with(R"("size":64)", R"("size":18446744073709551608)")));
    CHECK(refuses(with(R"("size":64)", R"("size":64,"size":64)")));
    CHECK(refuses(with(R"("size":64)", R"("size":56)")));
    CHECK(refuses(with(R"("alignment":8)", R"("alignment":0)")));
    CHECK(refuses(with(R"("alignment":8)", R"("alignment":3)")));
    CHECK(refuses(with(R"("alignment":8)", R"("align":8)")));
    CHECK(refuses(with(R"("alignment":8)", R"("alignment":8,"more":1)")));
    CHECK(refuses(with(R"("dims":[2,3])", R"("dims":[2,0])")));
    CHECK(refuses(with(R"("dims":[2,3])", R"("dims":[4294967296,4294967296,4294967296])")));
    CHECK(refuses(with(R"("dims":[2,3])", R"("dims":{"a":1})")));
    CHECK(refuses(with(R"("dims":[2,3])", R"("dims":["2",3])")));
    CHECK(refuses(with(R"("offset":8)", R"("offset":18446744073709551600)")));
    CHECK(refuses(with(R"("offset":8)", R"("offset":4)")));
    CHECK(refuses(with(R"("type":"uint64")", R"("type":"long")")));
    CHECK(refuses(with(R"("type":"uint64")", R"("type":9)")));
    CHECK(refuses(with(R"("name":"gain")", R"("name":"id")")));
    CHECK(refuses(with(R"("name":"gain")", R"("name":"")")));
    CHECK(refuses(with(R"("name":"gain")", R"("name":"a;b")")));
    CHECK(refuses(with(R"("name":"ns::Rich")", R"("name":"ns::")")));
    CHECK(refuses(with(R"("name":"hit[0].x")", R"("name":"hit[00].x")")));
    CHECK(refuses(with(R"("name":"hit[0].x")", R"("name":"gain.x")")));
    CHECK(refuses(with(R"("name":"hit[0].x")", R"("name":"hit.x")")));
    CHECK(refuses(with(R"("name":"hit[0].x")", R"("name":"x[0]")")));
    CHECK(refuses(with(R"("default":"1.5")", R"("default":1.5)")));
    CHECK(refuses(with(R"("default":"1.5")", R"("default":"abc")")));
    CHECK(refuses(with(R"("default":"abc")", R"("default":"abcdefghi")")));
    CHECK(refuses(with(R"(["Blue",4000000000])", R"(["Blue",5000000000])")));
    CHECK(refuses(with(R"(["Blue",4000000000])", R"(["Blue",18446744073709551615])")));
    CHECK(refuses(with(R"(["Blue",4000000000])", R"(["Blue"])")));
    CHECK(refuses(with(R"(["Blue",4000000000])", R"(["Red",1])")));
    CHECK(refuses(with(R"("comment":"a)", "\"comment\":\"\xff")));
    CHECK(refuses(R"({"name":"S","size":1,"alignment":1,"elements":[]})"));
}

TEST_CASE("hostile changes of the text never do anything but throw Error or read a sound definition") {
    CHECK(rc::check("mutations", [] {
        std::string text = kRichJson;
        const auto changes = *rc::gen::inRange(1, 6);
        for (int i = 0; i < changes; ++i) {
            const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
            switch (*rc::gen::inRange(0, 3)) {
                case 0:
                    text[at] = *rc::gen::element('"', '{', '}', '[', ']', ',', ':', '0', '9', '-', '.', 'e', '\\', '\0',
                                                 '\xff');
                    break;
                case 1:
                    text.erase(at, *rc::gen::inRange<std::size_t>(1, 30));
                    break;
                default:
                    text.insert(at, text.substr(*rc::gen::inRange<std::size_t>(0, text.size()), 20));
                    break;
            }
            if (text.empty()) text = " ";
        }
        try {
            const auto definition = from_json(text, "fuzz");
            RC_ASSERT(validate(definition).empty());
        } catch (const Error& error) {
            RC_ASSERT(error.code() == ErrorCode::BadInput);
        }
    }));
}

TEST_CASE("text that is not UTF-8 is kept as Latin-1 and has the same hash before and after") {
    auto definition =
        natural({element("angle", ScalarType::Float32, {}, "\xb0"), element("name", ScalarType::Char, {4})});
    definition.elements[0].comment = "M\xfcnchen";
    definition.elements[1].default_value = "\xe9";
    const auto again = from_json(to_json(definition), "test");
    CHECK(again.elements[0].unit == "\xc2\xb0");
    CHECK(again.elements[0].comment == "M\xc3\xbcnchen");
    CHECK(again.elements[1].default_value == "\\xe9");
    CHECK(definition_hash(again) == definition_hash(definition));
    CHECK(to_json(again) == to_json(definition));
}

TEST_CASE(
    "layout_hash sees names, types, dims and offsets, definition_hash also units, enumerators, defaults and renames") {
    const auto base = rich();
    const auto differs = [&](auto change) {
        auto other = base;
        change(other);
        return std::pair{layout_hash(other) != layout_hash(base), definition_hash(other) != definition_hash(base)};
    };
    const std::pair both{true, true};
    const std::pair definition_only{false, true};
    const std::pair none{false, false};
    CHECK(differs([](auto& d) { d.name = "Other"; }) == both);
    CHECK(differs([](auto& d) { d.size += 8; }) == both);
    CHECK(differs([](auto& d) { d.alignment = 16; }) == both);
    CHECK(differs([](auto& d) { d.elements[0].path = "idd"; }) == both);
    CHECK(differs([](auto& d) { d.elements[0].type = ScalarType::Int64; }) == both);
    CHECK(differs([](auto& d) { d.elements[1].dims = {3, 2}; }) == both);
    CHECK(differs([](auto& d) { d.elements[3].offset = 44; }) == both);
    CHECK(differs([](auto& d) { d.elements[1].unit = "V"; }) == definition_only);
    CHECK(differs([](auto& d) { d.elements[3].enumerators[0].second = 1; }) == definition_only);
    CHECK(differs([](auto& d) { d.elements[3].enumerators[0].first = "Rot"; }) == definition_only);
    CHECK(differs([](auto& d) { d.elements[1].default_value.reset(); }) == definition_only);
    CHECK(differs([](auto& d) { d.elements[0].default_value = ""; }) == definition_only);
    CHECK(differs([](auto& d) { d.elements[1].renamed_from = "x"; }) == definition_only);
    CHECK(differs([](auto& d) {
              d.elements[1].comment = "x";
              d.comment = "";
          }) == none);
    CHECK(differs([](auto& d) { d.elements[1].c_type = "x"; }) == none);
    CHECK(differs([](auto& d) { d.source = "x.h:1:1"; }) == none);
}

TEST_CASE("a default is one value, or a list of as many as the array has items") {
    const auto sound = [](ScalarType type, std::vector<std::uint64_t> dims, const char* text) {
        auto definition = natural({element("v", type, std::move(dims))});
        definition.elements[0].default_value = text;
        if (!validate(definition).empty()) return false;
        const auto again = from_json(to_json(definition), "test");
        CHECK(again.elements[0].default_value == text);
        CHECK(definition_hash(again) == definition_hash(definition));
        return true;
    };
    CHECK(sound(ScalarType::Int32, {2, 2}, "{1, 2, 3, 4}"));
    CHECK(sound(ScalarType::Char, {2, 3}, R"({"a", "b,c"})"));
    CHECK(sound(ScalarType::Char, {2, 9}, "{a, b}"));  // a text that begins with a brace, for every item
    CHECK_FALSE(sound(ScalarType::Int32, {2, 2}, "{1, 2, 3}"));
    CHECK_FALSE(sound(ScalarType::Int32, {2, 2}, "{{1, 2}, {3, 4}}"));
    CHECK_FALSE(sound(ScalarType::Int32, {2}, "{1, x}"));
    CHECK_FALSE(sound(ScalarType::Int32, {2}, "{1, 2"));
    CHECK_FALSE(sound(ScalarType::Int32, {}, "{1}"));
    CHECK_FALSE(sound(ScalarType::Char, {2, 3}, R"({"a", "abcd"})"));
    CHECK_FALSE(sound(ScalarType::Char, {9}, R"({"a"})"));
}

TEST_CASE("validate reports every finding") {
    auto definition = rich();
    definition.size = 60;
    definition.elements[1].dims = {0};
    definition.elements[2].path = "id";
    CHECK(validate(definition).size() >= 3);
    CHECK(finds(definition, "multiple of the alignment"));
    CHECK(finds(definition, "dimension is zero"));
    CHECK(finds(definition, "twice"));

    definition = rich();
    definition.elements[1].offset = 4;
    CHECK(finds(definition, "overlap"));
    definition = rich();
    std::swap(definition.elements[0], definition.elements[1]);
    CHECK(finds(definition, "stands before"));
    definition = rich();
    definition.elements[2].dims.clear();
    CHECK(finds(definition, "char needs a dimension"));
    definition = rich();
    definition.elements[0].default_value = "-1";
    CHECK(finds(definition, "default"));
    definition = rich();
    definition.elements[1].enumerators = {{"A", 1}};
    CHECK(finds(definition, "no integer"));
}

TEST_CASE("a packed definition has no padding and the sum of the bytes") {
    const auto definition = packed(rich());
    CHECK(definition.alignment == 1);
    CHECK(definition.size == packed_size(rich()));
    CHECK(definition.size == 8 + 24 + 8 + 4 + 16);
    CHECK(definition.elements[4].offset == 44);
    CHECK(validate(definition).empty());
    CHECK(packed(definition) == definition);
}
