// Trees as values: order, and everything that makes a list of edges no tree.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "backends/ddl.h"
#include "backends/each_engine.h"
#include "backends/proof.h"
#include "config_tree/nodes.h"
#include "config_tree/tables.h"

using namespace etalon;
using namespace etalon::config_tree;
using backends::TransactionMode;
using etalon::test::EachEngine;
using etalon::test::error_of;

namespace {

ListedNode edge(std::int64_t parent, std::int64_t node, std::string name, std::int64_t ordinal = 0) {
    ListedNode listed{parent, node, ordinal, NodeRecord{}};
    listed.node->id = node;
    listed.node->name = std::move(name);
    listed.node->type = parent == 0 ? NodeType::Config : NodeType::Directory;
    return listed;
}

std::vector<std::string> paths(const std::vector<TreeNode>& tree) {
    std::vector<std::string> all;
    for (const auto& node : tree) all.push_back(node.path);
    return all;
}

std::unique_ptr<backends::Connection> with_tables(const EachEngine& engine) {
    auto connection = engine.open();
    const auto tx = connection->begin(TransactionMode::Write);
    // Nodes retire at the current commit, which the index counts.
    tx->execute_script(
        backends::immutability_functions(tx->engine()) +
        R"(CREATE TABLE "commitCounter" ("ID" integer, "lastSeq" bigint); INSERT INTO "commitCounter" VALUES (1, 0);)" +
        create_tables(tx->engine()));
    tx->commit();
    return connection;
}

/// One commit of nodes; returns how many were written.
std::size_t add(backends::Connection& connection, std::int64_t commit, const std::vector<NodeSpec>& specs) {
    const auto tx = connection.begin(TransactionMode::Write);
    tx->execute(backends::Sql(R"(UPDATE "commitCounter" SET "lastSeq" = ?1)"), {commit});
    const auto written = write_nodes(*tx, specs, OnExisting::Replace, {commit, commit * 10});
    tx->commit();
    return written;
}

NodeSpec table(std::string path, std::string ref = "", std::string key = "") {
    NodeSpec spec;
    spec.path = std::move(path);
    spec.ref_name = std::move(ref);
    spec.key = std::move(key);
    return spec;
}
NodeSpec of_type(std::string path, NodeType type) {
    NodeSpec spec;
    spec.path = std::move(path);
    spec.type = type;
    return spec;
}

std::vector<TreeNode> read(backends::Connection& connection, std::int64_t snapshot, const char* key = "default") {
    const auto tx = connection.begin(TransactionMode::Read);
    return read_tree(*tx, "Root", key, snapshot);
}

}  // namespace

TEST_CASE("a tree is in depth-first order, siblings by ordinal, whatever the order of the list") {
    std::vector<ListedNode> listed{edge(0, 1, "Root"), edge(1, 2, "b", 1), edge(1, 3, "a", 0),
                                   edge(3, 4, "z", 5), edge(3, 5, "y", 7), edge(2, 6, "a", 0)};
    const std::vector<std::string> expected{"Root", "Root/a", "Root/a/z", "Root/a/y", "Root/b", "Root/b/a"};
    CHECK(rc::check("any order", [&] {
        auto some = listed;
        for (std::size_t i = some.size(); i > 1; --i)
            std::swap(some[i - 1], some[*rc::gen::inRange<std::size_t>(0, i)]);
        const auto tree = build_tree(some);
        RC_ASSERT(paths(tree) == expected);
        RC_ASSERT(tree[2].depth == 2u);
        RC_ASSERT(tree[2].parent_id == 3);
    }));
    CHECK(build_tree({}).empty());
}

TEST_CASE("a list of edges that is no tree is an error that names the path") {
    const auto fault = [](std::vector<ListedNode> listed) {
        const auto error = error_of([&] { (void)build_tree(listed); });
        CHECK(error.code() == ErrorCode::Corrupt);
        return std::string(error.what());
    };
    const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
    const auto cycle = fault({edge(0, 1, "Root"), edge(1, 2, "a"), edge(2, 3, "b"), edge(3, 2, "a")});
    CHECK(has(cycle, "cycle"));
    CHECK(has(cycle, "Root/a/b/a"));
    CHECK(has(fault({edge(0, 1, "Root"), edge(1, 1, "Root")}), "Root/Root"));
    auto orphan = edge(2, 9, "");
    orphan.node.reset();
    const auto lost = fault({edge(0, 1, "Root"), edge(1, 2, "a"), orphan});
    CHECK(has(lost, "orphan"));
    CHECK(has(lost, "Root/a"));
    CHECK(has(fault({edge(0, 1, "Root"), edge(1, 2, "a"), edge(1, 3, "a")}), "Root/a"));
    CHECK(has(fault({edge(0, 1, "Root"), edge(0, 2, "Root")}), "Root"));
}

TEST_CASE("a very deep tree is no problem") {
    std::vector<ListedNode> listed{edge(0, 1, "Root")};
    for (std::int64_t i = 2; i <= 3000; ++i) listed.push_back(edge(i - 1, i, "d"));
    const auto tree = build_tree(listed);
    CHECK(tree.size() == 3000);
    CHECK(tree.back().depth == 2999);
}

TEST_CASE("nodes are added with their directories, replaced in place, and left when unchanged") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    auto x = table("Root/tpc/x", "gain");
    x.elements = "0-23";
    x.version = "sim,default";
    x.base_line = true;
    x.comment = "what it is";
    CHECK(add(*connection, 1, {x, table("Root/tpc/y"), table("Root/a")}) == 5);
    CHECK(paths(read(*connection, 1)) ==
          std::vector<std::string>{"Root", "Root/tpc", "Root/tpc/x", "Root/tpc/y", "Root/a"});
    CHECK(read(*connection, 0).empty());
    const auto node = read(*connection, 1)[2].node;
    CHECK(node.ref_name == "gain");
    CHECK(node.elements == "0-23");
    CHECK(node.version == "sim,default");
    CHECK(node.base_line);
    CHECK(node.comment == "what it is");
    CHECK(read(*connection, 1)[3].node.ref_name == "y");
    CHECK(add(*connection, 2, {x, table("Root/a")}) == 0);
    // Replaced: the new one stands where the old one stood, and the old tree can still be read.
    CHECK(add(*connection, 3, {table("Root/tpc/x", "other")}) == 1);
    CHECK(paths(read(*connection, 3)) == paths(read(*connection, 2)));
    CHECK(read(*connection, 3)[2].node.ref_name == "other");
    CHECK(read(*connection, 2)[2].node.ref_name == "gain");
    CHECK(read(*connection, 1)[2].node.ref_name == "gain");
    // A directory and the root replaced keep their children.
    auto directory = of_type("Root/tpc", NodeType::Directory);
    directory.comment = "new comment";
    auto root = of_type("Root", NodeType::Config);
    root.comment = "root comment";
    CHECK(add(*connection, 4, {directory, root}) == 2);
    CHECK(paths(read(*connection, 4)) == paths(read(*connection, 1)));
    CHECK(read(*connection, 4)[1].node.comment == "new comment");
    CHECK(read(*connection, 4)[0].node.comment == "root comment");
    CHECK(read(*connection, 3)[1].node.comment.empty());
    CHECK(paths(read(*connection, 3)) == paths(read(*connection, 1)));
    // Twice in one commit: the last holds.
    CHECK(add(*connection, 5, {table("Root/a", "first"), table("Root/a", "second")}) == 2);
    CHECK(read(*connection, 5).back().node.ref_name == "second");
    const auto tx = connection->begin(TransactionMode::Read);
    CHECK(find_orphans(*tx, 5).empty());
    CHECK(read_roots(*tx, 5).size() == 1);
}

TEST_CASE("configurations of one name differ by their key") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    add(*connection, 1, {table("Root/x", "a"), table("Root/x", "b", "run12"), table("Root/y", "", "run12")});
    CHECK(read(*connection, 1).size() == 2);
    CHECK(read(*connection, 1, "run12").size() == 3);
    CHECK(read(*connection, 1, "run12")[1].node.ref_name == "b");
    CHECK(read(*connection, 1, "run13").empty());
    add(*connection, 2, {table("Root/z")});
    CHECK(read(*connection, 2, "run12").size() == 3);
    CHECK(read(*connection, 2).size() == 3);
    const auto roots = read_roots(*connection->begin(TransactionMode::Read), 2);
    REQUIRE(roots.size() == 2);
    CHECK(roots[0].key == "default");
    CHECK(roots[1].key == "run12");
}

TEST_CASE("nodes that cannot stand where they are put are refused") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    add(*connection, 1, {table("Root/dir/x")});
    for (const char* path : {"", "/", "Root/", "/Root/x", "Root//x", "Root/./x", "Root/../x", "Root/a\nb"}) {
        CAPTURE(path);
        CHECK(error_of([&] { add(*connection, 2, {table(path)}); }).code() == ErrorCode::BadInput);
    }
    const auto refused = [&](const NodeSpec& spec) {
        const auto error = error_of([&] { add(*connection, 2, {spec}); });
        CHECK(error.code() == ErrorCode::BadInput);
        CHECK(std::string(error.what()).find(spec.path.substr(0, 8)) != std::string::npos);
    };
    refused(table("Root/dir/x/y"));  // below a leaf
    refused(table("Root/dir"));      // a directory with children becomes a leaf
    refused(of_type("Root/dir", NodeType::Database));
    refused(of_type("Root/dir/c", NodeType::Config));  // a root below a root
    refused(of_type("NewRoots", NodeType::Table));
    refused(of_type("NewRoots", NodeType::Directory));
    CHECK(read(*connection, 9).size() == 3);
}

TEST_CASE("random edits give the tree that a map of paths predicts, at every snapshot") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    const bool sqlite = connection->engine() == backends::Engine::Sqlite;
    int number = 0;
    std::int64_t commit = 0;
    CHECK(rc::check("edits", [&] {
        if (!sqlite && number > 40) return;
        const auto key = "k" + std::to_string(number++);
        std::map<std::int64_t, std::map<std::string, std::string>> at;  // commit -> path -> reference
        std::map<std::string, std::string> now;
        for (int step = 0; step < 4; ++step) {
            ++commit;
            std::vector<NodeSpec> specs;
            for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
                std::string path = "Root";
                const int depth = *rc::gen::inRange(1, 4);
                for (int d = 1; d < depth; ++d)
                    path += std::string("/d") + static_cast<char>('a' + *rc::gen::inRange(0, 2));
                path += std::string("/t") + static_cast<char>('a' + *rc::gen::inRange(0, 3));
                const auto reference = std::string(1, static_cast<char>('r' + *rc::gen::inRange(0, 3)));
                specs.push_back(table(path, reference, key));
                now[path] = reference;
                for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
                    now.try_emplace(path.substr(0, slash), "");
            }
            add(*connection, commit, specs);
            at[commit] = now;
        }
        for (const auto& [snapshot, expected] : at) {
            std::map<std::string, std::string> found;
            const auto tree = read(*connection, snapshot, key.c_str());
            for (const auto& node : tree) found[node.path] = node.node.ref_name;
            RC_ASSERT(found == expected);
            RC_ASSERT(tree.size() == expected.size());
        }
    }));
    const auto tx = connection->begin(TransactionMode::Read);
    CHECK(find_orphans(*tx, commit).empty());
}

TEST_CASE("orphans are found, whatever they hang on") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    add(*connection, 1, {table("Root/dir/x")});
    {
        const auto planting = connection->begin(TransactionMode::Write);
        using backends::Value;
        const auto plant = [&](std::int64_t id, const char* name, const char* type) {
            backends::SetSum sum;
            sum.add(node_table().insert(
                *planting, {id, std::string(name), std::string(), std::string(type), Value{}, Value{}, Value{}, Value{},
                            std::int64_t{0}, std::int64_t{1}, Value{}, std::int64_t{1}, Value{}}));
            backends::add_to_set(*planting, backends::SetKind::Nodes, 0, sum);
        };
        const auto join = [&](std::int64_t id, std::int64_t parent, std::int64_t node) {
            backends::SetSum sum;
            sum.add(edge_table().insert(
                *planting, {id, parent, node, std::int64_t{0}, std::int64_t{1}, Value{}, std::int64_t{1}, Value{}}));
            backends::add_to_set(*planting, backends::SetKind::Edges, parent, sum);
        };
        plant(900, "lost", "directory");
        plant(901, "below", "table");
        plant(902, "ring", "directory");
        plant(903, "rung", "directory");
        join(900, 900, 901);
        join(901, 902, 903);
        join(902, 903, 902);
        planting->commit();
    }
    const auto tx = connection->begin(TransactionMode::Read);
    const auto orphans = find_orphans(*tx, 1);
    CHECK(orphans.size() == 4);
    CHECK(std::find(orphans.begin(), orphans.end(), "lost/below") != orphans.end());
    CHECK(find_orphans(*tx, 0).empty());
}
