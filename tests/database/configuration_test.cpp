// Configurations: whole trees, across databases, in a fixed number of statements.
#include <doctest/doctest.h>

#include <map>

#include "config_tree/tables.h"
#include "database/support.h"
#include "etalon/federation.h"
#include "support/forge.h"
#include "support/temp_directory.h"

using namespace etalon;
using etalon::test::commit;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::Gain2;
using etalon::test::hole;
using etalon::test::Plain;
using etalon::test::put;
using etalon::test::register_as;
using etalon::test::TempDirectory;
using etalon::test::value;

namespace {

NodeSpec table(std::string path, std::string ref = "", std::string version = "", std::string elements = "") {
    NodeSpec spec;
    spec.path = std::move(path);
    spec.ref_name = std::move(ref);
    spec.version = std::move(version);
    spec.elements = std::move(elements);
    return spec;
}
NodeSpec crossing(std::string path, std::string database, std::string root = "", std::string version = "") {
    NodeSpec spec;
    spec.path = std::move(path);
    spec.type = NodeType::Database;
    spec.db_name = std::move(database);
    spec.ref_name = std::move(root);
    spec.version = std::move(version);
    return spec;
}
void add(Database& db, const std::vector<NodeSpec>& nodes) {
    db.add_nodes(nodes, {"tester", "", "", "a tree"});
    db.advance();
}

ConfigurationRequest at(std::int64_t time) {
    ConfigurationRequest request;
    request.time = Time{time};
    return request;
}

double number(const Configuration& configuration, const std::string& path, std::size_t row = 0) {
    const auto* node = configuration.find(path);
    REQUIRE_MESSAGE(node != nullptr, path);
    REQUIRE(node->answer.has_value());
    REQUIRE((*node->answer)->status == Status::Found);
    REQUIRE((*node->answer)->num_rows > row);
    double out = 0;
    std::memcpy(&out, node->answer->row(row), sizeof out);
    return out;
}

std::vector<std::string> paths(const Configuration& configuration) {
    std::vector<std::string> all;
    for (const auto& node : configuration.nodes) all.push_back(node.node.path);
    return all;
}

/// One database in a SQLite file, one in PostgreSQL (in a second file when there is no server).
struct Two {
    TempDirectory directory;
    std::string tpc_url = "sqlite:" + directory.file("a.db") + "#tpc";
    std::string rts_url =
        etalon::test::find_fresh_postgres_place().value_or("sqlite:" + directory.file("b.db") + "#rts");
    Federation federation;
    Database* tpc = nullptr;
    Database* rts = nullptr;

    explicit Two(bool swapped = false) {
        if (swapped) std::swap(tpc_url, rts_url);
        tpc = &federation.add(tpc_url, {.create = true}, "tpc");
        rts = &federation.add(rts_url, {.create = true}, "rts");
        for (auto* db : {tpc, rts}) {
            register_as<Plain>(*db);
            register_as<Gain1>(*db);
            db->define_name({"Other", "Plain", {}, {}, {}});
            db->define_name({"AsBytes", "Plain", {}, {}, Storage::Bytes});
            db->define_name({"ByRun", "Plain", Axis::Run, {}, {}});
            db->advance();
        }
    }
};

}  // namespace

TEST_CASE("a configuration spans two databases of two engines") {
    for (const bool swapped : {false, true}) {
        Two two(swapped);
        commit(*two.tpc, {value(1, 0, 100), value(2, 0, std::nullopt, "sim"), value(10, 0, 60, "default", 1),
                          value(3, 10, 90, "default", 0, "Other"), value(4, -5, std::nullopt, "default", 0, "AsBytes"),
                          put<Gain1>("Gain", 0, {gain1(5), gain1(6)})});
        commit(*two.rts, {value(7, 20, 80), value(8, 0, std::nullopt, "test"), hole(0, 70, "Other")});
        two.tpc->advance();
        two.rts->advance();
        add(*two.rts, {table("Rts/deep/plain", "Plain"), table("Rts/hole", "Other"), table("Rts/nothing", "AsBytes")});
        auto gain = table("Production/tpc/gain", "Gain");
        gain.comment = "a comment";
        add(*two.tpc,
            {table("Production/tpc/pads", "Plain", "", "1,0,7"), table("Production/tpc/sim", "Plain", "sim,default"),
             gain, crossing("Production/trigger", "rts", "Rts"), table("Production/Other"),
             table("Production/packed", "AsBytes")});

        const auto made = two.federation.fetch_configuration("Production", "", at(50), "tpc");
        CHECK(paths(made) == std::vector<std::string>{"Production", "Production/tpc", "Production/tpc/pads",
                                                      "Production/tpc/sim", "Production/tpc/gain", "Production/trigger",
                                                      "Production/trigger/deep", "Production/trigger/deep/plain",
                                                      "Production/trigger/hole", "Production/trigger/nothing",
                                                      "Production/Other", "Production/packed"});
        CHECK(number(made, "Production/tpc/pads", 0) == 10);  // element 1 first
        CHECK(number(made, "Production/tpc/pads", 1) == 1);
        CHECK((*made.find("Production/tpc/pads")->answer).missing() == std::vector<std::int64_t>{7});
        CHECK(number(made, "Production/tpc/sim") == 2);
        CHECK(number(made, "Production/trigger/deep/plain") == 7);
        CHECK(number(made, "Production/packed") == 4);
        CHECK((*made.find("Production/tpc/gain")->answer)->num_rows == 2);
        CHECK(made.find("Production/tpc/gain")->node.comment == "a comment");
        CHECK((*made.find("Production/trigger/hole")->answer)->status == Status::Hole);
        CHECK((*made.find("Production/trigger/nothing")->answer)->status == Status::Gap);
        CHECK(made.find("Production/trigger")->database == "tpc");
        CHECK(made.find("Production/trigger/hole")->depth == 2);
        CHECK(made.find("Production/trigger/deep/plain")->depth == 3);
        CHECK(made.find("nowhere") == nullptr);
        CHECK(made.validity == Interval{Axis::Time, 20, 60});
        CHECK_FALSE(made.run_validity.has_value());
        // The root is found without saying where.
        CHECK(two.federation.fetch_configuration("Production", "", at(50)).nodes.size() == made.nodes.size());
        // Another default version, and one that a DB node gives to what is below it.
        auto test = at(50);
        test.version = "test";
        CHECK(number(two.federation.fetch_configuration("Production", "", test), "Production/trigger/deep/plain") == 8);
        add(*two.tpc, {crossing("Production/trigger", "rts", "Rts", "test,default")});
        const auto changed = two.federation.fetch_configuration("Production", "", at(50));
        CHECK(number(changed, "Production/trigger/deep/plain") == 8);
        CHECK(number(changed, "Production/Other") == 3);
        CHECK(paths(changed) == paths(made));
    }
}

TEST_CASE("a baseLine node is read whatever the time and does not bound the rest") {
    const EachEngine engine;
    if (!engine) return;
    Federation federation;
    auto& db = federation.add(engine.url(), {.create = true}, "main");
    register_as<Plain>(db);
    db.define_name({"Other", "Plain", {}, {}, {}});
    db.define_name({"ByRun", "Plain", Axis::Run, {}, {}});
    commit(db, {value(1, 10, 20), value(2, 0, 1000, "default", 0, "Other"), value(3, 5, 9, "default", 0, "ByRun")});
    db.advance();
    auto base = table("Root/base", "Plain");
    base.base_line = true;
    auto base_run = table("Root/base_run", "ByRun");
    base_run.base_line = true;
    add(db, {base, base_run, table("Root/Other")});
    const auto made = federation.fetch_configuration("Root", "", at(500));
    CHECK(number(made, "Root/base") == 1);
    CHECK(number(made, "Root/base_run") == 3);
    CHECK(made.validity == Interval{Axis::Time, 0, 1000});
    CHECK_FALSE(made.run_validity.has_value());
    // A node on an axis that was not asked for is an error that names it.
    add(db, {table("Root/dir/run", "ByRun")});
    const auto error = error_of([&] { (void)federation.fetch_configuration("Root", "", at(500)); });
    CHECK(error.code() == ErrorCode::WrongAxis);
    CHECK(std::string(error.what()).find("Root/dir/run") != std::string::npos);
    auto both = at(500);
    both.run = Run{7};
    const auto whole = federation.fetch_configuration("Root", "", both);
    CHECK(number(whole, "Root/dir/run") == 3);
    CHECK(whole.validity == Interval{Axis::Time, 0, 1000});
    CHECK(whole.run_validity == Interval{Axis::Run, 5, 9});
}

TEST_CASE("keys choose between configurations of one name, also across databases") {
    Two two;
    commit(*two.tpc, {value(1, 0)});
    commit(*two.rts, {value(7, 0), value(8, 0, {}, "test")});
    two.tpc->advance();
    two.rts->advance();
    auto keyed = table("Rts/x", "Plain", "test");
    keyed.key = "night";
    add(*two.rts, {table("Rts/x", "Plain"), keyed});
    auto night = crossing("Production/rts", "rts", "Rts");
    night.key = "night";
    auto fixed = crossing("Production/always_default", "rts", "Rts/default");
    fixed.key = "night";
    add(*two.tpc, {crossing("Production/rts", "rts", "Rts"), night, fixed});
    CHECK(number(two.federation.fetch_configuration("Production", "", at(1)), "Production/rts/x") == 7);
    CHECK(number(two.federation.fetch_configuration("Production", "default", at(1)), "Production/rts/x") == 7);
    const auto made = two.federation.fetch_configuration("Production", "night", at(1));
    CHECK(number(made, "Production/rts/x") == 8);
    CHECK(number(made, "Production/always_default/x") == 7);
    CHECK(error_of([&] { (void)two.federation.fetch_configuration("Production", "day", at(1)); }).code() ==
          ErrorCode::Unknown);
    const auto roots = two.tpc->configurations();
    REQUIRE(roots.size() == 2);
    CHECK(roots[1].key == "night");
}

TEST_CASE("cycles, orphans and unknown names are errors that name the path") {
    Two two;
    const auto message = [&](const char* root) {
        const auto error = error_of([&] { (void)two.federation.fetch_configuration(root, "", at(1), "tpc"); });
        return std::string(error.what());
    };
    const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
    // A -> B -> A.
    add(*two.tpc, {crossing("A/to_b", "rts", "B")});
    add(*two.rts, {crossing("B/dir/to_a", "tpc", "A")});
    CHECK(has(message("A"), "A/to_b/dir/to_a"));
    CHECK(has(message("A"), "cycle"));
    // Itself.
    add(*two.tpc, {crossing("S/again", "tpc", "S")});
    CHECK(has(message("S"), "S/again"));
    // Twice the same below different nodes is no cycle.
    commit(*two.rts, {value(1, 0)});
    two.rts->advance();
    add(*two.rts, {table("Leafs/x", "Plain")});
    add(*two.tpc, {crossing("Twice/one", "rts", "Leafs"), crossing("Twice/two", "rts", "Leafs")});
    CHECK(number(two.federation.fetch_configuration("Twice", "", at(1), "tpc"), "Twice/two/x") == 1);
    // Unknown database, configuration, reference.
    add(*two.tpc, {crossing("U/dir/lost", "nowhere", "X")});
    CHECK(has(message("U"), "U/dir/lost"));
    CHECK(has(message("U"), "nowhere"));
    add(*two.tpc, {crossing("V/dir/lost", "rts", "NoSuch")});
    CHECK(has(message("V"), "V/dir/lost"));
    CHECK(has(message("V"), "NoSuch"));
    CHECK(has(message("Nothing"), "Nothing"));
    const auto unknown = error_of([&] { add(*two.tpc, {table("W/x", "NoSuchRef")}); });
    CHECK(unknown.code() == ErrorCode::Unknown);
    CHECK(has(unknown.what(), "W/x"));
    for (const auto& bad :
         {table("W/x", "Plain", "a,,b"), table("W/x", "Plain", "", "1,1"), table("W/x", "Plain", "", "5-2")}) {
        const auto error = error_of([&] { add(*two.tpc, {bad}); });
        CHECK(error.code() == ErrorCode::BadInput);
        CHECK(has(error.what(), "W/x"));
    }
    CHECK(two.tpc->tree("W").empty());
    // Forged by SQL: a cycle, an edge to nowhere, a reference that does not exist.
    for (auto* db : {two.tpc, two.rts}) {
        add(*db, {table("Forged/dir/sub/x", "Plain"), table("Lost/dir/x", "Plain"), table("Ref/dir/x", "Plain")});
        const auto& url = db == two.tpc ? two.tpc_url : two.rts_url;
        const std::string commit_seq = R"(SELECT "lastSeq" FROM "commitCounter")";
        etalon::test::raw_script(
            url, R"(INSERT INTO "NodeRelation" ("ID", "ParentID", "NodeID", "ordinal", "commitSeq", "entryTime")
SELECT 90001, s."ID", d."ParentID", 9, 1, 1 FROM "Nodes" s, "NodeRelation" d WHERE s."Name" = 'sub' AND d."NodeID" = s."ID";
INSERT INTO "NodeRelation" ("ID", "ParentID", "NodeID", "ordinal", "commitSeq", "entryTime")
SELECT 90002, r."NodeID", 987654, 9, 1, 1 FROM "Nodes" n JOIN "NodeRelation" r ON r."ParentID" = n."ID" WHERE n."Name" = 'Lost';
INSERT INTO "Nodes" ("ID", "Name", "KeyName", "NodeType", "refName", "baseLine", "commitSeq", "entryTime")
VALUES (90003, 'forged_ref', '', 'table', 'NoSuchRef', 0, 1, 1);
INSERT INTO "NodeRelation" ("ID", "ParentID", "NodeID", "ordinal", "commitSeq", "entryTime")
SELECT 90004, r."NodeID", f."ID", 9, 1, 1 FROM "Nodes" f, "Nodes" n JOIN "NodeRelation" r ON r."ParentID" = n."ID"
WHERE n."Name" = 'Ref' AND f."Name" = 'forged_ref';)");
        // Without checksums nothing of it is read at all.
        CHECK(error_of([&] {
                  (void)two.federation.fetch_configuration("Forged", "", at(1), db == two.tpc ? "tpc" : "rts");
              }).code() == ErrorCode::Corrupt);
        etalon::test::forge_proofs(url, {&config_tree::node_table(), &config_tree::edge_table()});
        const auto fault = [&](const char* root) {
            const auto error = error_of(
                [&] { (void)two.federation.fetch_configuration(root, "", at(1), db == two.tpc ? "tpc" : "rts"); });
            return std::string(error.what());
        };
        CHECK(has(fault("Forged"), "Forged/dir/sub/dir"));
        CHECK(has(fault("Forged"), "cycle"));
        CHECK(has(fault("Lost"), "Lost/dir"));
        CHECK(has(fault("Lost"), "orphan"));
        CHECK(has(fault("Ref"), "Ref/dir/forged_ref"));
        CHECK(has(fault("Ref"), "NoSuchRef"));
    }
    // And through a crossing, with the whole way.
    add(*two.tpc, {crossing("Way/to", "rts", "Lost")});
    CHECK(has(message("Way"), "Way/to/"));
}

TEST_CASE("databases that call themselves the same are told apart by their names in the federation") {
    const TempDirectory directory;
    Federation federation;
    auto& one = federation.add("sqlite:" + directory.file("one.db") + "#Same", {.create = true}, "one");
    auto& two = federation.add("sqlite:" + directory.file("two.db") + "#Same", {.create = true}, "two");
    for (auto* db : {&one, &two}) {
        register_as<Plain>(*db);
        commit(*db, {value(db == &one ? 1 : 2, 0)});
        db->advance();
    }
    add(one, {crossing("Root/below", "two", "Root")});
    add(two, {table("Root/Plain")});
    const auto made = federation.fetch_configuration("Root", "", at(1), "one");
    CHECK(number(made, "Root/below/Plain") == 2);
    CHECK(made.find("Root/below")->database == "one");
    CHECK(made.find("Root/below/Plain")->database == "two");
    const auto error = error_of([&] { (void)federation.fetch_configuration("Root", "", at(1)); });
    CHECK(error.code() == ErrorCode::Usage);
    CHECK(std::string(error.what()).find("one and two") != std::string::npos);
}

TEST_CASE("a tree is read as of its snapshot") {
    const EachEngine engine;
    if (!engine) return;
    Federation federation;
    auto& db = federation.add(engine.url(), {.create = true}, "main");
    register_as<Plain>(db);
    db.define_name({"Other", "Plain", {}, {}, {}});
    commit(db, {value(1, 0), value(2, 0, {}, "default", 0, "Other")});
    const auto first = db.add_nodes(std::vector<NodeSpec>{table("Root/x", "Plain"), table("Root/y", "Plain")});
    const auto second = db.add_nodes(std::vector<NodeSpec>{table("Root/x", "Other"), table("Root/z", "Other")});
    const auto values = commit(db, {value(9, 0, {}, "default", 0, "Other")});
    CHECK(db.tree("Root").empty());  // the snapshot of the open database
    db.advance();
    const auto as_of = [&](AsOf when) {
        auto request = at(1);
        request.as_of = when;
        return federation.fetch_configuration("Root", "", request);
    };
    CHECK(error_of([&] { (void)as_of(first - 1); }).code() == ErrorCode::Unknown);
    CHECK(number(as_of(first), "Root/x") == 1);
    CHECK(as_of(first).nodes.size() == 3);
    CHECK(number(as_of(second), "Root/x") == 2);
    CHECK(number(as_of(second), "Root/z") == 2);
    CHECK(number(as_of(values.commit), "Root/z") == 9);
    CHECK(number(as_of(values.entry_time), "Root/z") == 9);
    CHECK(number(as_of(Time{values.entry_time.ns - 1}), "Root/z") == 2);
    CHECK(number(federation.fetch_configuration("Root", "", at(1)), "Root/x") == 9);
    CHECK(db.tree("Root", "", first).size() == 3);
    CHECK(db.tree("Root", "default", second).size() == 4);
    CHECK(db.tree("Root", "other").empty());
}

TEST_CASE("a commit number belongs to one database") {
    Two two;
    commit(*two.tpc, {value(1, 0)});
    two.tpc->advance();
    add(*two.tpc, {table("Root/Plain")});
    auto request = at(1);
    request.as_of = std::int64_t{1};
    CHECK(error_of([&] { (void)two.federation.fetch_configuration("Root", "", request, "tpc"); }).code() ==
          ErrorCode::Usage);
    request.as_of = Time{kPlusInfinity};
    CHECK(number(two.federation.fetch_configuration("Root", "", request), "Root/Plain") == 1);
}

TEST_CASE("the number of statements does not depend on nodes, elements, intervals or structs") {
    const EachEngine engine;
    if (!engine) return;
    const bool postgres = engine.place().engine == backends::Engine::Postgres;
    auto writer = Database::open(engine.url(), {.create = true});
    std::vector<StructDefinition> definitions;
    constexpr int kStructs = 250;
    for (int i = 0; i < kStructs; ++i) {
        definitions.push_back(etalon::test::definition_of<Plain>());
        definitions.back().name = "S" + std::to_string(i);
    }
    register_as<Gain1>(writer);
    writer.register_structs(definitions);
    std::vector<NameSpec> names;
    for (int i = 0; i < 20; ++i)
        names.push_back({"Bytes" + std::to_string(i), "S" + std::to_string(i), {}, {}, Storage::Bytes});
    std::vector<PutRecord> records;
    for (int i = 0; i < kStructs; ++i) {
        for (std::int64_t element = 0; element < 4; ++element) {
            auto record = value(i * 10 + static_cast<double>(element), 0, 100 + i, element == 3 ? "sim" : "default",
                                element, "S" + std::to_string(i));
            record.layout = std::make_shared<const StructDefinition>(definitions[static_cast<std::size_t>(i)]);
            records.push_back(record);
            if (i < 20) {
                record.name = "Bytes" + std::to_string(i);
                records.push_back(record);
            }
        }
    }
    records.push_back(put<Gain1>("Gain", 0, {gain1(1), gain1(2)}));
    writer.commit(records, {}, names);
    register_as<Gain2>(writer);
    Gain2 newer{};
    newer.channel = 77;
    auto second = put<Gain2>("Gain", 0, {newer});
    second.element = 1;
    commit(writer, {second});
    const auto tree = [&](const std::string& root, int nodes, int structs) {
        std::vector<NodeSpec> specs;
        for (int i = 0; i < nodes; ++i) {
            const auto path = root + "/d" + std::to_string(i % 7) + "/n" + std::to_string(i);
            if (i % 10 == 9) {
                specs.push_back(table(path, "Bytes" + std::to_string(i % std::min(structs, 20))));
            } else if (i % 10 == 8) {
                specs.push_back(table(path, "Gain", "", "0-1"));
            } else {
                specs.push_back(table(path, "S" + std::to_string(i % structs), i % 3 == 0 ? "sim,default" : "",
                                      i % 4 == 0 ? "0-3" : "1"));
            }
        }
        writer.add_nodes(specs);
    };
    tree("Ten", 10, 1);
    tree("Thousand", 1000, 1);
    tree("Hundred", 200, 100);
    tree("Wide", 600, kStructs);
    const std::vector<std::pair<std::string, std::uint64_t>> roots{
        {"Ten", 4}, {"Thousand", 4}, {"Hundred", 4}, {"Wide", 5}};
    for (const auto& [root, most] : roots) {
        CAPTURE(root);
        Federation federation;
        auto& db = federation.add(engine.url(), {}, "main");
        for (const char* state : {"cold", "warm", "advanced"}) {
            CAPTURE(state);
            if (state == std::string("advanced")) db.advance();
            const auto before = db.statement_count();
            const auto made = federation.fetch_configuration(root, "", at(50));
            const auto used = db.statement_count() - before;
            if (postgres) CHECK(used <= most);
            CHECK(made.validity == Interval{Axis::Time, 0, 100});
            for (const auto& node : made.nodes) {
                if (node.node.type != NodeType::Table) continue;
                const auto& answer = *node.answer;
                if (node.node.ref_name == "Gain") {
                    CHECK(answer->num_rows == 3);
                    CHECK(answer->layout->size == sizeof(Gain2));
                    continue;
                }
                const auto index = std::stoi(node.node.ref_name.substr(node.node.ref_name[0] == 'S' ? 1 : 5));
                for (const auto& one : answer->elements) {
                    if (one.status != Status::Found) {
                        CHECK(one.element == 3);  // in sim only
                        CHECK(node.node.version.empty());
                        continue;
                    }
                    double number = 0;
                    std::memcpy(&number, answer.row(one.first_row), sizeof number);
                    CHECK(number == index * 10 + static_cast<double>(one.element));
                }
            }
        }
        // As of a date takes one more: which commit it means.
        auto request = at(50);
        request.as_of = Time{kPlusInfinity};
        const auto before = db.statement_count();
        (void)federation.fetch_configuration(root, "", request);
        if (postgres) CHECK(db.statement_count() - before <= most + 1);
    }
}

TEST_CASE("many names and elements of a point read take a fixed number of statements") {
    const EachEngine engine;
    if (!engine) return;
    auto db = etalon::test::create_with<Plain>(engine.url());
    std::vector<PutRecord> records;
    std::vector<std::int64_t> all;
    for (std::int64_t element = 0; element < 300; ++element) {
        all.push_back(element);
        records.push_back(value(static_cast<double>(element), 0, {}, "default", element));
    }
    commit(db, records);
    db.advance();
    (void)db.fetch<Plain>("Plain", Time{0});
    auto before = db.statement_count();
    CHECK(db.fetch<Plain>("Plain", Time{1})[0].value == 0);
    CHECK(db.statement_count() - before == 0);  // the interval is known
    db.invalidate("Plain");
    CHECK(db.fetch<Plain>("Plain", Time{1})[0].value == 0);
    CHECK(db.statement_count() - before == 1);
    FetchOptions options;
    options.elements = all;
    before = db.statement_count();
    const auto rows = db.fetch<Plain>("Plain", Time{1}, options);
    CHECK(rows.size() == 300);
    CHECK(rows[299].value == 299);
    if (engine.place().engine == backends::Engine::Postgres) CHECK(db.statement_count() - before <= 3);
}
