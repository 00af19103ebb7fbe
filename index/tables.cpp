#include "index/tables.h"

#include "backends/ddl.h"

namespace etalon::index {

namespace {

/// Struct and axis of a named reference are fixed once records exist; a reference is never deleted.
std::string fixed_reference_triggers(backends::Engine engine) {
    if (engine == backends::Engine::Sqlite) {
        return R"(
CREATE TRIGGER IF NOT EXISTS "namedRef_fixed" BEFORE UPDATE OF "ID", "name", "structID", "axis" ON "namedRef"
WHEN EXISTS (SELECT 1 FROM "dataIndex" WHERE "nameID" = OLD."ID")
BEGIN SELECT RAISE(ABORT, 'etalon: struct and axis of a named reference with records are fixed'); END;
CREATE TRIGGER IF NOT EXISTS "namedRef_noDelete" BEFORE DELETE ON "namedRef"
BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "namedRef" is refused'); END;
)";
    }
    return R"(
CREATE OR REPLACE TRIGGER "namedRef_fixed" BEFORE UPDATE OF "ID", "name", "structID", "axis" ON "namedRef"
FOR EACH ROW EXECUTE FUNCTION "etalonFixedReference"();
CREATE OR REPLACE TRIGGER "namedRef_noDelete" BEFORE DELETE OR TRUNCATE ON "namedRef"
FOR EACH STATEMENT EXECUTE FUNCTION "etalonRefuse"();
)";
}

/// A frozen snapshot takes no entries and is not opened again.
std::string frozen_snapshot_triggers(backends::Engine engine) {
    if (engine == backends::Engine::Sqlite) {
        return R"(
CREATE TRIGGER IF NOT EXISTS "snapshot_frozen" BEFORE INSERT ON "snapshot"
WHEN EXISTS (SELECT 1 FROM "snapshot" WHERE "name" = NEW."name" AND "state" = 'frozen')
BEGIN SELECT RAISE(ABORT, 'etalon: a frozen snapshot is not changed'); END;
CREATE TRIGGER IF NOT EXISTS "snapshotEntry_frozen" BEFORE INSERT ON "snapshotEntry"
WHEN EXISTS (SELECT 1 FROM "snapshot" f JOIN "snapshot" s ON s."name" = f."name"
  WHERE s."ID" = NEW."snapshotID" AND f."state" = 'frozen')
BEGIN SELECT RAISE(ABORT, 'etalon: a frozen snapshot is not changed'); END;
)";
    }
    return R"(
CREATE OR REPLACE TRIGGER "snapshot_frozen" BEFORE INSERT ON "snapshot"
FOR EACH ROW EXECUTE FUNCTION "etalonFrozenSnapshot"();
CREATE OR REPLACE TRIGGER "snapshotEntry_frozen" BEFORE INSERT ON "snapshotEntry"
FOR EACH ROW EXECUTE FUNCTION "etalonFrozenEntry"();
)";
}

}  // namespace

using backends::ProvedTable;

const ProvedTable& name_table() {
    static const ProvedTable kTable(
        "namedRef", "ID", "rowChecksum",
        {{"ID"}, {"name", 't'}, {"structID"}, {"axis"}, {"viewName", 't'}, {"entryTime"}, {"comment", 't'}});
    return kTable;
}

const ProvedTable& policy_table() {
    static const ProvedTable kTable("namedRefPolicy", "ID", "rowChecksum",
                                    {{"ID"},
                                     {"nameID"},
                                     {"orderPolicy"},
                                     {"storage"},
                                     {"coverage", 't'},
                                     {"commitSeq"},
                                     {"entryTime"},
                                     {"comment", 't'}});
    return kTable;
}

const ProvedTable& commit_table() {
    static const ProvedTable kTable("commitLog", "ID", "rowChecksum",
                                    {{"ID"},
                                     {"commitSeq"},
                                     {"entryTime"},
                                     {"author", 't'},
                                     {"host", 't'},
                                     {"program", 't'},
                                     {"reason", 't'},
                                     {"comment", 't'},
                                     {"numRecords"},
                                     {"writtenRoot", 'b'},
                                     {"commitHash", 'b'}});
    return kTable;
}

const ProvedTable& record_table() {
    static const ProvedTable kTable("dataIndex", "ID", "recordChecksum",
                                    {{"ID"},
                                     {"count"},
                                     {"nameID"},
                                     {"schemaID"},
                                     {"version", 't'},
                                     {"elementID"},
                                     {"beginTime"},
                                     {"endTime"},
                                     {"creationTime"},
                                     {"commitSeq"},
                                     {"retiredSeq"},
                                     {"numRows"},
                                     {"dataID"},
                                     {"uid", 'b'},
                                     {"comment", 't'}});
    return kTable;
}

const ProvedTable& snapshot_table() {
    static const ProvedTable kTable("snapshot", "ID", "rowChecksum",
                                    {{"ID"},
                                     {"name", 't'},
                                     {"state", 't'},
                                     {"author", 't'},
                                     {"namePattern", 't'},
                                     {"place", 't'},
                                     {"commitSeq"},
                                     {"entryTime"},
                                     {"comment", 't'}});
    return kTable;
}

const ProvedTable& snapshot_entry_table() {
    static const ProvedTable kTable("snapshotEntry", "ID", "rowChecksum",
                                    {{"ID"},
                                     {"snapshotID"},
                                     {"state", 't'},
                                     {"author", 't'},
                                     {"namePattern", 't'},
                                     {"place", 't'},
                                     {"commitSeq"},
                                     {"commitHash", 't'},
                                     {"entryTime"},
                                     {"comment", 't'}});
    return kTable;
}

std::string trigger_functions(backends::Engine engine) {
    if (engine == backends::Engine::Sqlite) return {};
    return R"(
CREATE OR REPLACE FUNCTION "etalonFixedReference"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  found_one boolean;
BEGIN
  EXECUTE pg_catalog.format('SELECT EXISTS (SELECT 1 FROM %I."dataIndex" WHERE "nameID" = $1)', TG_TABLE_SCHEMA)
    INTO found_one USING OLD."ID";
  IF found_one THEN
    RAISE EXCEPTION 'etalon: struct and axis of a named reference with records are fixed';
  END IF;
  RETURN NEW;
END $body$;
CREATE OR REPLACE FUNCTION "etalonFrozenSnapshot"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  found_one boolean;
BEGIN
  EXECUTE pg_catalog.format('SELECT EXISTS (SELECT 1 FROM %I."snapshot" WHERE "name" = $1 AND "state" = ''frozen'')',
    TG_TABLE_SCHEMA) INTO found_one USING NEW."name";
  IF found_one THEN
    RAISE EXCEPTION 'etalon: a frozen snapshot is not changed';
  END IF;
  RETURN NEW;
END $body$;
CREATE OR REPLACE FUNCTION "etalonFrozenEntry"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  found_one boolean;
BEGIN
  EXECUTE pg_catalog.format('SELECT EXISTS (SELECT 1 FROM %1$I."snapshot" f JOIN %1$I."snapshot" s ON s."name" = f."name"
    WHERE s."ID" = $1 AND f."state" = ''frozen'')', TG_TABLE_SCHEMA) INTO found_one USING NEW."snapshotID";
  IF found_one THEN
    RAISE EXCEPTION 'etalon: a frozen snapshot is not changed';
  END IF;
  RETURN NEW;
END $body$;
)";
}

std::string create_tables(backends::Engine engine) {
    // One stretch of a timeline (index/stretches.h). What stands in most rows as the same small number, or is missing,
    // costs nothing in SQLite.
    const std::string stretch = R"(
  "nameID" {int} NOT NULL, "elementID" {int} NOT NULL, "version" {text} NOT NULL, "beginTime" {int} NOT NULL,
  "next" {int}, "fromSeq" {int} NOT NULL, "nextSeq" {int},)";
    const std::string winner = R"( "recordBegin" {int}, "recordEnd" {int}, "count" {int},
  "schemaID" {int}, "encoding" {int}, "numRows" {int}, "dataID" {int}, "rowsChecksum" {int}, "recordID" {int},
  "pointChecksum" {int},)";
    const std::string text = R"(
CREATE TABLE IF NOT EXISTS "namedRef" (
  "ID" {id}, "name" {text} NOT NULL UNIQUE, "structID" {int} NOT NULL, "axis" {int} NOT NULL, "viewName" {text},
  "entryTime" {int} NOT NULL, "comment" {text}, "rowChecksum" {int});
CREATE TABLE IF NOT EXISTS "namedRefPolicy" (
  "ID" {id}, "nameID" {int} NOT NULL, "orderPolicy" {int} NOT NULL, "storage" {int} NOT NULL, "coverage" {text},
  "commitSeq" {int} NOT NULL, "entryTime" {int} NOT NULL, "comment" {text}, "rowChecksum" {int},
  UNIQUE ("nameID", "commitSeq"));
CREATE TABLE IF NOT EXISTS "commitCounter" (
  "ID" {int} PRIMARY KEY, "lastSeq" {int} NOT NULL, "lastEntryTime" {int} NOT NULL);
INSERT INTO "commitCounter" ("ID", "lastSeq", "lastEntryTime") VALUES (1, 0, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS "commitLog" (
  "ID" {id}, "commitSeq" {int} NOT NULL UNIQUE, "entryTime" {int} NOT NULL, "author" {text} NOT NULL,
  "host" {text} NOT NULL, "program" {text} NOT NULL, "reason" {text} NOT NULL, "comment" {text},
  "numRecords" {int} NOT NULL, "writtenRoot" {blob} NOT NULL, "commitHash" {blob} NOT NULL, "rowChecksum" {int});
CREATE INDEX IF NOT EXISTS "commitLog_entryTime" ON "commitLog" ("entryTime");
CREATE TABLE IF NOT EXISTS "dataIndex" (
  "ID" {id}, "count" {int} NOT NULL, "nameID" {int} NOT NULL, "schemaID" {int} NOT NULL, "version" {text} NOT NULL,
  "elementID" {int} NOT NULL, "beginTime" {int} NOT NULL, "endTime" {int}, "creationTime" {int},
  "commitSeq" {int} NOT NULL, "retiredSeq" {int}, "numRows" {int} NOT NULL, "dataID" {int}, "uid" {blob} NOT NULL,
  "comment" {text}, "recordChecksum" {int});
CREATE INDEX IF NOT EXISTS "dataIndex_key" ON "dataIndex" ("nameID", "elementID", "version");
CREATE TABLE IF NOT EXISTS "timeline" ()" +
                             stretch + winner + R"(
  PRIMARY KEY ("nameID", "elementID", "version", "beginTime")) {clustered};
CREATE INDEX IF NOT EXISTS "timeline_resumed" ON "timeline" ("nameID", "elementID", "version", "beginTime")
  WHERE "recordID" IS NULL OR "recordBegin" IS NOT NULL;
CREATE TABLE IF NOT EXISTS "timelinePast" ()" +
                             stretch + R"( "toSeq" {int} NOT NULL,)" + winner + R"(
  PRIMARY KEY ("nameID", "elementID", "version", "beginTime", "fromSeq")) {clustered};
CREATE TABLE IF NOT EXISTS "snapshot" (
  "ID" {id}, "name" {text} NOT NULL, "state" {text} NOT NULL, "author" {text}, "namePattern" {text}, "place" {text},
  "commitSeq" {int} NOT NULL, "entryTime" {int} NOT NULL, "comment" {text}, "rowChecksum" {int});
CREATE TABLE IF NOT EXISTS "snapshotEntry" (
  "ID" {id}, "snapshotID" {int} NOT NULL, "state" {text} NOT NULL, "author" {text}, "namePattern" {text} NOT NULL,
  "place" {text}, "commitSeq" {int} NOT NULL, "commitHash" {text}, "entryTime" {int} NOT NULL, "comment" {text},
  "rowChecksum" {int});
)";
    std::string out = backends::create_proof_table(engine) + backends::render_ddl(engine, text);
    // All that docs/storage_format.md promises of a record, entry and creation time of its commit included.
    out += engine == backends::Engine::Sqlite ? R"(CREATE VIEW IF NOT EXISTS "dataIndex_view" AS )"
                                              : R"(CREATE OR REPLACE VIEW "dataIndex_view" AS )";
    out += R"(SELECT d."ID", d."count", d."nameID", d."schemaID",
  d."version", d."elementID", d."beginTime", d."endTime", coalesce(d."creationTime", c."entryTime") AS "creationTime",
  d."commitSeq", d."retiredSeq", d."numRows", d."dataID", d."uid", c."entryTime", d."comment"
  FROM "dataIndex" d LEFT JOIN "commitLog" c ON c."commitSeq" = d."commitSeq";
)";
    out += trigger_functions(engine);
    out += fixed_reference_triggers(engine);
    out += frozen_snapshot_triggers(engine);
    out += backends::immutability_triggers(engine, {"snapshot", {{"ID"}}, {}});
    out += backends::immutability_triggers(engine, {"snapshotEntry", {{"ID"}}, {}});
    out += backends::immutability_triggers(engine, {"commitLog", {{"ID"}, {"commitSeq"}}, {}});
    out += backends::immutability_triggers(engine, {"namedRefPolicy", {{"ID"}, {"nameID", "commitSeq"}}, {}});
    std::vector<std::string> frozen;
    for (const auto& column : record_table().columns()) {
        if (column.name != "retiredSeq") frozen.emplace_back(column.name);
    }
    out += backends::immutability_triggers(engine, {"dataIndex", {{"ID"}}, frozen});
    return out;
}

}  // namespace etalon::index
