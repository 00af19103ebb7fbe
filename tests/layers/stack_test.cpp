// Layers, snapshots, coverage and federation files by example.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "database/support.h"
#include "etalon/federation.h"
#include "etalon/verify.h"

using namespace etalon;
using namespace etalon::test;

namespace {

const CommitInfo kWho{"tester", "", "", "a test"};

/// A folder with places and CSV layers in it.
struct Folder {
    TempDirectory directory;
    [[nodiscard]] std::string sqlite(const std::string& name, const std::string& database = "calib") const {
        return "sqlite:" + directory.file(name + ".db") + "#" + database;
    }
    /// Writes a file, and says the path.
    std::string file(const std::string& name, const std::string& text) const {
        const std::filesystem::path path = directory.file(name);
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
        return path.string();
    }
    /// A CSV layer with one file of values.
    std::string csv(const std::string& name, const std::string& manifest,
                    const std::string& values = "value\n7\n") const {
        file(name + "/manifest.csv", manifest);
        file(name + "/values.csv", values);
        return "csv:" + directory.file(name);
    }
};

bool says(const Error& error, const std::string& part) {
    if (std::string(error.what()).find(part) != std::string::npos) return true;
    MESSAGE(std::string(error.what()));
    return false;
}

/// The value of Plain at a time; NaN for a gap, -1 for a hole.
double value_at(Database& db, std::int64_t at, const FetchOptions& options = {}, const std::string& name = "Plain") {
    const auto rows = db.fetch<Plain>(name, Time{at}, options);
    if (rows.status() == Status::Hole) return -1;
    return rows.status() == Status::Gap ? -2 : rows[0].value;
}

FetchOptions as_of(const AsOf& when) {
    FetchOptions options;
    options.as_of = when;
    return options;
}

NameSpec spec(const std::string& name, const std::string& of_struct, std::optional<Axis> axis = std::nullopt) {
    NameSpec made;
    made.name = name;
    made.struct_name = of_struct;
    made.axis = axis;
    return made;
}

std::size_t number_of_commits(const std::string& url) {
    return Database::open(url).log().size();
}

}  // namespace

// --- which layer is written to
// ------------------------------------------------------------------------------------------

TEST_CASE("two layers that could be written to are an error that names them, until one is chosen") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    create_with<Plain>(engine.url());
    create_with<Plain>(folder.sqlite("b", engine.name()));
    auto db = Database::open({folder.sqlite("b", engine.name()), engine.url()});
    const auto error = error_of([&] { commit(db, {value(1, 0)}); });
    CHECK(error.code() == ErrorCode::Usage);
    CHECK(says(error, "b.db"));
    CHECK(says(error, "--write-to"));
    CHECK(value_at(db, 0) == -2);  // it can be read nevertheless

    auto chosen = Database::open({folder.sqlite("b", engine.name()), engine.url()}, {.write_to = engine.url()});
    commit(chosen, {value(1, 0)});
    chosen.advance();
    CHECK(value_at(chosen, 0) == 1);
    const auto layers = chosen.layers();
    CHECK_FALSE(layers[0].written_to);
    CHECK(layers[1].written_to);
    CHECK(number_of_commits(folder.sqlite("b", engine.name())) == 1);
}

TEST_CASE("memory over a database is ambiguous too, and a layer that is not there cannot be written to") {
    const EachEngine engine;
    if (!engine) return;
    create_with<Plain>(engine.url());
    auto db = Database::open({"memory:", engine.url()});
    CHECK(error_of([&] { commit(db, {value(1, 0)}); }).code() == ErrorCode::Usage);
    const auto error =
        error_of([&] { (void)Database::open({"memory:", engine.url()}, {.write_to = "sqlite:other.db"}); });
    CHECK(error.code() == ErrorCode::Usage);
    CHECK(says(error, "sqlite:other.db"));
    CHECK(says(error, "memory:"));
}

TEST_CASE("a stack of files of values alone cannot be written to") {
    const Folder folder;
    const auto url =
        folder.csv("layer", "table,struct,beginTime,path\nPlain,Plain,-inf,values.csv\n", "value:double\n7\n");
    auto db = Database::open(url);
    CHECK(value_at(db, 0) == 7);
    const auto error = error_of([&] { commit(db, {value(1, 0)}); });
    CHECK((error.code() == ErrorCode::ReadOnly || error.code() == ErrorCode::Usage));
    const auto other =
        folder.csv("other", "table,struct,beginTime,path\nPlain,Plain,-inf,values.csv\n", "value:double\n8\n");
    auto two = Database::open({url, other});
    CHECK(error_of([&] { commit(two, {value(1, 0)}); }).code() == ErrorCode::ReadOnly);
    CHECK(error_of([&] { (void)Database::open({url, url}); }).code() == ErrorCode::Usage);
}

TEST_CASE("the layer to write to may be named by another spelling of its place") {
    const Folder folder;
    create_with<Plain>(folder.sqlite("a"));
    create_with<Plain>(folder.sqlite("b"));
    const auto other = "sqlite:" + folder.directory.file("./x/../b.db") + "#calib";
    auto db = Database::open({folder.sqlite("a"), folder.sqlite("b")}, {.write_to = other});
    commit(db, {value(1, 0)});
    CHECK(number_of_commits(folder.sqlite("b")) == 2);
}

TEST_CASE("the same place twice, or a copy of it, is refused") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    create_with<Plain>(engine.url());
    CHECK(error_of([&] { (void)Database::open({engine.url(), engine.url()}); }).code() == ErrorCode::Usage);
    create_with<Plain>(folder.sqlite("a"));
    std::filesystem::copy_file(folder.directory.file("a.db"), folder.directory.file("copy.db"));
    const auto error = error_of([&] { (void)Database::open({folder.sqlite("a"), folder.sqlite("copy")}); });
    CHECK(says(error, "copies"));
}

TEST_CASE("a database without a layer, or with one that is not there, is an error") {
    CHECK(error_of([] { (void)Database::open(std::vector<std::string>{}); }).code() == ErrorCode::Usage);
    const Folder folder;
    create_with<Plain>(folder.sqlite("a"));
    CHECK_THROWS_AS((void)Database::open({folder.sqlite("nowhere"), folder.sqlite("a")}), Error);
    CHECK_THROWS_AS((void)Database::open({"csv:" + folder.directory.file("nowhere"), folder.sqlite("a")}), Error);
    CHECK_FALSE(std::filesystem::exists(folder.directory.file("nowhere.db")));
}

// --- one over the other
// -------------------------------------------------------------------------------------------------

TEST_CASE("the first layer with an eligible record wins and trims those below") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    auto below = create_with<Plain>(engine.url());
    commit(below, {value(1, 0), value(2, 100, 200)});
    auto db = Database::open({"memory:", engine.url()}, {.write_to = "memory:"});
    commit(db, {value(10, 50, 150)});
    CHECK(value_at(db, 60) == 1);  // seen with the next snapshot
    db.advance();
    CHECK(value_at(db, 60) == 10);
    CHECK(value_at(db, 49) == 1);
    CHECK(value_at(db, 150) == 2);
    CHECK(value_at(db, 200) == 1);
    const auto trimmed = db.fetch<Plain>("Plain", Time{10});
    CHECK(trimmed.validity() == Interval{Axis::Time, 0, 50});
    CHECK(trimmed.provenance().record == Interval{Axis::Time, 0, std::nullopt});
    CHECK(trimmed.provenance().layer == db.layers()[1].place);
    CHECK(db.fetch<Plain>("Plain", Time{160}).validity() == Interval{Axis::Time, 150, 200});
    CHECK(db.fetch<Plain>("Plain", Time{-5}).validity() == Interval{Axis::Time, kMinusInfinity, 0});
    CHECK(db.fetch<Plain>("Plain", Time{60}).provenance().layer == db.layers()[0].place);
    // Nothing reached the place below.
    CHECK(Database::open(engine.url()).history("Plain").size() == 2);
}

TEST_CASE("a hole above hides what is below") {
    const EachEngine engine;
    if (!engine) return;
    auto below = create_with<Plain>(engine.url());
    commit(below, {value(1, 0)});
    auto db = Database::open({"memory:", engine.url()}, {.write_to = "memory:"});
    commit(db, {hole(10, 20)});
    db.advance();
    CHECK(value_at(db, 15) == -1);
    CHECK(value_at(db, 20) == 1);
}

TEST_CASE("all members of a version chain are tried in one layer before the next") {
    const EachEngine engine;
    if (!engine) return;
    auto below = create_with<Plain>(engine.url());
    commit(below, {value(1, 0, std::nullopt, "sim"), value(2, 0)});
    auto db = Database::open({"memory:", engine.url()}, {.write_to = "memory:"});
    commit(db, {value(10, 50, 100)});  // version default
    db.advance();
    FetchOptions options;
    options.version = "sim,default";
    CHECK(value_at(db, 60, options) == 10);
    CHECK(value_at(db, 10, options) == 1);
    CHECK(db.fetch<Plain>("Plain", Time{10}, options).validity() == Interval{Axis::Time, 0, 50});
}

TEST_CASE("each element comes from the first layer that has it, or all from the first that has any") {
    const EachEngine engine;
    if (!engine) return;
    auto below = create_with<Plain>(engine.url());
    commit(below, {value(1, 0, std::nullopt, "default", 0), value(2, 0, 300, "default", 1)});
    auto db = Database::open({"memory:", engine.url()}, {.write_to = "memory:"});
    commit(db, {value(10, 100, 200, "default", 1)});
    db.advance();
    FetchOptions options;
    options.elements = {1, 0};
    const auto each = db.fetch<Plain>("Plain", Time{150}, options);
    REQUIRE(each.size() == 2);
    CHECK(each[0].value == 10);
    CHECK(each[1].value == 1);
    CHECK(each.of_element(0)[0].value == 1);
    CHECK(each.validity() == Interval{Axis::Time, 100, 200});
    options.layer_unit = LayerUnit::Answer;
    const auto all = db.fetch<Plain>("Plain", Time{150}, options);
    CHECK(all.status() == Status::Found);
    REQUIRE(all.size() == 1);
    CHECK(all[0].value == 10);
    CHECK(all.missing() == std::vector<std::int64_t>{0});
    CHECK(all.of_element(0).empty());
    CHECK(all.validity() == Interval{Axis::Time, 100, 200});
    const auto before = db.fetch<Plain>("Plain", Time{50}, options);
    CHECK(before.size() == 2);
    CHECK(before.validity() == Interval{Axis::Time, 0, 100});
    CHECK(db.fetch<Plain>("Plain", Time{350}, options).validity() == Interval{Axis::Time, 300, std::nullopt});
}

namespace {

/// Reads `below`, whose `byRun` has a Gain1 from run 0 on, through `above`, which gets a Gain2 for the runs [10, 20) if
/// it does not have it as a file of values.
void override_in(const std::string& above, const std::string& below) {
    CAPTURE(above);
    const std::vector<std::string> urls{above, below};
    OpenOptions options;
    const bool csv = above.starts_with("csv:");
    if (!csv) options.write_to = above;
    auto db = Database::open(urls, options);
    if (!csv) {
        Gain2 row{};
        row.channel = 2;
        row.offset = 0.5;
        row.gain[0] = 3;
        auto record = put<Gain2>("byRun", 10, {row});
        record.end = 20;
        commit(db, {record});
        db.advance();
    }
    // Schema versions keep the numbers that the lower layer gave them.
    CHECK(db.structs().at(0).schemas == 2);
    const auto newest = db.fetch<Gain2>("byRun", Run{15});
    REQUIRE(newest.size() == 1);
    CHECK(newest.provenance().schema == 2);
    CHECK(newest[0].channel == 2);
    CHECK(db.fetch_rows("byRun", Run{25})->elements[0].provenance->schema == 1);
    // Read as older and newer layouts, through the stack.
    CHECK(db.fetch<GainChannel>("byRun", Run{15})[0].channel == 2);
    const auto newer = db.fetch<Gain2>("byRun", Run{25});
    CHECK(newer[0].offset == 1.5);  // the declared default
    CHECK(newer.absent() == std::vector<std::string>{"offset"});
    FetchOptions both;
    both.elements = {0, 1};
    if (!csv) {
        auto other = put<Gain1>("byRun", 10, {gain1(3)});
        other.element = 1;
        commit(db, {other});
        db.advance();
        const auto answer = db.fetch_rows("byRun", Run{15}, both);
        CHECK(answer->layout->elements.size() == 4);  // the newest of both
        CHECK(answer->num_rows == 2);
    }
    FetchOptions old;
    old.schema = 1;
    FetchOptions lenient;
    lenient.schema = 1;
    lenient.lenient = true;
    CHECK(db.fetch_rows("byRun", Run{15}, lenient)->num_rows == 1);
    CHECK(db.fetch_rows("byRun", Run{25}, old)->layout->size == 24);
    // What the layer above does not have is not made there: the other reference is still one by run.
    CHECK(db.fetch<Gain1>("Gain", Run{3})[0].channel == 5);
    CHECK(db.find_name("byRun")->policy == OrderPolicy::ByCreation);
}

}  // namespace

TEST_CASE(
    "a struct that only the lower layer knows is overridden in memory, in a file of SQLite and in files of values") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    auto below = create_with<Gain1, Gain2>(engine.url());
    NameSpec by_run = spec("byRun", "Gain", Axis::Run);
    by_run.policy = OrderPolicy::ByCreation;
    below.define_name(by_run);
    below.define_name(spec("Gain", "Gain", Axis::Run));  // on the other axis than a new reference would be
    commit(below, {put<Gain1>("byRun", 0, {gain1(1)}), put<Gain1>("Gain", 0, {gain1(5)})});
    const auto file = folder.sqlite("above", engine.name());
    (void)Database::open(file, {.create = true});
    override_in("memory:", engine.url());
    override_in(file, engine.url());
    override_in(folder.csv("layer", "table,beginTime,endTime,path\nbyRun,10,20,values.csv\n",
                           "offset:double,channel:int64,gain[2]:float,label:char[12]\n0.5,2,3,4,\"x\"\n"),
                engine.url());
}

TEST_CASE("a newer schema version that only the lower layer knows can be written above") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    auto above = create_with<Gain1>(folder.sqlite("above", engine.name()));
    commit(above, {put<Gain1>("Gain", 0, {gain1(1)})});
    create_with<Gain1, Gain2>(engine.url());
    auto db = Database::open({folder.sqlite("above", engine.name()), engine.url()},
                             {.write_to = folder.sqlite("above", engine.name())});
    const std::vector<PutRecord> records{put<Gain2>("Gain", 10, {Gain2{}})};
    const auto effects = db.preview(records);
    REQUIRE(effects.size() == 1);
    CHECK(effects[0].before.starts_with("record "));
    CHECK(number_of_commits(folder.sqlite("above", engine.name())) == 2);
    commit(db, records);
    db.advance();
    CHECK(db.fetch<Gain2>("Gain", Time{10}).provenance().schema == 2);
    auto alone = Database::open(folder.sqlite("above", engine.name()));
    CHECK(alone.structs().at(0).schemas == 2);
    CHECK(alone.structs().at(0).current_schema == 1);  // nobody else is moved
}

TEST_CASE("registering through a stack goes on counting where the lower layer is") {
    const EachEngine engine;
    if (!engine) return;
    create_with<Gain1, Gain2>(engine.url());
    auto db = Database::open({"memory:", engine.url()}, {.write_to = "memory:"});
    const auto definition = etalon::test::definition_of<GainChannel>();
    RegisterOptions dry_run;
    dry_run.dry_run = true;
    const auto dry = db.register_structs({&definition, 1}, dry_run);
    CHECK(dry.outcomes.at(0).schema == 3);
    CHECK(dry.outcomes.at(0).previous_schema == 2);
    CHECK(db.register_structs({&definition, 1}).outcomes.at(0).schema == 3);
    CHECK(Database::open(engine.url()).structs().at(0).schemas == 2);
    commit(db, {put<GainChannel>("Gain", 0, {GainChannel{4}})});
    db.advance();
    CHECK(db.fetch<Gain2>("Gain", Time{0}).provenance().schema == 3);
    CHECK(db.fetch<GainChannel>("Gain", Time{0})[0].channel == 4);
}

TEST_CASE("what is refused leaves nothing in the layer that is written to, not even what it would have learnt") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    create_with<Gain1, Plain>(engine.url());
    (void)Database::open(folder.sqlite("above", engine.name()), {.create = true});
    auto db = Database::open({folder.sqlite("above", engine.name()), engine.url()},
                             {.write_to = folder.sqlite("above", engine.name())});
    auto bad = put<Gain1>("Gain", 10, {gain1(1)});
    bad.end = 10;
    CHECK_THROWS_AS(commit(db, {value(1, 0), bad}), Error);
    auto misspelt = error_of([&] { commit(db, {put<Gain1>("Gian", 10, {gain1(1)})}); });
    CHECK(misspelt.code() == ErrorCode::Unknown);
    CHECK(says(misspelt, "did you mean 'Gain'?"));
    CHECK_THROWS_AS(commit(db, {put<Gain2>("Gain", 10, {Gain2{}})}), Error);  // a layout that nobody knows
    CHECK(number_of_commits(folder.sqlite("above", engine.name())) == 0);
    CHECK(Database::open(folder.sqlite("above", engine.name())).structs().empty());
}

TEST_CASE("layers that disagree on the struct or the axis of a name are an error that names them") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    auto below = create_with<Plain, Gain1>(engine.url());
    auto above = create_with<Plain, Gain1>(folder.sqlite("above", engine.name()));
    below.define_name(spec("x", "Plain"));
    above.define_name(spec("x", "Gain"));
    below.define_name(spec("y", "Plain", Axis::Time));
    above.define_name(spec("y", "Plain", Axis::Run));
    auto db = Database::open({folder.sqlite("above", engine.name()), engine.url()});
    const auto of_struct = error_of([&] { (void)db.fetch_rows("x", Time{0}); });
    CHECK(of_struct.code() == ErrorCode::Refused);
    CHECK(says(of_struct, "above.db"));
    CHECK(says(of_struct, "expected Plain"));
    CHECK(says(of_struct, "found Gain"));
    CHECK(says(error_of([&] { (void)db.fetch_rows("y", Run{0}); }), "axis"));
    CHECK_NOTHROW((void)db.fetch_rows("Plain", Time{0}));
}

TEST_CASE("an unknown name is an error with the nearest of all layers") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    create_with<Gain1>(engine.url());
    const auto csv =
        folder.csv("layer", "table,struct,beginTime,path\ntpcVoltage,Plain,-inf,values.csv\n", "value:double\n7\n");
    auto db = Database::open({csv, engine.url()});
    const auto error = error_of([&] { (void)db.fetch_rows("tpcVoltgae", Time{0}); });
    CHECK(error.code() == ErrorCode::Unknown);
    CHECK(says(error, "did you mean 'tpcVoltage'?"));
    CHECK(says(error_of([&] { (void)db.history("tpcVoltgae"); }), "did you mean 'tpcVoltage'?"));
    CHECK(says(error_of([&] { (void)db.fetch_rows("Gian", Time{0}); }), "did you mean 'Gain'?"));
}

TEST_CASE("the wrong axis is an error over layers as in one place") {
    const EachEngine engine;
    if (!engine) return;
    create_with<Plain>(engine.url());
    auto db = Database::open({"memory:", engine.url()});
    CHECK(error_of([&] { (void)db.fetch_rows("Plain", Run{0}); }).code() == ErrorCode::WrongAxis);
}

TEST_CASE("history over layers says which layer, in one order with one limit") {
    const EachEngine engine;
    if (!engine) return;
    auto below = create_with<Plain>(engine.url());
    commit(below, {value(1, 0), value(2, 100)});
    auto db = Database::open({"memory:", engine.url()}, {.write_to = "memory:"});
    commit(db, {value(10, 50)});
    db.advance();
    HistoryOptions options;
    options.order = HistoryOrder::Begin;
    const auto history = db.history("Plain", options);
    REQUIRE(history.size() == 3);
    CHECK(history[0].interval.begin == 0);
    CHECK(history[1].interval.begin == 50);
    CHECK(history[1].layer == db.layers()[0].place);
    CHECK(history[2].layer == db.layers()[1].place);
    options.descending = true;
    options.limit = 2;
    const auto last = db.history("Plain", options);
    REQUIRE(last.size() == 2);
    CHECK(last[0].interval.begin == 100);
    CHECK(last[1].interval.begin == 50);
}

TEST_CASE("a tree may be kept in a layer above the references that it names") {
    const EachEngine engine;
    if (!engine) return;
    auto below = create_with<Plain>(engine.url());
    commit(below, {value(1, 0)});
    NodeSpec lower;
    lower.path = "Reco/plain";
    lower.ref_name = "Plain";
    (void)below.add_nodes({&lower, 1}, kWho);
    Federation federation;
    auto& db = federation.add(std::vector<std::string>{"memory:", engine.url()}, {.write_to = "memory:"});
    NodeSpec node;
    node.path = "Mine/a/plain";
    node.ref_name = "Plain";
    node.elements = "0-1";
    CHECK(db.add_nodes({&node, 1}, kWho) > 0);
    NodeSpec unknown;
    unknown.path = "Mine/b";
    unknown.ref_name = "Plian";
    CHECK(says(error_of([&] { (void)db.add_nodes({&unknown, 1}, kWho); }), "did you mean 'Plain'?"));
    commit(db, {value(10, 50, 60)});
    db.advance();
    for (const auto* root : {"Mine", "Reco"}) {
        ConfigurationRequest request;
        request.time = Time{55};
        const auto found = federation.fetch_configuration(root, "", request);
        const auto* table = found.find(root == std::string("Mine") ? "Mine/a/plain" : "Reco/plain");
        REQUIRE(table != nullptr);
        const auto& answer = **table->answer;
        CHECK(answer.elements[0].provenance->layer == db.layers()[0].place);
        CHECK(found.validity == std::optional(Interval{Axis::Time, 50, 60}));
    }
    CHECK(db.configurations().size() == 2);
}

TEST_CASE("memory alone is a database, and files of values alone need no server and write no file") {
    auto memory = Database::open("memory:#scratch");
    CHECK(memory.name() == "scratch");
    (void)register_as<Plain>(memory);
    commit(memory, {value(1, 0)});
    memory.advance();
    CHECK(value_at(memory, 0) == 1);
    CHECK(memory.fetch<Plain>("Plain", Time{0}).provenance().commit == 0);

    const Folder folder;
    const auto url =
        folder.csv("calib", "table,struct,beginTime,path\nPlain,Plain,-inf,values.csv\n", "value:double\n7\n");
    const auto count = [&] {
        return std::distance(std::filesystem::recursive_directory_iterator(folder.directory.path()), {});
    };
    const auto before = count();
    auto csv = Database::open(url);
    CHECK(csv.name() == "calib");
    CHECK(value_at(csv, 0) == 7);
    CHECK(csv.layers().at(0).digest.size() == 64);
    CHECK(csv.layers().at(0).snapshot == 0);
    CHECK(count() == before);
    const auto uid = csv.fetch<Plain>("Plain", Time{0}).provenance().uid;
    CHECK(Database::open(url).fetch<Plain>("Plain", Time{0}).provenance().uid == uid);
}

TEST_CASE("a default version chain and snapshot are for requests that say nothing themselves") {
    const EachEngine engine;
    if (!engine) return;
    auto below = create_with<Plain>(engine.url());
    const auto first = commit(below, {value(1, 0), value(2, 0, std::nullopt, "sim")});
    commit(below, {value(3, 0), value(4, 0, std::nullopt, "sim")});
    for (const auto& urls :
         {std::vector<std::string>{engine.url()}, std::vector<std::string>{"memory:", engine.url()}}) {
        OpenOptions options;
        options.version = "sim,default";
        options.as_of = first.entry_time;
        auto db = Database::open(urls, options);
        FetchOptions plain;
        plain.version = "default";
        CHECK(value_at(db, 0) == 2);
        CHECK(value_at(db, 0, plain) == 1);
        CHECK(value_at(db, 0, as_of(Time{kPlusInfinity})) == 4);
    }
}

// --- snapshots
// ----------------------------------------------------------------------------------------------------------

TEST_CASE("a bare commit number on several layers is an error, dates and names are not") {
    const EachEngine engine;
    if (!engine) return;
    auto below = create_with<Plain>(engine.url());
    const auto first = commit(below, {value(1, 0)});
    commit(below, {value(2, 0)});
    auto db = Database::open({"memory:", engine.url()});
    const auto error = error_of([&] { (void)value_at(db, 0, as_of(first.commit)); });
    CHECK(error.code() == ErrorCode::Usage);
    CHECK(value_at(db, 0, as_of(first.entry_time)) == 1);
    CHECK(value_at(db, 0, as_of(Time{first.entry_time.ns - 1})) == -2);
    CHECK(value_at(db, 0, as_of(Time{kPlusInfinity})) == 2);
    CHECK(value_at(below, 0, as_of(first.commit)) == 1);
    CHECK(error_of([&] { (void)value_at(below, 0, as_of(std::int64_t{1000})); }).code() == ErrorCode::Unknown);
}

TEST_CASE("a date is settled once a commit entered after it is visible") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto first = commit(db, {value(1, 0)});
    db.advance();
    auto answer = db.fetch_rows("Plain", Time{0}, as_of(first.entry_time));
    CHECK_FALSE(answer->settled);
    CHECK(answer->snapshot == first.commit);
    CHECK(db.fetch_rows("Plain", Time{0}, as_of(Time{first.entry_time.ns - 1}))->settled);
    CHECK(db.fetch_rows("Plain", Time{0})->settled);
    CHECK(db.fetch_rows("Plain", Time{0}, as_of(first.commit))->settled);
    commit(db, {value(2, 0)});
    db.advance();
    answer = db.fetch_rows("Plain", Time{0}, as_of(first.entry_time));
    CHECK(answer->settled);
    CHECK(answer->snapshot == first.commit);
    CHECK_FALSE(db.fetch_rows("Plain", Time{0}, as_of(Time{kPlusInfinity}))->settled);
}

TEST_CASE("retired records and earlier policies are still seen by earlier snapshots") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    auto late = value(1, 10);
    late.created = Time{5};
    auto early = value(2, 0);
    early.created = Time{9};
    const auto put = commit(db, {late, early});
    NameSpec by_creation = spec("Plain", "");
    by_creation.policy = OrderPolicy::ByCreation;
    const auto policy = db.define_name(by_creation, kWho);
    db.advance();
    HistoryOptions which;
    which.from = Time{0};
    which.to = Time{1};
    which.relation = Relation::Starts;
    const auto retired = db.retire("Plain", which, kWho).commit;
    db.advance();
    CHECK(value_at(db, 20, as_of(put.commit)) == 1);
    CHECK(value_at(db, 20, as_of(policy)) == 2);
    CHECK(value_at(db, 20, as_of(retired)) == 1);
    CHECK(value_at(db, 5, as_of(policy)) == 2);
    CHECK(value_at(db, 5) == -2);
}

TEST_CASE("of several patterns the most specific one that matches decides") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    for (const auto* name : {"tpcGain", "tpcGas", "svtGain"}) db.define_name(spec(name, "Plain"));
    std::vector<std::int64_t> commits;
    for (int i = 1; i <= 3; ++i) {
        std::vector<PutRecord> puts;
        for (const auto* name : {"tpcGain", "tpcGas", "svtGain"})
            puts.push_back(value(i, 0, std::nullopt, "default", 0, name));
        commits.push_back(commit(db, puts).commit);
    }
    db.advance();
    FetchOptions options;
    options.as_of_patterns = {{"*", commits[0]}, {"tpcGain", commits[2]}, {"tpc*", commits[1]}};
    CHECK(value_at(db, 0, options, "tpcGain") == 3);
    CHECK(value_at(db, 0, options, "tpcGas") == 2);
    CHECK(value_at(db, 0, options, "svtGain") == 1);
    options.as_of_patterns.erase(options.as_of_patterns.begin());
    options.as_of = commits[1];
    CHECK(value_at(db, 0, options, "svtGain") == 2);
    options.as_of.reset();
    CHECK(value_at(db, 0, options, "svtGain") == 3);
    options.as_of_patterns = {{"t*c", commits[0]}};
    CHECK(error_of([&] { (void)value_at(db, 0, options, "svtGain"); }).code() == ErrorCode::BadInput);
}

TEST_CASE("a named snapshot is open, then frozen, and never goes back") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.define_name(spec("other", "Plain"));
    const auto first = commit(db, {value(1, 0), value(1, 0, std::nullopt, "default", 0, "other")});
    const auto second = commit(db, {value(2, 0), value(2, 0, std::nullopt, "default", 0, "other")});
    db.set_snapshot("prod", {{"Plain", first.commit}}, kWho, "for production");
    const auto prod = as_of(SnapshotName{"prod"});
    CHECK(value_at(db, 0, prod) == 1);
    CHECK(value_at(db, 0, prod, "other") == 2);  // `*` is the last commit
    commit(db, {value(3, 0), value(3, 0, std::nullopt, "default", 0, "other")});
    db.advance();
    CHECK(value_at(db, 0, prod, "other") == 2);
    db.set_snapshot("prod", {{"Plain", second.commit}}, kWho);
    CHECK(value_at(db, 0, prod) == 2);
    const auto info = db.snapshots().at(0);
    CHECK(info.name == "prod");
    CHECK_FALSE(info.frozen);
    CHECK(info.comment == "for production");
    CHECK(info.author == "tester");
    CHECK(info.entries.size() == 2);
    db.freeze_snapshot("prod", kWho);
    CHECK(db.snapshots().at(0).frozen);
    const auto commits = db.log().size();
    CHECK(error_of([&] { db.set_snapshot("prod", {{"Plain", first.commit}}, kWho); }).code() == ErrorCode::Refused);
    CHECK(error_of([&] { db.freeze_snapshot("prod", kWho); }).code() == ErrorCode::Refused);
    // Nor by SQL.
    for (const std::string statement :
         {R"(INSERT INTO "snapshotEntry" ("snapshotID", "state", "namePattern", "place", "commitSeq", "entryTime")
SELECT "snapshotID", 'open', 'Plain', "place", 1, 0 FROM "snapshotEntry" WHERE "namePattern" = 'Plain')",
          R"(INSERT INTO "snapshot" ("name", "state", "commitSeq", "entryTime") VALUES ('prod', 'open', 99, 0))",
          R"(UPDATE "snapshot" SET "state" = 'open')", R"(UPDATE "snapshotEntry" SET "commitSeq" = 1)",
          R"(DELETE FROM "snapshot" WHERE "state" = 'frozen')", R"(DELETE FROM "snapshotEntry")"}) {
        CAPTURE(statement);
        CHECK_THROWS_AS(raw_script(engine.url(), statement), Error);
    }
    auto again = Database::open(engine.url());
    CHECK(value_at(again, 0, prod) == 2);
    CHECK(again.log().size() == commits);
    CHECK(says(error_of([&] { (void)value_at(again, 0, as_of(SnapshotName{"prot"})); }), "did you mean 'prod'?"));
    CHECK(error_of([&] { db.freeze_snapshot("prot", kWho); }).code() == ErrorCode::Unknown);
}

TEST_CASE("a snapshot that is made of another takes over all that it says") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    for (const auto* name : {"tpcGain", "tpcGas", "svtGain"}) db.define_name(spec(name, "Plain"));
    std::vector<std::int64_t> commits;
    for (int i = 1; i <= 3; ++i) {
        std::vector<PutRecord> puts;
        for (const auto* name : {"tpcGain", "tpcGas", "svtGain"})
            puts.push_back(value(i, 0, std::nullopt, "default", 0, name));
        commits.push_back(commit(db, puts).commit);
    }
    db.set_snapshot("one", {{"*", commits[0]}, {"tpc*", commits[1]}, {"tpcGas", commits[2]}}, kWho);
    db.set_snapshot("two", {{"*", SnapshotName{"one"}}}, kWho);
    db.set_snapshot("three", {{"*", commits[2]}, {"tpc*", SnapshotName{"one"}}, {"tpcGas", commits[0]}}, kWho);
    const auto two = as_of(SnapshotName{"two"});
    CHECK(value_at(db, 0, two, "svtGain") == 1);
    CHECK(value_at(db, 0, two, "tpcGain") == 2);
    CHECK(value_at(db, 0, two, "tpcGas") == 3);
    const auto three = as_of(SnapshotName{"three"});
    CHECK(value_at(db, 0, three, "svtGain") == 3);
    CHECK(value_at(db, 0, three, "tpcGain") == 2);
    CHECK(value_at(db, 0, three, "tpcGas") == 1);
}

TEST_CASE("bad names and patterns of snapshots are refused before anything is written") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto commits = db.log().size();
    for (const auto* name : {"", "17", "2024-01-01", "inf", "-x", "a b", "a*", "@5"}) {
        CAPTURE(name);
        CHECK(error_of([&] { db.set_snapshot(name, {}, kWho); }).code() == ErrorCode::BadInput);
    }
    for (const auto* pattern : {"", "a*b", "**", "*a"}) {
        CAPTURE(pattern);
        CHECK(error_of([&] { db.set_snapshot("good", {{pattern, std::int64_t{0}}}, kWho); }).code() ==
              ErrorCode::BadInput);
    }
    CHECK_THROWS_AS(db.set_snapshot("good", {{"a", std::int64_t{0}}, {"a", std::int64_t{1}}}, kWho), Error);
    CHECK_THROWS_AS(db.set_snapshot("good", {{"a", std::int64_t{99}}}, kWho), Error);
    CHECK(db.log().size() == commits);
    CHECK(db.snapshots().empty());
}

TEST_CASE("a snapshot over layers holds a number for each place, and reads alike from any stack of them") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    auto below = create_with<Plain>(engine.url());
    auto above = create_with<Plain>(folder.sqlite("above", engine.name()));
    commit(below, {value(1, 0)});
    commit(above, {value(10, 50, 60)});
    const std::vector<std::string> urls{folder.sqlite("above", engine.name()), engine.url()};
    auto db = Database::open(urls, {.write_to = engine.url()});
    db.set_snapshot("prod", {}, kWho);
    CHECK(db.snapshots().at(0).entries.size() == 2);
    commit(below, {value(2, 0)});
    commit(above, {value(20, 50, 60)});
    db.advance();
    const auto prod = as_of(SnapshotName{"prod"});
    CHECK(value_at(db, 55) == 20);
    CHECK(value_at(db, 55, prod) == 10);
    CHECK(value_at(db, 0, prod) == 1);
    below.advance();
    CHECK(value_at(below, 55, prod) == 1);                                                   // the lower place alone
    CHECK(error_of([&] { (void)value_at(above, 55, prod); }).code() == ErrorCode::Unknown);  // is kept below
}

TEST_CASE(
    "freezing over files of values stores their digest; a changed file is an error, and memory cannot be frozen") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    auto below = create_with<Plain>(engine.url());
    commit(below, {value(1, 0)});
    const auto csv = folder.csv("layer", "table,beginTime,endTime,path\nPlain,@50,@60,values.csv\n");
    {
        auto db = Database::open({csv, engine.url()});
        db.set_snapshot("prod", {}, kWho);
        db.freeze_snapshot("prod", kWho);
        CHECK(db.snapshots().at(0).digests == std::vector<std::string>{db.layers()[0].digest});
    }
    const auto prod = as_of(SnapshotName{"prod"});
    auto same = Database::open({csv, engine.url()});
    CHECK(value_at(same, 55, prod) == 7);
    CHECK(error_of([&] { (void)value_at(below, 55, prod); }).code() == ErrorCode::Refused);  // without the files
    folder.file("layer/values.csv", "value\n8\n");
    auto changed = Database::open({csv, engine.url()});
    CHECK(value_at(changed, 55) == 8);
    const auto error = error_of([&] { (void)value_at(changed, 55, prod); });
    CHECK(error.code() == ErrorCode::Refused);
    CHECK(says(error, "prod"));
    auto memory = Database::open({"memory:", engine.url()}, {.write_to = engine.url()});
    memory.set_snapshot("other", {}, kWho);
    CHECK(error_of([&] { memory.freeze_snapshot("other", kWho); }).code() == ErrorCode::Refused);
    auto into_memory = Database::open({"memory:", engine.url()}, {.write_to = "memory:"});
    CHECK(error_of([&] { into_memory.set_snapshot("third", {}, kWho); }).code() == ErrorCode::Refused);
}

// --- coverage
// -----------------------------------------------------------------------------------------------------------

TEST_CASE("a promised element that is missing makes the answer incomplete, and using it throws") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    NameSpec promise = spec("Plain", "");
    promise.coverage = parse_coverage("complete(0-2)");
    const auto before = db.snapshot();
    commit(db, {value(1, 0), value(2, 0, 100, "default", 1), value(3, 0, 100, "default", 7)});
    db.define_name(promise, kWho);
    db.advance();
    FetchOptions options;
    options.elements = parse_elements("0-2");
    const auto rows = db.fetch<Plain>("Plain", Time{0}, options);
    CHECK(rows.status() == Status::Incomplete);
    CHECK_FALSE(rows);
    CHECK(rows.missing() == std::vector<std::int64_t>{2});
    CHECK(rows.of_element(1)[0].value == 2);
    const auto error = error_of([&] { (void)rows[0]; });
    CHECK(says(error, "Incomplete"));
    options.elements = {0, 1};
    CHECK(db.fetch<Plain>("Plain", Time{0}, options).status() == Status::Found);
    options.elements = {0, 9};  // not promised
    CHECK(db.fetch<Plain>("Plain", Time{0}, options).status() == Status::Found);
    commit(db, {hole(50, 60, "Plain", 2)});
    db.advance();
    options.elements = {0, 2};
    CHECK(db.fetch<Plain>("Plain", Time{55}, options).status() == Status::Found);  // a hole says so deliberately
    CHECK(db.fetch<Plain>("Plain", Time{60}, options).status() == Status::Incomplete);
    CHECK(db.fetch<Plain>("Plain", Time{-1}, options).status() == Status::Gap);
    // A promise of later is not one of before.
    options.elements = {0, 1, 2};
    options.as_of = before + 1;
    CHECK(db.fetch<Plain>("Plain", Time{0}, options).status() == Status::Found);
    CHECK(format_coverage(*promise.coverage) == "complete(0-2)");
    CHECK(db.find_name("Plain")->coverage == *promise.coverage);
    CHECK(error_of([] { (void)parse_coverage("complete"); }).code() == ErrorCode::BadInput);
    CHECK(error_of([] { (void)parse_coverage("complete()"); }).code() == ErrorCode::BadInput);
    CHECK(error_of([] { (void)parse_coverage("complete(1,1)"); }).code() == ErrorCode::BadInput);
}

TEST_CASE("an element that a layer above supplies completes an answer") {
    const EachEngine engine;
    if (!engine) return;
    auto below = create_with<Plain>(engine.url());
    NameSpec promise = spec("Plain", "");
    promise.coverage = parse_coverage("complete(0-1)");
    below.define_name(promise, kWho);
    commit(below, {value(1, 0)});
    auto db = Database::open({"memory:", engine.url()}, {.write_to = "memory:"});
    FetchOptions options;
    options.elements = {0, 1};
    CHECK(db.fetch<Plain>("Plain", Time{5}, options).status() == Status::Incomplete);
    commit(db, {value(2, 0, 10, "default", 1)});
    db.advance();
    CHECK(db.fetch<Plain>("Plain", Time{5}, options).status() == Status::Found);
    CHECK(db.fetch<Plain>("Plain", Time{10}, options).status() == Status::Incomplete);
    options.layer_unit = LayerUnit::Answer;
    CHECK(db.fetch<Plain>("Plain", Time{5}, options).status() == Status::Incomplete);
}

TEST_CASE("lists of elements are read, written and kept in the order asked for") {
    CHECK(parse_elements("0-2,30") == std::vector<std::int64_t>{0, 1, 2, 30});
    CHECK(parse_elements("-3--1,5") == std::vector<std::int64_t>{-3, -2, -1, 5});
    CHECK(parse_elements("7,3") == std::vector<std::int64_t>{7, 3});
    for (const auto* bad : {"", ",", "1,", "2-1", "a", "1-", "0-1000000", "1,1", "0-5,3", " 1", "1-2-3",
                            "9223372036854775808", "-9223372036854775808-9223372036854775807"}) {
        CAPTURE(bad);
        CHECK(error_of([&] { (void)parse_elements(bad); }).code() == ErrorCode::BadInput);
    }
    CHECK(parse_elements("9223372036854775807").size() == 1);
    CHECK(parse_elements("9223372036854775806-9223372036854775807").size() == 2);
    for (const auto* text : {"0-23,30", "-3--1,5", "4", "9223372036854775806-9223372036854775807"}) {
        CHECK(format_elements(parse_elements(text)) == text);
    }
    auto db = Database::open("memory:");
    (void)register_as<Plain>(db);
    db.advance();
    FetchOptions none;
    none.elements.clear();
    CHECK(error_of([&] { (void)db.fetch_rows("Plain", Time{0}, none); }).code() == ErrorCode::Usage);
}

// --- federation files
// -----------------------------------------------------------------------------------------------------

TEST_CASE("a federation file describes layers, the one to write to, versions and snapshots") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    auto below = create_with<Plain>(engine.url());
    below.define_name(spec("tpcGain", "Plain"));
    const auto first =
        commit(below, {value(1, 0), value(2, 0, std::nullopt, "sim"), value(5, 0, std::nullopt, "sim", 0, "tpcGain")});
    commit(below, {value(3, 0), value(4, 0, std::nullopt, "sim"), value(6, 0, std::nullopt, "sim", 0, "tpcGain")});
    create_with<Plain>(folder.sqlite("above", engine.name()));
    const auto file =
        folder.file("f.toml",
                    "version = \"test,default\"\nas_of = \"1990-01-01\"\n[databases.Tpc]\n"
                    "layers = [\"memory:\", \"sqlite:above.db#" +
                        engine.name() + "\", \"" + engine.url() +
                        "\"]\n"
                        "write = \"sqlite:above.db\"\nversion = \"sim,default\"\nas_of = \"" +
                        format_time(first.entry_time) + "\"\n[databases.Tpc.as_of_names]\n\"tpc*\" = \"inf\"\n");
    auto federation = Federation::from_file(file);
    auto& db = federation.get("Tpc");
    CHECK(db.layers().size() == 3);
    CHECK(db.layers()[1].written_to);
    CHECK(value_at(db, 0) == 2);
    CHECK(value_at(db, 0, {}, "tpcGain") == 6);
    // What the caller says beats the file.
    OpenOptions options;
    options.version = "default";
    options.as_of = Time{kPlusInfinity};
    options.write_to = "memory:";
    auto other = Federation::from_file(file, options);
    CHECK(value_at(other.get("Tpc"), 0) == 3);
    CHECK(other.get("Tpc").layers()[0].written_to);
    options.write_to = "sqlite:elsewhere.db";
    CHECK(says(error_of([&] { (void)Federation::from_file(file, options); }), "sqlite:elsewhere.db"));
}

TEST_CASE("the layer to write to concerns only the database of a federation that has it") {
    const Folder folder;
    for (const auto* name : {"a", "b", "c"}) create_with<Plain>(folder.sqlite(name));
    const auto file = folder.file("f.toml",
                                  "[databases.A]\nlayers = [\"sqlite:a.db\", \"sqlite:b.db\"]\n"
                                  "[databases.C]\nurl = \"sqlite:c.db\"\n");
    auto federation = Federation::from_file(file, {.write_to = folder.sqlite("b")});
    commit(federation.get("A"), {value(1, 0)});
    commit(federation.get("C"), {value(1, 0)});
    CHECK(number_of_commits(folder.sqlite("a")) == 1);
    CHECK(number_of_commits(folder.sqlite("b")) == 2);
    CHECK(number_of_commits(folder.sqlite("c")) == 2);
}

TEST_CASE("a wrong federation file is an error with its line and the nearest key") {
    const Folder folder;
    const auto failure = [&](const std::string& text) {
        const auto file = folder.file("f.toml", text);
        return error_of([&] { (void)Federation::from_file(file); });
    };
    const std::string head = "[databases.A]\nlayers = [\"memory:\"]\n";
    CHECK(says(failure(head + "wirte = \"memory:\"\n"), "did you mean 'write'?"));
    CHECK(says(failure("verison = \"sim\"\n" + head), "did you mean 'version'?"));
    CHECK(says(failure("as_of_name = 3\n" + head), "did you mean 'as_of_names'?"));
    CHECK(says(failure(head + "version = \"a,,b\"\n"), "f.toml:3"));
    CHECK(says(failure(head + "as_of = \"2024-13-01\"\n"), "f.toml:3"));
    CHECK(says(failure(head + "as_of = 3\n"), "f.toml:3"));
    CHECK(says(failure(head + "as_of_names = 3\n"), "f.toml:3"));
    CHECK(says(failure(head + "[databases.A.as_of_names]\n\"a*b\" = \"1\"\n"), "f.toml:4"));
    CHECK(says(failure("[databases.A]\nlayers = []\n"), "no list"));
    CHECK(says(failure("[databases.A]\nlayers = [3]\n"), "f.toml:2"));
    CHECK(says(failure("[databases.A]\nlayers = \"memory:\"\n"), "no list"));
    CHECK(says(failure("[databases.A]\nurl = \"memory:\"\nlayers = [\"memory:\"]\n"), "a url and layers"));
}

TEST_CASE("URLs are put together to stacks by the name behind '#', or by the name inside") {
    using Stacks = std::vector<std::vector<std::string>>;
    const Folder folder;
    const auto path = [&](const std::string& name) { return "sqlite:" + folder.directory.file(name + ".db"); };
    create_with<Plain>(path("a") + "#A");
    create_with<Plain>(path("mine") + "#A");
    create_with<Plain>(path("B"));  // named by its file, which counts as given
    CHECK(Federation::stacks_of({}) == Stacks{});
    CHECK(Federation::stacks_of({"memory:", path("a")}) == Stacks{{"memory:", path("a")}});
    CHECK(Federation::stacks_of({path("mine"), path("a")}) == Stacks{{path("mine"), path("a")}});
    CHECK(Federation::stacks_of({path("mine") + "#A", path("a")}) == Stacks{{path("mine") + "#A", path("a")}});
    CHECK(Federation::stacks_of({path("a"), path("B")}) == Stacks{{path("a")}, {path("B")}});
    CHECK(Federation::stacks_of({path("a"), path("B"), "csv:x#A", path("mine")}) ==
          Stacks{{path("a"), "csv:x#A", path("mine")}, {path("B")}});
    CHECK(Federation::stacks_of({"csv:x", "memory:"}) == Stacks{{"csv:x", "memory:"}});
    // What is not there yet is named by its file.
    CHECK(Federation::stacks_of({path("new"), path("a")}) == Stacks{{path("new")}, {path("a")}});
    const auto error = error_of([&] { (void)Federation::stacks_of({"csv:x", path("a"), path("B")}); });
    CHECK(error.code() == ErrorCode::Usage);
    CHECK(says(error, "csv:x#A"));
    CHECK(says(error, "A, B"));
}

TEST_CASE("a name that is not the name inside, and layers of different databases, are refused") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    auto below = create_with<Plain>(engine.url());
    commit(below, {value(1, 0)});
    create_with<Plain>(folder.sqlite("above", "Other"));
    const auto above = "sqlite:" + folder.directory.file("above.db");
    const auto refused = [](const std::vector<std::string>& urls, const OpenOptions& options = {}) {
        return error_of([&] { (void)Database::open(urls, options); });
    };
    for (const auto& urls : std::vector<std::vector<std::string>>{{above, engine.url()},
                                                                  {above + "#Other", engine.url()},
                                                                  {"csv:x#Other", engine.url()},
                                                                  {"memory:#Other", engine.url()}}) {
        CAPTURE(urls.front());
        const auto error = refused(urls);
        CHECK(says(error, "different databases"));
        CHECK(says(error, engine.name()));
    }
    CHECK(says(refused({above + "#" + engine.name(), engine.url()}), "the place holds another database"));
    CHECK(says(refused({above + "#" + engine.name(), engine.url()}), "database Other"));
    CHECK(refused({above + "#other"}).code() == ErrorCode::Usage);
    CHECK(refused({above + "#other"}, {.create = true}).code() == ErrorCode::Usage);
    // Renamed it is a layer.
    CHECK(Database::open(above, {.create = true, .name = engine.name()}).name() == engine.name());
    auto both = Database::open({above, engine.url()}, {.write_to = above});
    CHECK(both.name() == engine.name());
    CHECK(value_at(both, 0) == 1);
    CHECK(refused({above + "#Other"}).code() == ErrorCode::Usage);
    CHECK(refused({above, engine.url()}, {.create = true, .name = "x", .write_to = above}).code() == ErrorCode::Usage);
    // A layer that is made in a stack holds the database of those below.
    const auto fresh = "sqlite:" + folder.directory.file("fresh.db");
    CHECK(Database::open({fresh, engine.url()}, {.create = true, .write_to = fresh}).name() == engine.name());
    CHECK(Database::open(fresh).name() == engine.name());
}

TEST_CASE("a database is renamed with everything in it, and a new one is named") {
    const EachEngine engine;
    if (!engine) return;
    const Folder folder;
    {
        auto db = create_with<Plain>(engine.url());
        commit(db, {value(1, 0)});
    }
    const auto name = engine.name() + " 2";
    auto renamed = Database::open(engine.url(), {.create = true, .name = name});
    CHECK(renamed.name() == name);
    CHECK(value_at(renamed, 0) == 1);
    commit(renamed, {value(2, 100)});
    renamed.advance();
    CHECK(value_at(renamed, 100) == 2);
    auto place = engine.place();
    const auto url = backends::named_url(place, name);
    auto opened = Database::open(url);
    CHECK(value_at(opened, 100) == 2);
    // The same again changes nothing; back it goes.
    CHECK(Database::open(url, {.create = true, .name = name}).name() == name);
    CHECK(error_of([&] { (void)Database::open(url, {.create = true, .name = "a\nb"}); }).code() == ErrorCode::BadInput);
    CHECK(Database::open(url, {.create = true, .name = engine.name()}).name() == engine.name());
    auto again = Database::open(engine.url());
    CHECK(value_at(again, 100) == 2);
    CHECK(again.verify({}).findings.empty());
    const auto fresh = "sqlite:" + folder.directory.file("fresh.db");
    CHECK(Database::open(fresh, {.create = true, .name = "given"}).name() == "given");
    CHECK(Database::open(fresh).name() == "given");
}

// --- the cache
// ------------------------------------------------------------------------------------------------------------

TEST_CASE("inside a kept interval nothing is asked, backwards too, and an empty answer is kept for its gap alone") {
    const EachEngine engine;
    if (!engine) return;
    auto below = create_with<Plain>(engine.url());
    commit(below, {value(1, 0, 100), value(2, 200)});
    auto db = Database::open({"memory:", engine.url()}, {.write_to = "memory:"});
    for (const auto at : {0, 150, 250}) (void)value_at(db, at);
    const auto statements = db.statement_count();
    for (const auto at : {300, 250, 199, 100, 99, 0, 50, 150, 1000}) (void)value_at(db, at);
    CHECK(db.statement_count() == statements);
    CHECK(db.cache_counters().loads == 3);
    CHECK(db.cache_counters().hits == 9);
    CHECK(value_at(db, 100) == -2);
    CHECK(value_at(db, -1) == -2);
    CHECK(db.statement_count() > statements);
    // A layer above changes the answer with the next snapshot, not before.
    commit(db, {value(9, 10, 20)});
    CHECK(value_at(db, 15) == 1);
    db.advance();
    CHECK(value_at(db, 15) == 9);
    const auto loads = db.cache_counters().loads;
    db.invalidate("Plain");
    CHECK(value_at(db, 15) == 9);
    CHECK(db.cache_counters().loads == loads + 1);
}
