#include "config_tree/tables.h"

#include "backends/ddl.h"

namespace etalon::config_tree {

using backends::ProvedTable;

const ProvedTable& node_table() {
    static const ProvedTable kTable("Nodes", "ID", "rowChecksum",
                                    {{"ID"},
                                     {"Name", 't'},
                                     {"KeyName", 't'},
                                     {"NodeType", 't'},
                                     {"refName", 't'},
                                     {"DBName", 't'},
                                     {"version", 't'},
                                     {"elementID", 't'},
                                     {"baseLine"},
                                     {"commitSeq"},
                                     {"retiredSeq"},
                                     {"entryTime"},
                                     {"comment", 't'}});
    return kTable;
}

const ProvedTable& edge_table() {
    static const ProvedTable kTable("NodeRelation", "ID", "rowChecksum",
                                    {{"ID"},
                                     {"ParentID"},
                                     {"NodeID"},
                                     {"ordinal"},
                                     {"commitSeq"},
                                     {"retiredSeq"},
                                     {"entryTime"},
                                     {"comment", 't'}});
    return kTable;
}

std::string create_tables(backends::Engine engine) {
    std::string out = backends::create_proof_table(engine) + backends::render_ddl(engine, R"(
CREATE TABLE IF NOT EXISTS "Nodes" (
  "ID" {id}, "Name" {text} NOT NULL, "KeyName" {text} NOT NULL, "NodeType" {text} NOT NULL, "refName" {text},
  "DBName" {text}, "version" {text}, "elementID" {text}, "baseLine" {int} NOT NULL, "commitSeq" {int} NOT NULL,
  "retiredSeq" {int}, "entryTime" {int} NOT NULL, "comment" {text}, "rowChecksum" {int});
CREATE INDEX IF NOT EXISTS "Nodes_key" ON "Nodes" ("KeyName", "Name");
CREATE TABLE IF NOT EXISTS "NodeRelation" (
  "ID" {id}, "ParentID" {int} NOT NULL, "NodeID" {int} NOT NULL, "ordinal" {int} NOT NULL, "commitSeq" {int} NOT NULL,
  "retiredSeq" {int}, "entryTime" {int} NOT NULL, "comment" {text}, "rowChecksum" {int});
CREATE INDEX IF NOT EXISTS "NodeRelation_parent" ON "NodeRelation" ("ParentID");
CREATE INDEX IF NOT EXISTS "NodeRelation_node" ON "NodeRelation" ("NodeID");
CREATE TABLE IF NOT EXISTS "CatalogNodes" (
  "ID" {id}, "Name" {text} NOT NULL, "Author" {text}, "ConfigID" {int}, "commitSeq" {int} NOT NULL, "retiredSeq" {int},
  "entryTime" {int} NOT NULL, "comment" {text});
CREATE TABLE IF NOT EXISTS "CatalogNodeRelation" (
  "ID" {id}, "ParentID" {int} NOT NULL, "ChildID" {int} NOT NULL, "commitSeq" {int} NOT NULL, "retiredSeq" {int},
  "entryTime" {int} NOT NULL, "comment" {text});
)");
    out +=
        backends::immutability_triggers(engine, {"Nodes",
                                                 {{"ID"}},
                                                 {"ID", "Name", "KeyName", "NodeType", "refName", "DBName", "version",
                                                  "elementID", "baseLine", "commitSeq", "entryTime", "comment"}});
    out += backends::immutability_triggers(
        engine,
        {"NodeRelation", {{"ID"}}, {"ID", "ParentID", "NodeID", "ordinal", "commitSeq", "entryTime", "comment"}});
    return out;
}

}  // namespace etalon::config_tree
