#pragma once
/// Follows configurations from database to database.

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "etalon/federation.h"
#include "place/place.h"

namespace etalon::database {

/// One tree that a walk has come to, and what is done with its nodes.
struct WalkedTree {
    place::TreePtr known;  ///< null: there is no such root
    /// Called for each node in order, DB nodes included: the node without an answer, and its index in the tree.
    std::function<void(ConfigurationNode node, std::size_t index)> add;
};
/// Where a tree is, and what its nodes are asked with.
struct TreeAsked {
    std::string_view database;  ///< its name in the federation
    std::string_view root;
    std::string_view key;
    std::string_view version;  ///< chain of nodes that have none
    std::string_view place;    ///< path that the root hangs on, with a `/` behind; empty: none
};
using FetchTree = std::function<WalkedTree(Database& database, const TreeAsked& asked)>;

/// Which database has a configuration: `start`, or, when that is empty, the only one. Throws Error(Unknown), (Usage)
/// when several have it, or for a bare commit number where there are several databases.
[[nodiscard]] std::string find_start(Federation& federation, std::string_view root, std::string_view key,
                                     const std::optional<AsOf>& as_of, std::string_view start);

/// Walks the tree of a root and all that its DB nodes lead to, parents before children. Throws Error(Corrupt) for a
/// cycle, Error(Unknown) for a root or database that is not there.
void walk_configuration(Federation& federation, std::string_view start, std::string_view root, std::string_view key,
                        std::string_view version, const FetchTree& fetch);

}  // namespace etalon::database
