#pragma once
/// What the table nodes of one tree have over a range, from the timelines alone.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/coverage.h"
#include "etalon/progress.h"
#include "place/place.h"

namespace etalon::layers {

class LayerStack;

/// Of one table node: paths and database are the caller's.
struct CoveredNode {
    CoverageNode node;
    std::vector<CoverageStretch> faults;
};
/// A tree of one database; DB nodes are listed, not followed.
struct CoveredTree {
    place::TreePtr known;                           ///< null: there is no such root
    std::vector<std::optional<CoveredNode>> nodes;  ///< by node, of table nodes
};
/// `place` is the path that the root hangs on, for errors.
[[nodiscard]] CoveredTree cover_tree(LayerStack& stack, std::string_view root, std::string_view key,
                                     const CoverageRequest& request, std::string_view place, const Progress& progress);

}  // namespace etalon::layers
