#pragma once
/// What a database records of structs, references and snapshots, as JSON and records.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "etalon/definition.h"
#include "etalon/reference.h"
#include "etalon/registration.h"
#include "etalon/snapshot.h"
#include "etalon/view.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// Structs: name, current schema version, how many, size, elements, storage, and how many of `names` are of it.
[[nodiscard]] Table struct_table(std::span<const StructInfo> structs, std::span<const NameInfo> names);
/// Named references: name, struct, axis, policy, storage, coverage, view, records.
[[nodiscard]] Table name_table(std::span<const NameInfo> names);

/// SQL views: name, reference, kind (`standard`, `answer`), shows.
[[nodiscard]] Table view_table(std::span<const ViewInfo> views);

/// A definition as a JSON object without line end; `schema` is its schema version.
[[nodiscard]] std::string to_json(const StructDefinition& definition, std::int64_t schema);
/// Its elements: name, type, dims, offset, unit, default, enumerators, key, limits, renamedFrom, comment.
[[nodiscard]] Table element_table(const StructDefinition& definition);

/// Named snapshots of a database: name, state, author, created, patterns, database, comment.
[[nodiscard]] Table snapshot_table(std::span<const SnapshotInfo> snapshots, std::string_view database);
/// What one says, pattern by pattern and place by place.
[[nodiscard]] Table snapshot_entry_table(const SnapshotInfo& snapshot, std::string_view database);

}  // namespace etalon::interchange
