// What is known of names, structs and conversions, kept as long as it is sure to be right.

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/nearest.h"
#include "etalon/error.h"
#include "index/commits.h"
#include "place/place.h"
#include "schema/definition.h"
#include "store/rules.h"

namespace etalon::place {

store::SchemaPtr StructEntry::find(std::int64_t schema_id) const noexcept {
    for (const auto& schema : schemas) {
        if (schema->schema_id == schema_id) return schema;
    }
    return nullptr;
}

bool StructEntry::is_called(std::string_view name) const noexcept {
    return record.name == name ||
           std::ranges::any_of(schemas, [&](const auto& schema) { return schema->definition->name == name; });
}

namespace {

StructPtr make_entry(store::StructRecord record, std::vector<store::SchemaPtr> schemas, bool complete) {
    auto entry = std::make_shared<StructEntry>();
    entry->record = std::move(record);
    entry->schemas = std::move(schemas);
    entry->complete = complete;
    std::unordered_map<std::string_view, int> places;  // into entry->columns; the texts are those of the schemas
    for (const auto& schema : entry->schemas) {
        auto& index = entry->column_index[schema->schema_id];
        for (const auto& column : schema->columns) {
            const auto [place, is_new] = places.try_emplace(column, static_cast<int>(entry->columns.size()));
            index.push_back(place->second);
            if (is_new) entry->columns.push_back(column);
        }
    }
    return entry;
}

bool same_values(const StructDefinition& a, const StructDefinition& b) {
    return std::equal(a.elements.begin(), a.elements.end(), b.elements.begin(), b.elements.end(),
                      [](const Element& x, const Element& y) {
                          return x.path == y.path && x.type == y.type && x.target == y.target && x.dims == y.dims &&
                                 x.unit == y.unit && x.enumerators == y.enumerators;
                      });
}

/// The definition with the newest names of the structs that its references are to: rules may have renamed them.
DefinitionPtr with_newest_targets(const DefinitionPtr& definition, const ReadContext& context) {
    const auto is_renamed = [&](const Element& element) {
        return !element.target.empty() && context.name_of_struct(element.target) != element.target;
    };
    if (std::ranges::none_of(definition->elements, is_renamed)) return definition;
    auto renamed = *definition;
    for (auto& element : renamed.elements) {
        if (is_renamed(element)) element.target = context.name_of_struct(element.target);
    }
    return std::make_shared<const StructDefinition>(std::move(renamed));
}

}  // namespace

using backends::Transaction;

NamePtr Place::get_name(Transaction& tx, std::string_view wanted, std::int64_t at_snapshot) {
    auto entry = find_name(tx, wanted, at_snapshot);
    if (!entry) {
        const auto near = index::similar_names(tx, wanted);
        throw Error(ErrorCode::Unknown,
                    {"unknown named reference", fmt::format("database {}", name()), "a registered name",
                     fmt::format("'{}'", wanted),
                     near.empty() ? "see 'etalon structs'; 'etalon register' and 'etalon name' make names"
                                  : did_you_mean(wanted, near)});
    }
    return entry;
}

NamePtr Place::find_name(Transaction& tx, std::string_view wanted, std::int64_t at_snapshot) {
    if (at_snapshot == snapshot()) {
        const auto known = names_.find(wanted);
        if (known != names_.end()) return known->second;
        if (all_names_known_ || unknown_names_.contains(wanted)) return nullptr;
        if (spellings_ && !spellings_->contains(wanted)) return nullptr;
    }
    index::NameFinder names(tx, at_snapshot);
    auto record = names.find(wanted);
    if (!record) {
        if (at_snapshot == snapshot()) note_unknown(wanted, names);
        return nullptr;
    }
    auto entry = std::make_shared<NameEntry>();
    entry->of_struct = get_struct(tx, record->struct_id);
    entry->record = std::move(*record);
    entry->snapshot = at_snapshot;
    if (at_snapshot == snapshot()) names_[std::string(wanted)] = entry;
    return entry;
}

void Place::note_unknown(std::string_view wanted, const index::NameFinder& names) {
    // That it is not there was proved by reading all names: once is enough.
    constexpr std::size_t kMostUnknown = 10'000;
    constexpr std::size_t kMostKept = 100'000;
    if (unknown_names_.size() < kMostUnknown) unknown_names_.emplace(wanted);
    if (spellings_ || names.all() == nullptr || names.all()->size() > kMostKept) return;
    spellings_.emplace();
    for (const auto& [spelling, record] : *names.all()) spellings_->emplace_hint(spellings_->end(), spelling);
}

void Place::know_all_names(Transaction& tx) {
    if (all_names_known_) return;
    for (auto& record : store::all_structs(tx)) {
        // On PostgreSQL the versions come along with the answers.
        tx.engine() == backends::Engine::Sqlite ? (void)get_struct(tx, record.id)
                                                : (void)know_struct(std::move(record));
    }
    for (auto& record : index::all_names(tx, snapshot())) {
        auto& entry = names_[record.name];
        if (entry) continue;
        entry = std::make_shared<NameEntry>();
        entry->of_struct = structs_.at(record.struct_id);
        entry->record = std::move(record);
        entry->snapshot = snapshot();
    }
    all_names_known_ = true;
}

StructPtr Place::get_struct(Transaction& tx, std::int64_t struct_id) {
    const auto known = structs_.find(struct_id);
    return known != structs_.end() && known->second->complete ? known->second : reload_struct(tx, struct_id);
}

StructPtr Place::reload_struct(Transaction& tx, std::int64_t struct_id) {
    auto record = store::find_struct(tx, struct_id);
    if (!record) {
        throw Error(ErrorCode::Corrupt,
                    {"a struct is not there", fmt::format("structID {}", struct_id), "a row in structure", "none", ""});
    }
    return add_struct(std::move(*record), store::read_schemas(tx, struct_id, schemas_));
}

StructPtr Place::add_struct(store::StructRecord record, std::vector<store::SchemaPtr> schemas, bool complete) {
    const auto id = record.id;
    return structs_[id] = make_entry(std::move(record), std::move(schemas), complete);
}

StructPtr Place::know_struct(store::StructRecord record) {
    const auto known = structs_.find(record.id);
    return known != structs_.end() ? known->second : add_struct(std::move(record), {}, false);
}

void Place::forget() {
    names_.clear();
    unknown_names_.clear();
    spellings_.reset();
    all_names_known_ = false;
    structs_.clear();
    structs_as_of_.clear();
    trees_.clear();
    dates_.clear();
}

StructPtr Place::merge_schema(const store::SchemaPtr& schema) {
    const auto known = structs_.at(schema->struct_id);
    if (known->find(schema->schema_id)) return known;
    auto schemas = known->schemas;
    schemas.push_back(schema);
    std::sort(schemas.begin(), schemas.end(), [](const auto& a, const auto& b) { return a->schema_id < b->schema_id; });
    return add_struct(known->record, std::move(schemas), known->complete);
}

StructPtr Place::find_struct(Transaction& tx, std::string_view struct_name, const store::RuleTable* rules) {
    auto record = store::find_struct(tx, struct_name);
    if (!record && rules != nullptr) {
        const auto recorded = rules->recorded_name(struct_name);
        if (recorded != struct_name) record = store::find_struct(tx, recorded);
    } else if (!record && has_rules()) {
        record = store::find_renamed_struct(tx, struct_name, schemas_);
    }
    if (!record) return nullptr;
    return add_struct(*record, store::read_schemas(tx, record->id, schemas_));
}

StructPtr Place::find_struct_as_of(Transaction& tx, std::string_view struct_name, std::int64_t commit) {
    // All versions that rows of that commit may have were recorded before it.
    const bool is_seen = commit <= snapshot();
    const auto known = is_seen ? structs_as_of_.find(struct_name) : structs_as_of_.end();
    if (known != structs_as_of_.end()) return known->second;
    auto of_struct = find_struct(tx, struct_name);
    if (is_seen && of_struct) structs_as_of_.emplace(struct_name, of_struct);
    return of_struct;
}

StructPtr Place::require_struct(Transaction& tx, std::string_view struct_name) {
    auto entry = find_struct(tx, struct_name);
    if (entry) return entry;
    std::vector<std::string> known;
    for (const auto& record : store::all_structs(tx)) known.push_back(get_struct(tx, record.id)->name());
    const auto near = did_you_mean(struct_name, known);
    throw Error(ErrorCode::Unknown,
                {"unknown struct", fmt::format("database {}", name()), "a registered struct",
                 fmt::format("'{}'", struct_name), near.empty() ? "register its header with 'etalon register'" : near});
}

ReadPlanPtr Place::get_read_plan(const store::SchemaPtr& schema, const DefinitionPtr& asked,
                                 const ReadContext& context) {
    auto struct_rules = context.rules_of(asked->name);
    const PlanKey key{schema.get(), asked.get(), struct_rules.get(), context.options.strict, context.options.lenient};
    const auto known = read_plans_.find(key);
    if (known != read_plans_.end()) return known->second;
    auto plan = std::make_shared<ReadPlan>();
    plan->schema = schema;
    plan->asked = asked;
    plan->rules = std::move(struct_rules);
    const auto way = plan->rules ? plan->rules->way(*schema->definition, *asked) : std::vector<evolution::RuleStep>();
    plan->direct = way.empty() && same_values(*schema->definition, *asked);
    auto with_units = context.options;
    with_units.units = traits_.units.get();
    with_units.way = &way;
    plan->convert = conversion::ConversionPlan::make(*with_newest_targets(schema->canonical, context),
                                                     *with_newest_targets(asked, context), with_units);
    // The plan holds both definitions and the rules, so the addresses in the key stay theirs.
    if (read_plans_.size() >= 4096) read_plans_.clear();
    read_plans_[key] = plan;
    return plan;
}

std::shared_ptr<const evolution::StructRules> ReadContext::rules_of(std::string_view struct_name) const {
    if (!rules) return nullptr;
    const auto known = rules->find(struct_name);
    return known == rules->end() ? nullptr : known->second;
}

std::string ReadContext::name_of_struct(const std::string& recorded_name) const {
    const auto of_struct = rules_of(recorded_name);
    auto name = of_struct ? of_struct->newest_struct_name() : std::string();
    return name.empty() ? recorded_name : name;
}

}  // namespace etalon::place
