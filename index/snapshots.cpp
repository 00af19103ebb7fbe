#include "index/snapshots.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "backends/proof.h"
#include "base/name_text.h"
#include "etalon/error.h"
#include "index/draft.h"
#include "index/tables.h"

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
    const auto bad = std::find_if_not(name.begin(), name.end(), [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    if (bad == name.end() && !name.empty() && is_letter(name.front()) && name != "inf")
        return check_name_text(name, "snapshot");
    const auto at = bad == name.end() ? std::size_t{0} : static_cast<std::size_t>(bad - name.begin());
    throw Error(ErrorCode::BadInput,
                {"bad name of a snapshot", fmt::format("'{}'", name), "a letter, then letters, digits, '_', '-' or '.'",
                 name.empty() ? "an empty name" : describe_character(name, at),
                 "a name must not look like a commit number or a time"});
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
    static const Sql kHashedEntries(
        R"(SELECT "snapshotID", "namePattern", "place", "commitSeq", "comment", "commitHash" FROM "snapshotEntry"
ORDER BY "ID")");
    std::map<std::string, SnapshotRecord> by_name;
    std::map<std::int64_t, SnapshotRecord*> by_id;
    const bool proved = backends::is_proved(tx);
    if (proved) {
        auto found = backends::sum_rows(tx, snapshot_table());
        const auto entries = backends::sum_rows(tx, snapshot_entry_table());
        found.count += entries.count;
        found.sum += entries.sum;
        backends::check_set(found, backends::read_set_proof(tx, backends::SetKind::Snapshots, 0),
                            backends::SetKind::Snapshots, "");
    }
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
    const auto cursor = tx.query(proved ? kHashedEntries : kEntries, {});
    while (cursor->next()) {
        if (!by_id.contains(cursor->integer(0))) {
            throw Error(ErrorCode::Corrupt,
                        {"an entry of a snapshot that is not there", "table snapshotEntry",
                         fmt::format("a snapshot with ID {}", cursor->integer(0)), "none", "see 'etalon verify'"});
        }
        auto& entries = by_id.at(cursor->integer(0))->entries;
        const std::string hash(proved && !cursor->is_null(5) ? cursor->text(5) : std::string_view());
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
            entries.push_back({pattern, place, cursor->integer(3), hash});
        } else {
            known->commit = cursor->integer(3);
            known->hash = hash;
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

namespace {

void insert_row(Transaction& tx, const backends::ProvedTable& table, std::initializer_list<backends::Value> cells) {
    backends::insert_into_set(tx, table, backends::SetKind::Snapshots, 0, cells);
}

}  // namespace

Bytes snapshot_item(std::string_view name, std::string_view author, std::string_view comment) {
    return ItemBuilder(ItemKind::Snapshot).text(name).text(author).text(comment).finish();
}
Bytes snapshot_entry_item(std::string_view name, const SnapshotRecord::Entry& entry) {
    return ItemBuilder(ItemKind::SnapshotEntry)
        .text(name)
        .text(entry.pattern)
        .text(entry.place)
        .number(entry.commit)
        .text(entry.hash)
        .finish();
}
Bytes frozen_item(std::string_view name) {
    return ItemBuilder(ItemKind::FrozenSnapshot).text(name).finish();
}

std::int64_t insert_snapshot(Transaction& tx, std::string_view name, const CommitStamp& stamp, std::string_view author,
                             std::string_view comment) {
    const auto id = snapshot_table().next_id(tx);
    insert_row(tx, snapshot_table(),
               {id, std::string(name), std::string(kOpen), std::string(author), backends::Value{}, backends::Value{},
                stamp.seq, stamp.entry_time, std::string(comment)});
    stamp.draft->items.push_back(snapshot_item(name, author, comment));
    return id;
}

void set_entries(Transaction& tx, std::int64_t snapshot_id, std::string_view name,
                 std::span<const SnapshotRecord::Entry> entries, const CommitStamp& stamp, std::string_view author) {
    for (const auto& entry : entries) {
        insert_row(
            tx, snapshot_entry_table(),
            {snapshot_entry_table().next_id(tx), snapshot_id, std::string(kOpen), std::string(author), entry.pattern,
             entry.place, entry.commit, entry.hash.empty() ? backends::Value{} : backends::Value{entry.hash},
             stamp.entry_time, backends::Value{}});
        stamp.draft->items.push_back(snapshot_entry_item(name, entry));
    }
}

void freeze(Transaction& tx, const SnapshotRecord& snapshot, std::span<const std::string> digests,
            const CommitStamp& stamp, std::string_view author) {
    std::vector<SnapshotRecord::Entry> entries;
    for (const auto& digest : digests) entries.push_back({"*", std::string(kDigest) + digest, 0, {}});
    set_entries(tx, snapshot.id, snapshot.name, entries, stamp, author);
    insert_row(tx, snapshot_table(),
               {snapshot_table().next_id(tx), snapshot.name, std::string(kFrozen), std::string(author),
                backends::Value{}, backends::Value{}, stamp.seq, stamp.entry_time, backends::Value{}});
    stamp.draft->items.push_back(frozen_item(snapshot.name));
}

void visit_snapshot_items(Transaction& tx, const std::string& log,
                          const std::function<void(std::int64_t commit, Bytes item)>& add) {
    const auto text = [](const backends::Cursor& cursor, int column) {
        return cursor.is_null(column) ? std::string() : std::string(cursor.text(column));
    };
    {
        const auto cursor =
            tx.query(Sql(R"(SELECT "commitSeq", "state", "name", "author", "comment" FROM "snapshot")"), {});
        while (cursor->next()) {
            add(cursor->integer(0), cursor->text(1) == "frozen"
                                        ? frozen_item(cursor->text(2))
                                        : snapshot_item(cursor->text(2), text(*cursor, 3), text(*cursor, 4)));
        }
    }
    const auto cursor =
        tx.query(Sql(fmt::format(R"(SELECT c."commitSeq", s."name", e."namePattern", e."place", e."commitSeq",
e."commitHash" FROM "snapshotEntry" e JOIN "snapshot" s ON s."ID" = e."snapshotID" JOIN "{}" c ON c."entryTime" = e."entryTime")",
                                 log)),
                 {});
    while (cursor->next()) {
        add(cursor->integer(0), snapshot_entry_item(cursor->text(1), {text(*cursor, 2), text(*cursor, 3),
                                                                      cursor->integer(4), text(*cursor, 5)}));
    }
}

}  // namespace etalon::index
