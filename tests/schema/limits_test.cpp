// Limits of values and keys of rows.
#include "schema/limits.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>

#include "base/bytes.h"
#include "schema/definition.h"

using namespace etalon;
using namespace etalon::schema;

namespace {

Element element_of(ScalarType type, std::vector<std::uint64_t> dims = {}, std::string path = "x") {
    Element element;
    element.path = std::move(path);
    element.type = type;
    element.dims = std::move(dims);
    return element;
}

std::string read(const Element& element, std::string_view text) {
    const auto found = read_limits(element, text);
    if (!found.problem.empty()) return found.is_prose ? "prose" : "mistake";
    return fmt::format("{}", fmt::join(found.limits, "; "));
}

/// One element with these limits, alone in its struct.
StructDefinition alone(Element element, std::string_view limits) {
    StructDefinition definition;
    definition.name = "Alone";
    element.limits = read_limits(element, limits).limits;
    REQUIRE_FALSE(element.limits.empty());
    definition.size = element.bytes();
    definition.elements = {std::move(element)};
    return definition;
}

template <class T>
std::vector<std::string> violations(const StructDefinition& definition, const std::vector<T>& rows) {
    std::vector<std::string> found;
    REQUIRE(rows.size() * sizeof(T) % definition.size == 0);
    check_limits(definition, reinterpret_cast<const std::byte*>(rows.data()), rows.size() * sizeof(T) / definition.size,
                 [&](const LimitViolation& violation) {
                     found.push_back(describe(violation));
                     return true;
                 });
    return found;
}

using Texts = std::vector<std::string>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("limits are read in their forms, others are prose or mistakes") {
    const auto number = element_of(ScalarType::Int32);
    const auto real = element_of(ScalarType::Float64);
    const auto text = element_of(ScalarType::Char, {8});
    CHECK(read(number, "[0, 4096)") == "[0, 4096)");
    CHECK(read(number, "  [ +0,4096 ] ;unique") == "[0, 4096]; unique");
    CHECK(read(number, "(-inf, 5]") == "(-inf, 5]");
    CHECK(read(number, "[, 5]") == "(-inf, 5]");
    CHECK(read(number, "[0, inf]") == "[0, inf)");
    CHECK(read(real, "[0, inf]") == "[0, inf]");
    CHECK(read(real, "[0, inf)") == "[0, inf)");
    CHECK(read(real, "(0,1.50); not nan") == "(0, 1.5); not nan");
    CHECK(read(number, "one of 0, 1,7") == "one of 0, 1, 7");
    CHECK(read(text, "one of \"a, b\", \"c;d\"; unique") == "one of \"a, b\", \"c;d\"; unique");
    CHECK(read(real, "increasing") == "increasing");
    for (const char* prose : {"see the manual", "", ";", "0 to 5", "must be positive", "not NaN or so", "ascending"}) {
        CAPTURE(prose);
        CHECK(read(number, prose) == "prose");
    }
    CHECK(read(number, "[0, 5.5]") == "mistake");
    CHECK(read(element_of(ScalarType::UInt8), "[0, 256)") == "mistake");
    CHECK(read(number, "[5, 0]") == "mistake");
    CHECK(read(number, "(5, 5]") == "mistake");
    CHECK(read(number, "[0, 1, 2]") == "mistake");
    CHECK(read(real, "[nan, 1]") == "mistake");
    CHECK(read(number, "not nan") == "mistake");
    CHECK(read(text, "[0, 1]") == "mistake");
    CHECK(read(text, "increasing") == "mistake");
    CHECK(read(number, "one of 0, many") == "mistake");
    CHECK(read(number, "one of 0,, 1") == "mistake");
    auto named = element_of(ScalarType::Int32);
    named.enumerators = {{"kOff", 0}, {"kOn", 1}};
    CHECK(read(named, "one of kOff, kOn") == "one of 0, 1");
}

TEST_CASE("each limit lets in what it says, and names the rest by row, index and value") {
    const auto number = element_of(ScalarType::Int32);
    CHECK(violations<std::int32_t>(alone(number, "[0, 10)"), {0, 9, 10, -1}) ==
          Texts{"x of row 2 is 10: [0, 10)", "x of row 3 is -1: [0, 10)"});
    CHECK(violations<std::int32_t>(alone(number, "(0, inf)"), {1, 0}) == Texts{"x of row 1 is 0: (0, inf)"});
    CHECK(violations<std::int32_t>(alone(number, "one of 3, 5"), {3, 4, 5}) == Texts{"x of row 1 is 4: one of 3, 5"});
    CHECK(violations<std::int32_t>(alone(number, "unique"), {3, 4, 3, 3}) ==
          Texts{"x of row 2 is 3: unique: as in row 0", "x of row 3 is 3: unique: as in row 0"});
    CHECK(violations<std::int32_t>(alone(number, "increasing"), {3, 4, 4, 5, 1}) ==
          Texts{"x of row 2 is 4: increasing", "x of row 4 is 1: increasing"});
    const auto real = element_of(ScalarType::Float64);
    CHECK(violations<double>(alone(real, "[0, 10]"), {0.0, -0.0, 10, 10.5, kNan, kInf, -kInf}) ==
          Texts{"x of row 3 is 10.5: [0, 10]", "x of row 5 is inf: [0, 10]", "x of row 6 is -inf: [0, 10]"});
    CHECK(violations<double>(alone(real, "[0, inf)"), {0, kInf, 1e300}) == Texts{"x of row 1 is inf: [0, inf)"});
    CHECK(violations<double>(alone(real, "[0, inf]"), {0, kInf, 1e300}).empty());
    CHECK(violations<double>(alone(real, "(, 1]"), {-kInf, 1, 2}) == Texts{"x of row 2 is 2: [-inf, 1]"});
    CHECK(violations<double>(alone(real, "not nan"), {1, kNan}) == Texts{"x of row 1 is nan: not nan"});
    CHECK(violations<double>(alone(real, "unique"), {kNan, 0.0, -0.0, kNan}).size() == 2);
    CHECK(violations<double>(alone(real, "increasing"), {kNan, 1, 2}) ==
          Texts{"x of row 0 is nan: increasing", "x of row 1 is 1: increasing"});
    // An end is a value of the type: 0.1 of a float is 0.1f.
    CHECK(violations<float>(alone(element_of(ScalarType::Float32), "[0.1, 1]"), {0.1F, 0.09F}) ==
          Texts{"x of row 1 is 0.09: [0.1, 1]"});
    CHECK(violations<std::uint64_t>(alone(element_of(ScalarType::UInt64), "[18446744073709551614, inf)"),
                                    {~std::uint64_t{0}, ~std::uint64_t{0} - 2})
              .size() == 1);
    // Of arrays in each row.
    const auto array = element_of(ScalarType::Int32, {2, 2});
    CHECK(violations<std::int32_t>(alone(array, "increasing"), {1, 2, 3, 4, 0, 1, 1, 2}) ==
          Texts{"x[1][0] of row 1 is 1: increasing"});
    CHECK(violations<std::int32_t>(alone(array, "unique"), {1, 2, 3, 1, 1, 2, 3, 4}) ==
          Texts{"x[1][1] of row 0 is 1: unique"});
    CHECK(violations<std::int32_t>(alone(array, "[0, 3]"), {1, 2, 3, 4, 0, 1, 1, -2}) ==
          Texts{"x[1][1] of row 0 is 4: [0, 3]", "x[1][1] of row 1 is -2: [0, 3]"});
    const auto text = element_of(ScalarType::Char, {4});
    const std::vector<char> words{'a', 'b', 0, 'x', 'a', 'b', 0, 0, 'c', 0, 0, 0};
    CHECK(violations<char>(alone(text, "one of \"ab\""), words) == Texts{"x of row 2 is \"c\": one of \"ab\""});
    CHECK(violations<char>(alone(text, "unique"), words) == Texts{"x of row 1 is \"ab\": unique: as in row 0"});
}

TEST_CASE("rows with equal keys are found whatever their number, and nothing else is") {
    CHECK(rc::check([] {
        StructDefinition definition;
        definition.name = "Keyed";
        definition.size = 16;
        definition.elements = {element_of(ScalarType::Int32, {}, "sector"), element_of(ScalarType::Char, {4}, "side"),
                               element_of(ScalarType::Float64, {}, "value")};
        definition.elements[0].key = 2;
        definition.elements[1].key = 1;
        definition.elements[1].offset = 4;
        definition.elements[2].offset = 8;
        REQUIRE(validate_limits(definition).empty());
        const auto keys = *rc::gen::container<std::vector<std::pair<int, int>>>(
            rc::gen::pair(rc::gen::inRange(0, 6), rc::gen::inRange(0, 4)));
        std::vector<std::byte> rows(keys.size() * 16);
        std::map<std::pair<int, int>, std::size_t> first;
        std::vector<std::string> expected;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const std::int32_t sector = keys[i].first - 3;
            std::memcpy(rows.data() + i * 16, &sector, 4);
            rows[i * 16 + 4] = static_cast<std::byte>('A' + keys[i].second);
            rows[i * 16 + 6] = static_cast<std::byte>(i);  // behind the NUL
            const auto [known, is_new] = first.emplace(keys[i], i);
            if (!is_new) {
                expected.push_back(fmt::format("side, sector of row {} is \"{}\", {}: key: as row {}", i,
                                               static_cast<char>('A' + keys[i].second), sector, known->second));
            }
        }
        RC_ASSERT(violations<std::byte>(definition, rows) == expected);
    }));
}

TEST_CASE("a definition with a key or limits has another hash, one without the hash it always had") {
    StructDefinition definition;
    definition.name = "Gain";
    definition.size = 8;
    definition.alignment = 4;
    definition.elements = {element_of(ScalarType::Int32, {}, "channel"), element_of(ScalarType::Float32, {}, "gain")};
    definition.elements[1].offset = 4;
    definition.elements[1].unit = "mV";
    // As it was recorded before there were limits.
    CHECK(to_hex(definition_hash(definition)) == "200b5662e63930398972e0beec54c4db5dbd7619cc1e948f98efb60462e19271");
    std::set<std::string> hashes{to_hex(definition_hash(definition))};
    const auto add = [&](StructDefinition other) {
        CHECK(hashes.insert(to_hex(definition_hash(other))).second);
        CHECK(validate(other).empty());
        CHECK(from_json(to_json(other), "a test") == other);
        CHECK(layout_hash(other) == layout_hash(definition));
    };
    auto keyed = definition;
    keyed.elements[0].key = 1;
    add(keyed);
    keyed.elements[0].limits = {"[0, 4)"};
    add(keyed);
    keyed.elements[0].limits = {"[0, 4)", "unique"};
    add(keyed);
    keyed.elements[0].key = 0;
    add(keyed);
    std::swap(keyed.elements[0].limits, keyed.elements[1].limits);
    keyed.elements[1].limits = {"not nan"};
    add(keyed);
}

TEST_CASE("keys and limits that cannot be are found") {
    const auto problem = [](std::vector<Element> elements) {
        StructDefinition definition;
        definition.name = "Bad";
        for (auto& element : elements) {
            element.offset = definition.size;
            definition.size += element.bytes();
        }
        definition.elements = std::move(elements);
        const auto problems = validate(definition);
        return problems.empty() ? std::string() : problems.front();
    };
    const auto with_key = [](Element element, std::uint32_t key) {
        element.key = key;
        return element;
    };
    const auto a = element_of(ScalarType::Int32, {}, "a");
    const auto b = element_of(ScalarType::Int32, {}, "b");
    CHECK(problem({with_key(a, 1), with_key(b, 2)}).empty());
    CHECK(problem({with_key(a, 1), with_key(b, 1)}).find("1, 2, ..., each once") != std::string::npos);
    CHECK(problem({with_key(a, 2)}).find("1, 2, ..., each once") != std::string::npos);
    CHECK(problem({with_key(element_of(ScalarType::Int32, {3}, "a"), 1)}).find("a key on an array") !=
          std::string::npos);
    CHECK(problem({with_key(element_of(ScalarType::Int32, {}, "a[0].b"), 1)}).find("a key on an array") !=
          std::string::npos);
    CHECK(problem({with_key(element_of(ScalarType::Float32, {}, "a"), 1)}).find("float") != std::string::npos);
    CHECK(problem({with_key(element_of(ScalarType::Char, {8}, "a"), 1)}).empty());
    auto limited = a;
    limited.limits = {"[0,5]"};
    CHECK(problem({limited}).find("is written '[0, 5]'") != std::string::npos);
    limited.limits = {"whatever"};
    CHECK(problem({limited}).find("is none of") != std::string::npos);
}
