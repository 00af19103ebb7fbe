#include "index/candidates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "backends/ddl.h"
#include "etalon/error.h"
#include "index/history.h"
#include "index/records.h"

namespace etalon {

std::string_view name_of(CandidateState state) noexcept {
    switch (state) {
        case CandidateState::Eligible:
            return "eligible";
        case CandidateState::Ended:
            return "ended";
        case CandidateState::BeginsLater:
            return "begins later";
        case CandidateState::Retired:
            return "retired";
        case CandidateState::CommittedLater:
            return "committed later";
        case CandidateState::NotAsked:
            return "not asked";
    }
    return "?";
}

}  // namespace etalon

namespace etalon::index {

using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

/// Parameters of statements: ?1 name, ?2 element, ?3 position, ?4 snapshot, ?5 ... the versions of the chain.
constexpr int kFirstVersion = 5;
constexpr const char* kContains = R"((d."beginTime" <= ?3 AND (d."endTime" IS NULL OR d."endTime" > ?3)))";
constexpr const char* kState = R"(CASE WHEN d."commitSeq" > ?4 THEN 5 WHEN d."retiredSeq" <= ?4 THEN 4
WHEN d."beginTime" > ?3 THEN 3 WHEN d."endTime" <= ?3 THEN 2 ELSE 1 END)";

std::string version_list(const VersionChain& chain, int first = kFirstVersion) {
    std::string list;
    for (const auto& rank : chain.ranks) {
        for (std::size_t i = 0; i < rank.size(); ++i) list += fmt::format("{}?{}", list.empty() ? "" : ", ", first++);
    }
    return list;
}

std::string rank_of_version(const VersionChain& chain) {
    std::string text = R"(CASE d."version")";
    int member = kFirstVersion;
    for (std::size_t rank = 0; rank < chain.ranks.size(); ++rank) {
        for (std::size_t i = 0; i < chain.ranks[rank].size(); ++i) {
            text += fmt::format(" WHEN ?{} THEN {}", member++, rank + 1);
        }
    }
    return text + " END";
}

std::vector<Value> bind(const CandidateQuery& query) {
    std::vector<Value> values{query.name->id, query.element, query.at, query.snapshot};
    for (const auto& rank : query.chain->ranks) values.insert(values.end(), rank.begin(), rank.end());
    return values;
}

/// The order in which the records of one state are listed. Total.
std::string list_order(CandidateState state, OrderPolicy policy, const std::string& rank) {
    const auto then_valid = fmt::format("CASE WHEN {} THEN 0 ELSE 1 END", kContains);
    switch (state) {
        case CandidateState::Eligible:
        case CandidateState::NotAsked:
            return rank + (policy == OrderPolicy::ByBegin
                               ? R"(, d."beginTime" DESC, d."commitSeq" DESC, d."ID" DESC)"
                               : R"(, d."creationTime" DESC, d."commitSeq" DESC, d."beginTime" DESC, d."ID" DESC)");
        case CandidateState::Ended:
            return R"(d."endTime" DESC, d."beginTime" DESC, d."commitSeq" DESC, d."ID" DESC)";
        case CandidateState::BeginsLater:
            return R"(d."beginTime", )" + rank + R"(, d."commitSeq" DESC, d."ID" DESC)";
        case CandidateState::Retired:
            return then_valid + R"(, d."retiredSeq" DESC, d."commitSeq" DESC, d."ID" DESC)";
        case CandidateState::CommittedLater:
            return then_valid + R"(, d."commitSeq", d."ID")";
    }
    return R"(d."ID")";
}

/// What is said of the interval of a record that does not count for another reason.
std::string also(const Interval& interval, std::int64_t at) {
    if (interval.begin > at) return "; begins at " + format_position({interval.axis, interval.begin});
    if (interval.end && *interval.end <= at) return "; ended at " + format_position({interval.axis, *interval.end});
    return "; its interval has the asked position";
}

std::string reason_of(const Candidate& candidate, const CandidateQuery& query) {
    const auto& record = candidate.record;
    const auto& interval = record.interval;
    switch (candidate.state) {
        case CandidateState::Ended:
            return "ended at " + format_position({interval.axis, *interval.end});
        case CandidateState::BeginsLater:
            return "begins at " + format_position({interval.axis, interval.begin});
        case CandidateState::Retired:
            if (!query.has_commits) return "retired" + also(interval, query.at);
            return fmt::format("retired by commit {}{}", *record.retired, also(interval, query.at));
        case CandidateState::CommittedLater:
            if (!query.has_commits) return "written after the snapshot was taken" + also(interval, query.at);
            return fmt::format("commit {} is after the snapshot (commit {}){}", record.commit, query.snapshot,
                               also(interval, query.at));
        case CandidateState::Eligible:
        case CandidateState::NotAsked:
            break;
    }
    return {};
}

void count(CandidateCounts& counts, CandidateState state, std::uint64_t all, std::uint64_t then_valid) {
    switch (state) {
        case CandidateState::Eligible:
        case CandidateState::NotAsked:
            counts.eligible = all;
            return;
        case CandidateState::Ended:
            counts.ended = all;
            return;
        case CandidateState::BeginsLater:
            counts.begins_later = all;
            return;
        case CandidateState::Retired:
            counts.retired = all;
            counts.retired_then_valid = then_valid;
            return;
        case CandidateState::CommittedLater:
            counts.committed_later = all;
            counts.committed_later_then_valid = then_valid;
            return;
    }
}

void list_state(Transaction& tx, const CandidateQuery& query, CandidateState state, CandidateList& list) {
    const auto rank = rank_of_version(*query.chain);
    auto values = bind(query);
    constexpr auto kNoLimit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    values.emplace_back(static_cast<std::int64_t>(query.limit == 0 ? kNoLimit : std::min(query.limit, kNoLimit)));
    const Sql sql(fmt::format(
        R"(SELECT {}, {} FROM {} LEFT JOIN "commitLog" c ON c."commitSeq" = d."commitSeq"
WHERE d."nameID" = ?1 AND d."elementID" = ?2 AND d."version" IN ({}) AND {} = {} ORDER BY {} LIMIT ?{})",
        history_columns(), rank, records_relation(tx), version_list(*query.chain), kState, static_cast<int>(state),
        list_order(state, query.name->policy, rank), values.size()));
    HistoryQuery reading;
    reading.axis = query.name->axis;
    reading.snapshot = kPlusInfinity;  // retirements after the snapshot are shown too
    const auto cursor = tx.query(sql, values);
    while (cursor->next()) {
        Candidate candidate;
        candidate.record = read_history_row(*cursor, reading).record;
        candidate.rank = static_cast<std::uint64_t>(cursor->integer(kHistoryColumnCount));
        candidate.state = judge_candidate(candidate.record, query.at, query.snapshot);
        if (candidate.state != state) {
            throw Error(ErrorCode::Internal, {"a record is judged in two ways",
                                              fmt::format("{}, uid {}", query.name->name, candidate.record.uid),
                                              std::string(name_of(candidate.state)), std::string(name_of(state)), ""});
        }
        candidate.why = reason_of(candidate, query);
        list.candidates.push_back(std::move(candidate));
    }
}

void list_other_versions(Transaction& tx, const CandidateQuery& query, CandidateList& list) {
    const Sql sql(fmt::format(R"(SELECT d."version", count(*), sum(CASE WHEN {} THEN 1 ELSE 0 END) FROM "dataIndex" d
WHERE d."nameID" = ?1 AND d."elementID" = ?2 AND d."version" NOT IN ({}) AND {} GROUP BY d."version")",
                              kContains, version_list(*query.chain), backends::visible_at("d", "?4")));
    const auto cursor = tx.query(sql, bind(query));
    while (cursor->next()) {
        OtherVersion other{std::string(cursor->text(0)), static_cast<std::uint64_t>(cursor->integer(1)),
                           static_cast<std::uint64_t>(cursor->integer(2))};
        list.counts.other_versions += other.records;
        list.counts.other_versions_then_valid += other.valid;
        list.versions.push_back(std::move(other));
    }
    std::sort(list.versions.begin(), list.versions.end(), [](const OtherVersion& a, const OtherVersion& b) {
        if ((a.valid != 0) != (b.valid != 0)) return a.valid != 0;
        return a.version < b.version;
    });
    if (query.limit != 0 && list.versions.size() > query.limit) list.versions.resize(query.limit);
}

}  // namespace

CandidateState judge_candidate(const HistoryRecord& record, std::int64_t at, std::int64_t snapshot) noexcept {
    if (record.commit > snapshot) return CandidateState::CommittedLater;
    if (record.retired && *record.retired <= snapshot) return CandidateState::Retired;
    if (record.interval.begin > at) return CandidateState::BeginsLater;
    if (record.interval.end && *record.interval.end <= at) return CandidateState::Ended;
    return CandidateState::Eligible;
}

Decision decide(const Candidate& winner, const Candidate& loser, OrderPolicy policy) {
    const auto& a = winner.record;
    const auto& b = loser.record;
    if (winner.rank != loser.rank) {
        const auto text = fmt::format("version {} before {}", a.version, b.version);
        return {text, text};
    }
    if (policy == OrderPolicy::ByCreation && a.created != b.created) {
        return {"latest creation time", "not the latest creation time"};
    }
    const Decision by_begin{"latest begin", "not the latest begin"};
    if (policy == OrderPolicy::ByBegin && a.interval.begin != b.interval.begin) return by_begin;
    if (a.commit != b.commit) return {"later commit", "earlier commit"};
    // In by_creation records of one commit are ordered by begin before their place in it.
    if (a.interval.begin != b.interval.begin) return by_begin;
    return {"later in its commit", "earlier in its commit"};
}

CandidateList find_candidates(Transaction& tx, const CandidateQuery& query) {
    prove_records(tx, query.name->id);
    CandidateList list;
    const Sql counting(fmt::format(R"(SELECT {0} AS "state", count(*), sum(CASE WHEN {1} THEN 1 ELSE 0 END)
FROM "dataIndex" d WHERE d."nameID" = ?1 AND d."elementID" = ?2 AND d."version" IN ({2}) GROUP BY 1 ORDER BY 1)",
                                   kState, kContains, version_list(*query.chain)));
    std::vector<CandidateState> states;
    {
        const auto cursor = tx.query(counting, bind(query));
        while (cursor->next()) {
            states.push_back(static_cast<CandidateState>(cursor->integer(0)));
            count(list.counts, states.back(), static_cast<std::uint64_t>(cursor->integer(1)),
                  static_cast<std::uint64_t>(cursor->integer(2)));
        }
    }
    for (const auto state : states) list_state(tx, query, state, list);
    list_other_versions(tx, query, list);
    return list;
}

std::uint64_t count_visible(Transaction& tx, const NameRecord& name, const VersionChain& chain, std::int64_t snapshot) {
    constexpr int kFirst = 3;
    const Sql sql(
        fmt::format(R"(SELECT count(*) FROM "dataIndex" d WHERE d."nameID" = ?1 AND {} AND d."version" IN ({}))",
                    backends::visible_at("d", "?2"), version_list(chain, kFirst)));
    std::vector<Value> values{name.id, snapshot};
    for (const auto& rank : chain.ranks) values.insert(values.end(), rank.begin(), rank.end());
    const auto cursor = tx.query(sql, values);
    return cursor->next() ? static_cast<std::uint64_t>(cursor->integer(0)) : 0;
}

}  // namespace etalon::index
