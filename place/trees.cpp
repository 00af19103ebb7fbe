#include "place/trees.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>

#include "backends/proof.h"
#include "etalon/error.h"
#include "etalon/request.h"
#include "index/chain.h"
#include "index/commits.h"
#include "index/names.h"
#include "place/place.h"
#include "store/catalog.h"
#include "store/tables.h"

namespace etalon::place {

using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::TransactionMode;

namespace {

/// `known`: references that are there.
void check_spec(Place& db, Transaction& tx, const NodeSpec& spec, std::set<std::string>& known) {
    try {
        if (!spec.version.empty()) (void)index::parse_chain(spec.version);
        if (!spec.elements.empty()) (void)parse_elements(spec.elements);
        if (spec.type == NodeType::Table) {
            const auto leaf = spec.path.substr(spec.path.find_last_of('/') + 1);
            const auto& reference = spec.ref_name.empty() ? leaf : spec.ref_name;
            if (known.insert(reference).second) (void)db.get_name(tx, reference, kPlusInfinity);
        }
    } catch (const Error& error) {
        throw error.within("node " + spec.path);
    }
}

/// Format 1: the tree with its references, their policies and structs, in one statement.
const Sql& tree_sql() {
    static const Sql kSql(config_tree::tree_joined_sql(
        fmt::format("{}, {}", index::joined_name_columns(), store::joined_struct_columns()),
        index::join_names(config_tree::kTreeIsTable, config_tree::kTreeReference, config_tree::kTreeSnapshot) +
            store::join_struct("s", R"(n."structID")")));
    return kSql;
}

/// Reads the reference behind the tree's columns; makes sure that its struct is known without its schema versions.
std::shared_ptr<NameEntry> read_reference(Place& db, Transaction& tx, const backends::Cursor& cursor,
                                          std::int64_t snapshot, std::vector<std::int64_t>& unknown_structs) {
    constexpr int kFirst = config_tree::kTreeColumnCount;
    auto record = index::read_joined_name(cursor, kFirst);
    if (!record) return nullptr;
    auto entry = std::make_shared<NameEntry>();
    entry->snapshot = snapshot;
    entry->record = *std::move(record);
    if (tx.engine() == Engine::Sqlite) {
        unknown_structs.push_back(entry->record.struct_id);
    } else {
        entry->of_struct = db.know_struct(store::read_joined_struct(cursor, kFirst + index::kJoinedNameColumns));
    }
    return entry;
}

/// Format 2: the tree with its references, all their policies and their structs, in one statement.
const Sql& proved_tree_sql() {
    static const Sql kSql(config_tree::TreeReader::sql(
        fmt::format(", {}, {}", index::NameReader::columns("q", "p", "sp"), store::structure_table().select("st")),
        index::NameReader::join_name("q", config_tree::TreeReader::kIsTable, config_tree::TreeReader::kReference) +
            index::NameReader::joins("q", "p", "sp") + store::join_struct("st", R"(q."structID")")));
    return kSql;
}

std::vector<config_tree::TreeNode> build_placed_tree(std::span<const config_tree::ListedNode> listed, const Place& db,
                                                     std::string_view place) {
    try {
        return config_tree::build_tree(listed);
    } catch (const Error& error) {
        throw error.at(fmt::format("{}{} in database {}", place, error.info().where, db.name()));
    }
}

TreePtr read_proved_tree(Place& db, Transaction& tx, std::string_view root, std::string_view key, std::int64_t snapshot,
                         std::string_view place) {
    config_tree::TreeReader nodes(snapshot);
    index::NameReader names(snapshot);
    {
        const auto cursor = tx.query(proved_tree_sql(), {std::string(root), std::string(key)});
        const int of_name = config_tree::TreeReader::width();
        const int of_struct = of_name + index::NameReader::width();
        while (cursor->next()) {
            nodes.add(*cursor);
            if (cursor->is_null(of_name)) continue;
            names.add(*cursor, of_name);
            (void)db.know_struct(store::read_proved_struct(*cursor, of_struct));
        }
    }
    const auto listed = nodes.finish();
    auto tree = std::make_shared<KnownTree>();
    if (listed.empty()) {
        config_tree::prove_no_tree(tx, root, key, snapshot);
        return tree;
    }
    for (auto& record : names.finish()) {
        auto entry = std::make_shared<NameEntry>();
        entry->snapshot = snapshot;
        // On PostgreSQL the versions come along with the answers.
        entry->of_struct = tx.engine() == Engine::Sqlite ? db.get_struct(tx, record.struct_id)
                                                         : db.find_known_struct(record.struct_id);
        entry->record = std::move(record);
        tree->names[entry->record.name] = entry;
    }
    tree->nodes = build_placed_tree(listed, db, place);
    return tree;
}

/// Reads a tree and what its references are, in one statement on PostgreSQL.
TreePtr read_known_tree(Place& db, Transaction& tx, std::string_view root, std::string_view key, std::int64_t snapshot,
                        std::string_view place) {
    if (backends::is_proved(tx)) return read_proved_tree(db, tx, root, key, snapshot, place);
    auto tree = std::make_shared<KnownTree>();
    std::vector<config_tree::ListedNode> listed;
    std::vector<std::int64_t> unknown_structs;
    {
        const auto fragment = config_tree::tree_fragment(root, key, snapshot);
        const auto cursor = tx.query(tree_sql(), fragment.bindings);
        while (cursor->next()) {
            listed.push_back(config_tree::read_listed_node(*cursor));
            const auto& node = listed.back().node;
            if (!node || node->type != NodeType::Table || tree->names.contains(node->ref_name)) continue;
            auto entry = read_reference(db, tx, *cursor, snapshot, unknown_structs);
            if (!entry) continue;
            entry->record.name = node->ref_name;
            tree->names[node->ref_name] = std::move(entry);
        }
    }
    if (!unknown_structs.empty()) {
        for (auto& [name, entry] : tree->names) entry->of_struct = db.get_struct(tx, entry->record.struct_id);
    }
    tree->nodes = build_placed_tree(listed, db, place);
    return tree;
}

}  // namespace

std::int64_t write_tree(Place& db, std::span<const NodeSpec> nodes, const WriteContext& context,
                        OnExisting on_existing) {
    if (nodes.empty()) throw Error(ErrorCode::Usage, {"no nodes to add", db.name(), "at least one node", "none", ""});
    Commit commit(db, context);
    const auto& stamp = commit.take_number();
    std::set<std::string> known;
    for (const auto& spec : nodes) check_spec(db, commit.tx(), spec, known);
    if (config_tree::write_nodes(commit.tx(), nodes, on_existing, stamp.for_rooms()) == 0) return 0;
    return commit.finish();
}

RemovedNodes remove_from_tree(Place& db, std::string_view path, std::string_view key, bool recursive,
                              const WriteContext& context) {
    RemovedNodes removed;
    Commit commit(db, context);
    const auto& stamp = commit.take_number();
    removed.paths = config_tree::remove_nodes(commit.tx(), path, key, recursive, stamp.for_rooms());
    if (!context.dry_run) removed.commit = commit.finish();
    return removed;
}

std::int64_t move_in_tree(Place& db, std::string_view path, std::string_view to, std::string_view key,
                          const WriteContext& context) {
    Commit commit(db, context);
    config_tree::move_node(commit.tx(), path, to, key, commit.take_number().for_rooms());
    return commit.finish();
}

TreePtr get_known_tree(Place& db, Transaction& tx, std::string_view root, std::string_view key, std::int64_t snapshot,
                       std::string_view place) {
    if (snapshot != db.snapshot()) return read_known_tree(db, tx, root, key, snapshot, place);
    if (auto known = db.find_tree(root, key)) return known;
    auto tree = read_known_tree(db, tx, root, key, snapshot, place);
    // A root that is not there may be asked for in many spellings.
    if (!tree->nodes.empty()) db.keep_tree(root, key, tree);
    return tree;
}

}  // namespace etalon::place
