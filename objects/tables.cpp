#include "objects/tables.h"

#include "backends/ddl.h"

namespace etalon::objects {

using backends::ProvedTable;

const ProvedTable& object_table() {
    static const ProvedTable kTable("object", "dataID", "rowChecksum",
                                    {{"dataID"},
                                     {"id", 'b'},
                                     {"structID"},
                                     {"schemaID"},
                                     {"encoding"},
                                     {"commitSeq"},
                                     {"position"},
                                     {"entryTime"}});
    return kTable;
}

const ProvedTable& query_table() {
    static const ProvedTable kTable("namedQuery", "ID", "rowChecksum",
                                    {{"ID"},
                                     {"name", 't'},
                                     {"structID"},
                                     {"text", 't'},
                                     {"orderText", 't'},
                                     {"limitRows"},
                                     {"commitSeq"},
                                     {"entryTime"},
                                     {"comment", 't'}});
    return kTable;
}

std::string create_tables(backends::Engine engine) {
    std::string out = backends::render_ddl(engine, R"(
CREATE TABLE IF NOT EXISTS "object" (
  "dataID" {int} PRIMARY KEY, "id" {uuid} NOT NULL UNIQUE, "structID" {int} NOT NULL, "schemaID" {int} NOT NULL,
  "encoding" {int} NOT NULL, "commitSeq" {int} NOT NULL, "position" {int} NOT NULL, "entryTime" {int} NOT NULL,
  "rowChecksum" {int});
CREATE INDEX IF NOT EXISTS "object_entry" ON "object" ("structID", "commitSeq", "position");
CREATE TABLE IF NOT EXISTS "objectRef" (
  "dataID" {int} NOT NULL, "rowNumber" {int} NOT NULL, "elementKey" {int} NOT NULL, "item" {int} NOT NULL,
  "toID" {uuid} NOT NULL, PRIMARY KEY ("dataID", "rowNumber", "elementKey", "item")) {clustered};
CREATE INDEX IF NOT EXISTS "objectRef_to" ON "objectRef" ("toID");
CREATE TABLE IF NOT EXISTS "namedQuery" (
  "ID" {id}, "name" {text} NOT NULL, "structID" {int} NOT NULL, "text" {text}, "orderText" {text}, "limitRows" {int},
  "commitSeq" {int} NOT NULL, "entryTime" {int} NOT NULL, "comment" {text}, "rowChecksum" {int},
  UNIQUE ("name", "commitSeq"));
)");
    out += backends::immutability_triggers(engine, {"object", {{"dataID"}, {"id"}}, {}});
    out += backends::immutability_triggers(engine, {"namedQuery", {{"ID"}, {"name", "commitSeq"}}, {}});
    return out;
}

}  // namespace etalon::objects
