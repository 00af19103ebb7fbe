#include <doctest/doctest.h>

#include "interchange/definitions.h"
#include "interchange/explanation.h"
#include "interchange/findings.h"
#include "interchange/history.h"
#include "interchange/layout_changes.h"
#include "interchange/parameters.h"
#include "interchange/registration.h"
#include "interchange/support.h"
#include "interchange/trees.h"
#include "schema/units.h"

using namespace etalon;
using namespace etalon::interchange;
using namespace etalon::test;
using nlohmann::json;

TEST_CASE("the JSON of a configuration has every node with what is valid there, and all rows when asked") {
    Federation federation;
    auto& db = federation.add("memory:", {.create = true}, "Calib");
    const auto layout = mixed_layout();
    db.register_structs({layout.get(), 1});
    const auto rows = hard_rows();
    NameSpec empty;
    empty.name = "Empty";
    empty.struct_name = "Mixed";
    commit(db, {put_mixed(0, rows)}, {empty});
    NodeSpec node;
    node.path = "Root/full";
    node.ref_name = "Mixed";
    auto gap = node;
    gap.path = "Root/gap";
    gap.ref_name = "Empty";
    db.add_nodes(std::vector<NodeSpec>{node, gap});
    db.advance();
    ConfigurationRequest request;
    request.time = Time{5};
    const auto tree = federation.fetch_configuration("Root", "", request);
    TreeContext context{"Root", "", true, false};
    const auto parsed = json::parse(to_json(tree, context));
    CHECK(parsed["root"] == "Root");
    CHECK(parsed["key"] == "default");
    CHECK(parsed["gaps"] == 1);
    CHECK(count_gaps(tree) == 1);
    CHECK_FALSE(parsed.contains("losses"));
    CHECK_FALSE(parsed.contains("runBegin"));
    REQUIRE(parsed["nodes"].size() == tree.nodes.size());
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) CHECK(parsed["nodes"][i]["path"] == tree.nodes[i].node.path);
    CHECK(parsed["nodes"][0]["status"].is_null());
    const auto& full = parsed["nodes"][1];
    CHECK(full["status"] == "Found");
    CHECK(full["database"] == "Calib");
    REQUIRE(full["values"].size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        CHECK(same_row(row_of(full["values"][i]), reinterpret_cast<const std::byte*>(&rows[i])));
    }
    CHECK(parsed["nodes"][2]["status"] == "Gap");
    CHECK(parsed["nodes"][2]["missing"] == json::array({0}));
    CHECK(parsed["nodes"][2]["values"] == json::array());
    context.values = false;
    context.lenient = true;
    const auto without = json::parse(to_json(tree, context));
    CHECK(without["losses"] == 0);
    CHECK_FALSE(without["nodes"][1].contains("values"));
}

TEST_CASE("interval records become records, and say nothing of commits where there are none") {
    HistoryRecord record;
    record.interval = {Axis::Run, 3, std::nullopt};
    record.element = 2;
    record.version = "sim";
    record.rows = 18446744073709551615U;
    record.uid = "00ff";
    record.created = Time{0};
    record.layer = "memory:";
    const auto parsed = json::parse(to_json(history_table(Axis::Run, {&record, 1}, true)));
    REQUIRE(parsed.size() == 1);
    CHECK(parsed[0]["begin"] == 3);
    CHECK(parsed[0]["end"].is_null());
    CHECK(parsed[0]["rows"] == 18446744073709551615U);
    CHECK(parsed[0]["schema"].is_null());
    CHECK(parsed[0]["commit"].is_null());
    CHECK(parsed[0]["entryTime"].is_null());
    CHECK(parsed[0]["retired"].is_null());
    CHECK(parsed[0]["created"] == "1970-01-01T00:00:00Z");
    CHECK(parsed[0]["layer"] == "memory:");
    CHECK_FALSE(json::parse(to_json(history_table(Axis::Run, {&record, 1}, false)))[0].contains("layer"));
    CommitRecord commit;
    commit.commit = 4;
    commit.reason = "gains, \"new\"";
    const auto commits = commit_table({&commit, 1});
    CHECK(json::parse(to_json(commits))[0]["reason"] == commit.reason);
    CHECK(json::parse(to_json(commits))[0]["hash"].is_null());
    CHECK(to_csv(commits).find("\"gains, \"\"new\"\"\"") != std::string::npos);
}

TEST_CASE("the JSON of an explanation has the winner and the candidates of every layer") {
    auto db = make_mixed();
    commit(db, {put_mixed(0, {mixed(1, 2, 3, 4, 5, "a")}), put_mixed(3, {mixed(1, 2, 3, 4, 5, "b")})});
    db.advance();
    const auto explanation = db.explain("Mixed", Position(Time{5}));
    const auto parsed = json::parse(to_json(explanation));
    CHECK(parsed["name"] == "Mixed");
    CHECK(parsed["version"] == explanation.version);
    REQUIRE(parsed["elements"].size() == 1);
    const auto& element = parsed["elements"][0];
    CHECK(element["status"] == "Found");
    CHECK(element["uid"] == explanation.elements[0].winner->uid);
    CHECK(element["why"] == explanation.elements[0].why);
    REQUIRE(element["layers"].size() == 1);
    CHECK(element["layers"][0]["counts"]["eligible"] == 2);
    REQUIRE(element["layers"][0]["candidates"].size() == 2);
    CHECK(element["layers"][0]["candidates"][0]["place"] == 1);
    CHECK(candidate_table(explanation).rows.size() == 2);
    const auto gap = json::parse(to_json(db.explain("Mixed", Position(Time{-1}))));
    CHECK(gap["elements"][0]["uid"].is_null());
    CHECK(gap["elements"][0]["layers"][0]["candidates"][0]["place"].is_null());
}

TEST_CASE("the JSON of a parameter set has values and types by name") {
    auto db = make_mixed();
    ParameterPut put;
    put.software = "tracker";
    put.values = ParameterSet{{"chi2", std::numeric_limits<double>::infinity()},
                              {"hits", std::int64_t{9007199254740993}},
                              {"la\"bel", std::string("\xC2\xB5")},
                              {"on", true},
                              {"weights", std::vector<double>{1.0, std::numeric_limits<double>::quiet_NaN()}}};
    db.put_parameters(put);
    db.advance();
    const auto answer = db.fetch_parameters("tracker", "default", Position(Time{0}));
    const auto parsed = json::parse(to_json(answer));
    CHECK(parsed["software"] == "tracker");
    CHECK(parsed["status"] == "Found");
    CHECK(parsed["begin"] == "-inf");
    CHECK(parsed["uid"] == answer.provenance->uid);
    CHECK(parsed["parameters"]["chi2"] == "Infinity");
    CHECK(parsed["parameters"]["hits"] == 9007199254740993);
    CHECK(parsed["parameters"]["la\"bel"] == "\xC2\xB5");
    CHECK(parsed["parameters"]["on"] == true);
    CHECK(parsed["parameters"]["weights"] == json::array({1.0, "NaN"}));
    CHECK(parsed["types"]["weights"] == "double[]");
    ParameterAnswer gap;
    gap.software = "tracker";
    const auto nothing = json::parse(to_json(gap));
    CHECK(nothing["status"] == "Gap");
    CHECK(nothing["version"].is_null());
    CHECK(nothing["parameters"] == json::object());
}

TEST_CASE("the JSON of a definition has its elements") {
    auto definition = *mixed_layout();
    definition.comment = "two\nlines";
    definition.elements[3].unit = "mm";
    definition.elements[3].default_value = "1.5";
    const auto parsed = json::parse(to_json(definition, 4));
    CHECK(parsed["name"] == "Mixed");
    CHECK(parsed["schema"] == 4);
    CHECK(parsed["size"] == sizeof(Mixed));
    CHECK(parsed["comment"] == "two\nlines");
    REQUIRE(parsed["elements"].size() == definition.elements.size());
    CHECK(parsed["elements"][2]["dims"] == json::array({2}));
    CHECK(parsed["elements"][3]["unit"] == "mm");
    CHECK(parsed["elements"][3]["default"] == "1.5");
    CHECK(parsed["elements"][0]["default"].is_null());
}

TEST_CASE("structs, references and snapshots of a database become records") {
    auto db = make_mixed();
    const auto structs = json::parse(to_json(struct_table(db.structs(), db.names())));
    REQUIRE(structs.size() == 1);
    CHECK(structs[0]["name"] == "Mixed");
    CHECK(structs[0]["references"] == 1);
    const auto names = json::parse(to_json(name_table(db.names())));
    REQUIRE(names.size() == 1);
    CHECK(names[0]["axis"] == "time");
    CHECK(names[0]["coverage"] == "sparse");
    SnapshotInfo snapshot;
    snapshot.name = "summer";
    snapshot.entries = {{"*", "sqlite:a.db", 3}, {"tpc*", "sqlite:a.db", 5}};
    snapshot.digests = {"abc"};
    CHECK(json::parse(to_json(snapshot_table({&snapshot, 1}, "Calib")))[0]["patterns"] == "*=3, tpc*=5");
    const auto entries = json::parse(to_json(snapshot_entry_table(snapshot, "Calib")));
    REQUIRE(entries.size() == 3);
    CHECK(entries[1]["commit"] == 5);
    CHECK(entries[2]["commit"].is_null());
}

TEST_CASE("the JSON of what registering comes to has every change, and the warnings of the headers") {
    auto db = make_mixed();
    auto changed = *mixed_layout();
    changed.elements[0].type = ScalarType::Float64;
    Comparison comparison;
    comparison.database = "Calib";
    RegisterOptions trial;
    trial.dry_run = true;
    comparison.report = db.register_structs({&changed, 1}, trial);
    const HeaderWarning warning{"gains.h:3", "Mixed", "f", "furlong\"s", "unit is not known"};
    const auto parsed = json::parse(to_json(comparison, {&warning, 1}));
    CHECK(parsed["database"] == "Calib");
    CHECK(parsed["history"].is_null());
    CHECK(parsed["commit"].is_null());
    CHECK(parsed["blocked"] == comparison.report.blocked);
    CHECK(parsed["warnings"][0]["unit"] == "furlong\"s");
    REQUIRE(parsed["structs"].size() == 1);
    const auto& outcome = comparison.report.outcomes.at(0);
    CHECK(parsed["structs"][0]["action"] == "new schema");
    REQUIRE(parsed["structs"][0]["changes"].size() == outcome.changes.size());
    CHECK(parsed["structs"][0]["changes"][0]["verdict"] == outcome.changes[0].verdict);
    CHECK(outcome_table({&comparison, 1}).rows.size() == outcome.changes.size());
}

TEST_CASE("two layouts side by side have a row for each change, or one that says the same") {
    const auto stored = *mixed_layout();
    auto asked = stored;
    asked.elements[3].type = ScalarType::Int32;
    asked.elements.pop_back();
    const auto judged = evolution::judge(stored, asked, nullptr, nullptr);
    const auto changes = arrange(stored, asked, judged);
    REQUIRE(changes.pairs.size() == stored.elements.size());
    CHECK(changes.pairs.back().asked == nullptr);
    CHECK(changes.pairs.back().path() == "on");
    const auto parsed = json::parse(to_json(change_table(changes, stored, asked)));
    CHECK(parsed[0]["change"] == "same");
    CHECK(parsed[0]["stored"] == "uint64 @0");
    CHECK(parsed[3]["stored"] == "float32 @32");
    CHECK(parsed[3]["asked"] == "int32 @32");
    CHECK(parsed[5]["asked"].is_null());
    CHECK(law_table().rows.size() > 10);
}

TEST_CASE("findings and effects become records") {
    LintFinding finding;
    finding.name = "Mixed";
    finding.uids = {"a", "b"};
    const auto lint = json::parse(to_json(lint_table({&finding, 1}, "all")));
    CHECK(lint[0]["kind"] == "equal keys");
    CHECK(lint[0]["uids"] == json::array({"a", "b"}));
    CHECK(lint[0]["layer"] == "all");
    VerifyFinding damage;
    damage.what = "a checksum";
    damage.advice = "restore it";
    CHECK(json::parse(to_json(verify_table({&damage, 1})))[0]["advice"] == "restore it");
    damage.repaired = true;
    CHECK(json::parse(to_json(verify_table({&damage, 1})))[0]["advice"] == "made anew");
    PutEffect effect;
    effect.name = "Mixed";
    CHECK(effect_table({&effect, 1}, {}).columns.size() == 7);
    const auto effects = json::parse(to_json(effect_table({&effect, 1}, {true, 12})));
    CHECK(effects[0]["hiddenBy"].is_null());
    CHECK(effects[0]["fromCommit"] == 12);
}
