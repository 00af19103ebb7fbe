#include "layers/conditions.h"

#include <set>
#include <string>

namespace etalon::layers {

std::vector<store::SchemaPtr> versions_of(std::span<const place::StructPtr> structs) {
    std::vector<store::SchemaPtr> versions;
    std::set<Sha256> known;
    for (std::size_t layer = structs.size(); layer-- > 0;) {
        if (!structs[layer]) continue;
        for (const auto& version : structs[layer]->schemas) {
            if (known.insert(version->definition_hash).second) versions.push_back(version);
        }
    }
    return versions;
}

std::shared_ptr<const place::TypedCondition> type_condition(const LayerStack& stack,
                                                            std::span<const place::StructPtr> structs,
                                                            const Condition& condition,
                                                            const place::ReadContext& context) {
    std::string name;  // as the lowest layer has it
    for (const auto& one : structs) {
        if (one) name = one->record.name;
    }
    return place::type_condition(condition, versions_of(structs), *stack.traits().units, context.rules_of(name).get());
}

std::shared_ptr<const place::TypedCondition> type_condition(LayerStack& stack, const Transactions& transactions,
                                                            const std::vector<place::NamePtr>& entries,
                                                            const Condition& condition,
                                                            const place::RuleBookPtr& rules) {
    std::vector<place::StructPtr> structs(entries.size());
    for (std::size_t layer = 0; layer < entries.size(); ++layer) {
        if (!entries[layer]) continue;
        // Versions may have been recorded since the name was looked up.
        auto& place = *stack.layers()[layer].place;
        structs[layer] = place.reload_struct(*transactions[layer], entries[layer]->record.struct_id);
    }
    place::ReadContext context;
    context.rules = rules;
    return type_condition(stack, structs, condition, context);
}

}  // namespace etalon::layers
