#include "layers/objects.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "layers/catalog.h"
#include "layers/stack.h"
#include "objects/rows.h"
#include "place/object_rows.h"
#include "place/objects.h"

namespace etalon::layers {

using backends::TransactionMode;
using place::ReadContext;
using place::WriteContext;

ObjectPutResult put_objects(LayerStack& stack, std::span<const ObjectPut> puts, const ObjectPutOptions& options,
                            const WriteContext& context) {
    auto& place = stack.target();
    place::check_has_objects(place);
    std::vector<place::CheckedObject> checked;
    // What is known of layouts in other layers the target learns: as if records without a reference had them.
    std::vector<PutRecord> records;
    std::vector<NameSpec> structs;
    std::set<const StructDefinition*> layouts;
    for (const auto& put : puts) {
        if (!stack.several() || !put.layout || !layouts.insert(put.layout.get()).second) continue;
        records.emplace_back().layout = put.layout;
        structs.emplace_back().struct_name = put.layout->name;
    }
    if (!stack.knows_all(place, records, structs)) {
        // What is refused shall leave nothing behind.
        const auto scratch = stack.make_scratch();
        stack.ensure_known(*scratch, records, structs);
        checked = place::check_objects(*scratch, puts);
        if (!options.dry_run) {
            stack.ensure_known(place, records, structs);
            checked = place::check_objects(place, puts);
        }
    } else {
        checked = place::check_objects(place, puts);
    }
    std::set<ObjectId> elsewhere;
    if (stack.several()) {
        std::set<ObjectId> ids;
        for (const auto& object : checked) ids.insert(object.id);
        const std::vector<ObjectId> list(ids.begin(), ids.end());
        // Layers above may be left out by who reads later.
        bool is_below = false;
        for (const auto& layer : stack.layers()) {
            if (!std::exchange(is_below, is_below || layer.place.get() == &place)) continue;
            for (const auto& found : place::find_objects(*layer.place, list)) elsewhere.insert(found.id);
        }
    }
    return place::write_objects(place, std::move(checked), elsewhere, options, context);
}

std::vector<std::optional<StoredObject>> find_objects(LayerStack& stack, std::span<const ObjectId> ids,
                                                      const ObjectReadOptions& options) {
    const auto commits = commits_as_of(stack, "", options.as_of);
    ReadContext context{0, stack.rules_at(commits), stack.own(options.layout), options.schema, {}};
    context.options.strict = options.strict;
    context.options.lenient = options.lenient;
    context.as_stored = options.as_stored;
    std::map<std::string, DefinitionPtr> newest;
    const auto find_layout = [&](const place::StructEntry& of_struct) {
        if (!stack.several()) return place::find_object_layout(of_struct, context);
        // The lowest layer that knows a struct counts its versions.
        auto& layout = newest[of_struct.name()];
        if (!layout) layout = get_definition(stack, of_struct.name(), context.schema);
        return layout;
    };
    std::vector<std::optional<StoredObject>> found(ids.size());
    std::map<ObjectId, std::vector<std::size_t>> wanted;
    for (std::size_t i = 0; i < ids.size(); ++i) wanted[ids[i]].push_back(i);
    wanted.erase(ObjectId{});
    for (std::size_t l = 0; l < stack.layers().size() && !wanted.empty(); ++l) {
        auto& place = *stack.layers()[l].place;
        context.snapshot = commits.commits[l];
        std::vector<ObjectId> left;
        for (const auto& [id, at] : wanted) left.push_back(id);
        auto tx = place.connection().begin(TransactionMode::Read);
        place::ObjectRows rows(place, *tx);
        rows.find(
            left, context.snapshot,
            context.definition ? place.find_struct_as_of(*tx, context.definition->name, context.snapshot) : nullptr);
        rows.read();
        // Other layers may be asked for the layout.
        tx.reset();
        for (auto& object : rows.convert(context, find_layout)) {
            const auto at = wanted.extract(object.id);
            for (const auto i : at.mapped()) found[i] = object;
        }
    }
    return found;
}

std::vector<Referrer> find_referrers(LayerStack& stack, const ObjectId& id, const std::optional<AsOf>& as_of) {
    const auto commits = commits_as_of(stack, "", as_of);
    ReadContext context{0, stack.rules_at(commits), nullptr, 0, {}};
    std::vector<Referrer> referrers;
    std::vector<Referrer> of_records;
    std::set<ObjectId> told;
    for (std::size_t l = 0; l < stack.layers().size(); ++l) {
        context.snapshot = commits.commits[l];
        std::set<ObjectId> here;
        for (auto& one : place::find_referrers(*stack.layers()[l].place, id, context)) {
            if (!one.object) {
                of_records.push_back(std::move(one));
                continue;
            }
            // An object of several layers is one.
            if (told.contains(*one.object)) continue;
            here.insert(*one.object);
            referrers.push_back(std::move(one));
        }
        told.insert(here.begin(), here.end());
    }
    for (auto& one : of_records) referrers.push_back(std::move(one));
    return referrers;
}

namespace {

/// The names that a place knows a struct by, and those that the rules of all layers add.
std::vector<std::string> all_names(const place::StructEntry& of_struct, const place::RuleBookPtr& rules) {
    std::set<std::string> names{of_struct.record.name};
    for (const auto& schema : of_struct.schemas) names.insert(schema->definition->name);
    if (rules) {
        std::set<std::string> more;
        for (const auto& name : names) {
            const auto known = rules->find(name);
            if (known == rules->end()) continue;
            for (const auto& [other, of_other] : *rules) {
                if (of_other == known->second) more.insert(other);
            }
        }
        names.merge(more);
    }
    return {names.begin(), names.end()};
}

}  // namespace

void find_struct_names(LayerStack& stack, std::span<const ObjectId> ids, Layers which, NamesOfObjects& names) {
    const auto rules = stack.rules_at(stack.commits_of("", {}));
    std::vector<ObjectId> left;
    std::ranges::copy_if(ids, std::back_inserter(left), [&](const ObjectId& id) { return !names.contains(id); });
    bool counts = which == Layers::All;
    for (const auto& layer : stack.layers()) {
        if (left.empty()) return;
        counts = counts || layer.place.get() == &stack.target();
        if (!counts) continue;
        std::map<const place::StructEntry*, std::vector<std::string>> of_structs;
        for (const auto& found : place::find_objects(*layer.place, left)) {
            auto& known = of_structs[found.of_struct.get()];
            if (known.empty()) known = all_names(*found.of_struct, rules);
            names.emplace(found.id, known);
        }
        std::erase_if(left, [&](const ObjectId& id) { return names.contains(id); });
    }
}

std::vector<std::string> find_struct_names(LayerStack& stack, const std::string& struct_name) {
    const auto rules = stack.rules_at(stack.commits_of("", {}));
    std::set<std::string> names;
    for (const auto& layer : stack.layers()) {
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        const auto of_struct = layer.place->find_struct(*tx, struct_name);
        if (!of_struct) continue;
        for (auto& name : all_names(*of_struct, rules)) names.insert(std::move(name));
    }
    return {names.begin(), names.end()};
}

}  // namespace etalon::layers
