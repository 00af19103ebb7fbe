// Databases of format 2.0, which has no objects: read and written as before, and brought up to date.

#include <doctest/doctest.h>

#include "backends/relations.h"
#include "database/support.h"
#include "place/format.h"
#include "store/catalog.h"
#include "store/format.h"
#include "store/relation_names.h"
#include "support/objects.h"

namespace etalon::test {
namespace {

CommitInfo info() {
    return {"tester", "", "", "a test"};
}

/// Makes a new database what a program of format 2.0 would have made.
void make_2_0(const std::string& url) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    connection->set_format({2, 0});
    const auto tx = connection->begin(backends::TransactionMode::Write);
    tx->execute_script(R"(DROP TABLE "object"; DROP TABLE "objectRef"; DROP TABLE "namedQuery";)");
    const auto row = store::read_format_row(*tx);
    const auto identity = store::read_identity(*tx);
    place::write_format(*tx, row->database_name, identity->uid, identity->entry_time);
    tx->commit();
}

std::string format_of(const std::string& url) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    const auto row = store::read_format_row(*connection->begin(backends::TransactionMode::Single));
    return std::to_string(row->major) + "." + std::to_string(row->minor);
}

/// SQLite: how many triggers that refuse replacing inserts undo the statement alone, as those of before 2.1 do.
std::int64_t count_old_triggers(const std::string& url) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    const auto tx = connection->begin(backends::TransactionMode::Single);
    if (tx->engine() != backends::Engine::Sqlite) return 0;
    const auto cursor = tx->query(backends::Sql(R"(SELECT count(*) FROM sqlite_master WHERE "type" = 'trigger'
AND "name" LIKE '%noReplace' AND "sql" LIKE '%RAISE(ABORT%')"),
                                  {});
    return cursor->next() ? cursor->integer(0) : -1;
}

void check_full(Database& db) {
    register_layouts(db, {group_layout(), user_layout(), image_layout()});
    const auto put = db.put_objects(user_of_ami("Bob"), info());
    db.advance();
    CHECK(db.get_objects(std::vector{put.objects[0].id}).size() == 1);
    CHECK(db.verify({.deep = true}).findings.empty());
}

TEST_CASE("format 2.0 is read and written without objects, and brought up to date in a moment") {
    const EachEngine engine;
    if (!engine) return;
    {
        (void)create_with<Plain>(engine.url());
    }
    make_2_0(engine.url());
    {
        auto db = Database::open(engine.url());
        CHECK(commit(db, {value(1, 10)}).records == 1);
        (void)register_as<Gain1>(db);
        db.advance();
        CHECK(db.fetch_rows("Plain", Time{20})->status == Status::Found);
        const auto group_definition = *group_layout();
        (void)db.register_structs({&group_definition, 1});
        db.advance();
        const auto ami = group("AMI");
        const auto put = error_of([&] { (void)db.put_objects(std::vector{ami}, info()); });
        CHECK(put.code() == ErrorCode::Format);
        CHECK(put.info().advice.find("init --upgrade") != std::string::npos);
        const std::vector<StructDefinition> with_references{*user_layout()};
        const auto registered = error_of([&] { (void)db.register_structs(with_references); });
        CHECK(registered.code() == ErrorCode::Format);
        CHECK(registered.info().advice.find("init --upgrade") != std::string::npos);
        CHECK(error_of([&] { (void)db.get_objects(std::vector{id_of(ami)}); }).code() == ErrorCode::Unknown);
        CHECK(db.referrers(id_of(ami)).empty());
        CHECK(db.verify({.deep = true}).findings.empty());
        // init leaves it what it is.
        (void)Database::open(engine.url(), {.create = true});
        CHECK(format_of(engine.url()) == "2.0");
        // Programs of that format know these triggers only.
        CHECK(count_old_triggers(engine.url()) == (engine.url().starts_with("sqlite") ? 2 : 0));
    }
    OpenOptions options;
    options.create = true;
    options.upgrade = true;
    {
        auto db = Database::open(engine.url(), options);
        CHECK(format_of(engine.url()) == "2.1");
        CHECK(count_old_triggers(engine.url()) == 0);
        CHECK(db.fetch_rows("Plain", Time{20})->status == Status::Found);
        check_full(db);
    }
    // Once more, and nothing changes.
    auto db = Database::open(engine.url(), options);
    CHECK(db.verify({.deep = true}).findings.empty());
}

TEST_CASE("a row table in the way of a new table is renamed, a relation of somebody else is told") {
    const EachEngine engine;
    if (!engine) return;
    const StructDefinition definition = natural({element("value", ScalarType::Float64)}, "object");
    {
        auto db = create_with<Plain>(engine.url());
        (void)db.register_structs({&definition, 1});
        db.advance();
        PutRecord record;
        const auto row = std::make_shared<double>(2.5);
        record.name = "object";
        record.layout = std::make_shared<const StructDefinition>(definition);
        record.rows = std::shared_ptr<const std::byte>(row, reinterpret_cast<const std::byte*>(row.get()));
        record.num_rows = 1;
        (void)commit(db, {record});
    }
    make_2_0(engine.url());
    {
        // As 2.0 called it.
        const auto connection = engine.open(backends::OpenMode::Existing);
        connection->set_format({2, 0});
        const auto tx = connection->begin(backends::TransactionMode::Write);
        const auto of_struct = store::find_struct(*tx, "object");
        backends::drop_triggers(*tx, of_struct->table_name);
        backends::rename_table(*tx, of_struct->table_name, "object");
        tx->execute_script(store::row_table_triggers(tx->engine(), tx->format(), "object"));
        store::rename_row_table(*tx, of_struct->id, "object");
        tx->commit();
    }
    {
        auto db = Database::open(engine.url());
        CHECK(db.fetch_rows("object", Time{5})->status == Status::Found);
        CHECK(db.verify({.deep = true}).findings.empty());
    }
    OpenOptions options;
    options.create = true;
    options.upgrade = true;
    std::vector<std::string> told;
    options.upgrade_finding = [&](const std::string& finding) { told.push_back(finding); };
    raw_script(engine.url(), R"(CREATE TABLE "namedQuery" ("mine" integer);)");
    const auto error = error_of([&] { (void)Database::open(engine.url(), options); });
    CHECK(error.code() == ErrorCode::Refused);
    CHECK(format_of(engine.url()) == "2.0");
    raw_script(engine.url(), R"(DROP TABLE "namedQuery";)");
    auto db = Database::open(engine.url(), options);
    CHECK(format_of(engine.url()) == "2.1");
    REQUIRE(told.size() == 1);
    CHECK(told[0].find("struct_object") != std::string::npos);
    CHECK(db.fetch_rows("object", Time{5})->status == Status::Found);
    check_full(db);
}

TEST_CASE("a database of format 2.0 keeps its format when it is called otherwise") {
    const EachEngine engine;
    if (!engine || engine.place().engine == backends::Engine::Postgres) return;
    {
        (void)create_with<Plain>(engine.url());
    }
    make_2_0(engine.url());
    {
        const auto connection = engine.open(backends::OpenMode::Existing);
        (void)place::check_format(*connection);
        CHECK(place::rename_database(*connection, "other"));
    }
    CHECK(format_of(engine.url()) == "2.0");
    auto db = Database::open(engine.url());
    CHECK(db.name() == "other");
}

}  // namespace
}  // namespace etalon::test
