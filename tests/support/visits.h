#pragma once
/// What statements visit, counted by the engines themselves: the same on a quick machine and a slow one.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <cstdint>
#include <initializer_list>
#include <string>

#include "backends/port.h"

namespace etalon::test {

/// Counts the steps of SQLite's virtual machine in all statements of all connections of the process that are opened
/// while it is alive. A row that is visited costs a few steps, so they bound the rows from above. One at a time, one
/// thread.
class SqliteSteps {
public:
    SqliteSteps() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(attach)); }
    ~SqliteSteps() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(attach)); }
    SqliteSteps(const SqliteSteps&) = delete;
    SqliteSteps& operator=(const SqliteSteps&) = delete;

    /// Steps of all statements that have ended so far.
    [[nodiscard]] static std::int64_t steps() noexcept { return steps_; }

private:
    static int attach(sqlite3* db, char** /*message*/, const void* /*api*/) {
        return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, add, nullptr);
    }
    static int add(unsigned /*kind*/, void* /*context*/, void* statement, void* /*nanoseconds*/) {
        steps_ += sqlite3_stmt_status(static_cast<sqlite3_stmt*>(statement), SQLITE_STMTSTATUS_VM_STEP, 1);
        return 0;
    }
    inline static std::int64_t steps_ = 0;
};

/// What a piece of work visited.
struct Visited {
    std::int64_t rows = 0;        ///< PostgreSQL: index entries and rows of sequential scans; SQLite: steps
    std::int64_t sequential = 0;  ///< PostgreSQL: the rows of sequential scans among them, of the large tables only
};

/// Runs `work` in the open transaction and says what it visited. On SQLite a SqliteSteps must live since before the
/// connection was opened; on PostgreSQL the server counts the tables of the current schema.
template <class Work>
Visited count_visits(backends::Transaction& tx, const Work& work) {
    const auto now = [&]() -> Visited {
        if (tx.engine() == backends::Engine::Sqlite) return {SqliteSteps::steps(), 0};
        static const backends::Sql kSql(R"(SELECT sum(pg_stat_get_xact_tuples_returned(c.oid))::bigint,
coalesce(sum(pg_stat_get_xact_tuples_returned(c.oid)) 
FILTER (WHERE c.relkind = 'r' AND c.relname IN ('dataIndex', 'timeline', 'timelinePast')), 0)::bigint FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'i'))");
        const auto cursor = tx.query(kSql, std::initializer_list<backends::Value>{});
        REQUIRE(cursor->next());
        return {cursor->integer(0), cursor->integer(1)};
    };
    const auto before = now();
    work();
    const auto after = now();
    return {after.rows - before.rows, after.sequential - before.sequential};
}

}  // namespace etalon::test
