#include "layers/name_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "etalon/error.h"
#include "schema/definition.h"

namespace etalon::layers {

std::vector<place::NamePtr> find_entries(LayerStack& stack, const Transactions& transactions, const std::string& name,
                                         const LayerCommits& commits) {
    const auto& layers = stack.layers();
    std::vector<place::NamePtr> entries;
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        entries.push_back(layers[i].place->find_name(*transactions[i], name, commits.commits[i]));
        if (entries.back() && !first) first = i;
    }
    if (!first) stack.throw_unknown(name, transactions);
    const auto& upper = *entries[*first];
    place::ReadContext names;
    names.rules = stack.rules_at(commits);
    for (std::size_t i = *first + 1; i < layers.size(); ++i) {
        if (!entries[i]) continue;
        const auto& other = *entries[i];
        // One that was renamed may have its old name in one layer, and the new one in another.
        const bool same_struct =
            other.of_struct->record.name == upper.of_struct->record.name ||
            names.name_of_struct(other.of_struct->record.name) == names.name_of_struct(upper.of_struct->record.name);
        if (same_struct && other.record.axis == upper.record.axis) continue;
        throw Error(ErrorCode::Refused,
                    {same_struct ? "layers disagree on the axis of a name" : "layers disagree on the struct of a name",
                     fmt::format("{} in {} and {}", name, layers[*first].shown, layers[i].shown),
                     same_struct ? std::string(name_of(other.record.axis)) : other.of_struct->record.name,
                     same_struct ? std::string(name_of(upper.record.axis)) : upper.of_struct->record.name,
                     "use another name in one of them"});
    }
    return entries;
}

std::size_t lowest_of(const std::vector<place::NamePtr>& entries) noexcept {
    auto lowest = entries.size();
    while (lowest > 0 && !entries[lowest - 1]) --lowest;
    return lowest - 1;
}

DefinitionPtr newest_layout(LayerStack& stack, const Transactions& transactions,
                            const std::vector<place::NamePtr>& entries, const std::vector<DefinitionPtr>& layouts) {
    if (layouts.empty()) return nullptr;
    if (std::ranges::all_of(layouts, [&](const auto& layout) { return layout == layouts.back(); }))
        return layouts.back();
    DefinitionPtr newest;
    std::pair<std::size_t, std::int64_t> newest_age{0, 0};
    for (const auto& layout : layouts) {
        if (layout == newest) continue;
        const auto hash = schema::definition_hash(*layout);
        std::optional<std::pair<std::size_t, std::int64_t>> age;
        for (std::size_t height = 0; height < entries.size() && !age; ++height) {
            const auto layer = entries.size() - 1 - height;
            if (!entries[layer]) continue;
            const auto of_struct =
                stack.layers()[layer].place->get_struct(*transactions[layer], entries[layer]->record.struct_id);
            for (const auto& schema : of_struct->schemas) {
                if (schema->definition_hash == hash) age = {height, schema->schema_id};
            }
        }
        if (newest && age <= newest_age) continue;
        newest = layout;
        newest_age = age.value_or(std::pair<std::size_t, std::int64_t>{});
    }
    return newest;
}

}  // namespace etalon::layers
