#include "database/trees.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "database/registrar.h"
#include "database/writer.h"
#include "etalon/error.h"
#include "index/chain.h"
#include "index/commits.h"

namespace etalon::database {

using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::TransactionMode;
using detail::DatabaseImpl;

namespace {

constexpr const char* kDefaultKey = "default";

NodeSpec spec_of(const config_tree::TreeNode& node, std::string_view key) {
    NodeSpec spec;
    spec.path = node.path;
    spec.key = key;
    spec.type = node.node.type;
    spec.ref_name = node.node.ref_name;
    spec.db_name = node.node.db_name;
    spec.version = node.node.version;
    spec.elements = node.node.elements;
    spec.base_line = node.node.base_line;
    spec.comment = node.node.comment;
    return spec;
}

void check_spec(DatabaseImpl& db, Transaction& tx, const NodeSpec& spec) {
    const auto blame = [&](const Error& error) {
        auto info = error.info();
        info.where = fmt::format("node {}{}{}", spec.path, info.where.empty() ? "" : ": ", info.where);
        return Error(error.code(), std::move(info));
    };
    try {
        if (!spec.version.empty()) (void)index::parse_chain(spec.version);
        if (!spec.elements.empty()) (void)parse_elements(spec.elements);
        if (spec.type == NodeType::Table) {
            const auto leaf = spec.path.substr(spec.path.find_last_of('/') + 1);
            (void)plan_existing(db, tx, spec.ref_name.empty() ? leaf : spec.ref_name);
        }
    } catch (const Error& error) {
        throw blame(error);
    }
}

/// The tree with its references, and their policies, in one statement.
const Sql& tree_sql() {
    static const auto kSql = [] {
        return Sql(fmt::format(
            R"(SELECT x.*, n."ID", n."structID", n."axis", n."viewName", p."orderPolicy", p."storage", p."coverage",
s."name", s."lastSchemaID", s."isBinary", s."tableName"
FROM ({}) x LEFT JOIN "namedRef" n ON x."NodeType" = 'table' AND n."name" = x."refName"
LEFT JOIN "structure" s ON s."ID" = n."structID"
LEFT JOIN "namedRefPolicy" p ON p."ID" = (SELECT q."ID" FROM "namedRefPolicy" q WHERE q."nameID" = n."ID"
AND q."commitSeq" <= ?3 ORDER BY q."commitSeq" DESC LIMIT 1))",
            config_tree::tree_fragment("", "", 0).sql));
    }();
    return kSql;
}

/// Reads the reference behind the tree's columns; makes sure that its struct is known without its schema versions.
std::shared_ptr<NameEntry> read_reference(DatabaseImpl& db, Transaction& tx, const backends::Cursor& cursor,
                                          std::int64_t snapshot, std::vector<std::int64_t>& unknown_structs) {
    constexpr int kFirst = config_tree::kTreeColumnCount;
    if (cursor.is_null(kFirst)) return nullptr;
    auto entry = std::make_shared<NameEntry>();
    entry->snapshot = snapshot;
    auto& record = entry->record;
    record.id = cursor.integer(kFirst);
    record.struct_id = cursor.integer(kFirst + 1);
    record.axis = static_cast<Axis>(cursor.integer(kFirst + 2));
    if (!cursor.is_null(kFirst + 3)) record.view_name = cursor.text(kFirst + 3);
    record.has_policy = !cursor.is_null(kFirst + 4);
    if (record.has_policy) {
        record.policy = static_cast<OrderPolicy>(cursor.integer(kFirst + 4));
        record.storage = static_cast<Storage>(cursor.integer(kFirst + 5));
    }
    if (!cursor.is_null(kFirst + 6)) record.coverage = parse_coverage(cursor.text(kFirst + 6));
    if (tx.engine() == Engine::Sqlite) {
        unknown_structs.push_back(record.struct_id);
    } else {
        store::StructRecord of_struct{record.struct_id, std::string(cursor.text(kFirst + 7)), cursor.integer(kFirst + 8),
                                      cursor.integer(kFirst + 9) != 0,
                                      cursor.is_null(kFirst + 10) ? std::string() : std::string(cursor.text(kFirst + 10))};
        entry->of_struct = db.know_struct(std::move(of_struct));
    }
    return entry;
}

}  // namespace

std::int64_t write_tree(DatabaseImpl& db, std::span<const NodeSpec> nodes, const CommitInfo& info) {
    if (nodes.empty()) throw Error(ErrorCode::Usage, {"no nodes to add", db.name, "at least one node", "none", ""});
    const auto tx = db.connection->begin(TransactionMode::Write);
    index::lock_tables(*tx, index::TableUse::Fill);
    const auto stamp = index::begin_commit(*tx, now());
    for (const auto& spec : nodes) check_spec(db, *tx, spec);
    if (config_tree::write_nodes(*tx, nodes, {stamp.seq, stamp.entry_time}) == 0) return 0;
    index::write_commit_log(*tx, stamp, complete(info));
    tx->commit();
    return stamp.seq;
}

std::vector<NodeSpec> list_tree(DatabaseImpl& db, std::string_view root, std::string_view key,
                                const std::optional<AsOf>& as_of) {
    const auto tx = db.connection->begin(TransactionMode::Read);
    const auto snapshot = db.resolve(*tx, as_of);
    const std::string_view used_key = key.empty() ? kDefaultKey : key;
    std::vector<NodeSpec> specs;
    for (const auto& node : config_tree::read_tree(*tx, root, used_key, snapshot)) specs.push_back(spec_of(node, used_key));
    return specs;
}

std::vector<NodeSpec> list_roots(DatabaseImpl& db) {
    const auto tx = db.connection->begin(TransactionMode::Read);
    const auto orphans = config_tree::find_orphans(*tx, db.snapshot);
    if (!orphans.empty()) {
        throw Error(ErrorCode::Corrupt, {"configuration nodes that hang on no root",
                                         fmt::format("{} in database {}", orphans.front(), db.name),
                                         "every node below a Config", fmt::format("{} without", orphans.size()),
                                         "add their parents with 'etalon tree add'"});
    }
    std::vector<NodeSpec> specs;
    for (const auto& node : config_tree::read_roots(*tx, db.snapshot)) {
        NodeSpec spec;
        spec.path = node.name;
        spec.key = node.key;
        spec.type = NodeType::Config;
        spec.comment = node.comment;
        specs.push_back(std::move(spec));
    }
    return specs;
}

namespace {

/// Reads a tree and what its references are, in one statement on PostgreSQL.
TreePtr read_known_tree(DatabaseImpl& db, Transaction& tx, std::string_view root, std::string_view key,
                        std::int64_t snapshot, std::string_view place) {
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
    try {
        tree->nodes = config_tree::build_tree(listed);
    } catch (const Error& error) {
        auto info = error.info();
        info.where = fmt::format("{}{} in database {}", place, info.where, db.name);
        throw Error(error.code(), std::move(info));
    }
    return tree;
}

/// The same, kept while the Database stays at its snapshot.
TreePtr get_known_tree(DatabaseImpl& db, Transaction& tx, std::string_view root, std::string_view key,
                       std::int64_t snapshot, std::string_view place) {
    if (snapshot != db.snapshot) return read_known_tree(db, tx, root, key, snapshot, place);
    const auto known = db.trees.find({std::string(root), std::string(key)});
    if (known != db.trees.end()) return known->second;
    auto tree = read_known_tree(db, tx, root, key, snapshot, place);
    // A root that is not there may be asked for in many spellings.
    if (!tree->nodes.empty()) db.trees[{std::string(root), std::string(key)}] = tree;
    return tree;
}

}  // namespace

FetchedTree fetch_tree(DatabaseImpl& db, std::string_view root, std::string_view key,
                       const ConfigurationRequest& request, std::string_view place) {
    const auto tx = db.connection->begin(TransactionMode::Read);
    const auto snapshot = db.resolve(*tx, request.as_of);
    const auto recorded = get_known_tree(db, *tx, root, key, snapshot, place);
    const auto& names = recorded->names;
    FetchedTree tree;
    tree.nodes = recorded->nodes;
    tree.answers.resize(tree.nodes.size());

    struct Asked {
        std::size_t node = 0;
        NameEntry* name = nullptr;
        std::vector<std::int64_t> elements;
        std::size_t first = 0;   // its first question
        Position at;
    };
    std::vector<Asked> asked;
    std::vector<Question> questions;
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        const auto& node = tree.nodes[i].node;
        if (node.type != NodeType::Table) continue;
        const auto shown_path = [&] { return fmt::format("{}{}", place, tree.nodes[i].path); };
        const auto known = names.find(node.ref_name);
        if (known == names.end()) {
            throw Error(ErrorCode::Unknown, {"unknown named reference in a configuration",
                                             fmt::format("node {} in database {}", shown_path(), db.name), "a registered name",
                                             fmt::format("'{}'", node.ref_name),
                                             "register its struct, or change the node with 'etalon tree add'"});
        }
        Asked one{i, known->second.get(), {0}, questions.size(), {}};
        const auto axis = one.name->record.axis;
        if (!node.base_line && !(axis == Axis::Time ? request.time.has_value() : request.run.has_value())) {
            throw Error(ErrorCode::WrongAxis,
                        {"a configuration has a node on an axis that was not asked for",
                         fmt::format("node {} in database {}", shown_path(), db.name),
                         axis == Axis::Time ? "a time" : "a run number", "none",
                         axis == Axis::Time ? "give --at TIME" : "give --run NUMBER"});
        }
        one.at = axis == Axis::Time ? Position(request.time.value_or(Time{kPlusInfinity}))
                                    : Position(request.run.value_or(Run{kPlusInfinity}));
        if (!node.elements.empty()) one.elements = parse_elements(node.elements);
        const auto& chain = node.version.empty() ? request.version : node.version;
        const auto& parsed = one.name->get_chain(chain);
        for (const auto element : one.elements) {
            questions.push_back({one.name, &parsed, node.base_line, element, one.at.value});
        }
        asked.push_back(std::move(one));
    }
    if (questions.empty()) return tree;
    Layout layout;
    layout.options.strict = request.strict;
    auto replies = db.ask_many(*tx, questions, snapshot, layout);
    for (auto& one : asked) {
        const auto begin = replies.begin() + static_cast<std::ptrdiff_t>(one.first);
        std::vector<Reply> own(std::make_move_iterator(begin),
                               std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(one.elements.size())));
        db.unify(*one.name, one.elements, own, layout.options);
        tree.answers[one.node] = db.make_answer(*one.name, one.elements, one.at, std::move(own), layout);
    }
    return tree;
}

}  // namespace etalon::database
