// Layouts that come back and flip, hundreds of versions of one struct, and row tables at their limit.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <iostream>
#include <memory>

#include "database/support.h"

using namespace etalon;
using namespace etalon::test;
using backends::Engine;
using Action = RegisterOutcome::Action;

namespace {

/// `Wide` with elements first, first + 1, ... of one type.
StructDefinition wide(std::size_t first, std::size_t count, ScalarType type = ScalarType::Float64,
                      const std::string& name = "Wide") {
    StructDefinition definition;
    definition.name = name;
    definition.alignment = size_of(type);
    for (std::size_t i = 0; i < count; ++i) {
        Element element;
        element.path = fmt::format("e{}", first + i);
        element.type = type;
        element.offset = definition.size;
        definition.size += element.bytes();
        definition.elements.push_back(element);
    }
    return definition;
}

RegisterOutcome record(Database& db, const StructDefinition& definition, bool make_current = false) {
    RegisterOptions options;
    options.make_current = make_current;
    return db.register_structs({&definition, 1}, options).outcomes.at(0);
}

/// A row whose values are those of the elements' numbers, times `factor`.
PutRecord row_of(const StructDefinition& definition, std::int64_t begin, double factor,
                 const std::string& name = "Wide") {
    PutRecord put;
    put.name = name;
    put.begin = begin;
    put.end = begin + 1;
    put.layout = std::make_shared<const StructDefinition>(definition);
    const auto values = std::make_shared<std::vector<double>>();
    for (const auto& element : definition.elements) values->push_back(std::stod(element.path.substr(1)) * factor);
    put.rows = std::shared_ptr<const std::byte>(values, reinterpret_cast<const std::byte*>(values->data()));
    put.num_rows = 1;
    return put;
}

double value_at(const Answer& answer, std::size_t element) {
    double value = 0;
    std::memcpy(&value, answer.row(0) + answer->layout->elements.at(element).offset, sizeof value);
    return value;
}

template <class Work>
double milliseconds(const Work& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("a layout that comes back is the version that it was, however often it flips") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    const std::array<StructDefinition, 2> layouts{wide(0, 3), wide(1, 3)};
    for (int flip = 0; flip < 200; ++flip) {
        CAPTURE(flip);
        const auto& layout = layouts.at(static_cast<std::size_t>(flip % 2));
        const auto outcome = record(db, layout, true);
        CHECK(outcome.schema == flip % 2 + 1);
        CHECK(outcome.is_current);
        if (flip > 1) CHECK(outcome.action == Action::MadeCurrent);
        if (flip % 10 == 9) commit(db, {row_of(layout, flip, flip)});
    }
    for (int flip = 0; flip < 200; ++flip) {
        // An old branch that is built moves nobody.
        const auto outcome = record(db, layouts.at(static_cast<std::size_t>(flip % 2)));
        CHECK(outcome.action == Action::Known);
        CHECK(outcome.is_current == (flip % 2 == 1));
    }
    db.advance();
    CHECK(db.structs().at(0).schemas == 2);
    CHECK(db.structs().at(0).current_schema == 2);
    for (int flip = 9; flip < 200; flip += 10) {
        FetchOptions options;
        options.schema = 1;
        const auto answer = db.fetch_rows("Wide", Time{flip}, options);
        CHECK(answer->absent == std::vector<std::string>{"e0"});
        CHECK(value_at(answer, 2) == 2 * flip);
    }
    CHECK(ask(*engine.open(), R"(SELECT count(*) FROM "Wide_view" WHERE "e3" IS NOT NULL)") == 20);
}

TEST_CASE("three hundred versions of one struct are recorded and read without growing slow") {
    const EachEngine engine;
    if (!engine) return;
    constexpr std::size_t kVersions = 300;
    constexpr std::size_t kElements = 6;
    auto db = Database::open(engine.url(), {.create = true});
    double first = 0;
    double last = 0;
    for (std::size_t v = 0; v < kVersions; ++v) {
        const auto definition = wide(v, kElements);
        const auto took =
            milliseconds([&] { CHECK(record(db, definition).schema == static_cast<std::int64_t>(v + 1)); });
        if (v >= 10 && v < 30) first += took;
        if (v >= kVersions - 20) last += took;
        if (v % 30 == 0) commit(db, {row_of(definition, static_cast<std::int64_t>(v), 1)});
    }
    auto again = Database::open(engine.url());
    const auto cold = milliseconds([&] { (void)again.fetch_rows("Wide", Time{0}); });
    // Of the record in version 271, elements 270 to 275, in version 274, elements 273 to 278.
    FetchOptions another;
    another.schema = 274;
    const auto point = milliseconds([&] { CHECK(value_at(again.fetch_rows("Wide", Time{270}, another), 0) == 273); });
    const auto list = milliseconds([&] { CHECK(again.structs().at(0).schemas == kVersions); });
    const auto one = milliseconds([&] { CHECK(again.get_definition("Wide", 150)->elements.front().path == "e149"); });
    for (std::size_t v = 0; v < kVersions; v += 30) {
        const auto answer = again.fetch_rows("Wide", Time{static_cast<std::int64_t>(v)});
        for (std::size_t i = 0; i < kElements; ++i) CHECK(value_at(answer, i) == static_cast<double>(v + i));
    }
    std::cerr << fmt::format(
        "- {}: of 300 versions, recording one takes {:.1f} ms at first and {:.1f} ms at last, the first read {:.1f} "
        "ms, "
        "another version {:.1f} ms, listing the structs {:.1f} ms, one definition {:.1f} ms\n",
        engine.open()->engine() == Engine::Sqlite ? "SQLite" : "PostgreSQL", first / 20, last / 20, cold, point, list,
        one);
    // Bounds that a slow machine keeps; what matters is that nothing grows as a square.
    CHECK(last / 20 < 1000);
    CHECK(cold < 1000);
}

TEST_CASE("a struct that outgrows its row table is stored as bytes from then on, and asking for columns says why not") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    // 800 columns of 8 bytes, which fit; 200 more would be above 7 kB.
    const auto early = wide(0, 800);
    const auto late = wide(0, 1000);
    record(db, early);
    db.define_name({"Wide", "", {}, {}, Storage::Columns});
    commit(db, {row_of(early, 0, 1)});
    const auto outcome = record(db, late);
    CHECK(outcome.schema == 2);
    commit(db, {row_of(late, 1, 2), row_of(early, 2, 3)});
    db.advance();
    CHECK(db.structs().at(0).is_binary);
    for (const auto& [at, factor, size] : {std::tuple{0, 1, 800}, std::tuple{1, 2, 1000}, std::tuple{2, 3, 800}}) {
        const auto answer = db.fetch_rows("Wide", Time{at});
        REQUIRE(answer->layout->elements.size() == static_cast<std::size_t>(size));
        CHECK(value_at(answer, 799) == 799.0 * factor);
        FetchOptions options;
        options.schema = 2;
        const auto newest = db.fetch_rows("Wide", Time{at}, options);
        CHECK(value_at(newest, 799) == 799.0 * factor);
        CHECK(newest->absent.size() == static_cast<std::size_t>(1000 - size));
    }
    // A struct that never fitted has no columns at all.
    record(db, wide(0, 1001, ScalarType::Int8, "Never"));
    const auto refused = error_of([&] { db.define_name({"Other", "Never", {}, {}, Storage::Columns}); });
    CHECK(refused.code() == ErrorCode::Refused);
    CHECK(std::string(refused.what()).find("1000 columns and 7 kB") != std::string::npos);
    db.define_name({"Other", "Never", {}, {}, Storage::Bytes});
    // At the limit itself they fit: 1000 columns.
    record(db, wide(0, 1000, ScalarType::Int8, "Just"));
    db.define_name({"JustColumns", "Just", {}, {}, Storage::Columns});
    CHECK(db.find_name("JustColumns")->storage == Storage::Columns);
}
