// Rules of evolution through the database: recorded with schema versions, applied in both directions, seen by
// snapshots.
#include "evolution/rules.h"

#include <doctest/doctest.h>

#include <cstring>

#include "database/support.h"
#include "etalon/federation.h"
#include "schema/definition.h"

using namespace etalon;
using etalon::test::commit;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::TempDirectory;

namespace {

/// A struct `Sensor` with 8-byte doubles of these names and dimensions.
StructDefinition sensor(const std::vector<std::pair<std::string, std::vector<std::uint64_t>>>& doubles) {
    StructDefinition definition;
    definition.name = "Sensor";
    definition.alignment = 8;
    for (const auto& [path, dims] : doubles) {
        Element one;
        one.path = path;
        one.type = ScalarType::Float64;
        one.dims = dims;
        one.offset = definition.size;
        definition.size += one.bytes();
        definition.elements.push_back(one);
    }
    return definition;
}

const StructDefinition kFirst = sensor({{"gain", {}}, {"x", {}}, {"y", {}}});
const StructDefinition kSecond = sensor({{"amplification", {}}, {"x", {}}, {"y", {}}});
const StructDefinition kThird = sensor({{"pos", {2}}, {"amplification", {}}, {"quality", {}}});

RulesFile rules(const StructDefinition& from, const StructDefinition& to, const std::string& lines) {
    return {"Sensor.rules", "struct Sensor\nfrom " + evolution::layout_name(from).substr(0, 12) + " to " +
                                evolution::layout_name(to).substr(0, 12) + "\n" + lines};
}

RegisterReport register_one(Database& db, const StructDefinition& definition, std::vector<RulesFile> files = {},
                            bool strict = false, bool dry_run = false) {
    RegisterOptions options;
    options.rules = std::move(files);
    options.strict = strict;
    options.dry_run = dry_run;
    return db.register_structs({&definition, 1}, options);
}

PutRecord record_of(const StructDefinition& layout, std::int64_t begin, const std::vector<double>& values) {
    PutRecord record;
    record.name = "Sensor";
    record.begin = begin;
    record.num_rows = 1;
    record.layout = std::make_shared<const StructDefinition>(layout);
    const auto copy = std::make_shared<std::vector<double>>(values);
    record.rows = std::shared_ptr<const std::byte>(copy, reinterpret_cast<const std::byte*>(copy->data()));
    return record;
}

std::vector<double> read(Database& db, std::int64_t at, std::int64_t schema,
                         const std::optional<AsOf>& as_of = std::nullopt) {
    FetchOptions options;
    options.schema = schema;
    options.as_of = as_of;
    const auto answer = db.fetch_rows("Sensor", Time{at}, options);
    REQUIRE(answer->num_rows == 1);
    std::vector<double> values(answer->layout->size / 8);
    std::memcpy(values.data(), answer->data.get(), answer->layout->size);
    return values;
}

const std::string kMerge = "move x -> pos[0]\nmove y -> pos[1]\nfill quality = -1\nscale amplification by 100\n";

/// Three versions with rules between each, and a record in the first and the last.
void fill(Database& db) {
    CHECK(register_one(db, kFirst).commit != 0);
    CHECK(register_one(db, kSecond, {rules(kFirst, kSecond, "rename gain -> amplification")}, true).commit != 0);
    CHECK(register_one(db, kThird, {rules(kSecond, kThird, kMerge)}, true).commit != 0);
    db.advance();
    commit(db, {record_of(kFirst, 10, {1.5, 2, 3}), record_of(kThird, 20, {4, 5, 250, 1})});
    db.advance();
}

}  // namespace

TEST_CASE("rules are recorded with a schema version and followed over all versions, forwards and backwards") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    fill(db);
    const auto check = [](Database& one) {
        CHECK(read(one, 10, 1) == std::vector<double>{1.5, 2, 3});
        CHECK(read(one, 10, 2) == std::vector<double>{1.5, 2, 3});
        CHECK(read(one, 10, 3) == std::vector<double>{2, 3, 150, -1});
        CHECK(read(one, 20, 3) == std::vector<double>{4, 5, 250, 1});
        CHECK(read(one, 20, 2) == std::vector<double>{2.5, 4, 5});
        CHECK(read(one, 20, 1) == std::vector<double>{2.5, 4, 5});
    };
    check(db);
    auto again = Database::open(engine.url());
    check(again);
    FetchOptions options;
    options.schema = 3;
    CHECK(again.fetch_rows("Sensor", Time{10}, options)->absent == std::vector<std::string>{"quality"});
    options.strict = true;
    CHECK(error_of([&] { (void)again.fetch_rows("Sensor", Time{10}, options); }).code() == ErrorCode::Conversion);
}

TEST_CASE("of several elements of different versions all follow the rules into the newest") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    fill(db);
    auto other = record_of(kFirst, 0, {7, 8, 9});
    other.element = 1;
    auto newest = record_of(kThird, 0, {1, 2, 3, 4});
    newest.element = 2;
    commit(db, {other, newest});
    db.advance();
    FetchOptions options;
    options.elements = {1, 2};
    const auto answer = db.fetch_rows("Sensor", Time{5}, options);
    REQUIRE(answer->num_rows == 2);
    std::vector<double> values(8);
    std::memcpy(values.data(), answer->data.get(), 64);
    CHECK(values == std::vector<double>{8, 9, 700, -1, 1, 2, 3, 4});
}

TEST_CASE("strict refuses without the rule and records with it; a dry run records nothing") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    register_one(db, kSecond);
    auto grown = kSecond;
    grown.elements[0].dims = {2};
    grown.size += 8;
    grown.elements[1].offset += 8;
    grown.elements[2].offset += 8;
    const auto refused = register_one(db, grown, {}, true);
    CHECK(refused.blocked);
    CHECK(refused.commit == 0);
    const auto file = rules(kSecond, grown, "move amplification -> amplification[1]");
    const auto dry = register_one(db, grown, {file}, true, true);
    CHECK_FALSE(dry.blocked);
    CHECK(dry.outcomes.at(0).rules == 1);
    CHECK(Database::open(engine.url()).structs().at(0).schemas == 1);
    const auto done = register_one(db, grown, {file}, true);
    CHECK(done.commit != 0);
    // The same rules again are nothing new, others for the same layouts are, and then hold.
    CHECK(register_one(db, grown, {file}, true).commit == 0);
    const auto later = register_one(db, grown, {rules(kSecond, grown, "move amplification -> amplification[0]")}, true);
    CHECK(later.commit != 0);
    CHECK(later.outcomes.at(0).action == RegisterOutcome::Action::Known);
    db.advance();
    commit(db, {record_of(kSecond, 10, {1.5, 2, 3})});
    db.advance();
    CHECK(read(db, 10, 2) == std::vector<double>{1.5, 0, 2, 3});
    CHECK(read(db, 10, 2, done.commit + 2).size() == 4);
}

TEST_CASE("rules between two layouts replace earlier ones in both directions, whichever layout they name first") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    register_one(db, kFirst);
    const auto there = rules(kFirst, kSecond, "rename gain -> amplification");
    const auto back = rules(kSecond, kFirst, "rename y -> gain");
    register_one(db, kSecond, {there});
    commit(db, {record_of(kFirst, 10, {1.5, 2, 3}), record_of(kSecond, 20, {4, 5, 6})});
    db.advance();
    const auto before = db.snapshot();
    CHECK(read(db, 10, 2) == std::vector<double>{1.5, 2, 3});
    const auto expect_later = [&](const std::optional<AsOf>& as_of = std::nullopt) {
        CHECK(read(db, 10, 2, as_of) == std::vector<double>{0, 2, 1.5});
        CHECK(read(db, 20, 1, as_of) == std::vector<double>{6, 5, 0});
    };
    CHECK(register_one(db, kSecond, {back}).outcomes.at(0).rules == 1);
    db.advance();
    expect_later();
    CHECK(db.get_rules("Sensor").size() == 1);
    const auto later = db.snapshot();
    CHECK(register_one(db, kSecond, {back}).commit == 0);
    // The first ones again are a later section, too.
    CHECK(register_one(db, kSecond, {there}).commit != 0);
    db.advance();
    CHECK(read(db, 10, 2) == std::vector<double>{1.5, 2, 3});
    CHECK(read(db, 20, 1) == std::vector<double>{4, 5, 6});
    CHECK(read(db, 10, 2, before) == std::vector<double>{1.5, 2, 3});
    expect_later(later);
    // Two at once leave open which one is meant.
    auto other = back;
    other.name = "other.rules";
    const auto error = error_of([&] { register_one(db, kSecond, {there, other}); });
    CHECK(error.code() == ErrorCode::BadInput);
    CHECK(std::string(error.what()).find("other.rules:2") != std::string::npos);
    CHECK(std::string(error.what()).find("Sensor.rules:2") != std::string::npos);
}

TEST_CASE("rules hold from their commit on: what an earlier snapshot answers stays the same") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    register_one(db, kFirst);
    register_one(db, kSecond);
    commit(db, {record_of(kFirst, 10, {1.5, 2, 3})});
    db.advance();
    const auto before = db.snapshot();
    CHECK(read(db, 10, 2) == std::vector<double>{0, 2, 3});
    register_one(db, kSecond, {rules(kFirst, kSecond, "rename gain -> amplification")});
    CHECK(read(db, 10, 2) == std::vector<double>{0, 2, 3});  // until the database advances
    db.advance();
    CHECK(read(db, 10, 2) == std::vector<double>{1.5, 2, 3});
    CHECK(read(db, 10, 2, before) == std::vector<double>{0, 2, 3});
    CHECK(read(db, 10, 2) == std::vector<double>{1.5, 2, 3});
}

TEST_CASE("rules that a lower layer has recorded hold for records of the layers above") {
    const EachEngine engine;
    if (!engine) return;
    auto below = Database::open(engine.url(), {.create = true});
    fill(below);
    auto db = Database::open({"memory:", engine.url()}, {.write_to = "memory:"});
    commit(db, {record_of(kFirst, 30, {6, 7, 8})});
    db.advance();
    CHECK(read(db, 30, 3) == std::vector<double>{7, 8, 600, -1});
    CHECK(read(db, 30, 2) == std::vector<double>{6, 7, 8});
    CHECK(read(db, 10, 3) == std::vector<double>{2, 3, 150, -1});
}

TEST_CASE("rules of one layer hold for versions that only another one has") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    auto below = Database::open(engine.url(), {.create = true});
    register_one(below, kFirst);
    register_one(below, kSecond, {rules(kFirst, kSecond, "rename gain -> amplification")});
    auto first = record_of(kFirst, 10, {1.5, 2, 3});
    first.end = 15;  // whichever layer is above
    commit(below, {first});
    const auto file = engine.layer(directory.file("above.db"));
    const auto latest = sensor({{"amplification", {}}, {"x", {}}, {"more", {}}});
    auto above = Database::open(file, {.create = true});
    register_one(above, kSecond);
    register_one(above, latest);
    commit(above, {record_of(latest, 20, {7, 8, 9})});
    for (const auto& urls :
         {std::vector<std::string>{file, engine.url()}, std::vector<std::string>{engine.url(), file}}) {
        auto db = Database::open(urls);
        const auto value = [&](std::int64_t at, const StructDefinition& asked, const std::string& path) {
            const auto answer = db.fetch_rows("Sensor", Time{at}, {}, std::make_shared<const StructDefinition>(asked));
            double number = 0;
            for (const auto& one : asked.elements) {
                if (one.path == path) std::memcpy(&number, answer.row(0) + one.offset, 8);
            }
            return number;
        };
        CHECK(value(10, latest, "amplification") == 1.5);
        CHECK(value(20, kFirst, "gain") == 7);
    }
}

TEST_CASE("an element keeps its key in the table schema through rules that are recorded with its version") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    using Keys = std::vector<std::pair<std::string, std::int64_t>>;
    const auto keys_of = [&](std::int64_t schema) {
        Keys keys;
        const auto connection = engine.open();
        const auto tx = connection->begin(backends::TransactionMode::Read);
        const auto cursor = tx->query(
            backends::Sql(R"(SELECT "name", "elementKey" FROM "schema" WHERE "schemaID" = ?1 ORDER BY "position")"),
            {schema});
        while (cursor->next()) keys.emplace_back(cursor->text(0), cursor->integer(1));
        return keys;
    };
    fill(db);
    CHECK(keys_of(1) == Keys{{"gain", 1}, {"x", 2}, {"y", 3}});
    CHECK(keys_of(2) == Keys{{"amplification", 1}, {"x", 2}, {"y", 3}});
    // Put together from single values: another element.
    CHECK(keys_of(3) == Keys{{"pos", 4}, {"amplification", 1}, {"quality", 5}});
    // Exchanged names. A name from which rules took everything is another element when it is used anew.
    const auto fourth = sensor({{"amplification", {}}, {"quality", {}}, {"gain", {}}, {"x", {}}});
    register_one(db, fourth,
                 {rules(kThird, fourth, "rename amplification -> quality\nrename quality -> amplification")});
    CHECK(keys_of(4) == Keys{{"amplification", 5}, {"quality", 1}, {"gain", 6}, {"x", 7}});
    // A scalar that became an array of its own name; another branch that comes from the second version, with y after a
    // gap.
    const auto fifth = sensor({{"x", {3}}, {"factor", {}}, {"y", {}}});
    register_one(db, fifth, {rules(kSecond, fifth, "move x -> x[0]\nrename amplification -> factor")});
    CHECK(keys_of(5) == Keys{{"x", 2}, {"factor", 1}, {"y", 3}});
    // What is recorded stays: a rule that comes later changes no row, and versions after it follow their own rows.
    const auto sixth = sensor({{"late", {}}});
    register_one(db, sixth);
    CHECK(keys_of(6) == Keys{{"late", 8}});
    register_one(db, sixth, {rules(fifth, sixth, "rename factor -> late")});
    CHECK(keys_of(6) == Keys{{"late", 8}});
    const auto seventh = sensor({{"late", {}}, {"factor", {}}});
    register_one(db, seventh);
    CHECK(keys_of(7) == Keys{{"late", 8}, {"factor", 9}});
    CHECK(etalon::test::ask(*engine.open(), R"(SELECT count(*) FROM "schemaMask" WHERE "elementKey" = 1 AND
"mask" = '1,2,3,4,5')") == 1);
}

TEST_CASE("a layer that takes over the versions of a struct takes over their rules, and can be read alone") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    auto below = Database::open(engine.url(), {.create = true});
    fill(below);
    const auto file = engine.layer(directory.file("above.db"));
    auto above = Database::open(file, {.create = true});
    const std::string count = R"(SELECT count(*) FROM "schemaRule")";
    const auto count_rules = [&] {
        return etalon::test::ask(
            *backends::open_connection(backends::parse_place_url(file), backends::OpenMode::Existing), count);
    };
    auto stack = Database::open({file, engine.url()}, {.write_to = file});
    commit(stack, {record_of(kFirst, 30, {6, 7, 8})});
    CHECK(count_rules() == 2);
    // Each in the commit of the version that it leads to.
    CHECK(etalon::test::ask(*backends::open_connection(backends::parse_place_url(file), backends::OpenMode::Existing),
                            R"(SELECT count(*) FROM "schemaRule" r JOIN "schemaVersion" v ON v."structID" = r."structID"
AND v."schemaID" = r."schemaID" AND v."entryTime" = r."entryTime")") == 2);
    const auto check_alone = [&](double quality) {
        auto alone = Database::open(file);
        CHECK(read(alone, 30, 1) == std::vector<double>{6, 7, 8});
        CHECK(read(alone, 30, 2) == std::vector<double>{6, 7, 8});
        CHECK(read(alone, 30, 3) == std::vector<double>{7, 8, 600, quality});
    };
    check_alone(-1);
    // Once: further writes copy nothing.
    commit(stack, {record_of(kSecond, 40, {1, 2, 3})});
    CHECK(count_rules() == 2);
    // What is mended below holds in the stack, whatever was copied before; the layer alone keeps what it has.
    register_one(below, kThird, {rules(kSecond, kThird, "move x -> pos[0]\nmove y -> pos[1]\nfill quality = -2\n")});
    auto again = Database::open({file, engine.url()});
    CHECK(read(again, 30, 3) == std::vector<double>{7, 8, 6, -2});
    check_alone(-1);
    // Rules of its own are its own.
    auto own = Database::open(file);
    register_one(own, kThird, {rules(kSecond, kThird, "move x -> pos[1]\nfill quality = -3\n")});
    auto both = Database::open({file, engine.url()});
    CHECK(read(both, 30, 3) == std::vector<double>{0, 7, 6, -3});
}

TEST_CASE("rules that a layer has of its own stay, and only those whose layouts it knows are taken over") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    auto below = Database::open(engine.url(), {.create = true});
    fill(below);
    register_one(below, kSecond, {rules(kFirst, kSecond, "rename gain -> amplification\nscale amplification by 2")});
    const auto file = engine.layer(directory.file("above.db"));
    auto above = Database::open(file, {.create = true});
    register_one(above, kFirst);
    register_one(above, kSecond, {rules(kFirst, kSecond, "rename gain -> amplification\nscale amplification by 10")});
    const auto other = sensor({{"something", {}}});
    register_one(below, other, {rules(kFirst, other, "rename y -> something")});
    // Registered there as the last, so the layer knows all of them from now on.
    auto stack = Database::open({file, engine.url()}, {.write_to = file});
    commit(stack, {record_of(kFirst, 30, {6, 7, 8}), record_of(kThird, 40, {1, 2, 3, 4})});
    auto alone = Database::open(file);
    CHECK(read(alone, 30, 2) == std::vector<double>{60, 7, 8});
    CHECK(read(alone, 30, 3) == std::vector<double>{7, 8, 6000, -1});
    CHECK(read(alone, 30, 4) == std::vector<double>{8});
    CHECK(etalon::test::ask(*backends::open_connection(backends::parse_place_url(file), backends::OpenMode::Existing),
                            R"(SELECT count(*) FROM "schemaRule")") == 3);
}

TEST_CASE(
    "rules for layouts that are not recorded are left alone and named, wrong ones are errors that record nothing") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    register_one(db, kFirst);
    const auto report = register_one(db, kSecond, {rules(kThird, kSecond, "")});
    REQUIRE(report.outcomes.at(0).notes.size() == 1);
    CHECK(report.outcomes.at(0).notes[0].find("Sensor.rules:2") != std::string::npos);
    CHECK(report.outcomes.at(0).rules == 0);
    const auto commits = db.snapshot();
    const auto wrong = error_of([&] { register_one(db, kThird, {rules(kSecond, kThird, "rename ampl -> quality")}); });
    CHECK(wrong.code() == ErrorCode::BadInput);
    CHECK(std::string(wrong.what()).find("line 3") != std::string::npos);
    db.advance();
    CHECK(db.snapshot() == commits + 2);  // kFirst and kSecond
    CHECK(error_of([&] { register_one(db, kThird, {{"x.rules", "strukt"}}); }).code() == ErrorCode::BadInput);
    // Rules of other structs are none of this one's business.
    CHECK(register_one(db, kThird, {{"Other.rules", "struct Other\nfrom 12345678 to 23456789\nrename a -> b\n"}})
              .outcomes.at(0)
              .notes.empty());
}

TEST_CASE("recorded rules cannot be changed or removed") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    fill(db);
    CHECK_THROWS_AS(etalon::test::raw_script(engine.url(), R"(UPDATE "schemaRule" SET "rules" = '';)"), Error);
    CHECK_THROWS_AS(etalon::test::raw_script(engine.url(), R"(DELETE FROM "schemaRule";)"), Error);
}

TEST_CASE("conditions on values find old values under their new names and places") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    fill(db);
    const auto count = [&](const std::string& path, ValueOp op, double number) {
        HistoryOptions options;
        options.where = ValueFilter{path, op, number};
        return db.history("Sensor", options).size();
    };
    CHECK(count("pos[1]", ValueOp::Equal, 3) == 1);  // y of the old record
    CHECK(count("pos[1]", ValueOp::GreaterOrEqual, 3) == 2);
    CHECK(count("amplification", ValueOp::Equal, 150) == 1);  // gain 1.5, times 100
    CHECK(count("amplification", ValueOp::Greater, 200) == 1);
    CHECK(count("quality", ValueOp::Less, 5) == 1);  // not stored in the old one
}
