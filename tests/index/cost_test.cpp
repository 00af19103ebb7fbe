// What a lookup and a commit cost: rows visited, never time. A million intervals of one name may cost at most three
// times what a thousand do; later and losing records cost only where they touch the interval.
#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "backends/ddl.h"
#include "backends/each_engine.h"
#include "index/chain.h"
#include "index/commits.h"
#include "index/names.h"
#include "index/records.h"
#include "index/stored_timelines.h"
#include "index/tables.h"
#include "index/winner.h"
#include "support/visits.h"

using namespace etalon;
using namespace etalon::index;
using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::TransactionMode;
using etalon::test::count_visits;
using etalon::test::EachEngine;
using etalon::test::SqliteSteps;
using etalon::test::Visited;

namespace {

constexpr std::int64_t kSmall = 1'000;
constexpr std::int64_t kStep = 10;       // of the intervals: number i begins at i * kStep
constexpr std::int64_t kEnded = 10'000;  // short records before all others
constexpr std::int64_t kEndedBegin = -1'000'000'000;

/// A million intervals take a minute to write on each engine.
std::int64_t large() {
    const char* asked = std::getenv("ETALON_TEST_LARGE");
    return asked != nullptr && std::string_view(asked) == "1" ? 1'000'000 : 100'000;
}

/// Index tables, and two that a reader joins, in a place that is never analyzed but by the test.
class Store {
public:
    explicit Store(const EachEngine& engine) : connection_(engine.open()) {
        const auto tx = connection_->begin(TransactionMode::Write);
        auto text = backends::immutability_functions(tx->engine()) + create_tables(tx->engine()) +
                    backends::render_ddl(tx->engine(), R"(
CREATE TABLE "Gain" ("dataID" {int}, "rowNumber" {int}, "gain" {int}, PRIMARY KEY ("dataID", "rowNumber"));
INSERT INTO "Gain" VALUES (1, 0, 7);
)");
        if (tx->engine() == Engine::Postgres) {
            for (const auto* table : {"dataIndex", "timeline", "timelinePast"})
                text += std::string("ALTER TABLE \"") + table + "\" SET (autovacuum_enabled = false);\n";
        }
        tx->execute_script(text);
        etalon::test::plant_payloads(*tx, 1);
        tx->commit();
    }
    backends::Connection& connection() { return *connection_; }

    /// A new name with its policy.
    NameRecord make_name(const std::string& text, OrderPolicy policy) {
        const auto tx = connection_->begin(TransactionMode::Write);
        const auto stamp = stamp_of(*tx);
        NameRecord name;
        name.name = text;
        name.struct_id = 1;
        name.policy = policy;
        name.id = insert_name(*tx, name, stamp.entry_time);
        insert_policy(*tx, name, stamp);
        finish(*tx, stamp);
        return name;
    }
    /// One commit of records of one version. Returns what it visited.
    Visited put(const NameRecord& name, const std::string& version, const std::vector<Interval>& intervals) {
        const auto tx = connection_->begin(TransactionMode::Write);
        const auto stamp = stamp_of(*tx);
        std::vector<NewRecord> records;
        for (const auto& interval : intervals)
            records.push_back({name.id, 1, version, 0, interval.begin, interval.end, std::nullopt, 1, 1});
        const auto visited = count_visits(*tx, [&] {
            write_records(*tx, stamp, records, {{name.id, name.policy}});
            write_commit_log(*tx, stamp, {"author", "host", "program", "reason"});
        });
        tx->commit();
        snapshot_ = stamp.seq;
        return visited;
    }
    [[nodiscard]] std::int64_t snapshot() const noexcept { return snapshot_; }
    void analyze() {
        const auto tx = connection_->begin(TransactionMode::Write);
        tx->execute_script("ANALYZE;");
        tx->commit();
    }

private:
    CommitStamp stamp_of(Transaction& tx) const { return begin_commit(tx, Time{(snapshot_ + 1) * 1000}); }
    void finish(Transaction& tx, const CommitStamp& stamp) {
        write_commit_log(tx, stamp, {"author", "host", "program", "reason"});
        tx.commit();
        snapshot_ = stamp.seq;
    }
    std::unique_ptr<backends::Connection> connection_;
    std::int64_t snapshot_ = 0;
};

Interval interval(std::int64_t begin, std::optional<std::int64_t> end = std::nullopt) {
    return {Axis::Time, begin, end};
}

/// Many intervals of version `default`: short ended ones far before; then a half with explicit ends, every fourth
/// followed by a gap; then a half without, every fourth with one, so that the one before goes on behind it. `sim` has a
/// short record for every hundredth, `late` one that begins behind them all, `early` one that begins and was committed
/// before them all.
NameRecord fill(Store& store, const std::string& text, OrderPolicy policy, std::int64_t count) {
    const auto name = store.make_name(text, policy);
    store.put(name, "early", {interval(kEndedBegin - 5)});
    std::vector<Interval> commit;
    const auto flush = [&] {
        store.put(name, "default", commit);
        commit.clear();
    };
    for (std::int64_t i = 0; i < kEnded; ++i)
        commit.push_back(interval(kEndedBegin + i * kStep, kEndedBegin + i * kStep + 3));
    flush();
    for (std::int64_t i = 0; i < count; ++i) {
        const auto begin = i * kStep;
        if (i % 4 == 3) {
            commit.push_back(interval(begin, begin + 5));
        } else {
            commit.push_back(i < count / 2 ? interval(begin, begin + kStep) : interval(begin));
        }
        if (commit.size() == 100'000) flush();
    }
    if (!commit.empty()) flush();
    std::vector<Interval> sim;
    for (std::int64_t i = 0; i < count; i += 100) sim.push_back(interval(i * kStep + 2, i * kStep + 4));
    store.put(name, "sim", sim);
    store.put(name, "late", {interval(count * kStep + 5)});
    return name;
}

/// Positions that mean the same for every number of intervals.
std::map<std::string, std::int64_t> positions(std::int64_t count) {
    const auto quarter = count / 4 / 4 * 4;
    return {{"before all", kEndedBegin - 100},
            {"at the first", 1},
            {"among the short ones", kEndedBegin + 5 * kStep + 1},
            {"in a gap between the short ones", kEndedBegin + 5 * kStep + 5},
            {"in the great gap", -1},
            {"in the middle", count / 2 * kStep + 1},
            {"within one with an end", quarter * kStep + 6},
            {"in a gap", (quarter + 3) * kStep + 7},
            {"behind one that ended", (count / 2 + quarter + 3) * kStep + 7},
            {"where sim is valid", (count / 200) * 100 * kStep + 3},
            {"at the last", (count - 1) * kStep + 1},
            {"behind all", count * kStep + 100},
            {"at infinity", kPlusInfinity}};
}

const std::array<const char*, 9> kChains{"default",       "sim,default",      "default,sim",
                                         "sim+default",   "late+default",     "default+late",
                                         "early+default", "late,sim+default", "early+sim+late+default"};

/// The statement that a reader builds, with rows joined.
const Sql& joined_sql(Engine engine) {
    static const Sql kSqlite("SELECT " + stretch_columns("x", "NULL") +
                             R"(, r."rowNumber", r."gain" FROM "timeline" x LEFT JOIN "Gain" r
ON r."dataID" = x."dataID" WHERE x."nameID" = ?1 AND x."elementID" = ?2 AND x."version" = ?3 AND x."beginTime" <= ?4
ORDER BY x."beginTime" DESC)");
    static const Sql kPostgres("SELECT t.*, r.\"rowNumber\", r.\"gain\" FROM (" + nearest_sql() +
                               R"() t LEFT JOIN LATERAL (SELECT * FROM "Gain" r WHERE r."dataID" = t."dataID"
ORDER BY r."rowNumber") r ON TRUE)");
    return engine == Engine::Sqlite ? kSqlite : kPostgres;
}

/// All ways to ask at one position, and what each visits. `newest`: nothing has been committed since the snapshot.
std::map<std::string, Visited> ask(Transaction& tx, const NameRecord& name, std::int64_t at, std::int64_t snapshot,
                                   bool newest = true) {
    std::map<std::string, Visited> visited;
    if (newest) {
        visited["joined"] = count_visits(tx, [&] {
            const auto cursor =
                tx.query(joined_sql(tx.engine()), {name.id, std::int64_t{0}, std::string("default"), at});
            REQUIRE(cursor->next());
        });
    }
    for (const auto* text : kChains) {
        const auto chain = parse_chain(text);
        visited[std::string("chain ") + text] =
            count_visits(tx, [&] { (void)find_winner(tx, name, 0, chain, at, snapshot); });
    }
    if (tx.engine() == Engine::Sqlite) return visited;
    visited["set"] = count_visits(tx, [&] {
        const auto cursor =
            tx.query(Sql(stretch_set_sql()), {snapshot, std::vector<std::int64_t>{0},
                                              std::vector<std::int64_t>{name.id}, std::vector<std::int64_t>{0},
                                              std::vector<std::int64_t>{at}, std::vector<std::string>{"default"}});
        REQUIRE(cursor->next());
    });
    return visited;
}

/// How PostgreSQL plans: the first five times with the values, then without, or always one of both.
const std::string kAuto = "auto";
const std::vector<std::string> kPlans{kAuto, "force_custom_plan", "force_generic_plan"};

/// Asks everything of both names and compares.
void compare(backends::Connection& connection, const NameRecord& of_small, const NameRecord& of_large,
             std::int64_t snapshot, const std::string& when, const std::vector<std::string>& plans = {kAuto}) {
    const auto tx = connection.begin(TransactionMode::Write);
    const auto small = positions(kSmall);
    const auto many = positions(large());
    std::int64_t most = 0;
    for (const auto& plan : plans) {
        if (tx->engine() == Engine::Postgres) {
            tx->execute_script("SET LOCAL plan_cache_mode = " + plan);
        } else if (plan != kAuto) {
            continue;
        }
        for (const auto& [where, at] : small) {
            const auto few = ask(*tx, of_small, at, snapshot);
            for (const auto& [how, visited] : ask(*tx, of_large, many.at(where), snapshot)) {
                INFO(when, ", ", of_large.name, ", ", plan, ", ", where, ", ", how, ": ", few.at(how).rows, " and ",
                     visited.rows);
                CHECK(few.at(how).rows > 0);
                CHECK(visited.rows <= 3 * few.at(how).rows);
                CHECK(visited.sequential == 0);
                most = std::max(most, visited.rows);
            }
        }
    }
    MESSAGE(when, ", ", of_large.name, ": at most ", most, " visited");
}

/// Everything of one name at one position; what is more than before must be at most `extra`.
void check_no_more(const std::map<std::string, Visited>& now, const std::map<std::string, Visited>& before,
                   std::int64_t extra, const std::string& when) {
    std::int64_t most = 0;
    for (const auto& [how, visited] : now) {
        INFO(when, ", ", how, ": ", before.at(how).rows, " and ", visited.rows);
        CHECK(visited.rows <= 3 * before.at(how).rows + extra);
        most = std::max(most, visited.rows - before.at(how).rows);
    }
    MESSAGE(when, ": at most ", most, " more");
}

constexpr std::array<OrderPolicy, 2> kPolicies{OrderPolicy::ByBegin, OrderPolicy::ByCreation};

std::string with_policy(const std::string& text, OrderPolicy policy) {
    return text + (policy == OrderPolicy::ByBegin ? "_by_begin" : "_by_creation");
}

}  // namespace

TEST_CASE("a lookup visits as little in very many intervals as in a thousand") {
    const SqliteSteps steps;
    const EachEngine engine(EachEngine::Within::OwnDatabase);
    if (!engine) return;
    Store store(engine);
    // A connection whose statements are planned while the tables are nearly empty.
    const auto early = engine.open();
    const auto nobody = store.make_name("nobody", OrderPolicy::ByBegin);
    store.put(nobody, "default", {interval(0)});
    {
        const auto tx = early->begin(TransactionMode::Write);
        for (int i = 0; i < 8; ++i) (void)ask(*tx, nobody, 5, store.snapshot());
        tx->commit();
    }
    struct Pair {
        NameRecord of_small;
        NameRecord of_large;
    };
    std::vector<Pair> pairs;
    for (const auto policy : kPolicies) {
        pairs.push_back({fill(store, with_policy("small", policy), policy, kSmall),
                         fill(store, with_policy("large", policy), policy, large())});
    }
    for (const auto& [of_small, of_large] : pairs)
        compare(*early, of_small, of_large, store.snapshot(), "planned while empty");
    const auto fresh = engine.open();
    for (const auto& [of_small, of_large] : pairs)
        compare(*fresh, of_small, of_large, store.snapshot(), "before ANALYZE", kPlans);
    store.analyze();
    const auto analyzed = engine.open();
    for (const auto& [of_small, of_large] : pairs)
        compare(*analyzed, of_small, of_large, store.snapshot(), "after ANALYZE");
}

TEST_CASE("a lookup visits nothing for records that are elsewhere, and few for those that touch its interval") {
    const SqliteSteps steps;
    const EachEngine engine(EachEngine::Within::OwnDatabase);
    if (!engine) return;
    constexpr std::int64_t kCount = 10'000;
    constexpr std::int64_t kAgain = 1'000;
    constexpr std::int64_t kAt = 2'000 * kStep + 1;
    const bool sqlite = engine.place().engine == Engine::Sqlite;
    const std::int64_t few = (sqlite ? 50 : 5) * kAgain;
    Store store(engine);
    for (const auto policy : kPolicies) {
        const auto name = fill(store, with_policy("name", policy), policy, kCount);
        const auto old = store.snapshot();
        const auto look = [&](std::int64_t at, std::int64_t snapshot) {
            const auto tx = store.connection().begin(TransactionMode::Write);
            const bool newest = snapshot == store.snapshot();
            for (int i = 0; i < 5; ++i) (void)ask(*tx, name, at, snapshot, newest);  // until plans do not change
            return ask(*tx, name, at, snapshot, newest);
        };
        constexpr std::int64_t kLast = kCount * kStep - 4;
        const auto before = look(kAt, old);
        const auto before_last = look(kLast, old);
        for (std::int64_t i = 0; i < kAgain; ++i)
            store.put(name, "default", {interval((7'000 + i) * kStep, (7'001 + i) * kStep)});
        check_no_more(look(kAt, store.snapshot()), before, 0, with_policy("re-issues elsewhere, newest", policy));
        check_no_more(look(kAt, old), before, 0, with_policy("re-issues elsewhere, older", policy));

        for (std::int64_t i = 0; i < kAgain; ++i) store.put(name, "default", {interval(kAt - 1, kAt - 1 + kStep)});
        check_no_more(look(kAt, store.snapshot()), before, 0, with_policy("re-issues here, newest", policy));
        check_no_more(look(kAt, old), before, few, with_policy("re-issues here, older", policy));

        std::vector<Interval> all;
        for (std::int64_t i = 0; i < kCount; ++i) all.push_back(interval(i * kStep, (i + 1) * kStep));
        store.put(name, "default", all);
        check_no_more(look(kAt, store.snapshot()), before, 0, with_policy("all again, newest", policy));
        check_no_more(look(kAt, old), before, few, with_policy("all again, older", policy));
        check_no_more(look(kAt, store.snapshot() - 1), before, few,
                      with_policy("all again, the commit before", policy));

        std::vector<Interval> inside;
        for (std::int64_t i = 0; i < kAgain; ++i) inside.push_back(interval(kLast + 1 + i));
        store.put(name, "default", inside);
        check_no_more(look(kLast, store.snapshot()), before_last, 0, with_policy("begins inside, newest", policy));
        check_no_more(look(kLast, old), before_last, few, with_policy("begins inside, older", policy));
    }
}

TEST_CASE("a commit visits as little in very many intervals as in a thousand") {
    const SqliteSteps steps;
    const EachEngine engine(EachEngine::Within::OwnDatabase);
    if (!engine) return;
    Store store(engine);
    struct Put {
        std::string what;
        std::vector<Interval> intervals;
    };
    const auto puts = [](std::int64_t count) {
        const auto end = count * kStep;
        const auto quarter = count / 16 * 4 * kStep;
        std::vector<Interval> scattered;
        for (std::int64_t i = 0; i < 100; ++i)
            scattered.push_back(interval(i * (count / 100) * kStep + 2, i * (count / 100) * kStep + 8));
        return std::vector<Put>{{"appended", {interval(end)}},
                                {"appended with an end", {interval(end + 10, end + 20)}},
                                {"late in the middle", {interval(end / 2 + 12, end / 2 + 14)}},
                                {"late over a gap", {interval(quarter + 31, quarter + 42)}},
                                {"the same again", {interval(quarter + 31, quarter + 42)}},
                                {"between the short ones", {interval(kEndedBegin + 54, kEndedBegin + 58)}},
                                {"before all", {interval(kEndedBegin - 20, kEndedBegin - 10)}},
                                {"a hundred scattered", scattered},
                                {"late without an end", {interval(end / 2 + 23)}}};
    };
    for (const auto policy : kPolicies) {
        const auto of_small = fill(store, with_policy("small", policy), policy, kSmall);
        const auto of_large = fill(store, with_policy("large", policy), policy, large());
        const auto small = puts(kSmall);
        const auto many = puts(large());
        // Planned with their values, then without.
        for (std::size_t i = 0; i < small.size(); ++i) {
            // In by_creation it wins over all that is behind it, and each of those points is closed.
            if (policy == OrderPolicy::ByCreation && small[i].what == "late without an end") continue;
            const auto few = store.put(of_small, "default", small[i].intervals);
            const auto visited = store.put(of_large, "default", many[i].intervals);
            INFO(of_large.name, ", ", small[i].what, ": ", few.rows, " and ", visited.rows);
            MESSAGE(of_large.name, ", ", small[i].what, ": ", few.rows, " and ", visited.rows);
            CHECK(few.rows > 0);
            CHECK(visited.rows <= 3 * few.rows);
            CHECK(visited.sequential == 0);
        }
    }
}
