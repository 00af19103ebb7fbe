#include "index/winner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "backends/ddl.h"
#include "etalon/error.h"

namespace etalon::index {

using backends::Cursor;
using backends::Value;
using backends::visible_at;

namespace {

constexpr std::array<const char*, kWinnerColumnCount> kColumns{
    "ID", "schemaID", "version", "beginTime", "endTime", "creationTime", "commitSeq",
    "entryTime", "numRows", "dataID", "uid", "rank"};
enum Column { kId, kSchema, kVersion, kBegin, kEnd, kCreation, kCommit, kEntry, kRows, kData, kUid, kRank };

/// Columns of dataIndex behind an alias, as the winner shows them (without rank).
std::string record_columns(std::string_view alias) {
    std::string out;
    for (int i = 0; i < kRank; ++i) out += fmt::format("{}{}.\"{}\"", i == 0 ? "" : ", ", alias, kColumns[i]);
    return out;
}

/// The keys that order records of one rank, best first when descending. Total: the ID (position in the commit) is last.
std::string order_keys(OrderPolicy policy, std::string_view alias) {
    const char* keys = policy == OrderPolicy::ByBegin ? R"({0}."beginTime", {0}."commitSeq", {0}."ID")"
                                                      : R"({0}."creationTime", {0}."commitSeq", {0}."beginTime", {0}."ID")";
    return fmt::format(fmt::runtime(keys), alias);
}

std::string order_by(OrderPolicy policy, std::string_view alias) {
    std::string keys = order_keys(policy, alias);
    for (auto at = keys.find(", "); at != std::string::npos; at = keys.find(", ", at + 7)) keys.replace(at, 2, " DESC, ");
    return keys + " DESC";
}

/// The begin of the winner, or what is below every end when there is none: a bound that an index range can use.
std::string begin_or_lowest(std::string_view begin) {
    return fmt::format("coalesce({}, -9223372036854775807 - 1)", begin);
}

/// Effective interval from the winner's own interval and the two bounds.
Interval effective(Axis axis, const std::optional<WinnerRecord>& record, std::optional<std::int64_t> next_begin,
                   std::optional<std::int64_t> previous_end) {
    Interval interval{axis, kMinusInfinity, std::nullopt};
    if (record) interval = Interval{axis, record->begin, record->end};
    if (previous_end) interval.begin = std::max(interval.begin, *previous_end);
    if (next_begin && (!interval.end || *next_begin < *interval.end)) interval.end = next_begin;
    return interval;
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

}  // namespace

PointShape PointShape::make(const VersionChain& chain, const NameRecord& name, bool any_position) {
    PointShape shape;
    shape.policy = name.policy;
    shape.any_position = any_position;
    for (std::size_t rank = 0; rank < chain.ranks.size(); ++rank) {
        for (const auto& version : chain.ranks[rank]) {
            for (const auto& known : name.classes) {
                if (known.version == version) {
                    shape.probes.push_back({static_cast<std::int64_t>(rank), version, known.length_class});
                }
            }
        }
    }
    return shape;
}

PointQuery::PointQuery(const PointShape& shape) : shape_(shape) {
    if (shape_.probes.empty()) return;
    const auto version_parameter = [&](const std::string& version) {
        const auto at = std::find(versions_.begin(), versions_.end(), version) - versions_.begin();
        return fmt::format("?{}", 5 + at);
    };
    bool several_ranks = false;
    for (const auto& probe : shape_.probes) {
        if (std::find(versions_.begin(), versions_.end(), probe.version) == versions_.end()) {
            versions_.push_back(probe.version);
        }
        if (!shape_.any_position && probe.length_class != kOpenClass &&
            std::find(low_classes_.begin(), low_classes_.end(), probe.length_class) == low_classes_.end()) {
            low_classes_.push_back(probe.length_class);
        }
        several_ranks = several_ranks || probe.rank != shape_.probes.front().rank;
    }
    const auto low_parameter = [&](std::int64_t length_class) {
        const auto at = std::find(low_classes_.begin(), low_classes_.end(), length_class) - low_classes_.begin();
        return fmt::format("?{}", 5 + versions_.size() + static_cast<std::size_t>(at));
    };
    const auto of_version = [&](const PointShape::Probe& probe, std::string_view alias) {
        return fmt::format(R"({0}."nameID" = ?1 AND {0}."elementID" = ?2 AND {0}."version" = {1})", alias,
                           version_parameter(probe.version));
    };
    const auto of_probe = [&](const PointShape::Probe& probe, std::string_view alias) {
        return fmt::format(R"({} AND {}."lengthClass" = {})", of_version(probe, alias), alias, probe.length_class);
    };

    // The best record of one probe that contains ?3 (for any_position: the best of all).
    const auto candidate = [&](const PointShape::Probe& probe, const std::string& columns) {
        std::string contains;
        if (!shape_.any_position) {
            contains = R"( AND d."beginTime" <= ?3)";
            if (probe.length_class != kOpenClass) {
                contains += fmt::format(R"( AND d."beginTime" >= {} AND d."endTime" > ?3)",
                                        low_parameter(probe.length_class));
            }
        }
        return fmt::format(R"(SELECT {} FROM "dataIndex" d WHERE {}{} AND {} ORDER BY {} LIMIT 1)", columns,
                           of_probe(probe, "d"), contains, visible_at("d", "?4"), order_by(shape_.policy, "d"));
    };
    std::string winner;
    std::string candidates;
    if (shape_.probes.size() == 1) {
        winner = candidate(shape_.probes.front(), fmt::format("{}, 0 AS \"rank\"", record_columns("d")));
    } else {
        for (const auto& probe : shape_.probes) {
            candidates += fmt::format("{}SELECT {} AS \"rank\", ({}) AS \"candidate\"",
                                      candidates.empty() ? "" : " UNION ALL ", probe.rank, candidate(probe, "d.\"ID\""));
        }
        winner = fmt::format(R"(SELECT {}, c."rank" FROM ({}) c CROSS JOIN "dataIndex" d WHERE d."ID" = c."candidate"
ORDER BY c."rank", {} LIMIT 1)",
                             record_columns("d"), candidates, order_by(shape_.policy, "d"));
    }

    for (const auto* column : kColumns) columns_.emplace_back(column);
    if (!shape_.any_position) {
        // A record of the winner's own rank bounds it only when it comes first in the order of the policy.
        const auto beats = [&](const PointShape::Probe& probe, std::string_view alias) {
            std::string better = fmt::format(R"(({}) > ({}))", order_keys(shape_.policy, alias),
                                             order_keys(shape_.policy, "w"));
            if (several_ranks) better = fmt::format(R"({} < w."rank" OR {})", probe.rank, better);
            return fmt::format(R"( AND (w."ID" IS NULL OR {}))", better);
        };
        const auto reached = [&](const PointShape::Probe& probe, const std::string& query) {
            if (!several_ranks) return fmt::format("({})", query);
            return fmt::format(R"(CASE WHEN w."ID" IS NULL OR {} <= w."rank" THEN ({}) END)", probe.rank, query);
        };
        for (const auto& probe : shape_.probes) {
            // In by_begin whatever begins later beats a winner of its rank.
            const auto filter = shape_.policy == OrderPolicy::ByBegin ? std::string() : beats(probe, "n");
            columns_.push_back(fmt::format("next{}", next_columns_++));
            bounds_.push_back({reached(probe, fmt::format(R"(SELECT n."beginTime" FROM "dataIndex" n WHERE {}
AND n."beginTime" > ?3 AND {}{} ORDER BY n."beginTime" LIMIT 1)",
                                                           of_probe(probe, "n"), visible_at("n", "?4"), filter)),
                               !filter.empty()});
        }
        std::vector<std::string> done;
        for (const auto& probe : shape_.probes) {
            if (probe.length_class == kOpenClass || std::find(done.begin(), done.end(), probe.version) != done.end()) {
                continue;
            }
            done.push_back(probe.version);
            columns_.push_back(fmt::format("end{}", end_columns_++));
            bounds_.push_back({reached(probe, fmt::format(R"(SELECT e."endTime" FROM "dataIndex" e WHERE {}
AND e."endTime" <= ?3 AND e."endTime" > {} AND {}{} ORDER BY e."endTime" DESC LIMIT 1)",
                                                             of_version(probe, "e"),
                                                             begin_or_lowest(R"(w."beginTime")"), visible_at("e", "?4"),
                                                           beats(probe, "e"))),
                               true});
        }
    }
    std::string shown;
    for (const auto* column : kColumns) shown += fmt::format("{}w.\"{}\"", shown.empty() ? "" : ", ", column);
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
        shown += fmt::format(R"(, {} AS "{}")", bounds_[i].query, columns_[kWinnerColumnCount + i]);
    }
    sql_ = fmt::format("SELECT {} FROM (SELECT 1 AS \"one\") o LEFT JOIN ({}) w ON o.\"one\" = 1", shown, winner);
    if (several_ranks) return;  // w."rank" is needed
    flat_by_record_ = fmt::format(R"((SELECT 1 AS "one") o LEFT JOIN ({}) w ON o."one" = 1)", winner);
    if (shape_.probes.size() == 1) {
        winner = candidate(shape_.probes.front(), "d.\"ID\"");
    } else {
        winner = fmt::format(R"(SELECT d."ID" FROM ({}) c CROSS JOIN "dataIndex" d WHERE d."ID" = c."candidate"
ORDER BY {} LIMIT 1)", candidates, order_by(shape_.policy, "d"));
    }
    flat_by_id_ = fmt::format(R"((SELECT ({}) AS "winner") o LEFT JOIN "dataIndex" w ON w."ID" = o."winner")", winner);
}

std::string PointQuery::flat_columns(std::string_view first_row) const {
    std::string out = record_columns("w") + R"(, 0 AS "rank")";
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
        const auto& [query, of_winner] = bounds_[i];
        out += of_winner ? fmt::format(R"(, CASE WHEN {} THEN {} END AS "{}")", first_row, query,
                                       columns_[kWinnerColumnCount + i])
                         : fmt::format(R"(, {} AS "{}")", query, columns_[kWinnerColumnCount + i]);
    }
    return out;
}

void PointQuery::bind(std::vector<Value>& out, std::int64_t name_id, std::int64_t element, std::int64_t at,
                      std::int64_t snapshot) const {
    out.clear();
    out.reserve(4 + versions_.size() + low_classes_.size());
    out.emplace_back(name_id);
    out.emplace_back(element);
    out.emplace_back(at);
    out.emplace_back(snapshot);
    for (const auto& version : versions_) out.emplace_back(version);
    for (const auto length_class : low_classes_) out.emplace_back(lowest_begin(at, length_class));
}

WinnerAnswer PointQuery::read(const Cursor& cursor, Axis axis) const {
    WinnerAnswer answer;
    answer.record = read_record(cursor, 0);
    if (shape_.any_position) {
        answer.validity = Interval{axis, kMinusInfinity, std::nullopt};
        return answer;
    }
    std::optional<std::int64_t> next_begin;
    std::optional<std::int64_t> previous_end;
    for (int i = 0; i < next_columns_; ++i) {
        const auto begin = cursor.find_integer(kWinnerColumnCount + i);
        if (begin && (!next_begin || *begin < *next_begin)) next_begin = begin;
    }
    for (int i = 0; i < end_columns_; ++i) {
        const auto end = cursor.find_integer(kWinnerColumnCount + next_columns_ + i);
        if (end && (!previous_end || *end > *previous_end)) previous_end = end;
    }
    answer.validity = effective(axis, answer.record, next_begin, previous_end);
    return answer;
}

std::vector<Value> bind_set(std::span<const SetKey> keys, std::int64_t snapshot) {
    std::vector<std::int64_t> ord;
    std::vector<std::int64_t> name;
    std::vector<std::int64_t> element;
    std::vector<std::int64_t> at;
    std::vector<std::int64_t> mode;
    std::vector<std::int64_t> rank;
    std::vector<std::string> version;
    std::vector<std::int64_t> length_class;
    std::vector<std::int64_t> low;
    std::vector<std::int64_t> with_ends;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto& shape = *keys[i].shape;
        for (std::size_t p = 0; p < shape.probes.size(); ++p) {
            const auto& probe = shape.probes[p];
            const bool first_with_end =
                probe.length_class != kOpenClass &&
                std::none_of(shape.probes.begin(), shape.probes.begin() + static_cast<std::ptrdiff_t>(p),
                             [&](const auto& before) {
                                 return before.version == probe.version && before.length_class != kOpenClass;
                             });
            ord.push_back(static_cast<std::int64_t>(i));
            name.push_back(keys[i].name_id);
            element.push_back(keys[i].element);
            at.push_back(shape.any_position ? kPlusInfinity : keys[i].at);
            mode.push_back(static_cast<std::int64_t>(shape.policy) + (shape.any_position ? 10 : 0));
            rank.push_back(probe.rank);
            version.push_back(probe.version);
            length_class.push_back(probe.length_class);
            low.push_back(probe.length_class == kOpenClass || shape.any_position
                              ? kMinusInfinity
                              : lowest_begin(keys[i].at, probe.length_class));
            with_ends.push_back(first_with_end && !shape.any_position ? 1 : 0);
        }
    }
    return {snapshot,           std::move(ord),  std::move(name),    std::move(element),      std::move(at),
            std::move(mode),    std::move(rank), std::move(version), std::move(length_class), std::move(low),
            std::move(with_ends)};
}

namespace {

/// One pass over the probes: each finds its candidate; a window over the probes of a key chooses the winner and hands its
/// keys to all of them; each finds its bounds; a window puts those together. Nothing is joined with itself: the planner
/// knows nothing of the number of probes, and would compare all with all.
std::string make_set_query(unsigned modes) {
    constexpr auto kByBegin = OrderPolicy::ByBegin;
    constexpr auto kByCreation = OrderPolicy::ByCreation;
    const auto of_probe = [](std::string_view alias) {
        return fmt::format(R"({0}."nameID" = p."ofName" AND {0}."elementID" = p."ofElement"
AND {0}."version" = p."ofVersion" AND {0}."lengthClass" = p."ofClass")", alias);
    };
    // A branch per mode in use; modes 11 and 12 are baseLine reads.
    std::string candidates;
    const auto add_candidate = [&](unsigned bit, OrderPolicy policy, bool any_position) {
        if ((modes & bit) == 0) return;
        candidates += fmt::format(R"({}(SELECT d.* FROM "dataIndex" d WHERE p."mode" = {} AND {}{} AND {}
ORDER BY {} LIMIT 1))",
                                  candidates.empty() ? "" : "\nUNION ALL ",
                                  static_cast<int>(policy) + (any_position ? 10 : 0), of_probe("d"),
                                  any_position ? ""
                                               : R"( AND d."beginTime" <= p."at" AND d."beginTime" >= p."low"
AND (d."endTime" IS NULL OR d."endTime" > p."at"))",
                                  visible_at("d", "?1"), order_by(policy, "d"));
    };
    add_candidate(kSetByBegin, kByBegin, false);
    add_candidate(kSetByCreation, kByCreation, false);
    add_candidate(kSetBaseByBegin, kByBegin, true);
    add_candidate(kSetBaseByCreation, kByCreation, true);

    const auto beats = [](OrderPolicy policy, std::string_view alias) {
        return fmt::format(R"((p."wID" IS NULL OR p."rank" < p."wRank" OR ({}) > ({})))", order_keys(policy, alias),
                           policy == kByBegin ? R"(p."wBegin", p."wCommit", p."wID")"
                                              : R"(p."wCreation", p."wCommit", p."wBegin", p."wID")");
    };
    const auto next_begin = [&](OrderPolicy policy) {
        // In by_begin whatever begins later beats a winner of its rank.
        return fmt::format(R"((SELECT n."beginTime" FROM "dataIndex" n WHERE {} AND n."beginTime" > p."at" AND {}{}
ORDER BY n."beginTime" LIMIT 1))",
                           of_probe("n"), visible_at("n", "?1"),
                           policy == kByBegin ? std::string() : " AND " + beats(policy, "n"));
    };
    const auto previous_end = [&](OrderPolicy policy) {
        return fmt::format(R"((SELECT e."endTime" FROM "dataIndex" e WHERE e."nameID" = p."ofName"
AND e."elementID" = p."ofElement" AND e."version" = p."ofVersion" AND e."endTime" <= p."at"
AND e."endTime" > {} AND {} AND {} ORDER BY e."endTime" DESC LIMIT 1))",
                           begin_or_lowest(R"(p."wBegin")"), visible_at("e", "?1"), beats(policy, "e"));
    };
    const auto by_mode = [&](const auto& bound, std::string_view condition) {
        std::string branches;
        for (const auto& [bit, policy] : {std::pair(kSetByBegin, kByBegin), std::pair(kSetByCreation, kByCreation)}) {
            if ((modes & bit) == 0) continue;
            branches += fmt::format(R"( WHEN p."mode" = {}{} AND (p."wID" IS NULL OR p."rank" <= p."wRank") THEN {})",
                                    static_cast<int>(policy), condition, bound(policy));
        }
        return branches.empty() ? std::string("NULL::bigint") : "CASE" + branches + " END";
    };
    std::string shown;
    for (const auto* column : kColumns) shown += fmt::format("b.\"{}\", ", column);
    return fmt::format(
        R"(SELECT b."ord", {}b."nextBegin", b."prevEnd" FROM (
SELECT q.*, min(q."next") OVER k AS "nextBegin", max(q."previous") OVER k AS "prevEnd" FROM (
SELECT p.*, {} AS "next", {} AS "previous" FROM (
SELECT p.*, {}, row_number() OVER w AS "place", first_value(d."ID") OVER w AS "wID",
first_value(p."rank") OVER w AS "wRank", first_value(d."beginTime") OVER w AS "wBegin",
first_value(d."creationTime") OVER w AS "wCreation", first_value(d."commitSeq") OVER w AS "wCommit"
FROM unnest(?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::text[], ?9::bigint[],
?10::bigint[], ?11::bigint[])
AS p("ord", "ofName", "ofElement", "at", "mode", "rank", "ofVersion", "ofClass", "low", "ends")
LEFT JOIN LATERAL ({}) d ON TRUE
WINDOW w AS (PARTITION BY p."ord" ORDER BY d."ID" IS NULL, p."rank",
CASE WHEN p."mode" IN (2, 12) THEN d."creationTime" ELSE d."beginTime" END DESC, d."commitSeq" DESC, d."beginTime" DESC,
d."ID" DESC)) p) q
WINDOW k AS (PARTITION BY q."ord")) b WHERE b."place" = 1)",
        shown, by_mode(next_begin, ""),
        (modes & kSetEnds) != 0 ? by_mode(previous_end, R"( AND p."ends" = 1)") : "NULL::bigint", record_columns("d"),
        candidates);
}

}  // namespace

unsigned set_modes(std::span<const SetKey> keys) noexcept {
    unsigned modes = 0;
    for (const auto& key : keys) {
        const auto& shape = *key.shape;
        const bool by_begin = shape.policy == OrderPolicy::ByBegin;
        if (shape.any_position) {
            modes |= by_begin ? kSetBaseByBegin : kSetBaseByCreation;
            continue;
        }
        modes |= by_begin ? kSetByBegin : kSetByCreation;
        for (const auto& probe : shape.probes) modes |= probe.length_class != kOpenClass ? kSetEnds : 0U;
    }
    return modes;
}

const std::string& set_query_sql(unsigned modes) {
    static const auto kSql = [] {
        std::array<std::string, kAllSetModes + 1> sql;
        for (unsigned of = 1; of <= kAllSetModes; ++of) {
            if (of != kSetEnds) sql[of] = make_set_query(of);
        }
        return sql;
    }();
    // Without a key there is no row; any text says so.
    return kSql.at(modes == 0 || modes == kSetEnds ? kAllSetModes : modes);
}

WinnerAnswer read_set_row(const Cursor& cursor, const SetKey& key) {
    WinnerAnswer answer;
    answer.record = read_record(cursor, 1);
    if (key.shape->any_position) {
        answer.validity = Interval{key.axis, kMinusInfinity, std::nullopt};
        return answer;
    }
    answer.validity = effective(key.axis, answer.record, cursor.find_integer(1 + kWinnerColumnCount),
                                cursor.find_integer(2 + kWinnerColumnCount));
    return answer;
}

}  // namespace etalon::index
