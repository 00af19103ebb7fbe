// What is particular to PostgreSQL: connecting, losing the connection, types as psql sees them.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "backends/each_engine.h"
#include "backends/port.h"
#include "backends/postgres/connection.h"
#include "backends/postgres/password.h"
#include "backends/postgres/translate.h"

using namespace etalon;
using namespace etalon::backends;
using etalon::test::ask;
using etalon::test::error_of;
using etalon::test::script;

namespace {

std::unique_ptr<Connection> open(const std::string& url, OpenMode mode = OpenMode::Create) {
    return open_connection(parse_place_url(url), mode);
}

std::int64_t server_process(Connection& db) {
    return ask(db, "SELECT pg_backend_pid()");
}

void kill_server_process(const std::string& url, std::int64_t process) {
    const auto other = open(url);
    const auto rows =
        other->begin(TransactionMode::Single)->query("SELECT pg_terminate_backend(?1::integer, 5000)", {process});
    REQUIRE(rows->next());
    REQUIRE(rows->integer(0) == 1);
}

std::string psql(const std::string& url, const std::string& sql) {
    const test::TempDirectory directory;
    const std::string command = "psql --no-psqlrc -At -F '|' -c '" + sql + "' '" + url.substr(0, url.find('#')) +
                                "' > " + directory.file("out");
    REQUIRE(std::system(command.c_str()) == 0);
    std::ifstream in(directory.file("out"));
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("passwords are taken out of URLs and messages") {
    const auto hidden = [](std::string_view url) { return postgres::without_password(url); };
    CHECK(hidden("postgresql://u:p@h/db") == "postgresql://u@h/db");
    CHECK(hidden("postgresql://u@h:5432/db") == "postgresql://u@h:5432/db");
    CHECK(hidden("postgresql://h:5432/db") == "postgresql://h:5432/db");
    CHECK(hidden("postgresql://u:a/b@h/db") == "postgresql://u@h/db");
    CHECK(hidden("postgresql://u:a@b@h/db") == "postgresql://u@h/db");
    CHECK(hidden("postgresql:///db?user=u&password=p&port=1") == "postgresql:///db?user=u&port=1");
    CHECK(hidden("postgresql:///db?password=p&port=1#N") == "postgresql:///db?port=1#N");
    CHECK(hidden("postgresql:///db?password=p#N") == "postgresql:///db#N");
    CHECK(hidden("postgresql:///db?user=u&password=p") == "postgresql:///db?user=u");
    CHECK(hidden("postgresql:///db?%70assword=p") == "postgresql:///db");
    CHECK(hidden("postgresql:///db?sslpassword=p&password=q") == "postgresql:///db");
    CHECK(postgres::hide_passwords("bad URI x:se%20cret and se cret", "postgresql://u:se%20cret@h/db") ==
          "bad URI x:*** and ***");
}

TEST_CASE("parameters are translated outside of quotes and comments") {
    const auto text = [](std::string_view sql) { return postgres::translate(sql, "S").text; };
    CHECK(text("SELECT ?1, ?12") == "SELECT $1, $12");
    CHECK(text("'?1' \"?2\" ?3 -- ?4\n?5 /* ?6 */ ?7 'it''s ?8' a ? b") ==
          "'?1' \"?2\" $3 -- ?4\n$5 /* ?6 */ $7 'it''s ?8' a ? b");
    CHECK(text("'open ?1") == "'open ?1");
    CHECK(postgres::translate("?2 + ?1 + ?2", "S").parameters == 2);
    CHECK(postgres::translate("'?9'", "S").parameters == 0);
    CHECK(postgres::looks_reading(" -- comment\n (select 1)"));
    CHECK(postgres::looks_reading("WITH x AS (SELECT 1) SELECT * FROM x"));
    CHECK_FALSE(postgres::looks_reading("INSERT INTO t VALUES (1) RETURNING 1"));
    CHECK_FALSE(postgres::looks_reading(""));
}

TEST_CASE("a server that cannot be reached is an error with the place and what to do") {
    const auto fails = [](const std::string& url, const std::string& advice) {
        CAPTURE(url);
        const Error error = error_of([&] { (void)open(url); });
        CAPTURE(error.what());
        CHECK(error.code() == ErrorCode::Backend);
        CHECK(error.info().where == postgres::without_password(url));
        CHECK(error.info().advice.find(advice) != std::string::npos);
        CHECK(std::string(error.what()).find("geheim") == std::string::npos);
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
        return error;
    };
    CHECK(fails("postgresql://u:geheim@127.0.0.1:1/db#S", "check that the server runs").retryable());
    CHECK(fails("postgresql:///db?host=/nonexistent&password=geheim", "check that the server runs").retryable());
    CHECK_FALSE(fails("postgresql://u:geheim@nosuchhost.invalid/db", "check the host").retryable());
    fails("postgresql://u:geheim@h:port/db", "check the URL");
    fails("postgresql:///db?nonsense=1&password=geheim1", "check the URL");
    fails("postgresql://u:geheim@[::1/db", "check the URL");
}

TEST_CASE("an unknown database or user is an error with what to do") {
    const auto url = test::find_postgres();
    if (!url) return;
    auto other = *url;
    other.replace(other.find("etalon_test"), 11, "no_such_database");
    const Error no_database = error_of([&] { (void)open(other); });
    CHECK(no_database.code() == ErrorCode::Backend);
    CHECK_FALSE(no_database.retryable());
    CHECK(std::string(no_database.what()).find("no_such_database") != std::string::npos);
    CHECK(no_database.info().advice.find("createdb") != std::string::npos);
    const Error no_user = error_of([&] { (void)open(*url + "&user=nobody_known"); });
    CHECK(no_user.code() == ErrorCode::Backend);
    CHECK_FALSE(no_user.retryable());
    CHECK(no_user.info().advice.find("user") != std::string::npos);
}

TEST_CASE("the schema is the name behind the hash in its exact case, by default the database's own") {
    const auto base = test::find_postgres();
    if (!base) return;
    const auto name = "MiXed \"" + test::fresh_schema_name();
    const auto db = open(*base + '#' + name);
    script(*db, "CREATE TABLE \"t\" (\"x\" bigint)");
    CHECK(db->has_relation("t"));
    {
        const auto t = db->begin(TransactionMode::Read);
        const auto rows = t->query("SELECT current_schema()", {});
        REQUIRE(rows->next());
        CHECK(rows->text(0) == name);
    }
    const auto plain = open(*base);
    CHECK_FALSE(plain->has_relation("t"));
    const auto rows = plain->begin(TransactionMode::Single)->query("SELECT current_schema() = current_database()", {});
    REQUIRE(rows->next());
    CHECK(rows->integer(0) == 1);
}

TEST_CASE("nothing depends on the server's time zone or default isolation") {
    const auto url = test::find_fresh_postgres_place();
    if (!url) return;
    const auto db = open(*url);
    const auto rows = db->begin(TransactionMode::Write)
                          ->query("SELECT to_timestamp(0)::text, current_setting('transaction_isolation')", {});
    REQUIRE(rows->next());
    CHECK(rows->text(0) == "1970-01-01 00:00:00+00");
    CHECK(rows->text(1) == "read committed");
    const auto read =
        db->begin(TransactionMode::Read)
            ->query("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')", {});
    REQUIRE(read->next());
    CHECK(read->text(0) == "repeatable read");
    CHECK(read->text(1) == "on");
}

TEST_CASE("a lost connection is replaced when no transaction is open, and is a retryable error inside one") {
    const auto url = test::find_fresh_postgres_place();
    if (!url) return;
    const auto db = open(*url);
    script(*db, "CREATE TABLE \"t\" (\"x\" bigint PRIMARY KEY)");
    const Sql insert("INSERT INTO \"t\" VALUES (?1)");
    const Sql count("SELECT count(*) FROM \"t\"");

    // Between transactions: nobody notices, whatever comes next.
    for (const auto mode : {TransactionMode::Single, TransactionMode::Read, TransactionMode::Write}) {
        kill_server_process(*url, server_process(*db));
        const auto t = db->begin(mode);
        const auto rows = t->query(count, {});
        REQUIRE(rows->next());
        CHECK(rows->integer(0) == 0);
    }
    kill_server_process(*url, server_process(*db));
    CHECK(db->has_relation("t"));

    // Inside one: all of it is lost, and said so.
    for (const auto mode : {TransactionMode::Read, TransactionMode::Write}) {
        const auto process = server_process(*db);
        const auto t = db->begin(mode);
        if (mode == TransactionMode::Write) t->execute(insert, {1});
        kill_server_process(*url, process);
        const Error error = error_of([&] { (void)t->query(count, {}); });
        CHECK(error.code() == ErrorCode::Backend);
        CHECK(error.retryable());
        const Error commit = error_of([&] { t->commit(); });
        CHECK(commit.code() == ErrorCode::Backend);
        CHECK(commit.retryable());
    }
    CHECK(ask(*db, count.text()) == 0);

    // While a bulk insert runs, and just before the commit.
    {
        const auto process = server_process(*db);
        const auto t = db->begin(TransactionMode::Write);
        const std::vector<std::string> columns{"x"};
        const auto bulk = t->bulk_insert("t", columns);
        bulk->put(1);
        bulk->end_row();
        kill_server_process(*url, process);
        const Error error = error_of([&] {
            for (int i = 2; i < 1000000; ++i) {
                bulk->put(i);
                bulk->end_row();
            }
            (void)bulk->finish();
        });
        CHECK(error.code() == ErrorCode::Backend);
        CHECK(error.retryable());
    }
    {
        const auto process = server_process(*db);
        const auto t = db->begin(TransactionMode::Write);
        t->execute(insert, {1});
        kill_server_process(*url, process);
        const Error error = error_of([&] { t->commit(); });
        CHECK(error.code() == ErrorCode::Backend);
        CHECK(error.retryable());
    }
    CHECK(ask(*db, count.text()) == 0);
    script(*db, "INSERT INTO \"t\" VALUES (1)");
    CHECK(ask(*db, count.text()) == 1);
}

TEST_CASE("a database that is read-only by default takes no writes") {
    const auto url = test::find_fresh_postgres_place();
    if (!url) return;
    script(*open(*url), "CREATE TABLE \"t\" (\"x\" bigint)");
    const auto hash = url->find('#');
    const auto read_only =
        url->substr(0, hash) + "&options=-c%20default_transaction_read_only%3Don" + url->substr(hash);
    const auto db = open(read_only, OpenMode::Existing);
    CHECK(db->read_only());
    CHECK(ask(*db, "SELECT count(*) FROM \"t\"") == 0);
    CHECK(error_of([&] { (void)db->begin(TransactionMode::Write); }).code() == ErrorCode::ReadOnly);
    CHECK_FALSE(open(*url)->read_only());
}

TEST_CASE("a reader with SELECT only reads, and its writes are refused") {
    const auto url = test::find_fresh_postgres_place();
    if (!url) return;
    const auto owner = open(*url);
    const auto schema = url->substr(url->find('#') + 1);
    const auto role = "reader_" + schema;
    script(*owner, "CREATE TABLE \"t\" (\"x\" bigint); CREATE ROLE " + role + " LOGIN; GRANT USAGE ON SCHEMA \"" +
                       schema + "\" TO " + role + "; GRANT SELECT ON \"t\" TO " + role);
    const auto reader_url = url->substr(0, url->find('#')) + "&user=" + role + '#' + schema;
    {
        const auto reader = open(reader_url, OpenMode::Existing);
        CHECK(ask(*reader, "SELECT count(*) FROM \"t\"") == 0);
        const Error error =
            error_of([&] { reader->begin(TransactionMode::Write)->execute("INSERT INTO \"t\" VALUES (1)", {}); });
        CHECK(error.code() == ErrorCode::ReadOnly);
    }
    script(*owner, "REVOKE ALL ON \"t\" FROM " + role + "; REVOKE ALL ON SCHEMA \"" + schema + "\" FROM " + role +
                       "; DROP ROLE " + role);
}

TEST_CASE("deadlocks and bad values have their own codes") {
    const auto url = test::find_fresh_postgres_place();
    if (!url) return;
    const auto a = open(*url);
    script(*a, "CREATE TABLE \"t\" (\"x\" bigint PRIMARY KEY, \"s\" smallint); INSERT INTO \"t\" VALUES (1, 0)");
    const auto b = open(*url);
    {
        const auto held = a->begin(TransactionMode::Write);
        held->execute("UPDATE \"t\" SET \"s\" = 1", {});
        const auto waiting = b->begin(TransactionMode::Write);
        waiting->execute_script("SET LOCAL lock_timeout TO 50");
        const Error error = error_of([&] { waiting->execute("UPDATE \"t\" SET \"s\" = 2", {}); });
        CHECK(error.code() == ErrorCode::Backend);
        CHECK(error.retryable());
    }
    CHECK(error_of([&] {
              b->begin(TransactionMode::Write)->execute("UPDATE \"t\" SET \"s\" = ?1", {100000});
          }).code() == ErrorCode::BadInput);
    CHECK(error_of([&] {
              (void)b->begin(TransactionMode::Single)->query("SELECT ?1", {Value{std::string("a\0b", 3)}});
          }).code() == ErrorCode::BadInput);
    CHECK(error_of([&] {
              (void)b->begin(TransactionMode::Single)->query("SELECT ?1", {Value{std::string("\xff")}});
          }).code() == ErrorCode::BadInput);
}

TEST_CASE("sums and averages are numbers") {
    const auto url = test::find_fresh_postgres_place();
    if (!url) return;
    const auto db = open(*url);
    const auto rows = db->begin(TransactionMode::Single)
                          ->query(
                              "SELECT sum(x), avg(x), -10000::numeric, 1234567890123::numeric, 0.00012345::numeric, "
                              "0::numeric, 1e20::numeric, 'NaN'::numeric, "
                              "(-9223372036854775808)::numeric FROM (VALUES (1::bigint), (2::bigint)) AS v(x)",
                              {});
    REQUIRE(rows->next());
    CHECK(rows->integer(0) == 3);
    CHECK(rows->real(1) == 1.5);
    CHECK(rows->integer(2) == -10000);
    CHECK(rows->real(2) == -10000.0);
    CHECK(rows->integer(3) == 1234567890123);
    CHECK(rows->real(4) == 0.00012345);
    CHECK(rows->integer(5) == 0);
    CHECK(rows->real(6) == 1e20);
    CHECK(error_of([&] { (void)rows->integer(6); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)rows->integer(7); }).code() == ErrorCode::Corrupt);
    CHECK(rows->integer(8) == std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("values of PostgreSQL cells are what the design says, seen by psql") {
    const auto url = test::find_fresh_postgres_place();
    if (!url) return;
    const auto db = open(*url);
    const std::uint64_t two[] = {2};
    const std::uint64_t matrix[] = {2, 2};
    const std::vector<CellType> types{
        {ScalarType::Bool, {}},      {ScalarType::UInt8, {}},    {ScalarType::UInt32, {}},
        {ScalarType::UInt64, {}},    {ScalarType::Float32, {}},  {ScalarType::Char, matrix},
        {ScalarType::Int16, matrix}, {ScalarType::Float64, two}, {ScalarType::UInt64, two}};
    std::string create = "CREATE TABLE \"t\" (";
    std::vector<std::string> columns;
    for (const auto& type : types) {
        columns.push_back("c" + std::to_string(columns.size()));
        create += (columns.size() > 1 ? ", \"" : "\"") + columns.back() + "\" " + column_type(Engine::Postgres, type);
    }
    script(*db, create + ")");
    const auto t = db->begin(TransactionMode::Write);
    const auto bulk = t->bulk_insert("t", columns);
    const bool yes = true;
    const std::uint8_t byte = 255;
    const std::uint32_t word = 4294967295U;
    const std::uint64_t large[] = {18446744073709551615U, 10000};
    const float tenth = 0.1F;
    const std::int16_t shorts[] = {1, -2, 3, -4};
    const double doubles[] = {-0.0, std::numeric_limits<double>::infinity()};
    const void* values[] = {&yes, &byte, &word, large, &tenth, "a\0b\"", shorts, doubles, large};
    for (std::size_t i = 0; i < types.size(); ++i) bulk->put_cell(types[i], static_cast<const std::byte*>(values[i]));
    bulk->end_row();
    (void)bulk->finish();
    t->commit();
    CHECK(psql(*url, "SELECT * FROM " + url->substr(url->find('#') + 1) + ".t") ==
          "t|255|4294967295|18446744073709551615|0.1|{\"\\\\x61\",\"\\\\x6222\"}|{{1,-2},{3,-4}}|{-0,Infinity}|"
          "{18446744073709551615,10000}\n");
}
