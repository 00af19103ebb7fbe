#pragma once
/// Why an answer is as it is: the records that could have answered, and what decided between them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/answer.h"
#include "etalon/history.h"
#include "etalon/interval.h"
#include "etalon/reference.h"

namespace etalon {

/// What a record of the element, in a version of the chain, is to the question. The first that applies of: committed
/// later, retired, begins later, ended.
enum class CandidateState : std::uint8_t {
    Eligible = 1,        ///< begin <= t, and no end or t < end
    Ended = 2,           ///< end <= t
    BeginsLater = 3,     ///< t < begin
    Retired = 4,         ///< at or before the snapshot
    CommittedLater = 5,  ///< after the snapshot
    NotAsked = 6,        ///< would be eligible, but a layer above gives the whole answer (LayerUnit::Answer)
};
/// `eligible`, `ended`, `begins later`, `retired`, `committed later`, `not asked`.
[[nodiscard]] std::string_view name_of(CandidateState state) noexcept;

/// One record that was looked at.
struct Candidate {
    CandidateState state = CandidateState::Eligible;
    std::uint64_t place = 0;  ///< among the eligible ones of all layers: 1 wins; 0 when it is not eligible
    std::uint64_t rank = 0;   ///< of its version in the chain, from 1; members joined by `+` share one
    HistoryRecord record;     ///< as Database::history lists it, but `retired` also when that was after the snapshot
    std::string why;          ///< what decided against it, or for the winner; a clause
};

/// How many records there are of each kind, listed or not.
struct CandidateCounts {
    std::uint64_t eligible = 0;  ///< those not asked included
    std::uint64_t ended = 0;
    std::uint64_t begins_later = 0;
    std::uint64_t retired = 0;
    std::uint64_t committed_later = 0;
    std::uint64_t retired_then_valid = 0;          ///< of the retired, those whose own interval has t
    std::uint64_t committed_later_then_valid = 0;  ///< of those committed later, the same
    std::uint64_t other_versions = 0;             ///< of the element, known at the snapshot, in no version of the chain
    std::uint64_t other_versions_then_valid = 0;  ///< of these, those whose own interval has t
    std::uint64_t other_elements = 0;             ///< in the versions of the chain, known at the snapshot
};

/// A version of the element that the chain does not have.
struct OtherVersion {
    std::string version;
    std::uint64_t records = 0;  ///< known at the snapshot and not retired
    std::uint64_t valid = 0;    ///< of these, those whose own interval has t
};

/// What one layer has for one element.
struct LayerCandidates {
    std::string layer;                          ///< a URL without password
    bool knows_name = false;                    ///< false: nothing below says anything
    bool is_asked = true;                       ///< false: a layer above gives the whole answer (LayerUnit::Answer)
    std::int64_t commit = 0;                    ///< read as of; 0 for memory and csv, which have no commit numbers
    OrderPolicy policy = OrderPolicy::ByBegin;  ///< as of that commit
    /// Eligible ones in the order in which they win, then those that ended (the last to end first), begin later (the
    /// first first), were retired, were committed later; at most the limit of each.
    std::vector<Candidate> candidates;
    CandidateCounts counts;
    std::vector<OtherVersion> versions;  ///< those valid at t first; at most the limit
};

/// Why the answer for one element is what it is.
struct ElementExplanation {
    std::int64_t element = 0;
    Status status = Status::Gap;          ///< Found, Gap or Hole
    Interval validity;                    ///< exact effective interval
    std::optional<Provenance> winner;     ///< of a Found or Hole
    std::string why;                      ///< what decided for the winner, or why there is none; one sentence
    std::vector<LayerCandidates> layers;  ///< top first
};

/// The explanation of an answer. Its winners are those that a fetch with the same options gives.
struct Explanation {
    std::string name;
    std::string struct_name;
    Position at;
    std::string version;        ///< the chain
    bool settled = true;        ///< as AnswerData::settled
    std::int64_t snapshot = 0;  ///< as AnswerData::snapshot
    std::vector<ElementExplanation> elements;
};

}  // namespace etalon
