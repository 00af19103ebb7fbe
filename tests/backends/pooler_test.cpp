// Connections that a pooler gives another session of the server for every transaction.
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "backends/each_engine.h"
#include "backends/port.h"
#include "support/own_database.h"
#include "support/pooler.h"
#include "support/psql.h"

using namespace etalon;
using namespace etalon::backends;
using etalon::test::ask;
using etalon::test::error_of;
using etalon::test::OwnDatabase;
using etalon::test::Pooler;
using etalon::test::PoolMode;
using etalon::test::script;

namespace {

std::unique_ptr<Connection> open(const std::string& url, OpenMode mode = OpenMode::Create) {
    return open_connection(parse_place_url(url), mode);
}

std::string text_of(Transaction& tx, const Sql& sql, std::vector<Value> values = {}) {
    const auto rows = tx.query(sql, values);
    REQUIRE(rows->next());
    return std::string(rows->text(0));
}

}  // namespace

TEST_CASE("behind a pooler every statement has its settings, and leaves none behind") {
    if (!Pooler::is_there()) return;
    for (const auto mode : {PoolMode::Session, PoolMode::Transaction}) {
        CAPTURE(static_cast<int>(mode));
        const Pooler pooler(mode, 1);
        const auto place = pooler.url(*test::find_fresh_postgres_place());
        const Sql settings(
            "SELECT current_setting('search_path') || ';' || current_setting('TimeZone') || ';' || "
            "current_setting('row_security') || ';' || current_setting('client_encoding') || ';' || "
            "current_setting('standard_conforming_strings')");
        {
            const auto db = open(place);
            script(*db, "CREATE TABLE \"t\" (\"x\" bigint)");
            for (const auto transaction : {TransactionMode::Single, TransactionMode::Read, TransactionMode::Write}) {
                const auto tx = db->begin(transaction);
                CHECK(text_of(*tx, settings) == "pg_catalog, pg_temp;UTC;off;UTF8;on");
                const auto isolation = text_of(*tx, "SELECT current_setting('transaction_isolation')");
                CHECK(isolation == (transaction == TransactionMode::Read ? "repeatable read" : "read committed"));
            }
        }
        // What a neighbour sees who uses the pooler without Etalon.
        CHECK(test::psql(place, "SHOW search_path") == "\"$user\", public\n");
        CHECK(test::psql(place, "SHOW TimeZone") == "Asia/Kathmandu\n");
        CHECK(test::psql(place, "SELECT count(*) FROM pg_prepared_statements") == "0\n");
    }
}

TEST_CASE("two schemas and another database through a pooler of two sessions never answer for each other") {
    if (!Pooler::is_there()) return;
    const OwnDatabase other(*test::find_postgres());
    for (const auto mode : {PoolMode::Transaction, PoolMode::Session}) {
        CAPTURE(static_cast<int>(mode));
        // Session pooling keeps a session for as long as a connection lasts.
        const Pooler pooler(mode, mode == PoolMode::Session ? 10 : 2);
        constexpr std::size_t kPlaces = 3;
        const std::array<std::string, kPlaces> urls{pooler.url(*test::find_fresh_postgres_place()),
                                                    pooler.url(*test::find_fresh_postgres_place()),
                                                    pooler.url(other.url(test::fresh_schema_name()))};
        std::array<std::vector<std::unique_ptr<Connection>>, kPlaces> connections;
        std::array<std::int64_t, kPlaces> sums{};
        for (std::size_t i = 0; i < kPlaces; ++i) {
            connections[i].push_back(open(urls[i]));
            script(*connections[i][0], "CREATE TABLE \"t\" (\"x\" bigint, \"of\" bigint, \"b\" bytea)");
            connections[i].push_back(open(urls[i], OpenMode::Existing));
        }
        const Sql insert("INSERT INTO \"t\" (\"x\", \"of\", \"b\") VALUES (?1, ?2, ?3)");
        const Sql sum("SELECT coalesce(sum(\"x\"), 0)::bigint, count(*), min(\"of\"), max(\"of\") FROM \"t\"");
        const Sql some("SELECT count(*) FROM \"t\" WHERE ?1 IS NULL OR \"x\" = ?1");
        const std::vector<std::string> columns{"x", "of"};
        std::mt19937 random(20261130);
        for (int step = 0; step < 300; ++step) {
            const auto i = random() % kPlaces;
            auto& db = *connections[i][random() % 2];
            const auto x = static_cast<std::int64_t>(random() % 1000);
            const auto of = static_cast<std::int64_t>(i);
            const auto kind = random() % 5;
            if (kind == 0) {
                const auto tx = db.begin(TransactionMode::Write);
                tx->execute(insert, {x, of, random() % 2 == 0 ? Value{} : Value{Bytes(3, std::byte{1})}});
                tx->commit();
                sums[i] += x;
            } else if (kind == 1) {
                const auto tx = db.begin(TransactionMode::Write);
                const auto bulk = tx->bulk_insert("t", columns);
                for (const auto value : {x, of}) bulk->put(value);
                bulk->end_row();
                (void)bulk->finish();
                tx->commit();
                sums[i] += x;
            } else if (kind == 2) {  // rolled back
                const auto tx = db.begin(TransactionMode::Write);
                tx->execute(insert, {x, of, Value{}});
            } else {
                const auto tx = db.begin(kind == 3 ? TransactionMode::Single : TransactionMode::Read);
                const auto rows = tx->query(sum, {});
                REQUIRE(rows->next());
                CHECK(rows->integer(0) == sums[i]);
                if (rows->integer(1) != 0) {
                    CHECK(rows->integer(2) == of);
                    CHECK(rows->integer(3) == of);
                }
                const auto all = rows->integer(1);
                const auto counted = tx->query(some, {Value{}});
                REQUIRE(counted->next());
                CHECK(counted->integer(0) == all);
                if (kind != 3) {
                    std::vector<Statement> two;
                    two.push_back({&sum, {}});
                    two.push_back({&some, {Value{}}});
                    const auto cursors = tx->query_all(two);
                    REQUIRE(cursors[0]->next());
                    CHECK(cursors[0]->integer(0) == sums[i]);
                    REQUIRE(cursors[1]->next());
                    CHECK(cursors[1]->integer(0) == all);
                }
            }
        }
    }
}

TEST_CASE("errors behind a pooler leave the connection of use") {
    if (!Pooler::is_there()) return;
    const Pooler pooler(PoolMode::Transaction, 1);
    const auto db = open(pooler.url(*test::find_fresh_postgres_place()));
    script(*db, "CREATE TABLE \"t\" (\"x\" bigint PRIMARY KEY); INSERT INTO \"t\" VALUES (7)");
    const Sql divide("SELECT 1 / (?1::bigint - \"x\") FROM \"t\"");
    const Sql untyped("SELECT \"x\" FROM \"t\" WHERE ?1 IS NULL AND \"x\" / 0 = 1");
    for (int i = 0; i < 3; ++i) {
        CHECK(error_of([&] { (void)db->begin(TransactionMode::Single)->query(divide, {7}); }).code() ==
              ErrorCode::BadInput);
        CHECK(error_of([&] { (void)db->begin(TransactionMode::Single)->query(untyped, {Value{}}); }).code() ==
              ErrorCode::BadInput);
        {
            const auto tx = db->begin(TransactionMode::Read);
            CHECK(error_of([&] { (void)tx->query(divide, {7}); }).code() == ErrorCode::BadInput);
        }
        CHECK(error_of([&] {
                  db->begin(TransactionMode::Write)->execute("INSERT INTO \"t\" VALUES (?1)", {7});
              }).code() == ErrorCode::Conflict);
        CHECK(ask(*db, "SELECT \"x\" FROM \"t\"") == 7);
    }
}

TEST_CASE("a connection whose statement names come and go falls back to statements without names") {
    const auto url = test::find_fresh_postgres_place();
    if (!url) return;
    const Sql count("SELECT count(*) FROM \"t\"");
    const Sql forget("DEALLOCATE ALL");
    // As a pooler would that hides itself: names that were there are not (26000).
    const auto db = open(*url);
    script(*db, "CREATE TABLE \"t\" (\"x\" bigint)");
    CHECK(ask(*db, count.text()) == 0);
    (void)db->begin(TransactionMode::Single)->query(forget, {});
    CHECK(ask(*db, count.text()) == 0);  // a statement alone is sent again
    CHECK(ask(*db, "SELECT count(*) FROM pg_prepared_statements") == 0);
    {
        const auto tx = db->begin(TransactionMode::Write);
        tx->execute("INSERT INTO \"t\" VALUES (?1)", {1});
        tx->commit();
    }
    CHECK(ask(*db, count.text()) == 1);
    // In a transaction all of it is lost, and said so; repeated, it works.
    const auto second = open(*url);
    {
        const auto tx = second->begin(TransactionMode::Read);
        REQUIRE(tx->query(count, {})->next());
    }
    (void)second->begin(TransactionMode::Single)->query(forget, {});
    const auto once_more = [&] {
        const auto tx = second->begin(TransactionMode::Read);
        const auto rows = tx->query(count, {});
        REQUIRE(rows->next());
        return rows->integer(0);
    };
    CHECK(error_of([&] { (void)once_more(); }).retryable());
    CHECK(once_more() == 1);
}

TEST_CASE("a name that somebody else has prepared is not used") {
    const auto url = test::find_fresh_postgres_place();
    if (!url) return;
    // The name of a statement is a hash: whoever learns it can take it first, in a session that is shared.
    const auto first = open(*url);
    script(*first, "CREATE TABLE \"t\" (\"x\" bigint)");
    const Sql count("SELECT count(*) FROM \"t\"");
    (void)ask(*first, count.text());
    const auto tx = first->begin(TransactionMode::Single);
    const auto name =
        text_of(*tx, "SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT pg_catalog.count%'");
    CHECK(name.starts_with("etalon_"));
    CHECK(name.size() <= 63);
    const auto second = open(*url);
    (void)second->begin(TransactionMode::Single)->query(Sql("PREPARE " + name + " AS SELECT 42::bigint"), {});
    CHECK(ask(*second, count.text()) == 0);
}
