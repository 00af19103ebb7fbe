// Configurations across databases.

#include <memory>
#include <utility>

#include "database/tree_walk.h"
#include "etalon/federation.h"
#include "layers/stack_pool.h"
#include "layers/trees.h"

namespace etalon {

const ConfigurationNode* Configuration::find(std::string_view path) const noexcept {
    for (const auto& node : nodes) {
        if (node.node.path == path) return &node;
    }
    return nullptr;
}

namespace {

/// Narrows the common interval. baseLine nodes hold whatever the time.
void bound(const ConfigurationNode& node, Configuration& result) {
    if (!node.answer || node.node.base_line) return;
    const auto& validity = (*node.answer)->validity;
    auto& common = validity.axis == Axis::Time ? result.validity : result.run_validity;
    common = common ? intersect(*common, validity) : validity;
}

}  // namespace

Configuration Federation::fetch_configuration(std::string_view root, std::string_view key,
                                              const ConfigurationRequest& request, std::string_view start) {
    const std::string used_key(key.empty() ? "default" : key);
    const auto found = database::find_start(*this, root, used_key, request.as_of, start);
    Configuration result;
    database::walk_configuration(
        *this, found, root, used_key, request.version, [&](Database& database, const database::TreeAsked& asked) {
            auto of_tree = request;
            of_tree.version = asked.version;
            auto tree = std::make_shared<layers::FetchedTree>(database.impl().read([&](layers::LayerStack& stack) {
                return layers::fetch_tree(stack, asked.root, asked.key, of_tree, asked.place);
            }));
            result.nodes.reserve(result.nodes.size() + tree->nodes().size());
            return database::WalkedTree{tree->known, [&result, tree](ConfigurationNode node, std::size_t index) {
                                            node.answer = std::move(tree->answers[index]);
                                            bound(node, result);
                                            result.nodes.push_back(std::move(node));
                                        }};
        });
    return result;
}

}  // namespace etalon
