#pragma once
/// Tables, views, triggers and rights as the engine's own catalog has them, and what changes these as wholes.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"

namespace etalon::backends {

/// `table`, `view`, or nothing when there is neither of that exact name.
[[nodiscard]] std::optional<std::string> find_relation_kind(Transaction& tx, const std::string& name);
/// The columns of a table; empty when it is not there.
[[nodiscard]] std::set<std::string> read_column_names(Transaction& tx, const std::string& table);

/// A trigger on a table.
struct TriggerInfo {
    std::string table;
    std::string name;
    bool enabled = true;  ///< SQLite cannot switch one off
};
/// All of the place, in any order; without those that an engine makes for itself.
[[nodiscard]] std::vector<TriggerInfo> read_triggers(Transaction& tx);
void drop_triggers(Transaction& tx, const std::string& table);

/// True when trigger functions of the place look up names by the search path of whoever writes (an older etalon made
/// them) and this role may make them anew. PostgreSQL; false in SQLite.
[[nodiscard]] bool has_old_trigger_functions(Transaction& tx);

/// What somebody who is not the owner may do with a table or view (PostgreSQL).
struct Grant {
    std::string relation;
    std::string grantee;  ///< `PUBLIC`: everybody
    std::string privilege;
};
/// All of the place; none in SQLite.
[[nodiscard]] std::vector<Grant> read_grants(Transaction& tx);
/// Gives it again; the relation has to be there.
void give_grant(Transaction& tx, const Grant& grant);

void rename_table(Transaction& tx, const std::string& table, const std::string& new_name);
/// Throws when there is none of that name.
void drop_table(Transaction& tx, const std::string& table);
void drop_index_if_exists(Transaction& tx, const std::string& index);
/// PostgreSQL: IDs that a table gives by itself go on behind `last`. SQLite does that anyway.
void continue_ids(Transaction& tx, std::string_view table, std::string_view id, std::int64_t last);

}  // namespace etalon::backends
