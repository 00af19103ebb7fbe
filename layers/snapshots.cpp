#include "layers/snapshots.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/name_text.h"
#include "base/nearest.h"
#include "base/passwords.h"
#include "etalon/error.h"
#include "index/snapshots.h"
#include "layers/stack.h"

namespace etalon::layers {

using backends::PlaceKind;
using backends::TransactionMode;

namespace {

/// A snapshot has to live where commits are: memory is gone tomorrow.
place::Place& lasting_target(LayerStack& stack) {
    auto& place = stack.target();
    for (const auto& layer : stack.layers()) {
        if (layer.place.get() != &place || !layer.is_private()) continue;
        throw Error(ErrorCode::Refused, {"a named snapshot cannot be kept in memory", "database " + stack.name(),
                                         "an SQLite file or PostgreSQL to write to", place.connection().place(), ""});
    }
    return place;
}

[[noreturn]] void refuse_frozen(const index::SnapshotRecord& record, const std::string& database) {
    throw Error(ErrorCode::Refused,
                {"the snapshot is frozen", fmt::format("snapshot {} of database {}", record.name, database),
                 "an open one", "frozen", "make another snapshot; a frozen one is never opened again"});
}

/// The hash of a commit of a layer; empty where commits have none.
std::string hash_of(place::Place& place, std::int64_t commit) {
    return index::find_commit_hash(*place.connection().begin(TransactionMode::Read), commit);
}

std::optional<index::SnapshotRecord> find_here(place::Place& place, std::string_view name) {
    const auto tx = place.connection().begin(TransactionMode::Read);
    return index::find_snapshot(*tx, name);
}

}  // namespace

std::vector<SnapshotInfo> list_snapshots(LayerStack& stack) {
    std::vector<SnapshotInfo> infos;
    std::vector<index::SnapshotRecord> records;
    for (const auto& layer : stack.layers()) {
        if (layer.is_private()) continue;
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        for (auto& record : index::all_snapshots(*tx)) records.push_back(std::move(record));
    }
    for (const auto& record : records) {
        SnapshotInfo info;
        info.name = record.name;
        info.frozen = record.frozen;
        info.author = record.author;
        info.created = Time{record.entry_time};
        info.comment = record.comment;
        info.digests = record.digests;
        for (const auto& entry : record.entries) {
            std::string place = entry.place;
            for (const auto& layer : stack.layers()) {
                if (layer.uid == entry.place) place = layer.place->connection().place();
            }
            info.entries.push_back({entry.pattern, std::move(place), entry.commit, entry.hash});
        }
        infos.push_back(std::move(info));
    }
    return infos;
}

std::int64_t set_snapshot(LayerStack& stack, std::string_view name, const std::vector<AsOfPattern>& entries,
                          std::string_view comment, const place::WriteContext& context) {
    index::check_snapshot_name(name);
    check_free_text(comment, "comment");
    const auto shown_comment = without_passwords(comment);
    auto& place = lasting_target(stack);
    auto known = find_here(place, name);
    if (known && known->frozen) refuse_frozen(*known, stack.name());
    for (const auto& layer : stack.layers()) {
        if (known || layer.is_private() || layer.place.get() == &place || !find_here(*layer.place, name)) continue;
        throw Error(ErrorCode::Refused,
                    {"another layer has a snapshot of this name", fmt::format("snapshot {}", name), "a new name",
                     layer.place->connection().place(), "two of one name would hide each other"});
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        index::check_pattern(entries[i].pattern);
        check_free_text(entries[i].pattern, "pattern of names");
        if (without_passwords(entries[i].pattern) != entries[i].pattern) {
            throw Error(ErrorCode::BadInput, {"a pattern of names with what may be a password",
                                              fmt::format("snapshot {}", name), "names of references", "", ""});
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (entries[i].pattern != entries[j].pattern) continue;
            throw Error(ErrorCode::Usage, {"a pattern is given twice", fmt::format("snapshot {}", name),
                                           "each pattern once", entries[i].pattern, ""});
        }
    }
    // What the dates mean now, they mean for ever. A number of another snapshot is taken over pattern by pattern.
    std::vector<index::SnapshotRecord::Entry> made;
    const auto add_one = [&](const std::string& pattern, const AsOf& as_of) {
        std::string example = pattern;
        if (example.ends_with('*')) example.pop_back();
        const auto commits = stack.commits_of(example, {as_of, {}});
        for (std::size_t i = 0; i < stack.layers().size(); ++i) {
            if (!stack.layers()[i].is_private())
                made.push_back({pattern, stack.layers()[i].uid, commits.commits[i],
                                hash_of(*stack.layers()[i].place, commits.commits[i])});
        }
    };
    const auto add = [&](const std::string& pattern, const std::optional<AsOf>& as_of) {
        // Nothing given: the last visible commit, not the one of the day when the database was opened.
        add_one(pattern, as_of ? *as_of : AsOf(Time{kPlusInfinity}));
        const auto* other = as_of ? std::get_if<SnapshotName>(&*as_of) : nullptr;
        if (other == nullptr) return;
        // Another snapshot is taken over with all that it says of names within the pattern, unless that is given
        // itself.
        for (const auto& inner : stack.patterns_of(other->name)) {
            const bool within = inner != pattern && pattern.ends_with('*') &&
                                inner.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
            const bool is_given =
                std::any_of(entries.begin(), entries.end(), [&](const auto& one) { return one.pattern == inner; });
            if (within && !is_given) add_one(inner, *as_of);
        }
    };
    const bool has_all =
        std::any_of(entries.begin(), entries.end(), [](const auto& one) { return one.pattern == "*"; });
    if (!known && !has_all) add("*", std::nullopt);
    for (const auto& one : entries) add(one.pattern, one.as_of);
    if (made.empty()) {
        throw Error(ErrorCode::Usage, {"nothing to change", fmt::format("snapshot {}", name),
                                       "a pattern with what it is read as of", "none", "for example Cal*=2024-01-01"});
    }
    place::Commit commit(place, context);
    auto& tx = commit.tx();
    const auto& stamp = commit.take_number();
    known = index::find_snapshot(tx, name);
    if (known && known->frozen) refuse_frozen(*known, stack.name());
    const auto author = context.who().author;
    const auto id = known ? known->id : index::insert_snapshot(tx, name, stamp, author, shown_comment);
    index::set_entries(tx, id, name, made, stamp, author);
    return commit.finish();
}

std::int64_t freeze_snapshot(LayerStack& stack, std::string_view name, const place::WriteContext& context) {
    auto& place = lasting_target(stack);
    std::vector<std::string> digests;
    for (const auto& layer : stack.layers()) {
        if (layer.kind == PlaceKind::Csv) digests.push_back(layer.digest);
        if (layer.kind != PlaceKind::Memory) continue;
        throw Error(ErrorCode::Refused,
                    {"a snapshot over a layer in memory cannot be frozen", fmt::format("snapshot {}", name),
                     "layers that last", "memory:", "freeze it without that layer"});
    }
    place::Commit commit(place, context);
    auto& tx = commit.tx();
    const auto& stamp = commit.take_number();
    const auto known = index::find_snapshot(tx, name);
    if (!known) {
        std::vector<std::string> names;
        for (const auto& record : index::all_snapshots(tx)) names.push_back(record.name);
        throw Error(ErrorCode::Unknown, {"unknown snapshot", "database " + stack.name(), "a recorded snapshot",
                                         fmt::format("'{}'", name), did_you_mean(name, names)});
    }
    if (known->frozen) refuse_frozen(*known, stack.name());
    index::freeze(tx, *known, digests, stamp, context.who().author);
    return commit.finish();
}

}  // namespace etalon::layers
