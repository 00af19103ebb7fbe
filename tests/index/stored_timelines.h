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

/// A point and the commits between which it held.
struct StoredPoint {
    std::tuple<std::int64_t, std::int64_t, std::string, std::int64_t, std::int64_t>
        what;  ///< key, begin, record (0: gap)
    std::int64_t from = 0;
    std::int64_t to = kPlusInfinity;
    auto operator<=>(const StoredPoint&) const = default;
};

/// All points, in order. A commit that does two things may close a point and open it again: that counts as one.
inline std::vector<StoredPoint> stored_timelines(backends::Transaction& tx) {
    std::vector<StoredPoint> stored;
    const auto cursor =
        tx.query(backends::Sql(R"(SELECT "nameID", "elementID", "version", "beginTime", "recordID", "fromSeq",
NULL, "pointKind" FROM "timeline" UNION ALL
SELECT "nameID", "elementID", "version", "beginTime", "recordID", "fromSeq", "toSeq", 0 FROM "timelinePast")"),
                 {});
    while (cursor->next()) {
        const auto record = cursor->find_integer(4).value_or(0);
        if (cursor->is_null(6) && (cursor->integer(7) == 0) != (record == 0))
            throw std::runtime_error("the kind of a point is not that of its record");
        stored.push_back(
            {{cursor->integer(0), cursor->integer(1), std::string(cursor->text(2)), cursor->integer(3), record},
             cursor->integer(5),
             cursor->find_integer(6).value_or(kPlusInfinity)});
    }
    std::sort(stored.begin(), stored.end());
    std::vector<StoredPoint> merged;
    for (const auto& point : stored) {
        if (!merged.empty() && merged.back().what == point.what && merged.back().to == point.from) {
            merged.back().to = point.to;
        } else {
            merged.push_back(point);
        }
    }
    return merged;
}

}  // namespace etalon::test
