#pragma once
/// Timelines as they are stored, to compare those kept with every commit with those made anew.

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "backends/ddl.h"
#include "backends/port.h"
#include "backends/proof.h"
#include "etalon/interval.h"

namespace etalon::test {

/// What records join, where the tables of the room of payloads are not made: payloads with dataID 1 to `count`, all
/// alike.
inline void plant_payloads(backends::Transaction& tx, std::int64_t count) {
    tx.execute_script(backends::render_ddl(tx.engine(), R"(
CREATE TABLE IF NOT EXISTS "payload" ("dataID" {int} PRIMARY KEY, "structID" {int}, "schemaID" {int}, "encoding" {int},
"numRows" {int}, "contentHash" {blob}, "rawSize" {int}, "storedSize" {int}, "generation" {int}, "rowsChecksum" {int},
"partChecksums" {blob}, "entryTime" {int}, "comment" {text}, "payloadChecksum" {int});)"));
    using backends::Value;
    const std::int64_t one = 1;
    std::vector<Value> values{one,     one, one,    one, Bytes(32), one, Value{}, std::int64_t{0}, std::int64_t{77},
                              Value{}, one, Value{}};
    values.emplace_back(backends::payload_table().compute(values));
    static const backends::Sql kInsert(
        R"(INSERT INTO "payload" ("structID", "schemaID", "encoding", "numRows", "contentHash", "rawSize",
"storedSize", "generation", "rowsChecksum", "partChecksums", "entryTime", "comment", "payloadChecksum", "dataID")
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14))");
    for (std::int64_t id = 1; id <= count; ++id) {
        auto row = values;
        row.emplace_back(id);
        tx.execute(kInsert, row);
    }
}

/// A row of `timeline` or `timelinePast`: all its cells.
using StoredStretch = std::vector<std::string>;

/// All stretches, in order.
inline std::vector<StoredStretch> stored_timelines(backends::Transaction& tx) {
    static const std::string kRest =
        R"("beginTime", "next", "fromSeq", "nextSeq", "recordBegin", "recordEnd", "count", "schemaID",
"encoding", "numRows", "dataID", "rowsChecksum", "recordID", "pointChecksum")";
    std::vector<StoredStretch> stored;
    const auto cursor = tx.query(backends::Sql(R"(SELECT "version", "nameID", "elementID", )" + kRest +
                                               R"(, NULL FROM "timeline" UNION ALL
SELECT "version", "nameID", "elementID", )" + kRest +
                                               R"(, "toSeq" FROM "timelinePast")"),
                                 {});
    while (cursor->next()) {
        StoredStretch row{std::string(cursor->text(0))};
        for (int column = 1; column < 18; ++column) {
            const auto cell = cursor->find_integer(column);
            row.push_back(cell ? std::to_string(*cell) : "-");
        }
        stored.push_back(std::move(row));
    }
    std::sort(stored.begin(), stored.end());
    return stored;
}

}  // namespace etalon::test
