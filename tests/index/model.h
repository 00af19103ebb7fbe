#pragma once
/// docs/validity.md word for word, by brute force: slow, short, and without any code of Etalon.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace etalon::test {

struct ModelRecord {
    std::string version;
    std::int64_t element = 0;
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::int64_t creation_time = 0;
    std::int64_t commit = 0;
    std::optional<std::int64_t> retired;
    std::int64_t id = 0;  ///< 0 until written
};

struct ModelQuestion {
    std::vector<std::vector<std::string>> chain;  ///< ranks of equal members
    bool by_creation = false;
    std::int64_t element = 0;
    std::int64_t snapshot = 0;
};

inline bool visible(const ModelRecord& record, const ModelQuestion& question) {
    return record.element == question.element && record.commit <= question.snapshot &&
           !(record.retired && *record.retired <= question.snapshot);
}

inline std::optional<std::int64_t> rank_of(const ModelRecord& record, const ModelQuestion& question) {
    for (std::size_t rank = 0; rank < question.chain.size(); ++rank) {
        for (const auto& version : question.chain[rank]) {
            if (version == record.version) return static_cast<std::int64_t>(rank);
        }
    }
    return std::nullopt;
}

/// The record that wins at `at`, or null.
inline const ModelRecord* model_winner(const std::vector<ModelRecord>& records, const ModelQuestion& question,
                                       std::int64_t at, bool any_position = false) {
    const ModelRecord* best = nullptr;
    for (const auto& record : records) {
        const auto rank = rank_of(record, question);
        if (!rank || !visible(record, question)) continue;
        if (!any_position && (record.begin > at || (record.end && at >= *record.end))) continue;
        if (best == nullptr) {
            best = &record;
            continue;
        }
        const auto best_rank = *rank_of(*best, question);
        if (*rank != best_rank) {
            if (*rank < best_rank) best = &record;
            continue;
        }
        // Latest begin (or creation), then latest commit. Equal begin within one version and commit is refused; what is
        // left (members of one rank, or equal creation times, in one commit) is decided by begin and place in the
        // commit.
        const auto key = [&](const ModelRecord& r) {
            return question.by_creation ? std::tuple(r.creation_time, r.commit, r.begin, r.id)
                                        : std::tuple(r.begin, r.commit, r.id, std::int64_t{0});
        };
        if (key(record) > key(*best)) best = &record;
    }
    return best;
}

/// Every point where a winner can change, their neighbours and the extremes.
inline std::vector<std::int64_t> event_points(const std::vector<ModelRecord>& records) {
    constexpr auto kLow = INT64_MIN;
    constexpr auto kHigh = INT64_MAX;
    std::set<std::int64_t> points{kLow, kLow + 1, 0, kHigh - 1, kHigh};
    const auto add = [&](std::int64_t at) {
        points.insert(at);
        if (at != kLow) points.insert(at - 1);
        if (at != kHigh) points.insert(at + 1);
    };
    for (const auto& record : records) {
        add(record.begin);
        if (record.end) add(*record.end);
    }
    return {points.begin(), points.end()};
}

/// Empty when [begin, end) is the largest interval around `at` in which the winner at `at` wins, else what is wrong.
inline std::string interval_fault(const std::vector<ModelRecord>& records, const ModelQuestion& question,
                                  std::int64_t at, std::int64_t begin, std::optional<std::int64_t> end) {
    const auto* winner = model_winner(records, question, at);
    if (begin > at || (end && *end <= at)) return "does not contain the position";
    for (const auto point : event_points(records)) {
        if (point < begin || (end && point >= *end)) continue;
        if (model_winner(records, question, point) != winner)
            return "another winner inside, at " + std::to_string(point);
    }
    if (begin != INT64_MIN && model_winner(records, question, begin - 1) == winner) return "could begin earlier";
    if (end && model_winner(records, question, *end) == winner) return "could end later";
    return {};
}

}  // namespace etalon::test
