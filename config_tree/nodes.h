#pragma once
/// Nodes of configurations: listing a tree in one statement, building it as a value, and writing nodes.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "backends/proof.h"
#include "base/commit_items.h"
#include "base/commit_touches.h"
#include "etalon/tree.h"

namespace etalon::config_tree {

/// A row of Nodes.
struct NodeRecord {
    std::int64_t id = 0;
    std::string name;
    std::string key;  ///< of the configuration; empty below the root
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
    std::int64_t parent_id = 0;  ///< 0: the root itself
    std::int64_t node_id = 0;
    std::int64_t ordinal = 0;
    std::optional<NodeRecord> node;  ///< empty: the edge leads to a node that is not there
};

/// A node in its place.
struct TreeNode {
    NodeRecord node;
    std::string path;  ///< names from the root on, joined by `/`
    std::size_t depth = 0;
    std::int64_t parent_id = 0;
    std::int64_t ordinal = 0;
};

/// Format 2: reads the tree of a root from rows that have every edge of every node reached, whenever it held, and
/// checks them.
class TreeReader {
public:
    explicit TreeReader(std::int64_t snapshot) : snapshot_(snapshot) {}
    /// The statement: ?1 name of the root, ?2 its key. `more_columns` (each with a comma in front) and `more_joins` may
    /// add to the alias `n` of the nodes. Rows may repeat for each row that is joined.
    [[nodiscard]] static std::string sql(const std::string& more_columns = {}, const std::string& more_joins = {});
    /// SQL expressions on `n`: that a node is a table, and the reference that it names.
    static constexpr std::string_view kIsTable = R"(n."NodeType" = 'table')";
    static constexpr std::string_view kReference = R"(n."refName")";
    [[nodiscard]] static int width();
    void add(const backends::Cursor& cursor);
    /// What is visible at the snapshot; empty without a root. Throws Error(Corrupt) when edges are missing; whether the
    /// root is missing, prove_trees tells.
    [[nodiscard]] std::vector<ListedNode> finish();

private:
    struct Edge {
        std::int64_t parent = 0;
        std::int64_t node = 0;
        std::int64_t ordinal = 0;
        bool visible = false;
    };
    struct Node {
        std::optional<NodeRecord> record;  ///< none: not visible
        bool is_there = false;
        bool is_root = false;
        backends::SetSum proof;
        backends::SetSum found;
    };
    std::int64_t snapshot_;
    std::map<std::int64_t, Edge> edges_;
    std::map<std::int64_t, Node> nodes_;
};
/// Format 2: throws Error(Corrupt) unless all nodes and edges of the database have their checksums and none is missing.
/// Nothing in format 1.
void prove_trees(backends::Transaction& tx);
/// The same, and throws when there is a root of that name and key at the snapshot: the tree was looked up and not
/// found.
void prove_no_tree(backends::Transaction& tx, std::string_view root, std::string_view key, std::int64_t snapshot);
/// Calls `add(commit, item)` for what the commits wrote of trees, of all commits or of one. Nodes are named by the
/// commit that wrote them and their place among those of that commit.
void visit_tree_items(backends::Transaction& tx, std::optional<std::int64_t> commit,
                      const std::function<void(std::int64_t commit, Bytes item)>& add);

/// What these commits touched of configurations, by the names of nodes. Not proved: for people to read.
void add_touched(backends::Transaction& tx, CommitRange range, CommitTouches& touches);

/// Format 1: the statement that lists the tree of a root: ?1 its name, ?2 its key, ?3 the snapshot. Cycles do not make
/// it endless.
[[nodiscard]] backends::Fragment tree_fragment(std::string_view root, std::string_view key, std::int64_t snapshot);
inline constexpr int kTreeColumnCount = 12;
/// Its text with more joined to the nodes, which are named `x`: `columns` behind those of the tree, and `joins` (each
/// with its ` LEFT JOIN`).
[[nodiscard]] std::string tree_joined_sql(std::string_view columns, std::string_view joins);
/// SQL expressions on `x`: that a node is a table, the reference that it names, and the snapshot.
inline constexpr std::string_view kTreeIsTable = R"(x."NodeType" = 'table')";
inline constexpr std::string_view kTreeReference = R"(x."refName")";
inline constexpr std::string_view kTreeSnapshot = "?3";
/// Reads the current row of a cursor whose first columns are those of tree_fragment.
[[nodiscard]] ListedNode read_listed_node(const backends::Cursor& cursor);

/// Depth-first order, siblings by ordinal. Empty when nothing was listed. Throws Error(Corrupt) that names the path for
/// a cycle, an edge to a missing node, or two siblings of one name. Pure.
[[nodiscard]] std::vector<TreeNode> build_tree(std::span<const ListedNode> listed);

/// tree_fragment and build_tree.
[[nodiscard]] std::vector<TreeNode> read_tree(backends::Transaction& tx, std::string_view root, std::string_view key,
                                              std::int64_t snapshot);
/// Roots: nodes of type Config without a parent, by name and key.
[[nodiscard]] std::vector<NodeRecord> read_roots(backends::Transaction& tx, std::int64_t snapshot);

/// A named reference that a table node of a configuration refers to.
struct ReferenceUse {
    std::string ref_name;
    std::string root;  ///< the configuration
    std::string key;
};
/// Each use once, of all configurations of this database; trees that are not sound are listed as far as they reach
/// their root.
[[nodiscard]] std::vector<ReferenceUse> read_uses(backends::Transaction& tx, std::int64_t snapshot);
/// Paths (as far as they can be told) of nodes that hang on no root, for error messages.
[[nodiscard]] std::vector<std::string> find_orphans(backends::Transaction& tx, std::int64_t snapshot);

/// Edges from or to nodes that are not there.
[[nodiscard]] std::int64_t count_stray_edges(backends::Transaction& tx);

/// A commit as this room needs it.
using TreeCommit = WriteStamp;

/// Adds or replaces nodes below their roots, in order. Missing directories are made; a node whose content is unchanged
/// is left; a replaced node keeps its place and its children. Throws Error(BadInput) naming the path: empty names, a
/// leaf used as a directory, a directory with children turned into a leaf, a bad element list or version chain is the
/// caller's check; with OnExisting::Refuse also for nodes that would be replaced. Returns the number of nodes written.
std::size_t write_nodes(backends::Transaction& tx, std::span<const NodeSpec> specs, OnExisting on_existing,
                        const TreeCommit& commit);
/// Retires a node of the configuration whose name is the first part of `path` (`key` empty: `default`), and all below
/// it; returns their paths. Throws Error(Unknown) with the nearest path, Error(Refused) for a node with others below it
/// unless `recursive`.
std::vector<std::string> remove_nodes(backends::Transaction& tx, std::string_view path, std::string_view key,
                                      bool recursive, const TreeCommit& commit);
/// Moves a node with all below it to another path of its configuration; of a root, renames the configuration. Throws
/// Error(Unknown) with the nearest path, Error(BadInput) for a path where a node stands, below a leaf, or below the
/// node itself.
void move_node(backends::Transaction& tx, std::string_view path, std::string_view to, std::string_view key,
               const TreeCommit& commit);

/// `Config`, `directory`, `table`, `DB` or nothing.
[[nodiscard]] std::optional<NodeType> find_node_type(std::string_view name) noexcept;

}  // namespace etalon::config_tree
