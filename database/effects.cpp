#include "database/effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "database/snapshots.h"
#include "database/stack.h"
#include "index/chain.h"
#include "index/commits.h"

namespace etalon::database {

using backends::TransactionMode;
using detail::DatabaseImpl;
using detail::StackImpl;

namespace {

std::string describe(const Series& series, std::optional<std::size_t> winner) {
    if (!winner) return "gap";
    const auto& record = series.records[*winner];
    const auto begin = format_position({series.axis, record.key.begin});
    const char* kind = record.is_hole ? "hole" : "record";
    // A record that is not there yet has no uid.
    if (record.uid.empty()) return fmt::format("new {} begin {}", kind, begin);
    return fmt::format("{} {} begin {} schema {}", kind, record.uid, begin, record.schema_id);
}

void add_changes(std::vector<PutEffect>& effects, const Series& series, std::size_t before, std::size_t after) {
    std::vector<index::RecordKey> keys;
    for (const auto& record : series.records) keys.push_back(record.key);
    const std::span all(keys);
    for (const auto& change : index::compare_timelines(index::timeline(series.axis, all.first(before), series.policy),
                                                       index::timeline(series.axis, all.first(after), series.policy))) {
        effects.push_back({series.name, series.version, series.element, change.interval,
                           describe(series, change.before), describe(series, change.after), ""});
    }
}

/// The versions that a reader of `version` asks for: the default chain when it has the version, else that alone.
std::vector<std::string> asked_versions(const StackImpl& stack, const std::string& version) {
    std::vector<std::string> versions;
    for (const auto& rank : index::parse_chain(stack.defaults.version).ranks) {
        versions.insert(versions.end(), rank.begin(), rank.end());
    }
    if (std::find(versions.begin(), versions.end(), version) == versions.end()) return {version};
    return versions;
}

/// Where a layer has something valid, by series.
class Cover {
public:
    Cover(const StackImpl& stack, DatabaseImpl& place)
        : stack_(stack), place_(place), tx_(place.connection->begin(TransactionMode::Read)) {}

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
    const StackImpl& stack_;
    DatabaseImpl& place_;
    std::unique_ptr<backends::Transaction> tx_;
    std::map<std::tuple<std::string, std::string, std::int64_t>, std::vector<Interval>> covers_;
};

}  // namespace

void add_put_effects(std::vector<PutEffect>& effects, const Series& series, std::size_t first) {
    add_changes(effects, series, first, series.records.size());
}

void add_retire_effects(std::vector<PutEffect>& effects, const Series& series, std::size_t first) {
    add_changes(effects, series, series.records.size(), first);
}

std::vector<PutEffect> mark_hidden(StackImpl& stack, const DatabaseImpl& target, std::vector<PutEffect> effects) {
    for (const auto& layer : stack.layers) {
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
                    cut.back().hidden_by = layer.place->connection->place();
            }
        }
        effects = std::move(cut);
    }
    return effects;
}

CommitReach find_reach(StackImpl& stack) {
    CommitReach reach;
    {
        const auto tx = stack.target().connection->begin(TransactionMode::Single);
        reach.next_commit = index::last_commit(*tx) + 1;
    }
    for (const auto& snapshot : list_snapshots(stack)) {
        ++(snapshot.frozen ? reach.frozen_snapshots : reach.open_snapshots);
    }
    return reach;
}

}  // namespace etalon::database
