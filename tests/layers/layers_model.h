#pragma once
/// Layers, elements and snapshots by brute force, on top of the model of one place (tests/index/model.h):
/// docs/validity.md and 2.8 word for word, without any code of Etalon.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "index/model.h"

namespace etalon::test {

/// One layer of a stack, the first on top.
struct ModelLayer {
    std::string place;  ///< as answers name it
    std::vector<ModelRecord> records;
    bool by_creation = false;           ///< the policy in force at `snapshot`
    std::int64_t snapshot = INT64_MAX;  ///< commit number that is read; all, for memory and csv
};

struct StackQuestion {
    std::vector<std::vector<std::string>> chain;  ///< ranks of equal members
    std::vector<std::int64_t> elements;
    bool unit_is_answer = false;
};

/// Who wins, and in which layer.
struct StackWinner {
    const ModelRecord* record = nullptr;
    const ModelLayer* layer = nullptr;
    friend bool operator==(const StackWinner&, const StackWinner&) = default;
};

inline StackWinner winner_in(const ModelLayer& layer, const StackQuestion& question, std::int64_t element,
                             std::int64_t at) {
    const auto* record = model_winner(layer.records, {question.chain, layer.by_creation, element, layer.snapshot}, at);
    return record == nullptr ? StackWinner{} : StackWinner{record, &layer};
}

/// The winner of every element, in the order asked for.
inline std::vector<StackWinner> stack_winners(const std::vector<ModelLayer>& layers, const StackQuestion& question,
                                              std::int64_t at) {
    std::vector<StackWinner> winners(question.elements.size());
    for (const auto& layer : layers) {
        bool any = false;
        for (std::size_t e = 0; e < winners.size(); ++e) {
            if (winners[e].record == nullptr) winners[e] = winner_in(layer, question, question.elements[e], at);
            any = any || winners[e].record != nullptr;
        }
        // As MINOS did: the highest layer that has any element gives them all.
        if (question.unit_is_answer && any) break;
    }
    return winners;
}

/// Points where something can change, their neighbours and the extremes.
inline std::vector<std::int64_t> stack_points(const std::vector<ModelLayer>& layers) {
    std::set<std::int64_t> points;
    for (const auto& layer : layers) {
        const auto more = event_points(layer.records);
        points.insert(more.begin(), more.end());
    }
    return {points.begin(), points.end()};
}

/// How an interval fails to be the largest around `at` in which `what(point)` stays as it is at `at`; empty: it is.
template <class What>
std::string stretch_fault(const std::vector<std::int64_t>& points, const What& what, std::int64_t at,
                          std::int64_t begin, std::optional<std::int64_t> end, bool maximal) {
    if (begin > at || (end && *end <= at)) return "does not contain the position";
    const auto here = what(at);
    for (const auto point : points) {
        if (point < begin || (end && point >= *end)) continue;
        if (!(what(point) == here)) return "something else inside, at " + std::to_string(point);
    }
    if (!maximal) return {};
    if (begin != INT64_MIN && what(begin - 1) == here) return "could begin earlier";
    if (end && what(*end) == here) return "could end later";
    return {};
}

}  // namespace etalon::test
