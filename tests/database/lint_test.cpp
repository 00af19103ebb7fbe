// Lint: each kind of suspicion found, nothing else, and gone once it is put right.
#include "etalon/lint.h"

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "backends/each_engine.h"
#include "database/support.h"
#include "index/lint.h"
#include "index/many_cases.h"

using namespace etalon;
using etalon::test::check_many;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::hole;
using etalon::test::Plain;
using etalon::test::TempDirectory;
using etalon::test::value;

namespace {

std::int64_t pick(std::int64_t begin, std::int64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(begin, end));
}
bool chance(std::int64_t one_in) {
    return pick(0, one_in) == 0;
}

CommitInfo why(const std::string& reason) {
    return {"tester", "", "", reason};
}

std::string uid_at(Database& db, std::int64_t begin, std::int64_t commit, std::int64_t element = 0) {
    HistoryOptions now;
    now.as_of = Time{kPlusInfinity};
    for (const auto& record : db.history("Plain", now)) {
        if (record.interval.begin == begin && record.commit == commit && record.element == element) return record.uid;
    }
    FAIL("no such record");
    return {};
}

std::vector<LintFinding> of_kind(const std::vector<LintFinding>& findings, LintKind kind) {
    std::vector<LintFinding> found;
    for (const auto& finding : findings) {
        if (finding.kind == kind) found.push_back(finding);
    }
    return found;
}

void make_complete(Database& db, const std::string& coverage, const std::string& name = "Plain") {
    NameSpec spec{name, "Plain", {}, {}, {}, parse_coverage(coverage)};
    (void)db.define_name(spec, why("coverage"));
}

}  // namespace

TEST_CASE("records as they should be are not suspicious") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    CHECK(db.lint().empty());
    (void)commit(db, {value(1, 0), value(2, 10), value(3, 20, 30), value(4, 30, 40), hole(40),
                      value(5, kMinusInfinity, std::nullopt, "sim")});
    CHECK(db.lint().empty());
}

TEST_CASE("records of equal begin are found under by_begin, the winner last") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto first = commit(db, {value(1, 0), value(2, 10)}).commit;
    const auto second = commit(db, {value(3, 0)}).commit;
    const auto third =
        commit(db, {value(4, 0), value(4, 0, std::nullopt, "sim"), value(4, 0, std::nullopt, "default", 1)}).commit;
    const auto findings = db.lint();
    const auto equal = of_kind(findings, LintKind::EqualKeys);
    REQUIRE(equal.size() == 1);
    CHECK(equal.front().uids == std::vector{uid_at(db, 0, first), uid_at(db, 0, second), uid_at(db, 0, third)});
    CHECK(equal.front().interval == Interval{Axis::Time, 0, std::nullopt});
    CHECK(equal.front().name == "Plain");
    CHECK(equal.front().version == "default");
    CHECK(equal.front().layer == db.place());
    CHECK(equal.front().text.find("their commit alone decides") != std::string::npos);
    // The two that lost win nowhere.
    const auto losers = of_kind(findings, LintKind::NeverWins);
    REQUIRE(losers.size() == 2);
    HistoryOptions which;
    which.uids = {losers[0].uids.front(), losers[1].uids.front()};
    (void)db.retire("Plain", which, why("superseded"));
    CHECK(db.lint().empty());
}

TEST_CASE("records of equal creation time that overlap are found under by_creation") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)db.define_name({"Plain", "", {}, OrderPolicy::ByCreation, {}, {}}, why("policy"));
    const auto at = [](PutRecord record, std::int64_t created) {
        record.created = Time{created};
        return record;
    };
    const auto one =
        commit(db, {at(value(1, 0, 10), 5), at(value(2, 10, 20), 5), at(value(3, 15, 30), 5), at(value(4, -1, 100), 6)})
            .commit;
    const auto equal = of_kind(db.lint({}, Time{0}), LintKind::EqualKeys);
    REQUIRE(equal.size() == 1);
    CHECK(equal.front().uids == std::vector{uid_at(db, 10, one), uid_at(db, 15, one)});
    CHECK(equal.front().interval == Interval{Axis::Time, 15, 20});
    CHECK(equal.front().text.find("their begin alone decides") != std::string::npos);
}

TEST_CASE("explicit ends that are past, and those behind a later begin, are found") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto made = commit(db, {value(1, 0, 100), value(2, 50, 80)}).commit;
    const auto findings = db.lint({}, Time{100});
    REQUIRE(findings.size() == 2);
    const auto overlapping = of_kind(findings, LintKind::OverlappingEnds);
    REQUIRE(overlapping.size() == 1);
    CHECK(overlapping.front().uids == std::vector{uid_at(db, 0, made), uid_at(db, 50, made)});
    CHECK(overlapping.front().interval == Interval{Axis::Time, 50, 80});
    const auto expired = of_kind(findings, LintKind::Expired);
    REQUIRE(expired.size() == 1);
    CHECK(expired.front().uids == std::vector{uid_at(db, 0, made)});
    CHECK(expired.front().interval == Interval{Axis::Time, 100, std::nullopt});
    // The end is not past yet; on the run axis there is no past.
    CHECK(of_kind(db.lint({}, Time{99}), LintKind::Expired).empty());
    (void)db.define_name({"ByRun", "Plain", Axis::Run, {}, {}, {}}, why("a test"));
    (void)commit(db, {value(1, 0, 100, "default", 0, "ByRun")});
    const std::vector<std::string> by_run{"ByRun"};
    CHECK(db.lint(by_run).empty());
    // Something follows, later: not expired.
    (void)commit(db, {value(3, 5000)});
    CHECK(of_kind(db.lint({}, Time{100}), LintKind::Expired).empty());
}

TEST_CASE("a promise of elements that is not kept is found") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)commit(db, {value(1, 0, 10), value(2, 20, 30, "default", 0), value(3, 5, std::nullopt, "default", 1),
                      value(4, 12, 14, "sim", 0), value(5, 0, std::nullopt, "sim", 2)});
    const auto promises = [&] {
        auto findings = db.lint({}, Time{0});
        std::erase_if(findings, [](const auto& one) {
            return one.kind != LintKind::Gap && one.kind != LintKind::MissingElement;
        });
        return findings;
    };
    CHECK(promises().empty());  // sparse: nothing is promised
    make_complete(db, "complete(0-2)");
    auto findings = promises();
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].kind == LintKind::Gap);
    CHECK(findings[0].interval == Interval{Axis::Time, 10, 20});
    CHECK(findings[0].element == 0);
    CHECK(findings[1].kind == LintKind::MissingElement);
    CHECK(findings[1].element == 2);
    CHECK(findings[1].text.find("sim") != std::string::npos);
    // A hole is a deliberate answer.
    auto filled = hole(10, 20);
    (void)commit(db, {filled});
    findings = promises();
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].kind == LintKind::MissingElement);
    // What readers ask by default counts.
    auto chained = Database::open(engine.url(), {.version = "sim,default"});
    const auto by_chain = chained.lint({}, Time{0});
    CHECK(of_kind(by_chain, LintKind::MissingElement).empty());
    CHECK(of_kind(by_chain, LintKind::Gap).empty());
}

TEST_CASE("lint works on the last commit, and on the references that are asked for") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)db.define_name({"Other", "Plain", {}, {}, {}, {}}, why("a test"));
    {
        auto writer = Database::open(engine.url());
        (void)commit(writer, {value(1, 0, 10), value(1, 0, 10, "default", 0, "Other")});
    }
    CHECK(db.lint().size() == 2);  // without advance()
    const std::vector<std::string> other{"Other"};
    const auto findings = db.lint(other);
    REQUIRE(findings.size() == 1);
    CHECK(findings.front().name == "Other");
    const std::vector<std::string> unknown{"Othr"};
    const auto error = error_of([&] { (void)db.lint(unknown); });
    CHECK(error.code() == ErrorCode::Unknown);
    CHECK(std::string(error.what()).find("did you mean 'Other'?") != std::string::npos);
}

TEST_CASE("each layer is judged by itself, coverage over all of them") {
    EachEngine engine;
    if (!engine) return;
    TempDirectory directory;
    const auto top = engine.layer(directory.file("top.db"));
    {
        auto lower = create_with<Plain>(engine.url());
        (void)commit(lower, {value(1, 0, 10), value(2, 20), value(3, 0, std::nullopt, "default", 1)});
        make_complete(lower, "complete(0-2)");
        auto upper = create_with<Plain>(top);
        (void)commit(upper, {value(4, 8, 15), value(5, 12, 18)});
    }
    auto db = Database::open(std::vector{top, engine.url()}, {.write_to = top});
    const auto findings = db.lint({}, Time{1000});
    const auto gaps = of_kind(findings, LintKind::Gap);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps.front().interval == Interval{Axis::Time, 18, 20});
    CHECK(gaps.front().layer.empty());
    CHECK(of_kind(findings, LintKind::MissingElement).size() == 1);
    const auto overlapping = of_kind(findings, LintKind::OverlappingEnds);
    REQUIRE(overlapping.size() == 1);
    CHECK(overlapping.front().layer == db.layers().front().place);
    CHECK(of_kind(findings, LintKind::Expired).front().layer == db.layers().front().place);
}

TEST_CASE("records that win nowhere are those of which no read knows") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    std::int64_t number = 0;
    const int cases = engine.place().engine == backends::Engine::Sqlite ? 100 : 20;
    CHECK(check_many("never wins = no point of the axis", cases, [&] {
        const auto name = "Plain" + std::to_string(++number);
        (void)db.define_name({name, "Plain", {}, chance(2) ? OrderPolicy::ByBegin : OrderPolicy::ByCreation, {}, {}});
        for (std::int64_t commits = pick(1, 5); commits > 0; --commits) {
            std::map<std::int64_t, PutRecord> records;
            for (std::int64_t n = pick(1, 4); n > 0; --n) {
                const auto begin = pick(0, 6);
                auto record =
                    value(1, begin, chance(3) ? std::nullopt : std::optional(begin + pick(1, 5)), "default", 0, name);
                if (chance(2)) record.created = Time{pick(0, 3)};
                records.try_emplace(begin, record);
            }
            std::vector<PutRecord> puts;
            for (auto& [begin, record] : records) puts.push_back(std::move(record));
            (void)commit(db, puts);
        }
        db.advance();
        std::set<std::string> never;
        for (const auto& record : db.history(name)) never.insert(record.uid);
        for (std::int64_t at = 0; at < 15; ++at) {
            const auto answer = db.fetch_rows(name, Time{at});
            if (const auto& won = answer->elements.front().provenance) never.erase(won->uid);
        }
        std::set<std::string> found;
        const std::vector<std::string> names{name};
        for (const auto& finding : of_kind(db.lint(names), LintKind::NeverWins)) found.insert(finding.uids.front());
        RC_ASSERT(found == never);
    }));
}

TEST_CASE("a series is judged as by comparing all of its records") {
    CHECK(check_many("judge_series = all pairs", 3000, [] {
        const auto policy = chance(2) ? OrderPolicy::ByBegin : OrderPolicy::ByCreation;
        std::vector<index::LintRecord> records;
        for (std::int64_t n = pick(0, 9); n > 0; --n) {
            const auto begin = pick(0, 8);
            records.push_back(
                {{0, begin, chance(4) ? std::nullopt : std::optional(begin + pick(1, 6)), pick(0, 3), n, n},
                 "uid" + std::to_string(n),
                 true});
        }
        std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
            return std::tie(a.key.begin, a.key.commit) < std::tie(b.key.begin, b.key.commit);
        });
        const auto overlap = [](const auto& a, const auto& b) {
            return (!a.key.end || b.key.begin < *a.key.end) && (!b.key.end || a.key.begin < *b.key.end);
        };
        std::set<std::string> equal;
        std::set<std::string> overlapping;
        for (const auto& a : records) {
            for (const auto& b : records) {
                if (a.uid == b.uid || !overlap(a, b)) continue;
                const bool same = policy == OrderPolicy::ByBegin ? a.key.begin == b.key.begin
                                                                 : a.key.creation_time == b.key.creation_time;
                if (same) equal.insert(a.uid);
                if (a.key.end && b.key.begin > a.key.begin) overlapping.insert(a.uid);
            }
        }
        std::set<std::string> found_equal;
        std::set<std::string> found_overlapping;
        bool expired = false;
        for (const auto& finding : index::judge_series(Axis::Time, policy, records, Time{7})) {
            if (finding.kind == LintKind::EqualKeys) {
                for (const auto& uid : finding.uids) RC_ASSERT(found_equal.insert(uid).second);
                RC_ASSERT(finding.uids.size() > 1U);
                RC_ASSERT(!finding.interval.end || finding.interval.begin < *finding.interval.end);
            }
            if (finding.kind == LintKind::OverlappingEnds) {
                RC_ASSERT(found_overlapping.insert(finding.uids.front()).second);
                RC_ASSERT(!finding.interval.end || finding.interval.begin < *finding.interval.end);
            }
            if (finding.kind == LintKind::Expired) expired = true;
            RC_ASSERT(finding.kind != LintKind::NeverWins);
        }
        RC_ASSERT(found_equal == equal);
        RC_ASSERT(found_overlapping == overlapping);
        RC_ASSERT(expired == (!records.empty() && std::all_of(records.begin(), records.end(), [](const auto& record) {
                      return record.key.end && *record.key.end <= 7;
                  })));
    }));
}

TEST_CASE("gaps lie between the first begin and the last end") {
    const auto span = [](std::int64_t begin, std::optional<std::int64_t> end) {
        return Interval{Axis::Run, begin, end};
    };
    CHECK(index::find_gaps({}).empty());
    CHECK(index::find_gaps({span(0, 5)}).empty());
    CHECK(index::find_gaps({span(0, 5), span(5, 9)}).empty());
    CHECK(index::find_gaps({span(6, std::nullopt), span(0, 5)}) == std::vector{span(5, 6)});
    CHECK(index::find_gaps({span(0, 2), span(0, 8), span(3, 4), span(9, 10)}) == std::vector{span(8, 9)});
}
