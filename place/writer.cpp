// Commits of interval records, and what one would change.

#include "place/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "conversion/canonical.h"
#include "etalon/error.h"
#include "index/chain.h"
#include "index/commits.h"
#include "index/records.h"
#include "place/effects.h"
#include "place/name_rules.h"
#include "place/objects.h"
#include "place/place.h"
#include "place/registrar.h"
#include "schema/definition.h"
#include "schema/limits.h"
#include "schema/rows.h"
#include "store/payload.h"

namespace etalon::place {

using backends::Transaction;
using backends::TransactionMode;

namespace {

/// A record that was checked, with its reference (which may be made by the same commit).
struct CheckedRecord {
    const PutRecord* put = nullptr;
    std::string name;
    NamePlan* plan = nullptr;
    store::SchemaPtr schema;  // null for a hole
    std::size_t payload = 0;  // index into the payloads, when not a hole
};

std::string describe(const PutRecord& put, Axis axis) {
    return fmt::format("{} version {} element {} begin {}", put.name, put.version, put.element,
                       format_position({axis, put.begin}));
}

void check_interval(const PutRecord& put, Axis axis) {
    if (put.begin == kPlusInfinity) {
        throw Error(ErrorCode::BadInput, {"interval of validity begins at infinity", describe(put, axis),
                                          "a begin before infinity", "inf", ""});
    }
    if (!put.end || put.begin < *put.end) return;
    throw Error(ErrorCode::BadInput,
                {put.begin == *put.end ? "interval of validity is empty" : "interval of validity ends before it begins",
                 describe(put, axis), fmt::format("an end after {}", format_position({axis, put.begin})),
                 fmt::format("end {}", format_position({axis, *put.end})),
                 "the interval is [begin, end); leave out the end for 'until superseded'"});
}

store::SchemaPtr find_schema(const StructEntry& of_struct, const PutRecord& put, Axis axis) {
    for (const auto& schema : of_struct.schemas) {
        if (schema->definition == put.layout) return schema;
    }
    const auto hash = schema::definition_hash(*put.layout);
    for (const auto& schema : of_struct.schemas) {
        if (schema->definition_hash == hash) return schema;
    }
    throw Error(
        ErrorCode::Unknown,
        {"rows in a layout that is not recorded", describe(put, axis),
         fmt::format("one of the {} schema versions of {}", of_struct.schemas.size(), of_struct.name()),
         fmt::format("another definition of {}", put.layout->name), "register its header with 'etalon register'"});
}

/// Throws Error(BadInput) with the values that the definition does not allow, and keys that occur twice.
void check_values(const PutRecord& put, Axis axis) {
    constexpr std::size_t kShown = 10;
    std::string found;
    std::uint64_t count = 0;
    schema::check_limits(*put.layout, put.rows.get(), put.num_rows, [&](const schema::LimitViolation& violation) {
        if (count < kShown) found += (count == 0 ? "" : "; ") + schema::describe(violation);
        ++count;
        return true;
    });
    if (count == 0) return;
    if (count > kShown) found += fmt::format("; and {} more", count - kShown);
    throw Error(
        ErrorCode::BadInput,
        {count == 1 ? std::string("a value that its limits do not allow")
                    : fmt::format("{} values that their limits do not allow", count),
         describe(put, axis), fmt::format("what struct {} says behind key: and limits:", put.layout->name), found,
         "rows are counted from 0; correct the values, or the limits in the header, which makes a new schema "
         "version"});
}

/// Everything of a commit that needs no write lock.
struct Prepared {
    std::vector<NamePlan> names;  // existing and new, by order of first use
    std::vector<CheckedRecord> records;
    std::vector<store::PendingPayload> payloads;
};

Prepared prepare(Place& db, Transaction& tx, std::span<const PutRecord> puts, std::span<const NameSpec> specs,
                 bool with_payloads, const WriteContext& context, const Progress& progress) {
    Prepared prepared;
    prepared.names.reserve(puts.size() + specs.size());
    std::map<std::string, NamePlan*, std::less<>> by_name;
    NamePlanner planner(db, tx);
    for (const auto& spec : specs) {
        if (!context.taken_over) check_new_reference(tx, spec.name);
        prepared.names.push_back(planner.plan(spec));
        by_name[spec.name] = &prepared.names.back();
    }
    using Key = std::tuple<std::string_view, std::string_view, std::int64_t, std::int64_t>;
    std::set<Key> keys;
    std::set<std::pair<const NamePlan*, std::string_view>> versions;  // that were checked
    std::map<std::pair<const StructEntry*, const StructDefinition*>, store::SchemaPtr> schemas;
    std::uint64_t done = 0;
    for (const auto& put : puts) {
        auto known = by_name.find(put.name);
        if (known == by_name.end()) {
            prepared.names.push_back(planner.plan_existing(put.name));
            known = by_name.emplace(put.name, &prepared.names.back()).first;
        }
        CheckedRecord record{&put, put.name, known->second, nullptr, 0};
        const auto axis = known->second->record.axis;
        index::check_version_name(put.version);
        if (!context.taken_over && versions.emplace(known->second, put.version).second)
            check_new_version(tx, known->second->record.id, put.version);
        check_interval(put, axis);
        if (!keys.emplace(put.name, put.version, put.element, put.begin).second) {
            throw Error(ErrorCode::Refused, {"two records of one commit with equal name, version, element and begin",
                                             describe(put, axis), "one", "two", "commit them one after the other"});
        }
        if (put.num_rows != 0) {
            if (!put.layout || !put.rows) {
                throw Error(ErrorCode::Usage,
                            {"rows without a layout", describe(put, axis), "a layout and rows", "", ""});
            }
            // Comparing definitions takes far longer than anything else here, and records mostly share one.
            auto& schema = schemas[{known->second->of_struct.get(), put.layout.get()}];
            if (!schema) schema = find_schema(*known->second->of_struct, put, axis);
            record.schema = schema;
            check_values(put, axis);
            if (with_payloads) {
                record.payload = prepared.payloads.size();
                store::PendingPayload payload;
                payload.schema = record.schema;
                payload.encoding = record.schema->columns.empty() ? Storage::Bytes : known->second->record.storage;
                payload.table_name = known->second->of_struct->record.table_name;
                if (record.schema->canonical->size * put.num_rows > store::kWholeBytes) {
                    payload.canonical.num_rows = put.num_rows;
                    payload.rows = put.rows;
                    payload.layout = put.layout;
                } else {
                    payload.canonical = conversion::to_canonical(
                        *put.layout, {put.rows.get(), put.layout->size * put.num_rows}, put.num_rows);
                }
                payload.canonical.layout = record.schema->canonical;
                prepared.payloads.push_back(std::move(payload));
            }
        }
        prepared.records.push_back(std::move(record));
        if (progress) progress(++done, puts.size());
    }
    return prepared;
}

/// Writes what was prepared, in a commit that has its locks.
CommitResult write_prepared(Place& db, Commit& commit, Prepared& prepared, const WriteContext& context,
                            const BeforeRecords& before_records) {
    auto& tx = commit.tx();
    store_payloads(db, tx, prepared.payloads, context.clock().ns);
    const auto& stamp = commit.take_number();
    NamePlanner planner(db, tx);
    for (auto& plan : prepared.names) {
        planner.renew(plan);
        planner.apply(plan, stamp);
    }
    planner.make_views();
    if (before_records) before_records(tx, stamp);
    std::vector<index::NewRecord> records;
    records.reserve(prepared.records.size());
    for (const auto& record : prepared.records) {
        const auto& put = *record.put;
        index::NewRecord out;
        out.name_id = record.plan->record.id;
        out.name = record.name;
        out.version = put.version;
        out.element = put.element;
        out.begin = put.begin;
        out.end = put.end;
        out.uid = put.uid;
        if (put.created) out.created = put.created->ns;
        if (record.schema) {
            const auto& payload = prepared.payloads[record.payload];
            out.encoding = static_cast<std::int64_t>(payload.encoding);
            out.rows_checksum = payload.rows_checksum;
            out.content_hash = payload.hash;
            out.definition_hash = record.schema->definition_hash;
            out.schema_id = record.schema->schema_id;
            out.num_rows = static_cast<std::int64_t>(put.num_rows);
            out.data_id = prepared.payloads[record.payload].data_id;
        }
        records.push_back(std::move(out));
    }
    if (!records.empty()) {
        std::map<std::int64_t, OrderPolicy> policies;
        for (const auto& plan : prepared.names) policies[plan.record.id] = plan.record.policy;
        index::write_records(tx, stamp, records, policies);
    }
    (void)commit.finish();

    CommitResult result{stamp.seq, Time{stamp.entry_time}, records.size(), 0, 0};
    for (const auto& payload : prepared.payloads) {
        if (!payload.is_new) continue;
        ++result.new_payloads;
        result.rows += payload.canonical.num_rows;
    }
    return result;
}

}  // namespace

CommitResult write_commit(Place& db, std::span<const PutRecord> puts, std::span<const NameSpec> specs,
                          const WriteContext& context, const BeforeRecords& before_records) {
    if (puts.empty() && specs.empty()) {
        throw Error(ErrorCode::Usage, {"nothing to commit", db.name(), "at least one record", "none", ""});
    }
    Prepared prepared;
    {
        const auto tx = db.connection().begin(TransactionMode::Read);
        prepared = prepare(db, *tx, puts, specs, true, context, context.progress);
    }
    store::encode_ahead(prepared.payloads);

    LockedRelations relations;
    for (const auto& plan : prepared.names) {
        if (plan.drops_view()) relations.views.insert(plan.record.view_name);
    }
    if (relations.empty()) {
        Commit commit(db, context);
        return write_prepared(db, commit, prepared, context, before_records);
    }
    CommitResult result;
    backends::change_tables(db.connection(), [&](backends::TableLocks& locks) {
        db.forget();
        // An attempt before has stored nothing after all.
        for (auto& payload : prepared.payloads) {
            payload.generation = 0;
            payload.data_id = 0;
            payload.is_new = false;
        }
        Commit commit(db, context, locks);
        lock_relations(commit.tx(), locks, relations);
        result = write_prepared(db, commit, prepared, context, before_records);
    });
    return result;
}

std::vector<PutEffect> preview_commit(Place& db, std::span<const PutRecord> puts, std::span<const NameSpec> specs,
                                      const WriteContext& context) {
    const auto tx = db.connection().begin(TransactionMode::Read);
    const auto prepared = prepare(db, *tx, puts, specs, false, context, {});
    // The entry time that the commit would get at least.
    const auto log = index::read_log(*tx, 1);
    const auto entry_time =
        log.empty() ? context.clock() : std::max(context.clock(), Time{log.front().entry_time.ns + 1});
    std::map<std::tuple<const NamePlan*, std::string, std::int64_t>, std::vector<const CheckedRecord*>> groups;
    std::vector<std::tuple<const NamePlan*, std::string, std::int64_t>> order;
    for (const auto& record : prepared.records) {
        const std::tuple key(record.plan, record.put->version, record.put->element);
        auto& group = groups[key];
        if (group.empty()) order.push_back(key);
        group.push_back(&record);
    }
    std::vector<PutEffect> effects;
    for (const auto& key : order) {
        const auto& [plan, version, element] = key;
        Series series{plan->record.name, plan->record.axis, plan->record.policy, version, element, {}};
        if (plan->record.id != 0) series.records = index::read_live_series(*tx, {plan->record.id, element, version});
        const auto stored = series.records.size();
        for (const auto* record : groups.at(key)) {
            index::LiveSeriesRecord added;
            added.key = {0,
                         record->put->begin,
                         record->put->end,
                         record->put->created.value_or(entry_time).ns,
                         kPlusInfinity,  // after every commit that is there
                         static_cast<std::int64_t>(series.records.size())};
            added.is_hole = !record->schema;
            series.records.push_back(std::move(added));
        }
        add_put_effects(effects, series, stored);
    }
    return effects;
}

}  // namespace etalon::place
