#include "index/history.h"

#include <fmt/format.h>

#include <limits>

#include "base/digest.h"
#include "index/records.h"

namespace etalon::index {

using backends::Engine;
using backends::Fragment;
using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

/// Adds ` AND condition`; `{0}` in it is the parameter of `value`.
void add(Fragment& out, std::string_view condition, Value value) {
    out.bindings.push_back(std::move(value));
    out.sql += " AND " + fmt::format(fmt::runtime(condition), fmt::format("?{}", out.bindings.size()));
}

constexpr std::string_view kNever = " AND 1 = 0";

// Comparisons of an edge of the record with an edge of the range. A missing end, or an open range, lies behind
// everything.
void add_end_at_most(Fragment& out, std::optional<std::int64_t> edge) {
    if (edge) add(out, R"(d."endTime" <= {0})", *edge);  // not of NULL: no end is later
}
void add_end_at_least(Fragment& out, std::optional<std::int64_t> edge) {
    if (edge) {
        add(out, R"((d."endTime" IS NULL OR d."endTime" >= {0}))", *edge);
    } else {
        out.sql += R"( AND d."endTime" IS NULL)";
    }
}
void add_end_behind(Fragment& out, std::int64_t edge) {
    add(out, R"((d."endTime" IS NULL OR d."endTime" > {0}))", edge);
}
void add_begin_before(Fragment& out, std::optional<std::int64_t> edge) {
    if (edge) add(out, R"(d."beginTime" < {0})", *edge);
}

void add_relation(Fragment& out, const HistoryQuery& query) {
    const auto from = query.from.value_or(kMinusInfinity);
    switch (*query.relation) {
        case Relation::Before:
            return add_end_at_most(out, from);
        case Relation::After:
            if (query.to) return add(out, R"(d."beginTime" >= {0})", *query.to);
            out.sql += kNever;
            return;
        case Relation::Misses:
            if (!query.to) return add_end_at_most(out, from);
            out.bindings.emplace_back(from);
            add(out, fmt::format(R"((d."endTime" <= ?{} OR d."beginTime" >= {{0}}))", out.bindings.size()), *query.to);
            return;
        case Relation::Throughout:
            add(out, R"(d."beginTime" <= {0})", from);
            return add_end_at_least(out, query.to);
        case Relation::Within:
            add(out, R"(d."beginTime" >= {0})", from);
            return add_end_at_most(out, query.to);
        case Relation::Overlaps:
            add_begin_before(out, query.to);
            return add_end_behind(out, from);
        case Relation::Starts:
            add(out, R"(d."beginTime" >= {0})", from);
            return add_begin_before(out, query.to);
        case Relation::Ends:
            add_end_behind(out, from);
            return add_end_at_most(out, query.to);
    }
}

/// `x` is one of a bound list.
std::string in_list(Engine engine, std::string_view column, std::string_view type) {
    if (engine == Engine::Sqlite) return fmt::format("{} IN (SELECT value FROM json_each({{0}}))", column);
    return fmt::format("{} = ANY({{0}}::{}[])", column, type);
}

}  // namespace

bool relates(Relation relation, const Interval& record, std::optional<std::int64_t> from,
             std::optional<std::int64_t> to) noexcept {
    const auto begin = record.begin;
    const auto end = record.end;
    const auto s = from.value_or(kMinusInfinity);
    const bool begins_before = !to || begin < *to;
    const bool ends_by = !to || (end && *end <= *to);
    const bool ends_behind = !end || *end > s;
    switch (relation) {
        case Relation::Before:
            return !ends_behind;
        case Relation::After:
            return !begins_before;
        case Relation::Misses:
            return !ends_behind || !begins_before;
        case Relation::Throughout:
            return begin <= s && (!end || (to && *end >= *to));
        case Relation::Within:
            return begin >= s && ends_by;
        case Relation::Overlaps:
            return begins_before && ends_behind;
        case Relation::Starts:
            return s <= begin && begins_before;
        case Relation::Ends:
            return ends_behind && ends_by;
    }
    return false;
}

Fragment history_records(const Transaction& tx, const HistoryQuery& query) {
    const auto engine = tx.engine();
    Fragment out;
    out.sql = fmt::format(R"(FROM {} LEFT JOIN "commitLog" c ON c."commitSeq" = d."commitSeq"
WHERE d."nameID" = ?1 AND d."commitSeq" <= ?2)",
                          records_relation(tx));
    out.bindings = {query.name_id, query.snapshot};
    if (!query.versions.empty()) add(out, in_list(engine, R"(d."version")", "text"), query.versions);
    if (!query.elements.empty()) add(out, in_list(engine, R"(d."elementID")", "bigint"), query.elements);
    if (query.relation) add_relation(out, query);
    if (query.entered_from) add(out, R"(d."entryTime" >= {0})", *query.entered_from);
    if (query.entered_to) add(out, R"(d."entryTime" < {0})", *query.entered_to);
    if (query.author) add(out, R"(c."author" = {0})", *query.author);
    if (!query.uids.empty()) {
        const bool sqlite = engine == Engine::Sqlite;
        add(out, in_list(engine, sqlite ? R"(lower(hex(d."uid")))" : R"(encode(d."uid", 'hex'))", "text"), query.uids);
    }
    if (query.retired == RetiredFilter::Live) out.sql += R"( AND (d."retiredSeq" IS NULL OR d."retiredSeq" > ?2))";
    if (query.retired == RetiredFilter::Retired) out.sql += R"( AND d."retiredSeq" <= ?2)";
    return out;
}

std::string_view history_columns() noexcept {
    return R"(d."beginTime", d."endTime", d."elementID", d."version", d."schemaID", d."numRows", d."commitSeq",
d."retiredSeq", d."uid", d."creationTime", d."entryTime", c."author", c."reason", d."dataID")";
}

namespace {

/// `ORDER BY ...` of the query.
std::string history_order(Engine engine, const HistoryQuery& query) {
    const std::string_view direction = query.descending ? " DESC" : "";
    std::string out;
    const auto add_key = [&](std::string_view key) {
        out += fmt::format("{}{}{}", out.empty() ? "ORDER BY " : ", ", key, direction);
    };
    switch (query.order) {
        case HistoryOrder::Element:
            break;
        case HistoryOrder::Begin:
            add_key(R"(d."beginTime")");
            break;
        // Entry times rise with commit numbers; within a commit the order of the commit is kept.
        case HistoryOrder::Commit:
        case HistoryOrder::Entered:
            add_key(R"(d."commitSeq")");
            add_key(R"(d."count")");
            break;
        case HistoryOrder::Created:
            add_key(R"(d."creationTime")");
            break;
    }
    // Bytes decide on both engines, whatever the collation of the database.
    const std::string_view version = engine == Engine::Sqlite ? R"(d."version")" : R"(d."version" COLLATE "C")";
    for (const std::string_view key :
         {std::string_view(R"(d."elementID")"), version, std::string_view(R"(d."beginTime")"),
          std::string_view(R"(d."commitSeq")"), std::string_view(R"(d."ID")")}) {
        add_key(key);
    }
    return out;
}

}  // namespace

Fragment select_history(Engine engine, const HistoryQuery& query, Fragment records, std::optional<std::int64_t> limit) {
    records.sql = fmt::format("SELECT {} {} {}", history_columns(), records.sql, history_order(engine, query));
    if (limit) {
        records.bindings.emplace_back(*limit);
        records.sql += fmt::format(" LIMIT ?{}", records.bindings.size());
    }
    return records;
}

std::vector<PayloadCount> count_payloads_of(Transaction& tx, const Fragment& records) {
    std::vector<PayloadCount> counts;
    const auto cursor = tx.query(Sql(fmt::format(R"(SELECT s."schemaID", p."encoding", count(*) FROM
(SELECT d."schemaID", d."dataID" {} AND d."dataID" IS NOT NULL) s JOIN "payload" p ON p."dataID" = s."dataID"
GROUP BY s."schemaID", p."encoding")",
                                                 records.sql)),
                                 records.bindings);
    while (cursor->next()) {
        counts.push_back({cursor->integer(0), static_cast<Storage>(cursor->integer(1)), cursor->integer(2)});
    }
    return counts;
}

HistoryRow read_history_row(const backends::Cursor& cursor, const HistoryQuery& query) {
    HistoryRow row;
    auto& record = row.record;
    record.interval = Interval{query.axis, cursor.integer(0), cursor.find_integer(1)};
    record.element = cursor.integer(2);
    record.version = cursor.text(3);
    record.schema = cursor.integer(4);
    record.rows = static_cast<std::uint64_t>(cursor.integer(5));
    record.commit = cursor.integer(6);
    record.retired = cursor.find_integer(7);
    if (record.retired && *record.retired > query.snapshot) record.retired.reset();
    record.uid = to_hex(cursor.bytes(8));
    record.created = Time{cursor.integer(9)};
    record.entered = Time{cursor.integer(10)};
    if (!cursor.is_null(11)) record.author = cursor.text(11);
    if (!cursor.is_null(12)) record.reason = cursor.text(12);
    row.data_id = cursor.find_integer(13).value_or(0);
    return row;
}

std::vector<HistoryRecord> read_history(Transaction& tx, const HistoryFilter& filter) {
    HistoryQuery query;
    query.name_id = filter.name_id;
    query.axis = filter.axis;
    query.snapshot = filter.snapshot;
    if (!filter.version.empty()) query.versions = {filter.version};
    if (filter.element) query.elements = {*filter.element};
    prove_records(tx, query.name_id);
    constexpr auto kNoLimit = std::numeric_limits<std::int64_t>::max();
    const auto sql = select_history(tx.engine(), query, history_records(tx, query),
                                    filter.limit == 0 ? kNoLimit : static_cast<std::int64_t>(filter.limit));
    std::vector<HistoryRecord> history;
    const auto cursor = tx.query(sql);
    while (cursor->next()) history.push_back(read_history_row(*cursor, query).record);
    return history;
}

}  // namespace etalon::index
