// The winner in format 2: from stretches that are proved, and where versions rank equal, from the records that they
// name.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "backends/proof.h"
#include "index/winner.h"

namespace etalon::index {

using backends::Transaction;

WinnerAnswer answer_of(const std::optional<Stretch>& stretch, Axis axis, std::int64_t snapshot,
                       std::string_view version) {
    WinnerAnswer answer{std::nullopt, Interval{axis, kMinusInfinity, std::nullopt}};
    if (!stretch) return answer;
    answer.validity.begin = stretch->begin;
    answer.validity.end = stretch->end_at(snapshot);
    if (!stretch->record) return answer;
    const auto& from = *stretch->record;
    WinnerRecord record;
    record.id = from.key.id;
    record.schema_id = from.schema_id;
    record.version = version;
    record.begin = from.key.begin;
    record.end = from.key.end;
    record.num_rows = from.num_rows;
    record.data_id = from.data_id;
    record.stretched = true;
    record.encoding = from.encoding;
    record.rows_checksum = from.rows_checksum;
    answer.record = std::move(record);
    return answer;
}

std::string stretch_set_sql() {
    const auto of_key = [](std::string_view alias) {
        return fmt::format(
            R"({0}."nameID" = k."ofName" AND {0}."elementID" = k."ofElement" AND {0}."version" = k."ofVersion")",
            alias);
    };
    const auto walk = [&](std::string_view table, std::string_view to) {
        return fmt::format(R"((SELECT {} FROM "{}" x WHERE {} AND x."beginTime" <= k."at"
ORDER BY x."beginTime" DESC LIMIT 9223372036854775807))",
                           stretch_columns("x", to), table, of_key("x"));
    };
    // The nearest stretch mostly held; the walk behind it gives the same then, and is not begun. The limit of both
    // walks keeps the planner from moving the condition into each, which would go on to its own first.
    return fmt::format(R"(SELECT k."ord", t.*, t."beginTime" IS NULL AND EXISTS (SELECT 1 FROM "dataIndex" d WHERE {0}
AND d."commitSeq" <= ?1) AS "lost"
FROM unnest(?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::text[])
AS k("ord", "ofName", "ofElement", "at", "ofVersion")
LEFT JOIN LATERAL (SELECT u.* FROM (
SELECT * FROM (SELECT {1} FROM "timeline" x WHERE {2} AND x."beginTime" <= k."at" ORDER BY x."beginTime" DESC LIMIT 1) n
WHERE n."fromSeq" <= ?1 UNION ALL
SELECT * FROM (SELECT * FROM ({3} UNION ALL {4} ORDER BY "beginTime" DESC LIMIT 9223372036854775807) b
WHERE b."fromSeq" <= ?1 AND (b."toSeq" IS NULL OR b."toSeq" > ?1) LIMIT 1) h) u LIMIT 1) t ON TRUE)",
                       of_key("d"), stretch_columns("x", "NULL::bigint"), of_key("x"), walk("timeline", "NULL::bigint"),
                       walk("timelinePast", R"(x."toSeq")"));
}

std::string nearest_set_sql() {
    return fmt::format(
        R"(SELECT k."ord", t.* FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::text[])
AS k("ord", "ofName", "ofElement", "at", "ofVersion")
LEFT JOIN LATERAL (SELECT {} FROM "timeline" x WHERE x."nameID" = k."ofName" AND x."elementID" = k."ofElement"
AND x."version" = k."ofVersion" AND x."beginTime" <= k."at" ORDER BY x."beginTime" DESC LIMIT 1) t ON TRUE)",
        stretch_columns("x", "NULL::bigint"));
}

std::string stretch_set_joined_sql(std::string_view columns, std::string_view joins) {
    return fmt::format(R"(SELECT w."ord", {}, w."lost", {} FROM (
SELECT o.*, (?7::bigint[])[o."ord" + 1] AS "ofStruct",
row_number() OVER (PARTITION BY (?7::bigint[])[o."ord" + 1], o."schemaID" ORDER BY o."ord") AS "nth" FROM ({}) o) w{})",
                       stretch_columns("w", R"(w."toSeq")"), columns, stretch_set_sql(), joins);
}

std::string nearest_set_joined_sql(std::string_view columns, std::string_view joins) {
    return fmt::format("SELECT t.*, {} FROM ({}) t{}", columns, nearest_set_sql(), joins);
}

namespace stretches {

namespace {

/// The keys of the records that stretches name, with what by_creation compares when it is asked for.
class Keys {
public:
    Keys(Transaction& tx, OrderPolicy policy) : tx_(tx), policy_(policy) {}
    /// Reads those of a whole timeline at once, when many are going to be asked for.
    void know(const TimelineKey& of) {
        if (policy_ == OrderPolicy::ByCreation) known_.merge(read_record_keys(tx_, of));
    }
    RecordKey get(const StretchRecord& record) {
        // Within one place IDs grow with commits, so that by_begin needs no more than the stretch says.
        if (policy_ == OrderPolicy::ByBegin) return record.key;
        auto [key, is_new] = known_.try_emplace(record.key.id);
        if (is_new) key->second = read_record_key(tx_, record.key.id);
        return key->second;
    }

private:
    Transaction& tx_;
    OrderPolicy policy_;
    std::map<std::int64_t, RecordKey> known_;
};

}  // namespace

WinnerAnswer find_among_equals(Transaction& tx, const NameRecord& name, std::int64_t element,
                               const std::vector<std::string>& versions, std::int64_t at, std::int64_t snapshot) {
    Keys keys(tx, name.policy);
    const auto ask = [&](std::size_t version, std::int64_t position) {
        return StretchQuestion{name.id, element, versions[version], position, snapshot, tx.verified()};
    };
    std::vector<std::optional<Stretch>> held;
    std::optional<std::size_t> best;
    RecordKey best_key;
    for (std::size_t i = 0; i < versions.size(); ++i) {
        held.push_back(find_held(tx, ask(i, at)));
        if (!held.back() || !held.back()->record) continue;
        const auto key = keys.get(*held.back()->record);
        if (best && !beats(key, best_key, name.policy)) continue;
        best = i;
        best_key = key;
    }
    if (!best) {
        auto gap = answer_of(held.front(), name.axis, snapshot, versions.front());
        for (const auto& one : held)
            gap.validity = intersect(gap.validity, answer_of(one, name.axis, snapshot, "").validity);
        return gap;
    }
    auto answer = answer_of(held[*best], name.axis, snapshot, versions[*best]);
    for (std::size_t i = 0; i < versions.size(); ++i) {
        if (i == *best) continue;
        if (!held[i]) continue;
        auto& validity = answer.validity;
        const auto rival = [&](const Stretch& stretch) {
            return stretch.record && beats(keys.get(*stretch.record), best_key, name.policy);
        };
        // Outwards from the position, where it does not win.
        walk_held(tx, ask(i, at), *held[i], true, [&](const Stretch& stretch) {
            if (validity.end && stretch.begin >= *validity.end) return false;
            if (!rival(stretch)) return true;
            validity.end = stretch.begin;
            return false;
        });
        walk_held(tx, ask(i, at), *held[i], false, [&](const Stretch& stretch) {
            const auto end = *stretch.end_at(snapshot);
            if (end <= validity.begin) return false;
            if (!rival(stretch)) return true;
            validity.begin = end;
            return false;
        });
    }
    return answer;
}

WinnerAnswer find_any_position(Transaction& tx, const NameRecord& name, std::int64_t element, const VersionChain& chain,
                               std::int64_t snapshot) {
    const Interval axis{name.axis, kMinusInfinity, std::nullopt};
    Keys keys(tx, name.policy);
    for (const auto& rank : chain.ranks) {
        std::optional<std::pair<RecordKey, WinnerAnswer>> best;
        for (const auto& version : rank) {
            keys.know({name.id, element, version});
            for (const auto& stretch :
                 held_between(tx, {name.id, element, version, kMinusInfinity, snapshot, tx.verified()}, std::nullopt)) {
                if (!stretch.record) continue;
                const auto key = keys.get(*stretch.record);
                if (best && !beats(key, best->first, name.policy)) continue;
                best = {key, answer_of(stretch, name.axis, snapshot, version)};
            }
        }
        if (!best) continue;
        best->second.validity = axis;
        return std::move(best->second);
    }
    return {std::nullopt, axis};
}

}  // namespace stretches

}  // namespace etalon::index
