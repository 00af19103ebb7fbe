#include "layers/layered_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "etalon/error.h"
#include "layers/conditions.h"
#include "layers/name_entries.h"

namespace etalon::layers {

using backends::Transaction;
using backends::TransactionMode;

namespace {

/// A request on its way down.
struct OpenRequest {
    std::vector<place::NamePtr> entries;  // by layer; null: unknown there
    std::size_t lowest = 0;               // of those that know it
    LayerCommits commits;
    Position at = Time{};
    std::vector<place::Reply> replies;  // by element
    std::vector<bool> done;             // by element
    bool any = false;                   // LayerUnit::Answer: a layer above had one
    Interval above;                     // LayerUnit::Answer: where none above has any
    place::ReadContext context;
};

class LayeredRead {
public:
    LayeredRead(LayerStack& stack, const std::vector<LayeredRequest>& requests) : stack_(stack), requests_(requests) {
        for (const auto& layer : stack_.layers()) {
            transactions_.push_back(layer.place->connection().begin(TransactionMode::Read));
            constexpr std::size_t kMany = 8;
            if (requests.size() > kMany) layer.place->know_all_names(*transactions_.back());
        }
    }

    void open(const LayeredRequest& request, const LayerCommits& commits, const place::ReadContext& context) {
        auto& one = open_.emplace_back();
        one.commits = commits;
        one.context = context;
        one.context.rules = stack_.rules_at(commits);
        one.entries = find_entries(stack_, transactions_, request.name, one.commits);
        one.lowest = lowest_of(one.entries);
        const auto& of_name = *one.entries[one.lowest];
        const bool on_time = of_name.record.axis == Axis::Time;
        const auto& asked_at = on_time ? request.time : request.run;
        if (!asked_at && !request.any_position) {
            throw Error(ErrorCode::WrongAxis,
                        {"wrong axis", request.where.empty() ? "named reference " + request.name : request.where,
                         on_time ? "a time such as 2019-06-09T13:20:47Z" : "a run number",
                         on_time ? "a run number" : "a time", on_time ? "give --at TIME" : "give --run NUMBER"});
        }
        one.at = Position{of_name.record.axis, asked_at.value_or(kPlusInfinity)};
        one.above = Interval{of_name.record.axis, kMinusInfinity, std::nullopt};
        one.replies.resize(request.elements.size());
        one.done.resize(request.elements.size(), false);
        for (auto& reply : one.replies) {
            reply.winner.validity = Interval{of_name.record.axis, kMinusInfinity, std::nullopt};
        }
        if (request.condition.kind != Condition::Kind::Always) {
            one.context.where =
                type_condition(stack_, transactions_, one.entries, request.condition, one.context.rules);
        }
        // A schema version by number is one of the lowest layer's.
        if (!context.definition && context.schema != 0) {
            const auto of_struct =
                place_of(one.lowest).get_struct(*transactions_[one.lowest], of_name.record.struct_id);
            one.context.definition = place_of(one.lowest).asked_definition(*of_struct, context, nullptr);
        }
    }

    /// Asks one layer what those above have left open.
    void ask_layer(std::size_t layer) {
        for (auto& [key, set] : sets_of(layer)) {
            if (set.questions.empty()) continue;
            auto context = open_[set.asked.front().request].context;
            context.snapshot = key.commit;
            context.rules = key.rules;
            auto replies = place_of(layer).ask_many(*transactions_[layer], set.questions, context);
            for (std::size_t q = 0; q < replies.size(); ++q) {
                auto& into = open_[set.asked[q].request];
                auto& reply = into.replies[set.asked[q].element];
                const auto above = reply.winner.validity;
                const bool wins = replies[q].winner.record.has_value();
                reply = std::move(replies[q]);
                reply.from = &place_of(layer);
                reply.winner.validity = intersect(above, reply.winner.validity);
                if (wins) into.done[set.asked[q].element] = true;
            }
        }
    }

    /// LayerUnit::Answer: the layer that has any element gives the answer as long as it has, and as long as none above
    /// has any.
    void give_whole(std::size_t layer) {
        for (auto& one : open_) {
            if (one.any || !one.entries[layer]) continue;
            one.any = std::any_of(one.done.begin(), one.done.end(), [](bool done) { return done; });
            Interval common = one.above;
            for (const auto& reply : one.replies) common = intersect(common, reply.winner.validity);
            for (std::size_t e = 0; e < one.replies.size(); ++e) {
                auto& validity = one.replies[e].winner.validity;
                validity = one.any && one.done[e] ? intersect(one.above, validity) : common;
            }
            one.above = common;
        }
    }

    [[nodiscard]] std::vector<Answer> finish() {
        std::vector<Answer> answers;
        answers.reserve(open_.size());
        for (std::size_t r = 0; r < open_.size(); ++r) {
            auto& one = open_[r];
            const auto& elements = requests_[r].elements;
            const auto& of_name = *one.entries[one.lowest];
            if (!one.context.definition) unify(one, elements);
            const index::Resolved as_of{one.commits.commits[stack_.traits().home], one.commits.settled};
            answers.push_back(place_of(one.lowest)
                                  .make_answer(of_name, elements, one.at, std::move(one.replies), one.context, as_of));
        }
        return answers;
    }

private:
    /// Questions to one layer that have snapshot, layout and rules in common.
    struct SetKey {
        std::int64_t commit;
        const StructDefinition* layout;
        place::RuleBookPtr rules;
        const place::TypedCondition* where;
        auto operator<=>(const SetKey&) const = default;
    };
    struct QuestionSet {
        struct Asked {
            std::size_t request;
            std::size_t element;
        };
        std::vector<place::Question> questions;
        std::vector<Asked> asked;
    };

    [[nodiscard]] place::Place& place_of(std::size_t layer) const { return *stack_.layers()[layer].place; }

    [[nodiscard]] std::map<SetKey, QuestionSet> sets_of(std::size_t layer) {
        std::map<SetKey, QuestionSet> sets;
        for (std::size_t r = 0; r < open_.size(); ++r) {
            auto& one = open_[r];
            if (!one.entries[layer] || one.any) continue;
            auto& set = sets[{one.commits.commits[layer], one.context.definition.get(), stack_.rules_at(one.commits),
                              one.context.where.get()}];
            const auto& chain = one.entries[layer]->get_chain(requests_[r].version);
            for (std::size_t e = 0; e < requests_[r].elements.size(); ++e) {
                if (one.done[e]) continue;
                set.questions.push_back({one.entries[layer].get(), &chain, requests_[r].any_position,
                                         requests_[r].elements[e], one.at.value});
                set.asked.push_back({r, e});
            }
        }
        return sets;
    }

    /// Brings rows of several layers to one layout.
    void unify(OpenRequest& one, const std::vector<std::int64_t>& elements) {
        std::vector<DefinitionPtr> layouts;
        for (const auto& reply : one.replies) {
            if (reply.plan) layouts.push_back(reply.plan->asked);
        }
        const auto newest = newest_layout(stack_, transactions_, one.entries, layouts);
        if (!newest) return;
        one.context.definition = newest;
        one.context.rules = stack_.rules_at(one.commits);
        for (std::size_t e = 0; e < one.replies.size(); ++e) {
            place_of(one.lowest).bring_to(*one.entries[one.lowest], elements[e], one.replies[e], newest, one.context);
        }
    }

    LayerStack& stack_;
    const std::vector<LayeredRequest>& requests_;
    std::vector<std::unique_ptr<Transaction>> transactions_;  // by layer
    std::vector<OpenRequest> open_;
};

}  // namespace

std::vector<Answer> ask_layers(LayerStack& stack, const std::vector<LayeredRequest>& requests,
                               const std::vector<LayerCommits>& commits, LayerUnit unit,
                               const place::ReadContext& context) {
    LayeredRead read(stack, requests);
    for (std::size_t r = 0; r < requests.size(); ++r) read.open(requests[r], commits[r], context);
    for (std::size_t layer = 0; layer < stack.layers().size(); ++layer) {
        read.ask_layer(layer);
        if (unit == LayerUnit::Answer) read.give_whole(layer);
    }
    return read.finish();
}

}  // namespace etalon::layers
