#include "schema/enumerators.h"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>

using namespace etalon;
using namespace etalon::schema;

namespace {

Element enumeration(ScalarType type, std::vector<std::pair<std::string, std::int64_t>> values,
                    std::string c_type = "enum Status") {
    Element element;
    element.path = "status";
    element.type = type;
    element.c_type = std::move(c_type);
    element.enumerators = std::move(values);
    return element;
}

template <class T>
bool is_named(const Element& element, T value) {
    std::byte bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    return has_enumerator(element, bytes);
}

}  // namespace

TEST_CASE("an enumerator is found by its name, qualified by its type, and with others by their bits") {
    const auto flags = enumeration(ScalarType::Int32, {{"kNone", 0}, {"kA", 1}, {"kB", 2}, {"kC", 8}, {"kMinus", -1}});
    CHECK(find_enumerator(flags, "kA") == 1);
    CHECK(find_enumerator(flags, "Status::kB") == 2);
    CHECK(find_enumerator(flags, "ns::Status::kB") == 2);
    CHECK(find_enumerator(flags, "kA|kC") == 9);
    CHECK(find_enumerator(flags, " kA | Status::kB ") == 3);
    CHECK(find_enumerator(flags, "kNone|kA") == 1);
    CHECK(find_enumerator(flags, "kMinus") == -1);
    for (const char* bad :
         {"", "k", "ka", "Color::kA", "kA|", "|kA", "kA||kB", "kA|4", "kA kB", "::kA", "Status::", "kMinus|kA", "1"})
        CHECK_MESSAGE(!find_enumerator(flags, bad), bad);
    CHECK(find_enumerator(enumeration(ScalarType::Int32, {{"kA", 1}}, "enum (unnamed)"), "Any::kA") == 1);
    CHECK_FALSE(find_enumerator(enumeration(ScalarType::Int32, {}), "kA"));
}

TEST_CASE("a value has the name of its enumerator, or those of all its bits, or none") {
    const auto flags = enumeration(ScalarType::Int32,
                                   {{"kNone", 0}, {"kA", 1}, {"kOther", 1}, {"kB", 2}, {"kMask", 12}, {"kMinus", -1}});
    CHECK(enumerator_text(flags, 0) == "kNone");
    CHECK(enumerator_text(flags, 1) == "kA");
    CHECK(enumerator_text(flags, 3) == "kA|kB");
    CHECK(enumerator_text(flags, 12) == "kMask");
    CHECK(enumerator_text(flags, -1) == "kMinus");
    for (const int bad : {4, 9, 13, -2, 8}) {
        CHECK(enumerator_text(flags, bad) == "");
        CHECK_FALSE(is_named(flags, bad));
    }
    CHECK(is_named(flags, 3));
    CHECK(is_named(flags, -1));
    const auto wide =
        enumeration(ScalarType::UInt64, {{"kTop", std::numeric_limits<std::int64_t>::min()}, {"kOne", 1}});
    CHECK(is_named(wide, std::uint64_t{1} << 63));
    CHECK(is_named(wide, (std::uint64_t{1} << 63) + 1));
    CHECK(enumerator_text(wide, std::numeric_limits<std::int64_t>::min() + 1) == "kOne|kTop");
    const auto small = enumeration(ScalarType::Int8, {{"kLow", -128}, {"kOne", 1}});
    CHECK(is_named(small, std::int8_t{-128}));
    CHECK_FALSE(is_named(small, std::int8_t{-127}));
    CHECK(list_enumerators(wide) == "kTop (9223372036854775808), kOne (1)");
}
