// Plans against a converter that does one value at a time, the obvious way.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstring>

#include "base/bytes.h"
#include "etalon/error.h"
#include "schema/definition.h"
#include "schema/plan.h"
#include "tests/schema/conversion_model.h"
#include "tests/schema/random_definitions.h"

using namespace etalon;
using namespace etalon::schema;
using etalon::test::pick;

namespace {

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
    after.size = 0;
    const bool gaps = pick(0, 2) == 0;
    for (auto& element : elements) {
        if (gaps) after.size += pick(0, 4);
        element.offset = after.size;
        after.size += element.bytes();
    }
    after.alignment = 1;
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

}  // namespace

TEST_CASE("plans do what the obvious converter does, in both directions, and fail where it fails") {
    CHECK(rc::check("random pairs", [] {
        test::LayoutOptions options;
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
