// The law of evolution (DESIGN 2.6): detect every change, judge each by itself.
#include <fmt/format.h>

#include <algorithm>

#include "schema/matching.h"
#include "schema/plan.h"

namespace etalon::schema {
namespace {

/// A change with the elements it is about, for the judge.
struct Detected {
    Change change;
    const Element* stored = nullptr;
    const Element* asked = nullptr;
};

std::string describe_unit(const std::string& unit) {
    return unit.empty() ? "no unit" : "[" + unit + "]";
}

std::string describe_enumerators(const Element& element) {
    if (element.enumerators.empty()) return "no enumerators";
    std::string text = "{";
    for (const auto& [name, value] : element.enumerators) {
        if (text.size() > 1) text += ", ";
        text += fmt::format("{}={}", name, value);
    }
    return text + "}";
}

std::string describe_default(const Element& element) {
    return element.default_value ? "default " + *element.default_value : "no default";
}

/// For each asked element: true when it kept its place, that is, when it is in the longest run of elements whose stored
/// order is also their asked order.
std::vector<bool> in_order(const std::vector<std::uint32_t>& stored_of) {
    std::vector<std::uint32_t> tails;  // asked index that ends the best run of each length
    std::vector<std::uint32_t> previous(stored_of.size(), kNoElement);
    for (std::uint32_t i = 0; i < stored_of.size(); ++i) {
        if (stored_of[i] == kNoElement) continue;
        const auto at =
            std::ranges::lower_bound(tails, stored_of[i], {}, [&](std::uint32_t j) { return stored_of[j]; });
        if (at != tails.begin()) previous[i] = *(at - 1);
        if (at == tails.end()) {
            tails.push_back(i);
        } else {
            *at = i;
        }
    }
    std::vector<bool> kept(stored_of.size(), false);
    for (auto i = tails.empty() ? kNoElement : tails.back(); i != kNoElement; i = previous[i]) kept[i] = true;
    return kept;
}

std::vector<Detected> detect(const StructDefinition& stored, const StructDefinition& asked) {
    std::vector<Detected> found;
    const Matching matching = match_elements(stored, asked);
    const std::vector<bool> kept = in_order(matching.stored_of);

    if (stored.size != asked.size || stored.alignment != asked.alignment) {
        const auto describe = [](const StructDefinition& d) {
            return fmt::format("{} bytes aligned to {}", d.size, d.alignment);
        };
        found.push_back({{ChangeKind::Moved, "", describe(stored), describe(asked)}, nullptr, nullptr});
    }
    for (std::size_t i = 0; i < asked.elements.size(); ++i) {
        const Element& to = asked.elements[i];
        const auto add = [&](ChangeKind kind, const Element* from, std::string before, std::string after) {
            found.push_back({{kind, to.path, std::move(before), std::move(after)}, from, &to});
        };
        if (matching.stored_of[i] == kNoElement) {
            add(ChangeKind::Added, nullptr, "", describe_type(to));
            continue;
        }
        const Element& from = stored.elements[matching.stored_of[i]];
        const PairChanges changes = changes_of(from, to);
        if (from.path != to.path) add(ChangeKind::Renamed, &from, from.path, to.path);
        if (changes.retyped) add(ChangeKind::Retyped, &from, describe_type(from), describe_type(to));
        if (changes.rank) add(ChangeKind::RankChanged, &from, describe_type(from), describe_type(to));
        if (changes.resized) add(ChangeKind::Resized, &from, describe_type(from), describe_type(to));
        if (changes.unit) add(ChangeKind::UnitChanged, &from, describe_unit(from.unit), describe_unit(to.unit));
        if (changes.enumerators)
            add(ChangeKind::EnumChanged, &from, describe_enumerators(from), describe_enumerators(to));
        if (from.default_value != to.default_value) {
            add(ChangeKind::DefaultChanged, &from, describe_default(from), describe_default(to));
        }
        if (!kept[i]) {
            add(ChangeKind::Reordered, &from, fmt::format("position {}", matching.stored_of[i]),
                fmt::format("position {}", i));
        } else if (from.offset != to.offset) {
            add(ChangeKind::Moved, &from, fmt::format("offset {}", from.offset), fmt::format("offset {}", to.offset));
        }
    }
    for (const auto index : matching.removed) {
        const Element& gone = stored.elements[index];
        found.push_back({{ChangeKind::Removed, gone.path, describe_type(gone), ""}, &gone, nullptr});
    }
    return found;
}

Judgement judge_type(const Element& stored, const Element& asked) {
    if (stored.is_text() != asked.is_text()) return {Verdict::Refused, "text and numbers do not convert"};
    // By-name conversion of enumerations has its own verdict; the numbers behind the names may go anywhere.
    if (holds_every_value(stored.type, asked.type)) {
        return {Verdict::Automatic, fmt::format("{} has every value of {}", name_of(asked.type), name_of(stored.type))};
    }
    return {Verdict::Checked, fmt::format("values must fit {}", name_of(asked.type))};
}

Judgement judge_size(const Element& stored, const Element& asked) {
    bool grows = false;
    bool shrinks = false;
    const std::size_t rank = array_rank(stored);
    for (std::size_t d = 0; d < rank; ++d) {
        grows |= stored.dims[d] < asked.dims[d];
        shrinks |= stored.dims[d] > asked.dims[d];
    }
    std::string reason;
    const auto say = [&](const char* clause) { reason += (reason.empty() ? "" : ", ") + std::string(clause); };
    if (grows) say("padded with the default");
    if (shrinks) say("truncated");
    if (stored.is_text() && asked.is_text()) {
        if (stored.dims.back() < asked.dims.back()) say("text has more room");
        if (stored.dims.back() > asked.dims.back()) {
            say("text must fit");
            return {Verdict::Checked, reason};
        }
    }
    return {Verdict::Automatic, reason};
}

Judgement judge_unit(const Element& stored, const Element& asked, const UnitSystem* units) {
    if (stored.unit.empty())
        return {Verdict::NeedsRule, "a unit appeared: a rule must say what the stored numbers are"};
    if (asked.unit.empty())
        return {Verdict::NeedsRule, "the unit vanished: a rule must say what the asked numbers are"};
    if (stored.is_text() || asked.is_text()) return {Verdict::NeedsRule, "text has no unit that converts"};
    if (!stored.enumerators.empty() && !asked.enumerators.empty())
        return {Verdict::NeedsRule, "an enumeration has no unit that converts"};
    if (units == nullptr) return {Verdict::NeedsRule, "a changed unit needs a rule"};
    const auto conversion = units->conversion(stored.unit, asked.unit);
    if (!conversion) return {Verdict::NeedsRule, "these units do not convert into each other"};
    if (conversion->is_identity()) return {Verdict::Automatic, "two spellings of one unit"};
    std::string reason = fmt::format("times {}", conversion->scale);
    if (conversion->offset != 0)
        reason += fmt::format(" {} {}", conversion->offset < 0 ? "minus" : "plus", std::abs(conversion->offset));
    if (is_float(asked.type)) return {Verdict::Automatic, reason};
    return {Verdict::Checked, reason + fmt::format(", must fit {}", name_of(asked.type))};
}

Judgement judge_enumerators(const Element& stored, const Element& asked) {
    if (stored.enumerators.empty() || asked.enumerators.empty()) return {Verdict::Automatic, "taken as numbers"};
    return {Verdict::Checked, "by name; a value without a name here is an error"};
}

}  // namespace

std::string describe_type(const Element& element) {
    std::string text(name_of(element.type));
    for (const auto dim : element.dims) text += fmt::format("[{}]", dim);
    return text;
}

Judgement judge_change(ChangeKind kind, const Element* stored, const Element* asked, const UnitSystem* units) {
    switch (kind) {
        case ChangeKind::Added:
            return {Verdict::Automatic,
                    asked->default_value ? "absent: its default " + *asked->default_value : "absent: zero"};
        case ChangeKind::Removed:
            return {Verdict::Automatic, "ignored"};
        case ChangeKind::Retyped:
            return judge_type(*stored, *asked);
        case ChangeKind::Resized:
            return judge_size(*stored, *asked);
        case ChangeKind::RankChanged:
            return {Verdict::NeedsRule, "another number of dimensions: a rule must say which value goes where"};
        case ChangeKind::Renamed:
            return {Verdict::Automatic, "by the recorded rename"};
        case ChangeKind::UnitChanged:
            return judge_unit(*stored, *asked, units);
        case ChangeKind::EnumChanged:
            return judge_enumerators(*stored, *asked);
        case ChangeKind::DefaultChanged:
            return {Verdict::Identical, "stored values stay"};
        case ChangeKind::Reordered:
        case ChangeKind::Moved:
            return {Verdict::Identical, "only the place changed"};
    }
    return {Verdict::Refused, "no rule of the law covers this change"};
}

std::string_view name_of(ChangeKind kind) noexcept {
    switch (kind) {
        case ChangeKind::Added:
            return "added";
        case ChangeKind::Removed:
            return "removed";
        case ChangeKind::Retyped:
            return "retyped";
        case ChangeKind::Resized:
            return "resized";
        case ChangeKind::RankChanged:
            return "rank changed";
        case ChangeKind::Renamed:
            return "renamed";
        case ChangeKind::UnitChanged:
            return "unit changed";
        case ChangeKind::EnumChanged:
            return "enumerators changed";
        case ChangeKind::DefaultChanged:
            return "default changed";
        case ChangeKind::Reordered:
            return "reordered";
        case ChangeKind::Moved:
            return "moved";
    }
    return "?";
}

std::string_view name_of(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::Identical:
            return "identical";
        case Verdict::Automatic:
            return "automatic";
        case Verdict::Checked:
            return "checked";
        case Verdict::NeedsRule:
            return "needs rule";
        case Verdict::Refused:
            return "refused";
    }
    return "?";
}

std::vector<Change> compare(const StructDefinition& stored, const StructDefinition& asked) {
    std::vector<Change> changes;
    for (auto& found : detect(stored, asked)) changes.push_back(std::move(found.change));
    return changes;
}

std::vector<JudgedChange> judge(const StructDefinition& stored, const StructDefinition& asked,
                                const UnitSystem* units) {
    std::vector<JudgedChange> judged;
    for (auto& found : detect(stored, asked)) {
        auto [verdict, reason] = judge_change(found.change.kind, found.stored, found.asked, units);
        judged.push_back({std::move(found.change), verdict, std::move(reason)});
    }
    return judged;
}

Verdict worst(const std::vector<JudgedChange>& changes) noexcept {
    Verdict result = Verdict::Identical;
    for (const auto& change : changes) result = std::max(result, change.verdict);
    return result;
}

}  // namespace etalon::schema
