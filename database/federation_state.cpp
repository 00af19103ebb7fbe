#include "database/federation_state.h"

#include "base/nearest.h"
#include "base/passwords.h"
#include "etalon/error.h"
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

void FederationPeers::find(std::span<const ObjectId> ids, layers::NamesOfObjects& names) {
    const auto state = state_.lock();
    if (!state) return;
    for (const auto& name : state->names()) {
        if (name == own_name_) continue;
        state->read(name, state, [&](layers::LayerStack& stack) { layers::find_struct_names(stack, ids, names); });
    }
}

}  // namespace etalon::database
