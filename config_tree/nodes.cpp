#include "config_tree/nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "backends/ddl.h"
#include "base/name_text.h"
#include "base/nearest.h"
#include "base/number_text.h"
#include "base/passwords.h"
#include "config_tree/tables.h"
#include "etalon/error.h"

namespace etalon::config_tree {

using backends::Fragment;
using backends::Sql;
using backends::Transaction;
using backends::Value;
using backends::visible_at;

namespace {

constexpr const char* kNodeColumns = R"(n."Name", n."KeyName", n."NodeType", n."refName", n."DBName", n."version",
n."elementID", n."baseLine", n."comment")";

std::string optional_text(const backends::Cursor& cursor, int column) {
    return cursor.is_null(column) ? std::string() : std::string(cursor.text(column));
}

/// Reads Name and what follows it from column `first` on.
NodeRecord read_node(const backends::Cursor& cursor, std::int64_t id, int first) {
    NodeRecord node;
    node.id = id;
    node.name = cursor.text(first);
    node.key = cursor.text(first + 1);
    const auto type = find_node_type(cursor.text(first + 2));
    if (!type) {
        throw Error(ErrorCode::Corrupt, {"configuration node of an unknown type", node.name,
                                         "Config, directory, table or DB", std::string(cursor.text(first + 2)), ""});
    }
    node.type = *type;
    node.ref_name = optional_text(cursor, first + 3);
    node.db_name = optional_text(cursor, first + 4);
    node.version = optional_text(cursor, first + 5);
    node.elements = optional_text(cursor, first + 6);
    node.base_line = cursor.integer(first + 7) != 0;
    node.comment = optional_text(cursor, first + 8);
    return node;
}

}  // namespace

std::optional<NodeType> find_node_type(std::string_view name) noexcept {
    for (const auto type : {NodeType::Config, NodeType::Directory, NodeType::Table, NodeType::Database}) {
        if (name_of(type) == name) return type;
    }
    return std::nullopt;
}

Fragment tree_fragment(std::string_view root, std::string_view key, std::int64_t snapshot) {
    static const std::string kSql = fmt::format(
        R"(WITH RECURSIVE "tree"("NodeID", "ParentID", "ordinal") AS (
SELECT n."ID", CAST(0 AS bigint), CAST(0 AS bigint) FROM "Nodes" n WHERE n."Name" = ?1 AND n."KeyName" = ?2
AND n."NodeType" = 'Config' AND {0} AND NOT EXISTS (SELECT 1 FROM "NodeRelation" p WHERE p."NodeID" = n."ID" AND {1})
UNION SELECT r."NodeID", r."ParentID", r."ordinal" FROM "tree" t JOIN "NodeRelation" r ON r."ParentID" = t."NodeID"
AND {2})
SELECT t."ParentID", t."NodeID", t."ordinal", {3} FROM "tree" t LEFT JOIN "Nodes" n ON n."ID" = t."NodeID" AND {0})",
        visible_at("n", "?3"), visible_at("p", "?3"), visible_at("r", "?3"), kNodeColumns);
    return {kSql,
            {std::string(root), std::string(key), snapshot},
            {"ParentID", "NodeID", "ordinal", "Name", "KeyName", "NodeType", "refName", "DBName", "version",
             "elementID", "baseLine", "comment"}};
}

std::string tree_joined_sql(std::string_view columns, std::string_view joins) {
    return fmt::format("SELECT x.*, {} FROM ({}) x{}", columns, tree_fragment("", "", 0).sql, joins);
}

ListedNode read_listed_node(const backends::Cursor& cursor) {
    ListedNode listed;
    listed.parent_id = cursor.integer(0);
    listed.node_id = cursor.integer(1);
    listed.ordinal = cursor.integer(2);
    if (!cursor.is_null(3)) listed.node = read_node(cursor, listed.node_id, 3);
    return listed;
}

std::vector<TreeNode> build_tree(std::span<const ListedNode> listed) {
    std::unordered_map<std::int64_t, std::vector<const ListedNode*>> children;
    const ListedNode* root = nullptr;
    for (const auto& one : listed) {
        if (one.parent_id != 0) {
            children[one.parent_id].push_back(&one);
        } else if (root == nullptr) {
            root = &one;
        } else {
            throw Error(ErrorCode::Corrupt, {"two configurations of one name and key", one.node ? one.node->name : "",
                                             "one root", "several", "retire one"});
        }
    }
    std::vector<TreeNode> tree;
    if (root == nullptr) return tree;
    for (auto& [parent, list] : children) {
        std::sort(list.begin(), list.end(), [](const auto* a, const auto* b) {
            return std::pair(a->ordinal, a->node_id) < std::pair(b->ordinal, b->node_id);
        });
    }
    // An explicit stack: a chain of nodes may be longer than the call stack allows.
    struct Step {
        const ListedNode* node;
        std::size_t depth;
        std::string path;
        bool leave = false;
    };
    std::set<std::int64_t> on_path;
    std::vector<Step> stack{{root, 0, ""}};
    while (!stack.empty()) {
        auto step = std::move(stack.back());
        stack.pop_back();
        if (step.leave) {
            on_path.erase(step.node->node_id);
            continue;
        }
        if (!step.node->node) {
            throw Error(ErrorCode::Corrupt, {"orphan edge in a configuration", step.path,
                                             fmt::format("a node with ID {}", step.node->node_id), "none",
                                             "add the node again with 'etalon tree add'"});
        }
        const auto path = step.path.empty() ? step.node->node->name : step.path + "/" + step.node->node->name;
        if (!on_path.insert(step.node->node_id).second) {
            throw Error(ErrorCode::Corrupt, {"cycle in a configuration", path, "a tree",
                                             fmt::format("node {} again below itself", step.node->node_id), ""});
        }
        tree.push_back({*step.node->node, path, step.depth, step.node->parent_id, step.node->ordinal});
        stack.push_back({step.node, step.depth, "", true});
        const auto below = children.find(step.node->node_id);
        if (below == children.end()) continue;
        std::set<std::string_view> names;
        for (auto it = below->second.rbegin(); it != below->second.rend(); ++it) {
            if ((*it)->node && !names.insert((*it)->node->name).second) {
                throw Error(ErrorCode::Corrupt,
                            {"two nodes of one name in a configuration", path + "/" + (*it)->node->name,
                             "unique names among siblings", "two", ""});
            }
            stack.push_back({*it, step.depth + 1, path});
        }
    }
    return tree;
}

std::string TreeReader::sql(const std::string& more_columns, const std::string& more_joins) {
    return fmt::format(R"(WITH RECURSIVE "tree"("EdgeID", "NodeID") AS (
SELECT CAST(0 AS bigint), x."ID" FROM "Nodes" x WHERE x."Name" = ?1 AND x."KeyName" = ?2 AND x."NodeType" = 'Config'
UNION SELECT r."ID", r."NodeID" FROM "tree" t JOIN "NodeRelation" r ON r."ParentID" = t."NodeID")
SELECT t."EdgeID", t."NodeID", {}, {}, s."rowCount", s."rowSum"{} FROM "tree" t
LEFT JOIN "Nodes" n ON n."ID" = t."NodeID" LEFT JOIN "NodeRelation" e ON e."ID" = t."EdgeID"{}{})",
                       node_table().select("n"), edge_table().select("e"), more_columns,
                       backends::join_proof("s", backends::SetKind::Edges, R"(t."NodeID")"), more_joins);
}

int TreeReader::width() {
    return 2 + node_table().width() + edge_table().width() + 2;
}

void TreeReader::add(const backends::Cursor& cursor) {
    const auto& nodes = node_table();
    const auto& edges = edge_table();
    const auto sees = [&](int commit, int retired) {
        const auto gone = cursor.find_integer(retired);
        return cursor.integer(commit) <= snapshot_ && (!gone || *gone > snapshot_);
    };
    constexpr int kNode = 2;
    const int edge_at = kNode + nodes.width();
    const auto edge_id = cursor.integer(0);
    const auto node_id = cursor.integer(1);
    auto& node = nodes_[node_id];
    if (!node.is_there && !cursor.is_null(kNode)) {
        (void)nodes.check(cursor, kNode);
        node.is_there = true;
        node.proof = backends::read_joined_proof(cursor, edge_at + edges.width());
        if (sees(kNode + nodes.at("commitSeq"), kNode + nodes.at("retiredSeq"))) {
            NodeRecord record;
            record.id = node_id;
            const auto text = [&](const char* column) { return optional_text(cursor, kNode + nodes.at(column)); };
            record.name = text("Name");
            record.key = text("KeyName");
            const auto type = find_node_type(text("NodeType"));
            if (!type) {
                throw Error(ErrorCode::Corrupt, {"configuration node of an unknown type", record.name,
                                                 "Config, directory, table or DB", text("NodeType"), ""});
            }
            record.type = *type;
            record.ref_name = text("refName");
            record.db_name = text("DBName");
            record.version = text("version");
            record.elements = text("elementID");
            record.base_line = cursor.integer(kNode + nodes.at("baseLine")) != 0;
            record.comment = text("comment");
            node.record = std::move(record);
        }
    }
    if (edge_id == 0) {
        node.is_root = true;
        return;
    }
    const auto [edge, is_new] = edges_.try_emplace(edge_id);
    if (!is_new) return;
    const auto checksum = edges.check(cursor, edge_at);
    edge->second = {cursor.integer(edge_at + edges.at("ParentID")), cursor.integer(edge_at + edges.at("NodeID")),
                    cursor.integer(edge_at + edges.at("ordinal")),
                    sees(edge_at + edges.at("commitSeq"), edge_at + edges.at("retiredSeq"))};
    nodes_[edge->second.parent].found.add(checksum);
}

std::vector<ListedNode> TreeReader::finish() {
    std::vector<ListedNode> listed;
    bool any_root = false;
    for (const auto& [id, node] : nodes_) {
        if (node.is_there) {
            backends::check_set(node.found, node.proof, backends::SetKind::Edges, fmt::format("node {}", id));
        }
        if (!node.is_root || !node.record) continue;
        any_root = true;
        listed.push_back({0, id, 0, node.record});
    }
    if (!any_root) return {};
    for (const auto& [id, edge] : edges_) {
        if (edge.visible) listed.push_back({edge.parent, edge.node, edge.ordinal, nodes_[edge.node].record});
    }
    return listed;
}

void prove_trees(Transaction& tx) {
    if (!backends::is_proved(tx)) return;
    const auto& edges = edge_table();
    backends::check_set(backends::sum_rows(tx, node_table()), backends::read_set_proof(tx, backends::SetKind::Nodes, 0),
                        backends::SetKind::Nodes, "");
    std::map<std::int64_t, backends::SetSum> found;
    {
        const auto cursor = tx.query(Sql(fmt::format(R"(SELECT {} FROM "NodeRelation" x)", edges.select("x"))), {});
        while (cursor->next()) found[cursor->integer(edges.at("ParentID"))].add(edges.check(*cursor, 0));
    }
    backends::check_all_sets(tx, backends::SetKind::Edges, std::move(found), "node");
}

void prove_no_tree(Transaction& tx, std::string_view root, std::string_view key, std::int64_t snapshot) {
    prove_trees(tx);
    // All of the table, so that no index is asked.
    const auto cursor =
        tx.query(Sql(R"(SELECT "Name", "KeyName", "NodeType", "commitSeq", "retiredSeq" FROM "Nodes")"), {});
    while (cursor->next()) {
        const auto retired = cursor->find_integer(4);
        if (cursor->text(0) == root && cursor->text(1) == key && cursor->text(2) == name_of(NodeType::Config) &&
            cursor->integer(3) <= snapshot && (!retired || *retired > snapshot)) {
            backends::throw_not_found_by_index("Nodes", root);
        }
    }
}

void visit_tree_items(Transaction& tx, std::optional<std::int64_t> commit,
                      const std::function<void(std::int64_t commit, Bytes item)>& add) {
    struct Place {
        std::int64_t commit = 0;
        std::int64_t number = 0;
    };
    std::map<std::int64_t, Place> places;
    const auto wants = [&](std::optional<std::int64_t> of) { return of && (!commit || *of == *commit); };
    {
        std::map<std::int64_t, std::int64_t> numbers;
        const auto cursor = tx.query(Sql(fmt::format(R"(SELECT n."ID", n."commitSeq", n."retiredSeq", {}
FROM "Nodes" n ORDER BY n."ID")",
                                                     kNodeColumns)),
                                     {});
        while (cursor->next()) {
            const auto id = cursor->integer(0);
            const Place place{cursor->integer(1), numbers[cursor->integer(1)]++};
            places[id] = place;
            if (wants(place.commit)) {
                const auto node = read_node(*cursor, id, 3);
                add(place.commit, ItemBuilder(ItemKind::Node)
                                      .number(place.number)
                                      .text(node.name)
                                      .text(node.key)
                                      .text(name_of(node.type))
                                      .text(node.ref_name)
                                      .text(node.db_name)
                                      .text(node.version)
                                      .text(node.elements)
                                      .number(node.base_line ? 1 : 0)
                                      .text(node.comment)
                                      .finish());
            }
            const auto retired = cursor->find_integer(2);
            if (wants(retired)) {
                add(*retired, ItemBuilder(ItemKind::RetiredNode).number(place.commit).number(place.number).finish());
            }
        }
    }
    const auto cursor = tx.query(
        Sql(R"(SELECT "ParentID", "NodeID", "ordinal", "commitSeq", "retiredSeq" FROM "NodeRelation" ORDER BY "ID")"),
        {});
    while (cursor->next()) {
        const auto& parent = places[cursor->integer(0)];
        const auto& node = places[cursor->integer(1)];
        const auto item = [&](ItemKind kind) {
            return ItemBuilder(kind)
                .number(parent.commit)
                .number(parent.number)
                .number(node.commit)
                .number(node.number)
                .number(cursor->integer(2))
                .finish();
        };
        if (wants(cursor->integer(3))) add(cursor->integer(3), item(ItemKind::Edge));
        const auto retired = cursor->find_integer(4);
        if (wants(retired)) add(*retired, item(ItemKind::RetiredEdge));
    }
}

std::vector<TreeNode> read_tree(Transaction& tx, std::string_view root, std::string_view key, std::int64_t snapshot) {
    std::vector<ListedNode> listed;
    if (backends::is_proved(tx)) {
        static const Sql kTree(TreeReader::sql());
        TreeReader reader(snapshot);
        {
            const auto cursor = tx.query(kTree, {std::string(root), std::string(key)});
            while (cursor->next()) reader.add(*cursor);
        }
        listed = reader.finish();
        if (listed.empty()) prove_no_tree(tx, root, key, snapshot);
        return build_tree(listed);
    }
    const auto cursor = tx.query(tree_fragment(root, key, snapshot));
    while (cursor->next()) listed.push_back(read_listed_node(*cursor));
    return build_tree(listed);
}

std::vector<NodeRecord> read_roots(Transaction& tx, std::int64_t snapshot) {
    prove_trees(tx);
    static const Sql kRoots(fmt::format(R"(SELECT n."ID", {} FROM "Nodes" n WHERE n."NodeType" = 'Config' AND {}
AND NOT EXISTS (SELECT 1 FROM "NodeRelation" p WHERE p."NodeID" = n."ID" AND {}) ORDER BY n."Name", n."KeyName")",
                                        kNodeColumns, visible_at("n", "?1"), visible_at("p", "?1")));
    std::vector<NodeRecord> roots;
    const auto cursor = tx.query(kRoots, {snapshot});
    while (cursor->next()) roots.push_back(read_node(*cursor, cursor->integer(0), 1));
    return roots;
}

std::vector<ReferenceUse> read_uses(Transaction& tx, std::int64_t snapshot) {
    prove_trees(tx);
    static const Sql kUses(fmt::format(
        R"(WITH RECURSIVE "up"("ref", "NodeID") AS (
SELECT COALESCE(NULLIF(t."refName", ''), t."Name"), t."ID" FROM "Nodes" t WHERE t."NodeType" = 'table' AND {0}
UNION SELECT u."ref", r."ParentID" FROM "up" u JOIN "NodeRelation" r ON r."NodeID" = u."NodeID" AND {1})
SELECT DISTINCT u."ref", n."Name", n."KeyName" FROM "up" u JOIN "Nodes" n ON n."ID" = u."NodeID"
WHERE n."NodeType" = 'Config' AND {2} AND NOT EXISTS (SELECT 1 FROM "NodeRelation" p WHERE p."NodeID" = n."ID" AND {3})
ORDER BY 1, 2, 3)",
        visible_at("t", "?1"), visible_at("r", "?1"), visible_at("n", "?1"), visible_at("p", "?1")));
    std::vector<ReferenceUse> uses;
    const auto cursor = tx.query(kUses, {snapshot});
    while (cursor->next()) {
        uses.push_back({std::string(cursor->text(0)), std::string(cursor->text(1)), std::string(cursor->text(2))});
    }
    return uses;
}

std::vector<std::string> find_orphans(Transaction& tx, std::int64_t snapshot) {
    prove_trees(tx);
    static const Sql kNodes(fmt::format(R"(SELECT n."ID", n."Name", r."ParentID", n."NodeType" FROM "Nodes" n
LEFT JOIN "NodeRelation" r ON r."NodeID" = n."ID" AND {} WHERE {} ORDER BY n."ID")",
                                        visible_at("r", "?1"), visible_at("n", "?1")));
    struct Node {
        std::string name;
        std::optional<std::int64_t> parent;
        bool is_root = false;
    };
    std::map<std::int64_t, Node> nodes;
    {
        const auto cursor = tx.query(kNodes, {snapshot});
        while (cursor->next()) {
            const auto parent = cursor->find_integer(2);
            nodes[cursor->integer(0)] = {std::string(cursor->text(1)), parent, !parent && cursor->text(3) == "Config"};
        }
    }
    std::vector<std::string> orphans;
    for (const auto& [id, node] : nodes) {
        std::string path = node.name;
        std::set<std::int64_t> seen{id};
        auto at = nodes.find(id);
        while (at != nodes.end() && !at->second.is_root) {
            if (!at->second.parent) break;
            const auto above = nodes.find(*at->second.parent);
            if (above == nodes.end() || !seen.insert(above->first).second) break;
            path = above->second.name + "/" + path;
            at = above;
        }
        if (!at->second.is_root) orphans.push_back(path);
    }
    return orphans;
}

namespace {

/// The visible nodes below one root, as they stand while nodes are written.
class TreeEditor {
public:
    TreeEditor(Transaction& tx, const TreeCommit& commit, std::string root, std::string key)
        : tx_(tx), commit_(commit), root_(std::move(root)), key_(std::move(key)) {
        for (auto& node : read_tree(tx_, root_, key_, commit_.commit)) {
            auto path = node.path;
            keep(path, std::move(node));
        }
    }

    /// A node other than `spec` stands at its path.
    [[nodiscard]] bool stands_otherwise(const NodeSpec& spec, const std::vector<std::string>& parts) const {
        const auto known = nodes_.find(spec.path);
        if (known == nodes_.end()) return false;
        NodeRecord wanted;
        wanted.name = parts.back();
        describe(wanted, spec, parts.size() == 1);
        return !same(known->second.node, wanted);
    }

    std::vector<std::string> remove(const std::string& path, bool recursive) {
        const auto found = subtree(path);
        if (found.size() > 1 && !recursive) {
            throw Error(ErrorCode::Refused,
                        {"a node with others below it is not removed", path, "a node without any",
                         fmt::format("{} below it", found.size() - 1), "'tree remove --recursive' removes them too"});
        }
        for (const auto& one : found) retire(nodes_.at(one).node.id);
        return found;
    }

    /// `parts` are those of the new path.
    void move(const std::string& path, const std::string& to, const std::vector<std::string>& parts) {
        const auto old = get(path);
        const bool is_root = old.parent_id == 0;
        if (to == path || to.starts_with(path + "/")) refuse_move("a node is not moved to below itself", to, path);
        if (is_root != (parts.size() == 1)) {
            refuse_move(
                is_root ? "a configuration is not moved into another" : "a node does not become a configuration", to,
                path);
        }
        if (!is_root && parts.front() != root_)
            refuse_move("a node stays in its configuration", to, "configuration " + root_);
        if (nodes_.contains(to) || (is_root && !read_tree(tx_, to, key_, commit_.commit).empty()))
            refuse_move("there is a node already", to, "a new path");
        auto wanted = old.node;
        wanted.name = parts.back();
        check_name_text(wanted.name, "configuration node");
        std::int64_t parent = 0;
        std::string above;
        for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
            above += (i == 0 ? "" : "/") + parts[i];
            (void)step_down(above, parts[i], parent);
        }
        const auto family = families_[old.node.id];
        retire(old.node.id);
        const auto id = insert(std::move(wanted), to, parent, next_ordinal(parent));
        for (const auto& below : family.children) relate(id, nodes_.at(below).node.id, nodes_.at(below).ordinal);
    }

    std::size_t put(const NodeSpec& spec, const std::vector<std::string>& parts) {
        std::size_t written = 0;
        std::string path;
        std::int64_t parent = 0;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            path += (i == 0 ? "" : "/") + parts[i];
            if (i + 1 != parts.size()) {
                if (step_down(path, parts[i], parent)) ++written;
                continue;
            }
            NodeRecord wanted;
            wanted.name = parts[i];
            wanted.key = i == 0 ? key_ : "";
            describe(wanted, spec, i == 0);
            const auto known = nodes_.find(path);
            check_new_names(wanted, known == nodes_.end() ? nullptr : &known->second.node);
            if (known == nodes_.end()) {
                (void)insert(wanted, path, parent, next_ordinal(parent));
                ++written;
            } else if (!same(known->second.node, wanted)) {
                replace(known->second, wanted);
                ++written;
            }
        }
        return written;
    }

private:
    [[noreturn]] static void refuse_move(std::string what, const std::string& to, std::string expected) {
        throw Error(ErrorCode::BadInput, {std::move(what), to, std::move(expected), "", ""});
    }

    /// Throws Error(Unknown) with the nearest path.
    [[nodiscard]] const TreeNode& get(const std::string& path) const {
        if (const auto found = nodes_.find(path); found != nodes_.end()) return found->second;
        std::vector<std::string> known;
        for (const auto& [one, node] : nodes_) known.push_back(one);
        throw Error(ErrorCode::Unknown, {"no node at that path", path, known.empty() ? "a configuration " + root_ : "",
                                         known.empty() ? "none with key " + key_ : "",
                                         known.empty() ? "see 'etalon tree show'" : did_you_mean(path, known)});
    }

    /// The paths of a node and of all below it.
    [[nodiscard]] std::vector<std::string> subtree(const std::string& path) const {
        (void)get(path);
        std::vector<std::string> found;
        for (const auto& [one, node] : nodes_) {
            if (one == path || one.starts_with(path + "/")) found.push_back(one);
        }
        return found;
    }

    /// Goes from `parent` to the directory at `path`, which is made when there is none; true then.
    bool step_down(const std::string& path, const std::string& name, std::int64_t& parent) {
        const auto known = nodes_.find(path);
        if (known != nodes_.end()) {
            const auto type = known->second.node.type;
            if (type != NodeType::Config && type != NodeType::Directory) {
                throw Error(ErrorCode::BadInput,
                            {"a leaf cannot have nodes below it", path, "a directory", std::string(name_of(type)), ""});
            }
            parent = known->second.node.id;
            return false;
        }
        NodeRecord wanted;
        wanted.name = name;
        wanted.key = parent == 0 ? key_ : "";
        wanted.type = parent == 0 ? NodeType::Config : NodeType::Directory;
        check_new_names(wanted, nullptr);
        parent = insert(std::move(wanted), path, parent, next_ordinal(parent));
        return true;
    }

    /// Retires a node with its edges.
    void retire(std::int64_t id) {
        static const Sql kEdges(R"(SELECT "ID", "ParentID" FROM "NodeRelation" WHERE ("NodeID" = ?1 OR "ParentID" = ?1)
AND "retiredSeq" IS NULL)");
        backends::update_in_set(tx_, node_table(), backends::SetKind::Nodes, 0, id, {{"retiredSeq", commit_.commit}});
        std::vector<std::pair<std::int64_t, std::int64_t>> edges;
        {
            const auto cursor = tx_.query(kEdges, {id});
            while (cursor->next()) edges.emplace_back(cursor->integer(0), cursor->integer(1));
        }
        for (const auto& [edge, of_parent] : edges) {
            backends::update_in_set(tx_, edge_table(), backends::SetKind::Edges, of_parent, edge,
                                    {{"retiredSeq", commit_.commit}});
        }
    }

    /// Throws Error(BadInput) for a name that none may have, unless the node has it already. The reference of a table
    /// is recorded, whatever its name is.
    static void check_new_names(const NodeRecord& wanted, const NodeRecord* known) {
        if (known == nullptr) {
            check_name_text(wanted.name, "configuration node");
            if (wanted.type == NodeType::Config) check_name_text(wanted.key, "key of a configuration");
        }
        if (wanted.type == NodeType::Database) {
            if (known == nullptr || known->db_name != wanted.db_name) check_name_text(wanted.db_name, "database");
            if (known == nullptr || known->ref_name != wanted.ref_name)
                check_name_text(wanted.ref_name, "configuration in another database");
        }
        check_free_text(wanted.version, "version chain");
        check_free_text(wanted.comment, "comment");
    }

    static void describe(NodeRecord& wanted, const NodeSpec& spec, bool is_root) {
        if (is_root != (spec.type == NodeType::Config)) {
            throw Error(ErrorCode::BadInput, {"node of a type that cannot stand there", spec.path,
                                              is_root ? "Config at the root" : "directory, table or DB below the root",
                                              std::string(name_of(spec.type)), ""});
        }
        wanted.type = spec.type;
        wanted.comment = without_passwords(spec.comment);
        if (spec.type == NodeType::Table || spec.type == NodeType::Database) {
            wanted.ref_name = spec.ref_name.empty() ? wanted.name : spec.ref_name;
            wanted.version = spec.version;
        }
        if (spec.type == NodeType::Database) wanted.db_name = spec.db_name.empty() ? wanted.name : spec.db_name;
        if (spec.type == NodeType::Table) {
            wanted.elements = spec.elements;
            wanted.base_line = spec.base_line;
        }
    }

    static bool same(const NodeRecord& a, const NodeRecord& b) {
        return a.type == b.type && a.ref_name == b.ref_name && a.db_name == b.db_name && a.version == b.version &&
               a.elements == b.elements && a.base_line == b.base_line && a.comment == b.comment;
    }

    [[nodiscard]] std::int64_t next_ordinal(std::int64_t parent) const {
        const auto known = families_.find(parent);
        return known == families_.end() ? 0 : known->second.next_ordinal;
    }

    /// Knows a node at a path from now on, in the place of one that is there.
    void keep(const std::string& path, TreeNode node) {
        auto& family = families_[node.parent_id];
        family.next_ordinal = std::max(family.next_ordinal, node.ordinal + 1);
        family.children.insert(path);
        nodes_[path] = std::move(node);
    }

    std::int64_t insert(NodeRecord node, const std::string& path, std::int64_t parent, std::int64_t ordinal) {
        node.id = node_table().next_id(tx_);
        backends::insert_into_set(
            tx_, node_table(), backends::SetKind::Nodes, 0,
            {node.id, node.name, node.key, std::string(name_of(node.type)), node.ref_name, node.db_name, node.version,
             node.elements, static_cast<std::int64_t>(node.base_line ? 1 : 0), commit_.commit, Value{},
             commit_.entry_time, node.comment});
        if (parent != 0) relate(parent, node.id, ordinal);
        const auto id = node.id;
        keep(path, TreeNode{std::move(node), path, 0, parent, ordinal});
        return id;
    }

    void relate(std::int64_t parent, std::int64_t child, std::int64_t ordinal) {
        backends::insert_into_set(
            tx_, edge_table(), backends::SetKind::Edges, parent,
            {edge_table().next_id(tx_), parent, child, ordinal, commit_.commit, Value{}, commit_.entry_time, Value{}});
    }

    void replace(const TreeNode& old, const NodeRecord& wanted) {
        const auto old_id = old.node.id;
        const auto parent = old.parent_id;
        const auto ordinal = old.ordinal;
        const auto path = old.path;
        const auto family = families_[old_id];
        if (!family.children.empty() && wanted.type != NodeType::Config && wanted.type != NodeType::Directory) {
            throw Error(ErrorCode::BadInput, {"a directory with nodes below it cannot become a leaf", path, "directory",
                                              std::string(name_of(wanted.type)), "choose another path"});
        }
        retire(old_id);
        const auto id = insert(wanted, path, parent, ordinal);
        for (const auto& below : family.children) {
            auto& child = nodes_.at(below);
            relate(id, child.node.id, child.ordinal);
            child.parent_id = id;
        }
        families_[id] = family;
        families_.erase(old_id);
    }

    Transaction& tx_;
    TreeCommit commit_;
    std::string root_;
    std::string key_;
    /// What stands below one node.
    struct Family {
        std::int64_t next_ordinal = 0;
        std::set<std::string> children;  ///< their paths
    };
    std::map<std::string, TreeNode> nodes_;    ///< by path
    std::map<std::int64_t, Family> families_;  ///< by the ID of the node
};

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    while (true) {
        const auto to = std::min(path.find('/', from), path.size());
        parts.emplace_back(path.substr(from, to - from));
        const auto& part = parts.back();
        const auto control =
            std::find_if(part.begin(), part.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
        if (part.empty() || part == "." || part == ".." || control != part.end()) {
            throw Error(
                ErrorCode::BadInput,
                {"bad path of a configuration node", fmt::format("'{}'", path),
                 "names joined by '/', such as Production/tpc/tpcElectronics",
                 part.empty()            ? "an empty name"
                 : control != part.end() ? describe_character(part, static_cast<std::size_t>(control - part.begin()))
                                         : fmt::format("'{}'", part),
                 ""});
        }
        if (to == path.size()) return parts;
        from = to + 1;
    }
}

}  // namespace

namespace {

/// The items of a commit, of what it wrote of trees.
void add_items(Transaction& tx, const TreeCommit& commit) {
    if (commit.items == nullptr) return;
    visit_tree_items(tx, commit.commit, [&](std::int64_t, Bytes item) { commit.add(std::move(item)); });
}

std::string key_or_default(std::string_view key) {
    return key.empty() ? "default" : std::string(key);
}

/// The configurations that a list of nodes changes.
class TreeEditors {
public:
    TreeEditors(Transaction& tx, const TreeCommit& commit) : tx_(tx), commit_(commit) {}

    TreeEditor& get(const std::string& root, std::string_view asked_key) {
        const auto key = key_or_default(asked_key);
        // PostgreSQL keeps UTF-8 only, and cannot be asked for anything else.
        if (tx_.engine() == backends::Engine::Postgres && !(is_utf8(root) && is_utf8(key))) {
            check_name_text(root, "configuration node");
            check_name_text(key, "key of a configuration");
        }
        return editors_.try_emplace({root, key}, tx_, commit_, root, key).first->second;
    }

private:
    Transaction& tx_;
    TreeCommit commit_;
    std::map<std::pair<std::string, std::string>, TreeEditor> editors_;
};

void refuse_existing(TreeEditors& editors, std::span<const NodeSpec> specs) {
    std::vector<std::string> existing;
    std::set<std::pair<std::string, std::string>> seen;
    for (const auto& spec : specs) {
        const auto parts = split_path(spec.path);
        if (!seen.emplace(spec.path, key_or_default(spec.key)).second) {
            throw Error(ErrorCode::BadInput, {"a node is given twice", spec.path, "each path once", "", ""});
        }
        if (editors.get(parts.front(), spec.key).stands_otherwise(spec, parts)) existing.push_back(spec.path);
    }
    if (existing.empty()) return;
    throw Error(
        ErrorCode::BadInput,
        {existing.size() == 1 ? "there is another node already" : "there are other nodes already", existing.front(),
         "new paths", existing.size() == 1 ? "" : fmt::format("{} paths with nodes", existing.size()),
         "'tree add --replace' replaces what is there; 'tree show' lists it"});
}

}  // namespace

std::size_t write_nodes(Transaction& tx, std::span<const NodeSpec> specs, OnExisting on_existing,
                        const TreeCommit& commit) {
    TreeEditors editors(tx, commit);
    if (on_existing == OnExisting::Refuse) refuse_existing(editors, specs);
    std::size_t written = 0;
    for (const auto& spec : specs) {
        const auto parts = split_path(spec.path);
        written += editors.get(parts.front(), spec.key).put(spec, parts);
    }
    if (written != 0) add_items(tx, commit);
    return written;
}

std::vector<std::string> remove_nodes(Transaction& tx, std::string_view path, std::string_view key, bool recursive,
                                      const TreeCommit& commit) {
    const auto parts = split_path(path);
    auto removed = TreeEditors(tx, commit).get(parts.front(), key).remove(std::string(path), recursive);
    add_items(tx, commit);
    return removed;
}

void move_node(Transaction& tx, std::string_view path, std::string_view to, std::string_view key,
               const TreeCommit& commit) {
    const auto root = split_path(path).front();
    TreeEditors(tx, commit).get(root, key).move(std::string(path), std::string(to), split_path(to));
    add_items(tx, commit);
}

void add_touched(Transaction& tx, CommitRange range, CommitTouches& touches) {
    static const Sql kWritten(R"(SELECT "commitSeq", "Name", count(*) FROM "Nodes"
WHERE "commitSeq" BETWEEN ?1 AND ?2 GROUP BY "commitSeq", "Name")");
    static const Sql kRetired(R"(SELECT "retiredSeq", "Name", count(*) FROM "Nodes"
WHERE "retiredSeq" BETWEEN ?1 AND ?2 GROUP BY "retiredSeq", "Name")");
    for (const bool retired : {false, true}) {
        const auto cursor = tx.query(retired ? kRetired : kWritten, {range.first, range.last});
        while (cursor->next()) {
            auto& touch = touches.at(cursor->integer(0), Touched::Node, std::string(cursor->text(1)));
            (retired ? touch.retired : touch.written) = static_cast<std::uint64_t>(cursor->integer(2));
        }
    }
}

std::int64_t count_stray_edges(Transaction& tx) {
    static const Sql kCount(R"(SELECT count(*) FROM "NodeRelation" r WHERE NOT EXISTS (
SELECT 1 FROM "Nodes" n WHERE n."ID" = r."NodeID") OR NOT EXISTS (SELECT 1 FROM "Nodes" n WHERE n."ID" = r."ParentID"))");
    const auto cursor = tx.query(kCount, {});
    return cursor->next() ? cursor->integer(0) : 0;
}

}  // namespace etalon::config_tree
