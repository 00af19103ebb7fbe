#pragma once
/// What a write depends on but its data, and the commit that it makes.

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "backends/port.h"
#include "backends/table_locks.h"
#include "etalon/commit.h"
#include "etalon/progress.h"
#include "etalon/time.h"
#include "index/commits.h"
#include "place/place.h"

namespace etalon::place {

/// The system clock.
[[nodiscard]] Time now();

/// Everything that a write depends on but its data: it travels with the call. The twin of ReadContext.
struct WriteContext {
    explicit WriteContext(CommitInfo of_commit) : info(std::move(of_commit)) {}

    CommitInfo info;                    ///< who commits and why, as it was given
    std::function<Time()> clock = now;  ///< PostgreSQL takes the server's for the time of the commit
    RuleBookPtr rules;                  ///< of evolution, for conditions on values; may be null
    Progress progress;                  ///< may be empty
    bool taken_over = false;            ///< from where it is recorded already: names are taken as they are
    bool dry_run = false;               ///< of registering and retiring: says what would be written, and writes nothing

    /// Who commits, with user, host and program filled in where they are empty, and without passwords. Throws
    /// Error(BadInput) for a text that is no UTF-8 or holds NUL.
    [[nodiscard]] CommitInfo who() const;
};

/// A write transaction with the lock that every writer takes first. Trigger functions that an older etalon made are
/// renewed before, when they belong to this role (PostgreSQL).
[[nodiscard]] std::unique_ptr<backends::Transaction> begin_write(backends::Connection& connection);
/// The same for one that changes tables: an attempt of backends::change_tables().
[[nodiscard]] std::unique_ptr<backends::Transaction> begin_write(backends::Connection& connection,
                                                                 backends::TableLocks& locks);

/// A commit that is being made: a write transaction with the locks that every writer takes first. All of it or, unless
/// it comes to finish(), nothing.
class Commit {
public:
    /// Begins the transaction and takes the locks. Place and context live longer.
    Commit(Place& place, const WriteContext& context);
    /// Of one that changes tables: an attempt of backends::change_tables().
    Commit(Place& place, const WriteContext& context, backends::TableLocks& locks);

    [[nodiscard]] backends::Transaction& tx() noexcept { return *tx_; }
    /// Takes the commit's number, once: what is written from here on belongs to it, and nobody else commits until its
    /// end.
    const index::CommitStamp& take_number();
    /// The number that was taken.
    [[nodiscard]] const index::CommitStamp& stamp() const noexcept { return stamp_; }
    /// Completes the commit and makes it visible; returns its number, which was taken. When the connection is lost
    /// while the server is asked to commit, finds out by the hash of the commit whether it did. Throws Error(Backend):
    /// with Obstacle::Disconnected nothing was committed, with Obstacle::InDoubt that could not be found out.
    std::int64_t finish();

private:
    /// Whether the place has the commit, once the server that was asked has made up its mind.
    [[nodiscard]] bool was_made(const index::CommitHead& commit);

    Place& place_;
    const WriteContext& context_;
    std::unique_ptr<backends::Transaction> tx_;
    index::CommitStamp stamp_;
};

}  // namespace etalon::place
