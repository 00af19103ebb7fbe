// Timelines in the database: reading the points that a change needs, closing and opening points, making all anew.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "etalon/error.h"
#include "index/timeline.h"

namespace etalon::index {

using backends::Cursor;
using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

using Points = std::map<std::int64_t, Timeline::Winner>;

/// What a point is, as it is stored. Resumed stretches and gaps are few, and have an index of their own.
enum PointKind : std::int64_t { kGap = 0, kBegins = 1, kResumes = 2 };

std::int64_t kind_of(std::int64_t begin, const Timeline::Winner& winner) noexcept {
    if (!winner) return kGap;
    return winner->begin == begin ? kBegins : kResumes;
}

bool same(const Timeline::Winner& a, const Timeline::Winner& b) noexcept {
    return a.has_value() == b.has_value() && (!a || a->id == b->id);
}

/// Points to close and to open in one commit.
struct Change {
    struct Opened {
        const TimelineKey* key;
        std::int64_t begin;
        Timeline::Winner winner;
    };
    struct Closed {
        const TimelineKey* key;
        std::int64_t begin;
    };
    std::vector<Opened> opened;
    std::vector<Closed> closed;

    void add(const TimelineKey& key, const Points& before, const Points& after) {
        auto old = before.begin();
        auto now = after.begin();
        while (old != before.end() || now != after.end()) {
            const bool only_old = now == after.end() || (old != before.end() && old->first < now->first);
            const bool only_new = !only_old && (old == before.end() || now->first < old->first);
            if (only_old) {
                closed.push_back({&key, old->first});
                ++old;
            } else if (only_new) {
                opened.push_back({&key, now->first, now->second});
                ++now;
            } else {
                if (!same(old->second, now->second)) {
                    closed.push_back({&key, old->first});
                    opened.push_back({&key, now->first, now->second});
                }
                ++old;
                ++now;
            }
        }
    }
};

void close_points(Transaction& tx, std::int64_t commit, const std::vector<Change::Closed>& closed) {
    if (closed.empty()) return;
    if (tx.engine() == Engine::Sqlite) {
        // A point that the same commit opened was never seen.
        static const Sql kKeep(
            R"(INSERT INTO "timelinePast" ("nameID", "elementID", "version", "beginTime", "recordID", "fromSeq",
"toSeq") SELECT t."nameID", t."elementID", t."version", t."beginTime", t."recordID", t."fromSeq", ?5 FROM "timeline" t
WHERE t."nameID" = ?1 AND t."elementID" = ?2 AND t."version" = ?3 AND t."beginTime" = ?4 AND t."fromSeq" < ?5)");
        static const Sql kDelete(R"(DELETE FROM "timeline" WHERE "nameID" = ?1 AND "elementID" = ?2 AND "version" = ?3
AND "beginTime" = ?4)");
        for (const auto& [key, begin] : closed) {
            tx.execute(kKeep, {key->name_id, key->element, key->version, begin, commit});
            tx.execute(kDelete, {key->name_id, key->element, key->version, begin});
        }
        return;
    }
    static const Sql kMove(R"(WITH "gone" AS (DELETE FROM "timeline" t USING
unnest(?1::bigint[], ?2::bigint[], ?3::text[], ?4::bigint[]) AS k("ofName", "ofElement", "ofVersion", "ofBegin")
WHERE t."nameID" = k."ofName" AND t."elementID" = k."ofElement" AND t."version" = k."ofVersion" AND t."beginTime" = k."ofBegin"
RETURNING t.*)
INSERT INTO "timelinePast" ("nameID", "elementID", "version", "beginTime", "recordID", "fromSeq", "toSeq")
SELECT g."nameID", g."elementID", g."version", g."beginTime", g."recordID", g."fromSeq", ?5::bigint FROM "gone" g
WHERE g."fromSeq" < ?5::bigint)");
    std::vector<std::int64_t> names;
    std::vector<std::int64_t> elements;
    std::vector<std::string> versions;
    std::vector<std::int64_t> begins;
    for (const auto& [key, begin] : closed) {
        names.push_back(key->name_id);
        elements.push_back(key->element);
        versions.push_back(key->version);
        begins.push_back(begin);
    }
    tx.execute(kMove, {std::move(names), std::move(elements), std::move(versions), std::move(begins), commit});
}

void open_points(Transaction& tx, std::int64_t commit, const std::vector<Change::Opened>& opened) {
    if (opened.empty()) return;
    static const std::array<std::string, 7> kColumns{"nameID",    "elementID", "version", "beginTime",
                                                     "pointKind", "recordID",  "fromSeq"};
    auto writer = tx.bulk_insert("timeline", kColumns);
    for (const auto& [key, begin, winner] : opened) {
        writer->put(key->name_id);
        writer->put(key->element);
        writer->put(key->version);
        writer->put(begin);
        writer->put(kind_of(begin, winner));
        winner ? writer->put(winner->id) : writer->put_null();
        writer->put(commit);
        writer->end_row();
    }
    writer->finish();
}

void write_change(Transaction& tx, std::int64_t commit, const Change& change) {
    close_points(tx, commit, change.closed);
    open_points(tx, commit, change.opened);
}

/// Reads a point: its begin and the key of its winner (all NULL: a gap), from the column on.
Points::value_type read_point(const Cursor& cursor, int first, Points& points) {
    Timeline::Winner winner;
    if (!cursor.is_null(first + 1)) {
        winner = RecordKey{0,
                           cursor.integer(first + 2),
                           cursor.find_integer(first + 3),
                           cursor.integer(first + 4),
                           cursor.integer(first + 5),
                           cursor.integer(first + 1)};
    }
    return *points.emplace(cursor.integer(first), winner).first;
}

constexpr const char* kPointColumns =
    R"(x."beginTime", d."ID", d."beginTime", d."endTime", d."creationTime", d."commitSeq")";
constexpr int kPointColumnCount = 6;

std::string of_key(std::string_view alias) {
    return fmt::format(R"({0}."nameID" = ?1 AND {0}."elementID" = ?2 AND {0}."version" = ?3)", alias);
}

std::string last_point(std::string_view alias, std::string_view bound) {
    return fmt::format(
        R"(SELECT {0}."beginTime", {0}."recordID" FROM "timeline" {0} WHERE {1} AND {0}."beginTime" {2}
ORDER BY {0}."beginTime" DESC LIMIT 1)",
        alias, of_key(alias), bound);
}

/// All points in [?4, ?5] of the key ?1 to ?3, and the last before ?4.
Sql make_range_sql() {
    return Sql(fmt::format(R"(SELECT {} FROM (SELECT * FROM ({}) b UNION
SELECT q."beginTime", q."recordID" FROM "timeline" q WHERE {} AND q."beginTime" >= ?4 AND q."beginTime" <= ?5) x
LEFT JOIN "dataIndex" d ON d."ID" = x."recordID")",
                           kPointColumns, last_point("b", "< ?4"), of_key("q")));
}

/// The last points at or before ?4 and ?5, column `step` 0; and the next ?7 points behind ?6, at most at ?5, whose
/// winner does not begin there (step 2), with the point before each (step 1).
Sql make_resumed_sql(Engine engine) {
    const auto resumed = fmt::format(
        R"((SELECT r."beginTime", r."recordID" FROM "timeline" r WHERE {} AND r."pointKind" <> 1 AND r."beginTime" > ?6
AND r."beginTime" <= ?5 ORDER BY r."nameID", r."elementID", r."version", r."beginTime" LIMIT ?7))",
        of_key("r"));
    const auto before =
        engine == Engine::Sqlite
            ? fmt::format(R"((SELECT (SELECT z."beginTime" FROM "timeline" z WHERE {}
AND z."beginTime" < r."beginTime" ORDER BY z."beginTime" DESC LIMIT 1) AS "before" FROM {} r) c
CROSS JOIN "timeline" y WHERE {} AND y."beginTime" = c."before")",
                          of_key("z"), resumed, of_key("y"))
            : fmt::format(R"({} c CROSS JOIN LATERAL ({}) y)", resumed, last_point("y", R"(< c."beginTime")"));
    return Sql(fmt::format(R"(SELECT {}, x."step" FROM (SELECT a.*, 0 AS "step" FROM ({}) a UNION ALL
SELECT e.*, 0 FROM ({}) e UNION ALL
SELECT g.*, 2 FROM {} g UNION ALL
SELECT y."beginTime", y."recordID", 1 FROM {}) x
LEFT JOIN "dataIndex" d ON d."ID" = x."recordID" ORDER BY x."beginTime", x."step")",
                           kPointColumns, last_point("a", "<= ?4"), last_point("e", "<= ?5"), resumed, before));
}

/// Reads the points in [begin, end] and the last before.
void read_range(Transaction& tx, const TimelineKey& key, std::int64_t begin, std::optional<std::int64_t> end,
                Points& points) {
    static const Sql kSql = make_range_sql();
    const auto cursor = tx.query(kSql, {key.name_id, key.element, key.version, begin, end.value_or(kPlusInfinity)});
    while (cursor->next()) read_point(*cursor, 0, points);
}

/// Reads what Timeline::add needs for a record in by_begin: what begins later beats it, so only gaps and resumed
/// stretches are in question, and none inside of a stretch whose record has begun later. Linear in the points that
/// change and in those later records.
void read_touched(Transaction& tx, const TimelineKey& key, const RecordKey& record, Points& points) {
    static const std::array<Sql, 2> kSql{make_resumed_sql(Engine::Sqlite), make_resumed_sql(Engine::Postgres)};
    constexpr std::int64_t kMost = 16'384;
    const auto& sql = kSql.at(tx.engine() == Engine::Sqlite ? 0 : 1);
    const auto end = record.end.value_or(kPlusInfinity);
    std::int64_t behind = record.begin;
    for (std::int64_t batch = 16;; batch = std::min(batch * 4, kMost)) {
        const auto cursor = tx.query(sql, {key.name_id, key.element, key.version, record.begin, end, behind, batch});
        std::int64_t read = 0;
        while (cursor->next()) {
            const auto [at, winner] = read_point(*cursor, 0, points);
            if (cursor->integer(kPointColumnCount) != 2) continue;
            ++read;
            behind = std::max(behind, at);
            if (winner && winner->begin > record.begin)
                behind = std::max(behind, winner->end ? *winner->end - 1 : kPlusInfinity);
        }
        if (read < batch || behind >= end) return;
    }
}

/// Points of a timeline without records of the same winner next to each other.
Points points_of(std::span<const RecordKey> records, OrderPolicy policy) {
    Points points;
    for (const auto& segment : timeline(Axis::Time, records, policy)) {
        if (points.empty() && !segment.winner) continue;
        points.emplace(segment.interval.begin,
                       segment.winner ? Timeline::Winner(records[*segment.winner]) : Timeline::Winner());
    }
    return points;
}

/// Reads what adding the records needs: one by one, or, when they are many, in one go from the first begin to the last
/// end.
void read_needed(Transaction& tx, const TimelineKey& key, std::span<const RecordKey> records, OrderPolicy policy,
                 Points& points) {
    constexpr std::size_t kFew = 32;
    constexpr std::int64_t kSparse = 16;  // this many points for each record, and asking for each is cheaper
    static const Sql kMoreThan(R"(SELECT 1 FROM "timeline" q WHERE q."nameID" = ?1 AND q."elementID" = ?2
AND q."version" = ?3 AND q."beginTime" >= ?4 AND q."beginTime" <= ?5
ORDER BY q."nameID", q."elementID", q."version", q."beginTime" LIMIT 1 OFFSET ?6)");
    std::int64_t begin = kPlusInfinity;
    std::optional<std::int64_t> end = kMinusInfinity;
    for (const auto& record : records) {
        begin = std::min(begin, record.begin);
        end = end && record.end ? std::optional(std::max(*end, *record.end)) : std::nullopt;
    }
    const auto is_sparse = [&] {
        // Records without an end read all that is behind them, each again.
        return end && tx.query(kMoreThan, {key.name_id, key.element, key.version, begin, *end,
                                           kSparse * static_cast<std::int64_t>(records.size())})
                          ->next();
    };
    if (records.size() > kFew && !is_sparse()) {
        read_range(tx, key, begin, end, points);
        return;
    }
    for (const auto& record : records) {
        policy == OrderPolicy::ByBegin ? read_touched(tx, key, record, points)
                                       : read_range(tx, key, record.begin, record.end, points);
    }
}

}  // namespace

void extend_timelines(Transaction& tx, const CommitStamp& stamp, const AddedRecords& added,
                      const std::map<std::int64_t, OrderPolicy>& policies) {
    // In the order of the primary key, so that no planner reads the table for a name that has nothing.
    static const Sql kAny(R"(SELECT 1 FROM "timeline" WHERE "nameID" = ?1
ORDER BY "nameID", "elementID", "version", "beginTime" LIMIT 1)");
    std::map<std::int64_t, bool> known;
    Change change;
    for (const auto& [key, records] : added) {
        auto [has, is_new] = known.try_emplace(key.name_id, false);
        if (is_new) has->second = tx.query(kAny, {key.name_id})->next();
        const auto policy = policies.at(key.name_id);
        Points before;
        if (has->second) read_needed(tx, key, records, policy, before);
        if (before.empty()) {
            change.add(key, before, points_of(records, policy));
            continue;
        }
        Timeline after(before);
        for (const auto& record : records) after.add(record, policy);
        change.add(key, before, after.points());
    }
    write_change(tx, stamp.seq, change);
}

void renew_timelines(Transaction& tx, const CommitStamp& stamp, std::int64_t name_id, OrderPolicy policy,
                     const std::set<TimelineKey>& keys) {
    struct Both {
        Points before;
        std::vector<RecordKey> live;
    };
    std::map<TimelineKey, Both> timelines;
    const auto of_key = [&](const Cursor& cursor) -> Both& {
        return timelines[{name_id, cursor.integer(0), std::string(cursor.text(1))}];
    };
    const auto read = [&](const std::string& condition, const std::vector<Value>& values) {
        {
            const auto cursor = tx.query(Sql(fmt::format(R"(SELECT x."elementID", x."version", {} FROM "timeline" x
LEFT JOIN "dataIndex" d ON d."ID" = x."recordID" WHERE x."nameID" = ?1{})",
                                                         kPointColumns, condition)),
                                         values);
            while (cursor->next()) read_point(*cursor, 2, of_key(*cursor).before);
        }
        const auto cursor = tx.query(
            Sql(fmt::format(
                R"(SELECT x."elementID", x."version", x."beginTime", x."endTime", x."creationTime", x."commitSeq",
x."ID" FROM "dataIndex" x WHERE x."nameID" = ?1 AND x."retiredSeq" IS NULL{})",
                condition)),
            values);
        while (cursor->next()) {
            of_key(*cursor).live.push_back({0, cursor->integer(2), cursor->find_integer(3), cursor->integer(4),
                                            cursor->integer(5), cursor->integer(6)});
        }
    };
    if (keys.empty()) read("", {name_id});
    for (const auto& key : keys) {
        if (key.name_id != name_id) {
            throw Error(ErrorCode::Internal, {"a timeline of another name", fmt::format("nameID {}", name_id), "",
                                              fmt::format("nameID {}", key.name_id), ""});
        }
        read(R"( AND x."elementID" = ?2 AND x."version" = ?3)", {name_id, key.element, key.version});
    }
    Change change;
    for (const auto& [key, both] : timelines) change.add(key, both.before, points_of(both.live, policy));
    write_change(tx, stamp.seq, change);
}

namespace {

/// A record with the commit that retired it.
struct Lifetime {
    RecordKey key;
    std::optional<std::int64_t> retired;
};

/// The timeline of one key over all commits.
class Replay {
public:
    Replay(const TimelineKey& key, std::vector<Lifetime> records) : key_(key), records_(std::move(records)) {
        std::sort(records_.begin(), records_.end(), [](const auto& a, const auto& b) {
            return std::tie(a.key.commit, a.key.id) < std::tie(b.key.commit, b.key.id);
        });
    }

    /// `policies`: commit -> policy from there on.
    void run(const std::map<std::int64_t, OrderPolicy>& policies) {
        std::map<std::int64_t, bool> commits;  // whether everything has to be swept again
        for (const auto& record : records_) {
            commits.try_emplace(record.key.commit, false);
            if (record.retired) commits[*record.retired] = true;
        }
        for (const auto& [commit, policy] : policies) commits[commit] = true;
        std::size_t next = 0;
        for (const auto& [commit, everything] : commits) {
            const auto policy = std::prev(policies.upper_bound(commit))->second;
            const std::size_t first = next;
            while (next < records_.size() && records_[next].key.commit == commit) ++next;
            if (everything) {
                std::vector<RecordKey> live;
                for (std::size_t i = 0; i < next; ++i) {
                    if (!records_[i].retired || *records_[i].retired > commit) live.push_back(records_[i].key);
                }
                move_to(points_of(live, policy), commit);
                continue;
            }
            Timeline now(points_);
            for (std::size_t i = first; i < next; ++i) now.add(records_[i].key, policy);
            move_to(now.points(), commit);
        }
    }

    struct Past {
        std::int64_t begin;
        Timeline::Winner winner;
        std::int64_t from;
        std::int64_t to;
    };
    [[nodiscard]] const TimelineKey& key() const noexcept { return key_; }
    [[nodiscard]] const std::vector<Past>& past() const noexcept { return past_; }
    /// Points that hold, with the commit that opened them.
    [[nodiscard]] const std::map<std::int64_t, std::int64_t>& opened() const noexcept { return opened_; }
    [[nodiscard]] const Points& points() const noexcept { return points_; }

private:
    void move_to(const Points& now, std::int64_t commit) {
        Change change;
        change.add(key_, points_, now);
        for (const auto& closed : change.closed) {
            past_.push_back({closed.begin, points_.at(closed.begin), opened_.at(closed.begin), commit});
            opened_.erase(closed.begin);
        }
        for (const auto& opened : change.opened) opened_[opened.begin] = commit;
        points_ = now;
    }

    TimelineKey key_;
    std::vector<Lifetime> records_;
    Points points_;
    std::map<std::int64_t, std::int64_t> opened_;
    std::vector<Past> past_;
};

void write_replay(Transaction& tx, const Replay& replay) {
    static const Sql kPoint(
        R"(INSERT INTO "timeline" ("nameID", "elementID", "version", "beginTime", "pointKind", "recordID",
"fromSeq") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7))");
    static const Sql kPast(
        R"(INSERT INTO "timelinePast" ("nameID", "elementID", "version", "beginTime", "recordID", "fromSeq",
"toSeq") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7))");
    const auto record = [](const Timeline::Winner& winner) {
        return winner ? Value(winner->id) : Value(std::monostate{});
    };
    const auto& key = replay.key();
    for (const auto& [begin, winner] : replay.points()) {
        tx.execute(kPoint, {key.name_id, key.element, key.version, begin, kind_of(begin, winner), record(winner),
                            replay.opened().at(begin)});
    }
    for (const auto& past : replay.past()) {
        tx.execute(kPast, {key.name_id, key.element, key.version, past.begin, record(past.winner), past.from, past.to});
    }
}

}  // namespace

void rebuild_all_timelines(Transaction& tx) {
    tx.execute(Sql(R"(DELETE FROM "timeline")"), {});
    tx.execute(Sql(R"(DELETE FROM "timelinePast")"), {});
    std::map<std::int64_t, std::map<std::int64_t, OrderPolicy>> policies;
    {
        const auto cursor = tx.query(Sql(R"(SELECT "nameID", "commitSeq", "orderPolicy" FROM "namedRefPolicy")"), {});
        while (cursor->next()) {
            policies[cursor->integer(0)][cursor->integer(1)] = static_cast<OrderPolicy>(cursor->integer(2));
        }
    }
    for (const auto& [name_id, of_name] : policies) {
        std::map<TimelineKey, std::vector<Lifetime>> records;
        {
            const auto cursor =
                tx.query(Sql(R"(SELECT "elementID", "version", "beginTime", "endTime", "creationTime", "commitSeq",
"ID", "retiredSeq" FROM "dataIndex" WHERE "nameID" = ?1)"),
                         {name_id});
            while (cursor->next()) {
                records[{name_id, cursor->integer(0), std::string(cursor->text(1))}].push_back(
                    {{0, cursor->integer(2), cursor->find_integer(3), cursor->integer(4), cursor->integer(5),
                      cursor->integer(6)},
                     cursor->find_integer(7)});
            }
        }
        for (auto& [key, lifetimes] : records) {
            Replay replay(key, std::move(lifetimes));
            replay.run(of_name);
            write_replay(tx, replay);
        }
    }
}

}  // namespace etalon::index
