#pragma once
/// Whether a configuration is complete: every stretch of a range in which a node of it has nothing, or cannot be read.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "etalon/federation.h"
#include "etalon/interval.h"
#include "etalon/progress.h"
#include "etalon/request.h"

namespace etalon {

/// What is wrong with a node in a stretch.
enum class CoverageStatus : std::uint8_t {
    Gap = 1,         ///< no element has a record
    Incomplete = 2,  ///< elements are missing that the reference promises (docs/validity.md)
    Unreadable = 3,  ///< the law refuses to bring what is stored to the asked layout, or its elements to one
};
[[nodiscard]] std::string_view name_of(CoverageStatus status) noexcept;  // `Gap`, `Incomplete`, `Unreadable`

/// Where a configuration is looked at. Nodes on the axis that has no range are an Error(WrongAxis) that names the path;
/// baseLine nodes need none.
struct CoverageRequest {
    std::optional<Interval> times;  ///< [begin, end), not empty; on the time axis
    std::optional<Interval> runs;
    std::string version;        ///< chain for nodes that have none; empty: `default`
    std::optional<AsOf> as_of;  ///< a time or a snapshot (bare commit numbers belong to one database only)
    std::vector<AsOfPattern> as_of_patterns = {};
    LayerUnit layer_unit = LayerUnit::Element;
    /// Layouts that a program was compiled with: nodes of these structs are to be read in them, others as stored.
    std::vector<DefinitionPtr> layouts = {};
    bool lenient = false;  ///< conversions with loss count as readable
};

/// The longest stretch in which a node has one and the same fault.
struct CoverageStretch {
    Interval validity;  ///< within the range; exact
    std::string path;   ///< of the node, from the root of the whole tree
    std::string database;
    CoverageStatus status = CoverageStatus::Gap;
    std::string reason;  ///< which elements are missing, or what the law says; empty for the gap of one element
};

/// What was found of a table node.
struct CoverageNode {
    std::string path;
    std::string database;
    std::string reference;
    bool base_line = false;
    std::uint64_t intervals = 0;  ///< stretches of its common interval in the range, gaps included
    std::uint64_t faults = 0;     ///< how many of CoverageReport::stretches are of it
};

struct CoverageReport {
    std::vector<CoverageStretch> stretches;  ///< by begin, then in the order of the tree
    std::vector<CoverageNode> nodes;         ///< in the order of the tree
    [[nodiscard]] bool complete() const noexcept { return stretches.empty(); }
};

/// Looks at the configuration `root` of key `key` found in database `start` (empty: the only one that has it), DB nodes
/// followed. By the timelines alone: no value is read, so that a value which does not fit a narrower type is not
/// noticed; everything else answers as Federation::fetch_configuration would at each position. Linear in the intervals
/// of the range. Progress counts nodes. Throws as fetch_configuration, Error(Usage) for an empty range, or none.
[[nodiscard]] CoverageReport check_coverage(Federation& federation, std::string_view root, std::string_view key,
                                            const CoverageRequest& request, std::string_view start = {},
                                            const Progress& progress = {});

}  // namespace etalon
