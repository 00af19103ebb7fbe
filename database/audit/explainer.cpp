// The answer comes from the same read as every other; the records of all layers are then put in order the long way
// round. Both have to name the same winner.

#include "database/audit/explainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "etalon/error.h"
#include "index/candidates.h"
#include "layers/stack.h"

namespace etalon::database {

using backends::TransactionMode;
using layers::LayerStack;

namespace {

/// What one layer knows of the name.
struct LayerPart {
    std::size_t number = 0;  // from 1, for people
    std::string place;
    bool is_private = false;
    std::int64_t commit = 0;
    place::NamePtr entry;  // null: unknown there
    const index::VersionChain* chain = nullptr;
    std::vector<index::CandidateList> by_element;
    std::uint64_t visible = 0;  // records of all elements in the versions of the chain
};

/// Where the winner of an element has to be.
struct FirstEligible {
    const LayerPart* layer = nullptr;
    const Candidate* candidate = nullptr;
};

std::vector<LayerPart> look_at_layers(LayerStack& stack, std::string_view name, Position at,
                                      const FetchOptions& options, const layers::LayerCommits& commits,
                                      std::uint64_t limit) {
    std::vector<LayerPart> parts;
    for (std::size_t i = 0; i < stack.layers().size(); ++i) {
        auto& place = *stack.layers()[i].place;
        LayerPart part{
            i + 1, place.connection().place(), stack.layers()[i].is_private(), commits.commits[i], {}, {}, {}, 0};
        const auto tx = place.connection().begin(TransactionMode::Read);
        part.entry = place.find_name(*tx, name, part.commit);
        if (part.entry) {
            const auto& record = part.entry->record;
            part.chain = &part.entry->get_chain(options.version);
            for (const auto element : options.elements) {
                part.by_element.push_back(index::find_candidates(
                    *tx, {&record, part.chain, element, at.value, part.commit, limit, !part.is_private}));
            }
            part.visible = index::count_visible(*tx, record, *part.chain, part.commit);
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

/// Of LayerUnit::Answer, the only layer that is asked: the first in which any element has something eligible.
const LayerPart* layer_of_answer(const std::vector<LayerPart>& parts) {
    for (const auto& part : parts) {
        for (const auto& list : part.by_element) {
            if (list.counts.eligible != 0) return &part;
        }
    }
    return nullptr;
}

FirstEligible find_first(const std::vector<LayerPart>& parts, std::size_t element, const LayerPart* only) {
    for (const auto& part : parts) {
        if (part.by_element.empty() || (only != nullptr && only != &part)) continue;
        const auto& list = part.by_element[element];
        if (list.counts.eligible != 0) return {&part, &list.candidates.front()};
    }
    return {};
}

[[noreturn]] void throw_disagreement(std::string_view name, const ElementAnswer& answer, const FirstEligible& first) {
    const auto describe = [](const std::string& uid, const std::string& layer) {
        return uid.empty() ? std::string("nothing") : fmt::format("record {} of {}", uid, layer);
    };
    const auto& won = answer.provenance;
    throw Error(ErrorCode::Internal,
                {"the records and their timeline do not agree on the winner",
                 fmt::format("{}, element {}", name, answer.element),
                 first.candidate == nullptr ? "nothing" : describe(first.candidate->record.uid, first.layer->place),
                 won ? describe(won->uid, won->layer) : "nothing", "this is a defect of Etalon or of the database"});
}

void check_agreement(std::string_view name, Position at, const ElementAnswer& answer, const FirstEligible& first) {
    const auto& won = answer.provenance;
    const bool agree = won.has_value() == (first.candidate != nullptr) &&
                       (!won || (won->uid == first.candidate->record.uid && won->layer == first.layer->place));
    if (!agree || !answer.validity.contains(at)) throw_disagreement(name, answer, first);
}

/// What decided between the winner and another eligible record.
index::Decision decide(const FirstEligible& winner, const LayerPart& part, const Candidate& loser) {
    if (&part == winner.layer) return index::decide(*winner.candidate, loser, part.entry->record.policy);
    const auto text = fmt::format("layer {} before layer {}", winner.layer->number, part.number);
    return {text, text};
}

/// Keeps at most so many of each state; 0 keeps all.
void cut_lists(LayerCandidates& layer, std::uint64_t limit) {
    if (limit == 0) return;
    std::map<CandidateState, std::uint64_t> seen;
    std::erase_if(layer.candidates, [&](const Candidate& candidate) { return ++seen[candidate.state] > limit; });
    if (layer.versions.size() > limit) layer.versions.resize(limit);
}

std::string count_of(std::uint64_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

/// Why nothing answers: what ended last, what begins next, and what does not count.
std::string why_gap(const std::vector<LayerPart>& parts, std::size_t element, Position at, const LayerPart* only) {
    CandidateCounts sum;
    const HistoryRecord* ended = nullptr;
    const HistoryRecord* next = nullptr;
    std::uint64_t not_asked = 0;
    for (const auto& part : parts) {
        if (part.by_element.empty()) continue;
        const auto& list = part.by_element[element];
        if (only != nullptr && part.number > only->number) {
            not_asked += list.counts.eligible;
            continue;
        }
        sum.ended += list.counts.ended;
        sum.begins_later += list.counts.begins_later;
        sum.retired += list.counts.retired;
        sum.retired_then_valid += list.counts.retired_then_valid;
        sum.committed_later += list.counts.committed_later;
        sum.committed_later_then_valid += list.counts.committed_later_then_valid;
        sum.other_versions_then_valid += list.counts.other_versions_then_valid;
        for (const auto& candidate : list.candidates) {
            const auto& record = candidate.record;
            if (candidate.state == CandidateState::Ended &&
                (ended == nullptr || *record.interval.end > *ended->interval.end)) {
                ended = &record;
            }
            if (candidate.state == CandidateState::BeginsLater &&
                (next == nullptr || record.interval.begin < next->interval.begin)) {
                next = &record;
            }
        }
    }
    std::string why;
    const auto add = [&](const std::string& clause) { why += (why.empty() ? "" : "; ") + clause; };
    if (ended != nullptr) {
        add(fmt::format("the last to end is record {}, at {}", ended->uid,
                        format_position({at.axis, *ended->interval.end})));
    }
    if (next != nullptr) {
        add(fmt::format("the next to begin is record {}, at {}", next->uid,
                        format_position({at.axis, next->interval.begin})));
    }
    if (sum.ended + sum.begins_later == 0) {
        add(sum.retired + sum.committed_later == 0 ? "no record in these versions is recorded"
                                                   : "no record in these versions counts at the snapshot");
    }
    if (sum.retired_then_valid != 0) {
        add(count_of(sum.retired_then_valid, "record") + " that would be valid " +
            (sum.retired_then_valid == 1 ? "is" : "are") + " retired");
    }
    if (sum.committed_later_then_valid != 0) {
        add(count_of(sum.committed_later_then_valid, "record") + " that would be valid " +
            (sum.committed_later_then_valid == 1 ? "was" : "were") + " committed after the snapshot");
    }
    if (sum.other_versions_then_valid != 0) {
        add(count_of(sum.other_versions_then_valid, "record") + " of other versions " +
            (sum.other_versions_then_valid == 1 ? "is" : "are") + " valid");
    }
    if (only != nullptr && not_asked != 0) {
        add(fmt::format("layer {} gives the whole answer, so layers below are not asked, which have {}", only->number,
                        count_of(not_asked, "record") + " that would be valid"));
    }
    return why;
}

ElementExplanation explain_element(const std::vector<LayerPart>& parts, std::size_t element, Position at,
                                   const ElementAnswer& answer, const LayerPart* only, std::uint64_t limit) {
    ElementExplanation out;
    out.element = answer.element;
    out.status = answer.status;
    out.validity = answer.validity;
    out.winner = answer.provenance;
    const auto winner = find_first(parts, element, only);
    std::uint64_t eligible_above = 0;
    for (const auto& part : parts) {
        LayerCandidates layer;
        layer.layer = part.place;
        layer.knows_name = part.entry != nullptr;
        layer.is_asked = only == nullptr || part.number <= only->number;
        layer.commit = part.is_private ? 0 : part.commit;
        if (layer.knows_name) {
            layer.policy = part.entry->record.policy;
            const auto& list = part.by_element[element];
            layer.candidates = list.candidates;
            layer.versions = list.versions;
            layer.counts = list.counts;
            layer.counts.other_elements =
                part.visible - list.counts.eligible - list.counts.ended - list.counts.begins_later;
            for (std::size_t i = 0; i < layer.candidates.size(); ++i) {
                auto& candidate = layer.candidates[i];
                candidate.record.layer = part.place;
                if (part.is_private) {
                    candidate.record.commit = 0;
                    candidate.record.entered = Time{kMinusInfinity};
                }
                if (candidate.state != CandidateState::Eligible) continue;
                if (!layer.is_asked) {
                    candidate.state = CandidateState::NotAsked;
                    candidate.why = fmt::format("layer {} gives the whole answer", only->number);
                    continue;
                }
                candidate.place = eligible_above + i + 1;
                if (candidate.place == 1) continue;
                const auto decision = decide(winner, part, candidate);
                candidate.why = decision.of_loser;
                if (candidate.place == 2) out.why = decision.of_winner;
            }
            if (layer.is_asked) eligible_above += list.counts.eligible;
        }
        out.layers.push_back(std::move(layer));
    }
    if (winner.candidate == nullptr) {
        out.why = why_gap(parts, element, at, only);
        for (auto& layer : out.layers) cut_lists(layer, limit);
        return out;
    }
    if (out.why.empty()) out.why = "the only eligible record";
    for (auto& layer : out.layers) {
        for (auto& candidate : layer.candidates) {
            if (candidate.place == 1) candidate.why = out.why;
        }
        cut_lists(layer, limit);
    }
    return out;
}

}  // namespace

Explanation explain(LayerStack& stack, std::string_view name, Position at, const FetchOptions& options,
                    std::uint64_t limit) {
    if (options.elements.empty()) {
        throw Error(ErrorCode::Usage, {"no element asked for", std::string(name), "at least one element", "none", ""});
    }
    if (options.any_position) {
        throw Error(ErrorCode::Usage, {"a read whatever the position is not explained", std::string(name),
                                       "a read at a position", "a baseLine read", ""});
    }
    if (options.where.kind != Condition::Kind::Always) {
        throw Error(ErrorCode::Usage, {"a read by a condition is not explained", std::string(name), "no condition",
                                       format_condition(options.where), "'etalon history --where' lists the records"});
    }
    FetchOptions asked = options;
    if (asked.version.empty()) asked.version = stack.options().version;
    asked.schema = 0;  // rows are not shown, so none are converted
    asked.strict = false;
    const auto commits = stack.commits_of(name, layers::choice_of(stack.options(), options));
    const bool whole = options.layer_unit == LayerUnit::Answer && stack.several();

    std::vector<ElementAnswer> answers;
    Explanation out;
    const auto ask = [&] {
        const auto answer = stack.read(name, at, asked, nullptr, commits);
        answers.insert(answers.end(), answer->elements.begin(), answer->elements.end());
        out.name = answer->name;
        out.struct_name = answer->struct_name;
        out.settled = answer->settled;
        out.snapshot = answer->snapshot;
    };
    if (whole) {
        ask();
    } else {
        // One by one: rows of several schema versions need not fit together for this.
        for (const auto element : options.elements) {
            asked.elements = {element};
            ask();
        }
        asked.elements = options.elements;
    }
    out.at = at;
    out.version = asked.version.empty() ? "default" : asked.version;
    // What decided takes two records.
    const auto listed = limit == 0 ? 0 : std::max<std::uint64_t>(limit, 2);
    const auto parts = look_at_layers(stack, name, at, asked, commits, listed);
    const auto* only = whole ? layer_of_answer(parts) : nullptr;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto first = find_first(parts, i, only);
        check_agreement(name, at, answers[i], first);
        out.elements.push_back(explain_element(parts, i, at, answers[i], only, limit));
    }
    return out;
}

}  // namespace etalon::database
