#pragma once
/// Retiring interval records: from a commit on they do not count, earlier snapshots still see them.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "backends/port.h"
#include "index/commits.h"

namespace etalon::index {

/// A record that is not retired, as of the last commit.
struct LiveRecord {
    std::int64_t id = 0;
    std::int64_t schema_id = 0;
    std::int64_t data_id = 0;  ///< 0: a hole
    std::int64_t commit = 0;
};

/// The newest record (the one of `commit`, when given) of a name, element and version that begins there and is not
/// retired.
[[nodiscard]] std::optional<LiveRecord> find_live_record(backends::Transaction& tx, std::int64_t name_id,
                                                         std::int64_t element, std::string_view version,
                                                         std::int64_t begin,
                                                         std::optional<std::int64_t> commit = std::nullopt);

/// Retires records by ID in the commit that is being made; those that are retired already stay as they are. The caller
/// renews their timelines (index/timeline.h).
void retire_records(backends::Transaction& tx, const CommitStamp& stamp, std::span<const std::int64_t> ids);

}  // namespace etalon::index
