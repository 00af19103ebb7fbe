#pragma once
/// Who sees a write: what layers above hide, and which snapshots do not move.

#include <vector>

#include "etalon/commit.h"

namespace etalon::place {
class Place;
}

namespace etalon::layers {

class LayerStack;

/// Cuts effects in the layer `target` where layers above have something valid, and says which hides them; as of the
/// last commits. Callers hold the stack's mutex.
[[nodiscard]] std::vector<PutEffect> mark_hidden(LayerStack& stack, const place::Place& target,
                                                 std::vector<PutEffect> effects);
/// Database::preview_reach. Callers hold the stack's mutex.
[[nodiscard]] CommitReach find_reach(LayerStack& stack);

}  // namespace etalon::layers
