// The id that a row has.

#include <doctest/doctest.h>

#include <cstring>

#include "etalon/error.h"
#include "etalon/object.h"
#include "schema/build.h"
#include "schema/references.h"

namespace etalon::test {
namespace {

StructDefinition user() {
    auto definition = natural(
        {element("name", ScalarType::Char, {8}), element("n", ScalarType::Int8), element("x", ScalarType::Float64),
         element("uid", ScalarType::Uid), element("tags", ScalarType::Ref, {2})},
        "ns::User");
    definition.elements.back().target = "Tag";
    return definition;
}

}  // namespace

TEST_CASE("an id is made of name, definition and values, not of padding and what stands behind a text") {
    const auto layout = user();
    std::vector<std::byte> row(layout.size);
    std::memcpy(row.data(), "Bob", 4);
    row[layout.elements[3].offset] = std::byte{1};
    const auto id = compute_object_id(layout, row.data());
    CHECK_FALSE(id.is_null());
    auto other = row;
    other[5] = std::byte{9};   // behind the text
    other[12] = std::byte{9};  // padding
    CHECK(compute_object_id(layout, other.data()) == id);
    other = row;
    other[2] = std::byte{'p'};
    CHECK(compute_object_id(layout, other.data()) != id);
    auto renamed = layout;
    renamed.name = "User";
    CHECK(compute_object_id(renamed, row.data()) != id);
    auto with_unit = layout;
    with_unit.elements[2].unit = "cm";
    CHECK(compute_object_id(with_unit, row.data()) != id);
    auto commented = layout;
    commented.elements[2].comment = "not part of it";
    CHECK(compute_object_id(commented, row.data()) == id);
}

TEST_CASE("the text that is hashed is the one of the storage format") {
    // sha256("etalon.object.1\nGroup\n" + 64 times '1' + "\n" + 64 times '2' + "\n"), the first 16 bytes.
    Sha256 definition{};
    Sha256 content{};
    definition.fill(std::byte{0x11});
    content.fill(std::byte{0x22});
    CHECK(format_id(schema::make_object_id("Group", definition, content)) == "9d8403df9699cee2b16f98a879e2c3b3");
}

TEST_CASE("an object has no id before it has its identity") {
    const auto layout = user();
    const std::vector<std::byte> row(layout.size);
    try {
        (void)compute_object_id(layout, row.data());
        FAIL("an id");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::BadInput);
        CHECK(error.info().where == "struct ns::User, member uid");
    }
}

}  // namespace etalon::test
