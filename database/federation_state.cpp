#include "database/federation_state.h"

#include "base/nearest.h"
#include "base/passwords.h"
#include "etalon/error.h"
#include "layers/object_search.h"
#include "layers/stack_pool.h"

namespace etalon::database {

std::vector<std::string> FederationState::names() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries) names.push_back(name);
    return names;
}

FederationState::Entries::iterator FederationState::find(std::string_view name) {
    const auto entry = entries.find(name);
    if (entry != entries.end()) return entry;
    const auto known = names();
    std::string list;
    for (const auto& one : known) list += (list.empty() ? "" : ", ") + one;
    const auto near = did_you_mean(name, known);
    throw Error(ErrorCode::Unknown, {"no database of that name is given", shown_place(name),
                                     "one of " + (list.empty() ? std::string("none") : list), "",
                                     !near.empty() ? near : "add it with -d URL or to the federation file"});
}

Database& FederationState::get(std::string_view name, const std::shared_ptr<FederationState>& self) {
    const auto entry = find(name);
    const std::lock_guard lock(opening_);
    auto& database = entry->second.database;
    if (!database) {
        database = std::make_unique<Database>(Database::open(entry->second.layers, entry->second.options,
                                                             std::make_shared<FederationPeers>(self, entry->first)));
    }
    return *database;
}

layers::StackPool& FederationState::pool_of(Database& database) {
    return database.impl();
}

void check_as_of_several(const std::optional<AsOf>& as_of, const std::string& what, const std::string& found) {
    if (!as_of) return;
    if (!std::holds_alternative<std::int64_t>(*as_of) && !std::holds_alternative<HashedCommit>(*as_of)) return;
    throw Error(ErrorCode::Usage,
                {"a commit number belongs to one database", what, "a time or a snapshot", found, "ask as of a time"});
}

void check_one_meaning(FederationState& state, const std::shared_ptr<FederationState>& self,
                       const std::string& struct_name) {
    std::string first_name;
    DefinitionPtr first;
    for (const auto& name : state.names()) {
        const auto definitions = state.read(
            name, self, [&](layers::LayerStack& stack) { return layers::find_definitions(stack, struct_name); });
        if (definitions.empty()) continue;
        const auto& newest = definitions.back();
        if (!first) {
            first = newest;
            first_name = name;
            continue;
        }
        for (const auto& element : newest->elements) {
            const auto other = std::ranges::find(first->elements, element.path, &Element::path);
            if (other == first->elements.end()) continue;
            if (other->unit == element.unit && other->enumerators == element.enumerators) continue;
            const auto meaning = [](const std::string& database, const Element& one) {
                return one.unit.empty() ? "other enumerators in " + database : "[" + one.unit + "] in " + database;
            };
            throw Error(ErrorCode::Usage,
                        {"one condition would mean two things in two databases",
                         "struct " + struct_name + ", member " + element.path, meaning(first_name, *other),
                         meaning(name, element), "register the newer definition in both, or ask one database alone"});
        }
    }
}

template <class Use>
void FederationPeers::for_each(const Use& use) {
    const auto state = state_.lock();
    if (!state) return;
    for (const auto& name : state->names()) {
        if (name == own_name_) continue;
        if (!state->read(name, state, [&](layers::LayerStack& stack) { return use(stack); })) return;
    }
}

void FederationPeers::find(std::span<const ObjectId> ids, layers::NamesOfObjects& names) {
    for_each([&](layers::LayerStack& stack) {
        layers::find_struct_names(stack, ids, layers::Layers::All, names);
        return true;
    });
}

std::vector<DefinitionPtr> FederationPeers::find_definitions(const std::string& struct_name) {
    std::vector<DefinitionPtr> definitions;
    for_each([&](layers::LayerStack& stack) {
        definitions = layers::find_definitions(stack, struct_name);
        return definitions.empty();
    });
    return definitions;
}

std::set<ObjectId> FederationPeers::search_ids(const std::string& struct_name, const Condition& condition,
                                               const std::optional<AsOf>& as_of) {
    const auto state = state_.lock();
    if (state) check_one_meaning(*state, state, struct_name);
    std::set<ObjectId> ids;
    for_each([&](layers::LayerStack& stack) {
        if (layers::find_definitions(stack, struct_name).empty()) return true;
        check_as_of_several(as_of, "objects of " + struct_name, "a commit, and a path to another database");
        for (const auto& id : layers::search_ids(stack, struct_name, condition, as_of)) ids.insert(id);
        return true;
    });
    return ids;
}

void FederationPeers::find_objects(std::span<const ObjectId> ids, const ObjectReadOptions& options,
                                   std::vector<std::optional<StoredObject>>& found) {
    for_each([&](layers::LayerStack& stack) {
        std::vector<ObjectId> left;
        std::vector<std::size_t> at;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (found[i]) continue;
            left.push_back(ids[i]);
            at.push_back(i);
        }
        if (left.empty()) return false;
        auto here = layers::find_objects(stack, left, options);
        for (std::size_t i = 0; i < here.size(); ++i) found[at[i]] = std::move(here[i]);
        return true;
    });
}

}  // namespace etalon::database
