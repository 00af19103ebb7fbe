// How a program is executed: which moves go one by one over many rows, which as groups row by row.
#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <map>

#include "schema/plan_program.h"

namespace etalon::schema {
namespace {

/// Longer runs are worth a call of memcpy each.
constexpr std::uint64_t kLongest = 64;
/// Up to so many moves of a kind are quicker one by one.
constexpr std::size_t kFew = 4;
constexpr std::size_t kWidest = 16;

/// Splits short runs into moves of 1 to 16 bytes. The last move of a run may overlap the one before: it carries the
/// same bytes.
void split(const std::vector<CopyRun>& all, std::vector<CopyRun>& alone, std::vector<MoveGroup>& groups) {
    std::array<std::vector<Move>, 5> moves;  // by the logarithm of their width
    std::array<std::vector<CopyRun>, 5> runs;
    for (const auto& run : all) {
        if (run.length > kLongest) {
            alone.push_back(run);
            continue;
        }
        const std::uint64_t width = std::min<std::uint64_t>(std::bit_floor(run.length), kWidest);
        const auto kind = static_cast<std::size_t>(std::countr_zero(width));
        runs[kind].push_back(run);
        for (std::uint64_t done = 0; done < run.length; done += width) {
            const std::uint64_t at = std::min(done, run.length - width);
            moves[kind].push_back({static_cast<std::uint32_t>(run.from + at), static_cast<std::uint32_t>(run.to + at)});
        }
    }
    for (std::size_t kind = 0; kind < moves.size(); ++kind) {
        if (runs[kind].size() <= kFew) {
            alone.insert(alone.end(), runs[kind].begin(), runs[kind].end());
        } else {
            groups.push_back({copy_move_kernel(std::size_t{1} << kind), std::move(moves[kind])});
        }
    }
}

}  // namespace

void ConversionPlan::Program::schedule() {
    std::vector<CopyRun> constants;
    for (const auto& run : fills) constants.push_back({run.to, run.to, run.length});
    if (std::max(from_size, to_size) > std::numeric_limits<std::uint32_t>::max()) {
        copy_runs = copies;
        fill_runs = std::move(constants);
        step_runs = steps;
        return;
    }
    split(copies, copy_runs, copy_groups);
    split(constants, fill_runs, fill_groups);

    std::map<std::pair<ScalarType, ScalarType>, std::vector<const ConvertStep*>> kinds;
    for (const auto& step : steps) {
        if (step.kind == ConvertKind::Number && step.count == 1 && !step.may_lose) {
            kinds[{step.from_type, step.to_type}].push_back(&step);
        } else {
            step_runs.push_back(step);
        }
    }
    for (const auto& [types, list] : kinds) {
        if (list.size() <= kFew) {
            for (const auto* step : list) step_runs.push_back(*step);
            continue;
        }
        MoveGroup group{number_move_kernel(types.first, types.second), {}};
        for (const auto* step : list) {
            group.moves.push_back({static_cast<std::uint32_t>(step->from), static_cast<std::uint32_t>(step->to)});
        }
        step_groups.push_back(std::move(group));
    }
}

}  // namespace etalon::schema
