#pragma once
/// What a write would change for readers.

#include <cstddef>
#include <string>
#include <vector>

#include "etalon/database.h"
#include "index/changes.h"

namespace etalon::detail {
class DatabaseImpl;
class StackImpl;
}  // namespace etalon::detail

namespace etalon::database {

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

/// Cuts effects in the layer `target` where layers above have something valid, and says which hides them; as of the
/// last commits. Callers hold the stack's mutex.
[[nodiscard]] std::vector<PutEffect> mark_hidden(detail::StackImpl& stack, const detail::DatabaseImpl& target,
                                                 std::vector<PutEffect> effects);
/// Database::preview_reach. Callers hold the stack's mutex.
[[nodiscard]] CommitReach find_reach(detail::StackImpl& stack);

}  // namespace etalon::database
