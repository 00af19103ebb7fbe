#include "evolution/registering.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "tests/schema/build.h"

using namespace etalon;
using namespace etalon::schema;
using namespace etalon::evolution;
using etalon::test::element;
using etalon::test::natural;
using Action = RegisterOutcome::Action;

namespace {

StructDefinition layout(ScalarType type, std::vector<std::uint64_t> dims = {}) {
    return natural({element("a", type, std::move(dims))});
}

RecordedStruct recorded(const std::vector<StructDefinition>& definitions, std::int64_t current) {
    RecordedStruct result;
    result.current = current;
    for (const auto& one : definitions) {
        result.layouts.push_back(
            {static_cast<std::int64_t>(result.layouts.size()) + 1, std::make_shared<const StructDefinition>(one)});
    }
    return result;
}

RegisterOutcome outcome_of(const RecordedStruct& known, const StructDefinition& definition, bool make_current = false) {
    return compute_outcome(known, definition, make_current,
                           [](const auto& stored, const auto& asked) { return judge(stored, asked); });
}

const StructDefinition kInt = layout(ScalarType::Int32);
const StructDefinition kText = layout(ScalarType::Char, {4});
const StructDefinition kDouble = layout(ScalarType::Float64);

}  // namespace

TEST_CASE("a struct that is not recorded is new and changes nothing") {
    const auto outcome = outcome_of({}, kInt);
    CHECK(outcome.action == Action::NewStruct);
    CHECK(outcome.schema == 1);
    CHECK(outcome.previous_schema == 0);
    CHECK(outcome.changes.empty());
}

TEST_CASE("a new layout is compared with the current one, and blocks when it could not be read") {
    const auto free = outcome_of(recorded({kInt}, 1), kDouble);
    CHECK(free.action == Action::NewSchema);
    CHECK(free.schema == 2);
    for (const auto& line : free.changes) CHECK_FALSE(line.blocks);

    const auto refused = outcome_of(recorded({kInt}, 1), kText);
    const auto line = std::ranges::find(refused.changes, "a", &RegisterOutcome::Line::path);
    REQUIRE(line != refused.changes.end());
    CHECK(line->blocks);
    CHECK(line->records == 0);
}

TEST_CASE("older layouts that could not be read as the new one are noted and do not block") {
    const auto outcome = outcome_of(recorded({kText, kInt}, 2), kDouble);
    for (const auto& line : outcome.changes) CHECK_FALSE(line.blocks);
    REQUIRE(outcome.others.size() == 1);
    CHECK(outcome.others[0].schema == 1);
    CHECK(outcome.others[0].verdict != "automatic");
    CHECK_FALSE(outcome.others[0].change.empty());
}

TEST_CASE("a layout that is recorded blocks nothing, and moves the current one only on demand") {
    const auto known = recorded({kText, kInt}, 2);
    const auto again = outcome_of(known, kText);
    CHECK(again.action == Action::Known);
    CHECK(again.schema == 1);
    CHECK_FALSE(again.is_current);
    CHECK_FALSE(again.changes.empty());
    for (const auto& line : again.changes) CHECK_FALSE(line.blocks);

    const auto moved = outcome_of(known, kText, true);
    CHECK(moved.action == Action::MadeCurrent);
    CHECK(moved.is_current);
    CHECK(std::ranges::any_of(moved.changes, &RegisterOutcome::Line::blocks));

    const auto current = outcome_of(known, kInt);
    CHECK(current.action == Action::Known);
    CHECK(current.is_current);
    CHECK(current.changes.empty());
    CHECK(current.others.empty());
}

TEST_CASE("plain numbers beside enumerations that disagree about them are noted") {
    const auto named = [](std::int64_t on) {
        auto definition = layout(ScalarType::Int32);
        definition.elements[0].enumerators = {{"ON", on}, {"OFF", 1 - on}};
        return definition;
    };
    const auto note_of = [](const RegisterOutcome& outcome) {
        return outcome.notes.empty() ? std::string() : outcome.notes.front();
    };
    const auto renumbered = note_of(outcome_of(recorded({kInt, named(1)}, 2), named(0)));
    CHECK(renumbered.find("a is a plain number in schema version 1") != std::string::npos);
    CHECK(renumbered.find("ON is 0 in schema version 3 and 1 in 2") != std::string::npos);
    CHECK(
        note_of(outcome_of(recorded({named(1), named(0)}, 2), kInt)).find("a is a plain number in schema version 3") ==
        0);
    CHECK(note_of(outcome_of(recorded({kInt, named(1)}, 2), layout(ScalarType::Int16))).empty());
    CHECK(note_of(outcome_of(recorded({named(1)}, 1), named(0))).empty());
    CHECK(note_of(outcome_of(recorded({kText, named(1)}, 2), named(0))).empty());
}
