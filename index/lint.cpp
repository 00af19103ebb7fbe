#include "index/lint.h"

#include <fmt/format.h>

#include <algorithm>

#include "backends/proof.h"
#include "base/bytes.h"
#include "index/changes.h"
#include "index/records.h"

namespace etalon {

std::string_view name_of(LintKind kind) noexcept {
    switch (kind) {
        case LintKind::EqualKeys:
            return "equal keys";
        case LintKind::NeverWins:
            return "never wins";
        case LintKind::Gap:
            return "gap";
        case LintKind::MissingElement:
            return "missing element";
        case LintKind::Expired:
            return "expired";
        case LintKind::OverlappingEnds:
            return "overlapping ends";
    }
    return "?";
}

}  // namespace etalon

namespace etalon::index {

using backends::Sql;
using backends::Transaction;

namespace {

using Records = std::span<const LintRecord>;

LintFinding make(LintKind kind, const Interval& interval, std::string text) {
    LintFinding finding;
    finding.kind = kind;
    finding.interval = interval;
    finding.text = std::move(text);
    return finding;
}

Interval interval_of(Axis axis, const RecordKey& key) {
    return {axis, key.begin, key.end};
}

/// Where two of the records or more are valid together, from the first such point to the last.
Interval common_part(Axis axis, const std::vector<const LintRecord*>& group) {
    Interval common{axis, kPlusInfinity, kMinusInfinity};
    std::optional<std::int64_t> reach = group.front()->key.end;  // the latest end of those before
    for (std::size_t i = 1; i < group.size(); ++i) {
        const auto& key = group[i]->key;
        common.begin = std::min(common.begin, key.begin);
        const auto end = !reach ? key.end : !key.end ? reach : std::min(reach, key.end);
        common.end = !end || !common.end ? std::nullopt : std::max(common.end, end);
        reach = !reach || !key.end ? std::nullopt : std::max(reach, key.end);
    }
    return common;
}

void add_equal(std::vector<LintFinding>& findings, Axis axis, OrderPolicy policy,
               std::vector<const LintRecord*>& group) {
    if (group.size() > 1) {
        const auto interval = common_part(axis, group);
        std::sort(group.begin(), group.end(),
                  [&](const auto* a, const auto* b) { return beats(b->key, a->key, policy); });
        // Records of one commit have different begins.
        const bool one_commit = group.front()->key.commit == group.back()->key.commit;
        const auto what = policy == OrderPolicy::ByBegin
                              ? "begin at " + format_position({axis, group.front()->key.begin})
                              : "of creation time " + format_time({group.front()->key.creation_time}) + " overlap";
        auto finding =
            make(LintKind::EqualKeys, interval,
                 fmt::format("{} records {}; their {} alone decides, the last wins; retire what is not meant",
                             group.size(), what, one_commit ? "begin" : "commit"));
        for (const auto* record : group) finding.uids.push_back(record->uid);
        findings.push_back(std::move(finding));
    }
    group.clear();
}

/// Records that are equal in what their policy orders by, and valid together.
void find_equal(std::vector<LintFinding>& findings, Axis axis, OrderPolicy policy, Records records) {
    std::vector<const LintRecord*> ordered;
    for (const auto& record : records) ordered.push_back(&record);
    if (policy == OrderPolicy::ByCreation) {
        std::stable_sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) {
            return a->key.creation_time < b->key.creation_time;  // begins stay in order
        });
    }
    std::vector<const LintRecord*> group;
    std::optional<std::int64_t> reach;  // latest end in the group
    for (const auto* record : ordered) {
        const auto& key = record->key;
        const bool joins =
            !group.empty() && (policy == OrderPolicy::ByBegin ? group.back()->key.begin == key.begin
                                                              : group.back()->key.creation_time == key.creation_time &&
                                                                    (!reach || key.begin < *reach));
        if (!joins) add_equal(findings, axis, policy, group);
        reach = group.empty() ? key.end : !reach || !key.end ? std::nullopt : std::max(reach, key.end);
        group.push_back(record);
    }
    add_equal(findings, axis, policy, group);
}

void find_losers(std::vector<LintFinding>& findings, Axis axis, Records records) {
    for (const auto& record : records) {
        if (record.wins) continue;
        findings.push_back(
            make(LintKind::NeverWins, interval_of(axis, record.key),
                 "other records win wherever it is valid; retire it, or those that were not meant to hide it"));
        findings.back().uids = {record.uid};
    }
}

/// The record that ends last, when all of them end.
const LintRecord* last_to_end(Records records) {
    const LintRecord* last = nullptr;
    for (const auto& record : records) {
        if (!record.key.end) return nullptr;
        if (last == nullptr || *record.key.end > *last->key.end) last = &record;
    }
    return last;
}

void find_expired(std::vector<LintFinding>& findings, Axis axis, Records records, Time now) {
    // The run of now is not known here.
    if (axis != Axis::Time) return;
    const auto* last = last_to_end(records);
    if (last == nullptr || *last->key.end > now.ns) return;
    findings.push_back(
        make(LintKind::Expired, {axis, *last->key.end, std::nullopt},
             fmt::format("the last record ended at {} and nothing follows", format_position({axis, *last->key.end}))));
    findings.back().uids = {last->uid};
}

void find_overlaps(std::vector<LintFinding>& findings, Axis axis, Records records) {
    // For each record the next that begins later; records come in order of begin.
    std::size_t next = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& key = records[i].key;
        if (!key.end) continue;
        next = std::max(next, i + 1);
        while (next < records.size() && records[next].key.begin == key.begin) ++next;
        if (next == records.size()) break;
        const auto& later = records[next];
        if (later.key.begin >= *key.end) continue;
        findings.push_back(
            make(LintKind::OverlappingEnds, intersect(interval_of(axis, key), interval_of(axis, later.key)),
                 fmt::format("its end at {} lies behind {}, where a later record begins",
                             format_position({axis, *key.end}), format_position({axis, later.key.begin}))));
        findings.back().uids = {records[i].uid, later.uid};
    }
}

}  // namespace

std::vector<LintFinding> judge_series(Axis axis, OrderPolicy policy, Records records, Time now) {
    std::vector<LintFinding> findings;
    find_equal(findings, axis, policy, records);
    find_losers(findings, axis, records);
    find_overlaps(findings, axis, records);
    find_expired(findings, axis, records, now);
    return findings;
}

void visit_series(Transaction& tx, const NameRecord& name,
                  const std::function<void(std::int64_t element, const std::string& version, Records records)>& visit) {
    // The order of versions only has to keep a series together.
    prove_records(tx, name.id);
    const Sql series_sql(fmt::format(R"(SELECT d."elementID", d."version", d."beginTime", d."endTime", d."creationTime",
d."commitSeq", d."ID", d."uid", w."recordID" FROM {} LEFT JOIN (SELECT DISTINCT t."recordID" FROM "timeline" t
WHERE t."nameID" = ?1 AND t."recordID" IS NOT NULL) w ON w."recordID" = d."ID"
WHERE d."nameID" = ?1 AND d."retiredSeq" IS NULL
ORDER BY d."elementID", d."version", d."beginTime", d."commitSeq", d."ID")",
                                     records_relation(tx)));
    std::vector<LintRecord> series;
    const auto finish = [&](std::int64_t of_element, const std::string& of_version) {
        if (backends::is_proved(tx)) {
            // From the records, which are proved, not from what is derived of them.
            std::vector<RecordKey> keys;
            for (auto& record : series) {
                keys.push_back(record.key);
                record.wins = false;
            }
            for (const auto& segment : timeline(name.axis, keys, name.policy)) {
                if (segment.winner) series[*segment.winner].wins = true;
            }
        }
        visit(of_element, of_version, series);
        series.clear();
    };
    std::int64_t element = 0;
    std::string version;
    const auto cursor = tx.query(series_sql, {name.id});
    while (cursor->next()) {
        if (!series.empty() && (cursor->integer(0) != element || cursor->text(1) != version)) {
            finish(element, version);
        }
        element = cursor->integer(0);
        version = cursor->text(1);
        series.push_back({{0, cursor->integer(2), cursor->find_integer(3), cursor->integer(4), cursor->integer(5),
                           cursor->integer(6)},
                          to_hex(cursor->bytes(7)),
                          !cursor->is_null(8)});
    }
    if (!series.empty()) finish(element, version);
}

std::vector<Interval> find_gaps(std::vector<Interval> intervals) {
    std::vector<Interval> gaps;
    const auto valid = unite(std::move(intervals));
    for (std::size_t i = 1; i < valid.size(); ++i) {
        gaps.push_back({valid[i].axis, *valid[i - 1].end, valid[i].begin});
    }
    return gaps;
}

}  // namespace etalon::index
