#pragma once
/// Registering structs and named references.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etalon/commit.h"
#include "etalon/reference.h"
#include "etalon/registration.h"
#include "evolution/rule_trace.h"
#include "index/commits.h"
#include "index/names.h"
#include "place/write_context.h"

namespace etalon::place {

/// A named reference as it is or will be.
struct NamePlan {
    index::NameRecord record;  ///< id 0: to be inserted
    StructPtr of_struct;
    bool new_policy = false;       ///< the policy row has to be written
    bool new_order = false;        ///< with another order of records: the timelines have to be made anew
    bool new_target = false;       ///< struct or axis change of a reference without records
    bool new_view = false;         ///< of an existing reference: its readable view comes, goes or changes
    std::optional<NameSpec> spec;  ///< what was asked for; none: an existing reference that is only used

    [[nodiscard]] bool writes() const noexcept { return record.id == 0 || new_policy || new_target; }
    /// A view that people may be reading goes: see backends::change_tables().
    [[nodiscard]] bool drops_view() const noexcept { return record.id != 0 && new_view && !record.view_name.empty(); }
};

/// Plans and writes the references of one transaction, at whose time nobody else writes any when it does: what several
/// need is read once, so that the work is linear in their number. Lives as long as the transaction; for one thread.
class NamePlanner {
public:
    NamePlanner(Place& db, backends::Transaction& tx);
    /// What a NameSpec comes to; throws Error(Unknown), (Refused) for struct or axis of a reference with records, or
    /// for columns that the struct cannot have. Writes nothing.
    [[nodiscard]] NamePlan plan(const NameSpec& spec);
    /// An existing reference, unchanged. Throws Error(Unknown).
    [[nodiscard]] NamePlan plan_existing(std::string_view name);
    /// Plans again under the commit lock, because another commit may have made or changed the reference meanwhile.
    /// Throws Error(Conflict), retryable, when it has another struct or axis now than the records were checked for.
    void renew(NamePlan& plan);
    /// Whether a reference has that name.
    [[nodiscard]] bool has(std::string_view name);
    /// Writes what is new. Fills in the ID.
    void apply(NamePlan& plan, const index::CommitStamp& stamp);
    /// Makes the readable views of all that was applied: once, behind the last of them, because what an engine knows of
    /// the relations is read again after each.
    void make_views();

private:
    /// A struct as it is now: another process may have recorded a schema version since it was read.
    StructPtr get_struct(std::int64_t id);
    StructPtr require_struct(const std::string& name);

    Place& db_;
    backends::Transaction& tx_;
    index::NameFinder names_;
    std::map<std::int64_t, StructPtr> structs_;
    std::map<std::string, StructPtr, std::less<>> structs_by_name_;
    std::map<std::int64_t, std::pair<index::NameRecord, StructPtr>> without_view_;  ///< applied, by ID
};
/// An existing reference, unchanged. Throws Error(Unknown).
[[nodiscard]] NamePlan plan_existing(Place& db, backends::Transaction& tx, std::string_view name);

/// The rules that hold for each definition of a registration, in the order of the definitions; null where there are
/// none.
using AppliedRules = std::vector<std::shared_ptr<const evolution::StructRules>>;
enum class Registering : std::uint8_t {
    New,        ///< what a user registers; a new struct gets a reference of its own name
    TakenOver,  ///< what another layer has: its references are there already, perhaps of another struct or on another
                ///< axis, and rules are copies of that layer's
};
/// Database::register_structs without the counts. Who commits, and whether it is a dry run, the context says, not the
/// options.
[[nodiscard]] RegisterReport register_definitions(Place& db, std::span<const StructDefinition> definitions,
                                                  const RegisterOptions& options, Registering kind,
                                                  const WriteContext& context, AppliedRules* applied = nullptr);
/// Database::define_name; 0 when nothing changes.
[[nodiscard]] std::int64_t define_reference(Place& db, const NameSpec& spec, const WriteContext& context);

/// What a commit takes away from readers for a moment: tables that get columns, views that are made anew.
struct LockedRelations {
    std::set<std::string> tables;
    std::set<std::string> views;
    [[nodiscard]] bool empty() const noexcept { return tables.empty() && views.empty(); }
};
/// Drops the views, which is their lock, and locks the tables; before the commit takes its number. SQLite: nothing to
/// do.
void lock_relations(backends::Transaction& tx, backends::TableLocks& locks, const LockedRelations& relations);

/// The same for the views of all references.
void lock_all_views(backends::Transaction& tx, backends::TableLocks& locks);

}  // namespace etalon::place
