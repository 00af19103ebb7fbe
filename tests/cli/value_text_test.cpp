#include "cli/render/value_text.h"

#include <doctest/doctest.h>

#include <cstring>
#include <numeric>

using namespace etalon;
using namespace etalon::cli;

namespace {

Element make(ScalarType type, std::vector<std::uint64_t> dims) {
    Element element;
    element.path = std::string(1, 'e');  // GCC 12 warns of an overlap in the assignment of a literal
    element.type = type;
    element.dims = std::move(dims);
    return element;
}

}  // namespace

TEST_CASE("a short array is shown whole and a wide one by its first values and their number") {
    std::vector<std::int32_t> values(230400);
    std::iota(values.begin(), values.end(), 1);
    const auto* row = reinterpret_cast<const std::byte*>(values.data());
    CHECK(value_text(make(ScalarType::Int32, {3}), row, 40) == "[1, 2, 3]");
    const auto wide = value_text(make(ScalarType::Int32, {24, 100, 96}), row, 40);
    CHECK(wide.size() <= 40);
    CHECK(wide.starts_with("[1, 2, 3, "));
    CHECK(wide.ends_with("... 230400 values]"));
}

TEST_CASE("an array of which not even one value fits still shows the first") {
    const std::int64_t values[2] = {123456789012345, 1};
    CHECK(value_text(make(ScalarType::Int64, {2}), reinterpret_cast<const std::byte*>(values), 5) ==
          "[123456789012345, ... 2 values]");
}

TEST_CASE("types are written with their dimensions") {
    CHECK(type_text(make(ScalarType::Float32, {24, 3})) == "float32[24][3]");
    CHECK(type_text(make(ScalarType::Char, {32})) == "char[32]");
    CHECK(type_text(make(ScalarType::Bool, {})) == "bool");
}

TEST_CASE("a list of texts counts texts, not bytes") {
    char texts[2][4] = {"ab", "cd"};
    CHECK(value_text(make(ScalarType::Char, {2, 4}), reinterpret_cast<const std::byte*>(texts), 40) == "[ab, cd]");
}
