// Rows of objects and of references, without values: under which ids they are found, as of which commit.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "backends/ddl.h"
#include "backends/each_engine.h"
#include "backends/ids.h"
#include "backends/proof.h"
#include "base/commit_touches.h"
#include "objects/audit.h"
#include "objects/queries.h"
#include "objects/references.h"
#include "objects/rows.h"
#include "objects/tables.h"

namespace etalon::objects {
namespace {

using backends::Connection;
using backends::Transaction;
using backends::TransactionMode;
using test::EachEngine;
using test::error_of;

ObjectId id_of(unsigned number) {
    ObjectId id{};
    id.bytes[0] = static_cast<unsigned char>(number);
    id.bytes[1] = static_cast<unsigned char>(number >> 8U);
    id.bytes[15] = 0xff;
    return id;
}

std::unique_ptr<Connection> with_tables(const EachEngine& engine) {
    auto connection = engine.open();
    const auto tx = connection->begin(TransactionMode::Write);
    // What items and audits look up stands in other rooms.
    tx->execute_script(backends::immutability_functions(tx->engine()) + backends::create_proof_table(tx->engine()) +
                       backends::render_ddl(tx->engine(), R"(
CREATE TABLE "structure" ("ID" {id}, "name" {text});
CREATE TABLE "schemaVersion" ("structID" {int}, "schemaID" {int}, "definitionHash" {blob});
CREATE TABLE "commitLog" ("commitSeq" {int}, "entryTime" {int});
CREATE TABLE "payload" ("dataID" {int}, "structID" {int}, "schemaID" {int}, "encoding" {int}, "numRows" {int},
  "contentHash" {blob});
INSERT INTO "structure" VALUES (1, 'Group'), (2, 'User');
INSERT INTO "commitLog" VALUES (3, 30), (4, 40);
)") + create_tables(tx->engine()));
    tx->commit();
    return connection;
}

NewObject object(std::int64_t data_id, std::int64_t struct_id, unsigned number) {
    NewObject made;
    made.row.data_id = data_id;
    made.row.id = id_of(number);
    made.row.struct_id = struct_id;
    made.row.schema_id = 1;
    made.struct_name = struct_id == 1 ? "Group" : "User";
    return made;
}

void insert(Connection& connection, std::int64_t commit, std::vector<NewObject> objects,
            std::vector<Bytes>* items = nullptr) {
    const auto tx = connection.begin(TransactionMode::Write);
    insert_objects(*tx, {commit, commit * 10, items}, objects);
    tx->commit();
}

TEST_CASE("objects are found by their ids as of a commit, with their place in it") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    std::vector<Bytes> items;
    insert(*connection, 3, {object(10, 1, 1), object(11, 2, 2)}, &items);
    insert(*connection, 4, {object(12, 1, 300)});
    CHECK(items.size() == 2);
    const auto tx = connection->begin(TransactionMode::Read);
    const std::vector<ObjectId> asked{id_of(300), id_of(1), id_of(7), id_of(2)};
    const auto early = find_objects(*tx, asked, 3);
    CHECK(early.size() == 2);
    const auto found = find_objects(*tx, asked, 4);
    REQUIRE(found.size() == 3);
    const auto& second = found.at(id_of(2));
    CHECK(second.data_id == 11);
    CHECK(second.struct_id == 2);
    CHECK(second.commit == 3);
    CHECK(second.position == 1);
    CHECK(second.entry_time == 30);
    CHECK(found.at(id_of(300)).position == 0);
    CHECK(find_objects(*tx, std::vector<ObjectId>{}, 4).empty());
    const auto of_payloads = find_objects_of(*tx, std::vector<std::int64_t>{12, 10, 99}, 4);
    REQUIRE(of_payloads.size() == 2);
    CHECK(of_payloads.at(12).id == id_of(300));
    CHECK(count_objects(*tx, 1, 3) == 1);
    CHECK(count_objects(*tx, 1, 4) == 2);
    CHECK(backends::read_set_proof(*tx, backends::SetKind::Objects, 1).count == 2);
    CHECK(backends::sum_rows(*tx, object_table(), R"(x."structID" = 1)") ==
          backends::read_set_proof(*tx, backends::SetKind::Objects, 1));
}

TEST_CASE("thousands of ids are found by one statement") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    std::vector<NewObject> objects;
    std::vector<ObjectId> ids;
    for (unsigned i = 0; i < 3000; ++i) {
        objects.push_back(object(i + 1, 1, i));
        ids.push_back(id_of(i));
    }
    insert(*connection, 3, objects);
    std::reverse(ids.begin(), ids.end());
    const auto tx = connection->begin(TransactionMode::Read);
    const auto before = connection->statement_count();
    const auto found = find_objects(*tx, ids, 3);
    CHECK(connection->statement_count() - before == 1);
    REQUIRE(found.size() == 3000);
    for (unsigned i = 0; i < 3000; ++i) CHECK(found.at(id_of(i)).data_id == i + 1);
}

TEST_CASE("an object is never changed, and a changed one is noticed") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    insert(*connection, 3, {object(10, 1, 1)});
    for (const char* sql : {R"(UPDATE "object" SET "commitSeq" = 2)", R"(DELETE FROM "object")"}) {
        const auto tx = connection->begin(TransactionMode::Write);
        CHECK_THROWS_AS(tx->execute(backends::Sql(sql), {}), Error);
    }
    {
        const auto tx = connection->begin(TransactionMode::Write);
        tx->execute_script(tx->engine() == backends::Engine::Sqlite
                               ? R"(DROP TRIGGER "object_noUpdate"; UPDATE "object" SET "position" = 5)"
                               : R"(ALTER TABLE "object" DISABLE TRIGGER ALL; UPDATE "object" SET "position" = 5)");
        tx->commit();
    }
    const auto tx = connection->begin(TransactionMode::Read);
    CHECK(error_of([&] { (void)find_objects(*tx, std::vector{id_of(1)}, 9); }).code() == ErrorCode::Corrupt);
}

TEST_CASE("references are found from what they refer to") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    const std::vector<StoredReference> references{
        {{5, 0, 2, 1}, id_of(1)}, {{5, 0, 2, 0}, id_of(2)}, {{4, 7, 3, 0}, id_of(1)}};
    {
        const auto tx = connection->begin(TransactionMode::Write);
        insert_references(*tx, references);
        tx->commit();
    }
    {
        const auto tx = connection->begin(TransactionMode::Read);
        CHECK(find_references(*tx, id_of(1)) == std::vector<ReferencePlace>{{4, 7, 3, 0}, {5, 0, 2, 1}});
        CHECK(find_references(*tx, id_of(9)).empty());
        CHECK(read_references(*tx, 4, 5) == std::vector<StoredReference>{references[1], references[0]});
        CHECK(count_stray_references(*tx) == 3);
        const auto dangling = find_dangling(*tx, "objectRef", "toID", std::nullopt);
        REQUIRE(dangling.size() == 2);
        CHECK(dangling[0].id == id_of(1));
        CHECK(dangling[0].count == 2);
        CHECK(dangling[0].data_id == 4);
    }
    {
        const auto tx = connection->begin(TransactionMode::Write);
        replace_references(*tx, std::vector<std::int64_t>{5}, std::vector<StoredReference>{{{5, 1, 2, 0}, id_of(8)}});
        tx->commit();
    }
    const auto tx = connection->begin(TransactionMode::Write);
    CHECK(read_references(*tx, 0, 9) == std::vector<StoredReference>{references[2], {{5, 1, 2, 0}, id_of(8)}});
    remove_stray_references(*tx);
    CHECK(read_references(*tx, 0, 9).empty());
}

TEST_CASE("an audit sees objects beside their payloads and commits") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    insert(*connection, 3, {object(10, 1, 1)});
    insert(*connection, 5, {object(11, 2, 2)});
    {
        const auto tx = connection->begin(TransactionMode::Write);
        tx->execute(backends::Sql(R"(INSERT INTO "payload" VALUES (10, 1, 1, 1, 1, ?1))"), {Bytes(32)});
        tx->commit();
    }
    const auto tx = connection->begin(TransactionMode::Read);
    const auto links = read_object_links(*tx, 0, 10);
    REQUIRE(links.size() == 2);
    CHECK(links[0].payload->content_hash.size() == 32);
    CHECK(links[0].commit_entry_time == links[0].entry_time);
    CHECK_FALSE(links[1].payload);
    CHECK_FALSE(links[1].commit_entry_time);
    CHECK(count_objects(*tx) == 2);
    CommitTouches touches;
    add_touched(*tx, {1, 9}, touches);
    REQUIRE(touches.of(5).size() == 1);
    CHECK(touches.of(5)[0].name == "User");
    CHECK(touches.of(5)[0].written == 1);
    std::map<std::int64_t, int> items;
    visit_object_items(*tx, {1, 4}, [&](std::int64_t commit, const Bytes&) { ++items[commit]; });
    CHECK(items == std::map<std::int64_t, int>{{3, 1}});
    visit_query_items(*tx, [](std::int64_t, const Bytes&) { FAIL("no query was defined"); });
}

TEST_CASE("a format without objects has none") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    connection->set_format({2, 0});
    const auto tx = connection->begin(TransactionMode::Read);
    CHECK(find_objects(*tx, std::vector{id_of(1)}, 9).empty());
    CHECK(find_references(*tx, id_of(1)).empty());
    CHECK(count_objects(*tx, 1, 9) == 0);
}

}  // namespace
}  // namespace etalon::objects
