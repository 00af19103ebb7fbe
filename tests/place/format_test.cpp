// Formats from the future, places that can only be read, and what people see in the readable views.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "database/support.h"
#include "support/temp_directory.h"

using namespace etalon;
using backends::Engine;
using backends::Sql;
using backends::TransactionMode;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::Gain2;
using etalon::test::hole;
using etalon::test::Plain;
using etalon::test::put;
using etalon::test::register_as;
using etalon::test::value;

namespace {

/// Runs `work` as an ordinary user, also when the tests run as root; true when it returned without an error.
bool done_as_nobody(const std::function<void()>& work) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        int status = 0;
        try {
            if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(99);
            work();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "child: %s\n", error.what());
            status = 1;
        }
        _exit(status);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void expect(bool truth, const char* what) {
    if (!truth) throw std::runtime_error(what);
}

template <class Work>
void expect_read_only(const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        expect(error.code() == ErrorCode::ReadOnly, error.what());
        return;
    }
    throw std::runtime_error("a write went through");
}

std::string text_of(backends::Connection& connection, const std::string& sql) {
    const auto cursor = connection.begin(TransactionMode::Single)->query(Sql(sql), {});
    REQUIRE(cursor->next());
    return cursor->is_null(0) ? "NULL" : std::string(cursor->text(0));
}

}  // namespace

TEST_CASE("a database of a newer major format is refused, one of a newer minor format is read") {
    const EachEngine engine;
    if (!engine) return;
    create_with<Plain>(engine.url());
    etalon::test::raw_script(engine.url(), R"(UPDATE "storeFormat" SET "minor" = 99;)");
    {
        auto db = Database::open(engine.url());
        // Nobody knows what it would have to write.
        const auto error = error_of([&] { commit(db, {value(1, 0)}); });
        CHECK(error.code() == ErrorCode::Format);
        CHECK(std::string(error.what()).find("format 2.99") != std::string::npos);
    }
    etalon::test::raw_script(engine.url(), R"(UPDATE "storeFormat" SET "major" = 3, "minor" = 7;)");
    for (const bool create : {false, true}) {
        const auto error = error_of([&] { (void)Database::open(engine.url(), {.create = create}); });
        CHECK(error.code() == ErrorCode::Format);
        CHECK(std::string(error.what()).find("format 3.7") != std::string::npos);
        CHECK(error_of([&] { (void)Database::open(engine.url(), {.create = create, .upgrade = true}); }).code() ==
              ErrorCode::Format);
    }
    etalon::test::raw_script(engine.url(), R"(DELETE FROM "storeFormat";)");
    CHECK(error_of([&] { (void)Database::open(engine.url()); }).code() == ErrorCode::Format);
}

TEST_CASE("what is no Etalon database is refused") {
    const EachEngine engine;
    if (!engine) return;
    CHECK_THROWS_AS((void)Database::open(engine.url()), Error);
    etalon::test::script(*engine.open(), "CREATE TABLE t (a integer);");
    CHECK(error_of([&] { (void)Database::open(engine.url()); }).code() == ErrorCode::Format);
    if (engine.place().engine == Engine::Postgres) {
        CHECK_NOTHROW((void)Database::open(engine.url(), {.create = true}));
    } else {  // a file is another program's as a whole
        CHECK(error_of([&] { (void)Database::open(engine.url(), {.create = true}); }).code() == ErrorCode::Refused);
    }
}

TEST_CASE("a read-only file serves reads and refuses writes") {
    const etalon::test::TempDirectory directory;
    const auto url = "sqlite:" + directory.file("calib.db");
    {
        auto db = create_with<Plain>(url);
        commit(db, {value(4, 10)});
        db.define_name({"AsBytes", "Plain", {}, {}, Storage::Bytes});
        commit(db, {value(5, 10, {}, "default", 0, "AsBytes")});
        db.add_nodes(std::vector<NodeSpec>{{"Root/Plain", "", NodeType::Table, "", "", "", "", false, ""}});
    }
    namespace fs = std::filesystem;
    fs::permissions(directory.file("calib.db"), fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
    fs::permissions(directory.path(),
                    fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
    CHECK(done_as_nobody([&] {
        auto db = Database::open(url);
        expect(db.fetch<Plain>("Plain", Time{11})[0].value == 4, "value");
        FetchOptions several;
        several.elements = {0, 1};
        expect(db.fetch<Plain>("AsBytes", Time{11}, several)[0].value == 5, "bytes");
        expect(db.history("Plain").size() == 1, "history");
        expect(db.log().size() == 5, "log");
        expect(db.tree("Root").size() == 2, "tree");
        expect(db.preview(std::vector<PutRecord>{value(1, 0)}).size() == 1, "preview");
        RegisterOptions dry;
        dry.dry_run = true;
        expect(register_as<Gain1>(db, dry).outcomes.size() == 1, "dry run");
        expect(register_as<Plain>(db).commit == 0, "a known layout needs no write");
        expect_read_only([&] { commit(db, {value(1, 0)}); });
        expect_read_only([&] { register_as<Gain1>(db); });
        expect_read_only([&] { db.define_name({"Other", "Plain", {}, {}, {}}); });
        expect_read_only([&] {
            db.add_nodes(std::vector<NodeSpec>{{"Root/x", "", NodeType::Directory, "", "", "", "", false, ""}});
        });
        expect(db.fetch<Plain>("Plain", Time{11})[0].value == 4, "value after refused writes");
        (void)Database::open(url, {.create = true});  // init of what is there already writes nothing
    }));
}

TEST_CASE("the readable view shows values and times as people write them") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain, Gain1>(engine.url());
    db.define_name({"byRun", "Plain", Axis::Run, {}, {}});
    const auto connection = engine.open(backends::OpenMode::Existing);
    std::vector<std::int64_t> times{kMinusInfinity,
                                    kMinusInfinity + 1,
                                    -1,
                                    -999'999'999,
                                    -1'000'000'000,
                                    -1'000'000'001,
                                    0,
                                    1,
                                    999'999'999,
                                    1'000'000'000,
                                    parse_time("2106-02-07T06:28:16Z").ns,
                                    parse_time("2200-02-28T23:59:59.5Z").ns,
                                    parse_time("1900-03-01").ns,
                                    parse_time("2262-04-11T23:47:16.854775806Z").ns};
    CHECK(rc::check("times in the view", [&] {
        if (times.size() < 100) times.push_back(*rc::gen::arbitrary<std::int64_t>() >> *rc::gen::inRange(0, 32));
    }));
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    std::vector<PutRecord> records;
    for (std::size_t i = 0; i < times.size(); ++i) {
        if (times[i] == kPlusInfinity) continue;
        std::optional<std::int64_t> end;
        if (i + 1 < times.size()) end = times[i + 1];
        if (i == 0) end = kPlusInfinity;
        records.push_back(value(static_cast<double>(i), times[i], end));
    }
    commit(db, records);
    const auto view = db.find_name("Plain")->view_name;
    CHECK(view == "Plain_view");
    {
        const auto cursor =
            connection->begin(TransactionMode::Single)
                ->query(Sql("SELECT \"beginTime\", \"endTime\", \"value\" FROM \"Plain_records\" ORDER BY \"value\""),
                        {});
        std::size_t rows = 0;
        while (cursor->next()) {
            const auto& record = records.at(rows++);
            CHECK(cursor->text(0) == format_time(Time{record.begin}));
            if (record.end) {
                CHECK(cursor->text(1) == format_time(Time{*record.end}));
            } else {
                CHECK(cursor->is_null(1));
            }
        }
        CHECK(rows == records.size());
    }
    // The first record says that it has no end; what is valid ends where the next one begins.
    CHECK(text_of(*connection, R"(SELECT "endTime" FROM "Plain_view" WHERE "beginTime" = '-inf')") ==
          format_time(Time{times[1]}));
    commit(db, {value(1, -5, 17, "sim", 3, "byRun"), value(2, kMinusInfinity, kPlusInfinity, "all", 3, "byRun")});
    CHECK(
        etalon::test::ask(
            *connection,
            R"(SELECT "endTime" FROM "byRun_view" WHERE "beginTime" = -5 AND "elementID" = 3 AND "version" = 'sim')") ==
        17);
    // Values, and those of an older schema version.
    commit(db, {put<Gain1>("Gain", 0, {gain1(1, 0.25F, "one"), gain1(2, 0.5F, "two")})});
    CHECK(text_of(*connection, R"(SELECT "label" FROM "Gain_view" WHERE "rowNumber" = 1)") == "two");
    CHECK(etalon::test::ask(*connection, R"(SELECT "channel" FROM "Gain_view" WHERE "rowNumber" = 0)") == 1);
    register_as<Gain2>(db);
    Gain2 wide{};
    wide.channel = std::int64_t{1} << 40;
    wide.offset = 0.125;
    commit(db, {put<Gain2>("Gain", 10, {wide})});
    CHECK(etalon::test::ask(*connection, R"(SELECT count(*) FROM "Gain_view")") == 3);
    CHECK(etalon::test::ask(*connection, R"(SELECT max("channel") FROM "Gain_view")") == (std::int64_t{1} << 40));
    CHECK(etalon::test::ask(*connection, R"(SELECT "channel" FROM "Gain_view" WHERE "rowNumber" = 1)") == 2);
    CHECK(text_of(*connection, R"(SELECT "offset" FROM "Gain_view" WHERE "channel" = 2)") == "NULL");
}

TEST_CASE("one view shows what is valid and when, the other all records") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    db.define_name({"byRun", "Plain", Axis::Run, {}, {}});
    db.advance();
    commit(db, {value(1, 0, {}, "default", 0, "byRun")});
    commit(db, {value(2, 10, 20, "default", 0, "byRun")});
    commit(db, {value(3, 0, {}, "default", 0, "byRun")});  // supersedes the first
    const auto connection = engine.open(backends::OpenMode::Existing);
    const auto rows = [&](const std::string& text) {
        std::string all;
        const auto tx = connection->begin(TransactionMode::Read);
        const auto cursor = tx->query(Sql(text), {});
        while (cursor->next()) {
            all += fmt::format("{} {}-{};", cursor->real(2), cursor->integer(0),
                               cursor->is_null(1) ? std::string("open") : std::to_string(cursor->integer(1)));
        }
        return all;
    };
    const std::string valid = R"(SELECT "beginTime", "endTime", "value" FROM "byRun_view" ORDER BY "beginTime")";
    CHECK(rows(valid) == "3 0-10;2 10-20;3 20-open;");
    CHECK(rows(R"(SELECT "beginTime", "endTime", "value" FROM "byRun_records" ORDER BY "value")") ==
          "1 0-open;2 10-20;3 0-open;");
    db.advance();
    const auto records = db.history("byRun");
    for (const auto& record : records) {
        if (record.interval.begin != 10) continue;
        HistoryOptions which;
        which.uids = {record.uid};
        (void)db.retire("byRun", which, {"", "", "", "wrong"});
    }
    CHECK(rows(valid).find("2 10-20") == std::string::npos);
    CHECK(etalon::test::ask(*connection, R"(SELECT count(*) FROM "byRun_records" WHERE "retiredSeq" IS NOT NULL)") ==
          1);
    CHECK(etalon::test::ask(*connection, R"(SELECT count(*) FROM "byRun_records")") == 3);
    // A view of somebody else in the way of the second: both get another name.
    etalon::test::raw_script(engine.url(), R"(CREATE VIEW "late_records" AS SELECT 1 AS "one";)");
    db.define_name({"late", "Plain", {}, {}, {}});
    db.advance();
    const auto view = db.find_name("late")->view_name;
    CHECK(view != "late_view");
    CHECK(connection->has_relation(view));
    CHECK(etalon::test::ask(*connection, R"(SELECT "one" FROM "late_records")") == 1);
}

TEST_CASE("names that collide get views of their own") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    auto odd = etalon::test::definition_of<Plain>();
    odd.name = "other_view";
    odd.elements[0].path = "beginTime";
    db.register_structs({&odd, 1});
    db.define_name({"other", "Plain", {}, {}, {}});
    db.define_name({"OTHER", "Plain", {}, {}, {}});
    db.define_name({std::string(80, 'n'), "Plain", {}, {}, {}});
    db.define_name({"k\xc3\xa4se\xe2\x82\xac", "Plain", {}, {}, {}});
    db.advance();
    std::vector<std::string> views;
    const auto connection = engine.open(backends::OpenMode::Existing);
    for (const auto& name : db.names()) {
        CAPTURE(name.name);
        CHECK_FALSE(name.view_name.empty());
        CHECK(connection->has_relation(name.view_name));
        CHECK(std::find(views.begin(), views.end(), name.view_name) == views.end());
        views.push_back(name.view_name);
        auto record = value(2.5, 7, {}, "default", 0, name.name);
        if (name.struct_name == "other_view") record.layout = db.get_definition("other_view");
        commit(db, {record});
        CHECK(etalon::test::ask(*connection, "SELECT count(*) FROM " + backends::quote_identifier(name.view_name)) ==
              1);
    }
    // The element keeps its name, the record's column gives way.
    CHECK(etalon::test::ask(*connection, R"(SELECT count(*) FROM "other_view_view" WHERE "beginTime" = 2.5)") == 1);
}
