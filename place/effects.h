#pragma once
/// What a write would change for readers.

#include <cstddef>
#include <string>
#include <vector>

#include "etalon/commit.h"
#include "etalon/reference.h"
#include "index/changes.h"

namespace etalon::place {

/// One series with its records, those that are there and those that would be.
struct Series {
    std::string name;
    Axis axis = Axis::Time;
    OrderPolicy policy = OrderPolicy::ByBegin;
    std::string version;
    std::int64_t element = 0;
    std::vector<index::LiveSeriesRecord> records;
};

/// Adds what changes when the records from `first` on are put to those before.
void add_put_effects(std::vector<PutEffect>& effects, const Series& series, std::size_t first);
/// Adds what changes when the records from `first` on are retired.
void add_retire_effects(std::vector<PutEffect>& effects, const Series& series, std::size_t first);

}  // namespace etalon::place
