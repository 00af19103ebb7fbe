#include "place/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "base/number_text.h"
#include "etalon/error.h"
#include "index/chain.h"
#include "index/history.h"
#include "index/records.h"
#include "place/where.h"
#include "store/payload.h"
#include "store/value_sql.h"

namespace etalon::place {

using backends::Fragment;
using backends::Transaction;

namespace {

Error usage(std::string what, std::string_view name, std::string expected, std::string found, std::string advice = {}) {
    return Error(ErrorCode::Usage, {std::move(what), fmt::format("history of {}", name), std::move(expected),
                                    std::move(found), std::move(advice)});
}

/// The range as numbers on the axis; checks that the relation can be asked of it.
void set_range(index::HistoryQuery& query, std::string_view name, const HistoryOptions& options) {
    for (const auto& edge : {options.from, options.to}) {
        if (!edge || edge->axis == query.axis) continue;
        throw Error(ErrorCode::WrongAxis,
                    {"wrong axis", fmt::format("named reference {}", name),
                     query.axis == Axis::Time ? "a time such as 2019-06-09T13:20:47Z" : "a run number",
                     fmt::format("{} {}", name_of(edge->axis), format_position(*edge)), ""});
    }
    if (options.from) query.from = options.from->value;
    if (options.to) query.to = options.to->value;
    const auto from = query.from.value_or(kMinusInfinity);
    if (query.to && *query.to <= from) {
        throw usage(
            *query.to == from ? "the range is empty" : "the range runs backwards", name, "from before to",
            fmt::format("[{}, {})", format_position({query.axis, from}), format_position({query.axis, *query.to})),
            "ranges are half-open");
    }
    query.relation = options.relation;
    if (!query.relation && (query.from || query.to)) query.relation = Relation::Overlaps;
    if (!query.relation) return;
    const auto missing = [&](std::string_view edge, std::string_view why) {
        throw usage(fmt::format("{} needs {} of the range", name_of(*query.relation), edge), name,
                    fmt::format("{} of the range", edge), "none", std::string(why));
    };
    if (*query.relation == Relation::Before && !query.from) missing("the beginning (from)", "before is: end <= from");
    if (*query.relation == Relation::After && !query.to) missing("the end (to)", "after is: begin >= to");
    if (*query.relation == Relation::Ends && !query.to) {
        missing("the end (to)", "to at infinity means every record that has an end");
    }
    if (!query.from && !query.to) missing("the beginning or the end (from, to)", "a relation is one to a range");
}

void check_uids(const std::vector<std::string>& uids) {
    for (const auto& uid : uids) {
        const bool is_hex = uid.size() == 32 && std::all_of(uid.begin(), uid.end(), [](char c) {
                                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                            });
        if (is_hex) continue;
        throw Error(ErrorCode::BadInput,
                    {"not the uid of an interval record", fmt::format("'{}'", uid), "32 hexadecimal digits (0-9, a-f)",
                     fmt::format("{} characters", uid.size()), "see 'etalon history'"});
    }
}

index::HistoryQuery make_query(const index::NameRecord& name, std::int64_t snapshot, const HistoryOptions& options) {
    index::HistoryQuery query;
    query.name_id = name.id;
    query.axis = name.axis;
    query.snapshot = snapshot;
    for (const auto& version : options.versions) index::check_version_name(version);
    query.versions = options.versions;
    query.elements = options.elements;
    check_uids(options.uids);
    query.uids = options.uids;
    set_range(query, name.name, options);
    if (options.entered_from) query.entered_from = options.entered_from->ns;
    if (options.entered_to) query.entered_to = options.entered_to->ns;
    if (query.entered_to && *query.entered_to <= query.entered_from.value_or(kMinusInfinity)) {
        throw usage("the range of entry times is empty", name.name, "entered from before entered to",
                    fmt::format("[{}, {})", format_time(Time{query.entered_from.value_or(kMinusInfinity)}),
                                format_time(*options.entered_to)),
                    "ranges are half-open");
    }
    query.author = options.author;
    if (query.author && (!is_utf8(*query.author) || query.author->find('\0') != std::string::npos)) {
        throw usage("an author is UTF-8 text", name.name, "UTF-8 without NUL bytes", "other bytes");
    }
    query.retired = options.retired;
    query.order = options.order;
    query.descending = options.descending;
    return query;
}

/// What a condition means for the records of a query.
struct Asked {
    std::map<std::int64_t, store::VersionTests> versions;  ///< by ID, those that can match and that some record is of
    std::int64_t as_bytes = 0;                             ///< records of them with rows stored as bytes
};

/// Throws when values of one of those records cannot be compared.
Asked asked_versions(Place& db, Transaction& tx, const index::NameRecord& name, const Fragment& records,
                     const Condition& where, const ReadContext& context) {
    // Versions may have been recorded since the name was looked up.
    const auto of_struct = db.reload_struct(tx, name.struct_id);
    const auto typed = context.where ? context.where
                                     : type_condition(where, of_struct->schemas, db.units(),
                                                      context.rules_of(of_struct->record.name).get());
    Asked asked;
    for (const auto& count : index::count_payloads_of(tx, records)) {
        const auto schema = of_struct->find(count.schema_id);
        if (!schema) {
            throw Error(ErrorCode::Corrupt, {"rows of an unknown schema version", name.name,
                                             "a recorded schema version", std::to_string(count.schema_id), ""});
        }
        const auto& tests = typed->versions.at(schema->definition_hash);
        if (tests.tree.kind == evolution::TestTree::Kind::Never) continue;
        if (!tests.fault.empty()) {
            throw usage("values of different units cannot be compared", name.name, "",
                        fmt::format("records of schema {}: {}", schema->schema_id, tests.fault));
        }
        if (count.storage == Storage::Bytes) asked.as_bytes += count.records;
        asked.versions.try_emplace(schema->schema_id, store::VersionTests{schema, tests.tree});
    }
    return asked;
}

/// The records, read one by one in order, that `takes` lets pass; at most `limit`.
template <class Takes>
std::vector<HistoryRecord> collect(Transaction& tx, const index::HistoryQuery& query, Fragment records,
                                   std::int64_t limit, bool limit_in_sql, const Takes& takes) {
    const auto sql = index::select_history(tx.engine(), query, std::move(records),
                                           limit_in_sql ? std::optional(limit) : std::nullopt);
    std::vector<HistoryRecord> history;
    const auto cursor = tx.query(sql);
    while (static_cast<std::int64_t>(history.size()) < limit && cursor->next()) {
        auto row = index::read_history_row(*cursor, query);
        if (takes(row)) history.push_back(std::move(row.record));
    }
    return history;
}

}  // namespace

std::vector<HistoryRecord> list_records(Place& db, Transaction& tx, const index::NameRecord& name,
                                        const HistoryOptions& options, const ReadContext& context) {
    const auto query = make_query(name, context.snapshot, options);
    // A record that is missing, or changed so that it is not among those asked for, must not go unnoticed.
    index::prove_records(tx, name.id);
    auto records = index::history_records(tx, query);
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto limit = static_cast<std::int64_t>(options.limit == 0 ? kMost : std::min(options.limit, kMost));
    const auto takes_all = [](const index::HistoryRow&) { return true; };
    if (options.where.kind == Condition::Kind::Always) {
        return collect(tx, query, std::move(records), limit, true, takes_all);
    }

    const auto asked = asked_versions(db, tx, name, records, options.where, context);
    if (asked.versions.empty()) return {};
    const auto& table = db.get_struct(tx, name.struct_id)->record.table_name;
    const bool in_sql = asked.as_bytes == 0 && std::ranges::all_of(asked.versions, [&](const auto& one) {
                            return store::can_say(tx.engine(), *one.second.schema, one.second.tree);
                        });
    if (in_sql) {
        store::append_any_row_passes(records, tx.engine(), table, asked.versions);
        return collect(tx, query, std::move(records), limit, true, takes_all);
    }
    if (asked.as_bytes != 0 && options.reads_bytes) options.reads_bytes(static_cast<std::uint64_t>(asked.as_bytes));
    // The engine cannot say it exactly: the rows decide, once for each payload, however many records share it.
    std::map<std::int64_t, bool> verdicts;
    return collect(tx, query, std::move(records), limit, false, [&](const index::HistoryRow& row) {
        const auto version = asked.versions.find(row.record.schema);
        if (row.data_id == 0 || version == asked.versions.end()) return false;
        const auto [verdict, is_new] = verdicts.try_emplace(row.data_id, false);
        if (!is_new) return verdict->second;
        try {
            const auto& [schema, tree] = version->second;
            const auto form = asked.as_bytes != 0 ? store::find_payload_form(tx, row.data_id) : std::nullopt;
            verdict->second =
                form && form->encoding == Storage::Bytes
                    ? store::any_row_passes(tx, *schema, table, form->encoding, tree, row.data_id, row.record.rows,
                                            store::read_expected_rows(tx, row.data_id))
                    : store::any_column_row_passes(tx, *schema, table, tree, row.data_id, row.record.rows);
        } catch (const Error& error) {
            throw error.within(fmt::format("history of {}, element {} begin {} schema {}", name.name,
                                           row.record.element, format_position({name.axis, row.record.interval.begin}),
                                           row.record.schema));
        }
        return verdict->second;
    });
}

void sort_history(std::vector<HistoryRecord>& history, const HistoryOptions& options) {
    const auto before = [&](const HistoryRecord& a, const HistoryRecord& b) {
        const auto first = [&](const HistoryRecord& record) -> std::int64_t {
            switch (options.order) {
                case HistoryOrder::Element:
                    return 0;
                case HistoryOrder::Begin:
                    return record.interval.begin;
                case HistoryOrder::Commit:
                    return record.commit;
                case HistoryOrder::Entered:
                    return record.entered.ns;
                case HistoryOrder::Created:
                    return record.created.ns;
            }
            return 0;
        };
        // Commit numbers of two places cannot be compared; where they are equal, entry times tell.
        return std::tuple(first(a), a.element, std::string_view(a.version), a.interval.begin, a.commit, a.entered) <
               std::tuple(first(b), b.element, std::string_view(b.version), b.interval.begin, b.commit, b.entered);
    };
    std::stable_sort(history.begin(), history.end(),
                     [&](const auto& a, const auto& b) { return options.descending ? before(b, a) : before(a, b); });
}

}  // namespace etalon::place
