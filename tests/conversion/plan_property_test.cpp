// Plans against a converter that does one value at a time, the obvious way.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "conversion/plan.h"
#include "etalon/error.h"
#include "schema/definition.h"
#include "tests/conversion/conversion_model.h"
#include "tests/index/many_cases.h"
#include "tests/schema/random_definitions.h"

using namespace etalon;
using namespace etalon::schema;
using namespace etalon::evolution;
using namespace etalon::conversion;
using etalon::test::pick;

namespace {

/// Offsets in the order of the elements, with gaps between some.
void lay_out(StructDefinition& definition) {
    definition.size = 0;
    const bool gaps = pick(0, 2) == 0;
    for (auto& element : definition.elements) {
        if (gaps) definition.size += pick(0, 4);
        element.offset = definition.size;
        definition.size += element.bytes();
    }
    definition.alignment = 1;
}

/// Another layout of nearly the same elements, with changes that convert without a rule.
StructDefinition edited(const StructDefinition& before) {
    StructDefinition after = before;
    auto& elements = after.elements;
    const auto edits = pick(0, 8);
    for (std::uint64_t i = 0; i < edits && elements.size() > 1; ++i) {
        auto& element = elements[pick(0, elements.size())];
        switch (pick(0, 5)) {
            case 0:
                elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(pick(0, elements.size())));
                break;
            case 1: {
                Element added;
                added.path = "added" + std::to_string(i);
                added.type = ScalarType::Int16;
                added.dims = {pick(1, 4)};
                elements.insert(elements.begin() + static_cast<std::ptrdiff_t>(pick(0, elements.size())), added);
                break;
            }
            case 2:
                if (!element.is_text()) element.type = static_cast<ScalarType>(pick(1, 12));
                break;
            case 3:
                if (!element.dims.empty()) element.dims[pick(0, element.dims.size())] = pick(1, 8);
                break;
            default:
                std::swap(elements[pick(0, elements.size())], elements[pick(0, elements.size())]);
                break;
        }
    }
    lay_out(after);
    return after;
}

void check_pair(const StructDefinition& stored, const StructDefinition& asked, std::uint64_t num_rows, bool tame) {
    const Bytes from = test::random_rows(stored, num_rows, tame, pick);
    const test::Converted expected = test::convert_rows(stored, asked, from, num_rows);
    Bytes to(asked.size * num_rows, std::byte{0x5A});

    const auto lenient = ConversionPlan::make(stored, asked, {.lenient = true});
    const auto count = lenient->run(from.data(), to.data(), num_rows);
    RC_ASSERT(to == expected.rows);
    RC_ASSERT(count.losses == expected.losses);

    std::fill(to.begin(), to.end(), std::byte{0x5A});
    const auto portable = ConversionPlan::make(stored, asked, {.lenient = true, .portable = true});
    RC_ASSERT(portable->run(from.data(), to.data(), num_rows).losses == expected.losses);
    RC_ASSERT(to == expected.rows);

    std::fill(to.begin(), to.end(), std::byte{0x5A});
    const auto exact = ConversionPlan::make(stored, asked);
    try {
        (void)exact->run(from.data(), to.data(), num_rows);
        RC_ASSERT(expected.first_place.empty());
        RC_ASSERT(to == expected.rows);
    } catch (const Error& error) {
        RC_ASSERT_FALSE(expected.first_place.empty());
        const std::string message = error.what();
        RC_ASSERT(message.find("element " + expected.first_place + ",") != std::string::npos);
        RC_ASSERT(message.find("row " + std::to_string(expected.first_row)) != std::string::npos);
    }
    const auto verdict = worst(judge(stored, asked));
    RC_ASSERT(verdict <= Verdict::Checked);
    if (verdict <= Verdict::Automatic) RC_ASSERT(expected.first_place.empty());
    RC_ASSERT((verdict == Verdict::Identical) <= (exact->absent().empty() && exact->truncated().empty()));
}

/// Up to 60 elements of 1 to 8 bytes, short and long arrays and texts.
StructDefinition wide_definition() {
    StructDefinition wide;
    wide.name = "Wide";
    const auto num_elements = pick(5, 60);
    for (std::uint64_t i = 0; i < num_elements; ++i) {
        Element one;
        one.path = "value" + std::to_string(i);
        one.type = static_cast<ScalarType>(pick(1, 13));
        const auto length = pick(0, 10);
        if (length >= 6 || one.is_text() || one.type == ScalarType::Char)
            one.dims = {length == 9 ? pick(100, 400) : pick(1, 12)};
        wide.elements.push_back(std::move(one));
    }
    lay_out(wide);
    return wide;
}

/// Most of the elements, moved and retyped here and there, and new ones with and without defaults.
StructDefinition rearranged(const StructDefinition& before) {
    StructDefinition after = before;
    auto& elements = after.elements;
    for (auto moves = pick(0, 40); moves > 0; --moves)
        std::swap(elements[pick(0, elements.size())], elements[pick(0, elements.size())]);
    for (auto removed = pick(0, elements.size() / 2); removed > 0; --removed) elements.pop_back();
    for (auto& one : elements) {
        if (pick(0, 6) == 0 && one.type != ScalarType::Char && one.type != ScalarType::Bool)
            one.type = ScalarType::Float64;
    }
    for (auto added = pick(0, 12); added > 0; --added) {
        Element one;
        one.path = "added" + std::to_string(added);
        one.type = pick(0, 2) == 0 ? ScalarType::Int16 : ScalarType::Float64;
        if (pick(0, 2) == 0) one.default_value = std::to_string(pick(1, 1000));
        if (pick(0, 8) == 0) one.dims = {pick(1, 60)};
        elements.insert(elements.begin() + static_cast<std::ptrdiff_t>(pick(0, elements.size() + 1)), one);
    }
    lay_out(after);
    return after;
}

/// Many rows are what the first few are, at any place in memory, and nothing is written beside them.
void check_large() {
    const auto stored = wide_definition();
    const auto asked = rearranged(stored);
    RC_PRE(asked.size > 0);
    constexpr std::size_t kLarge = 17 * 1024 * 1024;
    constexpr auto kCanary = std::byte{0xA5};
    const std::uint64_t num_rows = kLarge / asked.size;
    const Bytes some = test::random_rows(stored, 7, true, pick);
    Bytes from(stored.size * num_rows);
    for (std::uint64_t row = 0; row < num_rows; ++row)
        std::memcpy(from.data() + row * stored.size, some.data() + row % 7 * stored.size, stored.size);
    const auto plan = ConversionPlan::make(stored, asked, {.lenient = true});
    Bytes seven(asked.size * 7);
    (void)plan->run(some.data(), seven.data(), 7);
    Bytes to;
    for (const std::size_t begin : {0, 1, 63}) {
        to.assign(begin + asked.size * num_rows + 100, kCanary);
        (void)plan->run(from.data(), to.data() + begin, num_rows);
        std::uint64_t wrong = 0;
        for (std::uint64_t row = 0; row < num_rows; ++row)
            wrong +=
                std::memcmp(to.data() + begin + row * asked.size, seven.data() + row % 7 * asked.size, asked.size) != 0;
        RC_ASSERT(wrong == 0);
        RC_ASSERT(std::all_of(to.begin(), to.begin() + static_cast<std::ptrdiff_t>(begin),
                              [&](auto b) { return b == kCanary; }));
        RC_ASSERT(std::all_of(to.end() - 100, to.end(), [&](auto b) { return b == kCanary; }));
    }
}

}  // namespace

TEST_CASE("wide rows whose elements move, come and go convert as the obvious converter does") {
    CHECK(rc::check("wide rows", [] {
        const auto stored = wide_definition();
        const auto asked = rearranged(stored);
        RC_PRE(validate(stored).empty() && validate(asked).empty());
        const bool tame = pick(0, 2) == 0;
        check_pair(stored, asked, pick(1, 9), tame);
        check_pair(asked, stored, pick(1, 9), tame);
    }));
}

TEST_CASE("results larger than the caches come out whole, wherever they begin") {
    CHECK(test::check_some("large results", 6, check_large));
}

TEST_CASE("plans do what the obvious converter does, in both directions, and fail where it fails") {
    CHECK(rc::check("random pairs", [] {
        test::LayoutOptions options;
        options.identities = false;  // the model is of numbers
        options.enums = false;
        options.packed = pick(0, 2) == 0;
        options.extra_gaps = pick(0, 2) == 0;
        const auto stored = test::random_definition("Sample", options);
        const auto asked = edited(stored);
        RC_PRE(validate(asked).empty());
        const bool tame = pick(0, 2) == 0;
        check_pair(stored, asked, pick(1, 5), tame);
        check_pair(asked, stored, pick(1, 5), tame);
    }));
}

TEST_CASE("many rows convert as few do") {
    CHECK(rc::check("blocks", [] {
        test::LayoutOptions options;
        options.identities = false;  // the model is of numbers
        options.enums = false;
        options.nested = false;
        const auto stored = test::random_definition("Sample", options);
        const auto asked = edited(stored);
        RC_PRE(validate(asked).empty());
        const Bytes few = test::random_rows(stored, 3, true, pick);
        const std::uint64_t num_rows = pick(1, 2000);
        Bytes from;
        for (std::uint64_t row = 0; row < num_rows; ++row) {
            const auto begin = few.begin() + static_cast<std::ptrdiff_t>(row % 3 * stored.size);
            from.insert(from.end(), begin, begin + static_cast<std::ptrdiff_t>(stored.size));
        }
        const auto plan = ConversionPlan::make(stored, asked, {.lenient = true});
        Bytes three(asked.size * 3);
        (void)plan->run(few.data(), three.data(), 3);
        Bytes to(asked.size * num_rows, std::byte{0x77});
        (void)plan->run(from.data(), to.data(), num_rows);
        for (std::uint64_t row = 0; row < num_rows; ++row) {
            RC_ASSERT(std::memcmp(to.data() + row * asked.size, three.data() + row % 3 * asked.size, asked.size) == 0);
        }
    }));
}
