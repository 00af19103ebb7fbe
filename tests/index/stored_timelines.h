#pragma once
/// Timelines as they are stored, to compare those kept with every commit with those made anew.

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "backends/port.h"
#include "etalon/interval.h"

namespace etalon::test {

/// What records join, where the tables of the room of payloads are not made.
inline constexpr const char* kPayloadTable =
    R"(CREATE TABLE IF NOT EXISTS "payload" ("dataID" bigint PRIMARY KEY, "encoding" bigint, "rowsChecksum" bigint);)";

/// A row of `timeline` or `timelinePast`: all its cells.
using StoredStretch = std::vector<std::string>;

/// All stretches, in order.
inline std::vector<StoredStretch> stored_timelines(backends::Transaction& tx) {
    static const std::string kRest = R"("beginTime", "next", "fromSeq", "nextSeq", "recordBegin", "recordEnd", "count", "schemaID",
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
