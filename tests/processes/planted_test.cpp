// What others put into schemas of the database: functions, operators, types, casts and tables under the names that
// Etalon's statements use. None of it may be run or read, and answers are right.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <string>
#include <vector>

#include "database/support.h"
#include "etalon/explain.h"
#include "etalon/lint.h"
#include "etalon/verify.h"
#include "support/own_database.h"
#include "support/pooler.h"
#include "support/psql.h"

using namespace etalon;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::error_of;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::OwnDatabase;
using etalon::test::Plain;
using etalon::test::Pooler;
using etalon::test::PoolMode;
using etalon::test::psql;
using etalon::test::put;
using etalon::test::run_psql;
using etalon::test::value;

namespace {

constexpr const char* kSafe = "-c search_path=pg_catalog";

/// A function of that name for every list of arguments that could fit better than PostgreSQL's own.
std::string planted_functions(const std::string& schema) {
    std::string sql;
    for (const auto* name : {"abs",
                             "array_agg",
                             "chr",
                             "clock_timestamp",
                             "count",
                             "current_setting",
                             "encode",
                             "first_value",
                             "format",
                             "generate_subscripts",
                             "has_schema_privilege",
                             "hashtextextended",
                             "length",
                             "lower",
                             "lpad",
                             "max",
                             "min",
                             "octet_length",
                             "pg_advisory_xact_lock",
                             "pg_advisory_xact_lock_shared",
                             "pg_backend_pid",
                             "pg_get_serial_sequence",
                             "pg_has_role",
                             "pg_is_in_recovery",
                             "row_number",
                             "rtrim",
                             "set_config",
                             "setval",
                             "string_agg",
                             "sum",
                             "to_char",
                             "to_jsonb",
                             "to_timestamp",
                             "trunc",
                             "unnest"}) {
        for (const auto* arguments :
             {"", "bigint", "text", "name", "bytea", "anyelement", "bigint, bigint", "text, integer", "name, integer",
              "text, text", "text, bigint", "bytea, text", "text, text, boolean", "text, integer, text"}) {
            sql += fmt::format(
                "CREATE FUNCTION {}.{}({}) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'PLANTED {}'; "
                "END $$;\n",
                schema, name, arguments, name);
        }
    }
    return sql;
}

std::string planted_operators(const std::string& schema) {
    std::string sql;
    for (const auto* left : {"bigint", "integer", "text", "name", "bytea", "smallint", "numeric", "jsonb"}) {
        for (const auto* right : {"bigint", "integer", "text", "name", "bytea", "smallint", "jsonb"}) {
            const auto function = fmt::format("{}.planted_{}_{}", schema, left, right);
            sql += fmt::format(
                "CREATE FUNCTION {}({}, {}) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'PLANTED "
                "operator'; END $$;\n",
                function, left, right);
            for (const auto* name : {"=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "||", "~~"}) {
                sql += fmt::format("CREATE OPERATOR {}.{} (LEFTARG = {}, RIGHTARG = {}, FUNCTION = {});\n", schema,
                                   name, left, right, function);
            }
        }
    }
    return sql;
}

std::string planted_relations(const std::string& schema) {
    std::string sql;
    for (const auto* name :
         {"storeFormat",   "structure", "schema",        "schemaVersion", "schemaRule",   "namedRef", "namedRefPolicy",
          "commitCounter", "commitLog", "dataIndex",     "timeline",      "timelinePast", "payload",  "bytes",
          "setProof",      "snapshot",  "snapshotEntry", "Nodes",         "NodeRelation", "Plain",    "Gain"}) {
        sql += fmt::format("CREATE {} {}\"{}\" (\"ID\" bigint, \"name\" text, \"lastSeq\" bigint);\n",
                           schema.empty() ? "TEMP TABLE" : "TABLE", schema.empty() ? "" : schema + ".", name);
    }
    return sql;
}

/// Somebody who may create things in the schema of the place and in public, and did.
class Planter {
public:
    /// The schema is there, and empty.
    Planter(const OwnDatabase& database, const std::string& schema) : url_(database.url(schema)) {
        const auto role = "planter_" + schema;
        const auto quoted = '"' + schema + '"';
        psql(url_,
             fmt::format("CREATE ROLE {0}; GRANT CREATE, USAGE ON SCHEMA {1}, public TO {0}; SET ROLE {0};\n", role,
                         quoted) +
                 planted_functions(quoted) + planted_functions("public") + planted_operators(quoted) +
                 planted_operators("public") + planted_relations("public") +
                 fmt::format("CREATE TYPE {0}.mine AS ENUM ('a');\n"
                             "CREATE FUNCTION {0}.of_mine({0}.mine) RETURNS pg_catalog.text LANGUAGE plpgsql AS "
                             "$$ BEGIN RAISE EXCEPTION 'PLANTED cast'; END $$;\n"
                             "CREATE CAST ({0}.mine AS pg_catalog.text) WITH FUNCTION {0}.of_mine({0}.mine) AS "
                             "IMPLICIT;\n"
                             "CREATE DOMAIN {0}.text AS integer; CREATE DOMAIN {0}.bytea AS integer;\n"
                             "CREATE DOMAIN {0}.float8 AS integer; CREATE COLLATION {0}.\"C\" FROM "
                             "pg_catalog.\"POSIX\";\n",
                             quoted),
             kSafe);
        // As bad as it gets: what was planted comes before PostgreSQL's own.
        psql(url_, fmt::format("ALTER DATABASE {} SET search_path = {}, public, pg_catalog", database.name(), quoted),
             kSafe);
    }
    /// Shows that what was planted runs, when somebody is not careful.
    void check_it_works() const {
        const auto careless = run_psql(url_, "SELECT hashtextextended('x', 0)");
        CHECK_FALSE(careless.done);
        CHECK(careless.text.find("PLANTED") != std::string::npos);
        CHECK(run_psql(url_, "SELECT 1::bigint = 1::bigint").text.find("PLANTED") != std::string::npos);
    }

private:
    std::string url_;
};

/// Everything that a database does, with answers that are known.
void use_all(const std::string& url) {
    auto db = create_with<Plain, Gain1>(url);
    db.define_name({"PlainBytes", "Plain", {}, OrderPolicy::ByCreation, Storage::Bytes});
    db.define_name({"PlainA", "Plain", {}, {}, {}});
    (void)commit(db,
                 {value(1, 0), value(2, 10, 20), value(3, 5, std::nullopt, "sim", 7),
                  value(4, 0, std::nullopt, "default", 0, "PlainBytes"), put<Gain1>("Gain", 0, {gain1(1), gain1(2)})});
    const auto second = commit(db, {value(5, 15)});
    db.advance();
    CHECK(db.fetch<Plain>("Plain", Time{12})[0].value == 2);
    CHECK(db.fetch<Plain>("Plain", Time{16})[0].value == 5);
    CHECK(db.fetch<Plain>("PlainBytes", Time{16})[0].value == 4);
    CHECK(db.fetch<Gain1>("Gain", Time{16}).size() == 2);
    FetchOptions before;
    before.as_of = second.commit - 1;
    CHECK(db.fetch<Plain>("Plain", Time{16}, before)[0].value == 2);
    CHECK(db.history("Plain").size() == 4);
    HistoryOptions newest;
    newest.from = Position{Axis::Time, 15};
    newest.to = Position{Axis::Time, 16};
    newest.relation = Relation::Starts;
    CHECK(db.retire("Plain", newest, {"tester", "", "", "gone"}, true, false).records.size() == 1);
    db.advance();
    CHECK(db.fetch<Plain>("Plain", Time{16})[0].value == 2);
    (void)db.set_snapshot("s", {{"*", AsOf{db.snapshot()}}});
    (void)db.freeze_snapshot("s");
    CHECK(db.snapshots().size() == 1);
    CHECK_FALSE(db.log().empty());
    (void)db.lint();
    (void)db.explain("Plain", Time{16});
    const auto report = db.verify({});
    CHECK(report.findings.empty());
}

}  // namespace

TEST_CASE("what is planted in the schema, in public and before pg_catalog is neither run nor read") {
    if (!test::find_postgres()) return;
    const OwnDatabase database(*test::find_postgres());
    const auto schema = "S" + test::fresh_schema_name();
    const auto url = database.url(schema);
    (void)backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Create);
    const Planter planter(database, schema);
    planter.check_it_works();
    use_all(url);
    // What others read is resolved when it is made.
    CHECK(
        psql(url,
             fmt::format("SELECT value FROM \"{}\".\"Plain_view\" WHERE version OPERATOR(pg_catalog.=) 'sim'", schema),
             kSafe) == "3\n");
}

TEST_CASE("the same behind a pooler, where tables of others lie in pg_temp") {
    if (!Pooler::is_there()) return;
    const OwnDatabase database(*test::find_postgres());
    const Pooler pooler(PoolMode::Transaction, 1);
    const auto schema = "S" + test::fresh_schema_name();
    const auto url = pooler.url(database.url(schema));
    (void)backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Create);
    const Planter planter(database, schema);
    // The session that the pooler keeps is left with tables that only it sees.
    psql(url, "SET search_path = pg_catalog;\n" + planted_relations(""));
    use_all(url);
}

TEST_CASE("trigger functions of before are renewed by their owner's next write, and asked for of others") {
    if (!test::find_postgres()) return;
    const OwnDatabase database(*test::find_postgres());
    const auto schema = "S" + test::fresh_schema_name();
    const auto role = "writer_" + schema;
    const auto url = database.url(schema);
    std::string uid;
    {
        auto db = create_with<Plain>(url);
        (void)commit(db, {value(1, 0), value(2, 10)});
        db.advance();
        uid = db.history("Plain").at(0).uid;
    }
    const auto old = fmt::format(
        R"(CREATE OR REPLACE FUNCTION "{}"."etalonRetireOnly"() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF OLD."retiredSeq" IS NULL AND NEW."retiredSeq" = (SELECT "lastSeq" FROM "commitCounter")
     AND (to_jsonb(NEW) - 'retiredSeq' - 'rowChecksum' - 'recordChecksum') = (to_jsonb(OLD) - 'retiredSeq' - 'rowChecksum' - 'recordChecksum') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'etalon: UPDATE on "%" is refused, only retiredSeq may go from NULL to the current commit', TG_TABLE_NAME;
END $body$;
ALTER FUNCTION "{}"."etalonRetireOnly"() RESET ALL;
)",
        schema, schema);
    psql(url, old + fmt::format("CREATE ROLE \"{1}\" LOGIN; GRANT USAGE ON SCHEMA \"{0}\" TO \"{1}\"; GRANT ALL ON ALL "
                                "TABLES IN SCHEMA \"{0}\" TO \"{1}\";",
                                schema, role));
    const auto retire_one = [&](const std::string& by) {
        auto db = Database::open(by);
        HistoryOptions chosen;
        chosen.uids = {uid};
        return db.retire("Plain", chosen, {"tester", "", "", "gone"}, true, false).records.size();
    };
    auto others = url;
    others.replace(others.find("user=etalon"), 11, "user=" + role);
    const Error error = error_of([&] { (void)retire_one(others); });
    CHECK(error.code() == ErrorCode::Refused);
    CHECK(std::string(error.what()).find("init") != std::string::npos);
    CHECK(retire_one(url) == 1);
    CHECK(psql(url, fmt::format("SELECT count(*) FROM pg_proc WHERE proname LIKE 'etalon%' AND proconfig IS NULL AND "
                                "pronamespace = '\"{}\"'::regnamespace",
                                schema)) == "0\n");
    psql(url, fmt::format("DROP OWNED BY \"{0}\"; DROP ROLE \"{0}\"", role));
}
