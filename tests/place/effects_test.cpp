// What dry runs say: exactly the intervals whose winner changes, for whom, and behind which layers.
#include <rapidcheck.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <tuple>

#include "backends/each_engine.h"
#include "database/support.h"
#include "index/changes.h"
#include "index/many_cases.h"

using namespace etalon;
using etalon::test::check_many;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
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

const std::vector<std::int64_t> kPoints{kMinusInfinity,    kMinusInfinity + 1, -1, 0, 1, 2, 3, 4, 5,
                                        kPlusInfinity - 1, kPlusInfinity};

std::int64_t pick_point() {
    return kPoints[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(kPoints.size())))];
}

std::vector<PutRecord> random_records(const std::string& name, std::int64_t most) {
    std::map<std::tuple<std::string, std::int64_t, std::int64_t>, PutRecord> records;
    for (std::int64_t n = pick(1, most); n > 0; --n) {
        auto begin = pick_point();
        if (begin == kPlusInfinity) begin = 0;
        std::optional<std::int64_t> end;
        if (!chance(3)) {
            end = pick_point();
            if (*end <= begin) end = begin + 1;
        }
        auto record = value(1, begin, end, chance(3) ? "sim" : "default", pick(0, 2), name);
        if (chance(2)) record.created = Time{pick(0, 3)};
        records.try_emplace({record.version, record.element, record.begin}, record);
    }
    std::vector<PutRecord> puts;
    for (auto& [key, record] : records) puts.push_back(std::move(record));
    return puts;
}

using Where = std::tuple<std::string, std::int64_t, std::int64_t>;

/// The winner of every series at every point; empty: a gap.
std::map<Where, std::string> winners(Database& db, const std::string& name) {
    std::map<Where, std::string> all;
    for (const char* version : {"default", "sim"}) {
        for (std::int64_t element = 0; element < 2; ++element) {
            for (const auto at : kPoints) {
                FetchOptions options;
                options.version = version;
                options.elements = {element};
                const auto answer = db.fetch_rows(name, Time{at}, options);
                const auto& won = answer->elements.front().provenance;
                all[{version, element, at}] = won ? won->uid : "";
            }
        }
    }
    return all;
}

const PutEffect* effect_at(const std::vector<PutEffect>& effects, const Where& where) {
    const auto& [version, element, at] = where;
    const PutEffect* found = nullptr;
    for (const auto& effect : effects) {
        if (effect.version != version || effect.element != element || !effect.interval.contains(at)) continue;
        RC_ASSERT(found == nullptr);  // effects do not overlap
        found = &effect;
    }
    return found;
}

/// Effects say exactly where winners differ, and which those are.
void check_effects(const std::vector<PutEffect>& effects, const std::map<Where, std::string>& before,
                   const std::map<Where, std::string>& after) {
    const auto says = [](const std::string& text, const std::string& uid) {
        return uid.empty() ? text == "gap" : text.find(uid) != std::string::npos || text.starts_with("new ");
    };
    for (const auto& [where, uid] : before) {
        const auto* effect = effect_at(effects, where);
        RC_ASSERT((effect != nullptr) == (uid != after.at(where)));
        if (effect == nullptr) continue;
        RC_ASSERT(says(effect->before, uid));
        RC_ASSERT(says(effect->after, after.at(where)));
        RC_ASSERT(!effect->before.starts_with("new "));
    }
}

CommitInfo why(const std::string& reason) {
    return {"tester", "", "", reason};
}

}  // namespace

TEST_CASE("a preview of a put or a retirement says exactly what changes") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    std::atomic<int> number = 0;
    const int cases = engine.place().engine == backends::Engine::Sqlite ? 120 : 25;
    CHECK(check_many("preview = what happens", cases, [&] {
        const auto name = "Plain" + std::to_string(++number);
        (void)db.define_name({name, "Plain", {}, chance(2) ? OrderPolicy::ByBegin : OrderPolicy::ByCreation, {}, {}});
        for (std::int64_t commits = pick(0, 3); commits > 0; --commits) (void)commit(db, random_records(name, 6));
        db.advance();
        const auto before = winners(db, name);
        const auto last = db.snapshot();
        const auto puts = random_records(name, 6);
        const auto effects = db.preview(puts);
        RC_ASSERT(db.preview_reach().next_commit == last + 1);
        RC_ASSERT(commit(db, puts).commit == last + 1);
        db.advance();
        const auto between = winners(db, name);
        check_effects(effects, before, between);

        HistoryOptions which;
        which.elements = {pick(0, 2)};
        if (chance(2)) which.from = Time{1};
        const auto dry = db.retire(name, which, why("a test"), true, true);
        RC_ASSERT(dry.commit == 0);
        const auto done = db.retire(name, which, why("a test"), true);
        RC_ASSERT(dry.records.size() == done.records.size());
        db.advance();
        check_effects(dry.effects, between, winners(db, name));
    }));
}

TEST_CASE("a preview says what a layer above hides") {
    EachEngine engine;
    if (!engine) return;
    TempDirectory directory;
    const auto top = engine.layer(directory.file("top.db"));
    (void)create_with<Plain>(engine.url());
    {
        auto upper = create_with<Plain>(top);
        (void)commit(upper, {value(1, 10, 20), value(2, 15, 30), value(3, 50), value(4, 0, std::nullopt, "sim"),
                             value(5, 0, std::nullopt, "default", 1)});
    }
    auto db = Database::open(std::vector{top, engine.url()}, {.write_to = engine.url()});
    const auto record = value(9, 0, 60);
    const auto effects = db.preview({&record, 1});
    std::vector<std::tuple<std::int64_t, std::int64_t, bool>> parts;
    for (const auto& effect : effects) {
        parts.emplace_back(effect.interval.begin, effect.interval.end.value_or(-1), effect.hidden_by.empty());
        if (!effect.hidden_by.empty()) CHECK(effect.hidden_by == db.layers().front().place);
        CHECK(effect.before == "gap");
        CHECK(effect.after == "new record begin 1970-01-01T00:00:00Z");
    }
    CHECK(parts == std::vector<std::tuple<std::int64_t, std::int64_t, bool>>{
                       {0, 10, true}, {10, 30, false}, {30, 50, true}, {50, 60, false}});
    // Visible is what a reader of all layers gets.
    (void)commit(db, {record});
    db.advance();
    for (const auto& effect : effects) {
        const auto answer = db.fetch_rows("Plain", Time{effect.interval.begin});
        CHECK((answer->elements.front().provenance->layer == db.layers().back().place) == effect.hidden_by.empty());
    }
    // With a default chain all its versions of the layers above hide.
    auto chained = Database::open(std::vector{top, engine.url()}, {.write_to = engine.url(), .version = "sim,default"});
    const auto hidden = chained.preview({&record, 1});
    REQUIRE(hidden.size() == 1);
    CHECK(hidden.front().hidden_by == db.layers().front().place);
    // A retirement in the lower layer, seen through the same cover.
    HistoryOptions all;
    const auto retirement = db.retire("Plain", all, why("a test"), true, true);
    REQUIRE(retirement.effects.size() == 4);
    CHECK(retirement.effects[1].hidden_by == db.layers().front().place);
    CHECK(retirement.effects[1].after == "gap");
}

TEST_CASE("a preview counts the named snapshots that do not see it") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    CHECK(db.preview_reach().open_snapshots == 0);
    (void)db.set_snapshot("one", {}, why("a test"));
    (void)db.set_snapshot("two", {}, why("a test"));
    const auto last = db.freeze_snapshot("two", why("a test"));
    const auto reach = db.preview_reach();
    CHECK(reach.next_commit == last + 1);
    CHECK(reach.open_snapshots == 1);
    CHECK(reach.frozen_snapshots == 1);
}

TEST_CASE("a preview of many records over many is not quadratic") {
    EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    constexpr std::int64_t kMany = 20000;
    std::vector<PutRecord> even;
    std::vector<PutRecord> odd;
    const auto one = value(1, 0);
    for (std::int64_t i = 0; i < kMany; ++i) {
        even.push_back(one);
        even.back().begin = 2 * i;
        odd.push_back(one);
        odd.back().begin = 2 * i + 1;
    }
    (void)commit(db, even);
    const auto statements = db.statement_count();
    const auto effects = db.preview(odd);
    CHECK(effects.size() == kMany);
    CHECK(effects.front().interval == Interval{Axis::Time, 1, 2});
    CHECK(db.statement_count() - statements < 20);
}

TEST_CASE("two timelines are compared stretch by stretch") {
    CHECK(check_many("compare_timelines = point by point", 2000, [] {
        std::vector<index::RecordKey> keys;
        for (std::int64_t n = pick(0, 8); n > 0; --n) {
            const auto begin = pick(-3, 8);
            keys.push_back({pick(0, 2), begin, chance(3) ? std::nullopt : std::optional(begin + pick(1, 6)), pick(0, 3),
                            pick(0, 3), static_cast<std::int64_t>(keys.size())});
        }
        const auto split = static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(keys.size()) + 1));
        const auto before = index::timeline(Axis::Run, std::span(keys).first(split), OrderPolicy::ByBegin);
        const auto after = index::timeline(Axis::Run, keys, OrderPolicy::ByBegin);
        const auto changes = index::compare_timelines(before, after);
        const auto winner_at = [](const std::vector<index::Segment>& segments, std::int64_t at) {
            for (const auto& segment : segments) {
                if (segment.interval.contains(at)) return segment.winner;
            }
            throw std::logic_error("a timeline has a hole");
        };
        for (std::int64_t at = -5; at < 20; ++at) {
            const auto change = std::find_if(changes.begin(), changes.end(),
                                             [&](const auto& one) { return one.interval.contains(at); });
            const auto was = winner_at(before, at);
            const auto is = winner_at(after, at);
            RC_ASSERT((change != changes.end()) == (was != is));
            if (change == changes.end()) continue;
            RC_ASSERT(change->before == was);
            RC_ASSERT(change->after == is);
        }
    }));
}

TEST_CASE("an interval is cut along a cover") {
    CHECK(check_many("cut_by_cover = point by point", 2000, [] {
        const auto any = [] {
            const auto begin = pick(-3, 12);
            return Interval{Axis::Run, begin, chance(4) ? std::nullopt : std::optional(begin + pick(1, 6))};
        };
        std::vector<Interval> covering;
        for (std::int64_t n = pick(0, 5); n > 0; --n) covering.push_back(any());
        const auto cover = index::unite(covering);
        for (std::size_t i = 1; i < cover.size(); ++i) RC_ASSERT(*cover[i - 1].end < cover[i].begin);
        std::vector<Interval> asked;
        for (std::int64_t n = pick(1, 4); n > 0; --n) asked.push_back(any());
        std::sort(asked.begin(), asked.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
        std::size_t first = 0;
        for (const auto& interval : asked) {
            const auto parts = index::cut_by_cover(interval, cover, first);
            for (std::int64_t at = -5; at < 25; ++at) {
                std::size_t in = 0;
                for (const auto& part : parts) {
                    if (!part.interval.contains(at)) continue;
                    ++in;
                    RC_ASSERT(part.is_covered == std::any_of(covering.begin(), covering.end(),
                                                             [&](const auto& one) { return one.contains(at); }));
                }
                RC_ASSERT(in == (interval.contains(at) ? 1U : 0U));
            }
        }
    }));
}
