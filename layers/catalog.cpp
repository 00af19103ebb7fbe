#include "layers/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "backends/proof.h"
#include "config_tree/nodes.h"
#include "index/commits.h"
#include "index/names.h"
#include "index/records.h"
#include "layers/conditions.h"
#include "layers/stack.h"
#include "objects/rows.h"
#include "place/history.h"
#include "place/place.h"
#include "store/catalog.h"

namespace etalon::layers {

using backends::TransactionMode;
using place::Place;

namespace {

/// What structs are called, whatever the layers have them under: as of now.
place::ReadContext names_now(LayerStack& stack) {
    place::ReadContext context;
    context.rules = stack.rules_at(stack.commits_of("", {}));
    return context;
}

std::vector<StructInfo> structs_of(Place& place, const place::ReadContext& names) {
    const auto tx = place.connection().begin(TransactionMode::Read);
    std::vector<StructInfo> infos;
    for (const auto& record : store::all_structs(*tx)) {
        const auto entry = place.get_struct(*tx, record.id);
        StructInfo info{names.name_of_struct(record.name),
                        record.last_schema,
                        static_cast<std::int64_t>(entry->schemas.size()),
                        0,
                        0,
                        record.is_binary,
                        entry->columns.empty() ? std::string() : record.table_name};
        if (names.rules) {
            for (const auto& [name, rules] : *names.rules) {
                if (name != info.name && rules == names.rules_of(record.name)) info.former_names.push_back(name);
            }
        }
        if (const auto current = entry->find(record.last_schema)) {
            info.size = current->definition->size;
            info.elements = current->definition->elements.size();
        }
        infos.push_back(std::move(info));
    }
    return infos;
}

NameInfo name_info(Place& place, backends::Transaction& tx, const index::NameRecord& record,
                   const place::ReadContext& names) {
    NameInfo info{record.name,
                  names.name_of_struct(place.get_struct(tx, record.struct_id)->record.name),
                  record.axis,
                  record.policy,
                  record.storage,
                  record.view_name,
                  index::count_records(tx, record.id, place.snapshot()),
                  record.coverage};
    // Fewer than the proof says: some are later, or gone.
    if (backends::is_proved(tx) &&
        backends::read_set_proof(tx, backends::SetKind::Records, record.id).count != info.records) {
        index::prove_records(tx, record.id);
    }
    return info;
}

/// The layer that counts the versions of a struct: the lowest that knows it.
Place& counting_place(LayerStack& stack, std::string_view struct_name) {
    auto* place = &stack.home();
    for (const auto& layer : stack.layers()) {
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        if (layer.place->find_struct(*tx, struct_name)) place = layer.place.get();
    }
    return *place;
}

}  // namespace

std::vector<StructInfo> list_structs(LayerStack& stack) {
    // Of several layers the lowest that knows a struct counts its versions.
    const auto names = names_now(stack);
    std::map<std::string, StructInfo> by_name;
    for (const auto& layer : stack.layers()) {
        for (auto& info : structs_of(*layer.place, names)) by_name.insert_or_assign(info.name, std::move(info));
    }
    std::vector<StructInfo> infos;
    for (auto& [name, info] : by_name) infos.push_back(std::move(info));
    return infos;
}

std::vector<NameInfo> list_names(LayerStack& stack) {
    const auto names = names_now(stack);
    std::map<std::string, NameInfo> by_name;
    for (const auto& layer : stack.layers()) {
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        for (const auto& record : index::all_names(*tx, layer.place->snapshot())) {
            auto info = name_info(*layer.place, *tx, record, names);
            const auto above = by_name.find(info.name);
            if (above != by_name.end()) info.records += above->second.records;
            by_name.insert_or_assign(info.name, std::move(info));
        }
    }
    std::vector<NameInfo> infos;
    for (auto& [name, info] : by_name) infos.push_back(std::move(info));
    return infos;
}

std::optional<NameInfo> find_name(LayerStack& stack, std::string_view name) {
    const auto names = names_now(stack);
    std::optional<NameInfo> found;
    for (const auto& layer : stack.layers()) {
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        const auto entry = layer.place->find_name(*tx, name, layer.place->snapshot());
        if (!entry) continue;
        auto info = name_info(*layer.place, *tx, entry->record, names);
        if (found) info.records += found->records;
        found = std::move(info);
    }
    return found;
}

DefinitionPtr get_definition(LayerStack& stack, std::string_view struct_name, std::int64_t schema) {
    auto& place = counting_place(stack, struct_name);
    const auto tx = place.connection().begin(TransactionMode::Read);
    const auto entry = place.require_struct(*tx, struct_name);
    place::ReadContext context;
    context.schema = schema == 0 ? entry->record.last_schema : schema;
    return place.asked_definition(*entry, context, nullptr);
}

std::vector<DefinitionPtr> get_definitions(LayerStack& stack, std::string_view struct_name) {
    auto& place = counting_place(stack, struct_name);
    const auto tx = place.connection().begin(TransactionMode::Read);
    const auto entry = place.require_struct(*tx, struct_name);
    std::vector<DefinitionPtr> definitions;
    for (const auto& schema : entry->schemas) definitions.push_back(schema->definition);
    return definitions;
}

std::vector<RulesFile> get_rules(LayerStack& stack, std::string_view struct_name) {
    auto& place = counting_place(stack, struct_name);
    {
        const auto tx = place.connection().begin(TransactionMode::Read);
        (void)place.require_struct(*tx, struct_name);
    }
    std::vector<RulesFile> files;
    const auto book = stack.rules_at(stack.commits_of("", {}));
    const auto known = book ? book->find(struct_name) : place::RuleBook::const_iterator{};
    if (!book || known == book->end()) return files;
    for (const auto& section : known->second->sections()) {
        files.push_back(
            {"recorded rules", fmt::format("struct {}\n\n{}", struct_name, evolution::to_text(section->written))});
    }
    return files;
}

std::vector<HistoryRecord> list_history(LayerStack& stack, std::string_view name, const HistoryOptions& options) {
    const auto commits = commits_as_of(stack, name, options.as_of);
    const auto rules = stack.rules_at(commits);
    std::vector<HistoryRecord> history;
    Transactions transactions;
    std::vector<place::NamePtr> entries;
    for (std::size_t i = 0; i < stack.layers().size(); ++i) {
        auto& place = *stack.layers()[i].place;
        transactions.push_back(place.connection().begin(TransactionMode::Read));
        entries.push_back(place.find_name(*transactions.back(), name, commits.commits[i]));
    }
    if (std::ranges::none_of(entries, [](const auto& entry) { return entry != nullptr; }))
        stack.throw_unknown(name, transactions);
    std::shared_ptr<const place::TypedCondition> where;
    if (options.where.kind != Condition::Kind::Always) {
        where = type_condition(stack, transactions, entries, options.where, rules);
    }
    for (std::size_t i = 0; i < stack.layers().size(); ++i) {
        auto& place = *stack.layers()[i].place;
        if (!entries[i]) continue;
        place::ReadContext context{commits.commits[i], rules, {}, 0, {}};
        context.where = where;
        for (auto& record : place::list_records(place, *transactions[i], entries[i]->record, options, context)) {
            record.layer = place.connection().place();
            if (place.is_private()) {
                record.commit = 0;
                record.entered = Time{kMinusInfinity};
            }
            history.push_back(std::move(record));
        }
    }
    if (stack.several()) place::sort_history(history, options);
    if (options.limit != 0 && history.size() > options.limit) history.resize(options.limit);
    return history;
}

std::vector<CommitRecord> list_log(LayerStack& stack, const LogOptions& options) {
    auto& home = stack.home();
    const auto tx = home.connection().begin(TransactionMode::Read);
    if (!options.name.empty()) (void)home.get_name(*tx, options.name, kPlusInfinity);
    auto log = index::read_log(*tx, options.name.empty() ? options.limit : 0);
    if (log.empty() || (!options.touched && options.name.empty())) return log;
    CommitTouches touches;
    const CommitRange range{log.back().commit, log.front().commit};
    index::add_touched(*tx, range, touches);
    store::add_touched(*tx, range, touches);
    config_tree::add_touched(*tx, range, touches);
    objects::add_touched(*tx, range, touches);
    const auto names = names_now(stack);
    for (auto& commit : log) {
        commit.touched = touches.of(commit.commit);
        for (auto& one : commit.touched) {
            if (one.kind == Touched::Struct || one.kind == Touched::Object) one.name = names.name_of_struct(one.name);
        }
    }
    if (options.name.empty()) return log;
    std::erase_if(log, [&](const CommitRecord& commit) {
        return std::ranges::none_of(commit.touched, [&](const CommitTouch& one) {
            return one.kind == Touched::Reference && one.name == options.name;
        });
    });
    if (options.limit != 0 && log.size() > options.limit) log.resize(options.limit);
    if (!options.touched) {
        for (auto& commit : log) commit.touched.clear();
    }
    return log;
}

}  // namespace etalon::layers
