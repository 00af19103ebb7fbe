#include "index/commits.h"

#include <fmt/format.h>

#include <limits>

#include "etalon/error.h"

namespace etalon::index {

using backends::Engine;
using backends::Sql;
using backends::Transaction;

void lock_tables(Transaction& tx, TableUse use) {
    if (tx.engine() == Engine::Sqlite) return;
    static const Sql kShared("SELECT pg_advisory_xact_lock_shared(hashtextextended('etalon ' || current_schema(), 0))");
    static const Sql kAlone("SELECT pg_advisory_xact_lock(hashtextextended('etalon ' || current_schema(), 0))");
    (void)tx.query(use == TableUse::Fill ? kShared : kAlone, {})->next();
}

CommitStamp begin_commit(Transaction& tx, Time client_now) {
    static const Sql kSqlite(R"(UPDATE "commitCounter" SET "lastSeq" = "lastSeq" + 1,
"lastEntryTime" = max("lastEntryTime" + 1, ?1) WHERE "ID" = 1 RETURNING "lastSeq", "lastEntryTime")");
    static const Sql kPostgres(R"(UPDATE "commitCounter" SET "lastSeq" = "lastSeq" + 1,
"lastEntryTime" = greatest("lastEntryTime" + 1, (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint)
WHERE "ID" = 1 RETURNING "lastSeq", "lastEntryTime")");
    const auto cursor = tx.engine() == Engine::Sqlite ? tx.query(kSqlite, {client_now.ns}) : tx.query(kPostgres, {});
    if (!cursor->next()) {
        throw Error(ErrorCode::Corrupt, {"the commit counter has no row", "table commitCounter", "one row", "none", ""});
    }
    CommitStamp stamp{cursor->integer(0), cursor->integer(1)};
    while (cursor->next()) {
    }
    return stamp;
}

void write_commit_log(Transaction& tx, const CommitStamp& stamp, const CommitInfo& info) {
    static const Sql kInsert(R"(INSERT INTO "commitLog" ("commitSeq", "entryTime", "author", "host", "program", "reason")
VALUES (?1, ?2, ?3, ?4, ?5, ?6))");
    tx.execute(kInsert, {stamp.seq, stamp.entry_time, info.author, info.host, info.program, info.reason});
}

std::int64_t last_commit(Transaction& tx) {
    static const Sql kLast(R"(SELECT "commitSeq" FROM "commitLog" ORDER BY "commitSeq" DESC LIMIT 1)");
    const auto cursor = tx.query(kLast, {});
    return cursor->next() ? cursor->integer(0) : 0;
}

Resolved resolve_number(Transaction& tx, std::int64_t number) {
    const auto last = last_commit(tx);
    if (number >= 0 && number <= last) return {number, true};
    throw Error(ErrorCode::Unknown, {"no such commit", "", fmt::format("a number from 0 to {}", last),
                                     std::to_string(number), "see 'etalon log'"});
}

Resolved resolve_date(Transaction& tx, Time date) {
    static const Sql kAt(R"(SELECT (SELECT "commitSeq" FROM "commitLog" WHERE "entryTime" <= ?1 ORDER BY "entryTime" DESC LIMIT 1),
(SELECT 1 FROM "commitLog" WHERE "entryTime" > ?1 LIMIT 1) IS NOT NULL)");
    const auto cursor = tx.query(kAt, {date.ns});
    if (!cursor->next()) throw Error(ErrorCode::Internal, {"a date was not resolved", format_time(date), "one row", "none", ""});
    return {cursor->find_integer(0).value_or(0), cursor->integer(1) != 0};
}

std::vector<CommitRecord> read_log(Transaction& tx, std::uint64_t limit) {
    static const Sql kLog(R"(SELECT c."commitSeq", c."entryTime", c."author", c."host", c."program", c."reason",
(SELECT count(*) FROM "dataIndex" d WHERE d."commitSeq" = c."commitSeq")
FROM "commitLog" c ORDER BY c."commitSeq" DESC LIMIT ?1)");
    constexpr auto kNoLimit = std::numeric_limits<std::int64_t>::max();
    const auto cursor = tx.query(kLog, {limit == 0 ? kNoLimit : static_cast<std::int64_t>(limit)});
    std::vector<CommitRecord> log;
    while (cursor->next()) {
        log.push_back({cursor->integer(0), Time{cursor->integer(1)}, std::string(cursor->text(2)),
                       std::string(cursor->text(3)), std::string(cursor->text(4)), std::string(cursor->text(5)),
                       static_cast<std::uint64_t>(cursor->integer(6))});
    }
    return log;
}

}  // namespace etalon::index
