// Reading: what an answer says, and which layout its rows have.
#include <doctest/doctest.h>

#include <cstring>

#include "database/support.h"

using namespace etalon;
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

Interval between(std::int64_t begin, std::optional<std::int64_t> end) {
    return {Axis::Time, begin, end};
}
Interval from(std::int64_t begin) {
    return {Axis::Time, begin, std::nullopt};
}

FetchOptions elements(std::vector<std::int64_t> list) {
    FetchOptions options;
    options.elements = std::move(list);
    return options;
}
FetchOptions version(std::string chain) {
    FetchOptions options;
    options.version = std::move(chain);
    return options;
}

}  // namespace

TEST_CASE("an answer is Found, Gap or Hole, with its exact interval") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    {
        const auto nothing = db.fetch<Plain>("Plain", Time{5});
        CHECK(nothing.status() == Status::Gap);
        CHECK(nothing.validity() == from(kMinusInfinity));
    }
    const auto first = commit(db, {value(1, 10, 20), hole(20, 30), value(2, 40), value(3, 100, kPlusInfinity)});
    CHECK(db.fetch<Plain>("Plain", Time{15}).status() == Status::Gap);  // not before advance()
    CHECK(db.advance() == first.commit);

    const auto before = db.fetch<Plain>("Plain", Time{9});
    CHECK(before.status() == Status::Gap);
    CHECK(before.validity() == between(kMinusInfinity, 10));
    CHECK(before.missing() == std::vector<std::int64_t>{0});
    CHECK_FALSE(static_cast<bool>(before));
    const auto error = error_of([&] { (void)before[0]; });
    CHECK(error.code() == ErrorCode::Unknown);
    CHECK(std::string(error.what()).find("1970-01-01T00:00:00.00000001Z") != std::string::npos);
    CHECK_THROWS_AS((void)before.size(), Error);
    CHECK_THROWS_AS((void)before.begin(), Error);
    CHECK_THROWS_AS((void)before.provenance(), Error);

    const auto found = db.fetch<Plain>("Plain", Time{10});
    REQUIRE(found.status() == Status::Found);
    CHECK(found.validity() == between(10, 20));
    REQUIRE(found.size() == 1);
    CHECK(found[0].value == 1);
    CHECK(error_of([&] { (void)found[1]; }).code() == ErrorCode::Usage);
    CHECK(found.provenance().commit == first.commit);
    CHECK(found.provenance().entry_time == first.entry_time);
    CHECK(found.provenance().creation_time == first.entry_time);
    CHECK(found.provenance().schema == 1);
    CHECK(found.provenance().version == "default");
    CHECK(found.provenance().uid.size() == 32);
    CHECK(found.provenance().content_hash.size() == 64);
    CHECK(found.provenance().record == between(10, 20));
    CHECK(found.provenance().database == db.name());
    CHECK(found.absent().empty());

    const auto is_hole = db.fetch<Plain>("Plain", Time{20});
    CHECK(is_hole.status() == Status::Hole);
    CHECK(is_hole.empty());
    CHECK(is_hole.begin() == is_hole.end());
    CHECK(is_hole.validity() == between(20, 30));
    CHECK(is_hole.holes() == std::vector<std::int64_t>{0});
    CHECK(is_hole.provenance().schema == 0);
    CHECK(is_hole.provenance().content_hash.empty());

    CHECK(db.fetch<Plain>("Plain", Time{30}).validity() == between(30, 40));
    CHECK(db.fetch<Plain>("Plain", Time{99}).validity() == between(40, 100));
    // An explicit end at infinity and no end differ at infinity.
    CHECK(db.fetch<Plain>("Plain", Time{kPlusInfinity - 1}).validity() == between(100, kPlusInfinity));
    const auto at_infinity = db.fetch<Plain>("Plain", Time{kPlusInfinity});
    REQUIRE(at_infinity.status() == Status::Found);
    CHECK(at_infinity[0].value == 2);
    CHECK(at_infinity.validity() == from(kPlusInfinity));
    CHECK(db.fetch<Plain>("Plain", Time{kMinusInfinity}).validity() == between(kMinusInfinity, 10));
}

TEST_CASE("one element alone and several at once have the same rows, whatever was asked before") {
    const EachEngine engine;
    if (!engine) return;
    auto writer = create_with<Gain1>(engine.url());
    std::vector<PutRecord> records;
    for (std::int64_t element = 0; element < 3; ++element) {
        const int first = static_cast<int>(element) * 10;
        records.push_back(put<Gain1>("Gain", 0, {gain1(first + 1), gain1(first + 2)}));
        records.back().element = element;
    }
    commit(writer, records);
    for (const bool verified : {true, false}) {
        CAPTURE(verified);
        OpenOptions options;
        options.cache_bytes = 0;
        options.verified = verified;
        auto db = Database::open(engine.url(), options);
        const auto check = [&](const std::vector<std::int64_t>& asked) {
            const auto rows = db.fetch<Gain1>("Gain", Time{5}, elements(asked));
            for (const auto element : asked) {
                CAPTURE(element);
                const auto& expected = records[static_cast<std::size_t>(element)];
                const auto found = rows.of_element(element);
                REQUIRE(found.size() == 2);
                CHECK(std::memcmp(found.data(), expected.rows.get(), 2 * sizeof(Gain1)) == 0);
            }
        };
        check({0});
        check({0, 1, 2});
        check({1});
        check({2, 0});
        check({2});
    }
}

TEST_CASE("refresh asks only outside the interval, and tells whether the rows changed") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {value(1, 0), value(1, 10), value(2, 20), hole(30), value(4, 40, 50)});
    db.advance();
    auto rows = db.fetch<Plain>("Plain", Time{0});
    const auto statements = db.statement_count();
    for (std::int64_t at = 0; at < 10; ++at) CHECK_FALSE(rows.refresh(Time{at}));
    CHECK(db.statement_count() == statements);
    CHECK_FALSE(rows.refresh(Time{10}));  // another record with equal rows
    CHECK(db.statement_count() == statements + 1);
    CHECK(rows.validity() == between(10, 20));
    CHECK(rows.refresh(Time{20}));
    CHECK(rows[0].value == 2);
    CHECK(rows.refresh(Time{35}));
    CHECK(rows.status() == Status::Hole);
    CHECK_FALSE(rows.refresh(Time{36}));
    CHECK(rows.refresh(Time{45}));
    CHECK(rows.refresh(Time{60}));  // back to what no end has: the hole
    CHECK(rows.status() == Status::Hole);
    CHECK(rows.refresh(Time{-1}));
    CHECK(rows.status() == Status::Gap);
    CHECK(rows.refresh(Time{5}));
    CHECK(rows[0].value == 1);
    CHECK(rows.validity() == between(0, 10));
    CHECK(error_of([&] { rows.refresh(Run{5}); }).code() == ErrorCode::WrongAxis);
    CHECK(rows[0].value == 1);  // the old rows stay
    // A new snapshot: the interval counts no more.
    commit(db, {value(9, 5)});
    CHECK_FALSE(rows.refresh(Time{6}));
    db.advance();
    CHECK(rows.refresh(Time{6}));
    CHECK(rows[0].value == 9);
    CHECK(rows.validity() == between(5, 10));
}

TEST_CASE("rows outlive their database and refuse politely") {
    const EachEngine engine;
    if (!engine) return;
    std::optional<Rows<Plain>> rows;
    {
        auto db = create_with<Plain>(engine.url());
        commit(db, {value(7, 0, 10)});
        db.advance();
        rows = db.fetch<Plain>("Plain", Time{0});
    }
    CHECK((*rows)[0].value == 7);
    CHECK_FALSE(rows->refresh(Time{5}));
    const auto copy = *rows;
    CHECK(copy[0].value == 7);
}

TEST_CASE("a database sees one snapshot until it advances; as of reads see theirs for ever") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    auto other = Database::open(engine.url());
    const auto registered = db.snapshot();
    const auto a = commit(db, {value(1, 0)});
    const auto b = commit(db, {value(2, 0)});
    CHECK(b.commit == a.commit + 1);
    CHECK(b.entry_time > a.entry_time);
    CHECK(db.snapshot() == registered);
    CHECK(other.fetch<Plain>("Plain", Time{0}).status() == Status::Gap);
    CHECK(other.snapshot() == registered);
    const auto as_of = [&](AsOf when) {
        FetchOptions options;
        options.as_of = when;
        const auto rows = other.fetch<Plain>("Plain", Time{0}, options);
        return rows ? rows[0].value : -1;
    };
    // Also without advance(): a number pins.
    for (int again = 0; again < 2; ++again) {
        CHECK(as_of(registered) == -1);
        CHECK(as_of(std::int64_t{0}) == -1);
        CHECK(as_of(a.commit) == 1);
        CHECK(as_of(b.commit) == 2);
        CHECK(as_of(Time{a.entry_time.ns - 1}) == -1);
        CHECK(as_of(a.entry_time) == 1);
        CHECK(as_of(Time{b.entry_time.ns - 1}) == 1);
        CHECK(as_of(b.entry_time) == 2);
        CHECK(as_of(Time{kPlusInfinity}) == 2);
        CHECK(error_of([&] { as_of(b.commit + 1); }).code() == ErrorCode::Unknown);
        if (again == 0) CHECK(other.advance() == b.commit);
    }
    CHECK(other.fetch<Plain>("Plain", Time{0})[0].value == 2);
    // Refreshing an as-of answer keeps its snapshot.
    FetchOptions pinned;
    pinned.as_of = a.commit;
    auto rows = db.fetch<Plain>("Plain", Time{0}, pinned);
    commit(db, {value(3, 0)});
    db.advance();
    CHECK_FALSE(rows.refresh(Time{1}));
    CHECK(rows[0].value == 1);
    // History and the log.
    CHECK(db.history("Plain").size() == 3);
    HistoryOptions then;
    then.as_of = b.commit;
    CHECK(db.history("Plain", then).size() == 2);
    const auto log = db.log();
    REQUIRE(log.size() == 4);
    CHECK(log.front().records == 1);
    CHECK(log.front().author == "tester");
    CHECK_FALSE(log.front().host.empty());
    CHECK_FALSE(log.front().program.empty());
    CHECK(db.log(1).size() == 1);
}

TEST_CASE("a retired record is gone from its retirement on and stays before") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {value(1, 0)});
    const auto last = commit(db, {value(2, 10)});
    db.advance();
    HistoryOptions which;
    which.uids = {db.history("Plain").back().uid};
    const CommitInfo why{"tester", "", "", "measured with the wrong probe"};
    CHECK(db.retire("Plain", which, why, false, true).records.size() == 1);
    CHECK(error_of([&] { db.retire("Plain", which, {}); }).code() == ErrorCode::Usage);
    CHECK(error_of([&] { db.retire("Plain", {}, why); }).code() == ErrorCode::Usage);
    const auto report = db.retire("Plain", which, why);
    CHECK(report.commit == last.commit + 1);
    CHECK(report.records.size() == 1);
    CHECK(error_of([&] { db.retire("Plain", which, why); }).code() == ErrorCode::Unknown);
    CHECK(db.advance() == last.commit + 1);
    const auto rows = db.fetch<Plain>("Plain", Time{20});
    CHECK(rows[0].value == 1);
    CHECK(rows.validity() == from(0));
    FetchOptions before;
    before.as_of = last.commit;
    CHECK(db.fetch<Plain>("Plain", Time{20}, before)[0].value == 2);
    CHECK(db.history("Plain").back().retired == last.commit + 1);
    HistoryOptions then;
    then.as_of = last.commit;
    CHECK_FALSE(db.history("Plain", then).back().retired.has_value());
}

TEST_CASE("several elements keep their rows, their order and their missing") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    auto two = put<Plain>("Plain", 0, {Plain{20}, Plain{21}});
    two.element = 2;
    two.end = 50;
    commit(db, {value(10, 0, 100, "default", 1), two, hole(0, 70, "Plain", 3),
                value(40, 30, std::nullopt, "default", 4), value(-5, 0, std::nullopt, "default", -5)});
    db.advance();
    const auto rows = db.fetch<Plain>("Plain", Time{10}, elements({2, 9, 1, 3, -5}));
    REQUIRE(rows.status() == Status::Found);
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].value == 20);
    CHECK(rows[1].value == 21);
    CHECK(rows[2].value == 10);
    CHECK(rows[3].value == -5);
    CHECK(rows.missing() == std::vector<std::int64_t>{9});
    CHECK(rows.holes() == std::vector<std::int64_t>{3});
    CHECK(rows.validity() == between(0, 50));
    CHECK(rows.of_element(1).size() == 1);
    CHECK(rows.of_element(1)[0].value == 10);
    CHECK(rows.of_element(2).size() == 2);
    CHECK(rows.of_element(9).empty());
    CHECK(rows.of_element(77).empty());
    CHECK(rows.provenance().element == 2);
    CHECK(rows.elements()[2].validity == between(0, 100));
    CHECK(rows.elements()[1].validity == from(kMinusInfinity));

    // A gap that ends bounds the whole answer.
    CHECK(db.fetch<Plain>("Plain", Time{10}, elements({1, 4})).validity() == between(0, 30));
    CHECK(db.fetch<Plain>("Plain", Time{60}, elements({1, 2})).validity() == between(50, 100));
    const auto only_hole = db.fetch<Plain>("Plain", Time{10}, elements({3, 9}));
    CHECK(only_hole.status() == Status::Hole);
    CHECK(only_hole.missing() == std::vector<std::int64_t>{9});
    const auto nothing = db.fetch<Plain>("Plain", Time{10}, elements({8, 9}));
    CHECK(nothing.status() == Status::Gap);
    CHECK(nothing.missing() == std::vector<std::int64_t>{8, 9});
    CHECK_THROWS_AS((void)nothing.size(), Error);
    CHECK(error_of([&] { (void)db.fetch<Plain>("Plain", Time{10}, elements({})); }).code() == ErrorCode::Usage);
}

TEST_CASE("elements that share one payload each get it") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.define_name({"AsBytes", "Plain", {}, {}, Storage::Bytes});
    std::vector<PutRecord> records;
    for (std::int64_t element = 0; element < 50; ++element) {
        records.push_back(value(element % 3, 0, std::nullopt, "default", element));
        records.push_back(value(element % 3, 0, std::nullopt, "default", element, "AsBytes"));
    }
    const auto done = commit(db, records);
    CHECK(done.records == 100);
    CHECK(done.new_payloads == 6);
    db.advance();
    std::vector<std::int64_t> all;
    for (std::int64_t element = 49; element >= 0; --element) all.push_back(element);
    for (const char* name : {"Plain", "AsBytes"}) {
        const auto rows = db.fetch<Plain>(name, Time{1}, elements(all));
        REQUIRE(rows.size() == 50);
        for (std::size_t i = 0; i < 50; ++i) CHECK(rows[i].value == static_cast<double>((49 - i) % 3));
    }
}

TEST_CASE("version chains: the first that has something wins, equal ones by the policy") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {value(1, 0), value(2, 10, 20, "sim"), value(3, 5, std::nullopt, "test")});
    db.advance();
    const auto at = [&](const char* chain, std::int64_t when) {
        return db.fetch<Plain>("Plain", Time{when}, version(chain));
    };
    CHECK(at("", 15)[0].value == 1);
    CHECK(at("sim,default", 15)[0].value == 2);
    CHECK(at("sim,default", 15).provenance().version == "sim");
    CHECK(at("sim,default", 15).validity() == between(10, 20));
    CHECK(at("sim,default", 25)[0].value == 1);
    CHECK(at("sim,default", 25).validity() == from(20));
    CHECK(at("sim,default", 5).validity() == between(0, 10));
    CHECK(at("default,sim", 15)[0].value == 1);
    CHECK(at("sim+test", 15)[0].value == 2);  // later begin
    CHECK(at("sim+test", 30).validity() == from(20));
    CHECK(at("sim+test,default", 3)[0].value == 1);
    CHECK(at("nowhere", 15).status() == Status::Gap);
    CHECK(at("nowhere,default", 15)[0].value == 1);
    for (const char* bad : {"sim,", "a b", "sim,sim"}) {
        CHECK(error_of([&] { (void)at(bad, 1); }).code() == ErrorCode::BadInput);
    }
}

TEST_CASE("a program gets rows in the layout it was compiled with, newer or older than the stored one") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    auto old = gain1(7, 0.5F, "abcdefgh");
    old.gain[2] = 9;
    commit(db, {put<Gain1>("Gain", 0, {old})});
    db.advance();
    {  // A newer program, before anybody registered its layout.
        const auto rows = db.fetch<Gain2>("Gain", Time{0});
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].offset == 1.5);
        CHECK(rows[0].channel == 7);
        CHECK(rows[0].gain[0] == 0.5F);
        CHECK(std::string(rows[0].label, 8) == "abcdefgh");
        CHECK(rows[0].label[8] == 0);
        CHECK(rows.absent() == std::vector<std::string>{"offset"});
        CHECK(rows.truncated() == std::vector<std::string>{"gain[2:]"});
        FetchOptions strict;
        strict.strict = true;
        const auto error = error_of([&] { (void)db.fetch<Gain2>("Gain", Time{0}, strict); });
        CHECK(error.code() == ErrorCode::Conversion);
        CHECK(std::string(error.what()).find("offset") != std::string::npos);
        CHECK(db.fetch<Gain1>("Gain", Time{0}, strict)[0].gain[2] == 9);
    }
    CHECK(db.fetch<GainChannel>("Gain", Time{0})[0].channel == 7);
    CHECK(register_as<Gain2>(db).outcomes[0].schema == 2);
    Gain2 wide{};
    wide.offset = 3;
    wide.channel = 5;
    std::memcpy(wide.label, "short", 5);
    Gain2 too_wide = wide;
    too_wide.channel = std::int64_t{1} << 40;
    std::memcpy(too_wide.label, "twelve bytes", 12);
    commit(db, {put<Gain2>("Gain", 10, {wide}), put<Gain2>("Gain", 20, {wide, too_wide})});
    db.advance();
    {  // An old program reads the newer schema.
        const auto rows = db.fetch<Gain1>("Gain", Time{10});
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].channel == 5);
        CHECK(std::string(rows[0].label) == "short");
        CHECK(rows[0].gain[2] == 0);
        CHECK(rows.absent() == std::vector<std::string>{"gain[2:]"});
        CHECK(rows.provenance().schema == 2);
        const auto error = error_of([&] { (void)db.fetch<Gain1>("Gain", Time{20}); });
        CHECK(error.code() == ErrorCode::Conversion);
        const std::string what = error.what();
        CHECK(what.find("Gain element 0") != std::string::npos);
        CHECK(what.find("row 1") != std::string::npos);
        FetchOptions lenient;
        lenient.lenient = true;
        const auto loose = db.fetch<Gain1>("Gain", Time{20}, lenient);
        REQUIRE(loose.size() == 2);
        CHECK(loose[1].channel == INT32_MAX);
        CHECK(std::string(loose[1].label, 8) == "twelve b");
        CHECK(loose.answer()->losses == 2);
    }
    // Old and new records side by side, in one answer.
    auto second = put<Gain1>("Gain", 30, {gain1(1)});
    auto third = put<Gain2>("Gain", 30, {wide});
    third.element = 1;
    commit(db, {second, third});
    db.advance();
    for (const bool with_third : {true, false}) {
        const auto rows =
            with_third ? db.fetch<Gain2>("Gain", Time{30}, elements({0, 1})) : db.fetch<Gain2>("Gain", Time{30});
        CHECK(rows[0].offset == 1.5);
        CHECK(rows[0].channel == 1);
        if (with_third) CHECK(rows[1].offset == 3);
        CHECK(rows.absent() == std::vector<std::string>{"offset"});
    }
    const auto mixed = db.fetch_rows("Gain", Time{30}, elements({0, 1}));
    CHECK(mixed->layout->size == sizeof(Gain2));
    CHECK(mixed->elements[0].provenance->schema == 1);
    // Untyped: as stored, or in the schema asked for.
    CHECK(db.fetch_rows("Gain", Time{0})->layout->size == sizeof(Gain1));
    FetchOptions in_schema;
    in_schema.schema = 2;
    CHECK(db.fetch_rows("Gain", Time{0}, in_schema)->layout->size == sizeof(Gain2));
    CHECK(db.fetch_rows("Gain", Time{0}, in_schema)->absent == std::vector<std::string>{"offset"});
    in_schema.schema = 1;
    CHECK(db.fetch_rows("Gain", Time{10}, in_schema)->layout->size == sizeof(Gain1));
    CHECK(db.fetch_rows("Gain", Time{-1}, in_schema)->status == Status::Gap);
    for (const std::int64_t bad : {3, -1}) {
        in_schema.schema = bad;
        CHECK(error_of([&] { (void)db.fetch_rows("Gain", Time{10}, in_schema); }).code() == ErrorCode::Unknown);
    }
}

TEST_CASE("another process records a schema while this one has its names in mind") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    commit(db, {put<Gain1>("Gain", 0, {gain1(1)})});
    db.advance();
    CHECK(db.fetch<Gain1>("Gain", Time{0})[0].channel == 1);
    {
        auto other = Database::open(engine.url());
        register_as<Gain2>(other);
        Gain2 row{};
        row.channel = 2;
        commit(other, {put<Gain2>("Gain", 10, {row})});
    }
    FetchOptions latest;
    latest.as_of = Time{kPlusInfinity};
    CHECK(db.fetch<Gain1>("Gain", Time{10}, latest)[0].channel == 2);
    CHECK(db.fetch<Gain1>("Gain", Time{10})[0].channel == 1);
    db.advance();
    CHECK(db.fetch<Gain1>("Gain", Time{10})[0].channel == 2);
    CHECK(db.fetch<Gain2>("Gain", Time{10}, elements({0, 1}))[0].channel == 2);
}

TEST_CASE("a run-axis name is asked by run and a time-axis name by time") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.define_name({"ByRun", "Plain", Axis::Run, {}, {}});
    commit(db, {value(1, 1000, 2000, "default", 0, "ByRun"), value(2, 1000)});
    db.advance();
    const auto rows = db.fetch<Plain>("ByRun", Run{1500});
    CHECK(rows[0].value == 1);
    CHECK(rows.validity() == Interval{Axis::Run, 1000, 2000});
    CHECK(error_of([&] { (void)db.fetch<Plain>("ByRun", Time{1500}); }).code() == ErrorCode::WrongAxis);
    CHECK(error_of([&] { (void)db.fetch<Plain>("Plain", Run{1500}); }).code() == ErrorCode::WrongAxis);
    CHECK(db.find_name("ByRun")->axis == Axis::Run);
}

TEST_CASE("an unknown name is an error with near ones, never a gap") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto error = error_of([&] { (void)db.fetch<Plain>("Plan", Time{0}); });
    CHECK(error.code() == ErrorCode::Unknown);
    CHECK(std::string(error.what()).find("Plain") != std::string::npos);
    CHECK(error_of([&] { (void)db.history("Plan"); }).code() == ErrorCode::Unknown);
    CHECK_FALSE(db.find_name("Plan").has_value());
    CHECK(error_of([&] { (void)db.get_definition("Plan"); }).code() == ErrorCode::Unknown);
    CHECK(error_of([&] { (void)db.get_definition("Plain", 2); }).code() == ErrorCode::Unknown);
    CHECK(db.get_definition("Plain")->size == 8);
}

TEST_CASE("a baseLine read needs no position") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    commit(db, {value(1, 10, 20), value(2, 5, 30)});
    db.advance();
    FetchOptions any;
    any.any_position = true;
    const auto rows = db.fetch<Plain>("Plain", Time{1000}, any);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].value == 1);
    CHECK(rows.validity() == from(kMinusInfinity));
}
