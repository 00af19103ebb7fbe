#include "index/commits.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "backends/proof.h"
#include "base/bytes.h"
#include "etalon/error.h"
#include "index/draft.h"
#include "index/tables.h"
#include "index/upgrade.h"

namespace etalon::index {

using backends::Engine;
using backends::Sql;
using backends::Transaction;

namespace {

using backends::is_proved;
using backends::Value;

constexpr const char* kMend = "see 'etalon verify'; restore the database from a copy";

[[noreturn]] void throw_missing_commit(std::int64_t number) {
    throw Error(ErrorCode::Corrupt,
                {"a commit is missing", "table commitLog", fmt::format("commit {}", number), "none", kMend});
}

[[noreturn]] void throw_no_counter() {
    throw Error(ErrorCode::Corrupt, {"the commit counter has no row", "table commitCounter", "one row", "none", kMend});
}

[[noreturn]] void throw_counter(std::int64_t newest, std::int64_t counter) {
    throw Error(ErrorCode::Corrupt,
                {"the commit counter and the log of commits do not agree", "table commitCounter",
                 fmt::format("{}, the newest of commitLog", newest), std::to_string(counter), kMend});
}

[[noreturn]] void throw_counter_time() {
    throw Error(ErrorCode::Corrupt, {"the commit counter and the log of commits do not agree", "table commitCounter",
                                     "the entry time of the newest commit", "another one", kMend});
}

[[noreturn]] void throw_broken_chain(std::int64_t number) {
    throw Error(ErrorCode::Corrupt, {"the chain of commits is broken", fmt::format("commit {}", number),
                                     "the hash over the commit before it", "another one", kMend});
}

/// A row of commitLog that was read and has its checksum.
struct ProvedCommit {
    CommitFields fields;
    Sha256 hash{};
};

ProvedCommit read_proved_commit(const backends::Cursor& cursor, int first) {
    const auto& table = commit_table();
    (void)table.check(cursor, first);
    ProvedCommit commit{read_commit_fields(cursor, first), {}};
    const auto hash = cursor.bytes(first + table.at("commitHash"));
    if (hash.size() != commit.hash.size()) throw_missing_commit(commit.fields.seq);
    std::copy(hash.begin(), hash.end(), commit.hash.begin());
    return commit;
}

std::optional<ProvedCommit> find_commit(Transaction& tx, std::int64_t number) {
    static const Sql kFind(
        fmt::format(R"(SELECT {} FROM "commitLog" c WHERE c."commitSeq" = ?1)", commit_table().select("c")));
    const auto cursor = tx.query(kFind, {number});
    if (!cursor->next()) return std::nullopt;
    return read_proved_commit(*cursor, 0);
}

/// The commit, checked against the one before.
ProvedCommit get_chained_commit(Transaction& tx, std::int64_t number) {
    Sha256 before{};
    if (number > 1) {
        const auto previous = find_commit(tx, number - 1);
        if (!previous) throw_missing_commit(number - 1);
        before = previous->hash;
    }
    auto commit = find_commit(tx, number);
    if (!commit) throw_missing_commit(number);
    if (commit_hash(before, commit->fields) != commit->hash) throw_broken_chain(number);
    return *std::move(commit);
}

CommitHead last_proved_commit(Transaction& tx) {
    static const Sql kLast(fmt::format(R"(SELECT k."lastSeq", k."lastEntryTime",
(SELECT m."commitSeq" FROM "commitLog" m ORDER BY m."commitSeq" DESC LIMIT 1), {}
FROM "commitCounter" k LEFT JOIN "commitLog" c ON c."commitSeq" = k."lastSeq" WHERE k."ID" = 1)",
                                       commit_table().select("c")));
    const auto cursor = tx.query(kLast, {});
    if (!cursor->next()) throw_no_counter();
    const auto last = cursor->integer(0);
    if (cursor->find_integer(2).value_or(0) != last) throw_counter(cursor->find_integer(2).value_or(0), last);
    if (last == 0) return {};
    const auto commit = read_proved_commit(*cursor, 3);
    if (commit.fields.entry_time != cursor->integer(1)) throw_counter_time();
    return {last, to_hex(commit.hash)};
}

}  // namespace

WriteStamp CommitStamp::for_rooms() const {
    return {seq, entry_time, draft ? &draft->items : nullptr};
}

CommitFields read_commit_fields(const backends::Cursor& cursor, int first) {
    const auto& table = commit_table();
    const auto text = [&](const char* name) {
        const int at = first + table.at(name);
        return cursor.is_null(at) ? std::string() : std::string(cursor.text(at));
    };
    CommitFields fields{cursor.integer(first + table.at("commitSeq")),
                        cursor.integer(first + table.at("entryTime")),
                        text("author"),
                        text("host"),
                        text("program"),
                        text("reason"),
                        text("comment"),
                        cursor.integer(first + table.at("numRecords")),
                        {}};
    const auto root = cursor.bytes(first + table.at("writtenRoot"));
    if (root.size() == fields.written_root.size()) std::copy(root.begin(), root.end(), fields.written_root.begin());
    return fields;
}

Sha256 commit_hash(const Sha256& before, const CommitFields& fields) {
    Sha256Builder builder;
    builder.add(before);
    builder.add(static_cast<std::uint64_t>(fields.seq));
    builder.add(static_cast<std::uint64_t>(fields.entry_time));
    for (const auto* text : {&fields.author, &fields.host, &fields.program, &fields.reason, &fields.comment}) {
        builder.add_text(*text);
    }
    builder.add(static_cast<std::uint64_t>(fields.num_records));
    builder.add(fields.written_root);
    return builder.finish();
}

void check_can_write(const Transaction& tx) {
    const auto& format = tx.format();
    const backends::StoreFormat newest;
    const auto name = [](const backends::StoreFormat& of) { return fmt::format("format {}.{}", of.major, of.minor); };
    if (format.major < newest.major) {
        throw Error(ErrorCode::Format, {"a database of an older format is read, but not written to", "", name(newest),
                                        name(format), "bring it up to date with 'etalon -d URL init --upgrade'"});
    }
    if (format.major == newest.major && format.minor <= newest.minor) return;
    throw Error(ErrorCode::Format, {"a database of a newer format is not written to", "", name(newest) + " or older",
                                    name(format), "use a newer etalon"});
}

namespace {

/// PostgreSQL.
void lock_advisory(Transaction& tx, TableUse use, std::chrono::milliseconds limit) {
    // The time is set by the same statement: it takes no round trip of its own.
    static const auto kLock = [](const char* lock) {
        return Sql(fmt::format("SELECT s.t, {}({}) FROM pg_catalog.set_config('lock_timeout', ?1, true) s(t)", lock,
                               backends::kWritersKey));
    };
    static const Sql kShared(kLock("pg_advisory_xact_lock_shared"));
    static const Sql kAlone(kLock("pg_advisory_xact_lock"));
    // 0 would mean for ever.
    const auto most = std::max(limit, std::chrono::milliseconds(1));
    (void)tx.query(use == TableUse::Fill ? kShared : kAlone, {std::to_string(most.count()) + "ms"})->next();
}

}  // namespace

void lock_tables(Transaction& tx, TableUse use) {
    lock_tables(tx, use, tx.wait());
}

void lock_tables(Transaction& tx, TableUse use, std::chrono::milliseconds limit) {
    check_can_write(tx);
    if (tx.engine() == Engine::Sqlite) return;
    lock_advisory(tx, use, limit);
}

void lock_for_upgrade(Transaction& tx, backends::TableLocks& locks) {
    if (tx.engine() == Engine::Sqlite) return;
    locks.want({});
    lock_advisory(tx, TableUse::Change, locks.left());
    std::set<std::string> views{"schemaMask"};
    for (auto& [name_id, view] : read_view_names(tx)) views.insert(std::move(view));
    for (const auto& view : views) locks.lock_view(tx, view);
    for (const auto* table :
         {"NodeRelation", "Nodes", "commitLog", "dataIndex", "namedRef", "namedRefPolicy", "payload", "schema",
          "schemaVersion", "snapshot", "snapshotEntry", "storeFormat", "structure"}) {
        locks.lock_table(tx, table);
    }
    locks.want("commitCounter");
    locks.limit(tx);
    tx.execute(Sql(R"(UPDATE "commitCounter" SET "lastSeq" = "lastSeq")"), {});
}

CommitStamp begin_commit(Transaction& tx, Time client_now) {
    check_can_write(tx);
    static const Sql kSqlite(R"(UPDATE "commitCounter" SET "lastSeq" = "lastSeq" + 1,
"lastEntryTime" = max("lastEntryTime" + 1, ?1) WHERE "ID" = 1 RETURNING "lastSeq", "lastEntryTime")");
    static const Sql kPostgres(R"(UPDATE "commitCounter" SET "lastSeq" = "lastSeq" + 1,
"lastEntryTime" = greatest("lastEntryTime" + 1, (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint)
WHERE "ID" = 1 RETURNING "lastSeq", "lastEntryTime")");
    const auto cursor = tx.engine() == Engine::Sqlite ? tx.query(kSqlite, {client_now.ns}) : tx.query(kPostgres, {});
    if (!cursor->next()) {
        throw Error(ErrorCode::Corrupt,
                    {"the commit counter has no row", "table commitCounter", "one row", "none", ""});
    }
    CommitStamp stamp{cursor->integer(0), cursor->integer(1), std::make_shared<CommitDraft>()};
    while (cursor->next()) {
    }
    return stamp;
}

CommitHead write_commit_log(Transaction& tx, const CommitStamp& stamp, const CommitInfo& info) {
    auto& draft = *stamp.draft;
    for (const auto& [name_id, changed] : draft.record_sets) {
        backends::add_to_set(tx, backends::SetKind::Records, name_id, changed);
    }
    CommitFields fields{stamp.seq, stamp.entry_time,  info.author,
                        info.host, info.program,      info.reason,
                        "",        draft.num_records, merkle_root(draft.items)};
    Sha256 before{};
    if (stamp.seq > 1) {
        const auto previous = find_commit(tx, stamp.seq - 1);
        if (!previous) throw_missing_commit(stamp.seq - 1);
        if (previous->fields.entry_time >= stamp.entry_time) throw_counter_time();
        before = previous->hash;
    }
    const auto hash = commit_hash(before, fields);
    const auto bytes = [](const Sha256& digest) { return Bytes(digest.begin(), digest.end()); };
    (void)commit_table().insert(
        tx, {stamp.seq, stamp.seq, stamp.entry_time, fields.author, fields.host, fields.program, fields.reason, Value{},
             fields.num_records, bytes(fields.written_root), bytes(hash)});
    // Behind the row of the commit, which has the creation time of most of its records.
    move_timelines(tx, stamp);
    return {stamp.seq, to_hex(hash)};
}

bool has_commit(Transaction& tx, const CommitHead& commit) {
    const auto found = find_commit(tx, commit.seq);
    return found && to_hex(found->hash) == commit.hash;
}

CommitHead head_commit(Transaction& tx) {
    if (is_proved(tx)) return last_proved_commit(tx);
    static const Sql kLast(R"(SELECT "commitSeq" FROM "commitLog" ORDER BY "commitSeq" DESC LIMIT 1)");
    const auto cursor = tx.query(kLast, {});
    return {cursor->next() ? cursor->integer(0) : 0, {}};
}

std::int64_t last_commit(Transaction& tx) {
    return head_commit(tx).seq;
}

Resolved resolve_number(Transaction& tx, std::int64_t number) {
    const auto last = last_commit(tx);
    if (number >= 0 && number <= last) {
        if (number != 0 && is_proved(tx)) (void)get_chained_commit(tx, number);
        return {number, true};
    }
    throw Error(ErrorCode::Unknown, {"no such commit", "", fmt::format("a number from 0 to {}", last),
                                     std::to_string(number), "see 'etalon log'"});
}

std::string find_commit_hash(Transaction& tx, std::int64_t number) {
    if (!is_proved(tx) || number == 0) return {};
    return to_hex(get_chained_commit(tx, number).hash);
}

void check_commit_hash(Transaction& tx, std::int64_t number, std::string_view digits, std::string_view place) {
    if (!is_proved(tx)) {
        throw Error(ErrorCode::Format,
                    {"commits of this format have no hashes", std::string(place), "a commit number alone",
                     fmt::format("{}-{}", number, digits), "bring it up to date with 'etalon -d URL init --upgrade'"});
    }
    const auto hash = number == 0 ? std::string(64, '0') : find_commit_hash(tx, number);
    if (hash.starts_with(digits)) return;
    throw Error(ErrorCode::Refused, {"this place has another history", fmt::format("{}, commit {}", place, number),
                                     fmt::format("a commit {} whose hash begins with {}", number, digits),
                                     hash.substr(0, std::max<std::size_t>(8, digits.size())),
                                     "it was restored from an older copy, failed over, or went its own way: ask the "
                                     "place that the number is from"});
}

namespace {

Resolved resolve_proved_date(Transaction& tx, Time date) {
    // The commit, the one before it, which its hash is over, and the one behind it, which tells that nothing between
    // them is missing.
    static const Sql kAt(fmt::format(R"(SELECT k."lastSeq", k."lastEntryTime", k."newest", k."at", {}
FROM (SELECT c."lastSeq", c."lastEntryTime",
(SELECT m."commitSeq" FROM "commitLog" m ORDER BY m."commitSeq" DESC LIMIT 1) AS "newest",
coalesce((SELECT a."commitSeq" FROM "commitLog" a WHERE a."entryTime" <= ?1 ORDER BY a."entryTime" DESC LIMIT 1), 0) AS "at"
FROM "commitCounter" c WHERE c."ID" = 1) k
LEFT JOIN "commitLog" n ON n."commitSeq" >= k."at" - 1 AND n."commitSeq" <= k."at" + 1 ORDER BY n."commitSeq")",
                                     commit_table().select("n")));
    std::map<std::int64_t, ProvedCommit> commits;
    std::int64_t last = 0;
    std::int64_t last_time = 0;
    std::int64_t at = 0;
    {
        const auto cursor = tx.query(kAt, {date.ns});
        bool any = false;
        while (cursor->next()) {
            any = true;
            last = cursor->integer(0);
            last_time = cursor->integer(1);
            if (cursor->find_integer(2).value_or(0) != last) throw_counter(cursor->find_integer(2).value_or(0), last);
            at = cursor->integer(3);
            if (cursor->is_null(4)) continue;
            auto commit = read_proved_commit(*cursor, 4);
            commits.emplace(commit.fields.seq, std::move(commit));
        }
        if (!any) throw_no_counter();
    }
    const auto get = [&](std::int64_t number) -> const ProvedCommit& {
        const auto found = commits.find(number);
        if (found == commits.end()) throw_missing_commit(number);
        return found->second;
    };
    if (at != 0) {
        const auto& commit = get(at);
        if (commit.fields.entry_time > date.ns) throw_missing_commit(at);
        if (commit_hash(at > 1 ? get(at - 1).hash : Sha256{}, commit.fields) != commit.hash) throw_broken_chain(at);
        if (at == last && commit.fields.entry_time != last_time) throw_counter_time();
    }
    if (at == last) return {at, false};
    if (get(at + 1).fields.entry_time <= date.ns) throw_missing_commit(at + 1);
    return {at, true};
}

}  // namespace

Resolved resolve_date(Transaction& tx, Time date) {
    if (is_proved(tx)) return resolve_proved_date(tx, date);
    static const Sql kAt(
        R"(SELECT (SELECT "commitSeq" FROM "commitLog" WHERE "entryTime" <= ?1 ORDER BY "entryTime" DESC LIMIT 1),
(SELECT 1 FROM "commitLog" WHERE "entryTime" > ?1 LIMIT 1) IS NOT NULL)");
    const auto cursor = tx.query(kAt, {date.ns});
    if (!cursor->next())
        throw Error(ErrorCode::Internal, {"a date was not resolved", format_time(date), "one row", "none", ""});
    return {cursor->find_integer(0).value_or(0), cursor->integer(1) != 0};
}

namespace {

std::vector<CommitRecord> read_proved_log(Transaction& tx, std::int64_t limit) {
    static const Sql kLog(fmt::format(R"(SELECT {} FROM "commitLog" c ORDER BY c."commitSeq" DESC LIMIT ?1)",
                                      commit_table().select("c")));
    auto expected = last_proved_commit(tx).seq;
    std::vector<CommitRecord> log;
    std::optional<ProvedCommit> after;
    const auto check_link = [&](const Sha256& before) {
        if (after && commit_hash(before, after->fields) != after->hash) throw_broken_chain(after->fields.seq);
    };
    const auto cursor = tx.query(kLog, {limit});
    while (cursor->next()) {
        auto commit = read_proved_commit(*cursor, 0);
        if (commit.fields.seq != expected) throw_missing_commit(expected);
        check_link(commit.hash);
        --expected;
        const auto& of = commit.fields;
        log.push_back({of.seq, Time{of.entry_time}, of.author, of.host, of.program, of.reason,
                       static_cast<std::uint64_t>(of.num_records), to_hex(commit.hash)});
        after = std::move(commit);
    }
    if (expected == 0) check_link({});
    if (expected != 0 && static_cast<std::int64_t>(log.size()) < limit) throw_missing_commit(expected);
    return log;
}

}  // namespace

std::vector<CommitRecord> read_log(Transaction& tx, std::uint64_t limit) {
    constexpr auto kAll = std::numeric_limits<std::int64_t>::max();
    if (is_proved(tx)) return read_proved_log(tx, limit == 0 ? kAll : static_cast<std::int64_t>(limit));
    static const Sql kLog(R"(SELECT c."commitSeq", c."entryTime", c."author", c."host", c."program", c."reason",
(SELECT count(*) FROM "dataIndex" d WHERE d."commitSeq" = c."commitSeq")
FROM "commitLog" c ORDER BY c."commitSeq" DESC LIMIT ?1)");
    constexpr auto kNoLimit = std::numeric_limits<std::int64_t>::max();
    const auto cursor = tx.query(kLog, {limit == 0 ? kNoLimit : static_cast<std::int64_t>(limit)});
    std::vector<CommitRecord> log;
    while (cursor->next()) {
        log.push_back({cursor->integer(0),
                       Time{cursor->integer(1)},
                       std::string(cursor->text(2)),
                       std::string(cursor->text(3)),
                       std::string(cursor->text(4)),
                       std::string(cursor->text(5)),
                       static_cast<std::uint64_t>(cursor->integer(6)),
                       {}});
    }
    return log;
}

void add_touched(Transaction& tx, CommitRange range, CommitTouches& touches) {
    static const Sql kWritten(R"(SELECT d."commitSeq", n."name", count(*) FROM "dataIndex" d
JOIN "namedRef" n ON n."ID" = d."nameID" WHERE d."commitSeq" BETWEEN ?1 AND ?2 GROUP BY d."commitSeq", n."name")");
    static const Sql kRetired(R"(SELECT d."retiredSeq", n."name", count(*) FROM "dataIndex" d
JOIN "namedRef" n ON n."ID" = d."nameID" WHERE d."retiredSeq" BETWEEN ?1 AND ?2 GROUP BY d."retiredSeq", n."name")");
    static const Sql kPolicies(R"(SELECT p."commitSeq", n."name" FROM "namedRefPolicy" p
JOIN "namedRef" n ON n."ID" = p."nameID" WHERE p."commitSeq" BETWEEN ?1 AND ?2)");
    static const Sql kSnapshots(R"(SELECT "commitSeq", "name", count(*) FROM "snapshot"
WHERE "commitSeq" BETWEEN ?1 AND ?2 GROUP BY "commitSeq", "name")");
    const auto each = [&](const Sql& sql, Touched kind, const auto& add) {
        const auto cursor = tx.query(sql, {range.first, range.last});
        while (cursor->next()) add(touches.at(cursor->integer(0), kind, std::string(cursor->text(1))), *cursor);
    };
    const auto count = [](const backends::Cursor& cursor) { return static_cast<std::uint64_t>(cursor.integer(2)); };
    each(kWritten, Touched::Reference, [&](CommitTouch& touch, const auto& cursor) { touch.written = count(cursor); });
    each(kRetired, Touched::Reference, [&](CommitTouch& touch, const auto& cursor) { touch.retired = count(cursor); });
    each(kPolicies, Touched::Reference, [](CommitTouch& touch, const auto&) { touch.defined = true; });
    each(kSnapshots, Touched::Snapshot, [&](CommitTouch& touch, const auto& cursor) { touch.written = count(cursor); });
}

std::vector<std::int64_t> read_commit_numbers(Transaction& tx, const std::string& log) {
    std::vector<std::int64_t> numbers;
    const auto cursor = tx.query(Sql(fmt::format(R"(SELECT "commitSeq" FROM "{}")", log)), {});
    while (cursor->next()) numbers.push_back(cursor->integer(0));
    return numbers;
}

std::unique_ptr<backends::Cursor> read_commit_rows(Transaction& tx) {
    static const Sql kRows(
        fmt::format(R"(SELECT {} FROM "commitLog" c ORDER BY c."commitSeq")", commit_table().select("c")));
    return tx.query(kRows, {});
}

CounterState read_counter(Transaction& tx) {
    static const Sql kRead(R"(SELECT "lastSeq", "lastEntryTime", "ID" FROM "commitCounter" ORDER BY "ID" <> 1)");
    CounterState state;
    const auto cursor = tx.query(kRead, {});
    if (!cursor->next() || cursor->integer(2) != 1) return state;
    state = {true, cursor->integer(0), cursor->integer(1), false};
    state.has_others = cursor->next();
    return state;
}

}  // namespace etalon::index
