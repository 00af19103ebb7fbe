#pragma once
/// Several processes that write at once.

#include <cstddef>
#include <functional>

namespace etalon::bench {

/// What a writing process does: gets its number, opens what it needs, and returns the work of one commit, which gets
/// the number of the commit.
using Writer = std::function<std::function<void(std::size_t)>(std::size_t writer)>;

/// Forks `writers` processes; when all are ready each makes `commits` commits. Returns the seconds from the start of
/// the first commit to the end of the last. A failure in any of them ends the program. No connection may be open in
/// this process that a child could use.
[[nodiscard]] double seconds_of_writers(std::size_t writers, std::size_t commits, const Writer& writer);

}  // namespace etalon::bench
