// Which record wins, and for how long: a brute-force model against the pure timeline, the stretch statements of both
// engines and the set statement of PostgreSQL; and the timelines that are kept against those made anew.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <string>
#include <vector>

#include "backends/ddl.h"
#include "backends/each_engine.h"
#include "index/chain.h"
#include "index/commits.h"
#include "index/many_cases.h"
#include "index/model.h"
#include "index/names.h"
#include "index/records.h"
#include "index/retire.h"
#include "index/stored_timelines.h"
#include "index/tables.h"
#include "index/timeline.h"
#include "index/winner.h"

using namespace etalon;
using namespace etalon::index;
using etalon::test::check_many;
using etalon::test::EachEngine;
using etalon::test::ModelQuestion;
using etalon::test::ModelRecord;
using etalon::test::stored_timelines;

namespace {

/// The whole range from the first case on (rapidcheck would begin with small ranges).
std::int64_t pick(std::int64_t begin, std::int64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(begin, end));
}
bool chance(std::int64_t one_in) {
    return pick(0, one_in) == 0;
}

/// Mostly a few small numbers, so that ends and begins meet; sometimes the far ends of the axis.
std::int64_t pick_point() {
    switch (pick(0, 12)) {
        case 0:
            return kMinusInfinity;
        case 1:
            return pick(0, 3) == 0 ? kPlusInfinity : kPlusInfinity - pick(0, 3);
        case 2:
            return kMinusInfinity + pick(0, 3);
        case 3:
            return pick(0, 2) == 0 ? std::int64_t{1} << 40 : -(std::int64_t{1} << 62);
        default:
            return pick(-3, 12);
    }
}

const std::vector<std::string> kVersions{"default", "sim", "test"};
const std::vector<std::string> kChains{"default",          "sim,default",          "default,sim",
                                       "sim+default",      "test,sim+default",     "sim+default,test",
                                       "test+sim+default", "test,nowhere,default", "nowhere"};

/// A history of a few commits; the records are in the order in which they are written.
std::vector<ModelRecord> pick_records(std::int64_t commits, std::int64_t most) {
    std::vector<ModelRecord> records;
    for (std::int64_t commit = 1; commit <= commits; ++commit) {
        const auto number = pick(0, most + 1);
        for (std::int64_t i = 0; i < number; ++i) {
            ModelRecord record;
            record.version = kVersions[static_cast<std::size_t>(pick(0, 3))];
            record.element = chance(4) ? 1 : 0;
            record.begin = pick_point();
            if (record.begin == kPlusInfinity) record.begin -= 1;
            if (!chance(3)) {
                const auto end = chance(8) ? kPlusInfinity : pick_point();
                record.end = end > record.begin ? end : record.begin + 1;
            }
            record.creation_time = pick(0, 5);
            record.commit = commit;
            if (commit < commits && chance(5)) record.retired = pick(commit + 1, commits + 1);
            const bool twice = std::any_of(records.begin(), records.end(), [&](const auto& r) {
                return r.commit == commit && r.version == record.version && r.element == record.element &&
                       r.begin == record.begin;
            });
            if (!twice) records.push_back(record);
        }
    }
    for (std::size_t i = 0; i < records.size(); ++i) records[i].id = static_cast<std::int64_t>(i) + 1;
    return records;
}

std::string show(const std::vector<ModelRecord>& records) {
    std::string out;
    const auto number = [](const auto& n) { return n ? std::to_string(*n) : std::string("-"); };
    for (const auto& r : records) {
        out += "#" + std::to_string(r.id) + " " + r.version + " element " + std::to_string(r.element) + " [" +
               std::to_string(r.begin) + ", " + number(r.end) + ") created " + std::to_string(r.creation_time) +
               " commit " + std::to_string(r.commit) + " retired " + number(r.retired) + "\n";
    }
    return out;
}

/// A database with the index tables only. Every case writes into one transaction that is rolled back.
class Place {
public:
    explicit Place(const EachEngine& engine) : connection_(engine.open()) {
        const auto tx = connection_->begin(backends::TransactionMode::Write);
        tx->execute_script(backends::immutability_functions(tx->engine()) + create_tables(tx->engine()));
        etalon::test::plant_payloads(*tx, 500);
        tx->commit();
    }
    std::unique_ptr<backends::Transaction> begin() { return connection_->begin(backends::TransactionMode::Write); }

private:
    std::unique_ptr<backends::Connection> connection_;
};

/// The policy in force at each commit; before the first commit it does not matter.
using Policies = std::vector<OrderPolicy>;

/// Writes a history as its commits; sets the IDs. Commit numbers start at 1 because nothing is ever committed. The name
/// is as of `snapshot`.
NameRecord write(backends::Transaction& tx, std::vector<ModelRecord>& records, std::int64_t commits,
                 const Policies& policies, std::int64_t snapshot) {
    NameRecord name;
    name.name = "reference";
    name.struct_id = 1;
    name.id = insert_name(tx, name, 0);
    for (std::int64_t commit = 1; commit <= commits; ++commit) {
        const auto stamp = begin_commit(tx, Time{commit * 1000});
        RC_ASSERT(stamp.seq == commit);
        const auto policy = policies.at(static_cast<std::size_t>(commit));
        if (commit == 1 || policy != name.policy) {
            name.policy = policy;
            insert_policy(tx, name, stamp);
            if (commit != 1) renew_timelines(tx, stamp, name.id, policy);
        }
        std::vector<NewRecord> made;
        for (const auto& record : records) {
            if (record.commit != commit) continue;
            // Every third is a hole: it wins like any other.
            const bool hole = record.id % 3 == 0;
            auto& one = made.emplace_back();
            one.name_id = name.id;
            one.schema_id = hole ? 0 : 1;
            one.version = record.version;
            one.element = record.element;
            one.begin = record.begin;
            one.end = record.end;
            one.created = record.creation_time;
            one.num_rows = hole ? 0 : 1;
            one.data_id = hole ? 0 : record.id;
            // As plant_payloads has them.
            one.encoding = 1;
            one.rows_checksum = 77;
        }
        if (!made.empty()) write_records(tx, stamp, made, {{name.id, policy}});
        std::map<std::tuple<std::string, std::int64_t, std::int64_t>, std::int64_t> ids;
        const auto cursor = tx.query(backends::Sql(R"(SELECT "ID", "version", "elementID", "beginTime" FROM "dataIndex"
WHERE "commitSeq" = ?1 AND "nameID" = ?2)"),
                                     {commit, name.id});
        while (cursor->next())
            ids[{std::string(cursor->text(1)), cursor->integer(2), cursor->integer(3)}] = cursor->integer(0);
        std::vector<LiveRecord> retired;
        for (auto& record : records) {
            if (record.commit == commit) record.id = ids.at({record.version, record.element, record.begin});
            if (record.retired == commit) retired.push_back({record.id, record.element, record.version, 0, 0, 0});
        }
        NameRecord with_policy = name;
        with_policy.policy = policy;
        retire_records(tx, stamp, with_policy, retired);
        write_commit_log(tx, stamp, {"author", "host", "program", "reason"});
    }
    auto found = find_name(tx, "reference", snapshot);
    RC_ASSERT(found.has_value());
    RC_ASSERT(found->has_policy == (snapshot > 0));
    if (snapshot > 0) RC_ASSERT(found->policy == policies.at(static_cast<std::size_t>(snapshot)));
    return *found;
}

/// What the answers of a property were, so that a property of nothing but gaps does not pass.
struct Seen {
    int winners = 0;
    int gaps = 0;
    int trimmed = 0;  ///< winners whose own interval is longer than the effective one
};

/// Compares one answer with the model.
void check_answer(const std::vector<ModelRecord>& records, const ModelQuestion& question, std::int64_t at,
                  const WinnerAnswer& answer, Seen& seen) {
    const auto* expected = etalon::test::model_winner(records, question, at);
    const auto where = "at " + std::to_string(at) + " element " + std::to_string(question.element) + " snapshot " +
                       std::to_string(question.snapshot) + "\n" + show(records);
    if ((expected == nullptr) != !answer.record || (expected != nullptr && expected->id != answer.record->id)) {
        RC_FAIL("winner is " + std::string(answer.record ? std::to_string(answer.record->id) : "none") +
                ", should be " + (expected != nullptr ? std::to_string(expected->id) : "none") + " " + where);
    }
    if (answer.record) {
        RC_ASSERT(answer.record->version == expected->version);
        RC_ASSERT(answer.record->begin == expected->begin);
        RC_ASSERT(answer.record->end == expected->end);
        RC_ASSERT((answer.record->data_id == 0) == (answer.record->num_rows == 0));
        ++seen.winners;
        if (answer.validity.begin != expected->begin || answer.validity.end != expected->end) ++seen.trimmed;
    } else {
        ++seen.gaps;
    }
    const auto fault = etalon::test::interval_fault(records, question, at, answer.validity.begin, answer.validity.end);
    if (!fault.empty()) {
        RC_FAIL("[" + std::to_string(answer.validity.begin) + ", " +
                (answer.validity.end ? std::to_string(*answer.validity.end) : "-") + ") " + fault + ", " + where);
    }
}

/// The records that a question sees, for the pure timeline.
std::vector<RecordKey> keys_of(const std::vector<ModelRecord>& records, const ModelQuestion& question,
                               std::vector<std::int64_t>& ids) {
    std::vector<RecordKey> keys;
    for (const auto& record : records) {
        const auto rank = etalon::test::rank_of(record, question);
        if (!rank || !etalon::test::visible(record, question)) continue;
        keys.push_back({*rank, record.begin, record.end, record.creation_time, record.commit, record.id});
        ids.push_back(record.id);
    }
    return keys;
}

struct Case {
    std::vector<ModelRecord> records;
    std::int64_t commits = 0;
    Policies policies;  ///< by commit; [0] is that of the first

    [[nodiscard]] OrderPolicy policy(std::int64_t snapshot) const {
        return policies.at(static_cast<std::size_t>(snapshot));
    }
};

Case pick_case() {
    Case made;
    made.commits = pick(1, 6);
    auto policy = chance(2) ? OrderPolicy::ByCreation : OrderPolicy::ByBegin;
    const bool changes = chance(3);
    for (std::int64_t commit = 0; commit <= made.commits; ++commit) {
        if (changes && commit > 1 && chance(3)) {
            policy = policy == OrderPolicy::ByBegin ? OrderPolicy::ByCreation : OrderPolicy::ByBegin;
        }
        made.policies.push_back(policy);
    }
    made.records = pick_records(made.commits, 7);
    return made;
}

ModelQuestion question_of(const Case& from, const std::string& chain, std::int64_t element, std::int64_t snapshot) {
    return {parse_chain(chain).ranks, from.policy(snapshot) == OrderPolicy::ByCreation, element, snapshot};
}

const std::string& pick_chain() {
    return kChains[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(kChains.size())))];
}

}  // namespace

TEST_CASE("the timeline is what brute force says at every point") {
    CHECK(check_many("timeline against the model", 3000, [] {
        const auto made = pick_case();
        const auto question = question_of(made, pick_chain(), pick(0, 2), pick(0, made.commits + 1));
        std::vector<std::int64_t> ids;
        const auto keys = keys_of(made.records, question, ids);
        const auto segments = timeline(Axis::Time, keys, made.policy(question.snapshot));
        RC_ASSERT(!segments.empty());
        RC_ASSERT(segments.front().interval.begin == kMinusInfinity);
        RC_ASSERT(!segments.back().interval.end.has_value());
        for (std::size_t i = 1; i < segments.size(); ++i) {
            RC_ASSERT(segments[i - 1].interval.end == segments[i].interval.begin);
            RC_ASSERT(segments[i - 1].winner != segments[i].winner);
        }
        for (const auto at : etalon::test::event_points(made.records)) {
            const auto* expected = etalon::test::model_winner(made.records, question, at);
            for (const auto& segment : segments) {
                if (!segment.interval.contains(at)) continue;
                RC_ASSERT(segment.winner.has_value() == (expected != nullptr));
                if (expected != nullptr) RC_ASSERT(ids[*segment.winner] == expected->id);
            }
        }
    }));
}

namespace {

std::string show(const std::vector<etalon::test::StoredStretch>& stretches) {
    std::string out;
    for (const auto& row : stretches) {
        for (const auto& cell : row) out += cell + " ";
        out += "\n";
    }
    return out;
}

}  // namespace

TEST_CASE("timelines kept with every commit are those made anew from the history") {
    const EachEngine engine;
    if (!engine) return;
    Place place(engine);
    const bool sqlite = engine.place().engine == backends::Engine::Sqlite;
    std::size_t points = 0;
    CHECK(check_many("timelines against the history", sqlite ? 1500 : 250, [&] {
        auto made = pick_case();
        // Also commits of so many records that they read whole ranges.
        if (chance(8)) made.records = pick_records(made.commits, 60);
        const auto tx = place.begin();
        (void)write(*tx, made.records, made.commits, made.policies, made.commits);
        const auto kept = stored_timelines(*tx);
        rebuild_all_timelines(*tx);
        const auto anew = stored_timelines(*tx);
        if (kept != anew) RC_FAIL(show(made.records) + "kept:\n" + show(kept) + "anew:\n" + show(anew));
        points += kept.size();
    }));
    MESSAGE(points, " points");
    CHECK(points > (sqlite ? 10000U : 1500U));
}

TEST_CASE("the winner and its exact interval are what brute force says") {
    const EachEngine engine;
    if (!engine) return;
    Place place(engine);
    const bool sqlite = engine.place().engine == backends::Engine::Sqlite;
    Seen seen;
    CHECK(check_many("winner against the model", sqlite ? 2500 : 400, [&] {
        auto made = pick_case();
        const auto tx = place.begin();
        const auto snapshot = chance(2) ? pick(1, made.commits + 1) : made.commits;
        const auto name = write(*tx, made.records, made.commits, made.policies, snapshot);
        for (int i = 0; i < 2; ++i) {
            const auto& chain = pick_chain();
            const auto question = question_of(made, chain, pick(0, 2), snapshot);
            auto points = etalon::test::event_points(made.records);
            if (!sqlite) {  // a sample: each is a round trip
                std::vector<std::int64_t> some;
                for (std::size_t p = static_cast<std::size_t>(pick(0, 3)); p < points.size(); p += 3)
                    some.push_back(points[p]);
                points = some;
            }
            for (const auto at : points) {
                check_answer(made.records, question, at,
                             find_winner(*tx, name, question.element, parse_chain(chain), at, snapshot), seen);
            }
        }
    }));
    MESSAGE(seen.winners, " winners, ", seen.trimmed, " of them trimmed, ", seen.gaps, " gaps");
    CHECK(seen.winners > (sqlite ? 20000 : 1000));
    CHECK(seen.trimmed > (sqlite ? 10000 : 500));
    CHECK(seen.gaps > (sqlite ? 10000 : 500));
}

TEST_CASE("the statement of many stretches answers every chain as the model does") {
    const auto url = etalon::test::find_fresh_postgres_place();
    if (!url) return;
    const auto connection = backends::open_connection(backends::parse_place_url(*url), backends::OpenMode::Create);
    {
        const auto tx = connection->begin(backends::TransactionMode::Write);
        tx->execute_script(backends::immutability_functions(tx->engine()) + create_tables(tx->engine()));
        etalon::test::plant_payloads(*tx, 500);
        tx->commit();
    }
    Seen seen;
    CHECK(check_many("set query against the model", 600, [&] {
        auto made = pick_case();
        const auto tx = connection->begin(backends::TransactionMode::Write);
        const auto snapshot = chance(2) ? pick(1, made.commits + 1) : made.commits;
        const auto name = write(*tx, made.records, made.commits, made.policies, snapshot);
        const auto points = etalon::test::event_points(made.records);
        // One member for each version of each chain whose members do not rank equal.
        struct Member {
            std::size_t key;
            std::string version;
        };
        struct Asked {
            ModelQuestion question;
            std::int64_t at = 0;
            WinnerAnswer answer{std::nullopt, Interval{Axis::Run, kMinusInfinity, std::nullopt}};
        };
        std::vector<Asked> asked;
        std::vector<Member> members;
        std::vector<std::int64_t> ords, names, elements, positions;
        std::vector<std::string> versions;
        for (int i = 0; i < 3; ++i) {
            const auto& chain = pick_chain();
            if (std::string_view(chain).find('+') != std::string_view::npos) continue;
            const auto element = pick(0, 2);
            for (const auto at : points) {
                asked.push_back({question_of(made, chain, element, snapshot), at});
                for (const auto& rank : parse_chain(chain).ranks) {
                    ords.push_back(static_cast<std::int64_t>(members.size()));
                    members.push_back({asked.size() - 1, rank.front()});
                    names.push_back(name.id);
                    elements.push_back(element);
                    positions.push_back(at);
                    versions.push_back(rank.front());
                }
            }
        }
        std::vector<std::optional<Stretch>> stretches(members.size());
        std::vector<bool> answered(members.size(), false);
        {
            const auto cursor =
                tx->query(backends::Sql(stretch_set_sql()), {snapshot, ords, names, elements, positions, versions});
            while (cursor->next()) {
                const auto ord = static_cast<std::size_t>(cursor->integer(0));
                RC_ASSERT(ord < members.size());
                RC_ASSERT(!answered[ord]);
                answered[ord] = true;
                RC_ASSERT(cursor->integer(1 + kStretchColumns) == 0);
                if (cursor->is_null(1)) continue;
                stretches[ord] = read_stretch(*cursor, 1, name.id, elements[ord], versions[ord], true);
                RC_ASSERT(decides(*stretches[ord], positions[ord], snapshot, "here"));
            }
        }
        for (std::size_t m = 0; m < members.size(); ++m) {
            RC_ASSERT(answered[m]);
            auto& into = asked[members[m].key].answer;
            if (into.record) continue;
            auto answer = answer_of(stretches[m], Axis::Run, snapshot, members[m].version);
            into.validity = intersect(into.validity, answer.validity);
            into.record = std::move(answer.record);
        }
        for (const auto& one : asked) check_answer(made.records, one.question, one.at, one.answer, seen);
    }));
    MESSAGE(seen.winners, " winners, ", seen.trimmed, " of them trimmed, ", seen.gaps, " gaps");
    CHECK(seen.winners > 2000);
    CHECK(seen.trimmed > 800);
    CHECK(seen.gaps > 400);
}

TEST_CASE("a baseLine read takes the best record whatever its interval") {
    const EachEngine engine;
    if (!engine) return;
    Place place(engine);
    CHECK(check_many("any position against the model", 150, [&] {
        auto made = pick_case();
        const auto tx = place.begin();
        const auto snapshot = pick(1, made.commits + 1);
        const auto name = write(*tx, made.records, made.commits, made.policies, snapshot);
        const auto& chain = pick_chain();
        const auto question = question_of(made, chain, pick(0, 2), snapshot);
        const auto* expected = etalon::test::model_winner(made.records, question, 0, true);
        const auto answer = find_any_position(*tx, name, question.element, parse_chain(chain), snapshot);
        RC_ASSERT(answer.record.has_value() == (expected != nullptr));
        if (expected != nullptr) RC_ASSERT(answer.record->id == expected->id);
        RC_ASSERT(answer.validity == Interval{});
    }));
}

TEST_CASE("history lists what a snapshot sees, retired records included") {
    const EachEngine engine;
    if (!engine) return;
    Place place(engine);
    CHECK(check_many("history against the model", 60, [&] {
        auto made = pick_case();
        const auto tx = place.begin();
        const auto name = write(*tx, made.records, made.commits, made.policies, made.commits);
        HistoryFilter filter{name.id, Axis::Time, chance(2) ? "sim" : "", std::nullopt, pick(0, made.commits + 1), 0};
        if (chance(2)) filter.element = pick(0, 2);
        std::vector<ModelRecord> expected;
        for (const auto& record : made.records) {
            if (record.commit > filter.snapshot || (!filter.version.empty() && record.version != filter.version) ||
                (filter.element && record.element != *filter.element)) {
                continue;
            }
            expected.push_back(record);
        }
        std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
            return std::tie(a.element, a.version, a.begin, a.commit, a.id) <
                   std::tie(b.element, b.version, b.begin, b.commit, b.id);
        });
        const auto history = read_history(*tx, filter);
        RC_ASSERT(history.size() == expected.size());
        for (std::size_t i = 0; i < history.size(); ++i) {
            RC_ASSERT(history[i].interval.begin == expected[i].begin);
            RC_ASSERT(history[i].interval.end == expected[i].end);
            RC_ASSERT(history[i].version == expected[i].version);
            RC_ASSERT(history[i].commit == expected[i].commit);
            const auto retired =
                expected[i].retired && *expected[i].retired <= filter.snapshot ? expected[i].retired : std::nullopt;
            RC_ASSERT(history[i].retired == retired);
            RC_ASSERT(history[i].uid.size() == 32u);
        }
        filter.limit = 2;
        RC_ASSERT(read_history(*tx, filter).size() == std::min<std::size_t>(2, expected.size()));
    }));
}
