#include <doctest/doctest.h>

#include <functional>
#include <sstream>

#include "etalon/error.h"
#include "interchange/runs.h"
#include "interchange/trees.h"

using namespace etalon;
using namespace etalon::interchange;

namespace {

std::vector<NodeSpec> nodes_of(const std::string& text, const std::string& key = {}) {
    std::istringstream in(text);
    return read_nodes(in, "nodes.csv", key);
}

std::vector<RunSpan> runs_of(const std::string& text) {
    std::istringstream in(text);
    return read_runs(in, "runs.csv");
}

std::string message_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::BadInput);
        return error.what();
    }
    FAIL("nothing was refused");
    return {};
}

bool says(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return true;
    MESSAGE(text);
    return false;
}

}  // namespace

TEST_CASE("a list of nodes is read, what is not said by default") {
    const auto nodes = nodes_of(
        "path,type,ref,db,version,element,baseLine,key,comment\n"
        "A/x,,,,,,,,\n"
        "A/y,db,Root/k,Other,\"sim,default\",0-3,yes,own,\"a, b\"\n"
        "A/z,,,Other,,,0,,\n",
        "given");
    REQUIRE(nodes.size() == 3);
    CHECK(nodes[0].path == "A/x");
    CHECK(nodes[0].type == NodeType::Table);
    CHECK(nodes[0].key == "given");
    CHECK_FALSE(nodes[0].base_line);
    CHECK(nodes[1].type == NodeType::Database);
    CHECK(nodes[1].ref_name == "Root/k");
    CHECK(nodes[1].db_name == "Other");
    CHECK(nodes[1].version == "sim,default");
    CHECK(nodes[1].elements == "0-3");
    CHECK(nodes[1].base_line);
    CHECK(nodes[1].key == "own");
    CHECK(nodes[1].comment == "a, b");
    CHECK(nodes[2].type == NodeType::Database);
}

TEST_CASE("a list of nodes that makes no sense is refused with its line") {
    CHECK(says(message_of([] { (void)nodes_of("path,type\nA/x,table\nA/y,tabel\n"); }),
               "nodes.csv:3; expected directory|Config|table|DB, found tabel"));
    CHECK(says(message_of([] { (void)nodes_of("path,baseLine\nA/x,maybe\n"); }),
               "nodes.csv:2; expected yes, no, 1, 0 or nothing, found maybe"));
    CHECK(says(message_of([] { (void)nodes_of("path\n"); }), "the list of nodes has no lines, nodes.csv"));
    CHECK(says(message_of([] { (void)nodes_of("type\ntable\n"); }), "path"));
}

TEST_CASE("node types are known in any letters") {
    CHECK(find_node_type("db") == NodeType::Database);
    CHECK(find_node_type("CONFIG") == NodeType::Config);
    CHECK(find_node_type("Directory") == NodeType::Directory);
    CHECK(find_node_type("tables") == std::nullopt);
}

TEST_CASE("a list of runs is read") {
    const auto runs = runs_of("run,begin,end\n1,@0,@10\n2,@20,\n");
    REQUIRE(runs.size() == 2);
    CHECK(runs[0] == RunSpan{Run{1}, Time{0}, Time{10}});
    CHECK(runs[1] == RunSpan{Run{2}, Time{20}, std::nullopt});
}

TEST_CASE("every line of a list of runs that makes no sense is told") {
    const auto message = message_of([] { (void)runs_of("run,begin\nx1,@0\n2,@0\n3,never\n4\n"); });
    CHECK(says(message, "3 lines cannot be read, runs.csv"));
    CHECK(says(message, "runs.csv:2; expected a decimal integer of 64 bits, found 'x1'"));
    CHECK(says(message, "runs.csv:4"));
    CHECK(says(message, "never"));
    CHECK(says(message, "runs.csv:5"));
}

TEST_CASE("runs become records, answers without a run are left out") {
    RunAnswer found;
    found.span = RunSpan{Run{7}, Time{0}, std::nullopt};
    CHECK(to_csv(run_table(std::vector<RunAnswer>{RunAnswer{}, found})) ==
          "run,begin,end,version,commit\n7,1970-01-01T00:00:00Z,,,\n");
}
