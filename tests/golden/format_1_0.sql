PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "storeFormat" ("ID" INTEGER PRIMARY KEY, "major" INTEGER NOT NULL, "minor" INTEGER NOT NULL,
"databaseName" TEXT NOT NULL, "placeUid" BLOB NOT NULL, "entryTime" INTEGER NOT NULL, "comment" TEXT);
INSERT INTO storeFormat VALUES(1,1,0,'g',X'01a1fe414d997af79b7cedaa8ae37ce1',1795267055001180456,NULL);
CREATE TABLE IF NOT EXISTS "structure" (
  "ID" INTEGER PRIMARY KEY, "name" TEXT NOT NULL UNIQUE, "lastSchemaID" INTEGER NOT NULL, "isBinary" INTEGER NOT NULL,
  "tableName" TEXT, "entryTime" INTEGER NOT NULL, "comment" TEXT);
INSERT INTO structure VALUES(1,'Gain',1,0,'Gain',1795267055055623120,'');
CREATE TABLE IF NOT EXISTS "schema" (
  "ID" INTEGER PRIMARY KEY, "structID" INTEGER NOT NULL, "structName" TEXT NOT NULL, "schemaID" INTEGER NOT NULL,
  "elementKey" INTEGER NOT NULL, "name" TEXT NOT NULL, "type" TEXT NOT NULL, "storeType" TEXT NOT NULL,
  "length" INTEGER NOT NULL, "dims" TEXT NOT NULL, "position" INTEGER NOT NULL, "offset" INTEGER NOT NULL,
  "unit" TEXT, "default" TEXT, "renamedFrom" TEXT, "columnName" TEXT,
  "entryTime" INTEGER NOT NULL, "comment" TEXT, UNIQUE ("structID", "schemaID", "position"));
INSERT INTO schema VALUES(1,1,'Gain',1,1,'channel','int32','ascii',1,'',1,0,NULL,NULL,NULL,'channel',1795267055055623120,NULL);
INSERT INTO schema VALUES(2,1,'Gain',1,2,'gain','float32','ascii',3,'3',2,4,NULL,NULL,NULL,'gain',1795267055055623120,NULL);
INSERT INTO schema VALUES(3,1,'Gain',1,3,'label','char','ascii',8,'8',3,16,NULL,NULL,NULL,'label',1795267055055623120,NULL);
CREATE TABLE IF NOT EXISTS "schemaVersion" (
  "ID" INTEGER PRIMARY KEY, "structID" INTEGER NOT NULL, "schemaID" INTEGER NOT NULL, "size" INTEGER NOT NULL, "alignment" INTEGER NOT NULL,
  "layoutHash" BLOB NOT NULL, "definitionHash" BLOB NOT NULL, "definition" TEXT NOT NULL,
  "entryTime" INTEGER NOT NULL, "comment" TEXT, UNIQUE ("structID", "schemaID"), UNIQUE ("structID", "definitionHash"));
INSERT INTO schemaVersion VALUES(1,1,1,24,4,X'ed36f7b5f60d84249c12a69a133a1af656f0e3339b27d913201acc852a48d9a4',X'fc547a172d3192f10bf1c88143ced50c1002a16e07da87c0c897936d727c9d56','{"name":"Gain","size":24,"alignment":4,"elements":[{"name":"channel","type":"int32","dims":[],"offset":0,"unit":"","ctype":"int"},{"name":"gain","type":"float32","dims":[3],"offset":4,"unit":"","ctype":"float"},{"name":"label","type":"char","dims":[8],"offset":16,"unit":"","ctype":"char"}]}',1795267055055623120,NULL);
CREATE TABLE IF NOT EXISTS "payload" ("dataID" INTEGER PRIMARY KEY,
  "ID" INTEGER GENERATED ALWAYS AS ("dataID") VIRTUAL,
  "structID" INTEGER NOT NULL, "schemaID" INTEGER NOT NULL, "encoding" INTEGER NOT NULL, "numRows" INTEGER NOT NULL,
  "contentHash" BLOB NOT NULL, "rawSize" INTEGER NOT NULL, "storedSize" INTEGER,
  "entryTime" INTEGER NOT NULL, "comment" TEXT, UNIQUE ("structID", "schemaID", "encoding", "contentHash"));
INSERT INTO payload VALUES(1,1,1,1,1,X'bdf32b5aa8167fc0d12d606bdb19c44021928e724ab85c17142ad83e7090e90a',24,NULL,1795267055102567329,NULL);
INSERT INTO payload VALUES(2,1,1,1,1,X'a44941c901acf551029a1a2faa58003ae99727ca827f58f76e8262cdfd4d4f20',24,NULL,1795267055147491082,NULL);
CREATE TABLE IF NOT EXISTS "bytes" (
  "ID" INTEGER PRIMARY KEY, "dataID" INTEGER NOT NULL, "chunk" INTEGER NOT NULL, "bytes" BLOB NOT NULL, UNIQUE ("dataID", "chunk"));
CREATE TABLE IF NOT EXISTS "namedRef" (
  "ID" INTEGER PRIMARY KEY, "name" TEXT NOT NULL UNIQUE, "structID" INTEGER NOT NULL, "axis" INTEGER NOT NULL, "viewName" TEXT,
  "entryTime" INTEGER NOT NULL, "comment" TEXT);
INSERT INTO namedRef VALUES(1,'Gain',1,1,'Gain_view',1795267055055623120,NULL);
CREATE TABLE IF NOT EXISTS "namedRefPolicy" (
  "ID" INTEGER PRIMARY KEY, "nameID" INTEGER NOT NULL, "orderPolicy" INTEGER NOT NULL, "storage" INTEGER NOT NULL, "coverage" TEXT,
  "commitSeq" INTEGER NOT NULL, "entryTime" INTEGER NOT NULL, "comment" TEXT, UNIQUE ("nameID", "commitSeq"));
INSERT INTO namedRefPolicy VALUES(1,1,1,1,NULL,1,1795267055055623120,NULL);
INSERT INTO namedRefPolicy VALUES(2,1,2,1,NULL,6,1795267055326521492,NULL);
CREATE TABLE IF NOT EXISTS "commitCounter" (
  "ID" INTEGER PRIMARY KEY, "lastSeq" INTEGER NOT NULL, "lastEntryTime" INTEGER NOT NULL);
INSERT INTO commitCounter VALUES(1,7,1795267055418351037);
CREATE TABLE IF NOT EXISTS "commitLog" (
  "ID" INTEGER PRIMARY KEY, "commitSeq" INTEGER NOT NULL UNIQUE, "entryTime" INTEGER NOT NULL, "author" TEXT NOT NULL,
  "host" TEXT NOT NULL, "program" TEXT NOT NULL, "reason" TEXT NOT NULL, "comment" TEXT);
INSERT INTO commitLog VALUES(1,1,1795267055055623120,'root','vm','etalon_1_0','',NULL);
INSERT INTO commitLog VALUES(2,2,1795267055102827825,'root','vm','etalon_1_0','',NULL);
INSERT INTO commitLog VALUES(3,3,1795267055147762034,'root','vm','etalon_1_0','',NULL);
INSERT INTO commitLog VALUES(4,4,1795267055198649428,'root','vm','etalon_1_0','',NULL);
INSERT INTO commitLog VALUES(5,5,1795267055239139529,'root','vm','etalon_1_0','',NULL);
INSERT INTO commitLog VALUES(6,6,1795267055326521492,'root','vm','etalon_1_0','',NULL);
INSERT INTO commitLog VALUES(7,7,1795267055418351037,'root','vm','etalon_1_0','',NULL);
CREATE TABLE IF NOT EXISTS "dataIndex" (
  "ID" INTEGER PRIMARY KEY, "count" INTEGER NOT NULL, "nameID" INTEGER NOT NULL, "schemaID" INTEGER NOT NULL, "version" TEXT NOT NULL,
  "elementID" INTEGER NOT NULL, "beginTime" INTEGER NOT NULL, "endTime" INTEGER, "creationTime" INTEGER NOT NULL,
  "commitSeq" INTEGER NOT NULL, "retiredSeq" INTEGER, "numRows" INTEGER NOT NULL, "dataID" INTEGER, "uid" BLOB NOT NULL,
  "lengthClass" INTEGER NOT NULL, "entryTime" INTEGER NOT NULL, "comment" TEXT);
INSERT INTO dataIndex VALUES(1,0,1,1,'default',0,1577836800000000000,NULL,1795267055102827825,2,NULL,1,1,X'01a1fe414dff784f81e7503746b42ec1',100,1795267055102827825,NULL);
INSERT INTO dataIndex VALUES(2,0,1,1,'default',0,1609459200000000000,1640995200000000000,1795267055147762034,3,NULL,1,2,X'01a1fe414e2c7371851f630f510a90a6',55,1795267055147762034,NULL);
INSERT INTO dataIndex VALUES(3,0,1,1,'sim',3,1546300800000000000,1672531200000000000,1795267055198649428,4,NULL,1,2,X'01a1fe414e5f7b52bbfbf8c28b90909b',57,1795267055198649428,NULL);
INSERT INTO dataIndex VALUES(4,0,1,0,'default',0,1590969600000000000,NULL,1795267055239139529,5,NULL,0,NULL,X'01a1fe414e887bfcb2de7dc771b7a7c1',100,1795267055239139529,NULL);
INSERT INTO dataIndex VALUES(5,0,1,1,'default',0,1546300800000000000,1622505600000000000,1795267055418351037,7,NULL,1,1,X'01a1fe414f3b7754b3a0ca6ea9acd402',57,1795267055418351037,NULL);
CREATE TABLE IF NOT EXISTS "lengthClass" (
  "nameID" INTEGER NOT NULL, "version" TEXT NOT NULL, "lengthClass" INTEGER NOT NULL, "commitSeq" INTEGER NOT NULL,
  PRIMARY KEY ("nameID", "version", "lengthClass")) WITHOUT ROWID;
INSERT INTO lengthClass VALUES(1,'default',55,3);
INSERT INTO lengthClass VALUES(1,'default',57,7);
INSERT INTO lengthClass VALUES(1,'default',100,2);
INSERT INTO lengthClass VALUES(1,'sim',57,4);
CREATE TABLE IF NOT EXISTS "snapshot" (
  "ID" INTEGER PRIMARY KEY, "name" TEXT NOT NULL, "state" TEXT NOT NULL, "author" TEXT, "namePattern" TEXT, "place" TEXT,
  "commitSeq" INTEGER NOT NULL, "entryTime" INTEGER NOT NULL, "comment" TEXT);
CREATE TABLE IF NOT EXISTS "snapshotEntry" (
  "ID" INTEGER PRIMARY KEY, "snapshotID" INTEGER NOT NULL, "state" TEXT NOT NULL, "author" TEXT, "namePattern" TEXT NOT NULL,
  "place" TEXT, "commitSeq" INTEGER NOT NULL, "entryTime" INTEGER NOT NULL, "comment" TEXT);
CREATE TABLE IF NOT EXISTS "Nodes" (
  "ID" INTEGER PRIMARY KEY, "Name" TEXT NOT NULL, "KeyName" TEXT NOT NULL, "NodeType" TEXT NOT NULL, "refName" TEXT,
  "DBName" TEXT, "version" TEXT, "elementID" TEXT, "baseLine" INTEGER NOT NULL, "commitSeq" INTEGER NOT NULL,
  "retiredSeq" INTEGER, "entryTime" INTEGER NOT NULL, "comment" TEXT);
CREATE TABLE IF NOT EXISTS "NodeRelation" (
  "ID" INTEGER PRIMARY KEY, "ParentID" INTEGER NOT NULL, "NodeID" INTEGER NOT NULL, "ordinal" INTEGER NOT NULL, "commitSeq" INTEGER NOT NULL,
  "retiredSeq" INTEGER, "entryTime" INTEGER NOT NULL, "comment" TEXT);
CREATE TABLE IF NOT EXISTS "CatalogNodes" (
  "ID" INTEGER PRIMARY KEY, "Name" TEXT NOT NULL, "Author" TEXT, "ConfigID" INTEGER, "commitSeq" INTEGER NOT NULL, "retiredSeq" INTEGER,
  "entryTime" INTEGER NOT NULL, "comment" TEXT);
CREATE TABLE IF NOT EXISTS "CatalogNodeRelation" (
  "ID" INTEGER PRIMARY KEY, "ParentID" INTEGER NOT NULL, "ChildID" INTEGER NOT NULL, "commitSeq" INTEGER NOT NULL, "retiredSeq" INTEGER,
  "entryTime" INTEGER NOT NULL, "comment" TEXT);
CREATE TABLE IF NOT EXISTS "Gain" ("dataID" INTEGER NOT NULL, "rowNumber" INTEGER NOT NULL, "channel" , "gain" , "label" , PRIMARY KEY ("dataID", "rowNumber")) WITHOUT ROWID;
INSERT INTO Gain VALUES(1,0,1,'[1.5,2.5,3.5]','a');
INSERT INTO Gain VALUES(2,0,1,'[9.5,2.5,3.5]','a');
CREATE VIEW "schemaMask" AS SELECT "structID", "structName", "elementKey",
  group_concat(DISTINCT "name") AS "name", group_concat("schemaID") AS "mask"
  FROM (SELECT * FROM "schema" ORDER BY "structID", "elementKey", "schemaID")
  GROUP BY "structID", "structName", "elementKey";
CREATE TRIGGER "payload_noUpdate" BEFORE UPDATE ON "payload" BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "payload" is refused, its rows are immutable'); END;
CREATE TRIGGER "payload_noDelete" BEFORE DELETE ON "payload" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "payload" is refused, its rows are immutable'); END;
CREATE TRIGGER "payload_noReplace" BEFORE INSERT ON "payload" WHEN EXISTS (SELECT 1 FROM "payload" WHERE "dataID" = NEW."dataID") OR EXISTS (SELECT 1 FROM "payload" WHERE "structID" = NEW."structID" AND "schemaID" = NEW."schemaID" AND "encoding" = NEW."encoding" AND "contentHash" = NEW."contentHash") BEGIN SELECT RAISE(ABORT, 'etalon: INSERT that replaces a row of "payload" is refused'); END;
CREATE TRIGGER "bytes_noUpdate" BEFORE UPDATE ON "bytes" BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "bytes" is refused, its rows are immutable'); END;
CREATE TRIGGER "bytes_noDelete" BEFORE DELETE ON "bytes" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "bytes" is refused, its rows are immutable'); END;
CREATE TRIGGER "bytes_noReplace" BEFORE INSERT ON "bytes" WHEN EXISTS (SELECT 1 FROM "bytes" WHERE "ID" = NEW."ID") OR EXISTS (SELECT 1 FROM "bytes" WHERE "dataID" = NEW."dataID" AND "chunk" = NEW."chunk") BEGIN SELECT RAISE(ABORT, 'etalon: INSERT that replaces a row of "bytes" is refused'); END;
CREATE TRIGGER "schemaVersion_noUpdate" BEFORE UPDATE ON "schemaVersion" BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "schemaVersion" is refused, its rows are immutable'); END;
CREATE TRIGGER "schemaVersion_noDelete" BEFORE DELETE ON "schemaVersion" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "schemaVersion" is refused, its rows are immutable'); END;
CREATE TRIGGER "schemaVersion_noReplace" BEFORE INSERT ON "schemaVersion" WHEN EXISTS (SELECT 1 FROM "schemaVersion" WHERE "ID" = NEW."ID") OR EXISTS (SELECT 1 FROM "schemaVersion" WHERE "structID" = NEW."structID" AND "schemaID" = NEW."schemaID") OR EXISTS (SELECT 1 FROM "schemaVersion" WHERE "structID" = NEW."structID" AND "definitionHash" = NEW."definitionHash") BEGIN SELECT RAISE(ABORT, 'etalon: INSERT that replaces a row of "schemaVersion" is refused'); END;
CREATE TRIGGER "schema_noUpdate" BEFORE UPDATE ON "schema" BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "schema" is refused, its rows are immutable'); END;
CREATE TRIGGER "schema_noDelete" BEFORE DELETE ON "schema" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "schema" is refused, its rows are immutable'); END;
CREATE TRIGGER "schema_noReplace" BEFORE INSERT ON "schema" WHEN EXISTS (SELECT 1 FROM "schema" WHERE "ID" = NEW."ID") OR EXISTS (SELECT 1 FROM "schema" WHERE "structID" = NEW."structID" AND "schemaID" = NEW."schemaID" AND "position" = NEW."position") BEGIN SELECT RAISE(ABORT, 'etalon: INSERT that replaces a row of "schema" is refused'); END;
CREATE INDEX "commitLog_entryTime" ON "commitLog" ("entryTime");
CREATE INDEX "dataIndex_winner" ON "dataIndex"
  ("nameID", "elementID", "version", "lengthClass", "beginTime", "commitSeq");
CREATE INDEX "dataIndex_end" ON "dataIndex" ("nameID", "elementID", "version", "endTime")
  WHERE "endTime" IS NOT NULL;
CREATE INDEX "dataIndex_commit" ON "dataIndex" ("commitSeq");
CREATE TRIGGER "lengthClass_noUpdate" BEFORE UPDATE ON "lengthClass" BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "lengthClass" is refused, its rows are immutable'); END;
CREATE TRIGGER "lengthClass_noDelete" BEFORE DELETE ON "lengthClass" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "lengthClass" is refused, its rows are immutable'); END;
CREATE TRIGGER "namedRef_fixed" BEFORE UPDATE OF "ID", "name", "structID", "axis" ON "namedRef"
WHEN EXISTS (SELECT 1 FROM "dataIndex" WHERE "nameID" = OLD."ID")
BEGIN SELECT RAISE(ABORT, 'etalon: struct and axis of a named reference with records are fixed'); END;
CREATE TRIGGER "namedRef_noDelete" BEFORE DELETE ON "namedRef"
BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "namedRef" is refused'); END;
CREATE TRIGGER "commitLog_noUpdate" BEFORE UPDATE ON "commitLog" BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "commitLog" is refused, its rows are immutable'); END;
CREATE TRIGGER "commitLog_noDelete" BEFORE DELETE ON "commitLog" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "commitLog" is refused, its rows are immutable'); END;
CREATE TRIGGER "commitLog_noReplace" BEFORE INSERT ON "commitLog" WHEN EXISTS (SELECT 1 FROM "commitLog" WHERE "ID" = NEW."ID") OR EXISTS (SELECT 1 FROM "commitLog" WHERE "commitSeq" = NEW."commitSeq") BEGIN SELECT RAISE(ABORT, 'etalon: INSERT that replaces a row of "commitLog" is refused'); END;
CREATE TRIGGER "namedRefPolicy_noUpdate" BEFORE UPDATE ON "namedRefPolicy" BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "namedRefPolicy" is refused, its rows are immutable'); END;
CREATE TRIGGER "namedRefPolicy_noDelete" BEFORE DELETE ON "namedRefPolicy" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "namedRefPolicy" is refused, its rows are immutable'); END;
CREATE TRIGGER "namedRefPolicy_noReplace" BEFORE INSERT ON "namedRefPolicy" WHEN EXISTS (SELECT 1 FROM "namedRefPolicy" WHERE "ID" = NEW."ID") OR EXISTS (SELECT 1 FROM "namedRefPolicy" WHERE "nameID" = NEW."nameID" AND "commitSeq" = NEW."commitSeq") BEGIN SELECT RAISE(ABORT, 'etalon: INSERT that replaces a row of "namedRefPolicy" is refused'); END;
CREATE TRIGGER "dataIndex_noUpdate" BEFORE UPDATE ON "dataIndex" WHEN NOT (OLD."retiredSeq" IS NULL AND NEW."retiredSeq" IS (SELECT "lastSeq" FROM "commitCounter") AND NEW."ID" IS OLD."ID" AND NEW."count" IS OLD."count" AND NEW."nameID" IS OLD."nameID" AND NEW."schemaID" IS OLD."schemaID" AND NEW."version" IS OLD."version" AND NEW."elementID" IS OLD."elementID" AND NEW."beginTime" IS OLD."beginTime" AND NEW."endTime" IS OLD."endTime" AND NEW."creationTime" IS OLD."creationTime" AND NEW."commitSeq" IS OLD."commitSeq" AND NEW."numRows" IS OLD."numRows" AND NEW."dataID" IS OLD."dataID" AND NEW."uid" IS OLD."uid" AND NEW."lengthClass" IS OLD."lengthClass" AND NEW."entryTime" IS OLD."entryTime" AND NEW."comment" IS OLD."comment") BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "dataIndex" is refused, only retiredSeq may go from NULL to the current commit'); END;
CREATE TRIGGER "dataIndex_noDelete" BEFORE DELETE ON "dataIndex" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "dataIndex" is refused, its rows are immutable'); END;
CREATE TRIGGER "dataIndex_noReplace" BEFORE INSERT ON "dataIndex" WHEN EXISTS (SELECT 1 FROM "dataIndex" WHERE "ID" = NEW."ID") BEGIN SELECT RAISE(ABORT, 'etalon: INSERT that replaces a row of "dataIndex" is refused'); END;
CREATE INDEX "Nodes_key" ON "Nodes" ("KeyName", "Name");
CREATE INDEX "NodeRelation_parent" ON "NodeRelation" ("ParentID");
CREATE INDEX "NodeRelation_node" ON "NodeRelation" ("NodeID");
CREATE TRIGGER "Nodes_noUpdate" BEFORE UPDATE ON "Nodes" WHEN NOT (OLD."retiredSeq" IS NULL AND NEW."retiredSeq" IS (SELECT "lastSeq" FROM "commitCounter") AND NEW."ID" IS OLD."ID" AND NEW."Name" IS OLD."Name" AND NEW."KeyName" IS OLD."KeyName" AND NEW."NodeType" IS OLD."NodeType" AND NEW."refName" IS OLD."refName" AND NEW."DBName" IS OLD."DBName" AND NEW."version" IS OLD."version" AND NEW."elementID" IS OLD."elementID" AND NEW."baseLine" IS OLD."baseLine" AND NEW."commitSeq" IS OLD."commitSeq" AND NEW."entryTime" IS OLD."entryTime" AND NEW."comment" IS OLD."comment") BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "Nodes" is refused, only retiredSeq may go from NULL to the current commit'); END;
CREATE TRIGGER "Nodes_noDelete" BEFORE DELETE ON "Nodes" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "Nodes" is refused, its rows are immutable'); END;
CREATE TRIGGER "Nodes_noReplace" BEFORE INSERT ON "Nodes" WHEN EXISTS (SELECT 1 FROM "Nodes" WHERE "ID" = NEW."ID") BEGIN SELECT RAISE(ABORT, 'etalon: INSERT that replaces a row of "Nodes" is refused'); END;
CREATE TRIGGER "NodeRelation_noUpdate" BEFORE UPDATE ON "NodeRelation" WHEN NOT (OLD."retiredSeq" IS NULL AND NEW."retiredSeq" IS (SELECT "lastSeq" FROM "commitCounter") AND NEW."ID" IS OLD."ID" AND NEW."ParentID" IS OLD."ParentID" AND NEW."NodeID" IS OLD."NodeID" AND NEW."ordinal" IS OLD."ordinal" AND NEW."commitSeq" IS OLD."commitSeq" AND NEW."entryTime" IS OLD."entryTime" AND NEW."comment" IS OLD."comment") BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "NodeRelation" is refused, only retiredSeq may go from NULL to the current commit'); END;
CREATE TRIGGER "NodeRelation_noDelete" BEFORE DELETE ON "NodeRelation" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "NodeRelation" is refused, its rows are immutable'); END;
CREATE TRIGGER "NodeRelation_noReplace" BEFORE INSERT ON "NodeRelation" WHEN EXISTS (SELECT 1 FROM "NodeRelation" WHERE "ID" = NEW."ID") BEGIN SELECT RAISE(ABORT, 'etalon: INSERT that replaces a row of "NodeRelation" is refused'); END;
CREATE TRIGGER "Gain_noUpdate" BEFORE UPDATE ON "Gain" BEGIN SELECT RAISE(ABORT, 'etalon: UPDATE on "Gain" is refused, its rows are immutable'); END;
CREATE TRIGGER "Gain_noDelete" BEFORE DELETE ON "Gain" BEGIN SELECT RAISE(ABORT, 'etalon: DELETE on "Gain" is refused, its rows are immutable'); END;
CREATE TRIGGER "Gain_noReplace" BEFORE INSERT ON "Gain" WHEN EXISTS (SELECT 1 FROM "Gain" WHERE "dataID" = NEW."dataID" AND "rowNumber" = NEW."rowNumber") BEGIN SELECT RAISE(ABORT, 'etalon: INSERT that replaces a row of "Gain" is refused'); END;
CREATE VIEW "Gain_view" AS SELECT CASE WHEN d."beginTime" IS NULL THEN NULL WHEN d."beginTime" = (-9223372036854775807 - 1) THEN '-inf' WHEN d."beginTime" = 9223372036854775807 THEN 'inf' ELSE strftime('%Y-%m-%dT%H:%M:%S', (d."beginTime" / 1000000000 - CASE WHEN d."beginTime" % 1000000000 < 0 THEN 1 ELSE 0 END), 'unixepoch') || CASE WHEN (((d."beginTime" % 1000000000) + 1000000000) % 1000000000) = 0 THEN '' ELSE rtrim(printf('.%09d', (((d."beginTime" % 1000000000) + 1000000000) % 1000000000)), '0') END || 'Z' END AS "beginTime", CASE WHEN d."endTime" IS NULL THEN NULL WHEN d."endTime" = (-9223372036854775807 - 1) THEN '-inf' WHEN d."endTime" = 9223372036854775807 THEN 'inf' ELSE strftime('%Y-%m-%dT%H:%M:%S', (d."endTime" / 1000000000 - CASE WHEN d."endTime" % 1000000000 < 0 THEN 1 ELSE 0 END), 'unixepoch') || CASE WHEN (((d."endTime" % 1000000000) + 1000000000) % 1000000000) = 0 THEN '' ELSE rtrim(printf('.%09d', (((d."endTime" % 1000000000) + 1000000000) % 1000000000)), '0') END || 'Z' END AS "endTime", d."elementID" AS "elementID", d."version" AS "version", d."commitSeq" AS "commitSeq", r."rowNumber" AS "rowNumber", r."channel" AS "channel", r."gain" AS "gain", r."label" AS "label" FROM "dataIndex" d JOIN "Gain" r ON r."dataID" = d."dataID" WHERE d."nameID" = 1 AND d."retiredSeq" IS NULL;
COMMIT;
