#pragma once
/// Rows of `namedQuery`: versioned, append-only. Of several rows of a name the newest at or before a snapshot holds;
/// one without a text says that there is no such query from its commit on.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "backends/port.h"
#include "base/bytes.h"
#include "base/commit_items.h"

namespace etalon::objects {

/// What a row says.
struct QueryRow {
    std::string name;
    std::int64_t struct_id = 0;
    std::optional<std::string> text;  ///< the condition; none: the query was retired
    std::string order = {};
    std::optional<std::int64_t> limit = std::nullopt;
    std::string comment = {};
    std::int64_t commit = 0;
    std::int64_t entry_time = 0;
};

/// The rows that hold as of a commit, retired ones included, by name. All rows of the table are checked, and that none
/// is missing. Nothing in formats without objects.
[[nodiscard]] std::map<std::string, QueryRow, std::less<>> read_queries(backends::Transaction& tx,
                                                                        std::int64_t snapshot);
/// Inserts a row, with commit and entry time of the stamp, and adds its item. The commit lock is held.
void insert_query(backends::Transaction& tx, const WriteStamp& stamp, const QueryRow& query,
                  std::string_view struct_name);

/// Calls `add(commit, item)` for the named queries that all commits defined or retired.
void visit_query_items(backends::Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add);

}  // namespace etalon::objects
