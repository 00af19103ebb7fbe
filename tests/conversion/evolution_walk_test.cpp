// Thousands of random edits, one after the other, and every version of the walk read as every other.
#include "tests/conversion/evolution_walk.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <random>

#include "etalon/error.h"
#include "schema/definition.h"
#include "schema/units.h"

using namespace etalon;
using namespace etalon::schema;
using namespace etalon::evolution;
using namespace etalon::conversion;
using etalon::test::EvolutionWalk;
using etalon::test::ExpectedChange;

namespace {

/// ETALON_WALK_SEED repeats a walk.
std::uint64_t find_seed() {
    const char* text = std::getenv("ETALON_WALK_SEED");
    const auto seed = text != nullptr ? std::strtoull(text, nullptr, 10) : std::random_device{}();
    std::cerr << "- walk of edits, ETALON_WALK_SEED=" << seed << '\n';
    return seed;
}

/// All changes but those of place and of defaults, which say nothing about values that are stored.
std::vector<ExpectedChange> changes_of_values(const std::vector<JudgedChange>& judged) {
    std::vector<ExpectedChange> changes;
    for (const auto& one : judged) {
        const auto kind = one.change.kind;
        if (kind == ChangeKind::Moved || kind == ChangeKind::Reordered || kind == ChangeKind::DefaultChanged) {
            CHECK(one.verdict == Verdict::Identical);
            continue;
        }
        CHECK_FALSE(one.reason.empty());
        changes.push_back({kind, one.change.path, one.verdict});
    }
    std::ranges::sort(changes);
    return changes;
}

/// The first element whose bytes differ, for people.
std::string difference(const StructDefinition& stored, const StructDefinition& asked, const Bytes& a, const Bytes& b) {
    for (std::uint64_t row = 0; row < a.size() / asked.size; ++row) {
        for (const auto& element : asked.elements) {
            const auto at = row * asked.size + element.offset;
            if (std::memcmp(a.data() + at, b.data() + at, element.bytes()) == 0) continue;
            const auto* from = test::find_element(stored, element.path);
            return element.path + " " + std::string(name_of(element.type)) + " [" + element.unit + "] from " +
                   (from == nullptr ? "nothing" : std::string(name_of(from->type)) + " [" + from->unit + "]");
        }
    }
    return a == b ? "" : "padding";
}

/// One read of random rows of `stored` as `asked`; returns the verdict.
Verdict check_read(EvolutionWalk& walk, const StructDefinition& stored, const StructDefinition& asked,
                   const UnitSystem& units) {
    const auto expected_verdict = test::verdict_of(stored, asked);
    CHECK(worst(judge(stored, asked, &units)) == expected_verdict);
    if (expected_verdict >= Verdict::NeedsRule) {
        try {
            (void)ConversionPlan::make(stored, asked, {.lenient = true, .units = &units});
            FAIL("a plan across " << name_of(expected_verdict));
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::Conversion);
        }
        return expected_verdict;
    }
    const auto num_rows = walk.pick(1, 4);
    const bool tame = walk.pick(0, 3) == 0;
    const Bytes from = test::random_rows(stored, num_rows, tame, [&](auto a, auto b) { return walk.pick(a, b); });
    const auto expected = test::convert_rows(stored, asked, from, num_rows);
    Bytes to(asked.size * num_rows, std::byte{0x5A});
    const auto lenient = ConversionPlan::make(stored, asked, {.lenient = true, .units = &units});
    try {
        const auto losses = lenient->run(from.data(), to.data(), num_rows).losses;
        CHECK(expected.unknown == 0);
        CHECK(losses == expected.losses);
        CHECK(difference(stored, asked, to, expected.rows) == "");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::Conversion);
        CHECK(expected.unknown != 0);
    }
    const auto exact = ConversionPlan::make(stored, asked, {.units = &units});
    std::fill(to.begin(), to.end(), std::byte{0x77});
    try {
        (void)exact->run(from.data(), to.data(), num_rows);
        CHECK(expected.losses + expected.unknown == 0);
        CHECK(difference(stored, asked, to, expected.rows) == "");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::Conversion);
        CHECK(expected.losses + expected.unknown != 0);
    }
    // Only a conversion of units may overflow a float64 that was said to go through by itself.
    bool units_changed = false;
    for (const auto& element : asked.elements) {
        const auto* before = test::find_element(stored, element.path);
        units_changed = units_changed || (before != nullptr && before->unit != element.unit);
    }
    if (expected_verdict <= Verdict::Automatic && !units_changed) CHECK(expected.losses == 0);
    return expected_verdict;
}

}  // namespace

TEST_CASE(
    "a long walk of edits: every verdict follows from the edit, and every version reads as every other or says why "
    "not") {
    const auto seed = find_seed();
    const auto units = make_units();
    std::map<Verdict, int> seen;
    constexpr int kWalks = 20;
    constexpr int kSteps = 200;
    for (int w = 0; w < kWalks; ++w) {
        EvolutionWalk walk(seed + static_cast<std::uint64_t>(w));
        std::vector<StructDefinition> versions{walk.current()};
        for (int s = 0; s < kSteps; ++s) {
            const auto expected = walk.step();
            CAPTURE(seed);
            CAPTURE(w);
            CAPTURE(s);
            CAPTURE(walk.edit());
            REQUIRE(validate(walk.current()).empty());
            const auto& before = versions.back();
            const bool as_expected = changes_of_values(judge(before, walk.current(), units.get())) == expected;
            CHECK(as_expected);
            (void)check_read(walk, before, walk.current(), *units);
            (void)check_read(walk, walk.current(), before, *units);
            versions.push_back(walk.current());
            // Any two versions, near ones more often: far ones mostly need a rule.
            for (int k = 0; k < 2; ++k) {
                const auto i = walk.pick(0, versions.size());
                const auto far = k == 0 ? versions.size() : std::min<std::uint64_t>(versions.size(), 6);
                const auto j = std::min<std::uint64_t>(versions.size() - 1, i + walk.pick(0, far));
                const bool back = walk.pick(0, 2) == 0;
                ++seen[check_read(walk, versions[back ? j : i], versions[back ? i : j], *units)];
            }
        }
    }
    // A walk that meets one verdict only would show nothing.
    for (const auto verdict :
         {Verdict::Identical, Verdict::Automatic, Verdict::Checked, Verdict::NeedsRule, Verdict::Refused}) {
        CAPTURE(name_of(verdict));
        CHECK(seen[verdict] >= 20);
    }
}
