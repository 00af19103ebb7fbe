#pragma once
/// Changes of tables and views beside readers and writers that go on.
///
/// PostgreSQL changes a table under a lock that excludes its readers, and whoever waits for that lock stops every later
/// reader. So a change waits for its locks only for a moment, gives all of them up when it does not get one, lets pass
/// who waited meanwhile, and tries again. Locks are taken in one order: that of writers (index::lock_tables), views by
/// name, tables by name (who reads a view locks that first, too), and the commit counter last. SQLite has one lock,
/// which a write takes when it begins.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "backends/port.h"
#include "etalon/error.h"

namespace etalon::backends {

/// The locks of one attempt at changing tables.
class TableLocks {
public:
    /// `budget`: how long all of them together may be waited for.
    explicit TableLocks(std::chrono::milliseconds budget) : until_(std::chrono::steady_clock::now() + budget) {}

    /// What is left of that, at least a few milliseconds: what nobody holds is always to be had.
    [[nodiscard]] std::chrono::milliseconds left() const noexcept;
    /// Says which lock is taken next, for whoever asks what was in the way: that of a table or view; empty: of writers.
    void want(std::string relation) { wanted_ = std::move(relation); }
    [[nodiscard]] const std::string& wanted() const noexcept { return wanted_; }
    /// Excludes everybody from a table that is there, until the end of the transaction. SQLite: nothing to do.
    void lock_table(Transaction& tx, const std::string& table);
    /// The same for a view, which is dropped for it when it is there: LOCK TABLE would lock what it is a view of, too.
    void lock_view(Transaction& tx, const std::string& view);
    /// Statements of the transaction that follow wait no longer than what is left.
    void limit(Transaction& tx) const;

private:
    std::chrono::steady_clock::time_point until_;
    std::string wanted_;
};

/// Runs `attempt`, which begins and commits a write transaction of its own; again with a pause between when a lock was
/// not to be had (Obstacle::Locked), as long as the connection waits. Then Error(Backend), retryable, that says who
/// holds what. Nothing of an attempt that failed is left.
void change_tables(Connection& connection, const std::function<void(TableLocks&)>& attempt);

/// Who holds a lock (PostgreSQL).
struct LockHolder {
    std::int64_t process = 0;  ///< of the server; 0: a prepared transaction
    std::string user;
    std::string application;  ///< `pg_dump`, ...; empty when it has not said
    std::string state;        ///< `active`, `idle in transaction`, ...; empty when one may not see it
    std::string mode;         ///< `ACCESS SHARE`, ...
    std::string relation;     ///< empty: the lock of writers
    std::int64_t since = 0;   ///< when its transaction began, seconds since 1970; 0 when one may not see it
};
/// Who holds any lock on a relation of the place, or, when that is empty, what a write waits for: the lock of writers,
/// the commit counter, or a table that is locked against writers. At most a few, the oldest first; none in SQLite.
[[nodiscard]] std::vector<LockHolder> find_lock_holders(Connection& connection, const std::string& relation);
/// `pg_dump (process 4711 of user tpc, active since 2026-03-01T10:00:00Z) holds ACCESS SHARE on "Gain"`; of several the
/// number of others.
[[nodiscard]] std::string describe(const std::vector<LockHolder>& holders);
/// An Error of a lock that was not to be had, with who has it, and how long was waited.
[[nodiscard]] Error locked_error(Connection& connection, const std::string& what, const std::string& relation,
                                 std::chrono::milliseconds waited);

/// The key of the lock of writers, an SQL expression.
inline constexpr const char* kWritersKey = "hashtextextended('etalon ' || current_schema(), 0)";

}  // namespace etalon::backends
