// Run maps: runs by number and by time, corrections, and asking values across the axes.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "database/support.h"
#include "index/many_cases.h"

using namespace etalon;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Plain;

namespace {

RunSpan span(std::int64_t run, std::int64_t begin, std::optional<std::int64_t> end = std::nullopt) {
    RunSpan made{Run{run}, Time{begin}, std::nullopt};
    if (end) made.end = Time{*end};
    return made;
}

std::int64_t add(Database& db, const std::vector<RunSpan>& runs) {
    const auto commit = db.add_runs(runs).commit;
    db.advance();
    return commit;
}

std::int64_t run_at(Database& db, std::int64_t at, const FetchOptions& options = {}) {
    const auto run = db.find_run_at(Time{at}, options);
    return run ? run->number : -1;
}

/// What by_time itself says, without by_run.
std::int64_t raw_at(Database& db, std::int64_t at) {
    const auto answer = db.fetch_rows("runs/default/by_time", Time{at});
    if (answer->status != Status::Found) return -1;
    std::int64_t run = 0;
    std::memcpy(&run, answer->data.get(), sizeof run);
    return run;
}

FetchOptions as_of(std::int64_t commit) {
    FetchOptions options;
    options.as_of = commit;
    return options;
}

bool says(const Error& error, std::string_view part) {
    return std::string_view(error.what()).find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("runs are found by number and by time, and between runs there is none") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto commits = db.log().size();
    add(db, {span(7, 100, 200), span(5, 0, 50), span(-3, 300, 400), span(9, 200, 250)});
    CHECK(db.log().size() == commits + 1);
    CHECK(db.find_run_times(Run{7}) == span(7, 100, 200));
    CHECK(db.find_run_times(Run{-3}) == span(-3, 300, 400));
    CHECK_FALSE(db.find_run_times(Run{6}));
    CHECK(db.fetch_run(Run{6}).validity == Interval{Axis::Run, 6, 7});
    for (const auto& [at, run] : std::map<std::int64_t, std::int64_t>{{-1, -1},
                                                                      {0, 5},
                                                                      {49, 5},
                                                                      {50, -1},
                                                                      {99, -1},
                                                                      {100, 7},
                                                                      {199, 7},
                                                                      {200, 9},
                                                                      {250, -1},
                                                                      {300, -3},
                                                                      {400, -1}}) {
        CAPTURE(at);
        CHECK(run_at(db, at) == run);
    }
    CHECK(db.fetch_run_at(Time{60}).validity == Interval{Axis::Time, 50, 100});
    CHECK(db.fetch_run_at(Time{110}).validity == Interval{Axis::Time, 100, 200});
    CHECK(db.fetch_run_at(Time{110}).provenance->commit == static_cast<std::int64_t>(commits) + 1);
    const auto all = db.runs();
    REQUIRE(all.size() == 4);
    CHECK(all[0].span == span(-3, 300, 400));
    CHECK(all[3].span == span(9, 200, 250));
    CHECK(db.runs("default", {}, Run{5}, Run{9}).size() == 2);
    // SQL sees them, too.
    CHECK(db.find_name("runs/default/by_run")->view_name == "runs/default/by_run_view");
}

TEST_CASE("the extremes of both axes may be runs' numbers and times, the infinities only times") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    add(db, {span(kPlusInfinity - 1, kMinusInfinity, 0), span(kMinusInfinity + 1, 0, kPlusInfinity)});
    CHECK(db.find_run_times(Run{kPlusInfinity - 1}) == span(kPlusInfinity - 1, kMinusInfinity, 0));
    CHECK(db.find_run_at(Time{kMinusInfinity}) == Run{kPlusInfinity - 1});
    CHECK(db.find_run_at(Time{kPlusInfinity - 1}) == Run{kMinusInfinity + 1});
    CHECK_FALSE(db.find_run_at(Time{kPlusInfinity}));
    CHECK_FALSE(db.find_run_times(Run{kPlusInfinity}));
    CHECK(db.runs().size() == 2);
}

TEST_CASE("runs that cannot be are refused together, and nothing is written") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto commits = db.log().size();
    const auto refused = [&](const std::vector<RunSpan>& runs, const std::vector<std::string>& parts) {
        const auto error = error_of([&] { db.add_runs(runs); });
        CHECK(error.code() == ErrorCode::BadInput);
        for (const auto& part : parts) {
            CAPTURE(error.what());
            CHECK(says(error, part));
        }
        CHECK(db.log().size() == commits);
        CHECK(db.structs().size() == 1);
    };
    refused({span(1, 10, 10)}, {"run 1 [", "at or before its begin"});
    refused({span(1, 10, 9), span(2, kPlusInfinity), span(kPlusInfinity, 0)}, {"run 1", "run 2", "run inf"});
    refused({span(1, 0, 10), span(1, 20, 30)}, {"run 1", "twice"});
    refused({span(1, 0, 10), span(2, 9, 30)}, {"run 2", "overlaps run 1"});
    refused({span(1, 0, 100), span(2, 200, 300), span(3, 50, 60)}, {"run 3", "overlaps run 1"});
    refused({span(1, 0, 100), span(2, 10, 20), span(3, 50, 60)}, {"run 2", "run 3"});
    refused({span(1, 0), span(2, 0)}, {"overlaps"});
    refused({span(1, 0, 100), span(2, 50)}, {"run 2", "overlaps run 1"});
    CHECK(error_of([&] { db.add_runs(std::vector<RunSpan>{}); }).code() == ErrorCode::Usage);
    const std::vector<RunSpan> good{span(1, 0, 10)};
    CHECK(error_of([&] { db.add_runs(good, "a/b"); }).code() == ErrorCode::BadInput);
    CHECK(error_of([&] { db.add_runs(good, "default", {}, "a,b"); }).code() == ErrorCode::BadInput);
    CHECK(db.log().size() == commits);
    // A run without an end gives way to one that begins later; neighbours touch.
    add(db, {span(1, 0), span(2, 10, 20), span(3, 20)});
    CHECK(run_at(db, 5) == 1);
    CHECK(run_at(db, 15) == 2);
    CHECK(run_at(db, 1000) == 3);
    CHECK(says(error_of([&] { (void)db.find_run_at(Time{0}, {}, "defalt"); }), "did you mean 'default'?"));
    CHECK(error_of([&] { (void)db.find_run_times(Run{0}, {}, "other"); }).code() == ErrorCode::Unknown);
    CHECK(error_of([&] { (void)db.runs("other"); }).code() == ErrorCode::Unknown);
}

TEST_CASE("a corrected run does not answer for times that it no longer has, earlier snapshots as before") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto first = add(db, {span(1, 0, 100), span(2, 100)});
    const auto second = add(db, {span(1, 20, 80)});
    CHECK(db.find_run_times(Run{1}) == span(1, 20, 80));
    for (const auto& [at, run] :
         std::map<std::int64_t, std::int64_t>{{0, -1}, {19, -1}, {20, 1}, {79, 1}, {80, -1}, {99, -1}, {100, 2}}) {
        CAPTURE(at);
        CHECK(run_at(db, at) == run);
        CHECK(raw_at(db, at) == run);
    }
    // An open run is closed, then moved altogether.
    const auto third = add(db, {span(2, 100, 150)});
    CHECK(run_at(db, 149) == 2);
    CHECK(run_at(db, 150) == -1);
    CHECK(raw_at(db, 150) == -1);
    add(db, {span(2, 500, 600), span(3, 100, 150)});
    CHECK(run_at(db, 120) == 3);
    CHECK(run_at(db, 550) == 2);
    CHECK(db.runs().size() == 3);
    CHECK(run_at(db, 10, as_of(first)) == 1);
    CHECK(run_at(db, 10, as_of(second)) == -1);
    CHECK(run_at(db, 150, as_of(second)) == 2);
    CHECK(run_at(db, 150, as_of(third)) == -1);
    CHECK(run_at(db, 120, as_of(third)) == 2);
    CHECK(db.find_run_times(Run{1}, as_of(first)) == span(1, 0, 100));
    CHECK(db.runs("default", as_of(third)).size() == 2);
    CHECK(run_at(db, 10, as_of(0)) == -1);
}

TEST_CASE("a run without an end is over once another one has begun, also after that one") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    add(db, {span(5, 0)});
    add(db, {span(6, 100)});
    add(db, {span(6, 100, 200)});
    CHECK(run_at(db, 50) == 5);
    CHECK(run_at(db, 150) == 6);
    CHECK(run_at(db, 250) == -1);
    CHECK(db.fetch_run_at(Time{250}).validity == Interval{Axis::Time, 200, std::nullopt});
    add(db, {span(7, 300, 310)});
    CHECK(run_at(db, 250) == -1);
    CHECK(run_at(db, 320) == -1);
    // One that began before it, put later, does not end it.
    add(db, {span(4, -100, 20)});
    CHECK(run_at(db, -50) == 4);
    CHECK(run_at(db, 10) == 5);
    CHECK(run_at(db, 30) == 5);
}

TEST_CASE("versions of a run map form a chain, and corrections in one leave the others") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    add(db, {span(1, 0, 100)});
    const std::vector<RunSpan> corrected{span(1, 40, 60)};
    db.add_runs(corrected, "default", {}, "offline");
    db.advance();
    FetchOptions chain;
    chain.version = "offline,default";
    CHECK(run_at(db, 10) == 1);
    CHECK(run_at(db, 50, chain) == 1);
    CHECK(db.find_run_times(Run{1}, chain) == span(1, 40, 60));
    // The index still knows the earlier time of the other version; by_run does not confirm it.
    CHECK(run_at(db, 10, chain) == -1);
    const std::vector<RunSpan> other{span(1, 1000, 2000)};
    db.add_runs(other, "daq2");
    db.advance();
    CHECK(db.find_run_times(Run{1}, {}, "daq2") == span(1, 1000, 2000));
    CHECK(run_at(db, 10) == 1);
}

TEST_CASE("values of the other axis are asked through the map, explicitly") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    NameSpec spec;
    spec.name = "ByRun";
    spec.struct_name = "Plain";
    spec.axis = Axis::Run;
    db.define_name(spec);
    test::commit(db, {test::value(1, 0, 100), test::value(2, 100), test::value(10, 1, 5, "default", 0, "ByRun")});
    add(db, {span(3, 50, 90), span(4, 100, 200)});
    CHECK(db.fetch<Plain>("Plain", db.find_run_times(Run{4})->begin)[0].value == 2);
    CHECK(db.fetch<Plain>("ByRun", *db.find_run_at(Time{60}))[0].value == 10);
    CHECK(error_of([&] { (void)db.fetch<Plain>("Plain", Run{4}); }).code() == ErrorCode::WrongAxis);
}

TEST_CASE("a run lasts on where one without an end that began later, and one after that, are over") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    for (const auto& one : {span(2, 14, 15), span(0, 0), span(1, 12), span(0, 10, 16)}) {
        (void)db.add_runs(std::vector<RunSpan>{one});
    }
    db.advance();
    const std::map<std::int64_t, std::optional<std::int64_t>> expected{
        {9, std::nullopt},  {10, 0},           {11, 0}, {12, 1}, {13, 1}, {14, 2}, {15, 0},
        {16, std::nullopt}, {29, std::nullopt}};
    for (const auto& [at, run] : expected) {
        const auto answer = db.fetch_run_at(Time{at});
        CAPTURE(at);
        CHECK((answer.span ? std::optional(answer.span->run.number) : std::nullopt) == run);
        CHECK(answer.validity.begin <= at);
        CHECK((!answer.validity.end || *answer.validity.end > at));
    }
    CHECK(db.fetch_run_at(Time{15}).validity == Interval{Axis::Time, 15, 16});
    CHECK(db.fetch_run_at(Time{20}).validity.begin == 16);
}

TEST_CASE("random runs and corrections agree with a plain list of runs") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    int map = 0;
    CHECK(test::check_many("run maps", 60, [&] {
        const auto name = "m" + std::to_string(++map);
        std::map<std::int64_t, RunSpan> model;
        const auto steps = *rc::gen::inRange(1, 8);
        for (int step = 0; step < steps; ++step) {
            const auto run = *rc::gen::inRange<std::int64_t>(0, 5);
            const auto begin = *rc::gen::inRange<std::int64_t>(0, 20);
            const auto length = *rc::gen::inRange<std::int64_t>(0, 8);  // 0: open
            const auto made = length == 0 ? span(run, begin) : span(run, begin, begin + length);
            // Two runs with one begin are told apart by the commit, which a list does not know.
            const auto same = std::any_of(model.begin(), model.end(), [&](const auto& known) {
                return known.first != run && known.second.begin == made.begin;
            });
            if (same) continue;
            model[run] = made;
            db.add_runs(std::vector<RunSpan>{made}, name);
        }
        db.advance();
        if (model.empty()) return;
        for (std::int64_t at = -1; at < 30; ++at) {
            // The run that began last of those that cover the time; an open one only until another one begins.
            std::optional<Run> expected;
            std::int64_t latest = kMinusInfinity;
            for (const auto& [number, one] : model) {
                if (one.begin.ns > at || (one.end && one.end->ns <= at)) continue;
                const auto is_over = [&](const auto& other) {
                    return other.second.begin > one.begin && other.second.begin.ns <= at;
                };
                if (!one.end && std::any_of(model.begin(), model.end(), is_over)) continue;
                if (one.begin.ns < latest) continue;
                latest = one.begin.ns;
                expected = one.run;
            }
            RC_ASSERT(db.find_run_at(Time{at}, {}, name) == expected);
        }
        for (const auto& [number, one] : model) RC_ASSERT(db.find_run_times(Run{number}, {}, name) == one);
        RC_ASSERT(db.runs(name).size() == model.size());
    }));
}
