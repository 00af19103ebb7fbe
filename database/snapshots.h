#pragma once
/// Named snapshots of a stack. Callers hold its mutex.

#include <string_view>
#include <vector>

#include "etalon/database.h"

namespace etalon::detail {
class StackImpl;
}

namespace etalon::database {

/// Database::snapshots, set_snapshot and freeze_snapshot.
[[nodiscard]] std::vector<SnapshotInfo> list_snapshots(detail::StackImpl& stack);
[[nodiscard]] std::int64_t set_snapshot(detail::StackImpl& stack, std::string_view name,
                                        const std::vector<AsOfPattern>& entries, const CommitInfo& info,
                                        std::string_view comment);
[[nodiscard]] std::int64_t freeze_snapshot(detail::StackImpl& stack, std::string_view name, const CommitInfo& info);

}  // namespace etalon::database
