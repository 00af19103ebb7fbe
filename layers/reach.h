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
/// last commits.
[[nodiscard]] std::vector<PutEffect> mark_hidden(LayerStack& stack, const place::Place& target,
                                                 std::vector<PutEffect> effects);
/// Database::preview_reach.
[[nodiscard]] CommitReach find_reach(LayerStack& stack);

}  // namespace etalon::layers
