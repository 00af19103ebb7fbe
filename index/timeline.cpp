// Timelines as pure values: the sweep over all records, and the change that one more record makes.

#include "index/timeline.h"

#include <algorithm>
#include <limits>

namespace etalon::index {

bool beats(const RecordKey& a, const RecordKey& b, OrderPolicy policy) noexcept {
    if (a.rank != b.rank) return a.rank < b.rank;
    if (policy == OrderPolicy::ByBegin) {
        return std::tie(a.begin, a.commit, a.id) > std::tie(b.begin, b.commit, b.id);
    }
    return std::tie(a.creation_time, a.commit, a.begin, a.id) > std::tie(b.creation_time, b.commit, b.begin, b.id);
}

std::vector<Segment> timeline(Axis axis, std::span<const RecordKey> records, OrderPolicy policy) {
    // The winner can only change where a record begins or ends. An explicit end at infinity matters at that point only.
    struct Event {
        std::int64_t at = 0;
        bool begins = false;
        std::size_t record = 0;
    };
    std::vector<Event> events;
    events.reserve(2 * records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        events.push_back({records[i].begin, true, i});
        if (records[i].end) events.push_back({*records[i].end, false, i});
    }
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });

    const auto first = [&](std::size_t a, std::size_t b) {
        if (beats(records[a], records[b], policy)) return true;
        return !beats(records[b], records[a], policy) && a < b;
    };
    std::set<std::size_t, decltype(first)> eligible(first);
    std::vector<Segment> segments{{Interval{axis, kMinusInfinity, std::nullopt}, std::nullopt}};
    for (std::size_t i = 0; i < events.size();) {
        const auto at = events[i].at;
        for (; i < events.size() && events[i].at == at; ++i) {
            events[i].begins ? (void)eligible.insert(events[i].record) : (void)eligible.erase(events[i].record);
        }
        const auto winner = eligible.empty() ? std::nullopt : std::optional(*eligible.begin());
        if (segments.back().winner == winner) continue;
        if (at == kMinusInfinity) {
            segments.back().winner = winner;
            continue;
        }
        segments.back().interval.end = at;
        segments.push_back({Interval{axis, at, std::nullopt}, winner});
    }
    return segments;
}

void Timeline::add(const RecordKey& record, OrderPolicy policy) {
    const auto at_or_before = [&](std::int64_t at) -> Winner {
        const auto next = points_.upper_bound(at);
        return next == points_.begin() ? Winner() : std::prev(next)->second;
    };
    const auto same = [](const Winner& a, const Winner& b) {
        return a.has_value() == b.has_value() && (!a || a->id == b->id);
    };
    Winner current;  // of the stretch before the point that is looked at, as it is to be
    if (const auto first = points_.lower_bound(record.begin); first != points_.begin()) {
        current = std::prev(first)->second;
    }
    const Winner after = record.end ? at_or_before(*record.end) : Winner();
    // A stretch begins where the record does, then at each point inside it. Where the record loses, that is no point.
    const bool made = points_.try_emplace(record.begin, at_or_before(record.begin)).second;
    for (auto point = points_.find(record.begin);
         point != points_.end() && (!record.end || point->first < *record.end);) {
        if (!point->second || beats(record, *point->second, policy)) point->second = record;
        // Points differ from their neighbours, which need not be here: only the record can come to stand beside itself.
        const bool continues =
            same(point->second, record) ? same(current, record) : made && point->first == record.begin;
        current = point->second;
        point = continues ? points_.erase(point) : std::next(point);
    }
    if (record.end && same(current, record)) points_.try_emplace(*record.end, after);
}

}  // namespace etalon::index
