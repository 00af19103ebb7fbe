// Proof: what verify finds and mends, what is read with and without it, and places whose histories went different ways.
#include <doctest/doctest.h>

#include <filesystem>

#include "backends/each_engine.h"
#include "database/support.h"
#include "etalon/lint.h"
#include "etalon/verify.h"
#include "support/temp_directory.h"

using namespace etalon;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Plain;
using etalon::test::raw_script;
using etalon::test::TempDirectory;
using etalon::test::value;

namespace {

VerifyReport verify(const std::string& url, bool deep = true, bool repair = false) {
    VerifyOptions options;
    options.deep = deep;
    options.repair = repair;
    return Database::open(url).verify(options);
}

/// A change of a table of the place whose triggers are in the way.
void damage(const EachEngine& engine, const std::string& table, const std::string& statement) {
    const bool sqlite = engine.place().engine == backends::Engine::Sqlite;
    for (const auto* kind : {"noUpdate", "noDelete"}) {
        raw_script(engine.url(),
                   "DROP TRIGGER IF EXISTS \"" + table + "_" + kind + "\"" + (sqlite ? "" : " ON \"" + table + "\""));
    }
    raw_script(engine.url(), statement);
    // The triggers are made anew, so that only the damage is found.
    (void)Database::open(engine.url(), {.create = true});
}

}  // namespace

TEST_CASE("nothing is found in a sound place, whatever was done to it") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)commit(db, {value(1, 0), value(2, 10, 20), etalon::test::hole(30, 40)});
    (void)commit(db, {value(3, 5), value(4, 12, std::nullopt, "sim", 3)});
    (void)db.define_name({"Plain", "Plain", {}, OrderPolicy::ByCreation, {}});
    (void)commit(db, {value(1, 50)});
    db.advance();
    HistoryOptions which;
    which.from = Time{10};
    which.relation = Relation::Starts;
    (void)db.retire("Plain", which, {"", "", "", "not meant"}, true);
    (void)db.set_snapshot("winter", {{"*", std::int64_t{2}}});
    (void)db.freeze_snapshot("winter");
    const auto report = verify(engine.url());
    for (const auto& finding : report.findings)
        MESSAGE(finding.table, ": ", finding.key, ": ", finding.what, " ", finding.found);
    CHECK(report.findings.empty());
    CHECK(report.commits == 8);
    CHECK(report.timelines == 2);
    CHECK(report.payloads == 4);
    CHECK(report.commit == 0);
}

TEST_CASE("a timeline is made anew from its records, in a commit of its own") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)commit(db, {value(1, 0), value(2, 10)});
    raw_script(engine.url(), R"(UPDATE "timeline" SET "recordID" = "recordID" - 1 WHERE "beginTime" = 10)");
    CHECK(error_of([&] { (void)Database::open(engine.url()).fetch_rows("Plain", Time{20}); }).code() ==
          ErrorCode::Corrupt);
    CHECK(Database::open(engine.url()).fetch_rows("Plain", Time{5})->status == Status::Found);
    auto report = verify(engine.url());
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].table == "timeline");
    CHECK(report.findings[0].repairable);
    CHECK_FALSE(report.findings[0].repaired);
    report = verify(engine.url(), false, true);
    CHECK(report.commit == 3);
    CHECK(report.findings.at(0).repaired);
    CHECK(verify(engine.url()).findings.empty());
    auto again = Database::open(engine.url());
    CHECK(again.fetch_rows("Plain", Time{20})->status == Status::Found);
    CHECK(again.log().front().reason.find("timelines") != std::string::npos);
}

TEST_CASE("damaged rows are never answered, never taken for equal content, and stored anew when they are put again") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)commit(db, {value(1, 0), value(2, 10)});
    damage(engine, "Plain", R"(UPDATE "Plain" SET "value" = 7.5 WHERE "value" = 2)");
    auto reading = Database::open(engine.url());
    CHECK(error_of([&] { (void)reading.fetch_rows("Plain", Time{15}); }).code() == ErrorCode::Corrupt);
    CHECK(reading.fetch_rows("Plain", Time{5})->status == Status::Found);
    CHECK_FALSE(verify(engine.url()).findings.empty());
    OpenOptions off;
    off.verified = false;
    CHECK(Database::open(engine.url(), off).fetch_rows("Plain", Time{15})->status == Status::Found);
    const auto again = commit(db, {value(2, 20)});
    CHECK(again.new_payloads == 1);
    CHECK(commit(db, {value(2, 30)}).new_payloads == 0);
    db.advance();
    CHECK(db.fetch_rows("Plain", Time{25})->status == Status::Found);
    CHECK(error_of([&] { (void)db.fetch_rows("Plain", Time{15}); }).code() == ErrorCode::Corrupt);
}

namespace {

void put_three(const EachEngine& engine) {
    auto db = create_with<Plain>(engine.url());
    (void)commit(db, {value(1, 0), value(2, 10)});
    (void)commit(db, {value(3, 20)});
}

}  // namespace

TEST_CASE("a record that is gone is missed") {
    const EachEngine engine;
    if (!engine) return;
    put_three(engine);
    damage(engine, "dataIndex", R"(DELETE FROM "dataIndex" WHERE "beginTime" = 10)");
    CHECK(error_of([&] { (void)Database::open(engine.url()).history("Plain"); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)Database::open(engine.url()).lint(); }).code() == ErrorCode::Corrupt);
    CHECK_FALSE(verify(engine.url()).findings.empty());
}

TEST_CASE("a policy that is gone is missed") {
    const EachEngine engine;
    if (!engine) return;
    put_three(engine);
    damage(engine, "namedRefPolicy", R"(DELETE FROM "namedRefPolicy")");
    CHECK(error_of([&] { (void)Database::open(engine.url()).fetch_rows("Plain", Time{5}); }).code() ==
          ErrorCode::Corrupt);
    CHECK_FALSE(verify(engine.url()).findings.empty());
}

TEST_CASE("a commit that is gone is missed") {
    const EachEngine engine;
    if (!engine) return;
    put_three(engine);
    damage(engine, "commitLog", R"(DELETE FROM "commitLog" WHERE "commitSeq" = 2)");
    CHECK(error_of([&] { (void)Database::open(engine.url()).log(); }).code() == ErrorCode::Corrupt);
    CHECK_FALSE(verify(engine.url()).findings.empty());
}

TEST_CASE("two places with one uid and different histories are told apart") {
    const TempDirectory directory;
    const auto one = directory.file("one.db");
    const auto two = directory.file("two.db");
    std::string hash;
    {
        auto db = create_with<Plain>("sqlite:" + one);
        (void)commit(db, {value(1, 0)});
    }
    std::filesystem::copy_file(one, two);
    {
        auto a = Database::open("sqlite:" + one);
        (void)commit(a, {value(2, 10)});
        (void)a.set_snapshot("winter", {{"*", std::int64_t{3}}});
        hash = a.log().at(1).hash;
        REQUIRE(a.log().at(1).commit == 3);
        auto b = Database::open("sqlite:" + two);
        (void)commit(b, {value(3, 10)});
        CHECK(b.log().front().hash != hash);
        CHECK(b.log().at(1).hash == a.log().at(2).hash);
    }
    FetchOptions options;
    options.as_of = parse_as_of("3-" + hash.substr(0, 12));
    auto a = Database::open("sqlite:" + one);
    auto b = Database::open("sqlite:" + two);
    CHECK(a.fetch_rows("Plain", Time{15}, options)->status == Status::Found);
    const auto refused = error_of([&] { (void)b.fetch_rows("Plain", Time{15}, options); });
    CHECK(refused.code() == ErrorCode::Refused);
    CHECK(std::string(refused.what()).find("another history") != std::string::npos);
    // The entries of a snapshot that was made in the first, as the second would have them.
    options.as_of = SnapshotName{"winter"};
    CHECK(a.fetch_rows("Plain", Time{15}, options)->status == Status::Found);
    CHECK(error_of([&] { (void)parse_as_of("3-xyz"); }).code() == ErrorCode::BadInput);
    CHECK(std::get<HashedCommit>(parse_as_of("3-0123456789abcdef")).commit == 3);
    CHECK(std::holds_alternative<Time>(parse_as_of("2024-02-01")));
}

TEST_CASE("a URL says whether what is read is proved") {
    CHECK_FALSE(backends::parse_place_url("sqlite:calib.db?verified=off").verified);
    CHECK(backends::parse_place_url("sqlite:calib.db?verified=off").target == "calib.db");
    CHECK(backends::parse_place_url("sqlite:calib.db?verified=off#Name").database_name == "Name");
    CHECK(backends::parse_place_url("sqlite:what?.db").verified);
    CHECK(backends::parse_place_url("sqlite:what?.db").target == "what?.db");
    const auto server = backends::parse_place_url("postgresql://host/db?connect_timeout=3&verified=off#Calibrations");
    CHECK_FALSE(server.verified);
    CHECK(server.target == "postgresql://host/db?connect_timeout=3");
    CHECK(server.database_name == "Calibrations");
}
