#pragma once
/// A random walk of edits of one struct, each with the verdict that follows from the edit itself.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "conversion/plan.h"
#include "etalon/definition.h"
#include "tests/conversion/conversion_model.h"

namespace etalon::test {

/// A change that an edit must be seen as.
struct ExpectedChange {
    evolution::ChangeKind kind{};
    std::string path;
    evolution::Verdict verdict{};

    friend auto operator<=>(const ExpectedChange&, const ExpectedChange&) = default;
};

class EvolutionWalk {
public:
    explicit EvolutionWalk(std::uint64_t seed, std::string name = "Walker") : random_(seed) {
        current_.name = std::move(name);
        for (int i = 0; i < 6; ++i) current_.elements.push_back(new_element());
        lay_out();
    }

    [[nodiscard]] const StructDefinition& current() const noexcept { return current_; }
    /// The edit that was made last, for people.
    [[nodiscard]] const std::string& edit() const noexcept { return edit_; }

    std::uint64_t pick(std::uint64_t begin, std::uint64_t end) {
        return std::uniform_int_distribution<std::uint64_t>(begin, end - 1)(random_);
    }

    /// Makes one edit. What it must be seen as, sorted; changes of place alone, which are always identical, are not
    /// listed.
    std::vector<ExpectedChange> step() {
        std::vector<ExpectedChange> expected;
        while (!edit_once(expected)) expected.clear();
        lay_out();
        std::ranges::sort(expected);
        return expected;
    }

private:
    using Kind = evolution::ChangeKind;
    using Verdict = evolution::Verdict;

    Element& any() { return current_.elements[pick(0, current_.elements.size())]; }
    std::ptrdiff_t any_place() { return static_cast<std::ptrdiff_t>(pick(0, current_.elements.size() + 1)); }

    std::vector<std::pair<std::string, std::int64_t>> new_enumerators() {
        static const char* const kNames[] = {"Red", "Green", "Blue", "Off"};
        std::vector<std::pair<std::string, std::int64_t>> names;
        for (const auto* name : kNames) {
            if (pick(0, 4) != 0)
                names.emplace_back(name, static_cast<std::int64_t>(names.size() * pick(1, 4) + names.size()));
        }
        // Two names of one value would be ambiguous.
        for (std::size_t i = 0; i < names.size(); ++i) names[i].second = static_cast<std::int64_t>(i * 3 + pick(0, 3));
        if (names.empty()) names.emplace_back("Red", 1);
        return names;
    }

    /// A default with a value of its own for every item.
    std::string new_list(const Element& element) {
        std::string list;
        for (std::uint64_t i = 0; i < element.count(); ++i)
            list += (i == 0 ? "{" : ", ") + std::to_string(pick(0, element.type == ScalarType::Bool ? 2 : 100));
        return list + "}";
    }
    void fit_list(Element& element) {
        if (!element.default_value || !element.default_value->starts_with('{')) return;
        element.default_value.reset();
        if (!element.dims.empty()) element.default_value = new_list(element);
    }

    Element new_element() {
        Element element;
        // A path that was there before comes back with another meaning now and then.
        element.path = !gone_.empty() && pick(0, 3) == 0 ? gone_[pick(0, gone_.size())] : "e" + std::to_string(next_++);
        for (const auto& known : current_.elements) {
            if (known.path == element.path) element.path = "e" + std::to_string(next_++);
        }
        element.type = static_cast<ScalarType>(pick(1, 13));
        const auto rank = pick(0, 3) == 0 ? pick(1, 3) : 0;
        for (std::uint64_t d = 0; d < rank; ++d) element.dims.push_back(pick(1, 5));
        if (element.is_text()) {
            element.dims.push_back(pick(1, 9));
        } else if (element.type != ScalarType::Bool && pick(0, 3) == 0) {
            element.unit = kLengths[pick(0, 4)];
        } else if (is_integer(element.type) && pick(0, 4) == 0) {
            element.enumerators = new_enumerators();
        }
        if (pick(0, 3) == 0) element.default_value = element.is_text() ? "\"x\"" : "1";
        if (!element.is_text() && !element.dims.empty() && pick(0, 2) == 0) element.default_value = new_list(element);
        return element;
    }

    /// False when that edit does nothing here.
    bool edit_once(std::vector<ExpectedChange>& expected) {
        auto& elements = current_.elements;
        const auto expect = [&](Kind kind, const Element& before, const Element& after) {
            expected.push_back({kind, after.path, verdict_of(before, after)});
        };
        auto& element = any();
        const Element before = element;
        switch (pick(0, 12)) {
            case 0:
            case 1: {
                if (elements.size() > 25) return false;
                const auto added = new_element();
                edit_ = "add " + added.path;
                expected.push_back({Kind::Added, added.path, Verdict::Automatic});
                elements.insert(elements.begin() + any_place(), added);
                return true;
            }
            case 2:
                if (elements.size() < 3) return false;
                edit_ = "remove " + element.path;
                expected.push_back({Kind::Removed, element.path, Verdict::Automatic});
                gone_.push_back(element.path);
                elements.erase(elements.begin() + (&element - elements.data()));
                return true;
            case 3: {
                // Without a rule nobody knows that the old values are meant.
                edit_ = "rename " + element.path;
                expected.push_back({Kind::Removed, element.path, Verdict::Automatic});
                gone_.push_back(element.path);
                element.path = "e" + std::to_string(next_++);
                expected.push_back({Kind::Added, element.path, Verdict::Automatic});
                return true;
            }
            case 4: {
                if (elements.size() < 2) return false;
                edit_ = "reorder";
                const auto moved = element;
                elements.erase(elements.begin() + (&element - elements.data()));
                elements.insert(elements.begin() + any_place(), moved);
                return true;
            }
            case 5:
                element.type = static_cast<ScalarType>(pick(1, 13));
                if (element.type == before.type) return false;
                if (element.is_text()) {
                    if (element.dims.empty()) element.dims.push_back(pick(1, 9));
                    element.unit.clear();
                    element.default_value.reset();
                } else if (before.is_text()) {
                    element.dims.pop_back();
                    element.default_value.reset();
                }
                fit_list(element);
                if (!is_integer(element.type)) element.enumerators.clear();
                if (element.type == ScalarType::Bool) element.unit.clear();
                edit_ = "retype " + element.path;
                return expect_all(before, element, expected);
            case 6:
                if (element.dims.empty()) return false;
                element.dims[pick(0, element.dims.size())] = pick(1, 9);
                if (element.dims == before.dims) return false;
                fit_list(element);
                edit_ = "resize " + element.path;
                expect(value_dims(before) == value_dims(element) ? Kind::TextResized : Kind::Resized, before, element);
                return true;
            case 7:
                if (element.is_text()) return false;
                if (element.dims.empty() || (element.dims.size() < 3 && pick(0, 2) == 0)) {
                    element.dims.push_back(pick(1, 4));
                } else {
                    element.dims.pop_back();
                }
                fit_list(element);
                edit_ = "change the rank of " + element.path;
                expect(Kind::RankChanged, before, element);
                return true;
            case 8:
                if (element.is_text() || element.type == ScalarType::Bool || !element.enumerators.empty()) return false;
                element.unit = pick(0, 6) == 0 ? "" : kLengths[pick(0, 4)];
                if (element.unit == before.unit) return false;
                edit_ = "change the unit of " + element.path;
                expect(Kind::UnitChanged, before, element);
                return true;
            case 9:
                if (!is_integer(element.type) || !element.unit.empty()) return false;
                if (pick(0, 4) == 0) {
                    element.enumerators.clear();
                } else {
                    element.enumerators = new_enumerators();
                }
                if (element.enumerators == before.enumerators) return false;
                edit_ = "change the enumerators of " + element.path;
                expect(Kind::EnumChanged, before, element);
                return true;
            case 10: {
                // Neighbours move into a struct of their own, or out of it again.
                const auto dot = element.path.find('.');
                const auto group =
                    dot == std::string::npos ? "g" + std::to_string(next_++) + "." : element.path.substr(0, dot + 1);
                edit_ = (dot == std::string::npos ? "nest into " : "unnest ") + group;
                auto at = static_cast<std::size_t>(&element - elements.data());
                const auto end =
                    dot == std::string::npos ? std::min(elements.size(), at + pick(1, 4)) : elements.size();
                if (dot != std::string::npos) at = 0;
                for (; at < end; ++at) {
                    auto& moved = elements[at];
                    const bool inside = moved.path.starts_with(group);
                    if (dot != std::string::npos && !inside) continue;
                    const auto path = dot == std::string::npos ? group + moved.path : moved.path.substr(group.size());
                    if (find_element(current_, path) != nullptr) continue;
                    expected.push_back({Kind::Removed, moved.path, Verdict::Automatic});
                    expected.push_back({Kind::Added, path, Verdict::Automatic});
                    moved.path = path;
                }
                return !expected.empty();
            }
            default:
                if (element.default_value) {
                    element.default_value.reset();
                } else {
                    element.default_value = element.is_text() ? "\"y\"" : "0";
                }
                edit_ = "change the default of " + element.path;
                return true;
        }
    }

    /// What follows from an edit that changed several things of one element: each with its own verdict.
    static bool expect_all(const Element& before, const Element& after, std::vector<ExpectedChange>& expected) {
        const auto add = [&](Kind kind, auto&& change) {
            Element one = before;
            change(one);
            expected.push_back({kind, after.path, verdict_of(before, one)});
        };
        if (before.is_text() != after.is_text()) {
            expected.push_back({Kind::Retyped, after.path, Verdict::Refused});
        } else {
            add(Kind::Retyped, [&](Element& e) { e.type = after.type; });
        }
        if (before.unit != after.unit) expected.push_back({Kind::UnitChanged, after.path, Verdict::NeedsRule});
        if (before.enumerators != after.enumerators)
            expected.push_back({Kind::EnumChanged, after.path, Verdict::Automatic});
        return true;
    }

    /// As C does: every element at a multiple of its own alignment.
    void lay_out() {
        std::uint64_t at = 0;
        current_.alignment = 1;
        for (auto& element : current_.elements) {
            const auto own = size_of(element.type);
            current_.alignment = std::max<std::uint64_t>(current_.alignment, own);
            at = (at + own - 1) / own * own;
            element.offset = at;
            at += element.bytes();
        }
        current_.size = (at + current_.alignment - 1) / current_.alignment * current_.alignment;
    }

    static constexpr const char* kLengths[] = {"mm", "cm", "m", "km"};

    std::mt19937_64 random_;
    StructDefinition current_;
    std::vector<std::string> gone_;
    std::string edit_;
    int next_ = 0;
};

}  // namespace etalon::test
