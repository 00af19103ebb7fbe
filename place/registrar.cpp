#include "place/registrar.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "backends/proof.h"
#include "base/nearest.h"
#include "conversion/plan.h"
#include "etalon/error.h"
#include "evolution/law.h"
#include "evolution/registering.h"
#include "evolution/rule_trace.h"
#include "evolution/rules.h"
#include "index/timeline.h"
#include "place/format.h"
#include "place/name_rules.h"
#include "place/own_structs.h"
#include "place/struct_renames.h"
#include "place/views.h"
#include "schema/definition.h"
#include "schema/references.h"
#include "store/relation_names.h"
#include "store/rules.h"

namespace etalon::place {

using backends::Transaction;
using backends::TransactionMode;

namespace {

/// The policies are read as of the last commit, not of the snapshot that reads use.
constexpr std::int64_t kLatest = kPlusInfinity;

Storage default_storage(const StructEntry& of_struct) {
    return of_struct.record.is_binary || of_struct.columns.empty() ? Storage::Bytes : Storage::Columns;
}

/// What registering one definition comes to, given what is recorded now.
struct StructPlan {
    const StructDefinition* definition = nullptr;
    StructPtr known;  // null: a new struct
    RegisterOutcome outcome;
    std::vector<evolution::PlannedRules::Section> rules;    // to be recorded
    std::shared_ptr<const evolution::StructRules> applied;  // all that hold then; null: none
    bool writes_schema = false;                             // also: makes another one current

    [[nodiscard]] bool writes() const noexcept { return writes_schema || !rules.empty(); }
};

/// The sections given, by struct, and those that are recorded.
struct RuleSource {
    evolution::GivenRules given;
    store::RuleTable recorded;
    std::vector<StructPtr> structs;  ///< those that were read: they keep their definitions
    /// What was judged of their definitions and of those that are registered.
    std::map<std::pair<const StructDefinition*, const StructDefinition*>, std::vector<evolution::JudgedChange>> judged;
};

/// Of one registration: a struct that is declared under two names, old and new, would be two things.
void check_one_each(const std::vector<StructPlan>& plans) {
    std::map<std::int64_t, const StructPlan*> known;
    for (const auto& plan : plans) {
        if (!plan.known) continue;
        const auto [other, is_new] = known.try_emplace(plan.known->record.id, &plan);
        if (is_new || (!plan.writes() && !other->second->writes())) continue;
        throw Error(ErrorCode::BadInput,
                    {"one struct is declared under two names", plan.definition->source, "one of them",
                     fmt::format("{} and {}", other->second->definition->name, plan.definition->name),
                     "take the old one out of the headers when it is renamed"});
    }
}

/// Throws Error(Unknown) for references to structs that are recorded nowhere.
void check_targets(Place& db, Transaction& tx, std::span<const StructDefinition> definitions,
                   const std::set<std::string_view>& declared, const RegisterOptions& options,
                   const store::RuleTable& rules) {
    for (const auto& definition : definitions) {
        for (const auto& element : definition.elements) {
            const auto& target = element.target;
            if (target.empty() || declared.contains(target) || db.find_struct(tx, target, &rules)) continue;
            if (options.is_elsewhere && options.is_elsewhere(target)) continue;
            std::vector<std::string> known(declared.begin(), declared.end());
            for (const auto& record : store::all_structs(tx)) known.push_back(record.name);
            const auto near = did_you_mean(target, known);
            throw Error(ErrorCode::Unknown,
                        {"a reference to a struct that is not recorded",
                         fmt::format("{}::{}, {}", definition.name, element.path, definition.source),
                         "a struct that is recorded, or registered by the same call", fmt::format("'{}'", target),
                         near.empty() ? "register its header too" : near});
        }
    }
}

/// The first name of a struct, by rules that are recorded, or by those of this call and then by recorded ones.
std::string first_name(std::string name, const RuleSource& source) {
    // Rules of one call may name structs in a circle, which is refused elsewhere.
    for (std::size_t step = 0; step <= source.given.size(); ++step) {
        std::string recorded(source.recorded.recorded_name(name));
        if (recorded != name) return recorded;
        const auto former = evolution::former_names(source.given, name);
        if (former.empty()) break;
        name = former.front();
    }
    return name;
}

/// The definition with the first names of the structs that its references are to, as rules that hold then tell them.
StructDefinition with_first_targets(const StructDefinition& definition, const RuleSource& source) {
    auto named = definition;
    for (auto& element : named.elements) {
        if (!element.target.empty()) element.target = first_name(element.target, source);
    }
    return named;
}

/// evolution::judge() with references to a struct that was renamed as references to one struct.
std::vector<evolution::JudgedChange> judge(const StructDefinition& stored, const StructDefinition& asked,
                                           const schema::UnitSystem& units, const evolution::StructRules* rules,
                                           const RuleSource& source) {
    const auto refers = [](const auto& element) { return !element.target.empty(); };
    if (std::ranges::none_of(stored.elements, refers) || std::ranges::none_of(asked.elements, refers))
        return evolution::judge(stored, asked, &units, rules);
    const auto from = with_first_targets(stored, source);
    const auto to = with_first_targets(asked, source);
    if (rules != nullptr) {
        if (const auto way = rules->way(stored, asked); !way.empty())
            return evolution::judge_by_rules(from, to, way, &units);
    }
    return evolution::judge(from, to, &units, nullptr);
}

StructPlan plan_struct(Place& db, Transaction& tx, const StructDefinition& definition, bool make_current,
                       RuleSource& source, Registering kind) {
    StructPlan plan;
    plan.definition = &definition;
    const auto continued = find_continued(db, tx, definition, source.given, source.recorded);
    plan.known = continued.known;
    if (kind == Registering::New) check_new_definition(definition, plan.known.get());
    evolution::RecordedStruct recorded;
    if (plan.known) {
        source.structs.push_back(plan.known);
        recorded.current = plan.known->record.last_schema;
        for (const auto& schema : plan.known->schemas)
            recorded.layouts.push_back({schema->schema_id, schema->definition, to_hex(schema->definition_hash)});
    }
    std::set<std::string, std::less<>> names{definition.name};
    for (const auto& layout : recorded.layouts) names.insert(layout.definition->name);
    const auto given = evolution::sections_of(source.given, names);
    auto rules = evolution::plan_rules(
        recorded, definition, source.recorded.of(plan.known ? plan.known->record.name : definition.name), given);
    if (!continued.renamed_from.empty()) evolution::check_renamed(rules, recorded, definition, continued.renamed_from);
    plan.rules = std::move(rules.fresh);
    plan.applied = std::move(rules.all);
    plan.outcome = evolution::compute_outcome(
        recorded, definition, make_current,
        [&](const StructDefinition& stored, const StructDefinition& asked) {
            // Versions of another layer were judged there, each with all before it.
            if (kind == Registering::TakenOver) return std::vector<evolution::JudgedChange>();
            if (plan.applied) return judge(stored, asked, db.units(), plan.applied.get(), source);
            // Without rules it is the same when it is planned again under the lock.
            const auto [known, is_new] = source.judged.try_emplace({&stored, &asked});
            if (is_new) known->second = judge(stored, asked, db.units(), nullptr, source);
            return known->second;
        },
        plan.applied.get());
    if (!continued.renamed_from.empty()) evolution::tell_renamed(plan.outcome, continued.renamed_from);
    plan.outcome.rules = plan.rules.size();
    plan.outcome.notes.insert(plan.outcome.notes.begin(), rules.notes.begin(), rules.notes.end());
    plan.writes_schema = plan.outcome.action != RegisterOutcome::Action::Known;
    return plan;
}

void write_struct(Place& db, Transaction& tx, StructPlan& plan, const index::CommitStamp& stamp, Registering kind,
                  const std::vector<std::string>& helpers, NamePlanner& planner) {
    using Action = RegisterOutcome::Action;
    if (plan.outcome.action == Action::MadeCurrent) {
        auto record = plan.known->record;
        store::set_current_schema(tx, record, plan.outcome.schema);
        plan.known = db.add_struct(record, plan.known->schemas);
    } else {
        auto record = plan.known ? plan.known->record : store::insert_struct(tx, *plan.definition, stamp.for_rooms());
        auto schemas = plan.known ? plan.known->schemas : std::vector<store::SchemaPtr>{};
        schemas.push_back(
            store::insert_schema(tx, record, schemas, *plan.definition, stamp.for_rooms(), plan.applied.get()));
        plan.known = db.add_struct(std::move(record), std::move(schemas));
    }
    if (kind == Registering::TakenOver || plan.outcome.action != Action::NewStruct) return;
    // A reference of the struct's own name.
    if (std::ranges::find(helpers, plan.definition->name) != helpers.end()) return;
    if (planner.has(plan.definition->name)) return;
    NamePlan own;
    own.record.name = plan.definition->name;
    own.record.struct_id = plan.known->record.id;
    own.record.storage = default_storage(*plan.known);
    own.of_struct = plan.known;
    own.new_policy = true;
    planner.apply(own, stamp);
}

/// Behind write_struct(), which makes the schema versions that sections lead to.
void write_rules(Transaction& tx, const StructPlan& plan, const index::CommitStamp& stamp, bool are_copies) {
    for (const auto& one : plan.rules) {
        store::insert_rules(tx, plan.known->record.id, plan.known->record.name, one.from_schema, one.to_schema,
                            evolution::to_text(one.rules->written), are_copies, stamp.for_rooms());
    }
}

/// What writing the plans changes that readers may be using. New structs and new views are in nobody's way.
LockedRelations find_locked_relations(Transaction& tx, const std::vector<StructPlan>& plans) {
    LockedRelations relations;
    std::set<std::int64_t> changed;
    for (const auto& plan : plans) {
        if (!plan.writes() || !plan.known) continue;
        const auto& record = plan.known->record;
        changed.insert(record.id);
        if (plan.outcome.action == RegisterOutcome::Action::NewSchema &&
            store::widens_row_table(record, plan.known->schemas, *plan.definition)) {
            relations.tables.insert(record.table_name);
        }
    }
    if (changed.empty()) return relations;
    for (const auto& name : index::all_names(tx, kLatest)) {
        if (changed.contains(name.struct_id) && !name.view_name.empty()) relations.views.insert(name.view_name);
    }
    return relations;
}

/// The views of all references that use the structs, once their versions and rules are written.
void update_views(Place& db, Transaction& tx, const std::map<std::int64_t, StructPtr>& structs) {
    if (structs.empty()) return;
    ViewMaker views(db, tx);
    for (const auto& name : index::all_names(tx, kLatest)) {
        const auto of_struct = structs.find(name.struct_id);
        if (of_struct != structs.end()) views.add(name, of_struct->second);
    }
    views.finish();
}

}  // namespace

NamePlan plan_existing(Place& db, Transaction& tx, std::string_view name) {
    return NamePlanner(db, tx).plan_existing(name);
}

NamePlanner::NamePlanner(Place& db, Transaction& tx) : db_(db), tx_(tx), names_(tx, kLatest) {}

StructPtr NamePlanner::get_struct(std::int64_t id) {
    auto& known = structs_[id];
    if (!known) known = db_.reload_struct(tx_, id);
    return known;
}

StructPtr NamePlanner::require_struct(const std::string& name) {
    auto& known = structs_by_name_[name];
    if (!known) known = db_.require_struct(tx_, name);
    return known;
}

bool NamePlanner::has(std::string_view name) {
    return names_.find(name).has_value();
}

NamePlan NamePlanner::plan_existing(std::string_view name) {
    NamePlan plan;
    auto known = names_.find(name);
    plan.record = known ? *std::move(known) : db_.get_name(tx_, name, kLatest)->record;
    plan.of_struct = get_struct(plan.record.struct_id);
    return plan;
}

NamePlan NamePlanner::plan(const NameSpec& spec) {
    check_own_name(spec.name);
    if (spec.name.find('/') == std::string::npos) check_name(spec.name, "named reference");
    NamePlan plan;
    plan.spec = spec;
    auto known = names_.find(spec.name);
    if (!known && spec.struct_name.empty()) {
        throw Error(ErrorCode::Usage,
                    {"new named reference without a struct", spec.name, "the name of a struct", "", ""});
    }
    const auto of_struct = spec.struct_name.empty() ? get_struct(known->struct_id) : require_struct(spec.struct_name);
    check_own_reference(spec, of_struct->record.name);
    plan.of_struct = of_struct;
    if (!known) {
        plan.record.name = spec.name;
        plan.record.struct_id = of_struct->record.id;
        plan.record.axis = spec.axis.value_or(Axis::Time);
        plan.record.policy = spec.policy.value_or(OrderPolicy::ByBegin);
        plan.record.storage = spec.storage.value_or(default_storage(*of_struct));
        plan.record.coverage = spec.coverage.value_or(Coverage{});
        plan.new_policy = true;
    } else {
        plan.record = *known;
        const bool other_struct = plan.record.struct_id != of_struct->record.id;
        const bool other_axis = spec.axis && *spec.axis != plan.record.axis;
        const auto old_storage = plan.record.storage;
        if ((other_struct || other_axis) && index::has_records(tx_, plan.record.id)) {
            throw Error(
                ErrorCode::Refused,
                {other_struct ? "the struct of a named reference with records is fixed"
                              : "the axis of a named reference with records is fixed",
                 spec.name,
                 other_struct ? get_struct(plan.record.struct_id)->name() : std::string(name_of(plan.record.axis)),
                 other_struct ? spec.struct_name : std::string(name_of(*spec.axis)), "choose another name"});
        }
        plan.new_target = other_struct || other_axis;
        plan.record.struct_id = of_struct->record.id;
        if (spec.axis) plan.record.axis = *spec.axis;
        auto storage = spec.storage.value_or(plan.record.storage);
        if (other_struct && !spec.storage) storage = default_storage(*of_struct);
        const auto policy = spec.policy.value_or(plan.record.policy);
        const auto coverage = spec.coverage.value_or(plan.record.coverage);
        plan.new_order = policy != plan.record.policy;
        plan.new_policy = !plan.record.has_policy || plan.new_order || storage != plan.record.storage ||
                          coverage != plan.record.coverage;
        plan.new_view =
            plan.new_target || storage != old_storage || (storage == Storage::Columns) == plan.record.view_name.empty();
        plan.record.coverage = coverage;
        plan.record.policy = policy;
        plan.record.storage = storage;
    }
    if (plan.record.storage == Storage::Columns && of_struct->columns.empty()) {
        throw Error(ErrorCode::Refused, {"a struct of this size cannot be stored in columns",
                                         fmt::format("{} of struct {}", spec.name, of_struct->name()),
                                         "at most 1000 columns and 7 kB of fixed width over all schema versions",
                                         "more", "use --storage bytes"});
    }
    return plan;
}

void NamePlanner::renew(NamePlan& plan) {
    auto renewed = plan.spec ? this->plan(*plan.spec) : plan_existing(plan.record.name);
    if (renewed.record.struct_id != plan.record.struct_id || renewed.record.axis != plan.record.axis) {
        throw Error(ErrorCode::Conflict, {"a named reference was changed by another commit meanwhile", plan.record.name,
                                          "the struct and axis that it had", "others", "commit again"})
            .set_retryable(true);
    }
    plan = std::move(renewed);
}

void NamePlanner::apply(NamePlan& plan, const index::CommitStamp& stamp) {
    const bool is_new = plan.record.id == 0;
    if (is_new) {
        plan.record.id = index::insert_name(tx_, plan.record, stamp.entry_time);
    } else if (plan.new_target) {
        index::change_name(tx_, plan.record);
    }
    if (plan.new_policy) index::insert_policy(tx_, plan.record, stamp);
    if (plan.new_order && !is_new) index::renew_timelines(tx_, stamp, plan.record.id, plan.record.policy);
    if (is_new || plan.new_policy || plan.new_target) {
        plan.record.has_policy = true;
        names_.note(plan.record);
    }
    if (is_new || plan.new_view) without_view_[plan.record.id] = {plan.record, plan.of_struct};
}

void NamePlanner::make_views() {
    ViewMaker views(db_, tx_);
    for (const auto& [id, of_name] : without_view_) views.add(of_name.first, of_name.second);
    views.finish();
    without_view_.clear();
}

RegisterReport register_definitions(Place& db, std::span<const StructDefinition> definitions,
                                    const RegisterOptions& options, Registering kind, const WriteContext& context,
                                    AppliedRules* applied) {
    std::set<std::string_view> seen;
    for (const auto& definition : definitions) {
        check_name(definition.name, "struct");
        if (!seen.insert(definition.name).second) {
            throw Error(ErrorCode::BadInput, {"struct defined twice", definition.source, "one definition of a name",
                                              definition.name, "register them one after the other"});
        }
        const auto problems = schema::validate(definition);
        if (!problems.empty()) {
            throw Error(ErrorCode::BadInput, {"bad definition of struct " + definition.name, definition.source, "",
                                              fmt::format("{}", fmt::join(problems, "; ")), ""});
        }
    }
    const auto& format = db.connection().format();
    for (const auto& definition : definitions) {
        if (backends::has_objects(format) || !schema::has_identities(definition)) continue;
        throw Error(ErrorCode::Format,
                    {"a database of this format has no references, uids and files",
                     fmt::format("struct {}, {}", definition.name, db.connection().place()), "format 2.1 or newer",
                     fmt::format("format {}.{}", format.major, format.minor),
                     "nothing was written: bring it up to date with 'etalon -d URL init --upgrade'"});
    }
    RuleSource source;
    source.given = evolution::read_rule_files(options.rules);
    if (!source.given.empty() && !db.has_rules()) {
        throw Error(ErrorCode::Format, {"a database of this format has no rules of evolution", db.connection().place(),
                                        fmt::format("format {}.{}", kFormatMajor, kFormatMinor), "an older one",
                                        "bring it up to date with 'etalon -d URL init --upgrade'"});
    }
    const auto plan_all = [&](Transaction& tx) {
        if (db.has_rules()) source.recorded = store::read_rules(tx, db.schemas());
        std::vector<StructPlan> plans;
        for (const auto& definition : definitions) {
            plans.push_back(plan_struct(db, tx, definition, options.make_current, source, kind));
        }
        check_one_each(plans);
        if (kind == Registering::TakenOver) return plans;
        check_targets(db, tx, definitions, seen, options, source.recorded);
        std::vector<NewStruct> fresh;
        std::vector<std::string> declared;
        for (auto& plan : plans) {
            declared.push_back(plan.definition->name);
            if (plan.outcome.action == RegisterOutcome::Action::NewStruct)
                fresh.push_back({plan.definition, &plan.outcome});
        }
        ask_about_renames(db, tx, fresh, declared, source.given, source.recorded);
        return plans;
    };
    const auto report_of = [applied](const std::vector<StructPlan>& plans) {
        RegisterReport report;
        if (applied != nullptr) applied->clear();
        for (const auto& plan : plans) {
            if (applied != nullptr) applied->push_back(plan.applied);
            report.outcomes.push_back(plan.outcome);
            report.blocked = report.blocked || std::any_of(plan.outcome.changes.begin(), plan.outcome.changes.end(),
                                                           [](const auto& line) { return line.blocks; });
        }
        return report;
    };
    const auto writes = [&](const std::vector<StructPlan>& plans, const RegisterReport& report) {
        return std::any_of(plans.begin(), plans.end(), [](const auto& plan) { return plan.writes(); }) &&
               !(options.strict && report.blocked);
    };
    bool changes_relations = false;
    {
        const auto tx = db.connection().begin(TransactionMode::Read);
        const auto plans = plan_all(*tx);
        auto report = report_of(plans);
        if (context.dry_run || !writes(plans, report)) return report;
        changes_relations = !find_locked_relations(*tx, plans).empty();
    }
    const auto write = [&](Commit& commit, std::vector<StructPlan>& plans) {
        auto& tx = commit.tx();
        const auto& stamp = commit.stamp();
        NamePlanner planner(db, tx);
        std::map<std::int64_t, StructPtr> changed;
        for (auto& plan : plans) {
            if (plan.writes_schema) write_struct(db, tx, plan, stamp, kind, options.helpers, planner);
            write_rules(tx, plan, stamp, kind == Registering::TakenOver);
            // The only reference of a new struct has its view.
            if (plan.writes() && plan.outcome.action != RegisterOutcome::Action::NewStruct)
                changed[plan.known->record.id] = plan.known;
        }
        planner.make_views();
        update_views(db, tx, changed);
        return commit.finish();
    };
    if (!changes_relations) {
        // Under the commit lock nobody else registers: plan again, then write.
        Commit commit(db, context);
        (void)commit.take_number();
        auto plans = plan_all(commit.tx());
        auto report = report_of(plans);
        if (!writes(plans, report)) return report;
        if (find_locked_relations(commit.tx(), plans).empty()) {
            report.commit = write(commit, plans);
            return report;
        }
    }
    RegisterReport report;
    backends::change_tables(db.connection(), [&](backends::TableLocks& locks) {
        db.forget();
        // Alone among writers from here on: plan again, then write.
        Commit commit(db, context, locks);
        auto plans = plan_all(commit.tx());
        report = report_of(plans);
        if (!writes(plans, report)) return;
        lock_relations(commit.tx(), locks, find_locked_relations(commit.tx(), plans));
        (void)commit.take_number();
        report.commit = write(commit, plans);
    });
    return report;
}

std::int64_t define_reference(Place& db, const NameSpec& spec, const WriteContext& context) {
    bool drops_view = false;
    {
        const auto tx = db.connection().begin(TransactionMode::Read);
        if (!context.taken_over) check_new_reference(*tx, spec.name);
        const auto plan = NamePlanner(db, *tx).plan(spec);
        if (!plan.writes()) return 0;
        drops_view = plan.drops_view();
    }
    const auto write = [&](Commit& commit) -> std::int64_t {
        if (!context.taken_over) check_new_reference(commit.tx(), spec.name);
        NamePlanner planner(db, commit.tx());
        auto plan = planner.plan(spec);
        if (!plan.writes()) return 0;
        planner.apply(plan, commit.stamp());
        planner.make_views();
        return commit.finish();
    };
    if (!drops_view) {
        Commit commit(db, context);
        (void)commit.take_number();
        return write(commit);
    }
    std::int64_t made = 0;
    backends::change_tables(db.connection(), [&](backends::TableLocks& locks) {
        db.forget();
        Commit commit(db, context, locks);
        const auto plan = NamePlanner(db, commit.tx()).plan(spec);
        if (plan.drops_view()) lock_relations(commit.tx(), locks, {{}, {plan.record.view_name}});
        (void)commit.take_number();
        made = write(commit);
    });
    return made;
}

void lock_relations(Transaction& tx, backends::TableLocks& locks, const LockedRelations& relations) {
    if (tx.engine() == backends::Engine::Sqlite) return;
    for (const auto& view : relations.views) {
        const auto records = store::find_records_view(tx, view);
        locks.lock_view(tx, view);  // which is over the other
        if (!records.empty()) locks.lock_view(tx, records);
    }
    for (const auto& table : relations.tables) locks.lock_table(tx, table);
    locks.limit(tx);
}

void lock_all_views(Transaction& tx, backends::TableLocks& locks) {
    LockedRelations relations;
    for (const auto& name : index::all_names(tx, kLatest)) {
        if (!name.view_name.empty()) relations.views.insert(name.view_name);
    }
    lock_relations(tx, locks, relations);
}

}  // namespace etalon::place
