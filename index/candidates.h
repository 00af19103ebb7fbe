#pragma once
/// All records that touch one question, sorted by what they are to it: the long way round to the winner, for people.
/// Linear in the records of the element; index/winner.h answers the same question by probes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "etalon/explain.h"
#include "index/chain.h"
#include "index/names.h"

namespace etalon::index {

/// Which question.
struct CandidateQuery {
    const NameRecord* name = nullptr;
    const VersionChain* chain = nullptr;
    std::int64_t element = 0;
    std::int64_t at = 0;
    std::int64_t snapshot = 0;
    std::uint64_t limit = 0;  ///< of each state; 0: all
    bool has_commits = true;  ///< false: numbers of commits mean nothing to people
};

/// What a place has. `why` of those that are not eligible is filled in, of the others not.
struct CandidateList {
    std::vector<Candidate> candidates;
    CandidateCounts counts;  ///< without other_elements
    std::vector<OtherVersion> versions;
};
[[nodiscard]] CandidateList find_candidates(backends::Transaction& tx, const CandidateQuery& query);
/// Records of a name in the versions of the chain, of all elements, known at the snapshot and not retired.
[[nodiscard]] std::uint64_t count_visible(backends::Transaction& tx, const NameRecord& name, const VersionChain& chain,
                                          std::int64_t snapshot);

/// docs/validity.md: what a record is to a question at `at` as of `snapshot`, as a pure function.
[[nodiscard]] CandidateState judge_candidate(const HistoryRecord& record, std::int64_t at,
                                             std::int64_t snapshot) noexcept;
/// What decided between two eligible records, said of either.
struct Decision {
    std::string of_winner;  ///< `version sim before default`, `latest begin`, `latest creation time`, `later commit`,
                            ///< `later in its commit`
    std::string of_loser;   ///< `version sim before default`, `not the latest begin`, ..., `earlier commit`, ...
};
/// Of two records of one layer, the winner first.
[[nodiscard]] Decision decide(const Candidate& winner, const Candidate& loser, OrderPolicy policy);

}  // namespace etalon::index
