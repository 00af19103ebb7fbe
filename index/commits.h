#pragma once
/// Commits and snapshots: the number of a commit is given under one short row lock, so that commit order, number order
/// and entry-time order are the same (docs/validity.md).

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "backends/table_locks.h"
#include "base/commit_items.h"
#include "base/commit_touches.h"
#include "base/digest.h"
#include "etalon/commit.h"
#include "etalon/time.h"

namespace etalon::index {

struct CommitDraft;

/// Number and time of a commit that is being made, and what was written in it so far. Copies share the latter.
struct CommitStamp {
    std::int64_t seq = 0;
    std::int64_t entry_time = 0;  ///< nanoseconds, strictly greater than that of the commit before
    std::shared_ptr<CommitDraft> draft = nullptr;

    /// The same for other rooms.
    [[nodiscard]] WriteStamp for_rooms() const;
};

/// Whether a write changes tables and views (registering, init) or only fills them.
enum class TableUse { Fill, Change };
/// PostgreSQL: the first lock of every write, until its end. Those that fill tables share it, one that changes tables
/// is alone. It waits at most `limit`, by default as long as the place waits; so do all statements of the transaction
/// behind it. SQLite has one writer anyway.
void lock_tables(backends::Transaction& tx, TableUse use);
void lock_tables(backends::Transaction& tx, TableUse use, std::chrono::milliseconds limit);
/// The locks of a write that changes everything: nobody commits, registers or begins to. For a place of any format.
void lock_for_upgrade(backends::Transaction& tx, backends::TableLocks& locks);
/// Takes the lock on the commit counter and the next number; everything after it in the transaction belongs to that
/// commit. `client_now` is used by SQLite; PostgreSQL takes the server's clock.
[[nodiscard]] CommitStamp begin_commit(backends::Transaction& tx, Time client_now);
/// A commit by its number and hash.
struct CommitHead {
    std::int64_t seq = 0;
    std::string hash;  ///< 64 hexadecimal digits; empty in format 1 and for commit 0
    friend bool operator==(const CommitHead&, const CommitHead&) = default;
};
/// Completes the commit: moves the timelines of what was added, retired or ordered anew, writes the proofs of the sets
/// of records, and the row of commitLog with the commit's place in the chain. Returns what the commit is known by.
CommitHead write_commit_log(backends::Transaction& tx, const CommitStamp& stamp, const CommitInfo& info);

/// The formats that this program writes: 2.0 and 2.1. Throws Error(Format) for an older one, which only `init
/// --upgrade` changes, and for a newer one, of which it cannot know what must be written.
void check_can_write(const backends::Transaction& tx);

/// The hash of a commit: SHA-256 over the hash of the one before (zeros before the first), its own fields and the root
/// of what it wrote (docs/storage_format.md).
struct CommitFields {
    std::int64_t seq = 0;
    std::int64_t entry_time = 0;
    std::string author;
    std::string host;
    std::string program;
    std::string reason;
    std::string comment;
    std::int64_t num_records = 0;
    Sha256 written_root{};
};
[[nodiscard]] Sha256 commit_hash(const Sha256& before, const CommitFields& fields);
/// Reads the fields from the cells of commit_table() that begin at `first`, without checking them.
[[nodiscard]] CommitFields read_commit_fields(const backends::Cursor& cursor, int first);

/// The numbers of all commits of `log` (commitLog, or a table with its column commitSeq), in any order.
[[nodiscard]] std::vector<std::int64_t> read_commit_numbers(backends::Transaction& tx, const std::string& log);
/// All rows of commitLog in order of their numbers, as cells of commit_table(), unchecked.
[[nodiscard]] std::unique_ptr<backends::Cursor> read_commit_rows(backends::Transaction& tx);
/// What the counter says, unchecked.
struct CounterState {
    bool has_row = false;  ///< with ID 1; without it, the rest says nothing
    std::int64_t seq = 0;  ///< the newest commit
    std::int64_t entry_time = 0;
    bool has_others = false;  ///< rows that nothing reads
};
[[nodiscard]] CounterState read_counter(backends::Transaction& tx);

/// The last visible commit; number 0 when there is none.
[[nodiscard]] CommitHead head_commit(backends::Transaction& tx);
/// Whether the place has that very commit.
[[nodiscard]] bool has_commit(backends::Transaction& tx, const CommitHead& commit);
/// Its number.
[[nodiscard]] std::int64_t last_commit(backends::Transaction& tx);
/// What a point in the history means in one place.
struct Resolved {
    std::int64_t commit = 0;
    bool settled =
        true;  ///< false: a date after the last commit, which may come to mean a later one (docs/validity.md)
    friend bool operator==(const Resolved&, const Resolved&) = default;
};
/// A commit number that exists; one beyond the last commit throws Error(Unknown).
[[nodiscard]] Resolved resolve_number(backends::Transaction& tx, std::int64_t number);
/// The hash of a commit, 64 hexadecimal digits; empty in format 1 and for commit 0.
[[nodiscard]] std::string find_commit_hash(backends::Transaction& tx, std::int64_t number);
/// Throws Error(Refused) unless the commit has a hash that begins with these digits: it belongs to another history.
/// Error(Format) in format 1, whose commits have none.
void check_commit_hash(backends::Transaction& tx, std::int64_t number, std::string_view digits, std::string_view place);
/// The highest commit entered at or before a date; settled once a later one is visible.
[[nodiscard]] Resolved resolve_date(backends::Transaction& tx, Time date);
/// Commits, newest first; limit 0 = all.
[[nodiscard]] std::vector<CommitRecord> read_log(backends::Transaction& tx, std::uint64_t limit);
/// What these commits touched of references (records and policies) and snapshots. Not proved: for people to read.
void add_touched(backends::Transaction& tx, CommitRange range, CommitTouches& touches);

}  // namespace etalon::index
