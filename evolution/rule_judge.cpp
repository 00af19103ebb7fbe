// The law over a way with rules: what rules say is followed first, what is left is judged as always.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "evolution/law.h"
#include "evolution/matching.h"
#include "evolution/rule_trace.h"
#include "evolution/value_ranges.h"
#include "schema/value_text.h"

namespace etalon::evolution {
namespace {

class RuleJudge {
public:
    RuleJudge(const StructDefinition& stored, const StructDefinition& asked, const std::vector<RuleStep>& way,
              const schema::UnitSystem* units)
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
        for (const auto& partly : origins_.partly) {
            if (partly.dropped.empty()) continue;
            const Element& from = stored_.elements[partly.stored];
            push(asked_.elements.size() + 1, {ChangeKind::PartlyRemoved, from.path, describe_type(from), ""},
                 of_row(LawRow::PartlyRemoved,
                        "ignored, as neither a rule nor a name takes them: " + listed(names_of(from, partly.dropped))));
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

    /// `v[0], v[3:5]`, the first ones of many.
    static std::string listed(const std::vector<std::string>& names) {
        constexpr std::size_t kMost = 8;
        const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kMost));
        auto text = fmt::format("{}", fmt::join(names.begin(), end, ", "));
        return names.size() > kMost ? text + fmt::format(" and {} more", names.size() - kMost) : text;
    }

    void push(std::size_t place, Change change, Judgement judgement) {
        judged_.push_back(
            {place, {std::move(change), judgement.verdict, std::move(judgement.reason), entry_of(judgement.row).id}});
    }

    static Judgement of_row(LawRow row, std::string reason) { return {row, entry_of(row).verdict, std::move(reason)}; }

    static Judgement with_loss(Judgement judgement, bool may_lose) {
        if (!may_lose || judgement.verdict != Verdict::Checked || judgement.row == LawRow::EnumeratorsChanged)
            return judgement;
        return of_row(LawRow::LossAllowed, judgement.reason + "; loss allowed by rule, and counted");
    }

    static bool fits(const Element& element, const std::string& fill) {
        std::vector<std::byte> scratch(element.bytes());
        return schema::write_fill(element, fill, scratch.data());
    }

    static bool is_longer(const Element& stored, const Element& asked) {
        for (std::size_t d = 0; d < array_rank(asked); ++d) {
            if (asked.dims[d] > stored.dims[d]) return true;
        }
        return false;
    }

    static Judgement misfit(const Element& element, const std::string& fill) {
        return of_row(LawRow::AnythingElse,
                      fmt::format("the fill {} of an earlier rule does not fit {}; a fill in a section for just "
                                  "these two layouts comes before it",
                                  fill, describe_type(element)));
    }

    void add(DetectedChange found) {
        if (found.asked == nullptr || found.change.kind == ChangeKind::Nested) {
            // The struct itself stands before the elements, what is gone behind them.
            const bool first =
                found.asked == nullptr && found.stored == nullptr && found.change.kind == ChangeKind::Moved;
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
                if (!origin.whole.problem.empty()) {
                    return push(place, {ChangeKind::RankChanged, found.change.path, "", found.change.to},
                                judge_problem(origin.whole));
                }
                if (origin.whole.fill) {
                    auto judgement =
                        fits(*found.asked, *origin.whole.fill)
                            ? of_row(LawRow::AddedWithFill, "absent: filled with " + *origin.whole.fill + " by rule")
                            : misfit(*found.asked, *origin.whole.fill);
                    return push(place, std::move(found.change), std::move(judgement));
                }
                break;
            case ChangeKind::Resized:
                if (origin.whole.fill && is_longer(*found.stored, *found.asked)) {
                    auto judgement = fits(*found.asked, *origin.whole.fill)
                                         ? judge_change(found.change.kind, found.stored, found.asked, units_)
                                         : misfit(*found.asked, *origin.whole.fill);
                    constexpr std::string_view kDefault = "the default";
                    if (const auto at = judgement.reason.find(kDefault); at != std::string::npos)
                        judgement.reason.replace(at, kDefault.size(), *origin.whole.fill + " by rule");
                    return push(place, std::move(found.change), std::move(judgement));
                }
                break;
            case ChangeKind::Renamed:
                return push(place, std::move(found.change), of_row(LawRow::Renamed, "by rule: " + origin.rules));
            case ChangeKind::UnitChanged:
                if (origin.whole.is_scaled) return;  // judged with its factor
                break;
            case ChangeKind::EnumChanged:
                if (!origin.whole.problem.empty()) return;  // judged with what is wrong
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
        if (from.unit == to.unit) {
            change.from.clear();
            change.to = describe(origin.whole.scale);
        }
        push(index + 1, std::move(change),
             with_loss(judge_scale(from, to, origin.whole, "by rule: " + origin.rules), origin.whole.may_lose));
    }

    /// What cannot be given, and why.
    static Judgement judge_problem(const Origin& origin) {
        switch (origin.problem_kind) {
            case OriginProblem::Unit:
                return of_row(LawRow::UnitNotConvertible, origin.problem);
            case OriginProblem::Place:
                return of_row(LawRow::RankChanged, origin.problem);
            case OriginProblem::Enumeration:
            case OriginProblem::None:
                break;
        }
        return of_row(LawRow::AnythingElse, origin.problem);
    }

    /// `times 10 plus 3`
    static std::string describe(const schema::UnitConversion& conversion) {
        const auto scale = conversion.flat();
        auto text = fmt::format("times {}", scale.scale);
        if (scale.offset != 0)
            text += fmt::format(" {} {}", scale.offset < 0 ? "minus" : "plus", std::abs(scale.offset));
        return text;
    }

    /// All that the numbers go through, when that is something else than the factors that rules name; else empty.
    std::string describe_scale(const Element& from, const Origin& origin) const {
        auto scale = origin.scale;
        if (from.unit != origin.unit) {
            const auto unit = units_ == nullptr ? std::nullopt : units_->conversion(from.unit, origin.unit);
            if (!unit) return "";
            scale = combined(scale, *unit);
        } else if (!origin.has_unit && !origin.is_reversed) {
            return "";
        }
        return describe(scale);
    }

    Judgement judge_scale(const Element& from, const Element& to, const Origin& origin, std::string reason) const {
        if (!origin.problem.empty()) return judge_problem(origin);
        if (from.unit != origin.unit) {
            Element in_unit = to;
            in_unit.unit = origin.unit;
            auto judgement = judge_change(ChangeKind::UnitChanged, &from, &in_unit, units_);
            if (judgement.verdict >= Verdict::NeedsRule) return judgement;
        }
        // Without a change of units the change itself says it.
        const auto scale = from.unit == to.unit ? std::string() : describe_scale(from, origin);
        if (!scale.empty()) reason += "; " + scale;
        return of_row(is_float(to.type) ? LawRow::Rescaled : LawRow::RescaledToInteger, std::move(reason));
    }

    /// One value of an element with the value that it comes from; `unit` is what its unit does to it.
    Judgement judge_value(const Element& to, const Origin& origin, std::string& unit) const {
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
        if (changes.unit) {
            consider(ChangeKind::UnitChanged);
            unit = origin.is_scaled ? describe_scale(from, origin)
                                    : judge_change(ChangeKind::UnitChanged, &from, &in_unit, units_).reason;
        } else if (origin.has_unit || origin.is_reversed) {
            unit = describe_scale(from, origin);
        }
        if (changes.enumerators) consider(ChangeKind::EnumChanged);
        if (origin.is_scaled && result.verdict < Verdict::Checked && !is_float(to.type))
            result = of_row(LawRow::RescaledToInteger, fmt::format("must fit {}", name_of(to.type)));
        return with_loss(std::move(result), origin.may_lose);
    }

    /// Values of which a report says the same.
    struct Told {
        std::string text;
        std::vector<ValueRange> values;
    };

    static void tell(std::vector<Told>& told, const std::string& text, const OriginRun& run) {
        auto known = std::ranges::find(told, text, &Told::text);
        if (known == told.end()) known = told.insert(known, Told{text, {}});
        known->values.push_back({run.first, run.first + run.count});
    }

    /// `times 10`, or for some of the values only `v[0], v[3:5] times 10`.
    static std::string describe_told(const Element& to, const std::vector<Told>& told, std::uint64_t stored) {
        std::string text;
        for (const auto& one : told) {
            const auto values = merged(one.values);
            std::uint64_t number = 0;
            for (const auto& range : values) number += range.end - range.begin;
            text += text.empty() ? "" : ", ";
            text += number == stored ? one.text : listed(names_of(to, values)) + " " + one.text;
        }
        return text;
    }

    void add_values(std::size_t index) {
        const auto& origin = origins_.elements[index];
        const Element& to = asked_.elements[index];
        const auto value = value_of(to, 0);
        Judgement worst = of_row(LawRow::Rearranged, "");
        std::uint64_t num_missing = 0;
        std::vector<ValueRange> missing;
        std::vector<ValueRange> by_name;
        std::vector<Told> fills;
        std::vector<Told> units;
        std::vector<std::string> sources;
        std::vector<std::optional<std::string>> unit_of(origin.origins.size());
        for (const auto& run : origin.runs) {
            const Origin& one = origin.origins[run.origin];
            const ValueRange values{run.first, run.first + run.count};
            const bool is_stored = one.stored != Origin::kNone;
            if (!is_stored) {
                num_missing += run.count;
                missing.push_back(values);
                if (one.fill) tell(fills, "filled with " + *one.fill, run);
            } else if (!one.is_moved) {
                by_name.push_back(values);
            }
            auto& unit = unit_of[run.origin];
            if (!unit) {
                unit.emplace();
                if (!one.problem.empty()) {
                    if (worst.verdict < Verdict::NeedsRule) worst = judge_problem(one);
                } else if (!is_stored) {
                    if (one.fill && !fits(value, *one.fill) && worst.verdict < Verdict::Refused)
                        worst = misfit(value, *one.fill);
                } else {
                    const Element& from = stored_.elements[one.stored];
                    const auto source = from.path + " " + describe_type(from);
                    if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
                    auto judgement = judge_value(value, one, *unit);
                    if (judgement.verdict > worst.verdict) worst = std::move(judgement);
                }
            }
            if (!unit->empty()) tell(units, *unit, run);
        }
        const auto all = number_of_values(to);
        std::vector<std::string> reasons;
        if (!origin.rules.empty()) reasons.push_back("by rule: " + origin.rules);
        if (!by_name.empty()) reasons.push_back(listed(names_of(to, std::move(by_name))) + " by name");
        if (const auto told = describe_told(to, units, all - num_missing); !told.empty()) reasons.push_back(told);
        if (num_missing != 0) {
            reasons.push_back(
                fmt::format("{} of {} values absent: {}", num_missing, all, listed(names_of(to, std::move(missing)))));
        }
        if (const auto told = describe_told(to, fills, all); !told.empty()) reasons.push_back(told);
        if (!worst.reason.empty() && std::ranges::find(units, worst.reason, &Told::text) == units.end())
            reasons.push_back(worst.reason);
        worst.reason = fmt::format("{}", fmt::join(reasons, "; "));
        Change change{ChangeKind::Rearranged, to.path, fmt::format("{}", fmt::join(sources, ", ")), describe_type(to)};
        push(index + 1, std::move(change), std::move(worst));
    }

    const StructDefinition& stored_;
    const StructDefinition& asked_;
    const schema::UnitSystem* units_;
    Origins origins_;
    std::vector<Placed> judged_;
};

}  // namespace

std::vector<JudgedChange> judge_by_rules(const StructDefinition& stored, const StructDefinition& asked,
                                         const std::vector<RuleStep>& way, const schema::UnitSystem* units) {
    return RuleJudge(stored, asked, way, units).judge();
}

}  // namespace etalon::evolution
