#pragma once
/// Stretches: the timelines of format 2. Of every (name, element, version) that has a record, the stretches that held
/// at one commit tile the axis: the first begins at minus infinity, each ends where the next one begins. A stretch says
/// all that a read needs of the record that wins in it, and has a checksum, so that what is missing or changed is
/// noticed.
///
/// All of it is derived from dataIndex, namedRefPolicy and payload, is written in the commit that changes those, and
/// can be made again. Pure but for what takes a transaction.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/interval.h"
#include "etalon/reference.h"
#include "index/timeline.h"

namespace etalon::index {

/// What a stretch says of its winner.
struct StretchRecord {
    RecordKey key;               ///< creation_time and commit only where records are read
    std::int64_t count = 0;      ///< position in its commit
    std::int64_t schema_id = 0;  ///< 0: a hole
    std::int64_t encoding = 0;   ///< Storage as a number; 0: a hole
    std::int64_t num_rows = 0;
    std::int64_t data_id = 0;                   ///< 0: a hole
    std::optional<std::int64_t> rows_checksum;  ///< none: a hole, or a payload that failed its hash
};

/// A row of `timeline` or `timelinePast` without its key.
struct Stretch {
    std::int64_t begin = 0;
    std::optional<std::int64_t> next;  ///< where the next one begins; none: nowhere, which is not plus infinity
    std::int64_t from = 0;             ///< the commit since which it holds
    std::optional<std::int64_t>
        next_seq;                    ///< the commit since which `next` holds: before, it had none. None: since `from`
    std::optional<std::int64_t> to;  ///< the commit since which it holds no more; none: it holds
    std::optional<StretchRecord> record;  ///< none: a gap

    [[nodiscard]] bool held_at(std::int64_t snapshot) const noexcept {
        return from <= snapshot && (!to || *to > snapshot);
    }
    /// Where it ended as of a snapshot.
    [[nodiscard]] std::optional<std::int64_t> end_at(std::int64_t snapshot) const noexcept {
        return next_seq && *next_seq > snapshot ? std::nullopt : next;
    }
    [[nodiscard]] std::int64_t checksum(const TimelineKey& key) const noexcept {
        return checksum(key.name_id, key.element, key.version);
    }
    [[nodiscard]] std::int64_t checksum(std::int64_t name_id, std::int64_t element,
                                        std::string_view version) const noexcept;
};

/// Columns of `timeline` behind an alias, as read_stretch reads them; `to` is an expression for toSeq (`NULL` of
/// `timeline`).
[[nodiscard]] std::string stretch_columns(std::string_view alias, std::string_view to);
inline constexpr int kStretchColumns = 15;
/// Reads a stretch of that key from column `first` on. With `proved` it must have its checksum: Error(Corrupt). `whole`
/// is told whether it has.
[[nodiscard]] Stretch read_stretch(const backends::Cursor& cursor, int first, std::int64_t name_id,
                                   std::int64_t element, std::string_view version, bool proved, bool* whole = nullptr);
/// True when the stretch, the nearest in `timeline` that begins at or before the position, is the answer as of the
/// snapshot. False: an earlier state has to be looked for. Throws Error(Corrupt) when it ends before the position
/// although it held.
[[nodiscard]] bool decides(const Stretch& stretch, std::int64_t at, std::int64_t snapshot, std::string_view place);

/// Which stretch of which timeline.
struct StretchQuestion {
    std::int64_t name_id = 0;
    std::int64_t element = 0;
    std::string_view version;
    std::int64_t at = 0;
    std::int64_t snapshot = 0;
    bool proved = true;
};
/// ?1 name, ?2 element, ?3 version, ?4 position: the nearest stretch in `timeline`, `SELECT stretch_columns("x",
/// "NULL") ...`.
[[nodiscard]] std::string nearest_sql();
/// The same with what is joined to it: `columns` and `joins` (each with its ` LEFT JOIN`) may name it `t`. In SQLite
/// the stretches before it follow, so that no temporary table is made: the reader stops at the first.
[[nodiscard]] std::string nearest_joined_sql(backends::Engine engine, std::string_view columns, std::string_view joins);
/// The stretch that held at the snapshot and has the position. None: the timeline had no record yet, which is proved.
[[nodiscard]] std::optional<Stretch> find_held(backends::Transaction& tx, const StretchQuestion& question);
/// The same, when the nearest in `timeline` does not decide.
[[nodiscard]] std::optional<Stretch> find_held_before(backends::Transaction& tx, const StretchQuestion& question);
/// From a stretch that held on to its neighbours on one side, one after the other, until `visit` returns false or the
/// axis ends; that each follows the other is proved.
void walk_held(backends::Transaction& tx, const StretchQuestion& question, const Stretch& from, bool upwards,
               const std::function<bool(const Stretch&)>& visit);
/// All that held at the snapshot and touch [question.at, to), in order; they tile it. Empty as find_held.
[[nodiscard]] std::vector<Stretch> held_between(backends::Transaction& tx, const StretchQuestion& question,
                                                std::optional<std::int64_t> to);

/// What one commit does to a timeline.
struct TimelineMove {
    std::vector<Stretch> closed;  ///< with `to`
    std::vector<Stretch> opened;
    std::vector<Stretch> continued;  ///< the last one, which got its first successor: the same row with `next`
};
/// Winners from their begins on; none: a gap.
using Tiling = std::map<std::int64_t, std::optional<StretchRecord>>;
/// The whole axis, from records that are not retired.
[[nodiscard]] Tiling tile(std::span<const StretchRecord> records, OrderPolicy policy);
/// What stretches that hold become with more records; `before` has what Timeline::add needs of them.
[[nodiscard]] Tiling tile_more(const std::map<std::int64_t, Stretch>& before, std::span<const StretchRecord> added,
                               OrderPolicy policy);
/// The way from the stretches that hold to a tiling. Both may leave out what does not change, but for the stretch
/// before each that does and the one that has each new begin.
[[nodiscard]] TimelineMove compute_move(const std::map<std::int64_t, Stretch>& before, const Tiling& after,
                                        std::int64_t commit);

/// A record with the commit that retired it.
struct RecordLifetime {
    StretchRecord record;
    std::optional<std::int64_t> retired;
};
/// A timeline over all commits.
struct WholeTimeline {
    std::map<std::int64_t, Stretch> now;
    std::vector<Stretch> past;
};
/// Plays the history of one timeline. `policies`: commit -> policy from there on; not empty.
[[nodiscard]] WholeTimeline play_timeline(std::vector<RecordLifetime> records,
                                          const std::map<std::int64_t, OrderPolicy>& policies);

/// The key of one record, checked; throws Error(Corrupt) when it is missing.
[[nodiscard]] RecordKey read_record_key(backends::Transaction& tx, std::int64_t id);
/// The keys of the records of a timeline, by ID; all rows checked. Linear in the records.
[[nodiscard]] std::map<std::int64_t, RecordKey> read_record_keys(backends::Transaction& tx, const TimelineKey& key);
/// Reads all records of a name with all that their stretches say of them, by timeline, and the policies of the name.
/// Checks every row and that none is missing.
struct NameHistory {
    std::map<TimelineKey, std::vector<RecordLifetime>> records;
    std::map<std::int64_t, OrderPolicy> policies;
};
[[nodiscard]] NameHistory read_name_history(backends::Transaction& tx, std::int64_t name_id);
/// The stretches as they are stored, by timeline; unproved ones too (`sound`: whether every checksum is right).
struct StoredTimeline {
    WholeTimeline whole;
    bool sound = true;
};
[[nodiscard]] std::map<TimelineKey, StoredTimeline> read_stored_timelines(backends::Transaction& tx,
                                                                          std::int64_t name_id);
/// Replaces the stretches of a name by those that its records give.
void rebuild_timelines(backends::Transaction& tx, std::int64_t name_id);

}  // namespace etalon::index
