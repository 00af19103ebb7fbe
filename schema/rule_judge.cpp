// The law over a way with rules: what rules say is followed first, what is left is judged as always.
#include <fmt/format.h>

#include <algorithm>

#include "schema/law.h"
#include "schema/matching.h"
#include "schema/rule_trace.h"
#include "schema/text.h"
#include "schema/value_ranges.h"

namespace etalon::schema {
namespace {

class RuleJudge {
public:
    RuleJudge(const StructDefinition& stored, const StructDefinition& asked, const std::vector<RuleStep>& way,
              const UnitSystem* units)
        : stored_(stored), asked_(asked), units_(units), origins_(trace(stored, asked, way, units)) {}

    std::vector<JudgedChange> judge() {
        Matching matching;
        matching.removed = origins_.removed;
        for (const auto& origin : origins_.elements) {
            matching.stored_of.push_back(origin.by_value ? kNoElement : origin.whole.stored);
        }
        for (auto& found : detect_changes(stored_, asked_, matching)) add(std::move(found));
        for (std::size_t i = 0; i < asked_.elements.size(); ++i) {
            const auto& origin = origins_.elements[i];
            if (!origin.by_value && origin.whole.is_scaled && origin.whole.stored != Origin::kNone) add_scale(i);
        }
        std::ranges::stable_sort(judged_, {}, &Placed::place);
        std::vector<JudgedChange> result;
        for (auto& one : judged_) result.push_back(std::move(one.change));
        return result;
    }

private:
    struct Placed {
        std::size_t place = 0;
        JudgedChange change;
    };

    void push(std::size_t place, Change change, Judgement judgement) {
        judged_.push_back({place, {std::move(change), judgement.verdict, std::move(judgement.reason), entry_of(judgement.row).id}});
    }

    static Judgement of_row(LawRow row, std::string reason) { return {row, entry_of(row).verdict, std::move(reason)}; }

    static Judgement with_loss(Judgement judgement, bool may_lose) {
        if (!may_lose || judgement.verdict != Verdict::Checked || judgement.row == LawRow::EnumeratorsChanged) return judgement;
        return of_row(LawRow::LossAllowed, judgement.reason + "; loss allowed by rule, and counted");
    }

    static bool fits(const Element& element, const std::string& fill) {
        std::vector<std::byte> scratch(element.bytes());
        return write_default(element, fill, scratch.data());
    }

    static Judgement misfit(const Element& element, const std::string& fill) {
        return of_row(LawRow::AnythingElse, fmt::format("the fill {} of an earlier rule does not fit {}", fill, describe_type(element)));
    }

    void add(DetectedChange found) {
        if (found.asked == nullptr || found.change.kind == ChangeKind::Nested) {
            // The struct itself stands before the elements, what is gone behind them.
            const bool first = found.asked == nullptr && found.stored == nullptr && found.change.kind == ChangeKind::Moved;
            auto judgement = judge_change(found.change.kind, found.stored, found.asked, units_);
            push(first ? 0 : asked_.elements.size() + 1, std::move(found.change), std::move(judgement));
            return;
        }
        const auto index = static_cast<std::size_t>(found.asked - asked_.elements.data());
        const auto& origin = origins_.elements[index];
        const auto place = index + 1;
        switch (found.change.kind) {
            case ChangeKind::Added:
                if (origin.by_value) return add_values(index);
                if (origin.whole.fill) {
                    auto judgement = fits(*found.asked, *origin.whole.fill)
                                         ? of_row(LawRow::AddedWithFill, "absent: filled with " + *origin.whole.fill + " by rule")
                                         : misfit(*found.asked, *origin.whole.fill);
                    return push(place, std::move(found.change), std::move(judgement));
                }
                break;
            case ChangeKind::Renamed:
                return push(place, std::move(found.change), of_row(LawRow::Renamed, "by rule: " + origin.rules));
            case ChangeKind::UnitChanged:
                if (origin.whole.is_scaled) return;  // judged with its factor
                break;
            default:
                break;
        }
        auto judgement = judge_change(found.change.kind, found.stored, found.asked, units_);
        push(place, std::move(found.change), with_loss(std::move(judgement), origin.whole.may_lose));
    }

    void add_scale(std::size_t index) {
        const auto& origin = origins_.elements[index];
        const Element& from = stored_.elements[origin.whole.stored];
        const Element& to = asked_.elements[index];
        Change change{ChangeKind::Rescaled, to.path, describe_unit(from.unit), describe_unit(to.unit)};
        push(index + 1, std::move(change),
             with_loss(judge_scale(from, to, origin.whole, "by rule: " + origin.rules), origin.whole.may_lose));
    }

    Judgement judge_scale(const Element& from, const Element& to, const Origin& origin, std::string reason) const {
        if (!origin.problem.empty()) return of_row(LawRow::UnitNotConvertible, origin.problem);
        if (from.unit != origin.unit) {
            Element in_unit = to;
            in_unit.unit = origin.unit;
            auto judgement = judge_change(ChangeKind::UnitChanged, &from, &in_unit, units_);
            if (judgement.verdict >= Verdict::NeedsRule) return judgement;
        }
        return of_row(is_float(to.type) ? LawRow::Rescaled : LawRow::RescaledToInteger, std::move(reason));
    }

    /// One value of an element with the value that it comes from.
    Judgement judge_value(const Element& to, const Origin& origin) const {
        const Element from = value_of(stored_.elements[origin.stored], 0);
        Element in_unit = to;
        in_unit.unit = origin.unit;
        const PairChanges changes = changes_of(from, in_unit);
        Judgement result = of_row(LawRow::Rearranged, "");
        const auto consider = [&](ChangeKind kind) {
            auto judgement = judge_change(kind, &from, &in_unit, units_);
            if (judgement.verdict > result.verdict) result = std::move(judgement);
        };
        if (changes.retyped) consider(ChangeKind::Retyped);
        if (changes.capacity) consider(ChangeKind::TextResized);
        if (changes.unit) consider(ChangeKind::UnitChanged);
        if (changes.enumerators) consider(ChangeKind::EnumChanged);
        if (origin.is_scaled && result.verdict < Verdict::Checked && !is_float(to.type))
            result = of_row(LawRow::RescaledToInteger, fmt::format("must fit {}", name_of(to.type)));
        return with_loss(std::move(result), origin.may_lose);
    }

    void add_values(std::size_t index) {
        const auto& origin = origins_.elements[index];
        const Element& to = asked_.elements[index];
        Judgement worst = of_row(LawRow::Rearranged, "");
        std::uint64_t missing = 0;
        std::vector<std::string> sources;
        std::vector<bool> judged(origin.origins.size(), false);
        for (const auto& run : origin.runs) {
            const Origin& one = origin.origins[run.origin];
            if (one.stored == Origin::kNone) missing += run.count;
            if (judged[run.origin]) continue;
            judged[run.origin] = true;
            if (!one.problem.empty()) {
                if (worst.verdict < Verdict::NeedsRule) worst = of_row(LawRow::RankChanged, one.problem);
                continue;
            }
            const auto value = value_of(to, 0);
            if (one.stored == Origin::kNone) {
                if (one.fill && !fits(value, *one.fill) && worst.verdict < Verdict::Refused) worst = misfit(value, *one.fill);
                continue;
            }
            const Element& from = stored_.elements[one.stored];
            const auto source = from.path + " " + describe_type(from);
            if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
            auto judgement = judge_value(value, one);
            if (judgement.verdict > worst.verdict) worst = std::move(judgement);
        }
        std::string reason = "by rule: " + origin.rules;
        if (missing != 0) reason += fmt::format("; {} of {} values absent", missing, number_of_values(to));
        worst.reason = worst.reason.empty() ? reason : reason + "; " + worst.reason;
        Change change{ChangeKind::Rearranged, to.path, fmt::format("{}", fmt::join(sources, ", ")), describe_type(to)};
        push(index + 1, std::move(change), std::move(worst));
    }

    const StructDefinition& stored_;
    const StructDefinition& asked_;
    const UnitSystem* units_;
    Origins origins_;
    std::vector<Placed> judged_;
};

}  // namespace

std::vector<JudgedChange> judge_by_rules(const StructDefinition& stored, const StructDefinition& asked,
                                         const std::vector<RuleStep>& way, const UnitSystem* units) {
    return RuleJudge(stored, asked, way, units).judge();
}

}  // namespace etalon::schema
