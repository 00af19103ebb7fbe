// Stretches in the database: finding the one that held, moving timelines with a commit, making all anew.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "backends/proof.h"
#include "etalon/error.h"
#include "index/draft.h"
#include "index/records.h"
#include "index/stretches.h"
#include "index/tables.h"

namespace etalon::index {

using backends::Cursor;
using backends::Engine;
using backends::ProvedTable;
using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

constexpr const char* kMend = "see 'etalon verify'; 'etalon verify --repair' makes timelines anew from their records";

std::string of_key(std::string_view alias) {
    return fmt::format(R"({0}."nameID" = ?1 AND {0}."elementID" = ?2 AND {0}."version" = ?3)", alias);
}

std::string describe(std::int64_t name_id, std::int64_t element, std::string_view version) {
    return fmt::format("nameID {}, element {}, version {}", name_id, element, version);
}

/// The stretches of both tables that begin on one side of ?4 and held at ?5, nearest first. Both are walked side by
/// side away from the position, so that the walk ends at the first that held; the order and limit of each walk let
/// PostgreSQL see that walking is cheaper than sorting (SQLite would sort because of them).
std::string held_sql(Engine engine, bool upwards) {
    const std::string_view order = upwards ? "ASC" : "DESC";
    const auto walk = [&](std::string_view table, std::string_view to) {
        const auto rows = fmt::format(R"(SELECT {} FROM "{}" x WHERE {} AND x."beginTime" {} ?4)",
                                      stretch_columns("x", to), table, of_key("x"), upwards ? ">=" : "<=");
        if (engine == Engine::Sqlite) return rows;
        return fmt::format(R"(SELECT * FROM ({} ORDER BY x."beginTime" {} LIMIT 9223372036854775807) y)", rows, order);
    };
    return fmt::format(R"(SELECT * FROM ({} UNION ALL {} ORDER BY 1 {} LIMIT 9223372036854775807) x
WHERE x."fromSeq" <= ?5 AND (x."toSeq" IS NULL OR x."toSeq" > ?5))",
                       walk("timeline", engine == Engine::Sqlite ? "NULL" : "NULL::bigint"),
                       walk("timelinePast", R"(x."toSeq")"), order);
}

/// No stretch held: true when there was no record either.
void check_no_record(Transaction& tx, const StretchQuestion& q) {
    static const Sql kAny(
        R"(SELECT 1 FROM "dataIndex" x WHERE x."nameID" = ?1 AND x."elementID" = ?2 AND x."version" = ?3
AND x."commitSeq" <= ?4 LIMIT 1)");
    if (!tx.query(kAny, {q.name_id, q.element, std::string(q.version), q.snapshot})->next()) return;
    throw Error(ErrorCode::Corrupt, {"a timeline is missing", describe(q.name_id, q.element, q.version),
                                     "stretches from minus infinity on: there are records", "none there", kMend});
}

}  // namespace

std::string nearest_sql() {
    return fmt::format(R"(SELECT {} FROM "timeline" x WHERE {} AND x."beginTime" <= ?4
ORDER BY x."beginTime" DESC LIMIT 1)",
                       stretch_columns("x", "NULL"), of_key("x"));
}

std::string nearest_joined_sql(Engine engine, std::string_view columns, std::string_view joins) {
    // SQLite walks down the key of the timeline and up that of what is joined, and is stopped by the reader: two
    // descents. PostgreSQL gives whole results, so it has to be told.
    if (engine == Engine::Sqlite) {
        return fmt::format(
            R"(SELECT {}, {} FROM "timeline" t{} WHERE {} AND t."beginTime" <= ?4 ORDER BY t."beginTime" DESC)",
            stretch_columns("t", "NULL"), columns, joins, of_key("t"));
    }
    return fmt::format(R"(SELECT t.*, {} FROM ({}) t{})", columns, nearest_sql(), joins);
}

std::optional<Stretch> find_held(Transaction& tx, const StretchQuestion& q) {
    static const Sql kNearest(nearest_sql());
    {
        const auto cursor = tx.query(kNearest, {q.name_id, q.element, std::string(q.version), q.at});
        if (cursor->next()) {
            auto stretch = read_stretch(*cursor, 0, q.name_id, q.element, q.version, q.proved);
            if (decides(stretch, q.at, q.snapshot, describe(q.name_id, q.element, q.version))) return stretch;
        }
    }
    return find_held_before(tx, q);
}

std::optional<Stretch> find_held_before(Transaction& tx, const StretchQuestion& q) {
    static const std::array<Sql, 2> kSql{Sql(held_sql(Engine::Sqlite, false) + " LIMIT 1"),
                                         Sql(held_sql(Engine::Postgres, false) + " LIMIT 1")};
    {
        const auto cursor = tx.query(kSql.at(tx.engine() == Engine::Sqlite ? 0 : 1),
                                     {q.name_id, q.element, std::string(q.version), q.at, q.snapshot});
        if (cursor->next()) {
            auto stretch = read_stretch(*cursor, 0, q.name_id, q.element, q.version, q.proved);
            if (decides(stretch, q.at, q.snapshot, describe(q.name_id, q.element, q.version))) return stretch;
            throw Error(ErrorCode::Corrupt,
                        {"a stretch that held is one that did not", describe(q.name_id, q.element, q.version),
                         fmt::format("one that held at commit {}", q.snapshot), "another", kMend});
        }
    }
    check_no_record(tx, q);
    return std::nullopt;
}

void walk_held(Transaction& tx, const StretchQuestion& q, const Stretch& from, bool upwards,
               const std::function<bool(const Stretch&)>& visit) {
    static const auto make = [](Engine engine, bool up) { return Sql(held_sql(engine, up) + " LIMIT ?6"); };
    static const std::array<Sql, 4> kSql{make(Engine::Sqlite, false), make(Engine::Sqlite, true),
                                         make(Engine::Postgres, false), make(Engine::Postgres, true)};
    const auto& sql = kSql.at((tx.engine() == Engine::Sqlite ? 0U : 2U) + (upwards ? 1U : 0U));
    constexpr std::int64_t kMost = 16'384;
    const auto throw_missing = [&](const char* edge, std::int64_t at) {
        throw Error(ErrorCode::Corrupt,
                    {"a stretch of a timeline is missing", describe(q.name_id, q.element, q.version),
                     fmt::format("one that {} at {}", edge, at), "none", kMend});
    };
    std::optional<std::int64_t> edge = upwards ? from.end_at(q.snapshot) : std::optional(from.begin);
    for (std::int64_t batch = 8; edge && (upwards || *edge != kMinusInfinity); batch = std::min(batch * 4, kMost)) {
        const auto cursor = tx.query(
            sql, {q.name_id, q.element, std::string(q.version), upwards ? *edge : *edge - 1, q.snapshot, batch});
        std::int64_t read = 0;
        while (cursor->next()) {
            ++read;
            const auto stretch = read_stretch(*cursor, 0, q.name_id, q.element, q.version, q.proved);
            if (upwards) {
                if (!edge || stretch.begin != *edge) throw_missing("begins", edge.value_or(stretch.begin));
            } else if (stretch.end_at(q.snapshot) != edge) {
                throw_missing("ends", *edge);
            }
            if (!visit(stretch)) return;
            edge = upwards ? stretch.end_at(q.snapshot) : std::optional(stretch.begin);
            if (!edge || (!upwards && *edge == kMinusInfinity)) return;
        }
        if (read < batch) throw_missing(upwards ? "begins" : "ends", *edge);
    }
}

std::vector<Stretch> held_between(Transaction& tx, const StretchQuestion& q, std::optional<std::int64_t> to) {
    std::vector<Stretch> stretches;
    auto first = find_held(tx, q);
    if (!first) return stretches;
    const auto reaches = [&](const Stretch& stretch) {
        const auto end = stretch.end_at(q.snapshot);
        return !end || (to && *end >= *to);
    };
    stretches.push_back(*first);
    if (reaches(*first)) return stretches;
    walk_held(tx, q, *first, true, [&](const Stretch& stretch) {
        stretches.push_back(stretch);
        return !reaches(stretch);
    });
    return stretches;
}

namespace {

using Stretches = std::map<std::int64_t, Stretch>;

/// The rows of dataIndex with what stretches say of them, checked: cells of the record, of its commit, of its payload.
/// A record with all that its timeline and its proof depend on.
struct ReadRecord {
    static std::string columns() {
        return fmt::format("{}, {}, {}", record_table().select("d"), commit_table().select("c"),
                           backends::payload_table().select("p"));
    }
    static std::string joins() {
        return R"( LEFT JOIN "commitLog" c ON c."commitSeq" = d."commitSeq" LEFT JOIN "payload" p ON p."dataID" = d."dataID")";
    }
    explicit ReadRecord(const Cursor& cursor) {
        const auto& table = record_table();
        static const auto kAt = [] {
            const auto& of = record_table();
            return std::array{of.at("ID"),      of.at("count"),        of.at("schemaID"),  of.at("beginTime"),
                              of.at("endTime"), of.at("creationTime"), of.at("commitSeq"), of.at("retiredSeq"),
                              of.at("numRows"), of.at("dataID"),       of.at("nameID"),    of.at("elementID"),
                              of.at("version")};
        }();
        checksum = table.check(cursor, 0);
        const auto& commits = commit_table();
        const auto& payloads = backends::payload_table();
        const int commit = table.width();
        const int payload = commit + commits.width();
        static const int kEntryTime = commits.at("entryTime");
        static const int kEncoding = payloads.at("encoding");
        static const int kRowsChecksum = payloads.at("rowsChecksum");
        if (cursor.is_null(commit)) {
            throw Error(ErrorCode::Corrupt,
                        {"a commit is missing", fmt::format("record with ID {}", cursor.integer(kAt[0])),
                         fmt::format("commit {}", cursor.integer(kAt[6])), "none", kMend});
        }
        (void)commits.check(cursor, commit);
        const auto entry_time = cursor.integer(commit + kEntryTime);
        auto& record = lifetime.record;
        record.key = {0,
                      cursor.integer(kAt[3]),
                      cursor.find_integer(kAt[4]),
                      cursor.find_integer(kAt[5]).value_or(entry_time),
                      cursor.integer(kAt[6]),
                      cursor.integer(kAt[0])};
        record.count = cursor.integer(kAt[1]);
        record.schema_id = cursor.integer(kAt[2]);
        record.num_rows = cursor.integer(kAt[8]);
        record.data_id = cursor.find_integer(kAt[9]).value_or(0);
        if (record.data_id != 0) {
            (void)payloads.check(cursor, payload);
            record.encoding = cursor.integer(payload + kEncoding);
            record.rows_checksum = cursor.find_integer(payload + kRowsChecksum);
        }
        lifetime.retired = cursor.find_integer(kAt[7]);
        key = {cursor.integer(kAt[10]), cursor.integer(kAt[11]), std::string(cursor.text(kAt[12]))};
    }

    RecordLifetime lifetime;
    TimelineKey key;
    std::int64_t checksum = 0;
};

void read_stretches(Transaction& tx, const Sql& sql, const std::vector<Value>& values, const TimelineKey& key,
                    Stretches& stretches) {
    const auto cursor = tx.query(sql, values);
    while (cursor->next()) {
        auto stretch = read_stretch(*cursor, 0, key.name_id, key.element, key.version, true);
        stretches.emplace(stretch.begin, std::move(stretch));
    }
}

std::string last_stretch(std::string_view alias, std::string_view bound) {
    return fmt::format(
        R"(SELECT * FROM "timeline" {0} WHERE {1} AND {0}."beginTime" {2} ORDER BY {0}."beginTime" DESC LIMIT 1)",
        alias, of_key(alias), bound);
}

/// All stretches that begin in [?4, ?5] of the key ?1 to ?3, and the last before ?4.
Sql make_range_sql() {
    return Sql(fmt::format(R"(SELECT {0} FROM (SELECT * FROM ({1}) b UNION ALL
SELECT * FROM "timeline" q WHERE {2} AND q."beginTime" >= ?4 AND q."beginTime" <= ?5) x)",
                           stretch_columns("x", "NULL"), last_stretch("b", "< ?4"), of_key("q")));
}

/// The last stretches that begin at or before ?4 and ?5, column `step` 0; and the next ?7 behind ?6, at most at ?5,
/// that do not begin with their record (step 2), with the one before each (step 1).
Sql make_resumed_sql(Engine engine) {
    const auto resumed = fmt::format(
        R"((SELECT * FROM "timeline" r WHERE {} AND (r."recordID" IS NULL OR r."recordBegin" IS NOT NULL) AND r."beginTime" > ?6
AND r."beginTime" <= ?5 ORDER BY r."nameID", r."elementID", r."version", r."beginTime" LIMIT ?7))",
        of_key("r"));
    const auto before =
        engine == Engine::Sqlite
            ? fmt::format(R"((SELECT (SELECT z."beginTime" FROM "timeline" z WHERE {}
AND z."beginTime" < r."beginTime" ORDER BY z."beginTime" DESC LIMIT 1) AS "before" FROM {} r) c
CROSS JOIN "timeline" y WHERE {} AND y."beginTime" = c."before")",
                          of_key("z"), resumed, of_key("y"))
            : fmt::format(R"({} c CROSS JOIN LATERAL ({}) y)", resumed, last_stretch("y", R"(< c."beginTime")"));
    return Sql(fmt::format(R"(SELECT {}, x."step" FROM (SELECT a.*, 0 AS "step" FROM ({}) a UNION ALL
SELECT e.*, 0 FROM ({}) e UNION ALL
SELECT g.*, 2 FROM {} g UNION ALL
SELECT y.*, 1 FROM {}) x ORDER BY x."beginTime", x."step")",
                           stretch_columns("x", "NULL"), last_stretch("a", "<= ?4"), last_stretch("e", "<= ?5"),
                           resumed, before));
}

/// Reads what Timeline::add needs for a record in by_begin: what begins later beats it, so only gaps and resumed
/// stretches are in question, and none inside of a stretch whose record has begun later. Linear in the stretches that
/// change and in those later records.
void read_touched(Transaction& tx, const TimelineKey& key, const RecordKey& record, Stretches& stretches) {
    static const std::array<Sql, 2> kSql{make_resumed_sql(Engine::Sqlite), make_resumed_sql(Engine::Postgres)};
    constexpr std::int64_t kMost = 16'384;
    const auto& sql = kSql.at(tx.engine() == Engine::Sqlite ? 0 : 1);
    const auto end = record.end.value_or(kPlusInfinity);
    std::int64_t behind = record.begin;
    for (std::int64_t batch = 16;; batch = std::min(batch * 4, kMost)) {
        const auto cursor = tx.query(sql, {key.name_id, key.element, key.version, record.begin, end, behind, batch});
        std::int64_t read = 0;
        while (cursor->next()) {
            auto stretch = read_stretch(*cursor, 0, key.name_id, key.element, key.version, true);
            const auto at = stretch.begin;
            const auto winner = stretch.record;
            stretches.emplace(at, std::move(stretch));
            if (cursor->integer(kStretchColumns) != 2) continue;
            ++read;
            behind = std::max(behind, at);
            if (winner && winner->key.begin > record.begin)
                behind = std::max(behind, winner->key.end ? *winner->key.end - 1 : kPlusInfinity);
        }
        if (read < batch || behind >= end) return;
    }
}

/// Reads what adding the records needs: one by one, or, when they are many, in one go from the first begin to the last
/// end.
void read_needed(Transaction& tx, const TimelineKey& key, std::span<const StretchRecord> records, OrderPolicy policy,
                 Stretches& stretches) {
    constexpr std::size_t kFew = 32;
    constexpr std::int64_t kSparse = 16;  // this many stretches for each record, and asking for each is cheaper
    static const Sql kRange = make_range_sql();
    static const Sql kMoreThan(R"(SELECT 1 FROM "timeline" q WHERE q."nameID" = ?1 AND q."elementID" = ?2
AND q."version" = ?3 AND q."beginTime" >= ?4 AND q."beginTime" <= ?5
ORDER BY q."nameID", q."elementID", q."version", q."beginTime" LIMIT 1 OFFSET ?6)");
    const auto read_range = [&](std::int64_t begin, std::optional<std::int64_t> end) {
        read_stretches(tx, kRange, {key.name_id, key.element, key.version, begin, end.value_or(kPlusInfinity)}, key,
                       stretches);
    };
    std::int64_t begin = kPlusInfinity;
    std::optional<std::int64_t> end = kMinusInfinity;
    for (const auto& record : records) {
        begin = std::min(begin, record.key.begin);
        end = end && record.key.end ? std::optional(std::max(*end, *record.key.end)) : std::nullopt;
    }
    const auto is_sparse = [&] {
        // Records without an end read all that is behind them, each again.
        return end && tx.query(kMoreThan, {key.name_id, key.element, key.version, begin, *end,
                                           kSparse * static_cast<std::int64_t>(records.size())})
                          ->next();
    };
    if (records.size() > kFew && !is_sparse()) return read_range(begin, end);
    for (const auto& record : records) {
        policy == OrderPolicy::ByBegin ? read_touched(tx, key, record.key, stretches)
                                       : read_range(record.key.begin, record.key.end);
    }
}

/// Fills in what by_creation compares: it stands in the records.
void read_creations(Transaction& tx, Stretches& stretches) {
    std::map<std::int64_t, RecordKey> known;
    for (auto& [begin, stretch] : stretches) {
        if (!stretch.record) continue;
        auto [key, is_new] = known.try_emplace(stretch.record->key.id);
        if (is_new) key->second = read_record_key(tx, stretch.record->key.id);
        stretch.record->key.creation_time = key->second.creation_time;
        stretch.record->key.commit = key->second.commit;
    }
}

/// Moves of many timelines, written together.
class Writer {
public:
    Writer(Transaction& tx) : tx_(tx) {}

    void add(const TimelineKey& key, TimelineMove move) {
        for (auto& one : move.closed) closed_.emplace_back(&key, std::move(one));
        for (auto& one : move.opened) opened_.emplace_back(&key, std::move(one));
        for (auto& one : move.continued) continued_.emplace_back(&key, std::move(one));
    }
    void write() {
        remove();
        insert("timelinePast", closed_, true);
        insert("timeline", opened_, false);
        extend();
    }
    using Rows = std::vector<std::pair<const TimelineKey*, Stretch>>;
    void insert(const std::string& table, const Rows& rows, bool past) {
        if (rows.empty()) return;
        std::vector<std::string> columns{"nameID", "elementID", "version", "beginTime", "next", "fromSeq", "nextSeq"};
        if (past) columns.emplace_back("toSeq");
        columns.insert(columns.end(), {"recordBegin", "recordEnd", "count", "schemaID", "encoding", "numRows", "dataID",
                                       "rowsChecksum", "recordID", "pointChecksum"});
        auto writer = tx_.bulk_insert(table, columns);
        const auto put = [&](std::optional<std::int64_t> value) { value ? writer->put(*value) : writer->put_null(); };
        for (const auto& [key, stretch] : rows) {
            writer->put(key->name_id);
            writer->put(key->element);
            writer->put(key->version);
            writer->put(stretch.begin);
            put(stretch.next);
            writer->put(stretch.from);
            put(stretch.next_seq);
            if (past) put(stretch.to);
            if (const auto& record = stretch.record) {
                put(record->key.begin == stretch.begin ? std::nullopt : std::optional(record->key.begin));
                put(record->key.end);
                for (const auto value :
                     {record->count, record->schema_id, record->encoding, record->num_rows, record->data_id}) {
                    writer->put(value);
                }
                put(record->rows_checksum);
                writer->put(record->key.id);
            } else {
                for (int i = 0; i < 9; ++i) writer->put_null();
            }
            writer->put(stretch.checksum(*key));
            writer->end_row();
        }
        writer->finish();
    }

private:
    struct Keys {
        std::vector<std::int64_t> names;
        std::vector<std::int64_t> elements;
        std::vector<std::string> versions;
        std::vector<std::int64_t> begins;
        void add(const TimelineKey& key, std::int64_t begin) {
            names.push_back(key.name_id);
            elements.push_back(key.element);
            versions.push_back(key.version);
            begins.push_back(begin);
        }
    };

    void remove() {
        if (closed_.empty()) return;
        if (tx_.engine() == Engine::Sqlite) {
            static const Sql kDelete(
                R"(DELETE FROM "timeline" WHERE "nameID" = ?1 AND "elementID" = ?2 AND "version" = ?3
AND "beginTime" = ?4)");
            for (const auto& [key, stretch] : closed_)
                tx_.execute(kDelete, {key->name_id, key->element, key->version, stretch.begin});
            return;
        }
        static const Sql kDelete(R"(DELETE FROM "timeline" t USING
unnest(?1::bigint[], ?2::bigint[], ?3::text[], ?4::bigint[]) AS k("ofName", "ofElement", "ofVersion", "ofBegin")
WHERE t."nameID" = k."ofName" AND t."elementID" = k."ofElement" AND t."version" = k."ofVersion" AND t."beginTime" = k."ofBegin")");
        Keys keys;
        for (const auto& [key, stretch] : closed_) keys.add(*key, stretch.begin);
        tx_.execute(kDelete, {std::move(keys.names), std::move(keys.elements), std::move(keys.versions),
                              std::move(keys.begins)});
    }

    void extend() {
        if (continued_.empty()) return;
        if (tx_.engine() == Engine::Sqlite) {
            static const Sql kUpdate(R"(UPDATE "timeline" SET "next" = ?5, "nextSeq" = ?6, "pointChecksum" = ?7
WHERE "nameID" = ?1 AND "elementID" = ?2 AND "version" = ?3 AND "beginTime" = ?4)");
            for (const auto& [key, stretch] : continued_) {
                tx_.execute(kUpdate, {key->name_id, key->element, key->version, stretch.begin, *stretch.next,
                                      *stretch.next_seq, stretch.checksum(*key)});
            }
            return;
        }
        static const Sql kUpdate(
            R"(UPDATE "timeline" t SET "next" = k."next", "nextSeq" = ?6::bigint, "pointChecksum" = k."checksum"
FROM unnest(?1::bigint[], ?2::bigint[], ?3::text[], ?4::bigint[], ?5::bigint[], ?7::bigint[])
AS k("ofName", "ofElement", "ofVersion", "ofBegin", "next", "checksum")
WHERE t."nameID" = k."ofName" AND t."elementID" = k."ofElement" AND t."version" = k."ofVersion" AND t."beginTime" = k."ofBegin")");
        Keys keys;
        std::vector<std::int64_t> nexts;
        std::vector<std::int64_t> checksums;
        for (const auto& [key, stretch] : continued_) {
            keys.add(*key, stretch.begin);
            nexts.push_back(*stretch.next);
            checksums.push_back(stretch.checksum(*key));
        }
        tx_.execute(kUpdate,
                    {std::move(keys.names), std::move(keys.elements), std::move(keys.versions), std::move(keys.begins),
                     std::move(nexts), *continued_.front().second.next_seq, std::move(checksums)});
    }

    Transaction& tx_;
    Rows closed_;
    Rows opened_;
    Rows continued_;
};

/// All stretches that hold of a timeline.
Stretches read_whole(Transaction& tx, const TimelineKey& key) {
    static const Sql kAll(
        fmt::format(R"(SELECT {} FROM "timeline" x WHERE {})", stretch_columns("x", "NULL"), of_key("x")));
    Stretches stretches;
    read_stretches(tx, kAll, {key.name_id, key.element, key.version}, key, stretches);
    return stretches;
}

std::vector<StretchRecord> read_live(Transaction& tx, const TimelineKey& key) {
    static const Sql kLive(fmt::format(R"(SELECT {} FROM "dataIndex" d{} WHERE {} AND d."retiredSeq" IS NULL)",
                                       ReadRecord::columns(), ReadRecord::joins(), of_key("d")));
    std::vector<StretchRecord> live;
    const auto cursor = tx.query(kLive, {key.name_id, key.element, key.version});
    while (cursor->next()) live.push_back(ReadRecord(*cursor).lifetime.record);
    return live;
}

TimelineMove extend(Transaction& tx, const TimelineKey& key, const std::vector<StretchRecord>& added,
                    OrderPolicy policy, std::int64_t commit, bool may_have) {
    Stretches before;
    if (may_have) read_needed(tx, key, added, policy, before);
    if (before.empty()) {
        check_no_record(tx, {key.name_id, key.element, key.version, 0, commit - 1, true});
        return compute_move(before, tile(added, policy), commit);
    }
    // The stretch in which each record begins has to be there.
    for (const auto& record : added) {
        const auto behind = before.upper_bound(record.key.begin);
        const auto around = behind == before.begin() ? before.end() : std::prev(behind);
        if (around != before.end() && (!around->second.next || *around->second.next > record.key.begin)) continue;
        throw Error(ErrorCode::Corrupt,
                    {"a stretch of a timeline is missing", describe(key.name_id, key.element, key.version),
                     fmt::format("one that has {}", record.key.begin), "none", kMend});
    }
    if (policy == OrderPolicy::ByCreation) read_creations(tx, before);
    return compute_move(before, tile_more(before, added, policy), commit);
}

}  // namespace

void move_timelines(Transaction& tx, const CommitStamp& stamp) {
    // In the order of the primary key, so that no planner reads the table for a name that has nothing.
    static const Sql kAny(R"(SELECT 1 FROM "timeline" WHERE "nameID" = ?1
ORDER BY "nameID", "elementID", "version", "beginTime" LIMIT 1)");
    static const Sql kKeys(R"(SELECT DISTINCT "elementID", "version" FROM "dataIndex" WHERE "nameID" = ?1)");
    auto& draft = *stamp.draft;
    for (const auto name_id : draft.reordered) {
        const auto cursor = tx.query(kKeys, {name_id});
        while (cursor->next()) draft.renewed.insert({name_id, cursor->integer(0), std::string(cursor->text(1))});
    }
    // What is made from all records must not be made without one that was lost.
    std::set<std::int64_t> swept;
    for (const auto& key : draft.renewed) {
        if (swept.insert(key.name_id).second) prove_records(tx, key.name_id);
    }
    Writer writer(tx);
    for (const auto& key : draft.renewed) {
        writer.add(key, compute_move(read_whole(tx, key), tile(read_live(tx, key), draft.policies.at(key.name_id)),
                                     stamp.seq));
    }
    std::map<std::int64_t, bool> known;
    for (const auto& [key, records] : draft.added) {
        if (draft.renewed.contains(key)) continue;
        auto [has, is_new] = known.try_emplace(key.name_id, false);
        if (is_new) has->second = tx.query(kAny, {key.name_id})->next();
        writer.add(key, extend(tx, key, records, draft.policies.at(key.name_id), stamp.seq, has->second));
    }
    writer.write();
    draft.added.clear();
    draft.renewed.clear();
    draft.reordered.clear();
}

void renew_timelines(Transaction&, const CommitStamp& stamp, std::int64_t name_id, OrderPolicy policy,
                     const std::set<TimelineKey>& keys) {
    auto& draft = *stamp.draft;
    draft.policies[name_id] = policy;
    if (keys.empty()) draft.reordered.insert(name_id);
    for (const auto& key : keys) {
        if (key.name_id != name_id) {
            throw Error(ErrorCode::Internal, {"a timeline of another name", fmt::format("nameID {}", name_id), "",
                                              fmt::format("nameID {}", key.name_id), ""});
        }
        draft.renewed.insert(key);
    }
}

RecordKey read_record_key(Transaction& tx, std::int64_t id) {
    static const Sql kRecord(
        fmt::format(R"(SELECT {} FROM "dataIndex" d{} WHERE d."ID" = ?1)", ReadRecord::columns(), ReadRecord::joins()));
    const auto cursor = tx.query(kRecord, {id});
    if (!cursor->next()) {
        throw Error(ErrorCode::Corrupt,
                    {"an interval record is missing", "table dataIndex", fmt::format("ID {}", id), "none", kMend});
    }
    return ReadRecord(*cursor).lifetime.record.key;
}

std::map<std::int64_t, RecordKey> read_record_keys(Transaction& tx, const TimelineKey& key) {
    static const Sql kAll(fmt::format(R"(SELECT {} FROM "dataIndex" d{} WHERE {})", ReadRecord::columns(),
                                      ReadRecord::joins(), of_key("d")));
    std::map<std::int64_t, RecordKey> keys;
    const auto cursor = tx.query(kAll, {key.name_id, key.element, key.version});
    while (cursor->next()) {
        const ReadRecord record(*cursor);
        keys.emplace(record.lifetime.record.key.id, record.lifetime.record.key);
    }
    return keys;
}

NameHistory read_name_history(Transaction& tx, std::int64_t name_id) {
    static const Sql kRecords(fmt::format(R"(SELECT {} FROM "dataIndex" d{} WHERE d."nameID" = ?1)",
                                          ReadRecord::columns(), ReadRecord::joins()));
    static const Sql kPolicies(
        fmt::format(R"(SELECT {} FROM "namedRefPolicy" x WHERE x."nameID" = ?1)", policy_table().select("x")));
    NameHistory history;
    backends::SetSum found;
    {
        const auto cursor = tx.query(kRecords, {name_id});
        while (cursor->next()) {
            ReadRecord record(*cursor);
            found.add(record.checksum);
            history.records[std::move(record.key)].push_back(std::move(record.lifetime));
        }
    }
    backends::check_set(found, backends::read_set_proof(tx, backends::SetKind::Records, name_id),
                        backends::SetKind::Records, fmt::format("nameID {}", name_id));
    const auto& policies = policy_table();
    backends::SetSum of_policies;
    const auto cursor = tx.query(kPolicies, {name_id});
    while (cursor->next()) {
        of_policies.add(policies.check(*cursor, 0));
        history.policies[cursor->integer(policies.at("commitSeq"))] =
            static_cast<OrderPolicy>(cursor->integer(policies.at("orderPolicy")));
    }
    backends::check_set(of_policies, backends::read_set_proof(tx, backends::SetKind::Policies, name_id),
                        backends::SetKind::Policies, fmt::format("nameID {}", name_id));
    return history;
}

std::map<TimelineKey, StoredTimeline> read_stored_timelines(Transaction& tx, std::int64_t name_id) {
    std::map<TimelineKey, StoredTimeline> stored;
    for (const bool past : {false, true}) {
        const auto cursor = tx.query(
            Sql(fmt::format(R"(SELECT x."elementID", x."version", {} FROM "{}" x WHERE x."nameID" = ?1)",
                            stretch_columns("x", past ? R"(x."toSeq")" : "NULL"), past ? "timelinePast" : "timeline")),
            {name_id});
        while (cursor->next()) {
            const TimelineKey key{name_id, cursor->integer(0), std::string(cursor->text(1))};
            auto& of_key = stored[key];
            bool whole = true;
            try {
                auto stretch = read_stretch(*cursor, 2, key.name_id, key.element, key.version, false, &whole);
                if (past) {
                    of_key.whole.past.push_back(std::move(stretch));
                } else {
                    of_key.whole.now.emplace(stretch.begin, std::move(stretch));
                }
            } catch (const Error& error) {
                // A cell of another type: nobody wrote it so.
                if (error.code() != ErrorCode::Corrupt) throw;
                whole = false;
            }
            of_key.sound = of_key.sound && whole;
        }
    }
    return stored;
}

void rebuild_timelines(Transaction& tx, std::int64_t name_id) {
    auto history = read_name_history(tx, name_id);
    std::map<TimelineKey, WholeTimeline> timelines;
    for (auto& [key, records] : history.records) timelines[key] = play_timeline(std::move(records), history.policies);
    tx.execute(Sql(R"(DELETE FROM "timeline" WHERE "nameID" = ?1)"), {name_id});
    tx.execute(Sql(R"(DELETE FROM "timelinePast" WHERE "nameID" = ?1)"), {name_id});
    Writer::Rows now;
    Writer::Rows past;
    for (const auto& [key, whole] : timelines) {
        for (const auto& [begin, stretch] : whole.now) now.emplace_back(&key, stretch);
        for (const auto& stretch : whole.past) past.emplace_back(&key, stretch);
    }
    Writer writer(tx);
    writer.insert("timeline", now, false);
    writer.insert("timelinePast", past, true);
}

void rebuild_all_timelines(Transaction& tx) {
    std::vector<std::int64_t> names;
    {
        const auto cursor = tx.query(Sql(R"(SELECT "ID" FROM "namedRef" ORDER BY "ID")"), {});
        while (cursor->next()) names.push_back(cursor->integer(0));
    }
    for (const auto name_id : names) rebuild_timelines(tx, name_id);
}

}  // namespace etalon::index
