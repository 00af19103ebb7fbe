#include "schema/rule_trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/number_text.h"
#include "schema/matching.h"

namespace etalon::schema {
namespace {

constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

UnitConversion inverse(const UnitConversion& scale) {
    const double offset = -scale.offset / scale.scale;
    return {1 / scale.scale, offset == 0 ? 0 : offset};  // no -0
}

std::uint64_t number_of_values(const Element& element) {
    return element.is_text() ? element.count() / element.dims.back() : element.count();
}

/// One value, or all of an element, on its way from the asked to the stored side.
struct Walker {
    Slot slot;
    Origin origin;
    bool lost = false;  ///< no older layout has it
};

class Tracer {
public:
    Tracer(const StructDefinition& stored, const std::vector<RuleStep>& way, const UnitSystem* units)
        : stored_(stored), way_(way), units_(units) {}

    ElementOrigin trace(const Element& asked) {
        applied_.clear();
        asked_ = &asked;
        by_value_ = false;
        ElementOrigin result;
        std::vector<Walker> walkers(1);
        walkers.front().slot.path = asked.path;
        walkers.front().origin.unit = asked.unit;
        for (auto step = way_.rbegin(); step != way_.rend(); ++step) {
            if (walkers.size() == 1 && !walkers.front().slot.index && splits(*step, walkers.front())) {
                const Walker whole = walkers.front();
                walkers.assign(number_of_values(asked), whole);
                for (std::uint64_t i = 0; i < walkers.size(); ++i) walkers[i].slot.index = index_of(asked, i);
                result.by_value = true;
                by_value_ = true;
            }
            for (auto& walker : walkers) take(*step, walker);
        }
        for (auto& walker : walkers) arrive(walker, asked);
        for (const auto& rule : applied_) result.rules += (result.rules.empty() ? "" : ", ") + rule;
        if (walkers.front().slot.index && !result.by_value) {
            // A scalar that was an item of an array: one value.
            result.by_value = true;
        }
        if (result.by_value) {
            for (auto& walker : walkers) result.values.push_back(std::move(walker.origin));
        } else {
            result.whole = std::move(walkers.front().origin);
            result.is_renamed = walkers.front().slot.path != asked.path && result.whole.stored != Origin::kNone;
        }
        return result;
    }

private:
    /// The two sides of a section as seen on the way: `target` towards the asked layout, `source` towards the stored one.
    static const Slot& target(const RuleStep& step, const Link& link) { return step.forward ? link.newer : link.older; }
    static const Slot& source(const RuleStep& step, const Link& link) { return step.forward ? link.older : link.newer; }
    static const StructDefinition& target_layout(const RuleStep& step) {
        return step.forward ? *step.rules->newer : *step.rules->older;
    }
    static const StructDefinition& source_layout(const RuleStep& step) {
        return step.forward ? *step.rules->older : *step.rules->newer;
    }

    static std::vector<std::uint64_t> index_of(const Element& element, std::uint64_t flat) {
        std::vector<std::uint64_t> index(array_rank(element));
        for (std::size_t d = index.size(); d-- > 0;) {
            index[d] = flat % element.dims[d];
            flat /= element.dims[d];
        }
        return index;
    }

    static bool is_scalar(const Slot& slot) { return slot.index && slot.index->empty(); }

    /// True when a section says something of single values of what is whole so far.
    [[nodiscard]] bool splits(const RuleStep& step, const Walker& walker) const {
        if (walker.lost || array_rank(*asked_) == 0) return false;
        const auto& path = walker.slot.path;
        const auto about = [&](const Slot& slot) { return slot.path == path && slot.index && !slot.index->empty(); };
        const auto& links = step.rules->links;
        if (std::ranges::any_of(links, [&](const Link& link) { return about(target(step, link)); })) return true;
        // By its name, but without the values that went elsewhere.
        const bool is_whole = std::ranges::any_of(links, [&](const Link& link) {
            return target(step, link).path == path && !target(step, link).index && !link.by_name;
        });
        if (!is_whole && std::ranges::any_of(links, [&](const Link& link) { return about(source(step, link)); })) return true;
        if (!step.forward) return false;
        const auto* newer = find_element(*step.rules->newer, path);
        return std::ranges::any_of(step.rules->fills, [&](const FillValue& fill) {
            if (fill.path != path) return false;
            return !fill.index.empty() || fill.from || newer == nullptr || newer->dims != asked_->dims;
        });
    }

    void note(const std::string& rule) {
        if (!rule.empty() && std::ranges::find(applied_, rule) == applied_.end()) applied_.push_back(rule);
    }

    void note_loss(const RuleStep& step, const std::string& newer_path, Walker& walker) {
        if (std::ranges::find(step.rules->lossy, newer_path) == step.rules->lossy.end()) return;
        walker.origin.may_lose = true;
        note("allow loss " + newer_path);
    }

    /// The fills of a section for values of its own layout, in the unit that is asked for.
    void note_fills(const RuleStep& step, Walker& walker) {
        const auto* newer = find_element(*step.rules->newer, walker.slot.path);
        if (newer == nullptr) return;
        if (walker.slot.index) {
            const auto& index = *walker.slot.index;
            if (index.size() != array_rank(*newer)) return;
            for (std::size_t d = 0; d < index.size(); ++d) {
                if (index[d] >= newer->dims[d]) return;
            }
        }
        for (const auto& fill : step.rules->fills) {
            if (!fill.covers(walker.slot)) continue;
            auto scale = walker.origin.scale;
            if (newer->unit != walker.origin.unit) {
                const auto unit = units_ == nullptr || newer->unit.empty() || walker.origin.unit.empty()
                                      ? std::nullopt
                                      : units_->conversion(newer->unit, walker.origin.unit);
                if (!unit) continue;  // a number of another kind
                scale = combined(scale, *unit);
            }
            walker.origin.fill = fill.value;
            double number = 0;
            if (scale.is_identity() || parse_float(fill.value, number) != FloatParse::Ok) continue;
            std::string text;
            append_float(text, scale.apply(number));
            walker.origin.fill = std::move(text);
        }
    }

    void take(const RuleStep& step, Walker& walker) {
        if (walker.lost) return;
        // Loss is allowed into the type that the rule was written for.
        const auto* to = find_element(target_layout(step), walker.slot.path);
        const bool is_type = to != nullptr && to->type == asked_->type;
        if (step.forward) {
            if (is_type) note_loss(step, walker.slot.path, walker);
            note_fills(step, walker);
        }
        const Link* found = nullptr;
        for (const auto& link : step.rules->links) {
            if (is_about(target(step, link), walker.slot)) found = &link;
            if (found != nullptr) break;
        }
        if ((found == nullptr || found->by_name) && is_taken_elsewhere(step, walker.slot)) {
            walker.lost = true;
        } else if (found != nullptr) {
            follow(step, *found, walker);
        }
        if (!step.forward && !walker.lost && is_type) note_loss(step, walker.slot.path, walker);
    }

    /// A link for all of an element is one for each of its values; a scalar is whole and single.
    static bool is_about(const Slot& place, const Slot& slot) {
        if (place.path != slot.path) return false;
        if (!place.index) return true;
        if (!slot.index) return place.index->empty();
        return *place.index == *slot.index;
    }

    void follow(const RuleStep& step, const Link& link, Walker& walker) {
        note(link.text);
        if (link.is_scaled) {
            const auto* to = find_element(target_layout(step), walker.slot.path);
            const Slot& from_slot = source(step, link);
            const auto* from = find_element(source_layout(step), from_slot.path);
            auto& origin = walker.origin;
            if (to != nullptr && to->unit != origin.unit) {
                const auto unit = units_ == nullptr || to->unit.empty() || origin.unit.empty()
                                      ? std::nullopt
                                      : units_->conversion(to->unit, origin.unit);
                if (!unit) {
                    origin.problem = fmt::format("the unit of {} changed from [{}] to [{}], and no rule says how",
                                                 walker.slot.path, to->unit, origin.unit);
                } else {
                    origin.scale = combined(origin.scale, *unit);
                }
            }
            origin.scale = combined(origin.scale, step.forward ? link.scale : inverse(link.scale));
            origin.is_scaled = true;
            if (from != nullptr) origin.unit = from->unit;
        }
        const Slot& place = target(step, link);
        const Slot& other = source(step, link);
        walker.slot.path = other.path;
        if (place.index || other.index) walker.slot.index = other.index;
        // From scalar to scalar is whole again.
        if (!by_value_ && place.index && place.index->empty() && is_scalar(walker.slot)) walker.slot.index.reset();
    }

    /// True when the source side has that place, but rules give its value to another one.
    static bool is_taken_elsewhere(const RuleStep& step, const Slot& slot) {
        bool has_links = false;
        bool is_source = false;
        for (const auto& link : step.rules->links) {
            has_links = has_links || target(step, link).path == slot.path;
            if (link.by_name) continue;
            const Slot& from = source(step, link);
            if (from.path != slot.path) continue;
            is_source = true;
            if (!from.index || from.index->empty() || is_about(from, slot)) return true;
        }
        // A name that the target side does not have, and of which the source side gave away values, is used up.
        if (is_source && find_element(target_layout(step), slot.path) == nullptr) return true;
        if (!has_links || !slot.index) return false;
        // Of an array that rules fill value by value, the others are only the same when the old one had as many dimensions.
        const auto* from = find_element(source_layout(step), slot.path);
        return from != nullptr && array_rank(*from) != slot.index->size();
    }

    void arrive(Walker& walker, const Element& asked) const {
        if (walker.lost) return;
        const auto* from = find_element(stored_, walker.slot.path);
        if (from == nullptr) return;
        const auto number = static_cast<std::uint32_t>(from - stored_.elements.data());
        auto& origin = walker.origin;
        if (!walker.slot.index) {
            origin.stored = number;
            return;
        }
        const auto& index = *walker.slot.index;
        if (array_rank(*from) != index.size()) {
            origin.stored = number;
            origin.problem = fmt::format("{} is {} where it is stored, and no rule says which value becomes {}", from->path,
                                         describe_type(*from), asked.path);
            return;
        }
        std::uint64_t flat = 0;
        for (std::size_t d = 0; d < index.size(); ++d) {
            if (index[d] >= from->dims[d]) return;  // a shorter array: as padded
            flat = flat * from->dims[d] + index[d];
        }
        origin.stored = number;
        origin.index = flat;
    }

    const StructDefinition& stored_;
    const std::vector<RuleStep>& way_;
    const UnitSystem* units_;
    std::vector<std::string> applied_;
    const Element* asked_ = nullptr;  ///< the element that is traced
    bool by_value_ = false;           ///< value by value
};

}  // namespace

UnitConversion combined(const UnitConversion& outer, const UnitConversion& inner) noexcept {
    if (inner.is_identity()) return outer;
    if (outer.is_identity()) return inner;
    return {outer.scale * inner.scale, outer.scale * inner.offset + outer.offset};
}

StructRules::StructRules(std::vector<std::string> versions, std::vector<CheckedRulesPtr> sections)
    : versions_(std::move(versions)), sections_(std::move(sections)) {
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

bool StructRules::find_step(std::string_view from, std::string_view to, RuleStep& step) const {
    for (const bool forward : {true, false}) {
        for (auto section = sections_.rbegin(); section != sections_.rend(); ++section) {
            const auto& older = forward ? from : to;
            const auto& newer = forward ? to : from;
            if ((*section)->older_name != older || (*section)->newer_name != newer) continue;
            step = {*section, forward};
            return true;
        }
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

Origins trace(const StructDefinition& stored, const StructDefinition& asked, const std::vector<RuleStep>& way,
              const UnitSystem* units) {
    Origins origins;
    std::vector<char> used(stored.elements.size(), 0);
    Tracer tracer(stored, way, units);
    for (const auto& element : asked.elements) {
        origins.elements.push_back(tracer.trace(element));
        const auto& last = origins.elements.back();
        const auto use = [&](const Origin& origin) {
            if (origin.stored != Origin::kNone) used[origin.stored] = 1;
        };
        use(last.whole);
        for (const auto& origin : last.values) use(origin);
    }
    for (std::uint32_t i = 0; i < stored.elements.size(); ++i) {
        if (used[i] == 0) origins.removed.push_back(i);
    }
    return origins;
}

}  // namespace etalon::schema
