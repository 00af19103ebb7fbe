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
CREATE OR REPLACE FUNCTION "etalonFixedReference"() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF EXISTS (SELECT 1 FROM "dataIndex" WHERE "nameID" = OLD."ID") THEN
    RAISE EXCEPTION 'etalon: struct and axis of a named reference with records are fixed';
  END IF;
  RETURN NEW;
END $body$;
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
CREATE OR REPLACE FUNCTION "etalonFrozenSnapshot"() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF EXISTS (SELECT 1 FROM "snapshot" WHERE "name" = NEW."name" AND "state" = 'frozen') THEN
    RAISE EXCEPTION 'etalon: a frozen snapshot is not changed';
  END IF;
  RETURN NEW;
END $body$;
CREATE OR REPLACE TRIGGER "snapshot_frozen" BEFORE INSERT ON "snapshot"
FOR EACH ROW EXECUTE FUNCTION "etalonFrozenSnapshot"();
CREATE OR REPLACE FUNCTION "etalonFrozenEntry"() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF EXISTS (SELECT 1 FROM "snapshot" f JOIN "snapshot" s ON s."name" = f."name"
             WHERE s."ID" = NEW."snapshotID" AND f."state" = 'frozen') THEN
    RAISE EXCEPTION 'etalon: a frozen snapshot is not changed';
  END IF;
  RETURN NEW;
END $body$;
CREATE OR REPLACE TRIGGER "snapshotEntry_frozen" BEFORE INSERT ON "snapshotEntry"
FOR EACH ROW EXECUTE FUNCTION "etalonFrozenEntry"();
)";
}

}  // namespace

std::string create_tables(backends::Engine engine) {
    const std::string text = R"(
CREATE TABLE IF NOT EXISTS "namedRef" (
  "ID" {id}, "name" {text} NOT NULL UNIQUE, "structID" {int} NOT NULL, "axis" {int} NOT NULL, "viewName" {text},
  "entryTime" {int} NOT NULL, "comment" {text});
CREATE TABLE IF NOT EXISTS "namedRefPolicy" (
  "ID" {id}, "nameID" {int} NOT NULL, "orderPolicy" {int} NOT NULL, "storage" {int} NOT NULL, "coverage" {text},
  "commitSeq" {int} NOT NULL, "entryTime" {int} NOT NULL, "comment" {text}, UNIQUE ("nameID", "commitSeq"));
CREATE TABLE IF NOT EXISTS "commitCounter" (
  "ID" {int} PRIMARY KEY, "lastSeq" {int} NOT NULL, "lastEntryTime" {int} NOT NULL);
INSERT INTO "commitCounter" ("ID", "lastSeq", "lastEntryTime") VALUES (1, 0, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS "commitLog" (
  "ID" {id}, "commitSeq" {int} NOT NULL UNIQUE, "entryTime" {int} NOT NULL, "author" {text} NOT NULL,
  "host" {text} NOT NULL, "program" {text} NOT NULL, "reason" {text} NOT NULL, "comment" {text});
CREATE INDEX IF NOT EXISTS "commitLog_entryTime" ON "commitLog" ("entryTime");
CREATE TABLE IF NOT EXISTS "dataIndex" (
  "ID" {id}, "count" {int} NOT NULL, "nameID" {int} NOT NULL, "schemaID" {int} NOT NULL, "version" {text} NOT NULL,
  "elementID" {int} NOT NULL, "beginTime" {int} NOT NULL, "endTime" {int}, "creationTime" {int} NOT NULL,
  "commitSeq" {int} NOT NULL, "retiredSeq" {int}, "numRows" {int} NOT NULL, "dataID" {int}, "uid" {blob} NOT NULL,
  "entryTime" {int} NOT NULL, "comment" {text});
CREATE INDEX IF NOT EXISTS "dataIndex_begin" ON "dataIndex"
  ("nameID", "elementID", "version", "beginTime", "commitSeq");
CREATE INDEX IF NOT EXISTS "dataIndex_commit" ON "dataIndex" ("commitSeq");
CREATE TABLE IF NOT EXISTS "timeline" (
  "nameID" {int} NOT NULL, "elementID" {int} NOT NULL, "version" {text} NOT NULL, "beginTime" {int} NOT NULL,
  "pointKind" {int} NOT NULL, "recordID" {int}, "fromSeq" {int} NOT NULL,
  PRIMARY KEY ("nameID", "elementID", "version", "beginTime")) {clustered};
CREATE INDEX IF NOT EXISTS "timeline_resumed" ON "timeline" ("nameID", "elementID", "version", "beginTime")
  WHERE "pointKind" <> 1;
CREATE TABLE IF NOT EXISTS "timelinePast" (
  "nameID" {int} NOT NULL, "elementID" {int} NOT NULL, "version" {text} NOT NULL, "beginTime" {int} NOT NULL,
  "recordID" {int}, "fromSeq" {int} NOT NULL, "toSeq" {int} NOT NULL,
  PRIMARY KEY ("nameID", "elementID", "version", "beginTime", "fromSeq")) {clustered};
CREATE INDEX IF NOT EXISTS "timelinePast_to" ON "timelinePast" ("nameID", "elementID", "version", "toSeq");
CREATE TABLE IF NOT EXISTS "snapshot" (
  "ID" {id}, "name" {text} NOT NULL, "state" {text} NOT NULL, "author" {text}, "namePattern" {text}, "place" {text},
  "commitSeq" {int} NOT NULL, "entryTime" {int} NOT NULL, "comment" {text});
CREATE TABLE IF NOT EXISTS "snapshotEntry" (
  "ID" {id}, "snapshotID" {int} NOT NULL, "state" {text} NOT NULL, "author" {text}, "namePattern" {text} NOT NULL,
  "place" {text}, "commitSeq" {int} NOT NULL, "entryTime" {int} NOT NULL, "comment" {text});
)";
    std::string out = backends::render_ddl(engine, text);
    out += fixed_reference_triggers(engine);
    out += frozen_snapshot_triggers(engine);
    out += backends::immutability_triggers(engine, {"snapshot", {{"ID"}}, {}});
    out += backends::immutability_triggers(engine, {"snapshotEntry", {{"ID"}}, {}});
    out += backends::immutability_triggers(engine, {"commitLog", {{"ID"}, {"commitSeq"}}, {}});
    out += backends::immutability_triggers(engine, {"namedRefPolicy", {{"ID"}, {"nameID", "commitSeq"}}, {}});
    out += backends::immutability_triggers(
        engine, {"dataIndex",
                 {{"ID"}},
                 {"ID", "count", "nameID", "schemaID", "version", "elementID", "beginTime", "endTime", "creationTime",
                  "commitSeq", "numRows", "dataID", "uid", "entryTime", "comment"}});
    return out;
}

}  // namespace etalon::index
