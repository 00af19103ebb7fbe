#pragma once
/// Conditions over several layers: typed once for the schema versions that all of them have, so that a value means the
/// same in each.

#include <memory>
#include <span>
#include <vector>

#include "etalon/condition.h"
#include "layers/name_entries.h"
#include "place/where.h"

namespace etalon::layers {

/// The versions of a struct in all layers (top first; null: unknown there), those of the lowest first, each once.
[[nodiscard]] std::vector<store::SchemaPtr> versions_of(std::span<const place::StructPtr> structs);

/// Types a condition on rows of a struct, without references to follow; `context` has the rules. Throws as
/// place::type_condition().
[[nodiscard]] std::shared_ptr<const place::TypedCondition> type_condition(const LayerStack& stack,
                                                                          std::span<const place::StructPtr> structs,
                                                                          const Condition& condition,
                                                                          const place::ReadContext& context);
/// The same of rows of a name (null entries: unknown in that layer).
[[nodiscard]] std::shared_ptr<const place::TypedCondition> type_condition(LayerStack& stack,
                                                                          const Transactions& transactions,
                                                                          const std::vector<place::NamePtr>& entries,
                                                                          const Condition& condition,
                                                                          const place::RuleBookPtr& rules);

}  // namespace etalon::layers
