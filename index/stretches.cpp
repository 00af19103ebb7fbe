// Stretches as pure values: checksums, the way from one commit to the next, the play of a whole history.

#include "index/stretches.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "base/digest.h"
#include "etalon/error.h"

namespace etalon::index {

namespace {

constexpr const char* kMend = "see 'etalon verify'; 'etalon verify --repair' makes timelines anew from their records";

bool same_winner(const std::optional<StretchRecord>& a, const std::optional<StretchRecord>& b) noexcept {
    return a.has_value() == b.has_value() && (!a || a->key.id == b->key.id);
}

}  // namespace

std::int64_t Stretch::checksum(std::int64_t name_id, std::int64_t element, std::string_view version) const noexcept {
    RowDigest digest("timeline");
    digest.add(name_id);
    digest.add(element);
    digest.add_text(version);
    digest.add(begin);
    digest.add(next);
    digest.add(from);
    digest.add(next_seq);
    digest.add(to);
    if (!record) {
        for (int i = 0; i < 9; ++i) digest.add_null();
        return digest.finish();
    }
    record->key.begin == begin ? digest.add_null() : digest.add(record->key.begin);
    digest.add(record->key.end);
    digest.add(record->count);
    digest.add(record->schema_id);
    digest.add(record->encoding);
    digest.add(record->num_rows);
    digest.add(record->data_id);
    digest.add(record->rows_checksum);
    digest.add(record->key.id);
    return digest.finish();
}

std::string stretch_columns(std::string_view alias, std::string_view to) {
    return fmt::format(R"({0}."beginTime", {0}."next", {0}."fromSeq", {0}."nextSeq", {1} AS "toSeq", {0}."recordBegin",
{0}."recordEnd", {0}."count", {0}."schemaID", {0}."encoding", {0}."numRows", {0}."dataID", {0}."rowsChecksum", {0}."recordID",
{0}."pointChecksum")",
                       alias, to);
}

Stretch read_stretch(const backends::Cursor& cursor, int first, std::int64_t name_id, std::int64_t element,
                     std::string_view version, bool proved, bool* is_whole) {
    enum Column {
        kBegin,
        kNext,
        kFrom,
        kNextSeq,
        kTo,
        kRecordBegin,
        kRecordEnd,
        kCount,
        kSchema,
        kEncoding,
        kRows,
        kData,
        kRowsChecksum,
        kRecord,
        kChecksum
    };
    std::array<std::int64_t, kStretchColumns> cells;  // NOLINT: filled by the cursor
    const auto nulls = cursor.read_integers(first, cells);
    const auto is_null = [&](Column column) { return (nulls >> column & 1U) != 0; };
    const auto find = [&](Column column) { return is_null(column) ? std::nullopt : std::optional(cells[column]); };
    Stretch stretch;
    stretch.begin = cells[kBegin];
    stretch.next = find(kNext);
    stretch.from = cells[kFrom];
    stretch.next_seq = find(kNextSeq);
    stretch.to = find(kTo);
    constexpr std::uint32_t kAlways = 1U << kBegin | 1U << kFrom;
    constexpr std::uint32_t kOfRecord = 1U << kCount | 1U << kSchema | 1U << kEncoding | 1U << kRows | 1U << kData;
    constexpr std::uint32_t kWinner = kOfRecord | 1U << kRecordBegin | 1U << kRecordEnd | 1U << kRowsChecksum;
    bool whole = (nulls & kAlways) == 0;
    // Without proof too: these say when it holds.
    if (!whole && is_whole == nullptr) {
        throw Error(ErrorCode::Corrupt, {"a stretch of a timeline has no begin",
                                         fmt::format("nameID {}, element {}, version {}", name_id, element, version),
                                         "a begin and the commit that it held from", "NULL", kMend});
    }
    if (!is_null(kRecord)) {
        StretchRecord record;
        record.key.id = cells[kRecord];
        const auto begin = find(kRecordBegin);
        record.key.begin = begin.value_or(stretch.begin);
        record.key.end = find(kRecordEnd);
        record.count = cells[kCount];
        record.schema_id = cells[kSchema];
        record.encoding = cells[kEncoding];
        record.num_rows = cells[kRows];
        record.data_id = cells[kData];
        record.rows_checksum = find(kRowsChecksum);
        // A begin that is the stretch's own is not stored, so that there is one way to write it.
        whole = whole && (nulls & kOfRecord) == 0 && begin != stretch.begin;
        stretch.record = record;
    } else {
        whole = whole && (nulls & kWinner) == kWinner;
    }
    if (!proved && is_whole == nullptr) return stretch;
    whole = whole && !is_null(kChecksum) && cells[kChecksum] == stretch.checksum(name_id, element, version);
    if (is_whole != nullptr) *is_whole = whole;
    if (whole || !proved) return stretch;
    throw Error(ErrorCode::Corrupt,
                {"a stretch of a timeline does not have its checksum",
                 fmt::format("nameID {}, element {}, version {}, begin {}", name_id, element, version, stretch.begin),
                 "the row as it was written", "changed cells", kMend});
}

bool decides(const Stretch& stretch, std::int64_t at, std::int64_t snapshot, std::string_view place) {
    if (!stretch.held_at(snapshot)) return false;
    const auto end = stretch.end_at(snapshot);
    if (!end || at < *end) return true;
    throw Error(ErrorCode::Corrupt, {"a stretch of a timeline is missing", std::string(place),
                                     fmt::format("one that begins at {}", *end), "none", kMend});
}

Tiling tile(std::span<const StretchRecord> records, OrderPolicy policy) {
    std::vector<RecordKey> keys;
    keys.reserve(records.size());
    for (const auto& record : records) keys.push_back(record.key);
    Tiling tiling;
    for (const auto& segment : timeline(Axis::Time, keys, policy)) {
        tiling.emplace(segment.interval.begin, segment.winner ? std::optional(records[*segment.winner]) : std::nullopt);
    }
    return tiling;
}

Tiling tile_more(const std::map<std::int64_t, Stretch>& before, std::span<const StretchRecord> added,
                 OrderPolicy policy) {
    std::map<std::int64_t, Timeline::Winner> points;
    std::map<std::int64_t, const StretchRecord*> by_id;
    for (const auto& [begin, stretch] : before) {
        points[begin] = stretch.record ? Timeline::Winner(stretch.record->key) : Timeline::Winner();
        if (stretch.record) by_id[stretch.record->key.id] = &*stretch.record;
    }
    Timeline timeline(std::move(points));
    for (const auto& record : added) {
        timeline.add(record.key, policy);
        by_id[record.key.id] = &record;
    }
    Tiling after;
    for (const auto& [begin, winner] : timeline.points()) {
        after.emplace(begin, winner ? std::optional(*by_id.at(winner->id)) : std::nullopt);
    }
    return after;
}

TimelineMove compute_move(const std::map<std::int64_t, Stretch>& before, const Tiling& after, std::int64_t commit) {
    TimelineMove move;
    const auto next_of = [&](Tiling::const_iterator here) {
        // Before this commit the next one of the stretch that had this begin; of those that are gone, the one behind.
        std::optional<std::int64_t> next;
        const auto had = before.upper_bound(here->first);
        if (had != before.begin()) next = std::prev(had)->second.next;
        while (next && !after.contains(*next)) {
            const auto gone = before.find(*next);
            if (gone == before.end()) break;
            next = gone->second.next;
        }
        const auto added = std::next(here);
        if (added != after.end() && !before.contains(added->first) && (!next || added->first < *next))
            next = added->first;
        return next;
    };
    auto old = before.begin();
    auto now = after.begin();
    const auto close = [&](const Stretch& stretch) {
        move.closed.push_back(stretch);
        move.closed.back().to = commit;
    };
    while (old != before.end() || now != after.end()) {
        if (now == after.end() || (old != before.end() && old->first < now->first)) {
            close((old++)->second);
            continue;
        }
        Stretch opened{now->first, next_of(now), commit, std::nullopt, std::nullopt, now->second};
        if (old == before.end() || now->first < old->first) {
            move.opened.push_back(std::move(opened));
            ++now;
            continue;
        }
        const auto& stretch = old->second;
        if (!same_winner(stretch.record, now->second)) {
            close(stretch);
            move.opened.push_back(std::move(opened));
        } else if (stretch.next != opened.next) {
            if (!stretch.next) {
                move.continued.push_back(stretch);
                move.continued.back().next = opened.next;
                move.continued.back().next_seq = commit;
            } else {
                close(stretch);
                opened.record = stretch.record;
                move.opened.push_back(std::move(opened));
            }
        }
        ++old;
        ++now;
    }
    return move;
}

namespace {

/// A timeline while its history is played, with what tells which stretches one more record touches.
class Player {
public:
    void add(std::span<const RecordLifetime> records, OrderPolicy policy, std::int64_t commit) {
        std::map<std::int64_t, Stretch> before;
        std::vector<StretchRecord> added;
        for (const auto& one : records) {
            gather(one.record.key, policy, before);
            added.push_back(one.record);
        }
        apply(compute_move(before, tile_more(before, added, policy), commit));
    }
    void sweep(std::span<const StretchRecord> live, OrderPolicy policy, std::int64_t commit) {
        apply(compute_move(whole_.now, tile(live, policy), commit));
    }
    [[nodiscard]] bool empty() const noexcept { return whole_.now.empty(); }
    [[nodiscard]] WholeTimeline finish() { return std::move(whole_); }

private:
    void take(std::map<std::int64_t, Stretch>::const_iterator stretch, std::map<std::int64_t, Stretch>& before) {
        before.insert(*stretch);
        if (stretch != whole_.now.begin()) before.insert(*std::prev(stretch));
    }
    [[nodiscard]] std::map<std::int64_t, Stretch>::const_iterator around(std::int64_t at) const {
        return std::prev(whole_.now.upper_bound(at));
    }

    /// What Timeline::add needs.
    void gather(const RecordKey& record, OrderPolicy policy, std::map<std::int64_t, Stretch>& before) {
        const auto end = record.end.value_or(kPlusInfinity);
        take(around(record.begin), before);
        take(around(end), before);
        if (policy == OrderPolicy::ByCreation) {
            for (auto at = around(record.begin); at != whole_.now.end() && at->first <= end; ++at) take(at, before);
            return;
        }
        // What begins later beats it, so only gaps and resumed stretches are in question.
        for (auto soft = soft_.lower_bound(record.begin); soft != soft_.end() && *soft <= end;) {
            const auto at = whole_.now.find(*soft);
            take(at, before);
            const auto& winner = at->second.record;
            const auto behind =
                winner && winner->key.begin > record.begin && winner->key.end ? *winner->key.end : *soft + 1;
            if (winner && winner->key.begin > record.begin && !winner->key.end) break;
            if (*soft == kPlusInfinity) break;
            soft = soft_.lower_bound(std::max(behind, *soft + 1));
        }
    }

    void apply(TimelineMove move) {
        for (auto& stretch : move.closed) {
            whole_.now.erase(stretch.begin);
            soft_.erase(stretch.begin);
            whole_.past.push_back(std::move(stretch));
        }
        for (auto* list : {&move.opened, &move.continued}) {
            for (auto& stretch : *list) {
                if (!stretch.record || stretch.record->key.begin != stretch.begin) soft_.insert(stretch.begin);
                whole_.now.insert_or_assign(stretch.begin, std::move(stretch));
            }
        }
    }

    WholeTimeline whole_;
    std::set<std::int64_t> soft_;  ///< begins of gaps and of stretches that begin later than their record
};

}  // namespace

WholeTimeline play_timeline(std::vector<RecordLifetime> records, const std::map<std::int64_t, OrderPolicy>& policies) {
    std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
        return std::tie(a.record.key.commit, a.record.key.id) < std::tie(b.record.key.commit, b.record.key.id);
    });
    std::map<std::int64_t, bool> commits;  // whether everything has to be swept again
    for (const auto& one : records) {
        commits.try_emplace(one.record.key.commit, false);
        if (one.retired) commits[*one.retired] = true;
    }
    for (const auto& [commit, policy] : policies) commits[commit] = true;
    Player player;
    std::size_t next = 0;
    for (const auto& [commit, everything] : commits) {
        const auto held = policies.upper_bound(commit);
        if (held == policies.begin()) {
            throw Error(ErrorCode::Corrupt, {"a record of a named reference that had no policy yet", "",
                                             fmt::format("a policy at or before commit {}", commit), "none", kMend});
        }
        const auto policy = std::prev(held)->second;
        const std::size_t first = next;
        while (next < records.size() && records[next].record.key.commit == commit) ++next;
        if (next == 0) continue;  // policies before the first record
        if (everything || player.empty()) {
            std::vector<StretchRecord> live;
            for (std::size_t i = 0; i < next; ++i) {
                if (!records[i].retired || *records[i].retired > commit) live.push_back(records[i].record);
            }
            player.sweep(live, policy, commit);
        } else {
            player.add(std::span(records).subspan(first, next - first), policy, commit);
        }
    }
    return player.finish();
}

}  // namespace etalon::index
