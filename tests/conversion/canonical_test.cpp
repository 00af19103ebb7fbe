#include "conversion/canonical.h"

#include <doctest/doctest.h>

#include <cstring>

#include "etalon/error.h"
#include "schema/definition.h"
#include "tests/schema/build.h"

using namespace etalon;
using namespace etalon::schema;
using namespace etalon::conversion;
using etalon::test::element;
using etalon::test::natural;

namespace {

struct Row {
    char kind;
    // three bytes of padding
    float gain;
    char name[6];
    char tags[2][3];
};

StructDefinition layout() {
    return natural({element("kind", ScalarType::Int8), element("gain", ScalarType::Float32),
                    element("name", ScalarType::Char, {6}), element("tags", ScalarType::Char, {2, 3})});
}

Row make_row(int garbage) {
    Row row;
    std::memset(static_cast<void*>(&row), garbage, sizeof row);
    row.kind = 7;
    row.gain = 1.5F;
    std::strcpy(row.name, "ab");
    std::strcpy(row.tags[0], "x");
    std::memcpy(row.tags[1], "xyz", 3);
    return row;
}

RowBlock canonical(const std::vector<Row>& rows) {
    return to_canonical(layout(), std::as_bytes(std::span(rows)), rows.size());
}

}  // namespace

TEST_CASE("canonical rows have neither padding nor what follows a NUL") {
    REQUIRE(layout().size == sizeof(Row));
    const auto block = canonical({make_row(0), make_row(0xAA)});
    CHECK(block.layout->size == 17);
    CHECK(*block.layout == packed(layout()));
    CHECK(block.num_rows == 2);
    CHECK(std::memcmp(block.row(0), block.row(1), 17) == 0);
    CHECK(std::memcmp(block.row(1),
                      "\x07\x00\x00\xc0\x3f"
                      "ab\0\0\0\0"
                      "x\0\0"
                      "xyz",
                      17) == 0);
}

TEST_CASE("the content hash sees rows and their number and nothing else") {
    CHECK(content_hash(canonical({make_row(0)})) == content_hash(canonical({make_row(0x55)})));
    CHECK(content_hash(canonical({make_row(0)})) != content_hash(canonical({make_row(0), make_row(0)})));
    CHECK(content_hash(canonical({})) != content_hash(canonical({make_row(0)})));
    auto other = make_row(0);
    other.gain = -0.0F;
    auto zero = make_row(0);
    zero.gain = 0.0F;
    CHECK(content_hash(canonical({other})) != content_hash(canonical({zero})));
    CHECK(canonical({}).num_rows == 0);
}

TEST_CASE("canonical rows of canonical rows are the same") {
    const auto once = canonical({make_row(0x55), make_row(1)});
    const auto twice = to_canonical(*once.layout, once.data.bytes(), once.num_rows);
    CHECK(content_hash(once) == content_hash(twice));
}

TEST_CASE("rows of the wrong size are refused") {
    const std::vector<std::byte> bytes(sizeof(Row) + 1);
    CHECK_THROWS_AS((void)to_canonical(layout(), bytes, 1), Error);
    CHECK_THROWS_AS((void)to_canonical(layout(), bytes, 2), Error);
    CHECK_THROWS_AS((void)to_canonical(layout(), bytes, ~std::uint64_t{0} / sizeof(Row) + 2), Error);
}
