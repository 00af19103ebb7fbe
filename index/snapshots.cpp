#include "index/snapshots.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "etalon/error.h"

namespace etalon::index {

using backends::Sql;
using backends::Transaction;

namespace {

// States as they are stored, in both tables.
constexpr const char* kOpen = "open";
constexpr const char* kFrozen = "frozen";
/// Entries that hold the digest of a CSV layer instead of a commit number; in the order of the layers.
constexpr std::string_view kDigest = "csv:";

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

void check_snapshot_name(std::string_view name) {
    const bool good =
        !name.empty() && is_letter(name.front()) && name != "inf" && std::all_of(name.begin(), name.end(), [](char c) {
            return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
        });
    if (good) return;
    throw Error(ErrorCode::BadInput,
                {"bad name of a snapshot", fmt::format("'{}'", name), "a letter, then letters, digits, '_', '-' or '.'",
                 "", "a name must not look like a commit number or a time"});
}

void check_pattern(std::string_view pattern) {
    const auto star = pattern.find('*');
    if (!pattern.empty() && (star == std::string_view::npos || star + 1 == pattern.size())) return;
    throw Error(ErrorCode::BadInput, {"bad pattern of names", fmt::format("'{}'", pattern),
                                      "a name, or the beginning of one and '*', such as Cal*", "", ""});
}

bool matches(std::string_view pattern, std::string_view name) noexcept {
    if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
    return pattern == name;
}

std::size_t weight_of(std::string_view pattern) noexcept {
    return pattern.ends_with('*') ? pattern.size() - 1 : static_cast<std::size_t>(-1);
}

std::vector<SnapshotRecord> all_snapshots(Transaction& tx) {
    static const Sql kRows(
        R"(SELECT "ID", "name", "state", "author", "entryTime", "comment" FROM "snapshot" ORDER BY "ID")");
    static const Sql kEntries(
        R"(SELECT "snapshotID", "namePattern", "place", "commitSeq", "comment" FROM "snapshotEntry"
ORDER BY "ID")");
    std::map<std::string, SnapshotRecord> by_name;
    std::map<std::int64_t, SnapshotRecord*> by_id;
    {
        const auto cursor = tx.query(kRows, {});
        while (cursor->next()) {
            auto& record = by_name[std::string(cursor->text(1))];
            by_id[cursor->integer(0)] = &record;
            if (cursor->text(2) == kFrozen) record.frozen = true;
            if (record.id != 0) continue;
            record.id = cursor->integer(0);
            record.name = cursor->text(1);
            if (!cursor->is_null(3)) record.author = cursor->text(3);
            record.entry_time = cursor->integer(4);
            if (!cursor->is_null(5)) record.comment = cursor->text(5);
        }
    }
    const auto cursor = tx.query(kEntries, {});
    while (cursor->next()) {
        auto& entries = by_id.at(cursor->integer(0))->entries;
        const std::string pattern(cursor->text(1));
        const std::string place(cursor->text(2));
        if (place.starts_with(kDigest)) {
            by_id.at(cursor->integer(0))->digests.push_back(place.substr(kDigest.size()));
            continue;
        }
        const auto known = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
            return entry.pattern == pattern && entry.place == place;
        });
        if (known == entries.end()) {
            entries.push_back({pattern, place, cursor->integer(3)});
        } else {
            known->commit = cursor->integer(3);
        }
    }
    std::vector<SnapshotRecord> all;
    for (auto& [name, record] : by_name) all.push_back(std::move(record));
    return all;
}

std::optional<SnapshotRecord> find_snapshot(Transaction& tx, std::string_view name) {
    for (auto& record : all_snapshots(tx)) {
        if (record.name == name) return std::move(record);
    }
    return std::nullopt;
}

std::int64_t insert_snapshot(Transaction& tx, std::string_view name, const CommitStamp& stamp, std::string_view author,
                             std::string_view comment) {
    static const Sql kInsert(R"(INSERT INTO "snapshot" ("name", "state", "author", "commitSeq", "entryTime", "comment")
VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING "ID")");
    const auto cursor = tx.query(kInsert, {std::string(name), std::string(kOpen), std::string(author), stamp.seq,
                                           stamp.entry_time, std::string(comment)});
    if (!cursor->next()) throw Error(ErrorCode::Internal, {"INSERT returned no ID", "snapshot", "", "", ""});
    return cursor->integer(0);
}

void set_entries(Transaction& tx, std::int64_t snapshot_id, std::span<const SnapshotRecord::Entry> entries,
                 const CommitStamp& stamp, std::string_view author) {
    static const Sql kInsert(
        R"(INSERT INTO "snapshotEntry" ("snapshotID", "state", "author", "namePattern", "place", "commitSeq",
"entryTime") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7))");
    for (const auto& entry : entries) {
        tx.execute(kInsert, {snapshot_id, std::string(kOpen), std::string(author), entry.pattern, entry.place,
                             entry.commit, stamp.entry_time});
    }
}

void freeze(Transaction& tx, const SnapshotRecord& snapshot, std::span<const std::string> digests,
            const CommitStamp& stamp, std::string_view author) {
    std::vector<SnapshotRecord::Entry> entries;
    for (const auto& digest : digests) entries.push_back({"*", std::string(kDigest) + digest, 0});
    set_entries(tx, snapshot.id, entries, stamp, author);
    tx.execute(
        Sql(R"(INSERT INTO "snapshot" ("name", "state", "author", "commitSeq", "entryTime") VALUES (?1, ?2, ?3, ?4, ?5))"),
        {snapshot.name, std::string(kFrozen), std::string(author), stamp.seq, stamp.entry_time});
}

}  // namespace etalon::index
