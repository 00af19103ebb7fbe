#pragma once
/// Configurations of one database: writing, listing, and fetching all of its tables at once.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config_tree/nodes.h"
#include "etalon/federation.h"
#include "layers/layered_read.h"
#include "place/place.h"

namespace etalon::layers {

class LayerStack;

[[nodiscard]] std::vector<NodeSpec> list_tree(LayerStack& stack, std::string_view root, std::string_view key,
                                              const std::optional<AsOf>& as_of);
[[nodiscard]] std::vector<NodeSpec> list_roots(LayerStack& stack);

/// A tree of one database with the answers of its tables; DB nodes are listed, not followed.
struct FetchedTree {
    place::TreePtr known;                        ///< null: there is no such root
    std::vector<std::optional<Answer>> answers;  ///< per node
    [[nodiscard]] std::span<const config_tree::TreeNode> nodes() const noexcept {
        return known ? std::span(known->nodes) : std::span<const config_tree::TreeNode>();
    }
};

/// Empty when the database has no such root. `place` is the path that the root hangs on, for errors. PostgreSQL: at
/// most 4 statements (one more per 200 structs); without provenance the last two are one for each of at most 16
/// structs, in one round trip. SQLite: one read transaction.
[[nodiscard]] FetchedTree fetch_tree(LayerStack& stack, std::string_view root, std::string_view key,
                                     const ConfigurationRequest& request, std::string_view place);

/// A tree of one database with what its tables ask of the layers.
struct PlannedTree {
    place::TreePtr known;                  ///< null: there is no such root
    std::vector<std::size_t> nodes;        ///< the table nodes among its nodes
    std::vector<LayeredRequest> requests;  ///< of each of them
    std::vector<LayerCommits> commits;     ///< as of which each is read
};
/// The same without asking. `place` as above.
[[nodiscard]] PlannedTree plan_tree(LayerStack& stack, std::string_view root, std::string_view key,
                                    const ConfigurationRequest& request, std::string_view place);

}  // namespace etalon::layers
