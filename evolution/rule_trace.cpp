#include "evolution/rule_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/number_text.h"
#include "base/numbers.h"
#include "evolution/matching.h"
#include "evolution/value_ranges.h"
#include "schema/value_text.h"

namespace etalon::evolution {
namespace {

constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

using ElementsByPath = std::unordered_map<std::string_view, const Element*>;

ElementsByPath by_path(const StructDefinition& layout) {
    ElementsByPath elements;
    elements.reserve(layout.elements.size());
    for (const auto& element : layout.elements) elements.emplace(element.path, &element);
    return elements;
}

const Element* find_in(const ElementsByPath& elements, std::string_view path) {
    const auto found = elements.find(path);
    return found == elements.end() ? nullptr : found->second;
}

/// The links of one side of a section that are about one element, in their order.
struct PathLinks {
    const Link* whole = nullptr;                               ///< the first for all of it
    std::map<std::vector<std::uint64_t>, const Link*> single;  ///< the first for each value; a scalar's index is empty

    void add(const Slot& slot, const Link& link) {
        if (!slot.index) {
            if (whole == nullptr) whole = &link;
        } else {
            single.emplace(*slot.index, &link);
        }
    }

    /// The first that is about a place. A link for all of an element is one for each of its values; a scalar is whole
    /// and single.
    [[nodiscard]] const Link* find(const Slot& slot) const {
        const auto one = single.find(slot.index.value_or(std::vector<std::uint64_t>()));
        if (one == single.end()) return whole;
        return whole == nullptr ? one->second : std::min(whole, one->second);  // of one vector
    }

    /// The first that takes a place: whoever takes a scalar, or all, takes everything.
    [[nodiscard]] const Link* find_taker(const Slot& slot) const {
        if (whole != nullptr) return whole;
        const auto scalar = single.find({});
        if (scalar != single.end()) return scalar->second;
        return find(slot);
    }
};

/// A section as seen on the way: `target` towards the asked layout, `source` towards the stored one.
struct StepView {
    explicit StepView(const RuleStep& step)
        : forward(step.forward),
          rules(*step.rules),
          newer(by_path(*step.rules->newer)),
          older(by_path(*step.rules->older)) {
        for (const auto& link : rules.links) {
            at_target[target(link).path].add(target(link), link);
            if (!link.by_name) at_source[source(link).path].add(source(link), link);
        }
        if (forward) {
            for (const auto& fill : rules.fills) fills[fill.path].push_back(&fill);
        }
    }

    [[nodiscard]] const Slot& target(const Link& link) const { return forward ? link.newer : link.older; }
    [[nodiscard]] const Slot& source(const Link& link) const { return forward ? link.older : link.newer; }
    [[nodiscard]] const ElementsByPath& target_elements() const { return forward ? newer : older; }
    [[nodiscard]] const ElementsByPath& source_elements() const { return forward ? older : newer; }

    template <class Value>
    static const Value* find(const std::unordered_map<std::string_view, Value>& of, std::string_view path) {
        const auto found = of.find(path);
        return found == of.end() ? nullptr : &found->second;
    }

    bool forward;
    const CheckedRules& rules;
    ElementsByPath newer;
    ElementsByPath older;
    std::unordered_map<std::string_view, PathLinks> at_target;
    std::unordered_map<std::string_view, PathLinks> at_source;                  ///< without those by name
    std::unordered_map<std::string_view, std::vector<const FillValue*>> fills;  ///< forwards only
};

/// Values of an element on their way from the asked to the stored side: all of it (no index), one value, or several
/// that behave alike and are where their own indices say; then the slot has the index of the first.
struct Walker {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    Slot slot;
    Origin origin;
    bool lost = false;  ///< no older layout has it
};

class Tracer {
public:
    Tracer(const StructDefinition& stored, const std::vector<RuleStep>& way, const schema::UnitSystem* units)
        : stored_(stored), stored_elements_(by_path(stored)), units_(units) {
        for (auto step = way.rbegin(); step != way.rend(); ++step) steps_.emplace_back(*step);
    }

    ElementOrigin trace(const Element& asked) {
        applied_.clear();
        asked_ = &asked;
        by_value_ = false;
        ElementOrigin result;
        std::vector<Walker> walkers(1);
        walkers.front().count = number_of_values(asked);
        walkers.front().slot.path = asked.path;
        walkers.front().origin.unit = asked.unit;
        for (const auto& step : steps_) {
            if (!by_value_ && !walkers.front().slot.index && splits(step, walkers.front())) {
                walkers.front().slot.index = index_of(asked, 0);
                by_value_ = true;
            }
            if (by_value_) walkers = cut(step, std::move(walkers));
            for (auto& walker : walkers) take(step, walker);
        }
        constexpr std::size_t kMostNamed = 8;
        for (std::size_t i = 0; i < std::min(applied_.size(), kMostNamed); ++i)
            result.rules += (i == 0 ? "" : ", ") + applied_[i];
        if (applied_.size() > kMostNamed) result.rules += fmt::format(" and {} more", applied_.size() - kMostNamed);
        // Without an index a scalar that was an item of an array is one value, too.
        result.by_value = by_value_ || walkers.front().slot.index.has_value();
        for (auto& walker : walkers) arrive(std::move(walker), result);
        if (result.by_value && is_whole_again(result)) result.by_value = false;
        if (!result.by_value) {
            result.whole = std::move(result.origins.front());
            result.origins.clear();
            result.runs.clear();
            result.is_renamed =
                result.whole.stored != Origin::kNone && stored_.elements[result.whole.stored].path != asked.path;
        }
        return result;
    }

private:
    static bool is_scalar(const Slot& slot) { return slot.index && slot.index->empty(); }

    static bool is_item(const Slot& slot) { return slot.index && !slot.index->empty(); }

    /// True when every value came from the same place of an array of the same dimensions, in the same way.
    [[nodiscard]] bool is_whole_again(const ElementOrigin& result) const {
        if (result.runs.size() != 1 || result.origins.front().stored == Origin::kNone ||
            !result.origins.front().problem.empty())
            return false;
        const auto& from = stored_.elements[result.origins.front().stored];
        const auto rank = array_rank(from);
        return rank == array_rank(*asked_) &&
               std::equal(from.dims.begin(), from.dims.begin() + static_cast<std::ptrdiff_t>(rank),
                          asked_->dims.begin());
    }

    /// True when a section says something of single values of what is whole so far.
    [[nodiscard]] bool splits(const StepView& step, const Walker& walker) const {
        if (walker.lost || array_rank(*asked_) == 0 || walker.count == 0) return false;
        const auto& path = walker.slot.path;
        const auto has_items = [](const PathLinks* links) {
            return links != nullptr &&
                   std::ranges::any_of(links->single, [](const auto& one) { return !one.first.empty(); });
        };
        const auto* links = StepView::find(step.at_target, path);
        if (has_items(links)) return true;
        // By its name, but without the values that went elsewhere.
        const bool is_whole = links != nullptr && links->whole != nullptr && !links->whole->by_name;
        if (!is_whole && has_items(StepView::find(step.at_source, path))) return true;
        const auto* fills = StepView::find(step.fills, path);
        if (fills == nullptr) return false;
        const auto* newer = find_in(step.newer, path);
        return std::ranges::any_of(*fills, [&](const FillValue* fill) {
            return !fill->index.empty() || fill->from || newer == nullptr || newer->dims != asked_->dims;
        });
    }

    /// Cuts walkers of several values wherever a section says something else of some of them.
    [[nodiscard]] std::vector<Walker> cut(const StepView& step, std::vector<Walker> walkers) const {
        // All walkers of several values went the same way, hence are at one path.
        const auto many = std::ranges::find_if(walkers, [](const Walker& one) { return one.count > 1 && !one.lost; });
        if (many == walkers.end()) return walkers;
        const auto& path = many->slot.path;
        const auto all = number_of_values(*asked_);
        std::vector<std::uint64_t> cuts;
        const auto add_range = [&](std::uint64_t begin, std::uint64_t end) {
            cuts.push_back(begin);
            cuts.push_back(end);
        };
        for (const auto* links : {StepView::find(step.at_target, path), StepView::find(step.at_source, path)}) {
            if (links == nullptr) continue;
            for (const auto& [index, link] : links->single) {
                const auto value = value_at(*asked_, index);
                if (value < all) add_range(value, value + 1);
            }
        }
        if (const auto* fills = StepView::find(step.fills, path)) {
            for (const auto* fill : *fills) add_fill(*fill, add_range);
            const auto* newer = find_in(step.newer, path);
            const auto rank = array_rank(*asked_);
            if (newer != nullptr && array_rank(*newer) == rank) {
                for_each_common_run(
                    newer->dims, asked_->dims, rank,
                    [&](std::uint64_t, std::uint64_t at, std::uint64_t count) { add_range(at, at + count); });
            }
        }
        if (cuts.empty()) return walkers;
        std::ranges::sort(cuts);
        std::vector<Walker> pieces;
        for (auto& walker : walkers) {
            const auto end = walker.first + walker.count;
            auto next = walker.count > 1 && !walker.lost ? std::ranges::upper_bound(cuts, walker.first) : cuts.end();
            while (next != cuts.end() && *next < end) {
                pieces.push_back(walker);
                pieces.back().count = *next - walker.first;
                walker.first = *next;
                walker.count = end - *next;
                walker.slot.index = index_of(*asked_, walker.first);
                next = std::upper_bound(next, cuts.end(), walker.first);
            }
            pieces.push_back(std::move(walker));
        }
        return pieces;
    }

    /// The asked values that a fill covers: always consecutive ones.
    template <class Use>
    void add_fill(const FillValue& fill, const Use& use) const {
        const auto rank = array_rank(*asked_);
        const auto used = fill.index.size() + (fill.from ? 1 : 0);
        if (used > rank) return;
        std::uint64_t begin = 0;
        for (std::size_t d = 0; d < fill.index.size(); ++d) {
            if (fill.index[d] >= asked_->dims[d]) return;
            begin = begin * asked_->dims[d] + fill.index[d];
        }
        auto end = begin + 1;
        if (fill.from) {
            const auto dim = asked_->dims[used - 1];
            end = end * dim;
            begin = begin * dim + std::min(*fill.from, dim);
        }
        for (std::size_t d = used; d < rank; ++d) {
            begin *= asked_->dims[d];
            end *= asked_->dims[d];
        }
        if (begin < end) use(begin, end);
    }

    void note(const std::string& rule) {
        if (!rule.empty() && std::ranges::find(applied_, rule) == applied_.end()) applied_.push_back(rule);
    }

    void note_loss(const StepView& step, const std::string& newer_path, Walker& walker) {
        if (std::ranges::find(step.rules.lossy, newer_path) == step.rules.lossy.end()) return;
        walker.origin.may_lose = true;
        note("allow loss " + newer_path);
    }

    /// The fills of a section for values of its own layout, in the unit that is asked for.
    /// A fill of another type as the law converts numbers: a truth value or the name of an enumerator becomes a number
    /// where a plain number is asked for, a number its name where both are enumerations.
    [[nodiscard]] std::string as_asked(const Element& newer, const std::string& fill) const {
        if (newer.is_text() || asked_->is_text()) return fill;
        if (newer.enumerators.empty() && newer.type != ScalarType::Bool) return fill;
        if (newer.type == asked_->type && newer.enumerators == asked_->enumerators) return fill;
        const bool is_plain = newer.enumerators.empty() || asked_->enumerators.empty();
        const auto same = [&](const auto& name) { return name.first == fill; };
        if (!is_plain && std::ranges::any_of(newer.enumerators, same)) return fill;
        const Element single = value_of(newer, 0);
        Bytes value(single.bytes());
        if (!schema::write_fill(single, fill, value.data())) return fill;
        return with_number_type(newer.type, [&]<class T>(T) {
            const auto number = load_number<T>(value.data());
            std::string text;
            if constexpr (std::is_same_v<T, bool>) {
                text = number ? "1" : "0";
            } else if constexpr (!std::is_floating_point_v<T>) {
                append_integer(text, number);
            }
            if (is_plain) return text;
            const auto named = std::ranges::find(newer.enumerators, static_cast<std::int64_t>(number),
                                                 &std::pair<std::string, std::int64_t>::second);
            return named == newer.enumerators.end() ? text : named->first;
        });
    }

    void note_fills(const StepView& step, Walker& walker) const {
        const auto* fills = StepView::find(step.fills, walker.slot.path);
        const auto* newer = find_in(step.newer, walker.slot.path);
        if (fills == nullptr || newer == nullptr) return;
        if (walker.slot.index && value_at(*newer, *walker.slot.index) >= number_of_values(*newer)) return;
        for (const auto* fill : *fills) {
            if (!fill->covers(walker.slot)) continue;
            auto scale = walker.origin.scale;
            if (newer->unit != walker.origin.unit) {
                const auto unit = units_ == nullptr || newer->unit.empty() || walker.origin.unit.empty()
                                      ? std::nullopt
                                      : units_->conversion(newer->unit, walker.origin.unit);
                if (!unit) continue;  // a number of another kind
                scale = combined(scale, *unit);
            }
            const auto value = as_asked(*newer, fill->value);
            walker.origin.fill = value;
            double number = 0;
            if (scale.is_identity() || parse_float(value, number) != FloatParse::Ok) continue;
            std::string text;
            append_float(text, scale.apply(number));
            walker.origin.fill = std::move(text);
        }
    }

    void take(const StepView& step, Walker& walker) {
        if (walker.lost) return;
        // Loss is allowed into the type that the rule was written for, and not by what came after it: a factor or a
        // unit.
        const auto* to = find_in(step.target_elements(), walker.slot.path);
        const bool is_meant =
            to != nullptr && to->type == asked_->type && !walker.origin.is_scaled && to->unit == walker.origin.unit;
        if (step.forward) {
            if (is_meant) note_loss(step, walker.slot.path, walker);
            note_fills(step, walker);
        }
        const auto* links = StepView::find(step.at_target, walker.slot.path);
        const Link* found = links == nullptr ? nullptr : links->find(walker.slot);
        if ((found == nullptr || found->by_name) && is_taken_elsewhere(step, walker.slot)) {
            walker.lost = true;
            const auto* takers = StepView::find(step.at_source, walker.slot.path);
            const auto* taker = takers == nullptr ? nullptr : takers->find_taker(walker.slot);
            if (taker != nullptr) note(taker->text);
        } else if (found != nullptr && !walker.slot.index && array_rank(*asked_) != 0 && is_item(step.source(*found))) {
            // An array that is one value here, which a rule takes from another array.
            walker.lost = true;
            walker.origin.problem_kind = OriginProblem::Place;
            walker.origin.problem = fmt::format("{} is {}, and one value on the way ({}): no rule says which one it is",
                                                asked_->path, describe_type(*asked_), walker.slot.path);
        } else if (found != nullptr) {
            follow(step, *found, walker);
        }
        if (!step.forward && !walker.lost && is_meant) note_loss(step, walker.slot.path, walker);
    }

    void follow(const StepView& step, const Link& link, Walker& walker) {
        note(link.text);
        walker.origin.is_moved |= !link.by_name;
        if (link.is_scaled) {
            const auto* to = find_in(step.target_elements(), walker.slot.path);
            const auto* from = find_in(step.source_elements(), step.source(link).path);
            auto& origin = walker.origin;
            if (to != nullptr && to->unit != origin.unit) {
                const auto unit = units_ == nullptr || to->unit.empty() || origin.unit.empty()
                                      ? std::nullopt
                                      : units_->conversion(to->unit, origin.unit);
                if (!unit) {
                    origin.problem_kind = OriginProblem::Unit;
                    origin.problem = fmt::format("the unit of {} changed from [{}] to [{}], and no rule says how",
                                                 walker.slot.path, to->unit, origin.unit);
                } else {
                    origin.scale = combined(origin.scale, *unit);
                    origin.has_unit = true;
                }
            }
            origin.scale = combined(origin.scale, step.forward ? link.scale : link.scale.reversed());
            origin.is_scaled = true;
            origin.is_reversed |= !step.forward;
            if (from != nullptr) origin.unit = from->unit;
        }
        const Slot& place = step.target(link);
        const Slot& other = step.source(link);
        walker.slot.path = other.path;
        if (place.index || other.index) walker.slot.index = other.index;
        // From scalar to scalar is whole again.
        if (!by_value_ && place.index && place.index->empty() && is_scalar(walker.slot)) walker.slot.index.reset();
    }

    /// True when the source side has that place, but rules give its value to another one.
    static bool is_taken_elsewhere(const StepView& step, const Slot& slot) {
        const auto* sources = StepView::find(step.at_source, slot.path);
        if (sources != nullptr && sources->find_taker(slot) != nullptr) return true;
        // A name that the target side does not have, and of which the source side gave away values, is used up.
        if (sources != nullptr && find_in(step.target_elements(), slot.path) == nullptr) return true;
        if (!step.at_target.contains(slot.path) || !slot.index) return false;
        // Of an array that rules fill value by value, the others are only the same when the old one had as many
        // dimensions.
        const auto* from = find_in(step.source_elements(), slot.path);
        return from != nullptr && array_rank(*from) != slot.index->size();
    }

    /// Adds what became of a walker at the stored layout.
    void arrive(Walker walker, ElementOrigin& result) {
        auto& origin = walker.origin;
        const auto* from = walker.lost ? nullptr : find_in(stored_elements_, walker.slot.path);
        if (from == nullptr) return add_run({walker.first, walker.count, 0, 0}, std::move(origin), result);
        const auto number = static_cast<std::uint32_t>(from - stored_.elements.data());
        auto missing = origin;
        origin.stored = number;
        check_enumerations(*from, origin);
        if (!walker.slot.index) return add_run({walker.first, walker.count, 0, 0}, std::move(origin), result);
        const auto& index = *walker.slot.index;
        if (array_rank(*from) != index.size()) {
            origin.problem_kind = OriginProblem::Place;
            origin.problem = fmt::format("{} is {} where it is stored, and no rule says which value becomes {}",
                                         from->path, describe_type(*from), asked_->path);
            return add_run({walker.first, walker.count, 0, 0}, std::move(origin), result);
        }
        if (walker.count == 1) {
            const auto value = value_at(*from, index);
            if (value < number_of_values(*from)) return add_run({walker.first, 1, value, 0}, std::move(origin), result);
            return add_run({walker.first, 1, 0, 0}, std::move(missing), result);  // a shorter array: as padded
        }
        auto done = walker.first;
        const auto end = walker.first + walker.count;
        const auto& runs = common_runs(*from);
        auto run = std::ranges::upper_bound(runs, done, {}, [](const OriginRun& one) { return one.first + one.count; });
        for (; run != runs.end() && run->first < end; ++run) {
            const auto first = std::max(done, run->first);
            if (first > done) add_run({done, first - done, 0, 0}, missing, result);
            done = std::min(end, run->first + run->count);
            add_run({first, done - first, run->index + (first - run->first), 0}, origin, result);
        }
        if (done < end) add_run({done, end - done, 0, 0}, std::move(missing), result);
    }

    /// Enumerations are read by their names, and a factor is about numbers: between two enumerations it means neither.
    void check_enumerations(const Element& from, Origin& origin) const {
        if (!origin.is_scaled || from.enumerators.empty() || asked_->enumerators.empty()) return;
        if (origin.scale.is_identity() && from.enumerators == asked_->enumerators) return;
        origin.problem_kind = OriginProblem::Enumeration;
        origin.problem = fmt::format(
            "{} is an enumeration where it is stored and where it is asked for, and a factor of a rule lies "
            "between: neither the names nor the numbers stay; a section for just these two layouts would "
            "come before it",
            from.path);
    }

    /// Values of the asked element that a stored one of as many dimensions has at the same indices.
    const std::vector<OriginRun>& common_runs(const Element& from) {
        if (common_of_ != std::pair(asked_, &from)) {
            common_of_ = {asked_, &from};
            common_runs_.clear();
            for_each_common_run(from.dims, asked_->dims, array_rank(*asked_),
                                [&](std::uint64_t index, std::uint64_t first, std::uint64_t count) {
                                    common_runs_.push_back({first, count, index, 0});
                                });
        }
        return common_runs_;
    }

    /// Adds a run, or lengthens the last one.
    static void add_run(OriginRun run, Origin origin, ElementOrigin& result) {
        auto& origins = result.origins;
        // Runs of stored values and of missing ones take turns.
        for (std::size_t back = 1; back <= 2 && back <= origins.size(); ++back) {
            const auto known = origins.size() - back;
            if (origins[known] != origin) continue;
            run.origin = static_cast<std::uint32_t>(known);
            if (!result.runs.empty()) {
                auto& last = result.runs.back();
                const bool is_stored = origin.stored != Origin::kNone;
                if (last.origin == run.origin && (!is_stored || last.index + last.count == run.index)) {
                    last.count += run.count;
                    return;
                }
            }
            result.runs.push_back(run);
            return;
        }
        run.origin = static_cast<std::uint32_t>(origins.size());
        origins.push_back(std::move(origin));
        result.runs.push_back(run);
    }

    const StructDefinition& stored_;
    ElementsByPath stored_elements_;
    std::vector<StepView> steps_;  ///< from the asked side on
    const schema::UnitSystem* units_;
    std::vector<std::string> applied_;
    const Element* asked_ = nullptr;                       ///< the element that is traced
    bool by_value_ = false;                                ///< value by value
    std::pair<const Element*, const Element*> common_of_;  ///< what common_runs_ is about
    std::vector<OriginRun> common_runs_;
};

}  // namespace

schema::UnitConversion combined(const schema::UnitConversion& outer, const schema::UnitConversion& inner) {
    if (inner.is_identity()) return outer;
    if (outer.is_identity()) return inner;
    if (outer.exact && inner.exact) return schema::UnitConversion::make(outer.exact->after(*inner.exact));
    if (outer == inner.reversed()) return {};
    const auto last = outer.flat();
    const auto first = inner.flat();
    return {last.scale * first.scale, last.scale * first.offset + last.offset, false, nullptr};
}

StructRules::StructRules(std::vector<std::string> versions, std::vector<CheckedRulesPtr> sections)
    : versions_(std::move(versions)) {
    for (auto& section : sections) {
        const auto same =
            std::ranges::find_if(sections_, [&](const auto& known) { return known->joins_same(*section); });
        same == sections_.end() ? sections_.push_back(std::move(section)) : void(*same = std::move(section));
    }
    for (std::size_t i = 0; i < versions_.size(); ++i) parents_.push_back(i == 0 ? 0 : i - 1);
    std::vector<bool> joined(versions_.size(), false);
    for (const auto& section : sections_) {
        const auto a = find_version(section->older_name);
        const auto b = find_version(section->newer_name);
        if (a == kUnknown || b == kUnknown || a == b) continue;
        const auto child = std::max(a, b);
        if (!joined[child]) parents_[child] = std::min(a, b);
        joined[child] = true;
    }
}

std::size_t StructRules::find_version(std::string_view name) const noexcept {
    const auto found = std::ranges::find(versions_, name);
    return found == versions_.end() ? kUnknown : static_cast<std::size_t>(found - versions_.begin());
}

bool StructRules::are_distinct(const StructDefinition& stored, std::string_view stored_path,
                               const StructDefinition& asked, std::string_view asked_path) const {
    const auto from = layout_name(stored);
    const auto to = layout_name(asked);
    return std::ranges::any_of(sections_, [&](const CheckedRulesPtr& section) {
        const bool forward = section->older_name == from && section->newer_name == to;
        if (!forward && !(section->older_name == to && section->newer_name == from)) return false;
        return std::ranges::any_of(section->distinct, [&](const auto& pair) {
            return forward ? pair.first == stored_path && pair.second == asked_path
                           : pair.second == stored_path && pair.first == asked_path;
        });
    });
}

std::string StructRules::newest_struct_name() const {
    std::string name;
    std::size_t newest = 0;
    for (const auto& section : sections_) {
        if (!section->renamed_struct) continue;
        const auto version = find_version(section->newer_name);
        if (!name.empty() && (version == kUnknown || version < newest)) continue;
        newest = version == kUnknown ? 0 : version;
        name = section->renamed_struct->second;
    }
    return name;
}

bool StructRules::find_step(std::string_view from, std::string_view to, RuleStep& step) const {
    for (const auto& section : sections_) {
        const bool forward = section->older_name == from && section->newer_name == to;
        if (!forward && (section->older_name != to || section->newer_name != from)) continue;
        step = {section, forward};
        return true;
    }
    return false;
}

std::vector<RuleStep> StructRules::way(const StructDefinition& stored, const StructDefinition& asked) const {
    std::vector<RuleStep> steps;
    const auto from = layout_name(stored);
    const auto to = layout_name(asked);
    RuleStep step;
    if (from == to) return steps;
    if (find_step(from, to, step)) return {step};
    auto a = find_version(from);
    auto b = find_version(to);
    if (a == kUnknown || b == kUnknown) return steps;
    // Parents come before their children, so the later of the two climbs.
    std::vector<RuleStep> from_end;
    while (a != b) {
        auto& climbing = a > b ? a : b;
        const auto parent = parents_[climbing];
        if (a > b) {
            if (find_step(versions_[climbing], versions_[parent], step)) steps.push_back(step);
        } else {
            if (find_step(versions_[parent], versions_[climbing], step)) from_end.push_back(step);
        }
        climbing = parent;
    }
    steps.insert(steps.end(), from_end.rbegin(), from_end.rend());
    return steps;
}

const OriginRun& ElementOrigin::run_of(std::uint64_t value) const {
    return *(std::ranges::upper_bound(runs, value, {}, &OriginRun::first) - 1);
}

Origins trace(const StructDefinition& stored, const StructDefinition& asked, const std::vector<RuleStep>& way,
              const schema::UnitSystem* units) {
    Origins origins;
    std::vector<char> used(stored.elements.size(), 0);
    std::map<std::uint32_t, std::vector<ValueRange>> single;
    Tracer tracer(stored, way, units);
    for (const auto& element : asked.elements) {
        origins.elements.push_back(tracer.trace(element));
        const auto& last = origins.elements.back();
        if (last.whole.stored != Origin::kNone) used[last.whole.stored] = 1;
        for (const auto& run : last.runs) {
            const auto number = last.origins[run.origin].stored;
            if (number == Origin::kNone) continue;
            used[number] = 1;
            single[number].push_back({run.index, run.index + run.count});
        }
    }
    for (std::uint32_t i = 0; i < stored.elements.size(); ++i) {
        if (used[i] == 0) origins.removed.push_back(i);
    }
    if (single.empty()) return origins;
    // What gives single values to one element may be all of another one.
    for (std::size_t i = 0; i < asked.elements.size(); ++i) {
        const auto known = single.find(origins.elements[i].whole.stored);
        if (known == single.end()) continue;
        const auto& from = stored.elements[known->first];
        const auto rank = array_rank(from);
        if (rank != array_rank(asked.elements[i])) continue;  // refused
        for_each_common_run(
            from.dims, asked.elements[i].dims, rank,
            [&](std::uint64_t at, std::uint64_t, std::uint64_t count) { known->second.push_back({at, at + count}); });
    }
    for (auto& [number, ranges] : single) {
        origins.partly.push_back({number, others(std::move(ranges), number_of_values(stored.elements[number]))});
    }
    return origins;
}

const PartlyUsed* Origins::find_partly(std::uint32_t stored) const noexcept {
    const auto found = std::ranges::lower_bound(partly, stored, {}, &PartlyUsed::stored);
    return found == partly.end() || found->stored != stored ? nullptr : &*found;
}

}  // namespace etalon::evolution
