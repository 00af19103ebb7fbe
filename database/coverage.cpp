// Whether configurations are complete (etalon/coverage.h).
#include "etalon/coverage.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "database/tree_walk.h"
#include "etalon/error.h"
#include "layers/coverage.h"
#include "layers/stack_pool.h"

namespace etalon {

std::string_view name_of(CoverageStatus status) noexcept {
    switch (status) {
        case CoverageStatus::Gap:
            return "Gap";
        case CoverageStatus::Incomplete:
            return "Incomplete";
        case CoverageStatus::Unreadable:
            return "Unreadable";
    }
    return "?";
}

CoverageReport check_coverage(Federation& federation, std::string_view root, std::string_view key,
                              const CoverageRequest& request, std::string_view start, const Progress& progress) {
    if (!request.times && !request.runs) {
        throw Error(ErrorCode::Usage,
                    {"coverage needs a range", std::string(root), "--from TIME --to TIME, or runs", "none", ""});
    }
    for (const auto& range : {request.times, request.runs}) {
        if (!range || !range->end || range->begin < *range->end) continue;
        throw Error(
            ErrorCode::Usage,
            {"an empty range", std::string(root), "an end above the begin",
             format_position({range->axis, range->begin}) + " to " + format_position({range->axis, *range->end}), ""});
    }
    const std::string used_key(key.empty() ? "default" : key);
    const auto found = database::find_start(federation, root, used_key, request.as_of, start);
    CoverageReport report;
    std::uint64_t done = 0;
    database::walk_configuration(
        federation, found, root, used_key, request.version, [&](Database& database, const database::TreeAsked& asked) {
            auto of_tree = request;
            of_tree.version = asked.version;
            const auto told = [&](std::uint64_t of_tree_done, std::uint64_t total) {
                progress(done + of_tree_done, done + total);
            };
            auto tree = std::make_shared<layers::CoveredTree>(database.impl().read([&](layers::LayerStack& stack) {
                return layers::cover_tree(stack, asked.root, asked.key, of_tree, asked.place,
                                          progress ? Progress(told) : Progress());
            }));
            done += static_cast<std::uint64_t>(
                std::ranges::count_if(tree->nodes, [](const auto& one) { return one.has_value(); }));
            return database::WalkedTree{tree->known, [&report, tree](ConfigurationNode node, std::size_t index) {
                                            if (!tree->nodes[index]) return;
                                            auto& covered = *tree->nodes[index];
                                            covered.node.path = node.node.path;
                                            covered.node.database = node.database;
                                            for (auto& fault : covered.faults) {
                                                fault.path = node.node.path;
                                                fault.database = node.database;
                                                report.stretches.push_back(std::move(fault));
                                            }
                                            report.nodes.push_back(std::move(covered.node));
                                        }};
        });
    std::ranges::stable_sort(report.stretches, {}, [](const auto& stretch) { return stretch.validity.begin; });
    return report;
}

}  // namespace etalon
