// Explanations: which records were candidates and what decided, against a brute-force model and over layers.
#include "etalon/explain.h"

#include <rapidcheck.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <tuple>

#include "backends/each_engine.h"
#include "database/support.h"
#include "index/many_cases.h"

using namespace etalon;
using etalon::test::check_many;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Gain1;
using etalon::test::hole;
using etalon::test::Plain;
using etalon::test::raw_script;
using etalon::test::TempDirectory;
using etalon::test::value;

namespace {

std::int64_t pick(std::int64_t begin, std::int64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(begin, end));
}
bool chance(std::int64_t one_in) {
    return pick(0, one_in) == 0;
}

const std::vector<std::int64_t> kPoints{kMinusInfinity,    kMinusInfinity + 1, -1, 0, 1, 2, 3, 4,
                                        kPlusInfinity - 1, kPlusInfinity};
const std::vector<std::string> kVersions{"default", "sim", "test"};

std::int64_t pick_point() {
    return kPoints[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(kPoints.size())))];
}

PutRecord random_record(const std::string& name) {
    auto begin = pick_point();
    if (begin == kPlusInfinity) begin = 0;
    std::optional<std::int64_t> end;
    if (!chance(3)) {
        end = pick_point();
        if (*end <= begin) end = begin + 1;
    }
    auto record = value(1, begin, end, kVersions[static_cast<std::size_t>(pick(0, 3))], pick(0, 2), name);
    if (chance(5)) record = hole(begin, end, name, record.element);
    if (chance(2)) record.created = Time{pick(0, 3)};
    return record;
}

/// A few commits of a few records each, some of them retired again.
void fill(Database& db, const std::string& name) {
    for (std::int64_t commits = pick(1, 6); commits > 0; --commits) {
        std::map<std::tuple<std::string, std::int64_t, std::int64_t>, PutRecord> records;
        for (std::int64_t n = pick(1, 5); n > 0; --n) {
            auto record = random_record(name);
            records.try_emplace({record.version, record.element, record.begin}, record);
        }
        std::vector<PutRecord> puts;
        for (auto& [key, record] : records) puts.push_back(std::move(record));
        (void)commit(db, puts);
        if (!chance(3)) continue;
        HistoryOptions now;
        now.as_of = Time{kPlusInfinity};
        now.retired = RetiredFilter::Live;
        const auto live = db.history(name, now);
        if (live.empty()) continue;
        HistoryOptions which;
        which.uids = {live[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(live.size())))].uid};
        (void)db.retire(name, which, {"tester", "", "", "a test"});
    }
    db.advance();
}

struct Chain {
    const char* text;
    std::map<std::string, std::uint64_t> ranks;
};
const std::vector<Chain> kChains{{"default", {{"default", 1}}},
                                 {"sim,default", {{"sim", 1}, {"default", 2}}},
                                 {"sim+default", {{"sim", 1}, {"default", 1}}},
                                 {"test,sim+default", {{"test", 1}, {"sim", 2}, {"default", 2}}}};

/// docs/validity.md, word for word.
CandidateState model_state(const HistoryRecord& record, std::int64_t at, std::int64_t snapshot) {
    if (record.commit > snapshot) return CandidateState::CommittedLater;
    if (record.retired && *record.retired <= snapshot) return CandidateState::Retired;
    if (at < record.interval.begin) return CandidateState::BeginsLater;
    if (record.interval.end && at >= *record.interval.end) return CandidateState::Ended;
    return CandidateState::Eligible;
}

std::vector<std::string> uids_of(const LayerCandidates& layer, CandidateState state) {
    std::vector<std::string> uids;
    for (const auto& one : layer.candidates) {
        if (one.state == state) uids.push_back(one.record.uid);
    }
    return uids;
}

const Candidate& get(const LayerCandidates& layer, const std::string& uid) {
    const auto found = std::find_if(layer.candidates.begin(), layer.candidates.end(),
                                    [&](const Candidate& one) { return one.record.uid == uid; });
    REQUIRE(found != layer.candidates.end());
    return *found;
}

std::string uid_at(Database& db, std::int64_t begin, const std::string& version = "default",
                   const std::string& name = "Plain") {
    for (const auto& record : db.history(name)) {
        if (record.interval.begin == begin && record.version == version && !record.retired) return record.uid;
    }
    FAIL("no such record");
    return {};
}

CommitInfo why(const std::string& reason) {
    return {"tester", "", "", reason};
}

}  // namespace

TEST_CASE("an explanation sorts all records as the rule does, whatever they are") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    std::atomic<int> number = 0;
    const int cases = engine.place().engine == backends::Engine::Sqlite ? 300 : 60;
    CHECK(check_many("explain = model", cases, [&] {
        const auto name = "Plain" + std::to_string(++number);
        const auto policy = chance(2) ? OrderPolicy::ByBegin : OrderPolicy::ByCreation;
        const auto first = db.define_name({name, "Plain", {}, policy, {}, {}}, why("a test"));
        fill(db, name);
        const auto all = db.history(name);
        for (int questions = 0; questions < 6; ++questions) {
            const auto at = pick_point();
            const auto& chain = kChains[static_cast<std::size_t>(pick(0, 4))];
            const auto snapshot = pick(first, db.snapshot() + 1);
            FetchOptions options;
            options.version = chain.text;
            options.elements = {pick(0, 2)};
            options.as_of = snapshot;
            const auto explanation = db.explain(name, Time{at}, options, 0);
            RC_ASSERT(explanation.elements.size() == 1U);
            const auto& element = explanation.elements.front();
            const auto& layer = element.layers.front();
            std::map<CandidateState, std::vector<HistoryRecord>> model;
            std::uint64_t other_versions = 0;
            std::uint64_t other_elements = 0;
            for (const auto& record : all) {
                const bool in_chain = chain.ranks.contains(record.version);
                const auto state = model_state(record, at, snapshot);
                const bool visible = state != CandidateState::Retired && state != CandidateState::CommittedLater;
                if (record.element != options.elements.front()) {
                    other_elements += in_chain && visible ? 1U : 0U;
                } else if (!in_chain) {
                    other_versions += visible ? 1U : 0U;
                } else {
                    model[state].push_back(record);
                }
            }
            auto& eligible = model[CandidateState::Eligible];
            std::sort(eligible.begin(), eligible.end(), [&](const HistoryRecord& a, const HistoryRecord& b) {
                const auto key = [&](const HistoryRecord& r) {
                    const auto rank = -static_cast<std::int64_t>(chain.ranks.at(r.version));
                    return policy == OrderPolicy::ByCreation
                               ? std::tuple(rank, r.created.ns, r.commit, r.interval.begin)
                               : std::tuple(rank, r.interval.begin, r.commit, std::int64_t{0});
                };
                return key(a) > key(b);
            });
            const auto listed = uids_of(layer, CandidateState::Eligible);
            RC_ASSERT(listed.size() == eligible.size());
            for (std::size_t i = 0; i < listed.size(); ++i) {
                RC_ASSERT(layer.candidates[i].place == i + 1);
                // Members of equal rank may tie down to their place in the commit, which a history does not show.
                const bool tied =
                    std::count_if(eligible.begin(), eligible.end(), [&](const auto& other) {
                        return other.commit == eligible[i].commit && other.interval.begin == eligible[i].interval.begin;
                    }) > 1;
                if (!tied) RC_ASSERT(listed[i] == eligible[i].uid);
            }
            for (const auto state : {CandidateState::Ended, CandidateState::BeginsLater, CandidateState::Retired,
                                     CandidateState::CommittedLater}) {
                std::set<std::string> expected;
                for (const auto& record : model[state]) expected.insert(record.uid);
                const auto found = uids_of(layer, state);
                RC_ASSERT(std::set<std::string>(found.begin(), found.end()) == expected);
                RC_ASSERT(found.size() == expected.size());
            }
            RC_ASSERT(layer.counts.eligible == eligible.size());
            RC_ASSERT(layer.counts.ended == model[CandidateState::Ended].size());
            RC_ASSERT(layer.counts.begins_later == model[CandidateState::BeginsLater].size());
            RC_ASSERT(layer.counts.retired == model[CandidateState::Retired].size());
            RC_ASSERT(layer.counts.committed_later == model[CandidateState::CommittedLater].size());
            RC_ASSERT(layer.counts.other_versions == other_versions);
            RC_ASSERT(layer.counts.other_elements == other_elements);
            const auto answer = db.fetch_rows(name, Time{at}, options);
            RC_ASSERT(element.status == answer->elements.front().status);
            RC_ASSERT(element.validity == answer->elements.front().validity);
            RC_ASSERT(element.winner == answer->elements.front().provenance);
            RC_ASSERT(!element.why.empty());
            RC_ASSERT(std::all_of(layer.candidates.begin(), layer.candidates.end(),
                                  [](const Candidate& one) { return !one.why.empty(); }));
        }
    }));
}

TEST_CASE("what decided is said in words of the rule") {
    // One engine: doctest 2.4.9 does not come to an end with these subcases below those of the engines.
    const etalon::test::TempDirectory directory;
    auto db = create_with<Plain>("sqlite:" + directory.file("words.db"));
    const auto explain = [&](std::int64_t at, const std::string& version = "") {
        db.advance();
        FetchOptions options;
        options.version = version;
        return db.explain("Plain", Time{at}, options).elements.front();
    };
    SUBCASE("alone") {
        (void)commit(db, {value(1, 0)});
        CHECK(explain(5).why == "the only eligible record");
    }
    SUBCASE("by begin") {
        (void)commit(db, {value(1, 0), value(2, 10)});
        const auto element = explain(20);
        CHECK(element.why == "latest begin");
        CHECK(get(element.layers.front(), uid_at(db, 10)).place == 1);
        CHECK(get(element.layers.front(), uid_at(db, 0)).why == "not the latest begin");
    }
    SUBCASE("by commit") {
        (void)commit(db, {value(1, 0)});
        (void)commit(db, {value(2, 0)});
        const auto element = explain(20);
        CHECK(element.why == "later commit");
        CHECK(element.layers.front().candidates[1].why == "earlier commit");
    }
    SUBCASE("by version") {
        (void)commit(db, {value(1, 0), value(2, -10, std::nullopt, "sim")});
        CHECK(explain(20, "sim,default").why == "version sim before default");
        CHECK(explain(20, "sim+default").why == "latest begin");
    }
    SUBCASE("by the place in the commit") {
        (void)commit(db, {value(1, 0), value(2, 0, std::nullopt, "sim")});
        const auto element = explain(20, "default+sim");
        CHECK(element.why == "later in its commit");
        CHECK(element.winner->version == "sim");
    }
    SUBCASE("by creation time") {
        (void)db.define_name({"Plain", "", {}, OrderPolicy::ByCreation, {}, {}}, why("policy"));
        auto early = value(1, 10);
        early.created = Time{5};
        auto late = value(2, 0);
        late.created = Time{6};
        (void)commit(db, {early, late});
        const auto element = explain(20);
        CHECK(element.why == "latest creation time");
        CHECK(element.layers.front().policy == OrderPolicy::ByCreation);
        CHECK(get(element.layers.front(), uid_at(db, 10)).why == "not the latest creation time");
    }
    SUBCASE("by begin, when one commit gives equal creation times") {
        (void)db.define_name({"Plain", "", {}, OrderPolicy::ByCreation, {}, {}}, why("policy"));
        (void)commit(db, {value(1, 0), value(2, 10)});
        CHECK(explain(20).why == "latest begin");
    }
    SUBCASE("a hole wins as any record") {
        (void)commit(db, {value(1, 0), hole(10)});
        const auto element = explain(20);
        CHECK(element.status == Status::Hole);
        CHECK(element.why == "latest begin");
    }
}

TEST_CASE("a gap is explained by what ended, what begins, and what does not count") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    CHECK(db.explain("Plain", Time{0}).elements.front().why == "no record in these versions is recorded");
    (void)commit(db,
                 {value(1, 0, 10), value(2, -5, 5), value(3, 30, 40), value(4, 50), value(5, 0, std::nullopt, "sim")});
    db.advance();
    const auto ended = uid_at(db, 0);
    const auto next = uid_at(db, 30);
    const auto gap = db.explain("Plain", Time{20}).elements.front();
    CHECK(gap.status == Status::Gap);
    CHECK(gap.validity == Interval{Axis::Time, 10, 30});
    CHECK(gap.why == "the last to end is record " + ended +
                         ", at 1970-01-01T00:00:00.00000001Z; the next to begin is record " + next +
                         ", at 1970-01-01T00:00:00.00000003Z; 1 record of other versions is valid");
    const auto& layer = gap.layers.front();
    CHECK(uids_of(layer, CandidateState::Ended).front() == ended);
    CHECK(uids_of(layer, CandidateState::BeginsLater).front() == next);
    REQUIRE(layer.versions.size() == 1);
    CHECK(layer.versions.front().version == "sim");
    CHECK(layer.versions.front().valid == 1);

    // What was retired, and what came later, is said.
    const auto before = db.snapshot();
    HistoryOptions which;
    which.uids = {uid_at(db, 30)};
    const auto retired = db.retire("Plain", which, why("wrong")).commit;
    db.advance();
    const auto now = db.explain("Plain", Time{35}).elements.front();
    CHECK(now.status == Status::Gap);
    CHECK(now.why.find("1 record that would be valid is retired") != std::string::npos);
    CHECK(get(now.layers.front(), next).why ==
          "retired by commit " + std::to_string(retired) + "; its interval has the asked position");
    FetchOptions earlier;
    earlier.as_of = before;
    const auto then = db.explain("Plain", Time{35}, earlier).elements.front();
    CHECK(then.winner->uid == next);
    CHECK(get(then.layers.front(), next).record.retired == retired);
    earlier.as_of = before - 1;
    const auto unknown = db.explain("Plain", Time{35}, earlier).elements.front();
    CHECK(unknown.status == Status::Gap);
    CHECK(unknown.why.find("1 record that would be valid was committed after the snapshot") != std::string::npos);
    CHECK(get(unknown.layers.front(), next).state == CandidateState::CommittedLater);
}

TEST_CASE("infinities, both axes and several elements are explained") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)db.define_name({"ByRun", "Plain", Axis::Run, {}, {}, {}}, why("a test"));
    (void)commit(db, {value(1, kMinusInfinity, kPlusInfinity, "default", 0, "ByRun"),
                      value(2, 7, std::nullopt, "default", 3, "ByRun")});
    db.advance();
    FetchOptions options;
    options.elements = {3, 0, 1};
    const auto at = [&](std::int64_t run) { return db.explain("ByRun", Run{run}, options).elements; };
    CHECK(at(kMinusInfinity)[0].status == Status::Gap);
    CHECK(at(kMinusInfinity)[1].status == Status::Found);
    CHECK(at(kPlusInfinity)[0].status == Status::Found);
    CHECK(at(kPlusInfinity)[1].status == Status::Gap);
    CHECK(at(kPlusInfinity)[1].layers.front().candidates.front().why == "ended at inf");
    CHECK(at(7)[2].status == Status::Gap);
    CHECK(at(7)[2].element == 1);
    CHECK(at(7)[2].layers.front().counts.other_elements == 2);
    CHECK(at(6)[0].layers.front().candidates.front().why == "begins at 7");

    CHECK(error_of([&] { (void)db.explain("ByRun", Time{7}); }).code() == ErrorCode::WrongAxis);
    const auto unknown = error_of([&] { (void)db.explain("ByRum", Run{7}); });
    CHECK(unknown.code() == ErrorCode::Unknown);
    CHECK(std::string(unknown.what()).find("did you mean 'ByRun'?") != std::string::npos);
    options.elements = {};
    CHECK(error_of([&] { (void)db.explain("ByRun", Run{7}, options); }).code() == ErrorCode::Usage);
    options.elements = {0};
    options.version = "a,,b";
    CHECK(error_of([&] { (void)db.explain("ByRun", Run{7}, options); }).code() == ErrorCode::BadInput);
}

TEST_CASE("lists are limited and totals are not") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    std::vector<PutRecord> records;
    for (int i = 0; i < 30; ++i) {
        records.push_back(value(i, i));
        records.push_back(value(i, 1000 + i));
        records.push_back(value(i, -1000 - i, -900 + i));
    }
    (void)commit(db, records);
    db.advance();
    for (const std::uint64_t limit : {1U, 2U, 7U, 0U}) {
        const auto element = db.explain("Plain", Time{500}, {}, limit).elements.front();
        const auto& layer = element.layers.front();
        const std::size_t listed = limit == 0 ? 30 : limit;
        CHECK(element.why == "latest begin");
        CHECK(layer.counts.eligible == 30);
        CHECK(layer.counts.ended == 30);
        CHECK(layer.counts.begins_later == 30);
        CHECK(uids_of(layer, CandidateState::Eligible).size() == listed);
        CHECK(uids_of(layer, CandidateState::Ended).size() == listed);
        CHECK(uids_of(layer, CandidateState::Ended).front() == uid_at(db, -1029));
        CHECK(uids_of(layer, CandidateState::BeginsLater).front() == uid_at(db, 1000));
    }
}

TEST_CASE("of several layers each says what it has") {
    EachEngine engine;
    if (!engine) return;
    TempDirectory directory;
    const auto top = engine.layer(directory.file("top.db"));
    const auto middle = engine.layer(directory.file("middle.db"));
    {
        auto lower = create_with<Plain>(engine.url());
        (void)commit(lower, {value(1, 0), value(2, 0, std::nullopt, "default", 1)});
        auto upper = create_with<Plain>(top);
        (void)commit(upper, {value(3, -10, 50), value(4, -10, 20, "sim")});
        (void)create_with<Gain1>(middle);
    }
    auto db = Database::open(std::vector{top, middle, engine.url()}, {.write_to = top});
    FetchOptions options;
    options.elements = {0, 1};
    options.version = "sim,default";
    const auto elements = db.explain("Plain", Time{10}, options).elements;
    REQUIRE(elements[0].layers.size() == 3);
    CHECK(elements[0].why == "version sim before default");
    CHECK(elements[0].winner->version == "sim");
    CHECK(elements[0].layers[2].candidates.front().why == "layer 1 before layer 3");
    CHECK(elements[0].layers[2].candidates.front().place == 3);
    CHECK_FALSE(elements[0].layers[1].knows_name);
    CHECK(elements[1].why == "the only eligible record");
    CHECK(elements[1].winner->layer == elements[1].layers[2].layer);
    CHECK(elements[1].layers[2].candidates.front().place == 1);
    // Between layers the layer decides, whatever the versions.
    const auto trimmed = db.explain("Plain", Time{30}, options).elements[0];
    CHECK(trimmed.why == "layer 1 before layer 3");
    CHECK(trimmed.validity == Interval{Axis::Time, 20, 50});

    options.layer_unit = LayerUnit::Answer;
    const auto whole = db.explain("Plain", Time{10}, options).elements;
    CHECK(whole[0].status == Status::Found);
    CHECK(whole[1].status == Status::Gap);
    CHECK_FALSE(whole[1].layers[2].is_asked);
    CHECK(whole[1].layers[2].candidates.front().state == CandidateState::NotAsked);
    CHECK(whole[1].layers[2].candidates.front().place == 0);
    CHECK(whole[1].why.find("layer 1 gives the whole answer") != std::string::npos);
    const auto below = db.explain("Plain", Time{60}, options).elements;
    CHECK(below[0].winner->layer == below[0].layers[2].layer);
    CHECK(below[1].status == Status::Found);
    CHECK(error_of([&] {
              options.as_of = std::int64_t{1};
              (void)db.explain("Plain", Time{10}, options);
          }).code() == ErrorCode::Usage);
}

TEST_CASE("over random layers the explanation finds the winner of every read") {
    TempDirectory directory;
    std::vector<std::string> urls;
    for (const char* layer : {"a", "b", "c"}) {
        urls.push_back("sqlite:" + directory.file(std::string(layer) + ".db") + "#Calib");
        (void)create_with<Plain>(urls.back());
    }
    std::atomic<int> number = 0;
    CHECK(check_many("explain over layers", 60, [&] {
        const auto name = "Plain" + std::to_string(++number);
        for (const auto& url : urls) {
            if (chance(4)) continue;
            auto db = Database::open(url);
            (void)db.define_name(
                {name, "Plain", {}, chance(2) ? OrderPolicy::ByBegin : OrderPolicy::ByCreation, {}, {}});
            fill(db, name);
        }
        {
            auto last = Database::open(urls.back());
            if (!last.find_name(name)) (void)last.define_name({name, "Plain", {}, {}, {}, {}});
        }
        auto db = Database::open(urls, {.write_to = urls.front()});
        for (int questions = 0; questions < 8; ++questions) {
            FetchOptions options;
            options.version = kChains[static_cast<std::size_t>(pick(0, 4))].text;
            options.elements = {0, 1};
            options.layer_unit = chance(2) ? LayerUnit::Answer : LayerUnit::Element;
            const auto at = pick_point();
            // Throws when the long way round finds another winner.
            const auto explanation = db.explain(name, Time{at}, options);
            const auto answer = db.fetch_rows(name, Time{at}, options);
            for (std::size_t i = 0; i < 2; ++i) {
                RC_ASSERT(explanation.elements[i].winner == answer->elements[i].provenance);
                RC_ASSERT(explanation.elements[i].validity == answer->elements[i].validity);
                std::set<std::uint64_t> places;
                std::uint64_t eligible = 0;
                for (const auto& layer : explanation.elements[i].layers) {
                    if (layer.is_asked) eligible += layer.counts.eligible;
                    for (const auto& one : layer.candidates) {
                        if (one.place != 0) RC_ASSERT(places.insert(one.place).second);
                    }
                }
                RC_ASSERT(places.size() == eligible || eligible > 10);
                RC_ASSERT(places.empty() || *places.begin() == 1);
            }
        }
    }));
}

TEST_CASE("records of schema versions that do not fit together are explained") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    auto scalar = etalon::test::definition_of<Gain1>();
    scalar.elements.front().type = ScalarType::Float32;
    scalar.elements.front().unit = "V";
    (void)db.register_structs({&scalar, 1});
    auto old_record = etalon::test::put<Gain1>("Gain", 0, {etalon::test::gain1(1)});
    auto new_record = etalon::test::put<Gain1>("Gain", 0, {etalon::test::gain1(2)});
    new_record.layout = std::make_shared<const StructDefinition>(scalar);
    new_record.element = 1;
    (void)commit(db, {old_record, new_record});
    db.advance();
    FetchOptions options;
    options.elements = {0, 1};
    CHECK(error_of([&] { (void)db.fetch_rows("Gain", Time{5}, options); }).code() == ErrorCode::Conversion);
    const auto elements = db.explain("Gain", Time{5}, options).elements;
    CHECK(elements[0].status == Status::Found);
    CHECK(elements[1].status == Status::Found);
}

TEST_CASE("a timeline that lost a stretch is an error, not an explanation") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)commit(db, {value(1, 0), value(2, 10)});
    db.advance();
    CHECK(db.explain("Plain", Time{20}).elements.front().status == Status::Found);
    raw_script(engine.url(), R"(DELETE FROM "timeline" WHERE "beginTime" = 10)");
    const auto error = error_of([&] { (void)db.explain("Plain", Time{20}); });
    CHECK(error.code() == ErrorCode::Corrupt);
    CHECK(error.info().expected == "one that begins at 10");
}
