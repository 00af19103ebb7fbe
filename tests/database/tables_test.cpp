// What docs/storage_format.md promises of the stored tables: they are there, and what is recorded cannot be changed by
// SQL.
#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "etalon/database.h"
#include "store/support.h"

using namespace etalon;
using namespace etalon::store;
using backends::Engine;
using backends::Sql;
using backends::TransactionMode;
using etalon::test::ask;
using etalon::test::EachEngine;
using etalon::test::element;
using etalon::test::natural;
using etalon::test::pending;
using etalon::test::random_rows;
using etalon::test::register_struct;

namespace {

/// Columns of a relation as the engine's catalog lists them.
std::vector<std::string> columns_of(backends::Transaction& tx, const std::string& relation) {
    std::vector<std::string> columns;
    const auto cursor =
        tx.engine() == Engine::Sqlite
            ? tx.query(Sql("SELECT \"name\" FROM pragma_table_xinfo(?1) ORDER BY \"cid\""), {relation})
            : tx.query(
                  Sql("SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() "
                      "AND table_name = ?1 ORDER BY ordinal_position"),
                  {relation});
    while (cursor->next()) columns.emplace_back(cursor->text(0));
    return columns;
}

}  // namespace

TEST_CASE("the tables and columns that the design names exist on both engines") {
    const EachEngine engine;
    if (!engine) return;
    (void)Database::open(engine.url(), {.create = true});
    (void)Database::open(engine.url(), {.create = true});  // idempotent
    const auto connection = engine.open(backends::OpenMode::Existing);
    const std::map<std::string, std::set<std::string>> promised{
        {"structure", {"ID", "name", "lastSchemaID", "isBinary", "tableName", "entryTime", "comment"}},
        {"schema",
         {"ID", "structID", "structName", "schemaID", "elementKey", "name", "type", "storeType", "length", "dims",
          "position", "offset", "unit", "default", "renamedFrom", "columnName", "entryTime", "comment"}},
        {"schemaVersion",
         {"ID", "structID", "schemaID", "size", "alignment", "layoutHash", "definitionHash", "definition", "entryTime",
          "comment"}},
        {"payload",
         {"ID", "dataID", "structID", "schemaID", "encoding", "numRows", "contentHash", "entryTime", "comment"}},
        {"bytes", {"dataID", "chunk", "bytes"}},
        {"namedRef", {"ID", "name", "structID", "axis", "entryTime", "comment"}},
        {"namedRefPolicy", {"ID", "nameID", "storage", "coverage", "commitSeq", "entryTime", "comment"}},
        {"commitLog", {"ID", "commitSeq", "entryTime", "author", "host", "program", "reason", "comment"}},
        {"dataIndex",
         {"ID", "count", "nameID", "schemaID", "version", "elementID", "beginTime", "endTime", "creationTime",
          "commitSeq", "retiredSeq", "numRows", "dataID", "uid", "comment"}},
        {"dataIndex_view",
         {"ID", "count", "nameID", "schemaID", "version", "elementID", "beginTime", "endTime", "creationTime",
          "commitSeq", "retiredSeq", "numRows", "dataID", "uid", "entryTime", "comment"}},
        {"Nodes",
         {"ID", "Name", "KeyName", "NodeType", "refName", "DBName", "version", "elementID", "baseLine", "commitSeq",
          "retiredSeq", "entryTime", "comment"}},
        {"NodeRelation", {"ID", "ParentID", "NodeID", "ordinal", "commitSeq", "retiredSeq", "entryTime", "comment"}},
        {"CatalogNodes", {"ID", "Name", "Author", "ConfigID", "commitSeq", "retiredSeq", "entryTime", "comment"}},
        {"CatalogNodeRelation", {"ID", "ParentID", "ChildID", "commitSeq", "retiredSeq", "entryTime", "comment"}},
        {"storeFormat", {"ID", "major", "minor", "databaseName", "placeUid", "entryTime", "comment"}},
        {"snapshot", {"ID", "name", "state", "author", "namePattern", "place", "commitSeq", "entryTime", "comment"}},
        {"snapshotEntry", {"ID", "state", "author", "namePattern", "place", "commitSeq", "entryTime", "comment"}}};
    const auto tx = connection->begin(TransactionMode::Write);
    for (const auto& [table, columns] : promised) {
        const auto there = columns_of(*tx, table);
        const std::set<std::string> present(there.begin(), there.end());
        for (const auto& column : columns) {
            CAPTURE(table);
            CAPTURE(column);
            CHECK(present.contains(column));
        }
    }
}

TEST_CASE("what is recorded cannot be changed by SQL") {
    const EachEngine engine;
    if (!engine) return;
    (void)Database::open(engine.url(), {.create = true});
    const auto connection = engine.open(backends::OpenMode::Existing);
    const bool sqlite = connection->engine() == Engine::Sqlite;
    std::int64_t data_id = 0;
    {
        const auto tx = connection->begin(TransactionMode::Write);
        const auto made = register_struct(*tx, natural({element("x", ScalarType::Float64)}));
        std::mt19937_64 random(9);
        std::vector<PendingPayload> payloads;
        const auto rows = random_rows(made.schemas[0]->canonical, 3, random);
        payloads.push_back(pending(made, 0, Storage::Columns, rows));
        payloads.push_back(pending(made, 0, Storage::Bytes, rows));
        encode_ahead(payloads);
        store_payloads(*tx, payloads, 1);
        data_id = payloads[0].data_id;
        tx->execute_script(
            R"(UPDATE "commitCounter" SET "lastSeq" = 3, "lastEntryTime" = 30 WHERE "ID" = 1;
INSERT INTO "commitLog" ("commitSeq", "entryTime", "author", "host", "program", "reason", "numRecords", "writtenRoot",
"commitHash") VALUES (3, 30, 'a', 'h', 'p', 'r', 1, )" +
            std::string(sqlite ? "x'00', x'00'" : "'\\x00', '\\x00'") + R"();
INSERT INTO "namedRefPolicy" ("nameID", "orderPolicy", "storage", "commitSeq", "entryTime") VALUES (1, 1, 1, 3, 30);
INSERT INTO "dataIndex" ("count", "nameID", "schemaID", "version", "elementID", "beginTime", "creationTime", "commitSeq",
"numRows", "dataID", "uid") VALUES (0, 1, 1, 'default', 0, 5, 30, 3, 3, 1, )" +
            std::string(sqlite ? "x'00112233445566778899aabbccddeeff'" : "'\\x00112233445566778899aabbccddeeff'") +
            ");");
        tx->commit();
    }
    const auto refused = [&](const std::string& sql) {
        CAPTURE(sql);
        bool threw = false;
        try {
            etalon::test::script(*connection, sql);
        } catch (const Error& error) {
            threw = true;
            CHECK(std::string(error.what()).find("refused") != std::string::npos);
        }
        CHECK(threw);
    };
    const std::vector<std::pair<std::string, std::string>> tables{
        {"payload", "numRows"},  {"Sample", "rowNumber"},           {"bytes", "chunk"},     {"dataIndex", "beginTime"},
        {"commitLog", "reason"}, {"namedRefPolicy", "orderPolicy"}, {"schema", "position"}, {"schemaVersion", "size"}};
    for (const auto& [table, column] : tables) {
        const auto name = backends::quote_identifier(table);
        const auto id = table == "Sample" ? std::string("\"dataID\"") : table == "payload" ? "\"dataID\"" : "\"ID\"";
        refused("UPDATE " + name + " SET " + backends::quote_identifier(column) + " = " +
                backends::quote_identifier(column) + (table == "dataIndex" ? " + 1" : "") + ";");
        refused("UPDATE " + name + " SET " + id + " = " + id + " + 100;");
        refused("DELETE FROM " + name + ";");
        if (sqlite) {
            refused("UPDATE OR REPLACE " + name + " SET " + id + " = " + id + " + 100;");
        } else {
            refused("TRUNCATE " + name + ";");
            refused("TRUNCATE " + name + " CASCADE;");
        }
    }
    if (sqlite) {
        for (const auto* table :
             {"payload", "Sample", "bytes", "dataIndex", "commitLog", "namedRefPolicy", "schema", "schemaVersion"}) {
            // Every column copied: each key collides. (Generated columns cannot be inserted.)
            std::string columns;
            const auto cursor = connection->begin(TransactionMode::Single)
                                    ->query(Sql("SELECT \"name\" FROM pragma_table_xinfo('" + std::string(table) +
                                                "') WHERE \"hidden\" = 0"),
                                            {});
            while (cursor->next()) columns += (columns.empty() ? "\"" : ", \"") + std::string(cursor->text(0)) + "\"";
            refused("INSERT OR REPLACE INTO \"" + std::string(table) + "\" (" + columns + ") SELECT " + columns +
                    " FROM \"" + table + "\";");
            refused("REPLACE INTO \"" + std::string(table) + "\" (" + columns + ") SELECT " + columns + " FROM \"" +
                    table + "\";");
        }
        refused(
            "INSERT OR REPLACE INTO \"payload\" (\"structID\", \"schemaID\", \"encoding\", \"numRows\", "
            "\"contentHash\", "
            "\"rawSize\", \"entryTime\") SELECT \"structID\", \"schemaID\", \"encoding\", 99, \"contentHash\", 0, 0 "
            "FROM \"payload\";");
        refused(
            "INSERT OR REPLACE INTO \"bytes\" (\"dataID\", \"chunk\", \"bytes\") SELECT \"dataID\", \"chunk\", x'00' "
            "FROM \"bytes\";");
        refused(
            "INSERT OR REPLACE INTO \"commitLog\" (\"commitSeq\", \"entryTime\", \"author\", \"host\", \"program\", "
            "\"reason\") VALUES (3, 1, '', '', '', '');");
    } else {
        refused(
            "INSERT INTO \"bytes\" (\"dataID\", \"chunk\", \"bytes\") SELECT \"dataID\", \"chunk\", '\\x00' FROM "
            "\"bytes\" "
            "ON CONFLICT (\"dataID\", \"chunk\") DO UPDATE SET \"bytes\" = EXCLUDED.\"bytes\";");
        refused(
            "INSERT INTO \"Sample\" SELECT * FROM \"Sample\" ON CONFLICT (\"dataID\", \"rowNumber\") DO UPDATE SET "
            "\"x\" = 0;");
    }
    // retiredSeq: from NULL to the current commit, once, and nothing beside it.
    for (const char* set :
         {"\"retiredSeq\" = 2", "\"retiredSeq\" = 4", "\"retiredSeq\" = 0", "\"retiredSeq\" = NULL, \"numRows\" = 7",
          "\"retiredSeq\" = 3, \"endTime\" = 9", "\"retiredSeq\" = 3, \"comment\" = 'x'",
          "\"retiredSeq\" = 3, \"version\" = 'x'", "\"retiredSeq\" = 3, \"dataID\" = NULL"}) {
        refused(std::string("UPDATE \"dataIndex\" SET ") + set + ";");
    }
    etalon::test::script(*connection, "UPDATE \"dataIndex\" SET \"retiredSeq\" = 3;");
    for (const char* set : {"NULL", "3", "4"})
        refused(std::string("UPDATE \"dataIndex\" SET \"retiredSeq\" = ") + set + ";");
    CHECK(ask(*connection, R"(SELECT "retiredSeq" FROM "dataIndex")") == 3);
    CHECK(ask(*connection, R"(SELECT count(*) FROM "Sample")") == 3);
    CHECK(ask(*connection, R"(SELECT count(*) FROM "payload")") == 2);
    CHECK(data_id > 0);
}
