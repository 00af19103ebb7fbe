// Members that refer, identify and point to files: definitions, hashes, headers and text.

#include <doctest/doctest.h>

#include <cstring>
#include <sstream>

#include "etalon/error.h"
#include "etalon/ref.h"
#include "schema/definition.h"
#include "schema/natural_layout.h"
#include "schema/value_text.h"

using namespace etalon;

namespace {

constexpr std::string_view kId = "00112233445566778899aabbccddeeff";

Element element(std::string path, ScalarType type, std::uint64_t offset, std::string target = {},
                std::vector<std::uint64_t> dims = {}) {
    Element made;
    made.path = std::move(path);
    made.type = type;
    made.offset = offset;
    made.target = std::move(target);
    made.dims = std::move(dims);
    return made;
}

StructDefinition image() {
    StructDefinition definition;
    definition.name = "Image";
    definition.alignment = 8;
    definition.elements = {element("uid", ScalarType::Uid, 0), element("session", ScalarType::Ref, 16, "Session"),
                           element("by", ScalarType::Ref, 32, "ns::User", {3}),
                           element("pixels", ScalarType::File, 80)};
    definition.size = 120;
    return definition;
}

}  // namespace

TEST_CASE("a definition with references is sound, and its stored form gives it back with its hash") {
    const auto definition = image();
    CHECK(schema::validate(definition).empty());
    const auto text = schema::to_json(definition);
    CHECK(text.find(R"("type":"ref","target":"ns::User")") != std::string::npos);
    const auto back = schema::from_json(text, "test");
    CHECK(back == definition);
    CHECK(schema::definition_hash(back) == schema::definition_hash(definition));
}

TEST_CASE("what a reference refers to is part of both hashes") {
    const auto definition = image();
    auto other = definition;
    other.elements[1].target = "Sessions";
    CHECK(schema::layout_hash(other) != schema::layout_hash(definition));
    CHECK(schema::definition_hash(other) != schema::definition_hash(definition));
}

TEST_CASE("a reference has a target, nothing else has one, and none has a unit or a default") {
    auto none = image();
    none.elements[1].target.clear();
    CHECK(schema::validate(none).size() == 1);
    auto wrong = image();
    wrong.elements[0].target = "Session";
    CHECK(schema::validate(wrong).size() == 1);
    auto name = image();
    name.elements[1].target = "no name";
    CHECK(schema::validate(name).size() == 1);
    auto unit = image();
    unit.elements[3].unit = "mm";
    CHECK(schema::validate(unit).size() == 1);
    auto filled = image();
    filled.elements[0].default_value = kId;
    CHECK(schema::validate(filled).size() == 1);
}

TEST_CASE("a natural layout puts references anywhere and files at multiples of eight") {
    StructDefinition definition = image();
    definition.elements[3].offset = 0;
    definition.elements.insert(definition.elements.begin(), element("flag", ScalarType::Bool, 0));
    schema::set_natural_layout(definition, "test");
    CHECK(definition.elements[1].offset == 1);
    CHECK(definition.elements[2].offset == 17);
    CHECK(definition.elements[4].offset == 88);
    CHECK(definition.size == 128);
}

TEST_CASE("a header with references declares what they refer to") {
    const auto header = schema::to_c_header(image(), {});
    CHECK(header.find("#include <etalon/ref.h>") != std::string::npos);
    CHECK(header.find("struct Session;") != std::string::npos);
    CHECK(header.find("namespace ns { struct User; }") != std::string::npos);
    CHECK(header.find("ETALON_REF(ns::User) by[3];") != std::string::npos);
    CHECK(header.find("ETALON_FILE pixels;") != std::string::npos);
    CHECK(header.find("aligned") == std::string::npos);
}

TEST_CASE("identities have one text form, upper case is read, and nothing else is") {
    std::byte out[40];
    const auto parse = [&](ScalarType type, std::string_view text) {
        std::memset(out, 0x55, sizeof out);
        return schema::parse_number(type, text, out) == schema::ValueProblem::None;
    };
    REQUIRE(parse(ScalarType::Ref, kId));
    ObjectId id;
    std::memcpy(&id, out, sizeof id);
    CHECK(id.bytes[1] == 0x11);
    CHECK(format_id(id) == kId);
    CHECK(parse_id("00112233445566778899AABBCCDDEEFF") == id);
    CHECK(parse(ScalarType::Uid, ""));
    CHECK(out[0] == std::byte{0});
    for (const auto* bad : {"0", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeefg", " "}) {
        CHECK_FALSE(parse(ScalarType::Ref, bad));
        CHECK(out[0] == std::byte{0x55});
    }
    const auto digest = std::string(64, 'a');
    REQUIRE(parse(ScalarType::File, "sha256:" + digest + ":77"));
    File file;
    std::memcpy(&file, out, sizeof file);
    CHECK(file.size == 77);
    CHECK(format_file(file) == "sha256:" + digest + ":77");
    for (const auto& bad :
         {digest, "sha256:" + digest, "sha256:" + digest + ":", "sha256:" + digest + ":-1", "sha256:" + digest + ":+1",
          "sha256:" + digest.substr(1) + ":1", "sha256:" + digest + ":99999999999999999999"}) {
        CHECK_FALSE(parse_file(bad).has_value());
    }
    CHECK(parse_file("")->is_null());
}
