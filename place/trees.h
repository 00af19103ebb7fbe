#pragma once
/// Configuration trees of one place: writing them, and reading one with what its references are.

#include <cstdint>
#include <span>
#include <string_view>

#include "etalon/commit.h"
#include "etalon/tree.h"
#include "place/write_context.h"

namespace etalon::place {

/// Adds nodes in one commit; returns its number, 0 when nothing changes. Opens the transaction itself.
[[nodiscard]] std::int64_t write_tree(Place& db, std::span<const NodeSpec> nodes, const WriteContext& context,
                                      OnExisting on_existing = OnExisting::Replace);
/// Database::remove_nodes.
[[nodiscard]] RemovedNodes remove_from_tree(Place& db, std::string_view path, std::string_view key, bool recursive,
                                            const WriteContext& context);
/// Database::move_node.
[[nodiscard]] std::int64_t move_in_tree(Place& db, std::string_view path, std::string_view to, std::string_view key,
                                        const WriteContext& context);

/// A tree and what its references are, in one statement on PostgreSQL; without nodes when there is no such root. Kept
/// while the place stays at its snapshot. `place` is the path that the root hangs on, for errors.
[[nodiscard]] TreePtr get_known_tree(Place& db, backends::Transaction& tx, std::string_view root, std::string_view key,
                                     std::int64_t snapshot, std::string_view place);

}  // namespace etalon::place
