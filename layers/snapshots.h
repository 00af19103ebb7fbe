#pragma once
/// Named snapshots of a stack.

#include <string_view>
#include <vector>

#include "etalon/request.h"
#include "etalon/snapshot.h"
#include "place/write_context.h"

namespace etalon::layers {

class LayerStack;

/// Database::snapshots, set_snapshot and freeze_snapshot.
[[nodiscard]] std::vector<SnapshotInfo> list_snapshots(LayerStack& stack);
[[nodiscard]] std::int64_t set_snapshot(LayerStack& stack, std::string_view name,
                                        const std::vector<AsOfPattern>& entries, std::string_view comment,
                                        const place::WriteContext& context);
[[nodiscard]] std::int64_t freeze_snapshot(LayerStack& stack, std::string_view name,
                                           const place::WriteContext& context);

}  // namespace etalon::layers
