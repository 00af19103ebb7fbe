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
void read_point(const Cursor& cursor, int first, Points& points) {
    Timeline::Winner winner;
    if (!cursor.is_null(first + 1)) {
        winner = RecordKey{0,
                           cursor.integer(first + 2),
                           cursor.find_integer(first + 3),
                           cursor.integer(first + 4),
                           cursor.integer(first + 5),
                           cursor.integer(first + 1)};
    }
    points.emplace(cursor.integer(first), winner);
}

constexpr const char* kPointColumns =
    R"(x."beginTime", d."ID", d."beginTime", d."endTime", d."creationTime", d."commitSeq")";

/// Part of a timeline that a record or a group of records may change: see Timeline::add.
enum class Part : std::uint8_t { Touched, Everything };

/// The statement that reads that part for a key and a range [begin, end]; ?1 to ?5: name, element, version, begin, end.
Sql make_part_sql(Engine engine, Part part) {
    const auto of = [](const char* alias) {
        return fmt::format(R"({0}."nameID" = ?1 AND {0}."elementID" = ?2 AND {0}."version" = ?3)", alias);
    };
    const auto last_before = [&](const char* alias, const char* bound) {
        return fmt::format(
            R"(SELECT {0}."beginTime", {0}."recordID" FROM "timeline" {0} WHERE {1} AND {0}."beginTime" {2}
ORDER BY {0}."beginTime" DESC LIMIT 1)",
            alias, of(alias), bound);
    };
    std::string points = fmt::format("SELECT * FROM ({}) a", last_before("p", "<= ?4"));
    if (part == Part::Everything) {
        // An earlier record may go on at the begin, so the point before it counts as well.
        points += fmt::format("\nUNION SELECT * FROM ({}) b", last_before("e", "< ?4"));
        points += fmt::format(R"(
UNION SELECT q."beginTime", q."recordID" FROM "timeline" q WHERE {} AND q."beginTime" > ?4 AND q."beginTime" <= ?5)",
                              of("q"));
    } else {
        const auto resumed = fmt::format(
            R"("timeline" r WHERE {} AND r."pointKind" <> 1 AND r."beginTime" > ?4 AND r."beginTime" <= ?5)", of("r"));
        points += fmt::format("\nUNION SELECT * FROM ({}) b", last_before("e", "<= ?5"));
        points += fmt::format("\nUNION SELECT r.\"beginTime\", r.\"recordID\" FROM {}", resumed);
        // The point before each of them.
        points += engine == Engine::Sqlite ? fmt::format(R"(
UNION SELECT y."beginTime", y."recordID" FROM (SELECT (SELECT z."beginTime" FROM "timeline" z WHERE {} AND
z."beginTime" < r."beginTime" ORDER BY z."beginTime" DESC LIMIT 1) AS "before" FROM {}) c
CROSS JOIN "timeline" y WHERE {} AND y."beginTime" = c."before")",
                                                         of("z"), resumed, of("y"))
                                           : fmt::format(R"(
UNION SELECT y."beginTime", y."recordID" FROM (SELECT * FROM {}) c CROSS JOIN LATERAL ({}) y)",
                                                         resumed, last_before("y", R"(< c."beginTime")"));
    }
    return Sql(fmt::format(R"(SELECT {} FROM ({}) x LEFT JOIN "dataIndex" d ON d."ID" = x."recordID")", kPointColumns,
                           points));
}

void read_part(Transaction& tx, Part part, const TimelineKey& key, std::int64_t begin, std::optional<std::int64_t> end,
               Points& points) {
    static const std::array<Sql, 4> kSql{
        make_part_sql(Engine::Sqlite, Part::Touched), make_part_sql(Engine::Sqlite, Part::Everything),
        make_part_sql(Engine::Postgres, Part::Touched), make_part_sql(Engine::Postgres, Part::Everything)};
    const auto& sql = kSql.at((tx.engine() == Engine::Sqlite ? 0U : 2U) + (part == Part::Everything ? 1U : 0U));
    const auto cursor = tx.query(sql, {key.name_id, key.element, key.version, begin, end.value_or(kPlusInfinity)});
    while (cursor->next()) read_point(*cursor, 0, points);
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

}  // namespace

void extend_timelines(Transaction& tx, const CommitStamp& stamp, const AddedRecords& added,
                      const std::map<std::int64_t, OrderPolicy>& policies) {
    // More records of one timeline than this read the whole range that they touch at once.
    constexpr std::size_t kFew = 32;
    static const Sql kAny(R"(SELECT 1 FROM "timeline" WHERE "nameID" = ?1 LIMIT 1)");
    std::map<std::int64_t, bool> known;
    Change change;
    for (const auto& [key, records] : added) {
        auto [has, is_new] = known.try_emplace(key.name_id, false);
        if (is_new) has->second = tx.query(kAny, {key.name_id})->next();
        const auto policy = policies.at(key.name_id);
        Points before;
        if (has->second && records.size() <= kFew) {
            // In by_begin whatever begins later beats a record: only gaps and resumed stretches are in question.
            const auto part = policy == OrderPolicy::ByBegin ? Part::Touched : Part::Everything;
            for (const auto& record : records) read_part(tx, part, key, record.begin, record.end, before);
        } else if (has->second) {
            std::int64_t begin = kPlusInfinity;
            std::optional<std::int64_t> end = kMinusInfinity;
            for (const auto& record : records) {
                begin = std::min(begin, record.begin);
                end = end && record.end ? std::optional(std::max(*end, *record.end)) : std::nullopt;
            }
            read_part(tx, Part::Everything, key, begin, end, before);
        }
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
