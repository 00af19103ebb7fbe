#include "place/views.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "backends/table_locks.h"
#include "base/nearest.h"
#include "etalon/error.h"
#include "evolution/rules.h"
#include "index/upgrade.h"
#include "place/name_rules.h"
#include "place/registrar.h"
#include "store/answer_view.h"
#include "store/rules.h"

namespace etalon::place {

using backends::Engine;
using backends::Transaction;
using backends::TransactionMode;

namespace {

/// The policies are read as of the last commit, not of the snapshot that reads use.
constexpr std::int64_t kLatest = kPlusInfinity;
constexpr std::size_t kLongestName = 63;

/// The rules of a struct that are recorded as of this transaction; may be null.
std::shared_ptr<const evolution::StructRules> recorded_rules(Place& db, Transaction& tx, const StructEntry& of_struct) {
    if (!db.has_rules()) return nullptr;
    auto sections = store::read_rules(tx, db.schemas()).of(of_struct.record.name);
    if (sections.empty()) return nullptr;
    std::vector<std::string> names;
    for (const auto& schema : of_struct.schemas) names.push_back(to_hex(schema->definition_hash));
    return std::make_shared<const evolution::StructRules>(std::move(names), std::move(sections));
}

bool can_have_views(const index::NameRecord& record, const StructEntry& of_struct) {
    const auto current = of_struct.find(of_struct.record.last_schema);
    return record.storage == Storage::Columns && current && !current->columns.empty();
}

Error without_columns(std::string_view name) {
    return {
        ErrorCode::Refused,
        {"a reference that is stored as bytes has no SQL view", std::string(name), "one that is stored as columns", "",
         "see 'etalon names'; 'etalon name REF --storage "
         "columns' changes how later values are stored"}};
}

/// The references that a request means, with their structs.
std::vector<std::pair<index::NameRecord, StructPtr>> find_meant(Place& db, Transaction& tx,
                                                                const StandardViews& which) {
    std::vector<std::pair<index::NameRecord, StructPtr>> found;
    if (which.names.empty()) {
        for (auto& name : index::all_names(tx, kLatest)) {
            auto of_struct = db.get_struct(tx, name.struct_id);
            if (can_have_views(name, *of_struct)) found.emplace_back(std::move(name), std::move(of_struct));
        }
    } else {
        for (const auto& name : std::set<std::string>(which.names.begin(), which.names.end())) {
            auto record = db.get_name(tx, name, kLatest)->record;
            auto of_struct = db.get_struct(tx, record.struct_id);
            if (!can_have_views(record, *of_struct)) throw without_columns(name);
            found.emplace_back(std::move(record), std::move(of_struct));
        }
    }
    std::erase_if(found, [&](const auto& one) { return one.first.view_name.empty() != which.present; });
    return found;
}

std::string describe(const ViewSpec& spec, std::optional<std::int64_t> commit) {
    return fmt::format("{}, {}, version {}",
                       !spec.at ? std::string("all positions")
                                : fmt::format("{} {}", name_of(spec.at->axis), format_position(*spec.at)),
                       commit ? fmt::format("as of commit {}", *commit) : std::string("the newest commit"),
                       spec.version.empty() ? std::string("default") : spec.version);
}

}  // namespace

ViewMaker::ViewMaker(Place& db, Transaction& tx) : db_(db), tx_(tx), relations_(tx) {}

const store::ViewColumns& ViewMaker::columns_of(const StructPtr& of_struct) {
    auto& columns = columns_[of_struct->record.id];
    if (!columns) {
        columns = store::ViewColumns::make(tx_.engine(), of_struct->record, of_struct->schemas, db_.units(),
                                           recorded_rules(db_, tx_, *of_struct).get());
    }
    return *columns;
}

void ViewMaker::add(const index::NameRecord& record, const StructPtr& of_struct) {
    if (!can_have_views(record, *of_struct)) {
        if (!record.view_name.empty()) drop(record);
        return;
    }
    if (record.view_name.empty() && tx_.engine() == Engine::Sqlite) {
        if (!there_) there_ = index::read_view_names(tx_).size();
        if (*there_ >= kViewsUnasked) return;
    }
    make(record, of_struct);
}

void ViewMaker::make(const index::NameRecord& record, const StructPtr& of_struct) {
    const auto view = store::create_views(tx_, relations_, record.name, record.id, record.axis, record.view_name,
                                          columns_of(of_struct));
    if (view != record.view_name) names_.emplace_back(record.id, view);
    if (record.view_name.empty() && there_) ++*there_;
}

void ViewMaker::drop(const index::NameRecord& record) {
    store::drop_views(tx_, record.view_name);
    names_.emplace_back(record.id, "");
}

void ViewMaker::finish() {
    for (const auto& [id, view] : names_) index::set_view_name(tx_, id, view);
    names_.clear();
}

void refresh_views(Place& db, Transaction& tx) {
    ViewMaker views(db, tx);
    for (const auto& name : index::all_names(tx, kLatest)) views.add(name, db.get_struct(tx, name.struct_id));
    views.finish();
}

std::int64_t set_standard_views(Place& db, const StandardViews& which, const WriteContext& context) {
    {
        const auto tx = db.connection().begin(TransactionMode::Read);
        if (find_meant(db, *tx, which).empty()) return 0;
    }
    std::int64_t made = 0;
    backends::change_tables(db.connection(), [&](backends::TableLocks& locks) {
        db.forget();
        Commit commit(db, context, locks);
        const auto meant = find_meant(db, commit.tx(), which);
        if (meant.empty()) return;
        LockedRelations relations;
        for (const auto& [record, of_struct] : meant) {
            if (!which.present) relations.views.insert(record.view_name);
        }
        lock_relations(commit.tx(), locks, relations);
        (void)commit.take_number();
        ViewMaker views(db, commit.tx());
        for (const auto& [record, of_struct] : meant) {
            if (which.present) {
                views.make(record, of_struct);
            } else {
                views.drop(record);
            }
        }
        views.finish();
        made = commit.finish();
    });
    return made;
}

void create_view(Place& db, const ViewSpec& spec, std::optional<std::int64_t> commit) {
    check_name(spec.name, "view");
    if (spec.name.size() > kLongestName) {
        throw Error(ErrorCode::BadInput,
                    {"the name of a view is too long", spec.name, fmt::format("at most {} bytes", kLongestName),
                     fmt::format("{} bytes", spec.name.size()), ""});
    }
    const auto chain = index::parse_chain(spec.version);
    const auto tx = begin_write(db.connection());
    const auto as_of = commit.value_or(kLatest);
    const auto record = db.get_name(*tx, spec.reference, as_of)->record;
    const auto of_struct = db.get_struct(*tx, record.struct_id);
    if (spec.at && spec.at->axis != record.axis) {
        throw Error(ErrorCode::WrongAxis,
                    {"wrong axis", "named reference " + spec.reference,
                     record.axis == Axis::Time ? "a time such as 2019-06-09T13:20:47Z" : "a run number",
                     fmt::format("{} {}", name_of(spec.at->axis), format_position(*spec.at)), ""});
    }
    if (!can_have_views(record, *of_struct)) throw without_columns(spec.reference);
    store::AnswerView view;
    view.name = spec.name;
    view.reference = spec.reference;
    view.name_id = record.id;
    view.axis = record.axis;
    view.chain = chain.ranks;
    if (spec.at) view.at = spec.at->value;
    view.commit = commit;
    view.shows = describe(spec, commit);
    store::RelationNames relations(*tx);
    store::create_answer_view(
        *tx, relations, view,
        store::ViewColumns::make(tx->engine(), of_struct->record, of_struct->schemas, db.units(),
                                 recorded_rules(db, *tx, *of_struct).get(), store::ViewColumns::Later::Stays));
    tx->commit();
}

std::vector<std::string> list_views_of_struct(Place& db, std::string_view struct_name) {
    const auto tx = db.connection().begin(TransactionMode::Read);
    std::vector<std::string> views;
    auto made = store::list_answer_views(*tx);
    if (made.empty()) return views;
    const auto of_struct = db.find_struct(*tx, struct_name);
    if (!of_struct) return views;
    for (const auto& name : index::all_names(*tx, kLatest)) {
        if (name.struct_id != of_struct->record.id) continue;
        for (auto& one : made) {
            if (one.reference == name.name) views.push_back(std::move(one.name));
        }
    }
    std::ranges::sort(views);
    return views;
}

std::vector<ViewInfo> list_views(Place& db) {
    const auto tx = db.connection().begin(TransactionMode::Read);
    std::vector<ViewInfo> views;
    for (const auto& name : index::all_names(*tx, kLatest)) {
        if (name.view_name.empty()) continue;
        views.push_back({name.view_name, name.name, true, "what is valid"});
        auto records = store::find_records_view(*tx, name.view_name);
        if (!records.empty()) views.push_back({std::move(records), name.name, true, "all records"});
    }
    for (auto& one : store::list_answer_views(*tx)) {
        views.push_back({std::move(one.name), std::move(one.reference), false, std::move(one.shows)});
    }
    std::ranges::sort(views, {}, &ViewInfo::name);
    return views;
}

void drop_view(Place& db, std::string_view name) {
    const auto check = [&](Transaction& tx) {
        std::vector<std::string> made;
        for (auto& one : store::list_answer_views(tx)) made.push_back(std::move(one.name));
        if (std::ranges::find(made, name) != made.end()) return;
        if (store::relation_exists(tx, std::string(name))) {
            throw Error(
                ErrorCode::Refused,
                {"only views that 'etalon view create' made are dropped", std::string(name), "one of those", "another",
                 "those of a reference: 'etalon view standard --drop REF'; your own views with SQL"});
        }
        throw Error(ErrorCode::Unknown, {"unknown view", db.connection().place(), "one that was made",
                                         std::string(name), did_you_mean(name, made)});
    };
    {
        const auto tx = db.connection().begin(TransactionMode::Read);
        check(*tx);
    }
    backends::change_tables(db.connection(), [&](backends::TableLocks& locks) {
        const auto tx = begin_write(db.connection(), locks);
        check(*tx);
        locks.lock_view(*tx, std::string(name));
        store::drop_view(*tx, name);
        tx->commit();
    });
}

}  // namespace etalon::place
