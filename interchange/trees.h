#pragma once
/// Configurations as JSON and records, and lists of nodes as they arrive.

#include <cstddef>
#include <istream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/federation.h"
#include "etalon/tree.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// What a configuration was asked for, as far as its documents say more because of it.
struct TreeContext {
    std::string root;
    std::string key;       ///< as asked; that of the root node is told when there is one
    bool values = false;   ///< the rows of every node are told
    bool lenient = false;  ///< conversions with loss were allowed: `losses` is told, also when 0
};

/// Nodes with nothing valid.
[[nodiscard]] std::size_t count_gaps(const Configuration& tree);
/// Values that a lenient conversion, or a rule that allows loss, changed in all of the tree.
[[nodiscard]] std::uint64_t count_losses(const Configuration& tree);
/// True when it is told how many: loss was allowed, or a rule allowed it.
[[nodiscard]] bool tells_losses(const Configuration& tree, const TreeContext& context);

/// A JSON object without line end: root, key, common intervals, gaps, nodes. With values each node has all its rows.
[[nodiscard]] std::string to_json(const Configuration& tree, const TreeContext& context);
/// The nodes with what is valid at each: path, type, database, ref, status, ... `values_of` gives the cell of the
/// column `values` of a node with an answer; without it there is no such column.
[[nodiscard]] Table answer_table(const Configuration& tree, bool with_losses, Cell (*values_of)(const Answer&));

/// A node of a tree as it is recorded, with where it was found.
struct ListedNode {
    NodeSpec node;  ///< path from the root of the whole tree
    std::string database;
    std::size_t depth = 0;
    std::string note;  ///< why a DB node was not followed
};
/// Nodes as records: path, type, ref, db, version, ...
[[nodiscard]] Table node_table(std::span<const ListedNode> nodes);
/// Names and keys of the configurations of a database.
[[nodiscard]] Table configuration_table(std::span<const NodeSpec> configurations, std::string_view database);

/// The names of node types for messages: `directory|Config|table|DB`.
inline constexpr std::string_view kNodeTypeNames = "directory|Config|table|DB";
/// The type of that name, capital letters or not; nothing when there is none.
[[nodiscard]] std::optional<NodeType> find_node_type(std::string_view text);
/// Reads a CSV list of nodes, one a line: `path`, and optionally `type`, `ref`, `db`, `version`, `element`, `baseLine`,
/// `key`, `comment`. `key` is that of lines that have none. Throws Error(BadInput) with `origin:line` for the first
/// line that makes no sense, or that there is none.
[[nodiscard]] std::vector<NodeSpec> read_nodes(std::istream& in, const std::string& origin, const std::string& key);

}  // namespace etalon::interchange
