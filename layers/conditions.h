#pragma once
/// Conditions over several layers: typed once for the schema versions that all of them have, so that a value means the
/// same in each.

#include <memory>
#include <vector>

#include "etalon/condition.h"
#include "layers/name_entries.h"
#include "place/where.h"

namespace etalon::layers {

/// Types a condition on rows of a name (null entries: unknown in that layer). The versions count from the lowest layer
/// up. Throws as place::type_condition().
[[nodiscard]] std::shared_ptr<const place::TypedCondition> type_condition(LayerStack& stack,
                                                                          const Transactions& transactions,
                                                                          const std::vector<place::NamePtr>& entries,
                                                                          const Condition& condition,
                                                                          const place::RuleBookPtr& rules);

}  // namespace etalon::layers
