#pragma once
/// Which stored records and configurations a change of layout touches.

#include <span>

#include "etalon/database.h"
#include "place/registrar.h"

namespace etalon::layers {
class LayerStack;
}

namespace etalon::database {

/// Fills in the counts of a report (see RegisterOutcome) for these definitions, as of the last visible commit, over all
/// layers; judged with these rules. Asks nothing when no change is refused, needs a rule or is checked.
void count_touched(layers::LayerStack& stack, std::span<const StructDefinition> definitions,
                   const place::AppliedRules& rules, RegisterReport& report);

}  // namespace etalon::database
