#pragma once
/// Registering structs and named references. Callers hold the database's mutex.

#include <span>

#include "database/impl.h"
#include "index/commits.h"

namespace etalon::database {

/// A named reference as it is or will be.
struct NamePlan {
    index::NameRecord record;        ///< id 0: to be inserted
    StructPtr of_struct;
    bool new_policy = false;         ///< the policy row has to be written
    bool new_target = false;         ///< struct or axis change of a reference without records
};

/// What a NameSpec comes to; throws Error(Unknown), (Refused) for struct or axis of a reference with records, or for columns that the
/// struct cannot have. Writes nothing.
[[nodiscard]] NamePlan plan_name(detail::DatabaseImpl& db, backends::Transaction& tx, const NameSpec& spec);
/// An existing reference, unchanged. Throws Error(Unknown).
[[nodiscard]] NamePlan plan_existing(detail::DatabaseImpl& db, backends::Transaction& tx, std::string_view name);
/// Writes what is new, and the readable view. Fills in the ID.
void apply_name(detail::DatabaseImpl& db, backends::Transaction& tx, NamePlan& plan, const index::CommitStamp& stamp);

/// Database::register_structs.
[[nodiscard]] RegisterReport register_definitions(detail::DatabaseImpl& db,
                                                  std::span<const StructDefinition> definitions,
                                                  const RegisterOptions& options);
/// Database::define_name.
[[nodiscard]] std::int64_t define_reference(detail::DatabaseImpl& db, const NameSpec& spec, const CommitInfo& info);

}  // namespace etalon::database
