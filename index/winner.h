#pragma once
/// Which record wins, and for how long: the rule of docs/validity.md as index probes into the timelines
/// (index/timeline.h), which are points in format 1 and proved stretches (index/stretches.h) in format 2.
///
/// One version's timeline is a partition of the axis, so one probe gives the stretch around a position: its record or
/// the gap, with exact bounds. A chain asks its members by rank: the first with a record wins, trimmed by the gaps of
/// those above. Members of equal rank are compared record by record. docs/validity.md derives it.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/interval.h"
#include "etalon/reference.h"
#include "index/chain.h"
#include "index/names.h"
#include "index/stretches.h"

namespace etalon::index {

/// An interval record that won.
struct WinnerRecord {
    std::int64_t id = 0;
    std::int64_t schema_id = 0;
    std::string version;
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::int64_t creation_time = 0;
    std::int64_t commit = 0;
    std::int64_t entry_time = 0;
    std::int64_t num_rows = 0;
    std::int64_t data_id = 0;  ///< 0: a hole
    std::array<std::byte, 16> uid{};
    // Format 2. What a stretch does not say (creation_time, commit, entry_time, uid) is read by id when it is asked
    // for.
    bool stretched = false;
    std::int64_t encoding = 0;  ///< Storage as a number
    std::optional<std::int64_t> rows_checksum;
};

/// The winner and its effective interval; without a winner, the interval of the gap.
struct WinnerAnswer {
    std::optional<WinnerRecord> record;
    Interval validity;
};

/// Names of the winner's columns in the order that read_record expects; all point and set queries begin with them.
inline constexpr int kWinnerColumnCount = 11;
/// Format 1. Columns of a stretch: the winner's, its begin, its end, and whether the timeline has changed since the
/// snapshot.
inline constexpr int kPointColumnCount = kWinnerColumnCount + 3;

/// Format 1: how far back a stretch statement looks.
enum class Reach : std::uint8_t {
    Newest,   ///< only points that hold still: right unless the answer says `changed`, and then it may have visited
              ///< later points far from the position; for a snapshot that is probably the newest
    Any,      ///< also points that later commits closed: right as of every snapshot
    Guarded,  ///< as Newest, but looks at nothing when the timeline has changed; a little slower
};

/// Which stretch: one version of one element of one name, as of a snapshot. Parameters ?1 to ?5 of stretch statements.
struct StretchKey {
    std::int64_t name_id = 0;
    std::int64_t element = 0;
    std::int64_t at = 0;
    std::int64_t snapshot = 0;
    std::string_view version;
};
void bind(std::vector<backends::Value>& out, const StretchKey& key);

/// Format 1: the stretch of a key with what is joined to it: `columns` and `joins` (each with its ` LEFT JOIN`) may
/// name the winner's row of dataIndex `w`. Columns: kPointColumnCount of the stretch, then those. Where `first_row` (a
/// condition) does not hold, the bounds may be NULL: they need not be looked for again in every row that is joined.
[[nodiscard]] std::string point_joined_sql(backends::Engine engine, Reach reach, std::string_view first_row,
                                           std::string_view columns, std::string_view joins);

/// Format 1: the answer of one version, and whether it has to be asked again with Reach::Any.
struct PointStretch {
    WinnerAnswer answer;
    bool changed = false;
};
/// Reads the current row of a cursor whose first columns are those of a stretch.
[[nodiscard]] PointStretch read_point_stretch(const backends::Cursor& cursor, Axis axis);
/// The stretch without rows, in one statement (two when the timeline has changed since).
[[nodiscard]] WinnerAnswer find_stretch(backends::Transaction& tx, const StretchKey& key, Axis axis);

/// Format 2: what a stretch answers as of a snapshot. None: an unbounded gap.
[[nodiscard]] WinnerAnswer answer_of(const std::optional<Stretch>& stretch, Axis axis, std::int64_t snapshot,
                                     std::string_view version);
/// Format 2: the stretches of many members of chains in one statement (PostgreSQL). Parameters ?1 snapshot, ?2 ... ?6
/// lists: index of the question, name, element, position, version. Columns: that index, stretch_columns(), and whether
/// there is no stretch although there are records; one row a member, in any order.
[[nodiscard]] std::string stretch_set_sql();
/// The same with what is joined to the stretches: `columns` and `joins` (each with its ` LEFT JOIN`) may name a row
/// `w`, which has, beside the columns of the stretch, `ofStruct`, `nth` (the how manieth of its struct and schema
/// version) and `recordID`. ?7 a list: the structs, by index of the question. Columns: index, stretch, lost, those of
/// `columns`.
[[nodiscard]] std::string stretch_set_joined_sql(std::string_view columns, std::string_view joins);
inline constexpr int kStretchSetParameterCount = 7;
/// The nearest stretches alone, in the same columns but for `lost`, which the caller finds to have held or not: lists
/// ?1 ord, ?2 name, ?3 element, ?4 position, ?5 version. PostgreSQL only.
[[nodiscard]] std::string nearest_set_sql();
/// The same with what is joined to each, which may name it `t`.
[[nodiscard]] std::string nearest_set_joined_sql(std::string_view columns, std::string_view joins);

/// The winner among members of equal rank (`sim+default`) and its interval. Beyond one probe a member the cost is
/// linear in the losing stretches that touch the interval.
[[nodiscard]] WinnerAnswer find_among_equals(backends::Transaction& tx, const NameRecord& name, std::int64_t element,
                                             const std::vector<std::string>& versions, std::int64_t at,
                                             std::int64_t snapshot);
/// The winner of a whole chain; what the statements above come to. `key.version` is not used.
[[nodiscard]] WinnerAnswer find_winner(backends::Transaction& tx, const NameRecord& name, std::int64_t element,
                                       const VersionChain& chain, std::int64_t at, std::int64_t snapshot);
/// A baseLine read: the first record in the order of the policy, whatever its interval; validity is the whole axis.
/// Linear in the records of the element.
[[nodiscard]] WinnerAnswer find_any_position(backends::Transaction& tx, const NameRecord& name, std::int64_t element,
                                             const VersionChain& chain, std::int64_t snapshot);

/// One question of a set: many names and elements at once (PostgreSQL).
struct SetKey {
    std::int64_t name_id = 0;
    std::int64_t element = 0;
    std::int64_t at = 0;
    Axis axis = Axis::Time;
    OrderPolicy policy = OrderPolicy::ByBegin;
    bool any_position = false;  ///< a baseLine read
    const VersionChain* chain = nullptr;
};

/// Format 1: what the keys of a set need of its statement; a statement for more than that gives the same answers,
/// slower.
enum SetMode : unsigned {
    kSetStretch = 1,  ///< keys that are asked at a position
    kSetEquals = 2,   ///< chains with members of equal rank
    kSetBase = 4,     ///< baseLine reads
    kAllSetModes = 7,
};
[[nodiscard]] unsigned set_modes(std::span<const SetKey> keys) noexcept;

/// Format 1: values of set_query_sql() for those keys.
[[nodiscard]] std::vector<backends::Value> bind_set(std::span<const SetKey> keys, std::int64_t snapshot);
/// Format 1: one statement that answers all keys: columns `ord` (index of the key), the winner's columns, `from`, `to`;
/// one row a key, in any order. PostgreSQL only (unnest and LATERAL). `modes`: at least set_modes(keys).
[[nodiscard]] const std::string& set_query_sql(unsigned modes = kAllSetModes);
inline constexpr int kSetParameterCount = 9;
inline constexpr int kSetColumnCount = 1 + kWinnerColumnCount + 2;
/// The columns of the index and of the payload's ID among them.
inline constexpr int kSetOrd = 0;
inline constexpr int kSetDataId = 10;
/// Reads the current row.
[[nodiscard]] WinnerAnswer read_set_row(const backends::Cursor& cursor, const SetKey& key);

namespace stretches {
/// find_among_equals and find_any_position in format 2.
[[nodiscard]] WinnerAnswer find_among_equals(backends::Transaction& tx, const NameRecord& name, std::int64_t element,
                                             const std::vector<std::string>& versions, std::int64_t at,
                                             std::int64_t snapshot);
[[nodiscard]] WinnerAnswer find_any_position(backends::Transaction& tx, const NameRecord& name, std::int64_t element,
                                             const VersionChain& chain, std::int64_t snapshot);
}  // namespace stretches

}  // namespace etalon::index
