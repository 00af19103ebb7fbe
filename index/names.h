#pragma once
/// Named references and their policies.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/database.h"

namespace etalon::index {

/// A named reference with the policy that holds at a snapshot.
struct NameRecord {
    std::int64_t id = 0;
    std::string name;
    std::int64_t struct_id = 0;
    Axis axis = Axis::Time;
    std::string view_name;
    OrderPolicy policy = OrderPolicy::ByBegin;
    Storage storage = Storage::Columns;
    Coverage coverage;
    bool has_policy = false;               ///< false: created after the snapshot
};

/// The named reference as of a snapshot, or nothing.
[[nodiscard]] std::optional<NameRecord> find_name(backends::Transaction& tx, std::string_view name,
                                                  std::int64_t snapshot);
/// All of them, in order of name.
[[nodiscard]] std::vector<NameRecord> all_names(backends::Transaction& tx, std::int64_t snapshot);
/// Names similar to an unknown one, nearest first, at most three.
[[nodiscard]] std::vector<std::string> similar_names(backends::Transaction& tx, std::string_view name);

/// Inserts a named reference (without policy) and returns its ID.
std::int64_t insert_name(backends::Transaction& tx, const NameRecord& record, std::int64_t entry_time);
/// Appends a policy that holds from `commit` on.
void insert_policy(backends::Transaction& tx, const NameRecord& record, std::int64_t commit, std::int64_t entry_time);
/// Changes struct and axis of a named reference that has no records.
void change_name(backends::Transaction& tx, const NameRecord& record);
void set_view_name(backends::Transaction& tx, std::int64_t name_id, std::string_view view_name);
/// True when any interval record of the name exists.
[[nodiscard]] bool has_records(backends::Transaction& tx, std::int64_t name_id);


}  // namespace etalon::index
