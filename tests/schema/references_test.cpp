// The references that rows hold.

#include "schema/references.h"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "schema/build.h"

namespace etalon::test {

TEST_CASE("references are visited row after row, members in order, null ones not") {
    auto layout = natural({element("n", ScalarType::Int32), element("by", ScalarType::Ref),
                           element("tags", ScalarType::Ref, {2, 2}), element("uid", ScalarType::Uid)});
    layout.elements[1].target = "User";
    layout.elements[2].target = "Tag";
    CHECK(schema::has_references(layout));
    CHECK(schema::has_identities(layout));
    std::vector<std::byte> rows(layout.size * 2);
    const auto set = [&](std::size_t row, std::size_t element, std::size_t item, int value) {
        rows[row * layout.size + layout.elements[element].offset + item * 16 + 15] = static_cast<std::byte>(value);
    };
    set(0, 2, 3, 5);
    set(1, 1, 0, 6);
    set(1, 2, 0, 7);
    set(0, 3, 0, 8);  // a uid is no reference
    std::vector<std::string> found;
    schema::visit_references(layout, rows.data(), 2, [&](const schema::RowReference& one) {
        found.push_back(std::to_string(one.row) + " " + schema::member_name(layout.elements[one.element], one.item) +
                        " " + std::to_string(one.id.bytes[15]));
    });
    CHECK(found == std::vector<std::string>{"0 tags[1][1] 5", "1 by 6", "1 tags[0][0] 7"});
    CHECK(schema::find_null_uid(layout, rows.data()).empty());
    CHECK(schema::find_null_uid(layout, rows.data() + layout.size) == "uid");
    const auto plain = natural({element("x", ScalarType::Float64)});
    CHECK_FALSE(schema::has_identities(plain));
    CHECK_FALSE(schema::has_references(plain));
}

}  // namespace etalon::test
