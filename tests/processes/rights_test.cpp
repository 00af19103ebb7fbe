// What a role lacks is said as the GRANT that gives it.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <regex>
#include <string>

#include "database/support.h"
#include "support/own_database.h"
#include "support/psql.h"

using namespace etalon;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::error_of;
using etalon::test::OwnDatabase;
using etalon::test::Plain;
using etalon::test::psql;
using etalon::test::value;

namespace {

void check_words(const Error& error) {
    const std::string text = error.what();
    CAPTURE(text);
    for (const auto* word : {"SELECT \"", "FROM ", "WHERE", "INSERT INTO", "UPDATE \"", "LINE 1", "in statement"}) {
        CHECK(text.find(word) == std::string::npos);
    }
}

/// Does `work`, and whenever a right is missing has the owner run the GRANT that the error names; how often that was.
template <class Work>
int grant_until_done(const std::string& owner, const std::string& role, const Work& work) {
    static const std::regex kGrant("GRANT [A-Z, ]+ ON (SCHEMA )?\"[^;]*?\" TO \"[^\"]+\"");
    for (int grants = 0;; ++grants) {
        REQUIRE(grants < 60);
        try {
            work();
            return grants;
        } catch (const Error& error) {
            check_words(error);
            const std::string text = error.what();
            CHECK(text.find(role) != std::string::npos);
            std::smatch found;
            REQUIRE(std::regex_search(text, found, kGrant));
            psql(owner, found[0].str());
        }
    }
}

}  // namespace

TEST_CASE("the GRANTs that errors name are those that reading and writing take") {
    if (!test::find_postgres()) return;
    const OwnDatabase database(*test::find_postgres());
    const auto schema = "S" + test::fresh_schema_name();
    const auto role = "user_" + schema;
    const auto url = database.url(schema);
    {
        auto db = create_with<Plain>(url);
        (void)commit(db, {value(1, 0)});
    }
    psql(url, fmt::format("CREATE ROLE \"{}\" LOGIN", role));
    auto others = url;
    others.replace(others.find("user=etalon"), 11, "user=" + role);

    const Error hidden = error_of([&] { (void)Database::open(others); });
    CHECK(std::string(hidden.what()).find(fmt::format("may not use the schema \"{}\"", schema)) != std::string::npos);
    CHECK(std::string(hidden.what()).find("storeFormat") == std::string::npos);

    const auto read = [&] {
        auto db = Database::open(others);
        const auto rows = db.fetch<Plain>("Plain", Time{5});
        CHECK(rows[0].value == 1);
        const auto records = db.history("Plain");
        CHECK(records.size() == 1);
    };
    CHECK(grant_until_done(url, role, read) > 3);
    const auto write = [&] {
        auto db = Database::open(others);
        (void)commit(db, {value(2, 10)});
        db.advance();
        const auto rows = db.fetch<Plain>("Plain", Time{15});
        CHECK(rows[0].value == 2);
    };
    CHECK(grant_until_done(url, role, write) > 3);

    // What cannot be granted: the tables are the owner's.
    const Error owned = error_of([&] { (void)Database::open(others, {.create = true}); });
    check_words(owned);
    CHECK(std::string(owned.what()).find(role) != std::string::npos);
    // A schema of its own.
    const auto mine = others.substr(0, others.find('#')) + "#mine";
    const Error no_schema = error_of([&] { (void)Database::open(mine, {.create = true}); });
    CHECK(std::string(no_schema.what()).find("GRANT CREATE ON DATABASE") != std::string::npos);
    psql(url, fmt::format("DROP OWNED BY \"{0}\"; DROP ROLE \"{0}\"", role));
}

TEST_CASE("what is not there, hidden by policies, too slow or too many is said in Etalon's words") {
    if (!test::find_postgres()) return;
    const OwnDatabase database(*test::find_postgres());
    const auto schema = "S" + test::fresh_schema_name();
    const auto role = "user_" + schema;
    const auto url = database.url(schema);
    auto db = create_with<Plain>(url);
    (void)commit(db, {value(1, 0)});
    db.advance();
    auto others = url;
    others.replace(others.find("user=etalon"), 11, "user=" + role);
    psql(url, fmt::format("CREATE ROLE \"{1}\" LOGIN; GRANT USAGE ON SCHEMA \"{0}\" TO \"{1}\"; GRANT SELECT ON ALL "
                          "TABLES IN SCHEMA \"{0}\" TO \"{1}\"",
                          schema, role));
    const auto expect = [&](const Error& error, const std::string& words) {
        check_words(error);
        const std::string text = error.what();
        CAPTURE(text);
        CHECK(text.find(words) != std::string::npos);
    };
    const auto read = [&](const std::string& as) {
        auto other = Database::open(as);
        (void)other.fetch<Plain>("Plain", Time{5});
    };

    psql(url, fmt::format("ALTER TABLE \"{}\".\"Plain\" ENABLE ROW LEVEL SECURITY", schema));
    expect(error_of([&] { read(others); }), "row-level security");
    psql(url, fmt::format("ALTER TABLE \"{}\".\"Plain\" DISABLE ROW LEVEL SECURITY", schema));
    read(others);

    psql(url, fmt::format("ALTER ROLE \"{}\" CONNECTION LIMIT 1", role));
    {
        const auto held = Database::open(others);
        const Error many = error_of([&] { read(others); });
        expect(many, "repeat later");
        CHECK(many.retryable());
    }
    psql(url, fmt::format("ALTER ROLE \"{}\" CONNECTION LIMIT -1", role));

    psql(url, fmt::format("ALTER TABLE \"{0}\".\"Plain\" RENAME TO \"Gone\"", schema));
    expect(error_of([&] { read(url); }), fmt::format("schema \"{}\" has no table \"Plain\"", schema));
    psql(url, fmt::format("ALTER TABLE \"{0}\".\"Gone\" RENAME TO \"Plain\"", schema));
    read(url);

    // A lock that is held for longer than the role may wait.
    psql(url, fmt::format("ALTER ROLE \"{}\" SET statement_timeout = '100ms'", role));
    {
        const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
        const auto tx = connection->begin(backends::TransactionMode::Write);
        tx->execute_script("LOCK TABLE \"Plain\" IN ACCESS EXCLUSIVE MODE");
        expect(error_of([&] { read(others); }), "statement_timeout");
    }
    psql(url, fmt::format("DROP OWNED BY \"{0}\"; DROP ROLE \"{0}\"", role));
}
