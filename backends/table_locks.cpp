#include "backends/table_locks.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/pauses.h"
#include "etalon/time.h"

namespace etalon::backends {

using std::chrono::milliseconds;

namespace {

/// Of one attempt: as long may a reader wait who comes while a lock is waited for.
constexpr milliseconds kAttempt{200};
constexpr milliseconds kLeast{10};

void set_lock_timeout(Transaction& tx, milliseconds limit) {
    static const Sql kSet("SELECT pg_catalog.set_config('lock_timeout', ?1, true)");
    (void)tx.query(kSet, {std::to_string(limit.count()) + "ms"})->next();
}

std::string shown(const LockHolder& holder) {
    std::string who = holder.application.empty() ? "a session" : holder.application;
    if (holder.process == 0) {
        who = fmt::format("a prepared transaction of user {}", holder.user);
        if (holder.since != 0) who += fmt::format(", since {}", format_time(Time{holder.since * 1'000'000'000}));
    } else {
        who += fmt::format(" (process {}", holder.process);
        if (!holder.user.empty()) who += fmt::format(" of user {}", holder.user);
        if (!holder.state.empty()) who += ", " + holder.state;
        if (holder.since != 0)
            who += fmt::format(", in a transaction since {}", format_time(Time{holder.since * 1'000'000'000}));
        who += ')';
    }
    const auto what =
        holder.relation.empty() ? std::string("the lock of writers") : fmt::format("\"{}\"", holder.relation);
    return fmt::format("{} holds {}{}", who, holder.mode.empty() ? "" : holder.mode + " on ", what);
}

}  // namespace

milliseconds TableLocks::left() const noexcept {
    const auto left = std::chrono::duration_cast<milliseconds>(until_ - std::chrono::steady_clock::now());
    return std::max(left, kLeast);
}

void TableLocks::limit(Transaction& tx) const {
    if (tx.engine() == Engine::Postgres) set_lock_timeout(tx, left());
}

void TableLocks::lock_table(Transaction& tx, const std::string& table) {
    if (tx.engine() == Engine::Sqlite) return;
    want(table);
    limit(tx);
    tx.execute_script(fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE;", quote_identifier(table)));
}

void TableLocks::lock_view(Transaction& tx, const std::string& view) {
    if (tx.engine() == Engine::Sqlite) return;
    want(view);
    limit(tx);
    tx.execute_script(fmt::format("DROP VIEW IF EXISTS {};", quote_identifier(view)));
}

void change_tables(Connection& connection, const std::function<void(TableLocks&)>& attempt) {
    const auto& waiting = connection.waiting();
    // SQLite waits for its one lock by itself.
    if (connection.engine() == Engine::Sqlite) {
        TableLocks none(waiting.limit);
        return attempt(none);
    }
    constexpr milliseconds kFirstPause{200};
    Pauses pauses(waiting.limit, kFirstPause);
    while (true) {
        TableLocks locks(std::min(kAttempt, std::max(pauses.left(), milliseconds(50))));
        std::optional<Error> failure;
        try {
            return attempt(locks);
        } catch (const Error& error) {
            if (error.obstacle() != Obstacle::Locked) throw;
            failure = error;
        }
        const bool is_over = pauses.left() <= milliseconds(0);
        if (is_over) {
            throw locked_error(connection, "tables cannot be changed while others use them", locks.wanted(),
                               pauses.passed());
        }
        if (waiting.tell && pauses.may_tell()) {
            const auto holders = find_lock_holders(connection, locks.wanted());
            waiting.tell(holders.empty() ? "waiting for locks of others" : "waiting: " + describe(holders));
        }
        (void)pauses.wait();
    }
}

std::vector<LockHolder> find_lock_holders(Connection& connection, const std::string& relation) {
    if (connection.engine() == Engine::Sqlite) return {};
    // Without a relation: what a write waits for. Row locks are not to be seen, but who has the row of the counter has
    // a lock on its table and waits for nothing.
    static const Sql kHolders(fmt::format(R"(SELECT coalesce(l.pid, 0), coalesce(a.usename::text, x.owner::text, ''),
coalesce(nullif(a.application_name, ''), nullif(a.backend_type, 'client backend'), ''), coalesce(a.state, ''), l.mode,
coalesce(c.relname::text, ''), coalesce(extract(epoch FROM coalesce(a.xact_start, x.prepared))::bigint, 0)
FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_class c ON l.locktype = 'relation' AND c.oid = l.relation
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
LEFT JOIN pg_catalog.pg_prepared_xacts x ON l.pid IS NULL AND l.virtualtransaction = '-1/' || x.transaction::text
WHERE l.granted AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
AND CASE WHEN ?1 <> '' THEN n.nspname = current_schema() AND c.relname = ?1
WHEN l.locktype = 'advisory' THEN l.objsubid = 1 AND ((l.classid::bigint << 32) | l.objid::bigint) = {}
WHEN n.nspname <> current_schema() THEN false
WHEN l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') THEN true
ELSE c.relname = 'commitCounter' AND l.mode = 'RowExclusiveLock'
AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_locks w WHERE w.pid = l.pid AND NOT w.granted) END
ORDER BY 7, 1)",
                                          kWritersKey));
    const auto cursor = connection.begin(TransactionMode::Single)->query(kHolders, {relation});
    std::vector<LockHolder> holders;
    while (cursor->next()) {
        LockHolder holder{cursor->integer(0),
                          std::string(cursor->text(1)),
                          std::string(cursor->text(2)),
                          std::string(cursor->text(3)),
                          {},
                          std::string(cursor->text(5)),
                          cursor->integer(6)};
        // `AccessShareLock` as people write it.
        for (const char c : cursor->text(4).substr(0, cursor->text(4).rfind("Lock"))) {
            if (c >= 'A' && c <= 'Z' && !holder.mode.empty()) holder.mode += ' ';
            holder.mode += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
        if (holder.relation.empty()) holder.mode.clear();
        holders.push_back(std::move(holder));
    }
    return holders;
}

std::string describe(const std::vector<LockHolder>& holders) {
    constexpr std::size_t kMost = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(kMost, holders.size()); ++i) text += (i == 0 ? "" : "; ") + shown(holders[i]);
    if (holders.size() > kMost) text += fmt::format("; and {} more", holders.size() - kMost);
    return text;
}

Error locked_error(Connection& connection, const std::string& what, const std::string& relation, milliseconds waited) {
    const auto holders = find_lock_holders(connection, relation);
    const auto text = describe(holders);
    return Error(ErrorCode::Backend, {what, connection.place(), fmt::format("the locks within {}", format_wait(waited)),
                                      text.empty() ? "locks of others, which have gone meanwhile" : text,
                                      "nothing was written: repeat when it has ended, or wait longer (--wait)"})
        .set_retryable(true)
        .set_obstacle(Obstacle::Locked);
}

}  // namespace etalon::backends
