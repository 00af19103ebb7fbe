#include "layers/reach.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "index/chain.h"
#include "index/changes.h"
#include "index/commits.h"
#include "layers/snapshots.h"
#include "layers/stack.h"

namespace etalon::layers {

using backends::TransactionMode;
using place::Place;

namespace {

/// The versions that a reader of `version` asks for: the default chain when it has the version, else that alone.
std::vector<std::string> asked_versions(const LayerStack& stack, const std::string& version) {
    std::vector<std::string> versions;
    for (const auto& rank : index::parse_chain(stack.options().version).ranks) {
        versions.insert(versions.end(), rank.begin(), rank.end());
    }
    if (std::find(versions.begin(), versions.end(), version) == versions.end()) return {version};
    return versions;
}

/// Where a layer has something valid, by series.
class Cover {
public:
    Cover(const LayerStack& stack, Place& place)
        : stack_(stack), place_(place), tx_(place.connection().begin(TransactionMode::Read)) {}

    const std::vector<Interval>& of(const PutEffect& effect) {
        const auto [known, is_new] = covers_.try_emplace({effect.name, effect.version, effect.element});
        if (!is_new) return known->second;
        const auto entry = place_.find_name(*tx_, effect.name, kPlusInfinity);
        if (!entry) return known->second;
        std::vector<Interval> intervals;
        for (const auto& version : asked_versions(stack_, effect.version)) {
            for (const auto& record : index::read_live_series(*tx_, {entry->record.id, effect.element, version})) {
                intervals.push_back({effect.interval.axis, record.key.begin, record.key.end});
            }
        }
        return known->second = index::unite(std::move(intervals));
    }

private:
    const LayerStack& stack_;
    Place& place_;
    std::unique_ptr<backends::Transaction> tx_;
    std::map<std::tuple<std::string, std::string, std::int64_t>, std::vector<Interval>> covers_;
};

}  // namespace

std::vector<PutEffect> mark_hidden(LayerStack& stack, const Place& target, std::vector<PutEffect> effects) {
    for (const auto& layer : stack.layers()) {
        if (layer.place.get() == &target || effects.empty()) break;
        Cover cover(stack, *layer.place);
        std::vector<PutEffect> cut;
        const std::vector<Interval>* of_last = nullptr;
        std::size_t first = 0;
        for (auto& effect : effects) {
            const auto& covered = cover.of(effect);
            if (&covered != of_last) first = 0;
            of_last = &covered;
            for (const auto& part : index::cut_by_cover(effect.interval, covered, first)) {
                cut.push_back(effect);
                cut.back().interval = part.interval;
                // The highest layer counts.
                if (part.is_covered && effect.hidden_by.empty())
                    cut.back().hidden_by = layer.place->connection().place();
            }
        }
        effects = std::move(cut);
    }
    return effects;
}

CommitReach find_reach(LayerStack& stack) {
    CommitReach reach;
    {
        const auto tx = stack.target().connection().begin(TransactionMode::Single);
        reach.next_commit = index::last_commit(*tx) + 1;
    }
    for (const auto& snapshot : list_snapshots(stack)) {
        ++(snapshot.frozen ? reach.frozen_snapshots : reach.open_snapshots);
    }
    return reach;
}

}  // namespace etalon::layers
