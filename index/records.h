#pragma once
/// Interval records: writing them, and listing them.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/history.h"
#include "etalon/interval.h"
#include "etalon/reference.h"
#include "index/commits.h"
#include "index/timeline.h"

namespace etalon::index {

/// One interval record to be written.
struct NewRecord {
    std::int64_t name_id = 0;
    std::int64_t schema_id = 0;  ///< 0 for a hole
    std::string version;
    std::int64_t element = 0;
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::optional<std::int64_t> created;
    std::int64_t num_rows = 0;
    std::int64_t data_id = 0;                   ///< 0 for a hole
    std::array<std::byte, 16> uid = {};         ///< all zero: a new one is made
    std::int64_t encoding = 0;                  ///< Storage as a number; 0 for a hole
    std::optional<std::int64_t> rows_checksum;  ///< store/row_proof.h
    // For the item of the commit (base/commit_items.h).
    std::string name;
    std::span<const std::byte> definition_hash;  ///< empty for a hole
    std::span<const std::byte> content_hash;     ///< likewise
};

/// The item of a commit that wrote a record.
struct RecordItem {
    std::string_view name;
    std::string_view version;
    std::int64_t element = 0;
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::int64_t created = 0;
    std::int64_t count = 0;
    std::int64_t num_rows = 0;
    std::span<const std::byte> definition_hash;
    std::span<const std::byte> content_hash;
    std::span<const std::byte> uid;
};
[[nodiscard]] Bytes record_item(const RecordItem& record);
/// The item of a commit that retired one.
[[nodiscard]] Bytes retirement_item(std::span<const std::byte> uid);

/// Calls `add(commit, item)` for the records that all commits wrote, commit after commit in the order of the records'
/// IDs. `log` is commitLog, or a table with its columns commitSeq and entryTime. Linear in the records, a page of them
/// at a time.
void visit_record_items(backends::Transaction& tx, const std::string& log,
                        const std::function<void(std::int64_t commit, Bytes item)>& add);
/// The same for those that all commits retired, in any order.
void visit_retirement_items(backends::Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add);

/// How many records there are. Linear in them.
[[nodiscard]] std::uint64_t count_records(backends::Transaction& tx);
/// Those of a name that a snapshot sees, retired ones too.
[[nodiscard]] std::int64_t count_records(backends::Transaction& tx, std::int64_t name_id, std::int64_t snapshot);

/// Format 2: throws Error(Corrupt) unless every record of a name has its checksum and none is missing. Linear in the
/// records of the name. Nothing in format 1.
void prove_records(backends::Transaction& tx, std::int64_t name_id);
/// FROM clause of records under the alias `d` with all columns of docs/storage_format.md: in format 2 the view that
/// adds the times of the commit.
[[nodiscard]] std::string_view records_relation(const backends::Transaction& tx) noexcept;

/// Writes the records of one commit, in order, and notes what their timelines need; `policies` by name. begin < end is
/// the caller's check.
void write_records(backends::Transaction& tx, const CommitStamp& stamp, std::span<const NewRecord> records,
                   const std::map<std::int64_t, OrderPolicy>& policies);

/// True when the name has a record of that version, retired or not.
[[nodiscard]] bool has_version(backends::Transaction& tx, std::int64_t name_id, std::string_view version);

/// Records of a name, in order of element, version, begin, commit. For more see index/history.h.
struct HistoryFilter {
    std::int64_t name_id = 0;
    Axis axis = Axis::Time;
    std::string version;                  ///< empty: all
    std::optional<std::int64_t> element;  ///< empty: all
    std::int64_t snapshot = 0;
    std::uint64_t limit = 0;  ///< 0: all
};
[[nodiscard]] std::vector<HistoryRecord> read_history(backends::Transaction& tx, const HistoryFilter& filter);

}  // namespace etalon::index
