#include "index/winner_segments.h"

#include <algorithm>
#include <utility>

#include "backends/proof.h"
#include "index/stretches.h"
#include "index/winner.h"

namespace etalon::index {
namespace {

using Segments = std::vector<WinnerSegment>;

/// The earlier of two ends, of which none is later than all.
std::optional<std::int64_t> earlier(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
    if (!a || (b && *b < *a)) return b;
    return a;
}

/// One version, from its stretches.
Segments scan_version(backends::Transaction& tx, const NameRecord& name, std::int64_t element,
                      const std::string& version, std::int64_t from, std::optional<std::int64_t> to,
                      std::int64_t snapshot) {
    Segments segments;
    const StretchQuestion question{name.id, element, version, from, snapshot, tx.verified()};
    for (const auto& stretch : held_between(tx, question, to)) {
        WinnerSegment segment;
        segment.begin = std::max(stretch.begin, from);
        segment.end = earlier(stretch.end_at(snapshot), to);
        segment.has_record = stretch.record.has_value();
        if (stretch.record) segment.schema_id = stretch.record->schema_id;
        segments.push_back(segment);
    }
    if (segments.empty()) segments.push_back({from, to});
    return segments;
}

/// One search after the other.
Segments search_rank(backends::Transaction& tx, const NameRecord& name, std::int64_t element, const VersionChain& chain,
                     std::int64_t from, std::optional<std::int64_t> to, std::int64_t snapshot) {
    Segments segments;
    for (auto at = from;;) {
        const auto winner = find_winner(tx, name, element, chain, at, snapshot);
        WinnerSegment segment;
        segment.begin = at;
        segment.end = earlier(winner.validity.end, to);
        segment.has_record = winner.record.has_value();
        if (winner.record && winner.record->data_id != 0) segment.schema_id = winner.record->schema_id;
        segments.push_back(segment);
        if (segment.end == to || !segment.end) return segments;
        at = *segment.end;
    }
}

}  // namespace

std::vector<WinnerSegment> winner_segments(backends::Transaction& tx, const NameRecord& name, std::int64_t element,
                                           const VersionChain& chain, std::int64_t from, std::optional<std::int64_t> to,
                                           std::int64_t snapshot) {
    Segments all{{from, to}};
    for (const auto& rank : chain.ranks) {
        const bool open = std::ranges::any_of(all, [](const auto& segment) { return !segment.has_record; });
        if (!open) break;
        all = fill_gaps(std::move(all), backends::is_proved(tx) && rank.size() == 1
                                            ? scan_version(tx, name, element, rank.front(), from, to, snapshot)
                                            : search_rank(tx, name, element, {{rank}}, from, to, snapshot));
    }
    return all;
}

std::vector<WinnerSegment> fill_gaps(std::vector<WinnerSegment> upper, const std::vector<WinnerSegment>& lower) {
    if (upper.size() == 1 && !upper.front().has_record) return lower;
    Segments all;
    all.reserve(upper.size() + lower.size());
    std::size_t below = 0;
    const auto ends_by = [](const WinnerSegment& segment, std::int64_t at) {
        return segment.end && *segment.end <= at;
    };
    for (const auto& segment : upper) {
        if (segment.has_record) {
            all.push_back(segment);
            continue;
        }
        while (below < lower.size() && ends_by(lower[below], segment.begin)) ++below;
        for (auto i = below; i < lower.size() && (!segment.end || lower[i].begin < *segment.end); ++i) {
            auto piece = lower[i];
            piece.begin = std::max(piece.begin, segment.begin);
            piece.end = earlier(piece.end, segment.end);
            all.push_back(piece);
        }
    }
    return all;
}

}  // namespace etalon::index
