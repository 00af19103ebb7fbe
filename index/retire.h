#pragma once
/// Retiring interval records: from a commit on they do not count, earlier snapshots still see them.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "backends/port.h"
#include "index/commits.h"
#include "index/names.h"

namespace etalon::index {

/// A record that is not retired, as of the last commit.
struct LiveRecord {
    std::int64_t id = 0;
    std::int64_t element = 0;
    std::string version;
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

/// Retires records of one name in the commit that is being made, and renews their timelines; those that are retired
/// already stay as they are.
void retire_records(backends::Transaction& tx, const CommitStamp& stamp, const NameRecord& name,
                    std::span<const LiveRecord> records);

}  // namespace etalon::index
