// How a program is executed: which moves go one by one over many rows, which in blocks or groups row by row.
#include <algorithm>
#include <limits>
#include <map>

#include "conversion/plan_program.h"

namespace etalon::conversion {
namespace {

/// Longer runs are worth a call of memcpy each.
constexpr std::uint64_t kLongest = 256;
/// Up to so many moves or conversions of a kind are quicker one by one.
constexpr std::size_t kFew = 4;
/// Arrays of up to so many values are converted with the single values of their kind.
constexpr std::uint64_t kShortArray = 8;

/// The copies without what the fills write over, and the fills, by `to`.
std::vector<Piece> pieces_of(const std::vector<CopyRun>& copies, const std::vector<FillRun>& fills) {
    std::vector<Piece> pieces;
    auto fill = fills.begin();
    const auto add_fills = [&](std::uint64_t end) {
        for (; fill != fills.end() && fill->to < end; ++fill) pieces.push_back({Piece::kNone, fill->to, fill->length});
    };
    for (const auto& copy : copies) {
        add_fills(copy.to);
        std::uint64_t done = copy.to;
        const std::uint64_t end = copy.to + copy.length;
        const auto add_copy = [&](std::uint64_t until) {
            if (until > done) pieces.push_back({copy.from + (done - copy.to), done, until - done});
        };
        for (; fill != fills.end() && fill->to < end; ++fill) {
            add_copy(fill->to);
            pieces.push_back({Piece::kNone, fill->to, fill->length});
            done = fill->to + fill->length;
        }
        add_copy(end);
    }
    add_fills(Piece::kNone);
    return pieces;
}

}  // namespace

void ConversionPlan::Program::schedule(bool shuffles) {
    const bool short_rows = std::max(from_size, to_size) <= std::numeric_limits<std::uint32_t>::max();
    const std::size_t num_moves = (block_copy ? 0 : copies.size()) + fills.size();
    if (shuffles && short_rows && std::min(from_size, to_size) >= kShuffleBytes && num_moves > kFew) {
        std::vector<Piece> small;
        for (const auto& piece : pieces_of(copies, fills)) {
            if (piece.length <= kLongest) {
                small.push_back(piece);
            } else if (piece.from == Piece::kNone) {
                fill_runs.push_back({piece.to, piece.to, piece.length});
            } else {
                copy_runs.push_back({piece.from, piece.to, piece.length});
            }
        }
        shuffle_groups = make_shuffles(small, from_size, to_size, background.data());
    } else {
        copy_runs = copies;
        for (const auto& run : fills) fill_runs.push_back({run.to, run.to, run.length});
    }
    if (!short_rows) {
        step_runs = steps;
        return;
    }

    struct Alike {
        std::vector<const ConvertStep*> steps;
        std::vector<Move> moves;  // the values of all of them
    };
    std::map<std::pair<ScalarType, ScalarType>, Alike> kinds;
    for (const auto& step : steps) {
        if (step.kind != ConvertKind::Number || step.count > kShortArray || step.may_lose) {
            step_runs.push_back(step);
            continue;
        }
        auto& alike = kinds[{step.from_type, step.to_type}];
        alike.steps.push_back(&step);
        for (std::uint64_t i = 0; i < step.count; ++i) {
            alike.moves.push_back({static_cast<std::uint32_t>(step.from + i * step.from_capacity),
                                   static_cast<std::uint32_t>(step.to + i * step.to_capacity)});
        }
    }
    for (auto& [types, alike] : kinds) {
        if (alike.steps.size() <= kFew) {
            for (const auto* step : alike.steps) step_runs.push_back(*step);
        } else {
            step_groups.push_back({number_move_kernel(types.first, types.second), std::move(alike.moves)});
        }
    }
}

}  // namespace etalon::conversion
