// Relations of somebody else under the names of Etalon's, or on its tables: refused before anything is read through
// them.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "database/support.h"
#include "support/psql.h"
#include "support/temp_directory.h"

using namespace etalon;
using backends::Engine;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::error_of;
using etalon::test::Plain;
using etalon::test::value;

namespace {

/// Runs a script as another program would: without what Etalon's connections refuse.
void plant(const std::string& url, const std::string& sql) {
    const auto place = backends::parse_place_url(url);
    if (place.engine == Engine::Postgres) {
        (void)etalon::test::psql(url, "SET search_path = \"" + place.database_name + "\"; " + sql);
        return;
    }
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(place.target.c_str(), &db) == SQLITE_OK);
    char* message = nullptr;
    const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message);
    INFO((message == nullptr ? "" : message));
    CHECK(code == SQLITE_OK);
    sqlite3_free(message);
    sqlite3_close(db);
}

/// A place of an engine that nobody uses; nothing when the engine is not there.
std::optional<std::string> fresh_place(bool on_sqlite, const etalon::test::TempDirectory& directory) {
    if (on_sqlite) return "sqlite:" + directory.file("calib.db");
    return etalon::test::find_fresh_postgres_place();
}

struct Planted {
    const char* what;
    const char* sqlite;    ///< null: not there
    const char* postgres;  ///< likewise
    const char* said;      ///< part of the message
};

constexpr const char* kRecursive =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS \"ID\", 2 AS \"major\", 0 AS "
    "\"minor\", "
    "'x' AS \"databaseName\", '' AS \"placeUid\", 0 AS \"entryTime\" FROM n";

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Everything in a directory.
std::vector<std::string> names_in(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
}

/// The relations and functions of a schema of PostgreSQL.
std::string contents_of(const std::string& url) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    const auto cursor =
        connection->begin(backends::TransactionMode::Single)
            ->query(backends::Sql(R"(SELECT 'r ' || c.relname::text || c.relkind::text FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() UNION ALL
SELECT 'f ' || p.proname::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = current_schema() ORDER BY 1)"),
                    {});
    std::string all;
    while (cursor->next()) all += std::string(cursor->text(0)) + '\n';
    return all;
}

}  // namespace

TEST_CASE("a relation of somebody else in the place of Etalon's, or on it, is refused at open") {
    static const std::vector<Planted> kAll{
        {"a view in the place of a table",
         R"(ALTER TABLE "structure" RENAME TO other; CREATE VIEW "structure" AS SELECT * FROM other;)",
         R"(ALTER TABLE "structure" RENAME TO other; CREATE VIEW "structure" AS SELECT * FROM other;)", "structure"},
        {"a view in other letters",
         R"(ALTER TABLE "payload" RENAME TO other; CREATE VIEW "PAYLOAD" AS SELECT * FROM other;)", nullptr, "PAYLOAD"},
        {"a view in the place of the format, without an end",
         R"(DROP TABLE "storeFormat"; CREATE VIEW "storeFormat" AS @)",
         R"(DROP TABLE "storeFormat"; CREATE VIEW "storeFormat" AS @)", "storeFormat"},
        {"a trigger that writes on",
         R"(CREATE TABLE log (a); CREATE TRIGGER spy AFTER INSERT ON "commitLog" BEGIN INSERT INTO log VALUES (1); END;)",
         R"(CREATE TABLE log (a int); CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); RETURN NEW; END $$;
CREATE TRIGGER spy AFTER INSERT ON "commitLog" FOR EACH ROW EXECUTE FUNCTION spy();)",
         "commitLog"},
        {"a trigger under the name of one of Etalon's",
         R"(DROP TRIGGER "payload_noUpdate"; CREATE TRIGGER "payload_noUpdate" BEFORE UPDATE ON "payload" BEGIN SELECT RAISE(IGNORE); END;)",
         nullptr, "payload_noUpdate"},
        {"a trigger on a row table", R"(CREATE TRIGGER spy BEFORE INSERT ON "Plain" BEGIN SELECT RAISE(IGNORE); END;)",
         R"(CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER spy BEFORE INSERT ON "Plain" FOR EACH ROW EXECUTE FUNCTION spy();)",
         "Plain"},
        {"a view in the place of a row table with a trigger instead of writing",
         R"(ALTER TABLE "Plain" RENAME TO other; CREATE VIEW "Plain" AS SELECT * FROM other;
CREATE TRIGGER instead INSTEAD OF INSERT ON "Plain" BEGIN SELECT 1; END;)",
         R"(ALTER TABLE "Plain" RENAME TO other; CREATE VIEW "Plain" AS SELECT * FROM other;)", "Plain"},
        {"a virtual table",
         R"(ALTER TABLE "bytes" RENAME TO other; CREATE VIRTUAL TABLE "bytes" USING fts5("dataID", "chunk", "packed");)",
         nullptr, "virtual table"},
        {"a table of another shape",
         R"(DROP TABLE "snapshot"; CREATE TABLE "snapshot" ("ID" INTEGER PRIMARY KEY, "name" TEXT);)",
         R"(DROP TABLE "snapshot"; CREATE TABLE "snapshot" ("ID" bigint PRIMARY KEY, "name" text);)", "snapshot"},
        {"a column that is computed",
         R"(DROP TABLE "setProof"; CREATE TABLE "setProof" ("setKind" INTEGER NOT NULL, "ownerID" INTEGER NOT NULL,
"rowCount" INTEGER GENERATED ALWAYS AS (abs("setKind")) VIRTUAL, "rowSum" INTEGER NOT NULL, PRIMARY KEY ("setKind", "ownerID"));)",
         R"(CREATE FUNCTION spy() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'; ALTER TABLE "setProof" ALTER COLUMN "rowSum" SET DEFAULT spy();)",
         "setProof"},
        {"a rule", nullptr, R"(CREATE RULE quiet AS ON INSERT TO "commitLog" DO INSTEAD NOTHING;)", "a rule"},
        {"a policy", nullptr,
         R"(ALTER TABLE "namedRef" ENABLE ROW LEVEL SECURITY; CREATE POLICY half ON "namedRef" USING ("ID" > 1);)",
         "row-level security"},
        {"a table that inherits", nullptr, R"(CREATE TABLE more () INHERITS ("structure");)", "inherits"},
        {"an index over a function", nullptr,
         R"(CREATE FUNCTION spy(bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1'; CREATE INDEX i ON "commitLog" (spy("commitSeq"));)",
         "commitLog"},
    };
    for (const bool on_sqlite : {true, false}) {
        for (const auto& one : kAll) {
            const char* sql = on_sqlite ? one.sqlite : one.postgres;
            if (sql == nullptr) continue;
            CAPTURE(one.what);
            CAPTURE(on_sqlite);
            const etalon::test::TempDirectory directory;
            const auto url = fresh_place(on_sqlite, directory);
            if (!url) continue;
            {
                auto db = create_with<Plain>(*url);
                commit(db, {value(1, 0)});
            }
            std::string script = sql;
            if (const auto at = script.find('@'); at != std::string::npos)
                script.replace(at, 1, std::string(kRecursive) + ";");
            plant(*url, script);
            const auto begin = std::chrono::steady_clock::now();
            for (const bool create : {false, true}) {
                const auto error = error_of([&] { (void)Database::open(*url, {.create = create}); });
                CHECK(error.code() == ErrorCode::Format);
                CHECK(std::string(error.what()).find(one.said) != std::string::npos);
            }
            CHECK(error_of([&] { (void)Database::open(*url, {.examine = true}); }).code() == ErrorCode::Format);
            CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
        }
    }
}

TEST_CASE("relations of people beside Etalon's are left alone") {
    for (const bool on_sqlite : {true, false}) {
        CAPTURE(on_sqlite);
        const etalon::test::TempDirectory directory;
        const auto url = fresh_place(on_sqlite, directory);
        if (!url) continue;
        {
            auto db = create_with<Plain>(*url);
            commit(db, {value(1, 0)});
        }
        plant(*url, R"(CREATE TABLE notes (a integer, b integer CHECK (b > 0));
CREATE VIEW mine AS SELECT "name" FROM "structure"; CREATE INDEX mine_too ON "commitLog" ("author");)");
        if (on_sqlite) {
            plant(*url, R"(CREATE TRIGGER counted AFTER INSERT ON notes BEGIN UPDATE notes SET b = b + 1; END;)");
        } else {
            plant(*url, R"(CREATE RULE quiet AS ON DELETE TO notes DO INSTEAD NOTHING;)");
        }
        auto db = Database::open(*url, {.create = true});
        commit(db, {value(2, 10)});
        CHECK(Database::open(*url).names().size() == 1);
    }
}

TEST_CASE("init leaves an SQLite file of another program as it is, byte for byte") {
    const std::vector<std::pair<const char*, const char*>> contents{
        {"a table of its own", "CREATE TABLE t (a integer); INSERT INTO t VALUES (1);"},
        {"a table structure of another shape", "CREATE TABLE structure (a integer);"},
        {"a view storeFormat", "CREATE VIEW storeFormat AS SELECT 1 AS a;"},
        {"a table storeFormat of another shape", "CREATE TABLE storeFormat (version integer);"},
        {"a write-ahead log", "PRAGMA journal_mode=WAL; CREATE TABLE t (a integer);"},
    };
    for (const auto& [what, sql] : contents) {
        CAPTURE(what);
        const etalon::test::TempDirectory directory;
        const auto path = directory.file("other.db");
        plant("sqlite:" + path, sql);
        const auto before = bytes_of(path);
        REQUIRE(!before.empty());
        for (const bool create : {true, false}) {
            (void)error_of([&] { (void)Database::open("sqlite:" + path, {.create = create, .upgrade = create}); });
            CHECK(bytes_of(path) == before);
            CHECK(names_in(directory.path()) == std::vector<std::string>{"other.db"});
        }
    }
}

TEST_CASE("init leaves a write-ahead log of another program to it") {
    const etalon::test::TempDirectory directory;
    const auto path = directory.file("other.db");
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE t (a); INSERT INTO t VALUES (7);", nullptr, nullptr,
                         nullptr) == SQLITE_OK);
    sqlite3_close(db);
    const auto before = bytes_of(path);
    const auto log = bytes_of(path + "-wal");
    REQUIRE(!log.empty());
    CHECK(error_of([&] { (void)Database::open("sqlite:" + path, {.create = true}); }).code() == ErrorCode::Refused);
    CHECK(bytes_of(path) == before);
    CHECK(bytes_of(path + "-wal") == log);
}

TEST_CASE("init leaves what is no database as it is") {
    const etalon::test::TempDirectory directory;
    const auto path = directory.file("notes.txt");
    for (const std::string text : {"these are notes", "x"}) {
        std::ofstream(path) << text;
        CHECK(error_of([&] { (void)Database::open("sqlite:" + path, {.create = true}); }).code() == ErrorCode::Format);
        CHECK(bytes_of(path) == text);
    }
}

TEST_CASE("init leaves a PostgreSQL schema with a relation in its way as it is") {
    const etalon::test::TempDirectory directory;
    for (const char* sql :
         {R"(CREATE TABLE "structure" (a integer);)", R"(CREATE VIEW "storeFormat" AS SELECT 1 AS a;)",
          R"(CREATE VIEW "schemaMask" AS SELECT 1 AS a;)", R"(CREATE TABLE "storeFormat" (version integer);)"}) {
        CAPTURE(sql);
        const auto url = fresh_place(false, directory);
        if (!url) return;
        (void)backends::open_connection(backends::parse_place_url(*url), backends::OpenMode::Create);
        plant(*url, sql);
        const auto before = contents_of(*url);
        for (const bool upgrade : {false, true}) {
            (void)error_of([&] { (void)Database::open(*url, {.create = true, .upgrade = upgrade}); });
            CHECK(contents_of(*url) == before);
        }
    }
}
