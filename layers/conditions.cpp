#include "layers/conditions.h"

#include <set>
#include <string>

namespace etalon::layers {

std::shared_ptr<const place::TypedCondition> type_condition(LayerStack& stack, const Transactions& transactions,
                                                            const std::vector<place::NamePtr>& entries,
                                                            const Condition& condition,
                                                            const place::RuleBookPtr& rules) {
    std::vector<store::SchemaPtr> versions;
    std::set<Sha256> known;
    std::string name;
    for (std::size_t layer = entries.size(); layer-- > 0;) {
        if (!entries[layer]) continue;
        // Versions may have been recorded since the name was looked up.
        auto& place = *stack.layers()[layer].place;
        const auto of_struct = place.reload_struct(*transactions[layer], entries[layer]->record.struct_id);
        if (name.empty()) name = of_struct->record.name;
        for (const auto& version : of_struct->schemas) {
            if (known.insert(version->definition_hash).second) versions.push_back(version);
        }
    }
    place::ReadContext context;
    context.rules = rules;
    return place::type_condition(condition, versions, *stack.traits().units, context.rules_of(name).get());
}

}  // namespace etalon::layers
