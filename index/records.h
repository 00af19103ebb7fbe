#pragma once
/// Interval records: writing them, and listing them.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/database.h"
#include "index/commits.h"
#include "index/timeline.h"

namespace etalon::index {

/// One interval record to be written.
struct NewRecord {
    std::int64_t name_id = 0;
    std::int64_t schema_id = 0;      ///< 0 for a hole
    std::string version;
    std::int64_t element = 0;
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::optional<std::int64_t> created;
    std::int64_t num_rows = 0;
    std::int64_t data_id = 0;        ///< 0 for a hole
    std::array<std::byte, 16> uid = {};  ///< all zero: a new one is made
};

/// Writes the records of one commit, in order, and changes the timelines; `policies` by name. begin < end is the caller's check.
void write_records(backends::Transaction& tx, const CommitStamp& stamp, std::span<const NewRecord> records,
                   const std::map<std::int64_t, OrderPolicy>& policies);

/// Records of a name, in order of element, version, begin, commit. For more see index/history.h.
struct HistoryFilter {
    std::int64_t name_id = 0;
    Axis axis = Axis::Time;
    std::string version;                   ///< empty: all
    std::optional<std::int64_t> element;   ///< empty: all
    std::int64_t snapshot = 0;
    std::uint64_t limit = 0;               ///< 0: all
};
[[nodiscard]] std::vector<HistoryRecord> read_history(backends::Transaction& tx, const HistoryFilter& filter);

}  // namespace etalon::index
