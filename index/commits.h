#pragma once
/// Commits and snapshots: the number of a commit is given under one short row lock, so that commit order, number order
/// and entry-time order are the same (DESIGN 2.5).

#include <cstdint>
#include <vector>

#include "backends/port.h"
#include "etalon/database.h"

namespace etalon::index {

/// Number and time of a commit that is being made.
struct CommitStamp {
    std::int64_t seq = 0;
    std::int64_t entry_time = 0;  ///< nanoseconds, strictly greater than that of the commit before
};

/// Whether a write changes tables and views (registering, init) or only fills them.
enum class TableUse { Fill, Change };
/// PostgreSQL: the first lock of every write, until its end. Those that fill tables share it, one that changes tables is alone:
/// it holds the commit counter while it waits for tables, others hold tables while they wait for the counter. SQLite has one
/// writer anyway.
void lock_tables(backends::Transaction& tx, TableUse use);
/// Takes the lock on the commit counter and the next number; everything after it in the transaction belongs to that
/// commit. `client_now` is used by SQLite; PostgreSQL takes the server's clock.
[[nodiscard]] CommitStamp begin_commit(backends::Transaction& tx, Time client_now);
/// Writes the commitLog row.
void write_commit_log(backends::Transaction& tx, const CommitStamp& stamp, const CommitInfo& info);

/// The last visible commit number; 0 when there is none.
[[nodiscard]] std::int64_t last_commit(backends::Transaction& tx);
/// What a point in the history means in one place.
struct Resolved {
    std::int64_t commit = 0;
    bool settled = true;   ///< false: a date after the last commit, which may come to mean a later one (DESIGN 2.5)
    friend bool operator==(const Resolved&, const Resolved&) = default;
};
/// A commit number that exists; one beyond the last commit throws Error(Unknown).
[[nodiscard]] Resolved resolve_number(backends::Transaction& tx, std::int64_t number);
/// The highest commit entered at or before a date; settled once a later one is visible.
[[nodiscard]] Resolved resolve_date(backends::Transaction& tx, Time date);
/// Commits, newest first; limit 0 = all.
[[nodiscard]] std::vector<CommitRecord> read_log(backends::Transaction& tx, std::uint64_t limit);

}  // namespace etalon::index
