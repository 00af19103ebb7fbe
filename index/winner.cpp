#include "index/winner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "backends/ddl.h"
#include "backends/proof.h"
#include "etalon/error.h"

namespace etalon::index {

using backends::Cursor;
using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::Value;
using backends::visible_at;

namespace {

constexpr std::array<const char*, kWinnerColumnCount> kColumns{"ID",      "schemaID",     "version",   "beginTime",
                                                               "endTime", "creationTime", "commitSeq", "entryTime",
                                                               "numRows", "dataID",       "uid"};
enum Column { kId, kSchema, kVersion, kBegin, kEnd, kCreation, kCommit, kEntry, kRows, kData, kUid };

/// Columns of dataIndex behind an alias, as the winner shows them.
std::string record_columns(std::string_view alias) {
    std::string out;
    for (const auto* column : kColumns) out += fmt::format("{}{}.\"{}\"", out.empty() ? "" : ", ", alias, column);
    return out;
}

/// The keys that order records of one rank, best first when descending. Total: the ID (position in the commit) is last.
std::string order_keys(OrderPolicy policy, std::string_view alias) {
    const char* keys = policy == OrderPolicy::ByBegin
                           ? R"({0}."beginTime", {0}."commitSeq", {0}."ID")"
                           : R"({0}."creationTime", {0}."commitSeq", {0}."beginTime", {0}."ID")";
    return fmt::format(fmt::runtime(keys), alias);
}

std::string order_by(OrderPolicy policy, std::string_view alias) {
    std::string keys = order_keys(policy, alias);
    for (auto at = keys.find(", "); at != std::string::npos; at = keys.find(", ", at + 7))
        keys.replace(at, 2, " DESC, ");
    return keys + " DESC";
}

std::optional<WinnerRecord> read_record(const Cursor& cursor, int first) {
    if (cursor.is_null(first + kId)) return std::nullopt;
    WinnerRecord record;
    record.id = cursor.integer(first + kId);
    record.schema_id = cursor.integer(first + kSchema);
    record.version = cursor.text(first + kVersion);
    record.begin = cursor.integer(first + kBegin);
    record.end = cursor.find_integer(first + kEnd);
    record.creation_time = cursor.integer(first + kCreation);
    record.commit = cursor.integer(first + kCommit);
    record.entry_time = cursor.integer(first + kEntry);
    record.num_rows = cursor.integer(first + kRows);
    record.data_id = cursor.find_integer(first + kData).value_or(0);
    const auto uid = cursor.bytes(first + kUid);
    if (uid.size() != record.uid.size()) {
        throw Error(ErrorCode::Corrupt, {"interval record with a bad uid", fmt::format("dataIndex ID {}", record.id),
                                         "16 bytes", fmt::format("{} bytes", uid.size()), ""});
    }
    std::memcpy(record.uid.data(), uid.data(), uid.size());
    return record;
}

Interval interval_of(Axis axis, std::optional<std::int64_t> from, std::optional<std::int64_t> to) {
    return Interval{axis, from.value_or(kMinusInfinity), to};
}

/// Expressions that name one timeline and one question, either parameters or columns of a set.
struct Question {
    Engine engine;
    std::string name;
    std::string element;
    std::string version;
    std::string at;
    std::string snapshot;
};
Question parameters(Engine engine) {
    return {engine, "?1", "?2", "?5", "?3", "?4"};
}

std::string of_timeline(const Question& q, std::string_view alias) {
    return fmt::format(R"({0}."nameID" = {1} AND {0}."elementID" = {2} AND {0}."version" = {3})", alias, q.name,
                       q.element, q.version);
}

/// True when a commit after the snapshot closed a point: what holds still is not all that held then. A scalar, so that
/// no planner makes a join of it.
std::string has_changed(const Question& q) {
    // Ordered, so that every planner takes the index that ends with toSeq.
    return fmt::format(
        R"((SELECT 1 FROM "timelinePast" g WHERE {} AND g."toSeq" > {} ORDER BY g."toSeq" DESC LIMIT 1) IS NOT NULL)",
        of_timeline(q, "g"), q.snapshot);
}

enum class Side : std::uint8_t { AtOrBefore, After };

/// The nearest point on one side of the position among those that hold still and held at the snapshot. `columns` of the
/// alias x.
std::string nearest_still(const Question& q, Side side, std::string_view columns) {
    return fmt::format(
        R"(SELECT {} FROM "timeline" x WHERE {} AND x."beginTime" {} {} AND x."fromSeq" <= {}
ORDER BY x."beginTime" {} LIMIT 1)",
        columns, of_timeline(q, "x"), side == Side::AtOrBefore ? "<=" : ">", q.at, q.snapshot,
        side == Side::AtOrBefore ? "DESC" : "ASC");
}

/// The nearest point on one side that held at the snapshot, whether it holds still or not, as a subquery of one row at
/// most. `columns` of the alias x; `more` narrows, `bound` is a condition on the begin of x where the search stops.
///
/// Both tables are walked side by side away from the position, so that the walk ends at the first point that held: what
/// it passes over lies within the stretch. The order and limit of each walk let PostgreSQL see that walking is cheaper
/// than sorting (SQLite would sort because of them); the limit of both keeps planners from moving the condition into
/// the walks, where each would go on to its own first. The past is not walked at all when nothing has changed: its
/// first begin is then NULL.
std::string nearest_of_both(const Question& q, Side side, std::string_view columns, std::string_view more = {},
                            std::string_view bound = {}) {
    const std::string_view order = side == Side::AtOrBefore ? "DESC" : "ASC";
    const auto walk = [&](std::string_view table, std::string_view to, const std::string& at) {
        const auto rows = fmt::format(
            R"(SELECT x."beginTime", x."recordID", x."fromSeq", {} AS "toSeq" FROM "{}" x
WHERE {} AND x."beginTime" {} {}{})",
            to, table, of_timeline(q, "x"), side == Side::AtOrBefore ? "<=" : ">", at, bound);
        if (q.engine == Engine::Sqlite) return rows;
        return fmt::format(R"(SELECT * FROM ({} ORDER BY x."beginTime" {} LIMIT 9223372036854775807) y)", rows, order);
    };
    const auto past_at = fmt::format("CASE WHEN {} THEN {} END", has_changed(q), q.at);
    return fmt::format(R"(SELECT {0} FROM ({1} UNION ALL {2} ORDER BY 1 {3} LIMIT 9223372036854775807) x
WHERE x."fromSeq" <= {4} AND x."toSeq" > {4}{5} LIMIT 1)",
                       columns, walk("timeline", "9223372036854775807", q.at),
                       walk("timelinePast", R"(x."toSeq")", past_at), order, q.snapshot, more);
}

constexpr const char* kPoint = R"(x."beginTime", x."recordID")";
constexpr const char* kBeginOnly = R"(x."beginTime")";

/// The keys of the alias of a record of the peer come before those of the winner.
std::string beats_winner(OrderPolicy policy, std::string_view record, std::string_view winner_keys) {
    return fmt::format("({}) > ({})", order_keys(policy, record), winner_keys);
}

/// The nearest point of a timeline on one side whose record beats the winner; linear in those that do not. `bound`: how
/// far the winner reaches on that side without the timeline (NULL: to the end of the axis); what is behind does not
/// matter, but for the stretch that reaches across.
std::string nearest_rival(const Question& q, Side side, OrderPolicy policy, std::string_view winner_keys,
                          const std::string& bound) {
    const auto beats = fmt::format(R"( AND (SELECT {} FROM "dataIndex" r WHERE r."ID" = x."recordID"))",
                                   beats_winner(policy, "r", winner_keys));
    if (side == Side::After) {
        return nearest_of_both(q, side, kBeginOnly, beats,
                               fmt::format(R"( AND x."beginTime" <= coalesce({}, 9223372036854775807))", bound));
    }
    auto across = q;
    across.at = fmt::format("coalesce({}, -9223372036854775807 - 1)", bound);
    return nearest_of_both(q, side, kBeginOnly, beats,
                           fmt::format(R"( AND x."beginTime" >= coalesce(({}), -9223372036854775807 - 1))",
                                       nearest_of_both(across, Side::AtOrBefore, kBeginOnly)));
}

}  // namespace

void bind(std::vector<Value>& out, const StretchKey& key) {
    out.clear();
    out.reserve(5);
    out.emplace_back(key.name_id);
    out.emplace_back(key.element);
    out.emplace_back(key.at);
    out.emplace_back(key.snapshot);
    out.emplace_back(std::string(key.version));
}

namespace {

/// The stretch of a key as a list of joins, one row; `w` is the row of the winner.
std::string points_from(Engine engine, Reach reach) {
    auto q = parameters(engine);
    constexpr const char* kRecord = R"( LEFT JOIN "dataIndex" w ON w."ID" = t."recordID")";
    if (reach == Reach::Any) {
        return fmt::format(R"((SELECT 1 AS "one") o LEFT JOIN ({}) t ON o."one" = 1{})",
                           nearest_of_both(q, Side::AtOrBefore, kPoint), kRecord);
    }
    if (engine == Engine::Sqlite) {
        // SQLite makes a temporary table for any subquery that it joins, but not for scalars.
        const auto begin = nearest_still(q, Side::AtOrBefore, kBeginOnly);
        const auto one = reach == Reach::Newest
                             ? fmt::format(R"((SELECT ({}) AS "from") o)", begin)
                             : fmt::format(R"((SELECT c."changed", CASE WHEN NOT c."changed" THEN ({}) END AS "from"
FROM (SELECT {} AS "changed") c) o)",
                                           begin, has_changed(q));
        return fmt::format(R"({} LEFT JOIN "timeline" t ON {} AND t."beginTime" = o."from"{})", one,
                           of_timeline(q, "t"), kRecord);
    }
    if (reach == Reach::Newest) {
        return fmt::format(R"((SELECT 1 AS "one") o LEFT JOIN ({}) t ON o."one" = 1{})",
                           nearest_still(q, Side::AtOrBefore, kPoint), kRecord);
    }
    q.at = R"(CASE WHEN NOT o."changed" THEN ?3 END)";
    return fmt::format(R"((SELECT {} AS "changed" LIMIT 1) o LEFT JOIN LATERAL ({}) t ON TRUE{})", has_changed(q),
                       nearest_still(q, Side::AtOrBefore, kPoint), kRecord);
}

/// Its columns.
std::string point_columns(Engine engine, Reach reach, std::string_view first_row) {
    const auto q = parameters(engine);
    const auto next =
        reach == Reach::Any ? nearest_of_both(q, Side::After, kBeginOnly) : nearest_still(q, Side::After, kBeginOnly);
    const std::string changed = reach == Reach::Any      ? "1 = 0"
                                : reach == Reach::Newest ? has_changed(q)
                                                         : std::string(R"(o."changed")");
    const char* guard = reach == Reach::Guarded ? R"( AND NOT o."changed")" : "";
    return fmt::format(R"({}, t."beginTime" AS "from", CASE WHEN ({}){} THEN ({}) END AS "to",
CASE WHEN {} THEN {} END AS "changed")",
                       record_columns("w"), first_row, guard, next, first_row, changed);
}

}  // namespace

std::string point_joined_sql(Engine engine, Reach reach, std::string_view first_row, std::string_view columns,
                             std::string_view joins) {
    return fmt::format("SELECT {}{}{} FROM {}{}", point_columns(engine, reach, first_row), columns.empty() ? "" : ", ",
                       columns, points_from(engine, reach), joins);
}

PointStretch read_point_stretch(const Cursor& cursor, Axis axis) {
    PointStretch stretch;
    stretch.answer.record = read_record(cursor, 0);
    stretch.answer.validity =
        interval_of(axis, cursor.find_integer(kWinnerColumnCount), cursor.find_integer(kWinnerColumnCount + 1));
    stretch.changed = cursor.integer(kWinnerColumnCount + 2) != 0;
    return stretch;
}

WinnerAnswer find_stretch(Transaction& tx, const StretchKey& key, Axis axis) {
    if (backends::is_proved(tx)) {
        return answer_of(find_held(tx, {key.name_id, key.element, key.version, key.at, key.snapshot, tx.verified()}),
                         axis, key.snapshot, key.version);
    }
    static const auto make = [](Engine engine, Reach reach) {
        return Sql(point_joined_sql(engine, reach, "1 = 1", {}, {}));
    };
    static const std::array<Sql, 4> kSql{make(Engine::Sqlite, Reach::Guarded), make(Engine::Sqlite, Reach::Any),
                                         make(Engine::Postgres, Reach::Guarded), make(Engine::Postgres, Reach::Any)};
    const std::size_t first = tx.engine() == Engine::Sqlite ? 0 : 2;
    std::vector<Value> values;
    bind(values, key);
    for (std::size_t reach = first;; ++reach) {
        const auto cursor = tx.query(kSql.at(reach), values);
        if (!cursor->next()) {
            throw Error(ErrorCode::Internal,
                        {"the statement of a stretch returned no row", "timeline", "one row", "none", ""});
        }
        auto stretch = read_point_stretch(*cursor, axis);
        if (!stretch.changed) return std::move(stretch.answer);
    }
}

namespace {

bool comes_first(const WinnerRecord& a, const WinnerRecord& b, OrderPolicy policy) {
    if (policy == OrderPolicy::ByBegin) return std::tie(a.begin, a.commit, a.id) > std::tie(b.begin, b.commit, b.id);
    return std::tie(a.creation_time, a.commit, a.begin, a.id) > std::tie(b.creation_time, b.commit, b.begin, b.id);
}

/// Where a member of equal rank that does not win at the position begins to, on both sides: ?1 to ?5 of the member's
/// key, then how far the winner reaches down and up, then its keys.
Sql make_rivals_sql(Engine engine, OrderPolicy policy) {
    const char* keys = policy == OrderPolicy::ByBegin ? "?8, ?9, ?10" : "?8, ?9, ?10, ?11";
    const auto q = parameters(engine);
    return Sql(fmt::format("SELECT ({}), ({})", nearest_rival(q, Side::AtOrBefore, policy, keys, "?6"),
                           nearest_rival(q, Side::After, policy, keys, "?7")));
}

/// The part of `interval` around the position in which no record of the member beats the winner.
Interval trim_by_member(Transaction& tx, const StretchKey& member, const WinnerRecord& winner, OrderPolicy policy,
                        Interval interval) {
    static const auto make = [](OrderPolicy of) {
        return std::array<Sql, 2>{make_rivals_sql(Engine::Sqlite, of), make_rivals_sql(Engine::Postgres, of)};
    };
    static const std::array<Sql, 2> kByBegin = make(OrderPolicy::ByBegin);
    static const std::array<Sql, 2> kByCreation = make(OrderPolicy::ByCreation);
    const auto& sql =
        (policy == OrderPolicy::ByBegin ? kByBegin : kByCreation).at(tx.engine() == Engine::Sqlite ? 0 : 1);
    std::vector<Value> values;
    bind(values, member);
    values.emplace_back(interval.begin);
    interval.end ? values.emplace_back(*interval.end) : values.emplace_back(std::monostate{});
    if (policy == OrderPolicy::ByBegin) {
        for (const auto key : {winner.begin, winner.commit, winner.id}) values.emplace_back(key);
    } else {
        for (const auto key : {winner.creation_time, winner.commit, winner.begin, winner.id}) values.emplace_back(key);
    }
    std::optional<std::int64_t> before;
    {
        const auto cursor = tx.query(sql, values);
        if (!cursor->next()) {
            throw Error(ErrorCode::Internal,
                        {"the statement of rivals returned no row", "timeline", "one row", "none", ""});
        }
        before = cursor->find_integer(0);
        const auto after = cursor->find_integer(1);
        if (after && (!interval.end || *after < *interval.end)) interval.end = after;
    }
    if (!before) return interval;
    // Its stretch ends before the position, where it does not win.
    auto rival = member;
    rival.at = *before;
    const auto end = find_stretch(tx, rival, interval.axis).validity.end;
    if (end) interval.begin = std::max(interval.begin, *end);
    return interval;
}

}  // namespace

WinnerAnswer find_among_equals(Transaction& tx, const NameRecord& name, std::int64_t element,
                               const std::vector<std::string>& versions, std::int64_t at, std::int64_t snapshot) {
    if (backends::is_proved(tx)) return stretches::find_among_equals(tx, name, element, versions, at, snapshot);
    std::vector<WinnerAnswer> answers;
    std::optional<std::size_t> best;
    for (const auto& version : versions) {
        answers.push_back(find_stretch(tx, {name.id, element, at, snapshot, version}, name.axis));
        const auto& record = answers.back().record;
        if (!record) continue;
        if (!best || comes_first(*record, *answers[*best].record, name.policy)) best = answers.size() - 1;
    }
    if (!best) {
        WinnerAnswer gap = answers.front();
        for (const auto& answer : answers) gap.validity = intersect(gap.validity, answer.validity);
        return gap;
    }
    auto answer = answers[*best];
    for (std::size_t i = 0; i < versions.size(); ++i) {
        if (i == *best) continue;
        answer.validity = trim_by_member(tx, {name.id, element, at, snapshot, versions[i]}, *answer.record, name.policy,
                                         answer.validity);
    }
    return answer;
}

WinnerAnswer find_winner(Transaction& tx, const NameRecord& name, std::int64_t element, const VersionChain& chain,
                         std::int64_t at, std::int64_t snapshot) {
    WinnerAnswer answer{std::nullopt, Interval{name.axis, kMinusInfinity, std::nullopt}};
    for (const auto& rank : chain.ranks) {
        auto of_rank = rank.size() == 1 ? find_stretch(tx, {name.id, element, at, snapshot, rank.front()}, name.axis)
                                        : find_among_equals(tx, name, element, rank, at, snapshot);
        answer.validity = intersect(answer.validity, of_rank.validity);
        if (!of_rank.record) continue;
        answer.record = std::move(of_rank.record);
        break;
    }
    return answer;
}

namespace {

std::string best_of_version(const Question& q, OrderPolicy policy, std::string_view columns) {
    return fmt::format(R"(SELECT {} FROM "dataIndex" d WHERE {} AND {} ORDER BY {} LIMIT 1)", columns,
                       of_timeline(q, "d"), visible_at("d", q.snapshot), order_by(policy, "d"));
}

}  // namespace

WinnerAnswer find_any_position(Transaction& tx, const NameRecord& name, std::int64_t element, const VersionChain& chain,
                               std::int64_t snapshot) {
    if (backends::is_proved(tx)) return stretches::find_any_position(tx, name, element, chain, snapshot);
    static const auto make = [](OrderPolicy policy) {  // the same text on both engines
        return Sql(best_of_version(parameters(Engine::Sqlite), policy, record_columns("d") + ", ?3"));
    };
    static const Sql kByBegin = make(OrderPolicy::ByBegin);
    static const Sql kByCreation = make(OrderPolicy::ByCreation);
    WinnerAnswer answer{std::nullopt, Interval{name.axis, kMinusInfinity, std::nullopt}};
    std::vector<Value> values;
    for (const auto& rank : chain.ranks) {
        for (const auto& version : rank) {
            bind(values, {name.id, element, 0, snapshot, version});
            const auto cursor = tx.query(name.policy == OrderPolicy::ByBegin ? kByBegin : kByCreation, values);
            if (!cursor->next()) continue;
            auto record = read_record(*cursor, 0);
            if (!answer.record || comes_first(*record, *answer.record, name.policy)) answer.record = std::move(record);
        }
        if (answer.record) break;
    }
    return answer;
}

unsigned set_modes(std::span<const SetKey> keys) noexcept {
    unsigned modes = 0;
    for (const auto& key : keys) {
        modes |= key.any_position ? kSetBase : kSetStretch;
        if (key.any_position) continue;
        for (const auto& rank : key.chain->ranks) modes |= rank.size() > 1 ? kSetEquals : 0U;
    }
    return modes;
}

std::vector<Value> bind_set(std::span<const SetKey> keys, std::int64_t snapshot) {
    std::vector<std::int64_t> ord;
    std::vector<std::int64_t> name;
    std::vector<std::int64_t> element;
    std::vector<std::int64_t> at;
    std::vector<std::int64_t> mode;
    std::vector<std::int64_t> rank;
    std::vector<std::int64_t> equals;
    std::vector<std::string> version;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto& key = keys[i];
        for (std::size_t r = 0; r < key.chain->ranks.size(); ++r) {
            for (const auto& member : key.chain->ranks[r]) {
                ord.push_back(static_cast<std::int64_t>(i));
                name.push_back(key.name_id);
                element.push_back(key.element);
                at.push_back(key.at);
                mode.push_back(static_cast<std::int64_t>(key.policy) + (key.any_position ? 10 : 0));
                rank.push_back(static_cast<std::int64_t>(r));
                equals.push_back(key.chain->ranks[r].size() > 1 ? 1 : 0);
                version.push_back(member);
            }
        }
    }
    return {snapshot,        std::move(ord),  std::move(name),   std::move(element), std::move(at),
            std::move(mode), std::move(rank), std::move(equals), std::move(version)};
}

namespace {

/// One pass over the members: each finds its stretch; a window over the members of a key chooses the winner and hands
/// its keys to all of them; each that ranks no lower gives its bounds; a window puts those together. Nothing is joined
/// with itself: the planner knows nothing of the number of members, and would compare all with all.
std::string make_set_query(unsigned modes) {
    const Question q{Engine::Postgres, R"(p."ofName")", R"(p."ofElement")", R"(p."ofVersion")", R"(p."at")", "?1"};
    std::string candidates;
    const auto add_candidate = [&](const std::string& condition, const std::string& query) {
        candidates += fmt::format(R"({}(SELECT * FROM ({}) c WHERE {}))", candidates.empty() ? "" : "\nUNION ALL ",
                                  query, condition);
    };
    if ((modes & kSetStretch) != 0)
        add_candidate(R"(p."mode" IN (1, 2))", nearest_of_both(q, Side::AtOrBefore, kPoint));
    if ((modes & kSetBase) != 0) {
        const char* columns = R"(-9223372036854775807 - 1 AS "beginTime", d."ID")";
        add_candidate(R"(p."mode" = 11)", best_of_version(q, OrderPolicy::ByBegin, columns));
        add_candidate(R"(p."mode" = 12)", best_of_version(q, OrderPolicy::ByCreation, columns));
    }
    // Where a stretch of the member ends or begins to matter for the winner of the key.
    std::string from = R"(p."pointBegin")";
    std::string to = fmt::format("({})", nearest_of_both(q, Side::After, kBeginOnly));
    std::string reach;
    std::string reach_source;
    if ((modes & kSetEquals) != 0) {
        // Rivals are looked for within the winner's own stretch, so its end comes first. OFFSET 0: computed once.
        reach = R"(, e."pointEnd", first_value(t."beginTime") OVER w AS "wFrom",
first_value(e."pointEnd") OVER w AS "wTo")";
        reach_source = fmt::format(R"(
LEFT JOIN LATERAL (SELECT CASE WHEN p."mode" < 10 THEN {} END OFFSET 0) e("pointEnd") ON TRUE)",
                                   to);
        to = R"(p."pointEnd")";
        const auto rival = [&](Side side, OrderPolicy policy) {
            const char* keys = policy == OrderPolicy::ByBegin ? R"(p."wBegin", p."wCommit", p."wID")"
                                                              : R"(p."wCreation", p."wCommit", p."wBegin", p."wID")";
            const std::string bound = side == Side::AtOrBefore ? R"(p."wFrom")" : R"(p."wTo")";
            return fmt::format("({})", nearest_rival(q, side, policy, keys, bound));
        };
        const auto of_policy = [&](Side side) {
            return fmt::format(R"(CASE WHEN p."mode" = 1 THEN {} ELSE {} END)", rival(side, OrderPolicy::ByBegin),
                               rival(side, OrderPolicy::ByCreation));
        };
        // The rival's stretch ends at the next point behind its begin.
        auto behind = q;
        behind.at = R"(v."rival")";
        const auto ended = fmt::format(R"((SELECT ({}) FROM (SELECT {} AS "rival") v WHERE v."rival" IS NOT NULL))",
                                       nearest_of_both(behind, Side::After, kBeginOnly), of_policy(Side::AtOrBefore));
        constexpr const char* kOther =
            R"(p."equals" = 1 AND p."wID" IS NOT NULL AND p."rank" = p."wRank" AND p."recordID" IS DISTINCT FROM p."wID")";
        from = fmt::format("CASE WHEN {} THEN {} ELSE {} END", kOther, ended, from);
        to = fmt::format("CASE WHEN {} THEN {} ELSE {} END", kOther, of_policy(Side::After), to);
    }
    const auto bounded = [](const std::string& bound) {
        return fmt::format(R"(CASE WHEN p."mode" < 10 AND (p."wID" IS NULL OR p."rank" <= p."wRank") THEN {} END)",
                           bound);
    };
    std::string shown;
    for (const auto* column : kColumns) shown += fmt::format("b.\"{}\", ", column);
    return fmt::format(
        R"(SELECT b."ord", {0}b."from", b."to" FROM (
SELECT q.*, max(q."lower") OVER k AS "from", min(q."upper") OVER k AS "to" FROM (
SELECT p.*, {1} AS "lower", {2} AS "upper" FROM (
SELECT p.*, t."beginTime" AS "pointBegin", t."recordID", {3}, row_number() OVER w AS "place", first_value(d."ID") OVER w AS "wID",
first_value(p."rank") OVER w AS "wRank", first_value(d."beginTime") OVER w AS "wBegin",
first_value(d."creationTime") OVER w AS "wCreation", first_value(d."commitSeq") OVER w AS "wCommit"{5}
FROM unnest(?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::bigint[], ?9::text[])
AS p("ord", "ofName", "ofElement", "at", "mode", "rank", "equals", "ofVersion")
LEFT JOIN LATERAL ({4}) t("beginTime", "recordID") ON TRUE{6}
LEFT JOIN "dataIndex" d ON d."ID" = t."recordID"
WINDOW w AS (PARTITION BY p."ord" ORDER BY d."ID" IS NULL, p."rank",
CASE WHEN p."mode" IN (2, 12) THEN d."creationTime" ELSE d."beginTime" END DESC, d."commitSeq" DESC, d."beginTime" DESC,
d."ID" DESC)) p) q
WINDOW k AS (PARTITION BY q."ord")) b WHERE b."place" = 1)",
        shown, bounded(from), bounded(to), record_columns("d"), candidates, reach, reach_source);
}

}  // namespace

const std::string& set_query_sql(unsigned modes) {
    static const auto kSql = [] {
        std::array<std::string, kAllSetModes + 1> sql;
        for (unsigned of = 1; of <= kAllSetModes; ++of) {
            if (of != kSetEquals) sql[of] = make_set_query(of);
        }
        return sql;
    }();
    // Without a key there is no row; any text says so.
    return kSql.at(modes == 0 || modes == kSetEquals ? kAllSetModes : modes);
}

WinnerAnswer read_set_row(const Cursor& cursor, const SetKey& key) {
    WinnerAnswer answer;
    answer.record = read_record(cursor, 1);
    answer.validity = key.any_position ? Interval{key.axis, kMinusInfinity, std::nullopt}
                                       : interval_of(key.axis, cursor.find_integer(1 + kWinnerColumnCount),
                                                     cursor.find_integer(2 + kWinnerColumnCount));
    return answer;
}

}  // namespace etalon::index
