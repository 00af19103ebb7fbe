#include "database/trees.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "database/registrar.h"
#include "database/stack.h"
#include "database/writer.h"
#include "etalon/error.h"
#include "index/chain.h"
#include "index/commits.h"
#include "index/names.h"
#include "store/tables.h"

namespace etalon::database {

using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::TransactionMode;
using detail::DatabaseImpl;
using detail::StackImpl;

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
    if (config_tree::write_nodes(*tx, nodes, stamp.for_rooms()) == 0) return 0;
    index::write_commit_log(*tx, stamp, complete(info));
    tx->commit();
    return stamp.seq;
}

namespace {

/// The layers that may hold trees, top first, each with the commit to read as of.
std::vector<std::pair<DatabaseImpl*, std::int64_t>> tree_layers(StackImpl& stack, std::string_view root,
                                                                const AsOfChoice& choice) {
    const auto commits = stack.commits_of(root, choice);
    std::vector<std::pair<DatabaseImpl*, std::int64_t>> layers;
    for (std::size_t i = 0; i < stack.layers.size(); ++i) {
        if (stack.layers[i].kind != backends::PlaceKind::Csv) layers.emplace_back(stack.layers[i].place.get(), commits.commits[i]);
    }
    return layers;
}

AsOfChoice choice_of(const StackImpl& stack, const std::optional<AsOf>& as_of, const std::vector<AsOfPattern>& patterns) {
    FetchOptions options;
    options.as_of = as_of;
    options.as_of_patterns = patterns;
    return stack.choice_of(options);
}

}  // namespace

std::vector<NodeSpec> list_tree(StackImpl& stack, std::string_view root, std::string_view key,
                                const std::optional<AsOf>& as_of) {
    const std::string_view used_key = key.empty() ? kDefaultKey : key;
    std::vector<NodeSpec> specs;
    for (const auto& [place, commit] : tree_layers(stack, root, choice_of(stack, as_of, {}))) {
        const auto tx = place->connection->begin(TransactionMode::Read);
        for (const auto& node : config_tree::read_tree(*tx, root, used_key, commit)) specs.push_back(spec_of(node, used_key));
        if (!specs.empty()) break;
    }
    return specs;
}

std::vector<NodeSpec> list_roots(StackImpl& stack) {
    std::vector<NodeSpec> specs;
    for (const auto& [place, commit] : tree_layers(stack, "", choice_of(stack, std::nullopt, {}))) {
        const auto tx = place->connection->begin(TransactionMode::Read);
        const auto orphans = config_tree::find_orphans(*tx, commit);
        if (!orphans.empty()) {
            throw Error(ErrorCode::Corrupt, {"configuration nodes that hang on no root",
                                             fmt::format("{} in database {}", orphans.front(), stack.name),
                                             "every node below a Config", fmt::format("{} without", orphans.size()),
                                             "add their parents with 'etalon tree add'"});
        }
        for (const auto& node : config_tree::read_roots(*tx, commit)) {
            NodeSpec spec;
            spec.path = node.name;
            spec.key = node.key;
            spec.type = NodeType::Config;
            spec.comment = node.comment;
            const bool above = std::any_of(specs.begin(), specs.end(), [&](const NodeSpec& known) {
                return known.path == spec.path && known.key == spec.key;
            });
            if (!above) specs.push_back(std::move(spec));
        }
    }
    return specs;
}

namespace {

/// Format 2: the tree with its references, all their policies and their structs, in one statement.
const Sql& proved_tree_sql() {
    static const Sql kSql(config_tree::TreeReader::sql(
        fmt::format(", {}, {}", index::NameReader::columns("q", "p", "sp"), store::structure_table().select("st")),
        R"( LEFT JOIN "namedRef" q ON n."NodeType" = 'table' AND q."name" = n."refName")" + index::NameReader::joins("q", "p", "sp") +
            R"( LEFT JOIN "structure" st ON st."ID" = q."structID")"));
    return kSql;
}

std::vector<config_tree::TreeNode> build_placed_tree(std::span<const config_tree::ListedNode> listed, const DatabaseImpl& db,
                                                     std::string_view place) {
    try {
        return config_tree::build_tree(listed);
    } catch (const Error& error) {
        auto info = error.info();
        info.where = fmt::format("{}{} in database {}", place, info.where, db.name);
        throw Error(error.code(), std::move(info));
    }
}

TreePtr read_proved_tree(DatabaseImpl& db, Transaction& tx, std::string_view root, std::string_view key,
                         std::int64_t snapshot, std::string_view place) {
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
        entry->of_struct = tx.engine() == Engine::Sqlite ? db.get_struct(tx, record.struct_id) : db.find_known_struct(record.struct_id);
        entry->record = std::move(record);
        tree->names[entry->record.name] = entry;
    }
    tree->nodes = build_placed_tree(listed, db, place);
    return tree;
}

/// Reads a tree and what its references are, in one statement on PostgreSQL.
TreePtr read_known_tree(DatabaseImpl& db, Transaction& tx, std::string_view root, std::string_view key,
                        std::int64_t snapshot, std::string_view place) {
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

namespace {

/// A table node with what it asks for.
LayeredRequest request_of(const StackImpl& stack, const config_tree::TreeNode& node, const ConfigurationRequest& request,
                          std::string_view place) {
    LayeredRequest one;
    one.name = node.node.ref_name;
    one.version = !node.node.version.empty() ? node.node.version
                  : !request.version.empty() ? request.version
                                             : stack.defaults.version;
    one.elements = node.node.elements.empty() ? std::vector<std::int64_t>{0} : parse_elements(node.node.elements);
    if (request.time) one.time = request.time->ns;
    if (request.run) one.run = request.run->number;
    one.any_position = node.node.base_line;
    one.where = fmt::format("node {}{} in database {}", place, node.path, stack.name);
    return one;
}

/// The answers of one place, in a few statements.
void ask_place(DatabaseImpl& db, Transaction& tx, const KnownTree& known, const std::vector<LayeredRequest>& requests,
               const std::vector<std::size_t>& nodes, const index::Resolved& as_of, const Layout& layout, FetchedTree& tree) {
    struct Asked {
        NameEntry* name;
        Position at;
        std::size_t first;
    };
    std::vector<Question> questions;
    std::vector<Asked> asked;
    for (const auto& request : requests) {
        const auto found = known.names.find(request.name);
        if (found == known.names.end()) {
            throw Error(ErrorCode::Unknown, {"unknown named reference in a configuration", request.where, "a registered name",
                                             fmt::format("'{}'", request.name),
                                             "register its struct, or change the node with 'etalon tree add'"});
        }
        auto& name = *found->second;
        const bool on_time = name.record.axis == Axis::Time;
        const auto& at = on_time ? request.time : request.run;
        if (!at && !request.any_position) {
            throw Error(ErrorCode::WrongAxis, {"a configuration has a node on an axis that was not asked for", request.where,
                                               on_time ? "a time" : "a run number", "none",
                                               on_time ? "give --at TIME" : "give --run NUMBER"});
        }
        asked.push_back({&name, Position{name.record.axis, at.value_or(kPlusInfinity)}, questions.size()});
        const auto& chain = name.get_chain(request.version);
        for (const auto element : request.elements) {
            questions.push_back({&name, &chain, request.any_position, element, asked.back().at.value});
        }
    }
    if (questions.empty()) return;
    auto replies = db.ask_many(tx, questions, as_of.commit, layout);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto begin = replies.begin() + static_cast<std::ptrdiff_t>(asked[i].first);
        const auto& elements = requests[i].elements;
        std::vector<Reply> own(std::make_move_iterator(begin),
                               std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(elements.size())));
        db.unify(*asked[i].name, elements, own, layout.options);
        tree.answers[nodes[i]] = db.make_answer(*asked[i].name, elements, asked[i].at, std::move(own), layout, as_of);
    }
}

}  // namespace

FetchedTree fetch_tree(StackImpl& stack, std::string_view root, std::string_view key, const ConfigurationRequest& request,
                       std::string_view place) {
    const auto choice = choice_of(stack, request.as_of, request.as_of_patterns);
    const auto commits = stack.commits_of(root, choice);
    // One place that says everything as of one commit is read in one go; layers and patterns go name by name.
    const bool is_plain = !stack.several() && choice.patterns.empty() && choice.otherwise_patterns.empty();
    FetchedTree tree;
    for (const auto& [db, commit] : tree_layers(stack, root, choice)) {
        auto tx = db->connection->begin(TransactionMode::Read);
        const auto known = get_known_tree(*db, *tx, root, key, commit, place);
        if (known->nodes.empty()) continue;
        tree.nodes = known->nodes;
        tree.answers.resize(tree.nodes.size());
        std::vector<LayeredRequest> requests;
        std::vector<std::size_t> nodes;
        for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
            if (tree.nodes[i].node.type != NodeType::Table) continue;
            requests.push_back(request_of(stack, tree.nodes[i], request, place));
            nodes.push_back(i);
        }
        Layout layout;
        layout.options.strict = request.strict;
        layout.options.lenient = request.lenient;
        layout.provenance = request.provenance;
        if (is_plain) {
            stack.use_rules(commits);
            ask_place(*db, *tx, *known, requests, nodes, {commit, commits.settled}, layout, tree);
            return tree;
        }
        tx.reset();
        if (requests.empty()) return tree;
        std::vector<LayerCommits> each;
        for (const auto& one : requests) each.push_back(stack.commits_of(one.name, choice));
        auto answers = stack.ask_layers(requests, each, request.layer_unit, layout);
        for (std::size_t i = 0; i < nodes.size(); ++i) tree.answers[nodes[i]] = std::move(answers[i]);
        return tree;
    }
    return tree;
}

}  // namespace etalon::database
