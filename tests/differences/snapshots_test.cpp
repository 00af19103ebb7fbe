#include <doctest/doctest.h>

#include "differences/support.h"

using namespace etalon;
using namespace etalon::test;

namespace {

Lines differ(Database& db, std::optional<AsOf> before, std::optional<AsOf> after, const std::string& names = "*",
             DiffReport* report = nullptr) {
    const DiffSnapshots snapshots{std::move(before), std::move(after), names};
    Lines lines;
    auto result = find_differences(db, snapshots, {}, [&](const Difference& one) {
        auto line = text_of(one);
        if (!one.version.empty() && one.version != "default") line += " of " + std::string(one.version);
        lines.push_back(line);
    });
    CHECK(result.differences == lines.size());
    if (report != nullptr) *report = std::move(result);
    return lines;
}

std::string span(std::int64_t begin, std::optional<std::int64_t> end = std::nullopt) {
    return " in [" + format_time(Time{begin}) + ", " + (end ? format_time(Time{*end}) : "") + ")";
}

}  // namespace

TEST_CASE("snapshots differ in records that came, went or were replaced, and in what they make of values") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1, Plain>(engine.url());
    commit(db,
           {put<Gain1>("Gain", 10, {gain1(1)}), value(1, 10), value(2, 20, {}, "default", 1), value(3, 10, {}, "sim")});
    db.advance();
    (void)db.set_snapshot("first", {});
    const auto second = commit(db, {value(4, 10), value(5, 30), value(6, 10, {}, "sim", 2)}).commit;
    HistoryOptions which;
    which.elements = {1};
    (void)db.retire("Plain", which, {"tester", "", "", "a test"});
    db.advance();
    DiffReport report;
    const SnapshotName first{"first"};
    CHECK(differ(db, first, std::nullopt, "*", &report) ==
          Lines{"Plain/0 record replaced: uid -> uid" + span(10), "Plain/0 record added: - -> uid" + span(30),
                "Plain/2 record added: - -> uid" + span(10) + " of sim", "Plain/1 record retired: uid -> -" + span(20),
                "Plain/0 value row 0: 1 -> 4" + span(10, 30), "Plain/0 value row 0: 1 -> 5" + span(30),
                "Plain/1 status: Found -> Gap" + span(20), "Plain/2 status: Gap -> Found" + span(10) + " of sim"});
    CHECK(report.records == 4);
    CHECK(report.statuses == 2);
    // The same the other way round; a commit number on a side, and names that match.
    CHECK(differ(db, std::nullopt, first).size() == 8);
    CHECK(differ(db, first, second, "Pl*").size() == 6);
    CHECK(differ(db, first, std::nullopt, "Gain").empty());
    CHECK(differ(db, second, second).empty());
    const auto error = error_of([&] { (void)differ(db, first, std::nullopt, "Plane"); });
    CHECK(error.code() == ErrorCode::Unknown);
    CHECK(error.info().advice == "did you mean 'Plain'?");
    CHECK(error_of([&] { (void)differ(db, SnapshotName{"none"}, std::nullopt); }).code() == ErrorCode::Unknown);
}

TEST_CASE("a policy that changed between snapshots changes values without any record") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    auto early = value(1, 20);
    early.created = Time{100};
    auto late = value(2, 10);
    late.created = Time{200};
    const auto before = commit(db, {early, late}).commit;
    const auto after = db.define_name({"Plain", "", {}, OrderPolicy::ByCreation, {}});
    db.advance();
    CHECK(differ(db, before, after) == Lines{"Plain/0 value row 0: 1 -> 2" + span(20)});
}

TEST_CASE("a name that is newer than a snapshot has nothing there") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto before = commit(db, {value(1, 10)}).commit;
    db.define_name({"Later", "Plain", {}, {}, {}});
    const auto after = commit(db, {value(2, 10, {}, "default", 0, "Later")}).commit;
    db.advance();
    CHECK(differ(db, before, after) ==
          Lines{"Later/0 record added: - -> uid" + span(10), "Later/0 status: Gap -> Found" + span(10)});
    CHECK(differ(db, std::int64_t{0}, before).size() == 2);
}
