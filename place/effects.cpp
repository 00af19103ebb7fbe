#include "place/effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "index/chain.h"
#include "index/commits.h"

namespace etalon::place {

using backends::TransactionMode;

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

}  // namespace

void add_put_effects(std::vector<PutEffect>& effects, const Series& series, std::size_t first) {
    add_changes(effects, series, first, series.records.size());
}

void add_retire_effects(std::vector<PutEffect>& effects, const Series& series, std::size_t first) {
    add_changes(effects, series, series.records.size(), first);
}

}  // namespace etalon::place
