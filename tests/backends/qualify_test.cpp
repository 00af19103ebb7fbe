// Every name of a statement for PostgreSQL gets its schema.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "backends/postgres/qualify.h"
#include "backends/postgres/tokens.h"
#include "backends/postgres/translate.h"

using namespace etalon::backends::postgres;

namespace {

std::string of_s(std::string_view sql) {
    return translate(sql, "S").text;
}

}  // namespace

TEST_CASE("statements are cut into words, names, literals and symbols") {
    const auto tokens =
        tokenize("a \"b \"\"c\" 'it''s' E'\\'x' $q$ $a$ 'y' $q$ ?12 1.5 ::text -- no\n/* /* no */ */ <");
    std::string shown;
    for (const auto& token : tokens)
        shown += std::to_string(static_cast<int>(token.kind)) + std::string(token.text) + '|';
    CHECK(shown == "0a|1\"b \"\"c\"|2'it''s'|2E'\\'x'|2$q$ $a$ 'y' $q$|4?12|31.5|5::|0text|5<|");
    CHECK(tokenize("'open").size() == 1);
    CHECK(tokenize("\"open").size() == 1);
    CHECK(tokenize("/* open").empty());
    CHECK(tokenize("$q$ open").size() == 1);
    CHECK(tokenize("E'\\").size() == 1);
}

TEST_CASE("relations are those of the place, wherever a statement names them") {
    CHECK(of_s(R"(SELECT "a" FROM "t" x, "u" y LEFT JOIN "v" ON "v"."a" = y."a" WHERE x."t" IN (1, 2))") ==
          R"(SELECT "a" FROM "S"."t" x, "S"."u" y LEFT JOIN "S"."v" ON "v"."a" = y."a" WHERE x."t" IN (1, 2))");
    CHECK(of_s(R"(INSERT INTO "t" ("a") SELECT 1 ON CONFLICT ("a") DO UPDATE SET "a" = "t"."a")") ==
          R"(INSERT INTO "S"."t" ("a") SELECT 1 ON CONFLICT ("a") DO UPDATE SET "a" = "t"."a")");
    CHECK(of_s(R"(UPDATE "t" SET "a" = 1 WHERE EXISTS (SELECT 1 FROM "u"))") ==
          R"(UPDATE "S"."t" SET "a" = 1 WHERE EXISTS (SELECT 1 FROM "S"."u"))");
    CHECK(of_s(R"(DELETE FROM "t" USING unnest(?1::bigint[]) x)") ==
          R"(DELETE FROM "S"."t" USING unnest($1::bigint[]) x)");
    CHECK(of_s(R"(DELETE FROM "t" USING "u" x WHERE true)") == R"(DELETE FROM "S"."t" USING "S"."u" x WHERE true)");
    CHECK(of_s(R"(SELECT 1 FROM "t" FOR UPDATE)") == R"(SELECT 1 FROM "S"."t" FOR UPDATE)");
    CHECK(of_s(R"(SELECT "a" IS DISTINCT FROM "b" FROM t)") == R"(SELECT "a" IS DISTINCT FROM "b" FROM "S".t)");
    CHECK(of_s(R"(SELECT 1 FROM pg_class c, pg_catalog.pg_proc, information_schema.columns)") ==
          R"(SELECT 1 FROM pg_catalog.pg_class c, pg_catalog.pg_proc, information_schema.columns)");
    CHECK(translate(R"(SELECT 1 FROM "t")", "We\"ird \\").text == R"(SELECT 1 FROM "We""ird \"."t")");
}

TEST_CASE("common table expressions hide relations where they are seen, and only there") {
    CHECK(
        of_s(R"(WITH RECURSIVE "a"("x") AS (SELECT 1 FROM "t" UNION SELECT 2 FROM "a"), b AS NOT MATERIALIZED (SELECT 3)
SELECT * FROM "a", b, "c")") ==
        R"(WITH RECURSIVE "a"("x") AS (SELECT 1 FROM "S"."t" UNION SELECT 2 FROM "a"), b AS NOT MATERIALIZED (SELECT 3)
SELECT * FROM "a", b, "S"."c")");
    CHECK(of_s(R"(SELECT * FROM (WITH "a" AS (SELECT 1) SELECT * FROM "a") x, "a" y)") ==
          R"(SELECT * FROM (WITH "a" AS (SELECT 1) SELECT * FROM "a") x, "S"."a" y)");
    CHECK(of_s(R"(SELECT 1, "b" AS (x) FROM "b")") == R"(SELECT 1, "b" AS (x) FROM "S"."b")");
}

TEST_CASE("definitions name the place's relations, and keep the names of what has no schema of its own") {
    CHECK(
        of_s(
            R"(CREATE TABLE IF NOT EXISTS "t" ("a" bigint REFERENCES "u"); CREATE INDEX IF NOT EXISTS "i" ON "t" ("a"))") ==
        R"(CREATE TABLE IF NOT EXISTS "S"."t" ("a" bigint REFERENCES "S"."u"); CREATE INDEX IF NOT EXISTS "i" ON "S"."t" ("a"))");
    CHECK(
        of_s(R"(CREATE OR REPLACE TRIGGER "g" BEFORE UPDATE OF "a", "b" ON "t" FOR EACH ROW EXECUTE FUNCTION "f"())") ==
        R"(CREATE OR REPLACE TRIGGER "g" BEFORE UPDATE OF "a", "b" ON "S"."t" FOR EACH ROW EXECUTE FUNCTION "S"."f"())");
    CHECK(
        of_s(
            R"(CREATE OR REPLACE TRIGGER "g" BEFORE DELETE OR TRUNCATE ON "t" FOR EACH STATEMENT EXECUTE FUNCTION "f"())") ==
        R"(CREATE OR REPLACE TRIGGER "g" BEFORE DELETE OR TRUNCATE ON "S"."t" FOR EACH STATEMENT EXECUTE FUNCTION "S"."f"())");
    CHECK(
        of_s(
            R"(DROP TRIGGER "g" ON "t"; ALTER TABLE "t" RENAME TO "u"; DROP INDEX IF EXISTS "i"; DROP TABLE "t", "u")") ==
        R"(DROP TRIGGER "g" ON "S"."t"; ALTER TABLE "S"."t" RENAME TO "u"; DROP INDEX IF EXISTS "S"."i"; DROP TABLE "S"."t", "S"."u")");
    CHECK(
        of_s(R"(GRANT SELECT, UPDATE ON "t" TO "r"; REVOKE ALL ON "t" FROM "r"; GRANT USAGE ON SCHEMA "x" TO "r")") ==
        R"(GRANT SELECT, UPDATE ON "S"."t" TO "r"; REVOKE ALL ON "S"."t" FROM "r"; GRANT USAGE ON SCHEMA "x" TO "r")");
    CHECK(of_s(R"(LOCK TABLE "t", "u" IN ACCESS EXCLUSIVE MODE)") ==
          R"(LOCK TABLE "S"."t", "S"."u" IN ACCESS EXCLUSIVE MODE)");
    CHECK(of_s(R"(CREATE OR REPLACE VIEW "v" AS SELECT 1 FROM "t" d LEFT JOIN "u" c ON c."a" = d."a")") ==
          R"(CREATE OR REPLACE VIEW "S"."v" AS SELECT 1 FROM "S"."t" d LEFT JOIN "S"."u" c ON c."a" = d."a")");
    CHECK(of_s(R"(CREATE FUNCTION "f"() RETURNS trigger LANGUAGE plpgsql AS $b$ SELECT 1 FROM "t" $b$)") ==
          R"(CREATE FUNCTION "S"."f"() RETURNS trigger LANGUAGE plpgsql AS $b$ SELECT 1 FROM "t" $b$)");
}

TEST_CASE("functions, types and collations are those of pg_catalog") {
    CHECK(
        of_s(R"(SELECT count(*), coalesce(lower("a"), 'x'::text) COLLATE "C", ?1::bigint[], max(CAST("b" AS text)))") ==
        R"(SELECT pg_catalog.count(*), coalesce(pg_catalog.lower("a"), 'x'::pg_catalog.text) COLLATE pg_catalog."C", $1::bigint[], pg_catalog.max(CAST("b" AS pg_catalog.text)))");
    CHECK(
        of_s(
            R"(SELECT 1 FROM unnest(?1::bigint[]) WITH ORDINALITY AS k("a", n), LATERAL f(k."a") g(i), (SELECT 1) w(a))") ==
        R"(SELECT 1 FROM unnest($1::bigint[]) WITH ORDINALITY AS k("a", n), LATERAL pg_catalog.f(k."a") g(i), (SELECT 1) w(a))");
    CHECK(of_s("SELECT extract(epoch FROM clock_timestamp()), row_number() OVER (ORDER BY 1), pg_catalog.abs(-1)") ==
          "SELECT extract(epoch FROM pg_catalog.clock_timestamp()), pg_catalog.row_number() OVER (ORDER BY 1), "
          "pg_catalog.abs(-1)");
    CHECK(of_s("SELECT hashtextextended('a' || current_schema(), 0), current_schema") ==
          "SELECT pg_catalog.hashtextextended('a' || 'S'::pg_catalog.name, 0), 'S'::pg_catalog.name");
    CHECK(translate("SELECT current_schema()", "a'\\b").text == "SELECT E'a''\\\\b'::pg_catalog.name");
}

TEST_CASE("what a statement does to a relation is known from where it names it") {
    const auto uses = find_uses(R"(INSERT INTO "t" SELECT 1 FROM "we""ird" JOIN "u" ON true)");
    REQUIRE(uses.size() == 3);
    CHECK(uses[0].relation == "t");
    CHECK(uses[0].what == "INTO");
    CHECK(uses[1].relation == "we\"ird");
    CHECK(uses[1].what == "FROM");
    CHECK(uses[2].what == "JOIN");
}
