// What both engines must do alike.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backends/each_engine.h"
#include "backends/port.h"

using namespace etalon;
using namespace etalon::backends;
using etalon::test::ask;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::script;

namespace {

std::string table_of(Engine engine) {
    const auto type = [engine](FixedType t) { return std::string(column_type(engine, t)); };
    return "CREATE TABLE \"t\" (\"id\" " + type(FixedType::Integer) + " PRIMARY KEY, \"i\" " +
           type(FixedType::Integer) + ", \"r\" " + type(FixedType::Real) + ", \"s\" " + type(FixedType::Text) +
           ", \"b\" " + type(FixedType::Blob) + ")";
}

const std::vector<std::int64_t> kIntegers{
    0, 1, -1, 42, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
const std::vector<std::string> kTexts{"",
                                      "a",
                                      "it's",
                                      "a\"b",
                                      "back\\slash",
                                      "$1 ?1 -- ",
                                      "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
                                      "new\nline\ttab",
                                      std::string(100000, 'x')};

std::vector<double> reals() {
    std::vector<double> all{0.0,
                            -0.0,
                            1.5,
                            -1.0,
                            1e300,
                            5e-324,
                            0.1,
                            1e15,
                            std::numeric_limits<double>::infinity(),
                            -std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::quiet_NaN()};
    for (const std::uint64_t bits : {0x7ff0000000000001ULL, 0xfff8dead0000beefULL, 0x7fffffffffffffffULL}) {
        all.push_back(std::bit_cast<double>(bits));
    }
    return all;
}

Bytes bytes_of(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

}  // namespace

TEST_CASE("every kind of value comes back as it was bound") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    const Bytes all_bytes = [] {
        Bytes b;
        for (int i = 0; i < 256; ++i) b.push_back(static_cast<std::byte>(i));
        return b;
    }();
    const std::vector<Bytes> blobs{{}, all_bytes, Bytes(1 << 20, std::byte{7}), bytes_of("text")};
    const auto doubles = reals();

    std::int64_t id = 0;
    {
        const auto t = db->begin(TransactionMode::Write);
        const Sql insert("INSERT INTO \"t\" (\"id\", \"i\", \"r\", \"s\", \"b\") VALUES (?1, ?2, ?3, ?4, ?5)");
        for (const auto i : kIntegers) CHECK(t->execute(insert, {++id, i, {}, {}, {}}) == 1);
        for (const auto r : doubles) CHECK(t->execute(insert, {++id, {}, r, {}, {}}) == 1);
        for (const auto& s : kTexts) CHECK(t->execute(insert, {++id, {}, {}, s, {}}) == 1);
        for (const auto& b : blobs) CHECK(t->execute(insert, {++id, {}, {}, {}, b}) == 1);
        t->commit();
    }
    const auto t = db->begin(TransactionMode::Read);
    const auto rows = t->query("SELECT \"i\", \"r\", \"s\", \"b\" FROM \"t\" ORDER BY \"id\"", {});
    const auto only = [&rows](int column) {
        REQUIRE(rows->next());
        for (int c = 0; c < 4; ++c) CHECK(rows->is_null(c) == (c != column));
    };
    for (const auto i : kIntegers) {
        only(0);
        CHECK(rows->integer(0) == i);
        CHECK(rows->find_integer(0) == i);
        CHECK_FALSE(rows->find_integer(1));
    }
    for (const auto r : doubles) {
        only(1);
        CHECK(std::bit_cast<std::uint64_t>(rows->real(1)) == std::bit_cast<std::uint64_t>(r));
    }
    for (const auto& s : kTexts) {
        only(2);
        CHECK(rows->text(2) == s);
    }
    for (const auto& b : blobs) {
        only(3);
        const auto bytes = rows->bytes(3);
        CHECK(Bytes(bytes.begin(), bytes.end()) == b);
    }
    CHECK_FALSE(rows->next());
    CHECK_FALSE(rows->next());
}

TEST_CASE("lists are bound for set queries") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    const bool sqlite = db->engine() == Engine::Sqlite;
    const auto t = db->begin(TransactionMode::Read);
    const Sql integers(sqlite ? "SELECT value FROM json_each(?1) ORDER BY key" : "SELECT * FROM unnest(?1)");
    for (const auto& list : {std::vector<std::int64_t>{}, std::vector<std::int64_t>{5}, kIntegers}) {
        const auto rows = t->query(integers, {list});
        for (const auto value : list) {
            REQUIRE(rows->next());
            CHECK(rows->integer(0) == value);
        }
        CHECK_FALSE(rows->next());
    }
    const Sql texts(sqlite ? "SELECT value FROM json_each(?1) ORDER BY key" : "SELECT x FROM unnest(?1) AS x");
    for (const auto& list : {std::vector<std::string>{}, kTexts}) {
        const auto rows = t->query(texts, {list});
        for (const auto& value : list) {
            REQUIRE(rows->next());
            CHECK(rows->text(0) == value);
        }
        CHECK_FALSE(rows->next());
    }
    const std::vector<Bytes> blobs{bytes_of("a"), {}, bytes_of(std::string_view("\0\xff", 2))};
    if (sqlite) {
        CHECK(error_of([&] { (void)t->query(Sql("SELECT 1 FROM json_each(?1)"), {blobs}); }).code() ==
              ErrorCode::Usage);
    } else {
        const auto rows = t->query("SELECT b FROM unnest(?1) AS b", {blobs});
        for (const auto& value : blobs) {
            REQUIRE(rows->next());
            const auto bytes = rows->bytes(0);
            CHECK(Bytes(bytes.begin(), bytes.end()) == value);
        }
    }
}

TEST_CASE("a parameter may be NULL first and have a value later, or the reverse") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    const Sql insert("INSERT INTO \"t\" (\"id\", \"i\", \"s\") VALUES (?1, ?2, ?3)");
    const Sql lone("SELECT ?1");
    const Sql question("SELECT count(*) FROM \"t\" WHERE (?1 IS NULL OR \"i\" = ?1)");
    const auto t = db->begin(TransactionMode::Write);
    t->execute(insert, {1, {}, {}});
    t->execute(insert, {2, 7, "x"});
    t->execute(insert, {3, {}, "y"});
    t->execute(insert, {4, 8, {}});
    const auto count = [&](const Value& value) {
        const auto rows = t->query(question, {value});
        REQUIRE(rows->next());
        return rows->integer(0);
    };
    CHECK(count({}) == 4);
    CHECK(count(7) == 1);
    CHECK(count({}) == 4);
    {
        const auto rows = t->query(lone, {Value{}});
        REQUIRE(rows->next());
        CHECK(rows->is_null(0));
    }
    {
        const auto rows = t->query(lone, {Value{std::int64_t{5}}});
        REQUIRE(rows->next());
        CHECK(rows->integer(0) == 5);
    }
    {
        const auto rows = t->query(lone, {Value{std::string("five")}});
        REQUIRE(rows->next());
        CHECK(rows->text(0) == "five");
    }
    t->commit();
    CHECK(ask(*db, "SELECT count(*) FROM \"t\"") == 4);
}

TEST_CASE("a question mark inside quotes or comments is no parameter, and parameters may repeat") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    const auto t = db->begin(TransactionMode::Read);
    const auto rows =
        t->query("SELECT '?1''?2', ?2 AS \"?1\" /* ?3 */, ?1 + ?1 -- ?4\n", {std::int64_t{4}, std::string("two")});
    REQUIRE(rows->next());
    CHECK(rows->text(0) == "?1'?2");
    CHECK(rows->text(1) == "two");
    CHECK(rows->integer(2) == 8);
}

TEST_CASE("what is committed stays, what is not is gone") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    const Sql insert("INSERT INTO \"t\" (\"id\") VALUES (?1)");
    {
        db->begin(TransactionMode::Write)->execute(insert, {1});
    }
    CHECK(ask(*db, "SELECT count(*) FROM \"t\"") == 0);
    {
        const auto t = db->begin(TransactionMode::Write);
        t->execute(insert, {1});
        t->execute_script("CREATE TABLE \"u\" (\"x\" integer); INSERT INTO \"u\" VALUES (1)");
    }
    CHECK_FALSE(db->has_relation("u"));
    {
        const auto t = db->begin(TransactionMode::Write);
        t->execute(insert, {1});
        t->execute(insert, {2});
        t->commit();
        CHECK(error_of([&] { t->execute(insert, {3}); }).code() == ErrorCode::Internal);
        CHECK(error_of([&] { t->commit(); }).code() == ErrorCode::Internal);
    }
    CHECK(ask(*db, "SELECT count(*) FROM \"t\"") == 2);
    const auto other = place.open(OpenMode::Existing);
    CHECK(ask(*other, "SELECT count(*) FROM \"t\"") == 2);
}

TEST_CASE("execute tells how many rows it changed") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    const auto t = db->begin(TransactionMode::Write);
    CHECK(t->execute("INSERT INTO \"t\" (\"id\") VALUES (1), (2), (3)", {}) == 3);
    CHECK(t->execute("UPDATE \"t\" SET \"i\" = ?1 WHERE \"id\" >= ?2", {9, 2}) == 2);
    CHECK(t->execute("UPDATE \"t\" SET \"i\" = 1 WHERE \"id\" > 100", {}) == 0);
    CHECK(t->execute("CREATE TABLE \"v\" (\"x\" integer)", {}) == 0);
    CHECK(t->execute("INSERT INTO \"t\" (\"id\") VALUES (3) ON CONFLICT DO NOTHING", {}) == 0);
    CHECK(t->execute("DELETE FROM \"t\"", {}) == 3);
    const auto rows = t->query("INSERT INTO \"t\" (\"id\") VALUES (8), (9) RETURNING \"id\"", {});
    REQUIRE(rows->next());
    CHECK(rows->integer(0) == 8);
    REQUIRE(rows->next());
    CHECK_FALSE(rows->next());
}

TEST_CASE("a read transaction sees one state, a lone statement the newest") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));  // also leaves SQLite in WAL mode as long as db is open
    const auto reader = place.open(OpenMode::Existing);
    const Sql count("SELECT count(*) FROM \"t\"");
    const auto value = [&](Transaction& t) {
        const auto rows = t.query(count, {});
        REQUIRE(rows->next());
        return rows->integer(0);
    };
    {
        const auto read = reader->begin(TransactionMode::Read);
        CHECK(value(*read) == 0);
        const auto write = db->begin(TransactionMode::Write);
        write->execute("INSERT INTO \"t\" (\"id\") VALUES (1)", {});
        CHECK(value(*read) == 0);
        write->commit();
        CHECK(value(*read) == 0);
        read->commit();
    }
    const auto single = reader->begin(TransactionMode::Single);
    CHECK(value(*single) == 1);
    script(*db, "INSERT INTO \"t\" (\"id\") VALUES (2)");
    CHECK(value(*single) == 2);
}

TEST_CASE("a transaction begun for reading refuses to write") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    const std::vector<std::string> columns{"id"};
    const Sql insert("INSERT INTO \"t\" (\"id\") VALUES (1)");
    for (const auto mode : {TransactionMode::Single, TransactionMode::Read}) {
        CHECK(error_of([&] { db->begin(mode)->execute(insert, {}); }).code() == ErrorCode::ReadOnly);
        CHECK(error_of([&] { db->begin(mode)->execute_script("CREATE TABLE \"w\" (\"x\" integer)"); }).code() ==
              ErrorCode::ReadOnly);
        CHECK(error_of([&] { (void)db->begin(mode)->bulk_insert("t", columns); }).code() == ErrorCode::ReadOnly);
    }
    CHECK(error_of([&] { (void)db->begin(TransactionMode::Read)->query(insert, {})->next(); }).code() ==
          ErrorCode::ReadOnly);
    CHECK(ask(*db, "SELECT count(*) FROM \"t\"") == 0);
}

TEST_CASE("statements are counted, BEGIN and COMMIT are not") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    const auto start = db->statement_count();
    {
        const auto t = db->begin(TransactionMode::Read);
        t->commit();
    }
    CHECK(db->statement_count() == start);
    {
        const auto t = db->begin(TransactionMode::Write);
        t->execute("INSERT INTO \"t\" (\"id\") VALUES (?1)", {1});
        t->execute("INSERT INTO \"t\" (\"id\") VALUES (?1)", {2});
        const auto rows = t->query("SELECT \"id\" FROM \"t\"", {});
        while (rows->next()) {
        }
        t->commit();
    }
    CHECK(db->statement_count() == start + 3);
    (void)db->begin(TransactionMode::Single)->query("SELECT 1", {})->next();
    CHECK(db->statement_count() == start + 4);
    {
        const auto t = db->begin(TransactionMode::Write);
        const std::vector<std::string> columns{"id"};
        const auto bulk = t->bulk_insert("t", columns);
        for (int i = 10; i < 20; ++i) {
            bulk->put(i);
            bulk->end_row();
        }
        CHECK(bulk->finish() == 10);
        t->commit();
    }
    CHECK(db->statement_count() == start + 5);
}

TEST_CASE("collisions, refusals of triggers and mistakes have their own codes") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    if (db->engine() == Engine::Sqlite) {
        script(*db, "CREATE TRIGGER \"keep\" BEFORE DELETE ON \"t\" BEGIN SELECT RAISE(ABORT, 't is immutable'); END");
    } else {
        script(*db,
               "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 't is "
               "immutable'; END $$;"
               "CREATE TRIGGER \"keep\" BEFORE DELETE ON \"t\" FOR EACH ROW EXECUTE FUNCTION refuse()");
    }
    script(*db, "INSERT INTO \"t\" (\"id\") VALUES (1)");
    const auto fails = [&](const char* sql) {
        const auto t = db->begin(TransactionMode::Write);
        const Error error = error_of([&] { t->execute(sql, {}); });
        CHECK_FALSE(error.retryable());
        CHECK(std::string(error.what()).find(db->place()) != std::string::npos);
        CHECK(error_of([&] { t->commit(); }).code() == ErrorCode::Backend);
        return error;
    };
    const Error conflict = fails("INSERT INTO \"t\" (\"id\") VALUES (1)");
    CHECK(conflict.code() == ErrorCode::Conflict);
    // A file's own words are about a statement; a server's are said in Etalon's, without it.
    const bool shows_statement = std::string(conflict.what()).find("INSERT INTO") != std::string::npos;
    CHECK(shows_statement == (db->engine() == Engine::Sqlite));
    const Error refused = fails("DELETE FROM \"t\"");
    CHECK(refused.code() == ErrorCode::Refused);
    CHECK(std::string(refused.what()).find("t is immutable") != std::string::npos);
    CHECK(fails("INSERT INTO \"nowhere\" VALUES (1)").code() == ErrorCode::Backend);
    CHECK(fails("SELEKT 1").code() == ErrorCode::Backend);
    CHECK(fails("SELECT \"id\", \"misspelt\" FROM \"t\"").code() == ErrorCode::Backend);
    {
        const auto t = db->begin(TransactionMode::Write);
        CHECK(error_of([&] { t->execute_script("DELETE FROM \"t\""); }).code() == ErrorCode::Refused);
    }
    if (db->engine() == Engine::Sqlite)
        CHECK(fails("REPLACE INTO \"t\" (\"id\") VALUES (1)").code() == ErrorCode::Refused);
    CHECK(ask(*db, "SELECT count(*) FROM \"t\"") == 1);
}

TEST_CASE("after a failed statement a transaction can only be rolled back") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    {
        const auto t = db->begin(TransactionMode::Write);
        t->execute("INSERT INTO \"t\" (\"id\") VALUES (1)", {});
        CHECK(error_of([&] { t->execute("INSERT INTO \"t\" (\"id\") VALUES (1)", {}); }).code() == ErrorCode::Conflict);
        CHECK_THROWS_AS(t->execute("INSERT INTO \"t\" (\"id\") VALUES (2)", {}), Error);
        CHECK_THROWS_AS(t->commit(), Error);
    }
    CHECK(ask(*db, "SELECT count(*) FROM \"t\"") == 0);
}

TEST_CASE("a cursor says so when a column is of another type, NULL or not there") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    const auto t = db->begin(TransactionMode::Read);
    const auto rows = t->query("SELECT 'text', 1, 2.5, NULL", {});
    CHECK(error_of([&] { (void)rows->integer(1); }).code() == ErrorCode::Internal);
    REQUIRE(rows->next());
    CHECK(error_of([&] { (void)rows->integer(0); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)rows->real(0); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)rows->text(1); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)rows->integer(2); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)rows->integer(3); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)rows->integer(4); }).code() == ErrorCode::Internal);
    CHECK(error_of([&] { (void)rows->is_null(-1); }).code() == ErrorCode::Internal);
    CHECK(rows->real(1) == 1.0);
    CHECK(rows->real(2) == 2.5);
    CHECK_FALSE(rows->next());
    CHECK(error_of([&] { (void)rows->integer(1); }).code() == ErrorCode::Internal);
}

TEST_CASE("relations are found by their exact name") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, "CREATE TABLE \"Mixed Case\" (\"x\" integer); CREATE VIEW \"v\" AS SELECT * FROM \"Mixed Case\"");
    CHECK(db->has_relation("Mixed Case"));
    CHECK(db->has_relation("v"));
    CHECK_FALSE(db->has_relation("mixed case"));
    CHECK_FALSE(db->has_relation("Mixed"));
    CHECK_FALSE(db->has_relation(""));
    CHECK_FALSE(db->has_relation("pg_class"));
    const auto t = db->begin(TransactionMode::Write);
    t->execute_script("CREATE TABLE \"in_here\" (\"x\" integer)");
    CHECK(db->has_relation("in_here"));
}

TEST_CASE("a second transaction inside the first is a defect that is reported") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    const auto t = db->begin(TransactionMode::Read);
    CHECK(error_of([&] { (void)db->begin(TransactionMode::Write); }).code() == ErrorCode::Internal);
}

TEST_CASE(
    "the same statement may run again while its first cursor is open, and prepared statements survive new columns") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    script(*db, "INSERT INTO \"t\" (\"id\") VALUES (1), (2)");
    const Sql all("SELECT * FROM \"t\" ORDER BY \"id\"");
    {
        const auto t = db->begin(TransactionMode::Read);
        const auto a = t->query(all, {});
        REQUIRE(a->next());
        const auto b = t->query(all, {});
        REQUIRE(b->next());
        REQUIRE(b->next());
        REQUIRE(a->next());
        CHECK(a->integer(0) == 2);
        CHECK(b->integer(0) == 2);
    }
    script(*db, "ALTER TABLE \"t\" ADD COLUMN \"extra\" integer");
    {
        const auto again = db->begin(TransactionMode::Single)->query(all, {});
        REQUIRE(again->next());
        CHECK(again->is_null(5));
    }
    // Also when another connection changed the table.
    script(*place.open(OpenMode::Existing), "ALTER TABLE \"t\" ADD COLUMN \"more\" integer");
    const auto newest = db->begin(TransactionMode::Single)->query(all, {});
    REQUIRE(newest->next());
    CHECK(newest->is_null(6));
}

TEST_CASE("many different statements do not pile up") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    const auto t = db->begin(TransactionMode::Read);
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 1200; ++i) {
            const auto rows = t->query(Sql("SELECT " + std::to_string(i) + " + ?1"), {1});
            REQUIRE(rows->next());
            REQUIRE(rows->integer(0) == i + 1);
        }
    }
}

TEST_CASE("a wrong number of values is an error") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    CHECK_THROWS_AS((void)db->begin(TransactionMode::Single)->query("SELECT ?1", {})->next(), Error);
    CHECK_THROWS_AS((void)db->begin(TransactionMode::Single)->query("SELECT ?1", {1, 2})->next(), Error);
}

TEST_CASE("a bulk insert that is not finished, or fails, keeps nothing") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, table_of(db->engine()));
    const std::vector<std::string> columns{"id", "s", "r", "b"};
    {
        const auto t = db->begin(TransactionMode::Write);
        const auto bulk = t->bulk_insert("t", columns);
        bulk->put(1);
        bulk->put_null();
        bulk->put(-0.0);
        bulk->put(bytes_of("\x01\x02"));
        bulk->end_row();
    }
    CHECK(ask(*db, "SELECT count(*) FROM \"t\"") == 0);
    {
        const auto t = db->begin(TransactionMode::Write);
        const auto bulk = t->bulk_insert("t", columns);
        for (int i = 0; i < 2; ++i) {
            bulk->put(1);
            bulk->put(std::string("x"));
            bulk->put(Value{});
            bulk->put(Value{});
            if (i == 0) bulk->end_row();
        }
        const Error error = error_of([&] {
            bulk->end_row();
            (void)bulk->finish();
        });
        CHECK(error.code() == ErrorCode::Conflict);
        CHECK_THROWS_AS(t->commit(), Error);
    }
    CHECK(ask(*db, "SELECT count(*) FROM \"t\"") == 0);
    {
        const auto t = db->begin(TransactionMode::Write);
        {
            const auto bulk = t->bulk_insert("t", columns);
            bulk->put(1);
            CHECK(error_of([&] { bulk->end_row(); }).code() == ErrorCode::Internal);
        }
        CHECK_THROWS_AS(t->commit(), Error);
    }
    {
        const auto t = db->begin(TransactionMode::Write);
        const auto bulk = t->bulk_insert("t", columns);
        for (int i = 0; i < 20000; ++i) {
            bulk->put(i);
            bulk->put("row " + std::to_string(i));
            bulk->put(i * 0.5);
            bulk->put_null();
            bulk->end_row();
        }
        CHECK(bulk->finish() == 20000);
        t->execute("UPDATE \"t\" SET \"i\" = 1 WHERE \"id\" = 7", {});
        t->commit();
    }
    CHECK(ask(*db, "SELECT count(*) FROM \"t\" WHERE \"s\" = 'row 19999' AND \"r\" = 9999.5") == 1);
    {
        const auto t = db->begin(TransactionMode::Write);
        const auto bulk = t->bulk_insert("t", columns);
        CHECK(bulk->finish() == 0);
        t->commit();
    }
    CHECK_THROWS_AS((void)db->begin(TransactionMode::Write)->bulk_insert("nowhere", columns), Error);
    CHECK(ask(*db, "SELECT count(*) FROM \"t\"") == 20000);
}

TEST_CASE("an existing place is not made, a made one exists") {
    const EachEngine place;
    if (!place) return;
    const Error error = error_of([&] { (void)place.open(OpenMode::Existing); });
    CHECK(error.code() == ErrorCode::Backend);
    CHECK(std::string(error.what()).find("run 'etalon -d " + place.url() + " init'") != std::string::npos);
    (void)place.open(OpenMode::Create);
    const auto db = place.open(OpenMode::Existing);
    CHECK_FALSE(db->read_only());
    CHECK(db->place() == place.url());
    (void)place.open(OpenMode::Create);
}

TEST_CASE("PostgreSQL gives rows of several tables as row values, SQLite says that it has none") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    const auto t = db->begin(TransactionMode::Read);
    if (db->engine() == Engine::Sqlite) {
        const auto rows = t->query("SELECT 1", {});
        REQUIRE(rows->next());
        CHECK(error_of([&] { rows->read_record(0, {}); }).code() == ErrorCode::Internal);
        return;
    }
    const auto rows = t->query(
        "SELECT ROW(1::integer, 'skipped'::text, ARRAY[[1.5, -2]]::real[], 18446744073709551615::numeric(20,0), "
        "'ab'::bytea) "
        "UNION ALL SELECT ROW(NULL::smallint)",
        {});
    const std::vector<std::uint64_t> two{1, 2};
    const std::vector<std::uint64_t> four{4};
    std::int32_t number = 0;
    float values[2] = {};
    std::uint64_t large = 0;
    char letters[4] = {'x', 'x', 'x', 'x'};
    const auto out = [](auto& value) { return reinterpret_cast<std::byte*>(&value); };
    std::vector<Cursor::RecordField> fields{{{ScalarType::Int32, {}}, out(number)},
                                            {{ScalarType::Int32, {}}, nullptr},
                                            {{ScalarType::Float32, two}, out(values)},
                                            {{ScalarType::UInt64, {}}, out(large)},
                                            {{ScalarType::Char, four}, out(letters)}};
    REQUIRE(rows->next());
    rows->read_record(0, fields);
    CHECK(number == 1);
    CHECK(values[0] == 1.5F);
    CHECK(values[1] == -2.0F);
    CHECK(large == std::numeric_limits<std::uint64_t>::max());
    CHECK(std::string_view(letters, 4) == std::string_view("ab\0\0", 4));
    fields.push_back({{ScalarType::Int32, {}}, out(number)});
    CHECK(error_of([&] { rows->read_record(0, fields); }).code() == ErrorCode::Corrupt);
    fields = {{{ScalarType::Float32, {}}, out(values)}};
    CHECK(error_of([&] { rows->read_record(0, fields); }).code() == ErrorCode::Corrupt);
    REQUIRE(rows->next());
    fields = {{{ScalarType::Int16, {}}, nullptr}};
    rows->read_record(0, fields);
    fields = {{{ScalarType::Int16, {}}, out(values)}};
    CHECK(error_of([&] { rows->read_record(0, fields); }).code() == ErrorCode::Corrupt);
}
