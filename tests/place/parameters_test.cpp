// Parameter sets in a database: history, snapshots, version chains, holes, and names that nobody else can take.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <map>

#include "database/support.h"
#include "index/many_cases.h"
#include "place/own_structs.h"
#include "store/tables.h"
#include "support/forge.h"

using namespace etalon;
using etalon::test::ask;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Plain;
using etalon::test::raw_script;
using etalon::test::register_as;

namespace {

ParameterPut put_at(std::int64_t begin, ParameterSet values, std::string version = "default") {
    ParameterPut put;
    put.software = "reco";
    put.values = std::move(values);
    put.interval.begin = begin;
    put.version = std::move(version);
    return put;
}

FetchOptions with_version(std::string version) {
    FetchOptions options;
    options.version = std::move(version);
    return options;
}

std::int64_t count(const std::string& url, const std::string& table) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    return ask(*connection, "SELECT count(*) FROM \"" + table + "\"");
}

bool says(const Error& error, std::string_view part) {
    return std::string_view(error.what()).find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("the first parameter set is one commit, and comes back bit for bit") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    const ParameterSet values{{"cut", 0.1},
                              {"nan", std::bit_cast<double>(0x7ff0dead0000beefULL)},
                              {"zero", -0.0},
                              {"big", kPlusInfinity},
                              {"text", std::string("a\0b \xc3\xb6", 6)},
                              {"none", std::vector<double>{}}};
    const auto result = db.put_parameters(put_at(100, values));
    CHECK(result.commit == 1);
    CHECK(result.records == 1);
    CHECK(db.advance() == 1);
    CHECK(db.log().size() == 1);
    const auto answer = db.fetch_parameters("reco", "default", Time{150});
    CHECK(answer.status == Status::Found);
    CHECK(answer.get() == values);
    CHECK(answer.validity == Interval{Axis::Time, 100, std::nullopt});
    REQUIRE(answer.provenance);
    CHECK(answer.provenance->commit == 1);
    CHECK(answer.values.origin() == "reco/default");
    const auto gap = db.fetch_parameters("reco", "default", Time{99});
    CHECK(gap.status == Status::Gap);
    CHECK(gap.validity == Interval{Axis::Time, kMinusInfinity, 100});
    CHECK(error_of([&] { (void)gap.get(); }).code() == ErrorCode::Unknown);
    // Unchanged values again, in another order of saying them: one more record, no more bytes.
    const auto payloads = count(engine.url(), "payload");
    ParameterSet again;
    for (const auto& [name, value] : values) again.set(name, value);
    CHECK(db.put_parameters(put_at(200, again)).new_payloads == 0);
    CHECK(count(engine.url(), "payload") == payloads);
    // No row table: the text lies in "bytes".
    const auto structs = db.structs();
    REQUIRE(structs.size() == 1);
    CHECK(structs[0].name == "etalonParameters");
    CHECK(structs[0].is_binary);
    CHECK(structs[0].table_name.empty());
    REQUIRE(db.names().size() == 1);
    CHECK(db.names()[0].name == "parameters/reco/default");
}

TEST_CASE("a scope chain is a version chain: the first scope that has the set gives it as a whole") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    const std::vector<ParameterPut> puts{put_at(kMinusInfinity, {{"cut", 1.0}, {"site", true}}, "site"),
                                         put_at(100, {{"cut", 2.0}}, "user")};
    CHECK(db.put_parameters(puts).records == 2);
    db.advance();
    const auto chain = with_version("session,user,group,site");
    const auto before = db.fetch_parameters("reco", "default", Time{50}, chain);
    CHECK(before.get().get<double>("cut") == 1.0);
    CHECK(before.validity == Interval{Axis::Time, kMinusInfinity, 100});
    const auto after = db.fetch_parameters("reco", "default", Time{100}, chain);
    CHECK(after.get() == ParameterSet{{"cut", 2.0}});  // `site` is not mixed in
    CHECK(after.provenance->version == "user");
    CHECK(db.fetch_parameters("reco", "default", Time{100}).status == Status::Gap);  // the version `default`
}

TEST_CASE("holes, snapshots, elements and the run axis work for parameter sets as for all values") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    db.put_parameters(put_at(0, {{"a", 1}}));
    auto hole = put_at(50, {});
    hole.values = std::nullopt;
    hole.interval.end = 60;
    db.put_parameters(hole);
    db.put_parameters(put_at(0, {}));  // an empty set is a set
    auto element = put_at(0, {{"a", 7}});
    element.element = 3;
    db.put_parameters(element);
    auto by_run = put_at(1000, {{"a", 5}});
    by_run.set = "perRun";
    by_run.interval.axis = Axis::Run;
    by_run.interval.end = 2000;
    db.put_parameters(by_run);
    db.advance();
    const auto read = [&](std::int64_t at, std::int64_t commit) {
        FetchOptions options;
        options.as_of = commit;
        return db.fetch_parameters("reco", "default", Time{at}, options);
    };
    CHECK(read(55, 0).status == Status::Gap);
    CHECK(read(55, 1).get() == ParameterSet{{"a", 1}});
    CHECK(read(55, 2).status == Status::Hole);
    CHECK(read(55, 2).validity == Interval{Axis::Time, 50, 60});
    CHECK(error_of([&] { (void)read(55, 2).get(); }).code() == ErrorCode::Unknown);
    CHECK(read(10, 2).get() == ParameterSet{{"a", 1}});
    CHECK(read(10, 3).status == Status::Found);
    CHECK(read(10, 3).get().empty());
    FetchOptions third;
    third.elements = {3};
    CHECK(db.fetch_parameters("reco", "default", Time{55}, third).get() == ParameterSet{{"a", 7}});
    third.elements = {3, 4};
    CHECK(error_of([&] { (void)db.fetch_parameters("reco", "default", Time{55}, third); }).code() == ErrorCode::Usage);
    CHECK(db.fetch_parameters("reco", "perRun", Run{1500}).get() == ParameterSet{{"a", 5}});
    CHECK(db.fetch_parameters("reco", "perRun", Run{2000}).status == Status::Gap);
    CHECK(error_of([&] { (void)db.fetch_parameters("reco", "perRun", Time{1500}); }).code() == ErrorCode::WrongAxis);
    // The axis is that of the first commit.
    by_run.interval.axis = Axis::Time;
    CHECK(error_of([&] { db.put_parameters(by_run); }).code() == ErrorCode::Refused);
    const auto sets = db.parameter_sets();
    REQUIRE(sets.size() == 2);
    CHECK(sets[0].set == "default");
    CHECK(sets[0].records == 4);
    CHECK(sets[1].axis == Axis::Run);
    CHECK(db.parameter_sets("nobody").empty());
}

TEST_CASE("a bad parameter set writes nothing, and unknown ones name the nearest") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    CHECK(says(error_of([&] { (void)db.fetch_parameters("reco", "default", Time{0}); }),
               "no parameter sets are recorded"));
    const auto refused = [&](ErrorCode code, auto change) {
        auto bad = put_at(0, {{"a", 1}});
        change(bad);
        const std::vector<ParameterPut> puts{put_at(7, {{"b", 1}}), bad};
        CHECK(error_of([&] { db.put_parameters(puts); }).code() == code);
        CHECK(count(engine.url(), "structure") == 0);
        CHECK(count(engine.url(), "namedRef") == 0);
        CHECK(db.log().empty());
    };
    for (const std::string name : {"", "a b", "a/b", "..", "\xc3\xb6", "a:b", "a\"b"}) {
        refused(ErrorCode::BadInput, [&](auto& put) { put.software = name; });
        refused(ErrorCode::BadInput, [&](auto& put) { put.set = name; });
    }
    refused(ErrorCode::BadInput, [](auto& put) { put.set = std::string(101, 'a'); });
    refused(ErrorCode::BadInput, [](auto& put) { put.interval.end = 0; });
    refused(ErrorCode::BadInput, [](auto& put) { put.interval.begin = kPlusInfinity; });
    refused(ErrorCode::BadInput, [](auto& put) { put.version = "a,b"; });
    refused(ErrorCode::WrongAxis, [](auto& put) { put.interval.axis = Axis::Run; });
    CHECK(error_of([&] { db.put_parameters(std::vector<ParameterPut>{}); }).code() == ErrorCode::Usage);
    // The same name, version, element and begin twice in one commit.
    CHECK(error_of([&] {
              db.put_parameters(std::vector<ParameterPut>{put_at(0, {}), put_at(0, {{"a", 1}})});
          }).code() == ErrorCode::Refused);
    CHECK(db.log().empty());
    auto odd = put_at(0, {{"a", 1}});
    odd.software = "a-b_c.D9";
    odd.set = std::string(100, 'x');
    db.put_parameters(odd);
    db.put_parameters(put_at(0, {{"a", 1}}));
    db.advance();
    CHECK(db.fetch_parameters("a-b_c.D9", odd.set, Time{0}).status == Status::Found);
    const auto unknown = error_of([&] { (void)db.fetch_parameters("recoo", "default", Time{0}); });
    CHECK(unknown.code() == ErrorCode::Unknown);
    CHECK(says(unknown, "did you mean 'reco/default'?"));
    FetchOptions far;
    far.as_of = std::int64_t{99};
    CHECK(says(error_of([&] { (void)db.fetch_parameters("reco", "default", Time{0}, far); }), "commit"));
}

TEST_CASE("names and structs of Etalon's own are nobody else's") {
    const EachEngine engine;
    if (!engine) return;
    auto db = test::create_with<Plain>(engine.url());
    db.put_parameters(put_at(0, {{"a", 1}}));
    const std::vector<RunSpan> runs{{Run{1}, Time{0}, std::nullopt}};
    db.add_runs(runs);
    db.advance();
    const auto code_of = [&](const NameSpec& spec) { return error_of([&] { db.define_name(spec); }).code(); };
    const auto spec = [](std::string name, std::string struct_name) {
        NameSpec made;
        made.name = std::move(name);
        made.struct_name = std::move(struct_name);
        return made;
    };
    for (const char* name : {"a/b", "/", "parameters/a", "parameters/a/b/c", "parameters//b", "parameters/a/", "runs/x",
                             "runs/x/by_run/y", "runs//by_run", "runs/by_run", "Parameters/a/b"}) {
        CAPTURE(name);
        CHECK(code_of(spec(name, "Plain")) == ErrorCode::BadInput);
    }
    CHECK(code_of(spec("parameters/a/b", "Plain")) == ErrorCode::Refused);
    CHECK(code_of(spec("runs/a/by_run", "Plain")) == ErrorCode::Refused);
    CHECK(code_of(spec("runs/a/by_run", "etalonParameters")) == ErrorCode::Refused);
    CHECK(code_of(spec("mine", "etalonParameters")) == ErrorCode::Refused);
    CHECK(code_of(spec("mine", "etalonRun")) == ErrorCode::Refused);
    auto columns = spec("parameters/reco/default", "");
    columns.storage = Storage::Columns;
    CHECK(code_of(columns) == ErrorCode::Refused);
    auto axis = spec("runs/x/by_time", "etalonRun");
    axis.axis = Axis::Run;
    CHECK(code_of(axis) == ErrorCode::Refused);
    auto policy = spec("runs/default/by_time", "");
    policy.policy = OrderPolicy::ByCreation;
    CHECK(code_of(policy) == ErrorCode::Refused);
    // A policy of a parameter set is the user's affair.
    auto creation = spec("parameters/reco/default", "");
    creation.policy = OrderPolicy::ByCreation;
    CHECK(db.define_name(creation) != 0);
    for (const auto& own : {place::parameters_definition(), place::run_definition()}) {
        CHECK(error_of([&] { db.register_structs({own.get(), 1}); }).code() == ErrorCode::Refused);
    }
    // Rows that are put by hand have to be a set; run maps are written by add_runs only.
    const auto by_hand = [&](const std::string& name, const std::string& bytes, const DefinitionPtr& layout) {
        PutRecord record;
        record.name = name;
        record.begin = 500;
        record.layout = layout;
        const auto text = std::make_shared<std::string>(bytes);
        record.rows = std::shared_ptr<const std::byte>(text, reinterpret_cast<const std::byte*>(text->data()));
        record.num_rows = bytes.size() / layout->size;
        return record;
    };
    const auto& layout = place::parameters_definition();
    const auto commits = db.log().size();
    CHECK(error_of([&] { test::commit(db, {by_hand("parameters/reco/default", "junk", layout)}); }).code() ==
          ErrorCode::BadInput);
    CHECK(error_of([&] {
              test::commit(db, {by_hand("runs/default/by_run", std::string(32, '\0'), place::run_definition())});
          }).code() == ErrorCode::Refused);
    CHECK(error_of([&] { test::commit(db, {test::hole(0, {}, "runs/default/by_time")}); }).code() ==
          ErrorCode::Refused);
    CHECK(db.log().size() == commits);
    test::commit(db, {by_hand("parameters/reco/default", "{\"format\":1,\"parameters\":{\n}}\n", layout)});
    db.advance();
    CHECK(db.fetch_parameters("reco", "default", Time{500}).get().empty());
}

TEST_CASE("a user's struct of that name from before is a conflict that says so") {
    const EachEngine engine;
    if (!engine) return;
    auto db = test::create_with<Plain>(engine.url());
    raw_script(engine.url(), R"(UPDATE "structure" SET "name" = 'etalonParameters' WHERE "name" = 'Plain';
UPDATE "structure" SET "rowChecksum" = NULL)");
    etalon::test::forge_proofs(engine.url(), {&store::structure_table()});
    db.advance();
    CHECK(error_of([&] { db.put_parameters(put_at(0, {})); }).code() == ErrorCode::Conflict);
    CHECK(db.log().size() == 1);
}

TEST_CASE("random parameter sets under random scopes agree with a map") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    std::map<std::pair<std::string, std::int64_t>, ParameterSet> model;
    CHECK(test::check_many("parameter sets", 100, [&] {
        const auto version = *rc::gen::element<std::string>("user", "group", "site");
        const auto begin = *rc::gen::inRange<std::int64_t>(0, 40);
        ParameterSet values;
        for (const auto& name :
             *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a", "b", "c"))) {
            values.set(name, *rc::gen::arbitrary<double>());
        }
        db.put_parameters(put_at(begin, values, version));
        model[{version, begin}] = values;
        db.advance();
        const auto at = *rc::gen::inRange<std::int64_t>(-5, 45);
        const auto answer = db.fetch_parameters("reco", "default", Time{at}, with_version("user,group,site"));
        std::optional<ParameterSet> expected;
        for (const std::string scope : {"user", "group", "site"}) {
            const auto next = model.upper_bound({scope, at});
            if (expected || next == model.begin() || std::prev(next)->first.first != scope) continue;
            expected = std::prev(next)->second;
        }
        RC_ASSERT((answer.status == Status::Found) == expected.has_value());
        if (expected) RC_ASSERT(answer.get() == *expected);
    }));
}
