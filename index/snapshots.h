#pragma once
/// Named snapshots: per name pattern and place a commit number; open, then frozen, never back. Append-only.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "index/commits.h"

namespace etalon::index {

/// A snapshot as it is recorded now.
struct SnapshotRecord {
    std::int64_t id = 0;
    std::string name;
    bool frozen = false;
    std::string author;
    std::int64_t entry_time = 0;  ///< of its creation
    std::string comment;
    struct Entry {
        std::string pattern;
        std::string place;  ///< uid of the place
        std::int64_t commit = 0;
        std::string hash = {};  ///< of that commit, 64 hexadecimal digits; empty: it had none
    };
    std::vector<Entry> entries;        ///< one per (pattern, place): the last that was set
    std::vector<std::string> digests;  ///< of the CSV layers that were frozen with it, top first
};

/// Throws Error(BadInput) unless the name begins with a letter or `_` and goes on with letters, digits, `_`, `-`, `.`;
/// `inf` is none.
void check_snapshot_name(std::string_view name);
/// Throws Error(BadInput) unless the pattern is a name, or the beginning of one (or nothing) and one `*` at its end.
void check_pattern(std::string_view pattern);
/// True when the pattern is for that name.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view name) noexcept;
/// How specific a pattern is: an exact name beats every beginning, a longer beginning a shorter one.
[[nodiscard]] std::size_t weight_of(std::string_view pattern) noexcept;

[[nodiscard]] std::optional<SnapshotRecord> find_snapshot(backends::Transaction& tx, std::string_view name);
/// All of them, in order of name.
[[nodiscard]] std::vector<SnapshotRecord> all_snapshots(backends::Transaction& tx);
/// Records a new, open snapshot without entries; returns its ID.
std::int64_t insert_snapshot(backends::Transaction& tx, std::string_view name, const CommitStamp& stamp,
                             std::string_view author, std::string_view comment);
/// Sets entries of an open snapshot.
void set_entries(backends::Transaction& tx, std::int64_t snapshot_id, std::string_view name,
                 std::span<const SnapshotRecord::Entry> entries, const CommitStamp& stamp, std::string_view author);
/// The items of commits that created a snapshot, set an entry of one, and froze one.
[[nodiscard]] Bytes snapshot_item(std::string_view name, std::string_view author, std::string_view comment);
[[nodiscard]] Bytes snapshot_entry_item(std::string_view name, const SnapshotRecord::Entry& entry);
[[nodiscard]] Bytes frozen_item(std::string_view name);
/// Calls `add(commit, item)` for what all commits wrote of snapshots; `log` as in visit_record_items (index/records.h).
void visit_snapshot_items(backends::Transaction& tx, const std::string& log,
                          const std::function<void(std::int64_t commit, Bytes item)>& add);
/// Freezes it for ever, with the digests of the CSV layers.
void freeze(backends::Transaction& tx, const SnapshotRecord& snapshot, std::span<const std::string> digests,
            const CommitStamp& stamp, std::string_view author);

}  // namespace etalon::index
