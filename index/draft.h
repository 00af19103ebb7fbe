#pragma once
/// What a commit has written so far, until it is completed (write_commit_log).

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "backends/port.h"
#include "backends/proof.h"
#include "base/bytes.h"
#include "index/commits.h"
#include "index/stretches.h"

namespace etalon::index {

struct CommitDraft {
    std::vector<Bytes> items;  ///< see base/commit_items.h
    std::int64_t num_records = 0;
    std::map<std::int64_t, backends::SetSum> record_sets;     ///< by name
    std::map<TimelineKey, std::vector<StretchRecord>> added;  ///< records that are in dataIndex
    std::set<TimelineKey> renewed;                            ///< timelines that lost records
    std::map<std::int64_t, OrderPolicy> policies;             ///< of the names of those
    std::set<std::int64_t> reordered;                         ///< names whose policy changed
};

/// Moves the timelines of what the draft holds, each once.
void move_timelines(backends::Transaction& tx, const CommitStamp& stamp);

}  // namespace etalon::index
