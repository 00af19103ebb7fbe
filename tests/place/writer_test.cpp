// Writing: what a commit takes, what it refuses, and what it leaves behind.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <tuple>

#include "database/support.h"
#include "index/many_cases.h"

using namespace etalon;
using etalon::test::ask;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::Gain2;
using etalon::test::GainChannel;
using etalon::test::hole;
using etalon::test::Plain;
using etalon::test::put;
using etalon::test::register_as;
using etalon::test::value;

namespace {

/// Row counts of everything a commit may write.
std::map<std::string, std::int64_t> counts(const std::string& url) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    std::map<std::string, std::int64_t> all;
    for (const auto* table :
         {"dataIndex", "payload", "bytes", "Plain", "commitLog", "namedRef", "namedRefPolicy", "timeline",
          "timelinePast", "structure", "schema", "schemaVersion", "Nodes", "NodeRelation"}) {
        all[table] = ask(*connection, "SELECT count(*) FROM \"" + std::string(table) + "\"");
    }
    all["lastSeq"] = ask(*connection, R"(SELECT "lastSeq" FROM "commitCounter")");
    return all;
}

}  // namespace

TEST_CASE("unchanged constants uploaded again cost one dataIndex row") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    auto record = put<Plain>("Plain", 0, {Plain{1}, Plain{2}, Plain{3}});
    const auto first = commit(db, {record});
    CHECK(first.new_payloads == 1);
    CHECK(first.rows == 3);
    auto before = counts(engine.url());
    record.begin = 50;
    const auto second = commit(db, {record});
    CHECK(second.new_payloads == 0);
    CHECK(second.rows == 0);
    CHECK(second.records == 1);
    auto after = counts(engine.url());
    before["dataIndex"] += 1;
    before["timeline"] += 1;  // derived: from here on another record wins
    before["commitLog"] += 1;
    before["lastSeq"] += 1;
    CHECK(after == before);
}

TEST_CASE("a commit with one bad record writes nothing") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain, Gain1>(engine.url());
    commit(db, {value(1, 0)});
    const auto before = counts(engine.url());
    const auto refused = [&](ErrorCode code, PutRecord bad, const std::string& says = "") {
        CAPTURE(says);
        const auto error = error_of([&] { commit(db, {value(5, 5), std::move(bad), value(7, 7)}); });
        CHECK(error.code() == code);
        CHECK(std::string(error.what()).find(says) != std::string::npos);
        CHECK(counts(engine.url()) == before);
    };
    refused(ErrorCode::BadInput, value(1, 10, 10), "Plain version default element 0");
    refused(ErrorCode::BadInput, value(1, 10, 9), "ends before");
    refused(ErrorCode::BadInput, value(1, kPlusInfinity), "infinity");
    refused(ErrorCode::BadInput, value(1, kMinusInfinity, kMinusInfinity));
    refused(ErrorCode::Unknown, value(1, 0, std::nullopt, "default", 0, "Plane"), "Plane");
    refused(ErrorCode::BadInput, value(1, 0, std::nullopt, ""));
    refused(ErrorCode::BadInput, value(1, 0, std::nullopt, "a,b"));
    refused(ErrorCode::BadInput, value(1, 0, std::nullopt, "a b"));
    refused(ErrorCode::Refused, value(9, 5), "equal");  // as value(5, 5): same name, version, element, begin
    refused(ErrorCode::Refused, hole(5));
    refused(ErrorCode::Unknown, put<Gain1>("Plain", 1, {gain1(1)}));             // another struct's rows
    refused(ErrorCode::Unknown, put<GainChannel>("Gain", 1, {GainChannel{1}}));  // a layout nobody registered
    {
        auto no_layout = value(1, 1);
        no_layout.layout = nullptr;
        refused(ErrorCode::Usage, no_layout);
        auto no_rows = value(1, 1);
        no_rows.rows = nullptr;
        refused(ErrorCode::Usage, no_rows);
    }
    CHECK(error_of([&] { commit(db, {}); }).code() == ErrorCode::Usage);
    // The error is raised in the middle of the work, and stops it.
    int calls = 0;
    CHECK_THROWS_AS(db.commit(std::vector<PutRecord>{value(5, 5), value(7, 7)}, {}, {},
                              [&](std::uint64_t, std::uint64_t) {
                                  if (++calls == 2) throw std::runtime_error("stop");
                              }),
                    std::runtime_error);
    CHECK(counts(engine.url()) == before);
    // Distinct in any of the four is fine.
    CHECK_NOTHROW(commit(db, {value(1, 1), value(1, 2), value(1, 1, {}, "sim"), value(1, 1, {}, "default", 1),
                              put<Gain1>("Gain", 1, {gain1(1)})}));
    // The connection is as good as before.
    CHECK(db.advance() == db.log().front().commit);
}

TEST_CASE("the extremes of the axis are values, with and without an end") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {value(1, kMinusInfinity), value(2, kMinusInfinity, kPlusInfinity, "b"),
                value(3, kMinusInfinity, kMinusInfinity + 1, "c"), value(4, kPlusInfinity - 1, kPlusInfinity, "d"),
                value(5, kPlusInfinity - 1, {}, "e")});
    db.advance();
    const auto ask_at = [&](const char* version, std::int64_t at) {
        FetchOptions options;
        options.version = version;
        return db.fetch<Plain>("Plain", Time{at}, options);
    };
    for (const std::int64_t at : {kMinusInfinity, std::int64_t{0}, kPlusInfinity})
        CHECK(ask_at("default", at)[0].value == 1);
    CHECK(ask_at("b", kPlusInfinity - 1)[0].value == 2);
    CHECK(ask_at("b", kPlusInfinity).status() == Status::Gap);
    CHECK(ask_at("b", kPlusInfinity).validity() == Interval{Axis::Time, kPlusInfinity, std::nullopt});
    CHECK(ask_at("c", kMinusInfinity)[0].value == 3);
    CHECK(ask_at("c", kMinusInfinity + 1).validity() == Interval{Axis::Time, kMinusInfinity + 1, std::nullopt});
    CHECK(ask_at("d", kPlusInfinity - 1)[0].value == 4);
    CHECK(ask_at("d", kPlusInfinity).status() == Status::Gap);
    CHECK(ask_at("e", kPlusInfinity)[0].value == 5);
    CHECK(ask_at("e", kPlusInfinity - 2).validity() == Interval{Axis::Time, kMinusInfinity, kPlusInfinity - 1});
}

TEST_CASE("policies change for later snapshots only") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    auto late = value(1, 0);
    late.created = Time{100};
    auto early = value(2, 10);
    early.created = Time{50};
    const auto data = commit(db, {late, early});
    db.advance();
    const auto now_at = [&](std::optional<AsOf> as_of) {
        FetchOptions options;
        options.as_of = as_of;
        return db.fetch<Plain>("Plain", Time{20}, options);
    };
    CHECK(now_at({})[0].value == 2);
    NameSpec by_creation{"Plain", "", {}, OrderPolicy::ByCreation, {}};
    const auto changed = db.define_name(by_creation);
    CHECK(changed == data.commit + 1);
    CHECK(now_at({})[0].value == 2);  // this database's snapshot is older
    db.advance();
    CHECK(now_at({})[0].value == 1);
    CHECK(now_at({}).validity() == Interval{Axis::Time, 0, std::nullopt});
    CHECK(now_at(data.commit)[0].value == 2);
    CHECK(now_at(changed)[0].value == 1);
    CHECK(db.find_name("Plain")->policy == OrderPolicy::ByCreation);
    // Storage changes what is written from then on, not what is read.
    db.define_name({"Plain", "", {}, {}, Storage::Bytes});
    db.advance();
    CHECK(now_at({})[0].value == 1);
    CHECK(db.find_name("Plain")->storage == Storage::Bytes);
    CHECK(db.find_name("Plain")->policy == OrderPolicy::ByCreation);
    CHECK(db.find_name("Plain")->view_name.empty());
    auto bytes = value(3, 20);
    bytes.created = Time{200};
    commit(db, {bytes});
    db.advance();
    CHECK(now_at({})[0].value == 3);
    CHECK(now_at(changed)[0].value == 1);
    db.define_name({"Plain", "", {}, {}, Storage::Columns});
    db.advance();
    CHECK(now_at({})[0].value == 3);
    CHECK_FALSE(db.find_name("Plain")->view_name.empty());
    std::vector<std::int64_t> both{0, 1};
    FetchOptions several;
    several.elements = both;
    CHECK(db.fetch<Plain>("Plain", Time{20}, several)[0].value == 3);
    CHECK(db.fetch<Plain>("Plain", Time{5}, several)[0].value == 1);
}

TEST_CASE("struct and axis of a name are fixed once it has records") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain, Gain1>(engine.url());
    db.define_name({"N", "Plain", {}, {}, {}});
    db.define_name({"N", "Gain", Axis::Run, {}, {}});
    db.advance();
    CHECK(db.find_name("N")->struct_name == "Gain");
    CHECK(db.find_name("N")->axis == Axis::Run);
    db.define_name({"N", "Plain", Axis::Time, {}, {}});
    commit(db, {value(1, 0, {}, "default", 0, "N")});
    const auto before = counts(engine.url());
    CHECK(error_of([&] { db.define_name({"N", "Gain", {}, {}, {}}); }).code() == ErrorCode::Refused);
    CHECK(error_of([&] { db.define_name({"N", "", Axis::Run, {}, {}}); }).code() == ErrorCode::Refused);
    CHECK(error_of([&] { db.define_name({"New", "", {}, {}, {}}); }).code() == ErrorCode::Usage);
    CHECK(error_of([&] { db.define_name({"New", "Plane", {}, {}, {}}); }).code() == ErrorCode::Unknown);
    for (const char* bad : {"", "a b", "a/b", "a\"b", "a,b", "a\nb"}) {
        CHECK(error_of([&] { db.define_name({bad, "Plain", {}, {}, {}}); }).code() == ErrorCode::BadInput);
    }
    CHECK(counts(engine.url()) == before);
    CHECK_NOTHROW(db.define_name({"N", "Plain", Axis::Time, {}, {}}));
    // A name made by the commit that first uses it.
    const std::vector<NameSpec> names{{"Fresh", "Plain", Axis::Run, OrderPolicy::ByCreation, Storage::Bytes}};
    db.commit(std::vector<PutRecord>{value(8, 3, {}, "default", 0, "Fresh")}, {}, names);
    db.advance();
    CHECK(db.fetch<Plain>("Fresh", Run{3})[0].value == 8);
    CHECK(db.find_name("Fresh")->records == 1);
}

TEST_CASE("a layout that comes back is known, not current, and makes no version") {
    const EachEngine engine;
    if (!engine) return;
    using Action = RegisterOutcome::Action;
    auto db = Database::open(engine.url(), {.create = true});
    CHECK(db.snapshot() == 0);
    const auto first = register_as<Gain1>(db);
    CHECK(first.commit == 1);
    CHECK(first.outcomes[0].action == Action::NewStruct);
    CHECK(first.outcomes[0].schema == 1);
    CHECK_FALSE(first.blocked);
    const auto same = register_as<Gain1>(db);
    CHECK(same.commit == 0);
    CHECK(same.outcomes[0].action == Action::Known);
    CHECK(same.outcomes[0].is_current);
    CHECK(same.outcomes[0].changes.empty());
    RegisterOptions dry;
    dry.dry_run = true;
    const auto tried = register_as<Gain2>(db, dry);
    CHECK(tried.commit == 0);
    CHECK(tried.outcomes[0].action == Action::NewSchema);
    CHECK(tried.outcomes[0].schema == 2);
    const auto second = register_as<Gain2>(db);
    CHECK(second.commit == 2);
    CHECK(second.outcomes[0].action == Action::NewSchema);
    CHECK(second.outcomes[0].previous_schema == 1);
    CHECK(second.outcomes[0].changes.size() >= 4);
    const auto back = register_as<Gain1>(db);
    CHECK(back.commit == 0);
    CHECK(back.outcomes[0].action == Action::Known);
    CHECK(back.outcomes[0].schema == 1);
    CHECK_FALSE(back.outcomes[0].is_current);
    CHECK(db.structs()[0].current_schema == 2);
    CHECK(db.structs()[0].schemas == 2);
    RegisterOptions make_current;
    make_current.make_current = true;
    const auto made = register_as<Gain1>(db, make_current);
    CHECK(made.commit == 3);
    CHECK(made.outcomes[0].action == Action::MadeCurrent);
    CHECK(made.outcomes[0].is_current);
    CHECK(db.structs()[0].current_schema == 1);
    CHECK(db.structs()[0].schemas == 2);
    CHECK(register_as<Gain1>(db, make_current).commit == 0);
    CHECK(db.get_definition("Gain")->size == sizeof(Gain1));
    CHECK(db.get_definition("Gain", 2)->size == sizeof(Gain2));
    // Either layout is written as what it is.
    Gain2 row{};
    row.channel = 4;
    commit(db, {put<Gain2>("Gain", 0, {row}), put<Gain1>("Gain", 10, {gain1(5)})});
    db.advance();
    CHECK(db.fetch<Gain1>("Gain", Time{0})[0].channel == 4);
    CHECK(db.fetch<Gain2>("Gain", Time{10})[0].channel == 5);
    CHECK(db.history("Gain").front().schema == 2);
}

TEST_CASE("strict registering records nothing when a change needs a rule") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain, Gain1>(engine.url());
    const auto before = counts(engine.url());
    auto changed = etalon::test::definition_of<Gain1>();
    changed.elements[1].dims = {3, 1};  // another rank
    auto fresh = etalon::test::definition_of<Plain>();
    fresh.name = "Fresh";
    RegisterOptions strict;
    strict.strict = true;
    const std::vector<StructDefinition> both{fresh, changed};
    const auto report = db.register_structs(both, strict);
    CHECK(report.blocked);
    CHECK(report.commit == 0);
    CHECK(report.outcomes.size() == 2);
    CHECK(counts(engine.url()) == before);
    const auto done = db.register_structs(both);
    CHECK(done.blocked);
    CHECK(done.commit > 0);
    CHECK(db.structs().size() == 3);
    // Widening is no reason to refuse.
    CHECK(register_as<Plain>(db, strict).blocked == false);
    // A bad definition fails the whole run.
    auto broken = fresh;
    broken.name = "Broken";
    broken.elements[0].offset = 100;
    const std::vector<StructDefinition> some{etalon::test::definition_of<Gain2>(), broken};
    CHECK(error_of([&] { db.register_structs(some); }).code() == ErrorCode::BadInput);
    const std::vector<StructDefinition> twice{fresh, fresh};
    CHECK(error_of([&] { db.register_structs(twice); }).code() == ErrorCode::BadInput);
    CHECK(db.structs().size() == 3);
}

TEST_CASE("a preview is what the commit then changes") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const bool sqlite = engine.place().engine == backends::Engine::Sqlite;
    int number = 0;
    CHECK(etalon::test::check_many("preview against commit", sqlite ? 150 : 60, [&] {
        const auto pick = [](std::int64_t begin, std::int64_t end) {
            return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(begin, end));
        };
        const auto name = "N" + std::to_string(number++);
        const auto policy = pick(0, 2) == 0 ? OrderPolicy::ByBegin : OrderPolicy::ByCreation;
        db.define_name({name, "Plain", {}, policy, {}});
        const auto point = [&] {
            const auto which = pick(0, 12);
            return which == 0 ? kMinusInfinity : which == 1 ? kPlusInfinity - pick(1, 3) : pick(-2, 10);
        };
        const auto records = [&](std::int64_t most) {
            std::vector<PutRecord> made;
            std::set<std::int64_t> begins;
            for (std::int64_t i = pick(1, most); i > 0; --i) {
                const auto begin = point();
                if (!begins.insert(begin).second) continue;
                std::optional<std::int64_t> end;
                if (pick(0, 3) != 0) end = pick(0, 10) == 0 ? kPlusInfinity : std::max(point(), begin + 1);
                made.push_back(pick(0, 4) == 0
                                   ? hole(begin, end, name)
                                   : value(static_cast<double>(pick(0, 3)), begin, end, "default", 0, name));
                made.back().created = Time{pick(0, 4)};
            }
            return made;
        };
        for (std::int64_t commits = pick(0, 3); commits > 0; --commits) commit(db, records(4));
        db.advance();
        std::vector<std::int64_t> points{kMinusInfinity,    kMinusInfinity + 1, kPlusInfinity,
                                         kPlusInfinity - 1, kPlusInfinity - 2,  kPlusInfinity - 3};
        for (std::int64_t at = -4; at < 12; ++at) points.push_back(at);
        const auto winners = [&] {
            std::map<std::int64_t, std::string> all;
            for (const auto at : points) {
                const auto answer = db.fetch_rows(name, Time{at});
                const auto& one = answer->elements[0];
                all[at] = one.provenance ? one.provenance->uid : "";
            }
            return all;
        };
        const auto before = winners();
        const auto added = records(4);
        const auto effects = db.preview(added);
        RC_ASSERT(db.snapshot() == db.log(1).front().commit);  // a preview commits nothing
        commit(db, added);
        db.advance();
        const auto after = winners();
        for (const auto at : points) {
            int covering = 0;
            for (const auto& effect : effects) {
                RC_ASSERT(effect.name == name);
                if (!effect.interval.contains(at)) continue;
                ++covering;
                if (before.at(at).empty()) {
                    RC_ASSERT(effect.before == "gap");
                } else {
                    RC_ASSERT(effect.before.find(before.at(at)) != std::string::npos);
                }
            }
            RC_ASSERT(covering == (before.at(at) != after.at(at) ? 1 : 0));
        }
    }));
    // It checks what a commit checks.
    CHECK(error_of([&] { (void)db.preview(std::vector<PutRecord>{value(1, 5, 5)}); }).code() == ErrorCode::BadInput);
    CHECK(error_of([&] { (void)db.preview(std::vector<PutRecord>{value(1, 5, 6, "default", 0, "Plane")}); }).code() ==
          ErrorCode::Unknown);
}

namespace {

/// `struct Limited { int32 sector, pad; float64 gain; }` with keys and limits, 16 bytes.
StructDefinition limited() {
    return schema::from_json(
        R"x({"name":"Limited","size":16,"alignment":8,"elements":[{"name":"sector","type":"int32","offset":0,"key":1},)x"
        R"x({"name":"pad","type":"int32","offset":4,"key":2,"limits":["[0, 10)"]},)x"
        R"x({"name":"gain","type":"float64","offset":8,"limits":["(0, 5]","not nan"]}]})x",
        "a test");
}

PutRecord limited_rows(const std::vector<std::tuple<std::int32_t, std::int32_t, double>>& rows, std::int64_t begin) {
    PutRecord record;
    record.name = "Limited";
    record.begin = begin;
    record.num_rows = rows.size();
    record.layout = std::make_shared<const StructDefinition>(limited());
    const std::shared_ptr<std::byte[]> bytes(new std::byte[rows.size() * 16]);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& [sector, pad, gain] = rows[i];
        std::memcpy(&bytes[i * 16], &sector, 4);
        std::memcpy(&bytes[i * 16 + 4], &pad, 4);
        std::memcpy(&bytes[i * 16 + 8], &gain, 8);
    }
    record.rows = std::shared_ptr<const std::byte>(bytes, bytes.get());
    return record;
}

}  // namespace

TEST_CASE("values that limits do not allow, and keys that occur twice, are refused whole with their rows") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    const auto definition = limited();
    (void)db.register_structs({&definition, 1});
    (void)commit(db, {limited_rows({{1, 7, 1.5}, {1, 8, 5}, {2, 7, 0.1}}, 0)});
    const auto before = db.log().size();
    const auto bad = limited_rows({{1, 7, 0}, {1, 10, 2}, {1, 7, std::nan("")}}, 5);
    for (const bool preview : {true, false}) {
        const auto error = error_of([&] {
            if (preview) {
                (void)db.preview(std::vector{bad});
            } else {
                (void)commit(db, {limited_rows({{3, 1, 1}}, 4), bad});
            }
        });
        CHECK(error.code() == ErrorCode::BadInput);
        CHECK(error.info().what == "4 values that their limits do not allow");
        CHECK(error.info().found ==
              "pad of row 1 is 10: [0, 10); gain of row 0 is 0: (0, 5]; gain of row 2 is nan: not nan; "
              "sector, pad of row 2 is 1, 7: key: as row 0");
    }
    CHECK(db.log().size() == before);
    std::vector<std::tuple<std::int32_t, std::int32_t, double>> many;
    for (int i = 0; i < 50; ++i) many.emplace_back(i, -1, 1.0);
    const auto error = error_of([&] { (void)commit(db, {limited_rows(many, 9)}); });
    CHECK(error.info().found.ends_with("; and 40 more"));
    // A program that was compiled before there were limits is not held to them.
    auto older = limited();
    for (auto& element : older.elements) {
        element.key = 0;
        element.limits.clear();
    }
    (void)db.register_structs({&older, 1});
    auto unchecked = bad;
    unchecked.layout = std::make_shared<const StructDefinition>(older);
    CHECK(commit(db, {unchecked}).records == 1);
}
