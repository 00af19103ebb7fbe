#pragma once
/// What an upgrade asks of the tables of this room in formats 1.x.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backends/port.h"
#include "index/commits.h"

namespace etalon::index {

/// True when the counter is at the newest commit of commitLog.
[[nodiscard]] bool is_counter_right(backends::Transaction& tx);

/// A record that does not agree with its payload.
struct UnfitRecord {
    std::int64_t id = 0;
    std::optional<std::string> name;  ///< none: its reference is not there
};
/// The first of them that is no hole; none when all agree.
[[nodiscard]] std::optional<UnfitRecord> find_unfit_record(backends::Transaction& tx);

/// The readable views of references, by the ID of the name.
[[nodiscard]] std::map<std::int64_t, std::string> read_view_names(backends::Transaction& tx);

/// A commit of format 1: no chain, no number of records.
struct OldCommit {
    CommitFields fields;
    bool has_comment = false;
};
/// The next commits of the table `log` behind a number, in order of it, at most `most`.
[[nodiscard]] std::vector<OldCommit> read_old_commits(backends::Transaction& tx, const std::string& log,
                                                      std::int64_t after, std::int64_t most);

/// The column creationTime of a record x of format 1 as format 2 has it: an SQL expression.
[[nodiscard]] std::string old_creation_time();

}  // namespace etalon::index
