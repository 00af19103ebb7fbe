#pragma once
/// What is committed and retired, and what came of it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "etalon/history.h"
#include "etalon/interval.h"

namespace etalon {

/// Who commits and why; empty parts are filled in (user, host, program name).
struct CommitInfo {
    std::string author;
    std::string host;
    std::string program;
    std::string reason;
};

/// One interval record to commit, with its rows.
struct PutRecord {
    std::string name;  ///< named reference
    std::string version = "default";
    std::int64_t element = 0;
    std::int64_t begin = kMinusInfinity;    ///< on the axis of the reference
    std::optional<std::int64_t> end;        ///< no value: until superseded
    std::optional<Time> created;            ///< creationTime; empty: the entry time
    DefinitionPtr layout;                   ///< layout of the rows; must be a recorded schema version. Null for a hole
    std::shared_ptr<const std::byte> rows;  ///< num_rows structs of layout->size bytes
    std::uint64_t num_rows = 0;             ///< 0: a hole
    std::array<std::byte, 16> uid = {};     ///< of a record that is copied; all zero: a new one is made
};

/// Numbers and counts of a commit.
struct CommitResult {
    std::int64_t commit = 0;
    Time entry_time;
    std::uint64_t records = 0;       ///< interval records written
    std::uint64_t new_payloads = 0;  ///< payloads that were not stored before
    std::uint64_t rows = 0;          ///< rows in those new payloads
};

/// One interval of values that a put or a retirement would change, in the series (name, version, element) of the layer
/// that is written to.
struct PutEffect {
    std::string name;
    std::string version;
    std::int64_t element = 0;
    Interval interval;       ///< where another record, or none, would win
    std::string before;      ///< `gap`, or `hole` or `record` UID begin B schema N, of what answers there now
    std::string after = {};  ///< the same of what would answer; `new record begin B` or `new hole begin B` of a put
    /// A layer above that has something valid there (in the version chain of the Database, when that has the version):
    /// readers of all layers do not see the change. Empty: they do.
    std::string hidden_by = {};
};

/// Which reads see a commit that is made next.
struct CommitReach {
    std::int64_t next_commit = 0;        ///< its number, unless somebody commits before
    std::uint64_t open_snapshots = 0;    ///< named snapshots that are open: they do not move by themselves
    std::uint64_t frozen_snapshots = 0;  ///< those that never see it
};

/// What was or would be retired.
struct RetireReport {
    std::vector<HistoryRecord> records;
    std::int64_t commit = 0;              ///< 0: a dry run, or nothing matched
    std::vector<PutEffect> effects = {};  ///< of a dry run: which intervals would change
};

/// What a commit touched.
enum class Touched : std::uint8_t {
    Reference,  ///< named reference: interval records, or its policy
    Struct,     ///< schema versions, or rules between them
    Node,       ///< node of a configuration
    Snapshot,   ///< named snapshot
    Object,     ///< objects of a struct
};
[[nodiscard]] std::string_view name_of(Touched kind) noexcept;  // `reference`, `struct`, `node`, `snapshot`, `object`

/// One thing that a commit touched.
struct CommitTouch {
    Touched kind = Touched::Reference;
    std::string name;  ///< of the reference, struct, node (its own, without those above it) or snapshot; of
                       ///< objects, their struct
    std::uint64_t written =
        0;  ///< interval records, schema versions, nodes of that name, states of the snapshot, or objects
    std::uint64_t retired = 0;  ///< interval records, or nodes of that name
    bool defined = false;       ///< the policy of the reference, or rules of the struct, were written
    friend bool operator==(const CommitTouch&, const CommitTouch&) = default;
};

/// One row of commitLog.
struct CommitRecord {
    std::int64_t commit = 0;
    Time entry_time;
    std::string author;
    std::string host;
    std::string program;
    std::string reason;
    std::uint64_t records = 0;
    /// Of the commit and of all before it, 64 hexadecimal digits: `N-hash` names a commit of this history and of no
    /// other. Empty in databases of format 1.
    std::string hash = {};
    std::vector<CommitTouch> touched = {};  ///< when asked for (LogOptions)
};

/// Which commits `log` lists, newest first.
struct LogOptions {
    std::uint64_t limit = 0;  ///< at most so many; 0: all
    std::string name = {};    ///< those that touched this named reference
    bool touched = false;     ///< with what each commit touched
};

}  // namespace etalon
