#pragma once
/// Nodes of configurations: listing a tree in one statement, building it as a value, and writing nodes.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/database.h"

namespace etalon::config_tree {

/// A row of Nodes.
struct NodeRecord {
    std::int64_t id = 0;
    std::string name;
    std::string key;          ///< of the configuration; empty below the root
    NodeType type = NodeType::Directory;
    std::string ref_name;
    std::string db_name;
    std::string version;
    std::string elements;
    bool base_line = false;
    std::string comment;
};

/// One edge of a listed tree with the node that it leads to.
struct ListedNode {
    std::int64_t parent_id = 0;   ///< 0: the root itself
    std::int64_t node_id = 0;
    std::int64_t ordinal = 0;
    std::optional<NodeRecord> node;  ///< empty: the edge leads to a node that is not there
};

/// A node in its place.
struct TreeNode {
    NodeRecord node;
    std::string path;              ///< names from the root on, joined by `/`
    std::size_t depth = 0;
    std::int64_t parent_id = 0;
    std::int64_t ordinal = 0;
};

/// The statement that lists the tree of a root: ?1 its name, ?2 its key, ?3 the snapshot. Cycles do not make it endless.
[[nodiscard]] backends::Fragment tree_fragment(std::string_view root, std::string_view key, std::int64_t snapshot);
inline constexpr int kTreeColumnCount = 12;
/// Reads the current row of a cursor whose first columns are those of tree_fragment.
[[nodiscard]] ListedNode read_listed_node(const backends::Cursor& cursor);

/// Depth-first order, siblings by ordinal. Empty when nothing was listed. Throws Error(Corrupt) that names the path for a
/// cycle, an edge to a missing node, or two siblings of one name. Pure.
[[nodiscard]] std::vector<TreeNode> build_tree(std::span<const ListedNode> listed);

/// tree_fragment and build_tree.
[[nodiscard]] std::vector<TreeNode> read_tree(backends::Transaction& tx, std::string_view root, std::string_view key,
                                              std::int64_t snapshot);
/// Roots: nodes of type Config without a parent, by name and key.
[[nodiscard]] std::vector<NodeRecord> read_roots(backends::Transaction& tx, std::int64_t snapshot);

/// A named reference that a table node of a configuration refers to.
struct ReferenceUse {
    std::string ref_name;
    std::string root;   ///< the configuration
    std::string key;
};
/// Each use once, of all configurations of this database; trees that are not sound are listed as far as they reach their root.
[[nodiscard]] std::vector<ReferenceUse> read_uses(backends::Transaction& tx, std::int64_t snapshot);
/// Paths (as far as they can be told) of nodes that hang on no root, for error messages.
[[nodiscard]] std::vector<std::string> find_orphans(backends::Transaction& tx, std::int64_t snapshot);

/// A commit as this room needs it.
struct TreeCommit {
    std::int64_t seq = 0;
    std::int64_t entry_time = 0;
};

/// Adds or replaces nodes below their roots, in order. Missing directories are made; a node whose content is unchanged is left; a
/// replaced node keeps its place and its children. Throws Error(BadInput) naming the path: empty names, a leaf used as a directory, a
/// directory with children turned into a leaf, a bad element list or version chain is the caller's check. Returns the number of nodes written.
std::size_t write_nodes(backends::Transaction& tx, std::span<const NodeSpec> specs, const TreeCommit& commit);

/// `Config`, `directory`, `table`, `DB` or nothing.
[[nodiscard]] std::optional<NodeType> find_node_type(std::string_view name) noexcept;

}  // namespace etalon::config_tree
