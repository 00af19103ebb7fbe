#include <doctest/doctest.h>

#include "differences/support.h"
#include "etalon/federation.h"
#include "support/temp_directory.h"

using namespace etalon;
using namespace etalon::test;

namespace {

NodeSpec table(std::string path, std::string ref, std::string elements = "", std::string version = "") {
    NodeSpec spec;
    spec.path = std::move(path);
    spec.ref_name = std::move(ref);
    spec.elements = std::move(elements);
    spec.version = std::move(version);
    return spec;
}

ConfigurationRequest at(std::int64_t time) {
    ConfigurationRequest request;
    request.time = Time{time};
    return request;
}
ConfigurationRequest as_of(std::int64_t commit) {
    ConfigurationRequest request;
    request.as_of = commit;
    return request;
}

DiffConfigurationSide side_of(Federation& federation, const ConfigurationRequest& request) {
    DiffConfigurationSide side;
    side.federation = &federation;
    side.root = "Reco";
    side.request = &request;
    return side;
}

Lines differ(Federation& federation, const ConfigurationRequest& before, const ConfigurationRequest& after,
             const DiffOptions& options = {}) {
    return differences_of(side_of(federation, before), side_of(federation, after), options);
}

}  // namespace

TEST_CASE("nodes that came, went or changed are told, and values of tables that both sides have") {
    const EachEngine engine;
    if (!engine) return;
    Federation federation;
    auto& db = federation.add(engine.url(), {.create = true});
    register_as<Gain1>(db);
    register_as<Plain>(db);
    db.define_name({"Other", "Plain", {}, {}, {}});
    auto second = value(5, 10, std::nullopt, "default", 1);
    commit(db, {put<Gain1>("Gain", 10, {gain1(1)}), value(1, 10), value(2, 20), second,
                value(9, 10, {}, "default", 0, "Other")});
    const auto before = db.add_nodes(std::vector<NodeSpec>{table("Reco/a", "Plain"), table("Reco/b", "Plain", "0,1"),
                                                           table("Reco/c", "Plain"), table("Reco/gone", "Gain")});
    (void)db.add_nodes(std::vector<NodeSpec>{table("Reco/b", "Plain", "1,2"), table("Reco/c", "Other"),
                                             table("Reco/dir/came", "Gain")});
    const auto removed = db.remove_nodes("Reco/gone", "", false);
    const auto after = commit(db, {value(3, 20)}).commit;
    CHECK(removed.commit < after);
    db.advance();
    const auto begin = [](std::int64_t ns) { return " in [" + format_time(Time{ns}) + ", "; };
    CHECK(differ(federation, as_of(before), as_of(after)) ==
          Lines{"Reco/a/0 value row 0: 2 -> 3" + begin(20) + ")", "Reco/b/0 node changed elements: 0,1 -> 1,2",
                "Reco/c/0 node changed reference: Plain -> Other",
                "Reco/c/0 value row 0: 1 -> 9" + begin(10) + format_time(Time{20}) + ")",
                "Reco/c/0 value row 0: 2 -> 9" + begin(20) + ")", "Reco/gone/0 node removed: table Gain -> -",
                "Reco/dir/0 node added: - -> directory", "Reco/dir/came/0 node added: - -> table Gain"});
    // As of a time at which it was not there, all of it came.
    CHECK(differ(federation, as_of(before - 1), as_of(before)).size() == 5);
    // At one position of each side.
    CHECK(differ(federation, at(15), at(25)) == Lines{"Reco/a/0 value row 0: 1 -> 3"});
    CHECK(differ(federation, at(5), at(15)) == Lines{"Reco/a/0 status: Gap -> Found", "Reco/b/1 status: Gap -> Found",
                                                     "Reco/c/0 status: Gap -> Found",
                                                     "Reco/dir/came/0 status: Gap -> Found"});
    DiffOptions options;
    options.range = Interval{Axis::Time, 12, 15};
    options.absolute = {{"value", 8}};
    CHECK(differ(federation, as_of(before), as_of(after), options).size() == 5);
}

TEST_CASE("a node that refers to another struct is told as changed, and no values are compared") {
    const EachEngine engine;
    if (!engine) return;
    Federation federation;
    auto& db = federation.add(engine.url(), {.create = true});
    register_as<Gain1>(db);
    register_as<Plain>(db);
    commit(db, {put<Gain1>("Gain", 10, {gain1(1)}), value(1, 10)});
    const auto before = db.add_nodes(std::vector<NodeSpec>{table("Reco/a", "Plain")});
    const auto after = db.add_nodes(std::vector<NodeSpec>{table("Reco/a", "Gain", "", "sim")});
    db.advance();
    CHECK(differ(federation, as_of(before), as_of(after)) == Lines{"Reco/a/0 node changed reference: Plain -> Gain",
                                                                   "Reco/a/0 node changed version: - -> sim",
                                                                   "Reco/a/0 node changed struct: Plain -> Gain"});
}

TEST_CASE("configurations continue in other databases, and baseLine nodes hold whatever the time") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    Federation federation;
    auto& db = federation.add(engine.url(), {.create = true}, "top");
    register_as<Plain>(db);
    auto& below = federation.add("sqlite:" + directory.file("below.db"), {.create = true});
    register_as<Plain>(below);
    commit(db, {value(1, 10), value(2, 20)});
    commit(below, {value(3, 10), value(4, 20), value(7, 10, {}, "sim"), value(8, 20, {}, "sim")});
    NodeSpec crossing;
    crossing.path = "Reco/below";
    crossing.type = NodeType::Database;
    crossing.db_name = "below";
    crossing.ref_name = "Sub";
    crossing.version = "sim";
    auto base = table("Reco/base", "Plain");
    base.base_line = true;
    (void)db.add_nodes(std::vector<NodeSpec>{crossing, base});
    (void)below.add_nodes(std::vector<NodeSpec>{table("Sub/x", "Plain")});
    db.advance();
    below.advance();
    const auto first = at(15);
    const auto second = at(25);
    auto before = side_of(federation, first);
    auto after = side_of(federation, second);
    before.start = after.start = "top";
    CHECK(differences_of(before, after) == Lines{"Reco/below/x/0 value row 0: 7 -> 8"});
}

TEST_CASE("configurations that cannot be compared are errors that name the node") {
    const EachEngine engine;
    if (!engine) return;
    Federation federation;
    auto& db = federation.add(engine.url(), {.create = true});
    register_as<Plain>(db);
    db.define_name({"ByRun", "Plain", Axis::Run, {}, {}});
    (void)db.add_nodes(std::vector<NodeSpec>{table("Reco/run", "ByRun")});
    db.advance();
    const auto error = [&](const ConfigurationRequest& before, const ConfigurationRequest& after,
                           const DiffOptions& options = {}) {
        return error_of([&] { (void)differ(federation, before, after, options); });
    };
    CHECK(error(at(1), at(2)).info().where == "node Reco/run");
    CHECK(error(at(1), at(2)).code() == ErrorCode::WrongAxis);
    CHECK(error(at(1), {}).code() == ErrorCode::Usage);
    DiffOptions options;
    options.range = Interval{Axis::Time, 1, 5};
    CHECK(error({}, {}, options).code() == ErrorCode::WrongAxis);
    auto side = side_of(federation, {});
    const ConfigurationRequest request;
    side.request = &request;
    side.root = "Recko";
    CHECK(error_of([&] { (void)differences_of(side, side); }).code() == ErrorCode::Unknown);
    CHECK(differ(federation, {}, {}).empty());
}
