#include "layers/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "etalon/error.h"
#include "index/winner.h"
#include "index/winner_segments.h"
#include "layers/name_entries.h"
#include "layers/stack.h"
#include "layers/trees.h"

namespace etalon::layers {
namespace {

using index::WinnerSegment;
using Segments = std::vector<WinnerSegment>;

/// A position, of which none is behind all.
using End = std::optional<std::int64_t>;

bool is_before(const End& a, const End& b) noexcept {
    return a && (!b || *a < *b);
}

/// One table node over its range.
class NodeSweep {
public:
    NodeSweep(LayerStack& stack, const Transactions& transactions, const LayeredRequest& asked,
              const LayerCommits& commits, const CoverageRequest& request)
        : stack_(stack), transactions_(transactions), asked_(asked), commits_(commits), request_(request) {
        entries_ = find_entries(stack, transactions, asked.name, commits);
        const auto& name = *entries_[lowest_of(entries_)];
        axis_ = name.record.axis;
        coverage_ = name.record.coverage;
        context_.rules = stack.rules_at(commits);
        const auto struct_name = context_.name_of_struct(name.of_struct->record.name);
        for (const auto& layout : request.layouts) {
            if (context_.name_of_struct(layout->name) == struct_name) context_.definition = layout;
        }
        context_.options.lenient = request.lenient;
    }

    [[nodiscard]] CoveredNode run() {
        CoveredNode covered;
        covered.node.reference = asked_.name;
        covered.node.base_line = asked_.any_position;
        range_ = find_range();
        read();
        std::vector<std::size_t> at(lists_.size(), 0);
        for (auto begin = range_.begin;;) {
            End end = range_.end;
            for (std::size_t list = 0; list < lists_.size(); ++list) {
                if (is_before(lists_[list][at[list]].end, end)) end = lists_[list][at[list]].end;
            }
            ++covered.node.intervals;
            add(covered.faults, judge(at), {axis_, begin, end});
            if (!is_before(end, range_.end)) break;
            for (std::size_t list = 0; list < lists_.size(); ++list) {
                if (lists_[list][at[list]].end == end) ++at[list];
            }
            begin = *end;
        }
        covered.node.faults = covered.faults.size();
        return covered;
    }

private:
    struct Fault {
        CoverageStatus status = CoverageStatus::Gap;
        std::string reason;
    };

    [[nodiscard]] place::Place& place_of(std::size_t layer) const { return *stack_.layers()[layer].place; }

    [[nodiscard]] Interval find_range() const {
        const auto& range = axis_ == Axis::Time ? request_.times : request_.runs;
        if (range) return *range;
        if (asked_.any_position) return {axis_, kMinusInfinity, std::nullopt};
        throw Error(ErrorCode::WrongAxis,
                    {"a configuration has a node on an axis that was not asked for", asked_.where,
                     axis_ == Axis::Time ? "a range of times" : "a range of runs", "none",
                     axis_ == Axis::Time ? "give --from TIME --to TIME" : "give --from-run N --to-run N"});
    }

    /// One list an element, or, where layers answer as a whole, one for each element and layer.
    void read() {
        const bool whole = request_.layer_unit == LayerUnit::Answer;
        for (const auto element : asked_.elements) {
            Segments all{{range_.begin, range_.end}};
            for (std::size_t layer = 0; layer < entries_.size(); ++layer) {
                auto segments = read_layer(layer, element);
                if (whole) {
                    lists_.push_back(std::move(segments));
                } else {
                    all = index::fill_gaps(std::move(all), segments);
                }
            }
            if (!whole) lists_.push_back(std::move(all));
        }
    }

    [[nodiscard]] Segments read_layer(std::size_t layer, std::int64_t element) {
        if (!entries_[layer]) return {{range_.begin, range_.end}};
        auto& entry = *entries_[layer];
        auto& tx = *transactions_[layer];
        const auto& chain = entry.get_chain(asked_.version);
        Segments segments;
        if (asked_.any_position) {
            const auto found =
                index::find_any_position(tx, entry.record, element, chain, commits_.commits[layer]).record;
            segments = {
                {range_.begin, range_.end, found.has_value(), found && found->data_id != 0 ? found->schema_id : 0}};
        } else {
            segments = index::winner_segments(tx, entry.record, element, chain, range_.begin, range_.end,
                                              commits_.commits[layer]);
        }
        for (auto& segment : segments) segment.layer = layer;
        return segments;
    }

    /// What of each element answers.
    [[nodiscard]] std::vector<WinnerSegment> winners(const std::vector<std::size_t>& at) const {
        std::vector<WinnerSegment> all;
        const auto elements = asked_.elements.size();
        const auto layers = lists_.size() / elements;
        std::size_t layer = 0;
        if (layers > 1) {
            const auto has_any = [&](std::size_t of) {
                for (std::size_t e = 0; e < elements; ++e) {
                    if (lists_[e * layers + of][at[e * layers + of]].has_record) return true;
                }
                return false;
            };
            while (layer + 1 < layers && !has_any(layer)) ++layer;
        }
        for (std::size_t e = 0; e < elements; ++e) {
            const auto list = e * layers + layer;
            all.push_back(lists_[list][at[list]]);
        }
        return all;
    }

    [[nodiscard]] std::optional<Fault> judge(const std::vector<std::size_t>& at) {
        std::set<std::pair<std::size_t, std::int64_t>> schemas;
        std::vector<std::int64_t> missing;
        bool holes = false;
        const auto all = winners(at);
        for (std::size_t e = 0; e < all.size(); ++e) {
            if (!all[e].has_record) {
                missing.push_back(asked_.elements[e]);
            } else if (all[e].schema_id == 0) {
                holes = true;
            } else {
                schemas.emplace(all[e].layer, all[e].schema_id);
            }
        }
        if (schemas.empty()) {
            if (holes) return std::nullopt;
            return Fault{CoverageStatus::Gap, all.size() > 1 ? "no element" : ""};
        }
        if (auto reason = find_refusal(schemas); !reason.empty())
            return Fault{CoverageStatus::Unreadable, std::move(reason)};
        if (!coverage_.complete) return std::nullopt;
        std::ranges::sort(missing);
        std::erase_if(missing,
                      [&](std::int64_t element) { return !std::ranges::binary_search(coverage_.elements, element); });
        if (missing.empty()) return std::nullopt;
        return Fault{CoverageStatus::Incomplete,
                     fmt::format("without element{} {}", missing.size() > 1 ? "s" : "", format_elements(missing))};
    }

    /// Why rows of these schema versions (by layer) cannot be read together; empty when they can.
    const std::string& find_refusal(const std::set<std::pair<std::size_t, std::int64_t>>& schemas) {
        const auto [known, is_new] = refusals_.try_emplace(schemas);
        if (!is_new) return known->second;
        std::vector<std::pair<std::size_t, store::SchemaPtr>> stored;
        std::vector<DefinitionPtr> layouts;
        for (const auto& [layer, schema_id] : schemas) {
            auto schema = find_schema(layer, schema_id);
            layouts.push_back(schema->definition);
            stored.emplace_back(layer, std::move(schema));
        }
        auto asked = context_.definition;
        if (!asked && schemas.size() > 1) asked = newest_layout(stack_, transactions_, entries_, layouts);
        for (const auto& [layer, schema] : stored) {
            if (!asked || schema->definition == asked) continue;
            try {
                (void)place_of(layer).get_read_plan(schema, asked, context_);
            } catch (const Error& error) {
                if (error.code() != ErrorCode::Conversion) throw;
                known->second = error.what();
                break;
            }
        }
        return known->second;
    }

    [[nodiscard]] store::SchemaPtr find_schema(std::size_t layer, std::int64_t schema_id) const {
        auto& tx = *transactions_[layer];
        const auto struct_id = entries_[layer]->record.struct_id;
        auto schema = place_of(layer).get_struct(tx, struct_id)->find(schema_id);
        if (!schema) schema = place_of(layer).reload_struct(tx, struct_id)->find(schema_id);
        if (schema) return schema;
        throw Error(ErrorCode::Corrupt,
                    {"a record of a schema version that is not recorded", asked_.where, "a recorded one",
                     std::to_string(schema_id), "'etalon verify --deep' lists what is damaged"});
    }

    static void add(std::vector<CoverageStretch>& faults, std::optional<Fault> fault, const Interval& interval) {
        if (!fault) return;
        if (!faults.empty()) {
            auto& last = faults.back();
            if (last.validity.end == interval.begin && last.status == fault->status && last.reason == fault->reason) {
                last.validity.end = interval.end;
                return;
            }
        }
        faults.push_back({interval, "", "", fault->status, std::move(fault->reason)});
    }

    LayerStack& stack_;
    const Transactions& transactions_;
    const LayeredRequest& asked_;
    const LayerCommits& commits_;
    const CoverageRequest& request_;
    std::vector<place::NamePtr> entries_;  // by layer
    Axis axis_ = Axis::Time;
    Coverage coverage_;
    place::ReadContext context_;
    Interval range_;
    std::vector<Segments> lists_;  // by element, then by layer where layers answer as a whole
    std::map<std::set<std::pair<std::size_t, std::int64_t>>, std::string> refusals_;
};

}  // namespace

CoveredTree cover_tree(LayerStack& stack, std::string_view root, std::string_view key, const CoverageRequest& request,
                       std::string_view place, const Progress& progress) {
    ConfigurationRequest as_read;
    as_read.version = request.version;
    as_read.as_of = request.as_of;
    as_read.as_of_patterns = request.as_of_patterns;
    CoveredTree covered;
    const auto asked = plan_tree(stack, root, key, as_read, place);
    covered.known = asked.known;
    if (!asked.known) return covered;
    covered.nodes.resize(asked.known->nodes.size());
    Transactions transactions;
    for (const auto& layer : stack.layers())
        transactions.push_back(layer.place->connection().begin(backends::TransactionMode::Read));
    for (std::size_t i = 0; i < asked.nodes.size(); ++i) {
        covered.nodes[asked.nodes[i]] =
            NodeSweep(stack, transactions, asked.requests[i], asked.commits[i], request).run();
        if (progress) progress(i + 1, asked.nodes.size());
    }
    return covered;
}

}  // namespace etalon::layers
