#pragma once
/// Random histories of a struct with random rules between its layouts, for properties. Call only inside a rapidcheck
/// property.

#include <string>
#include <vector>

#include "etalon/error.h"
#include "evolution/rule_trace.h"
#include "evolution/rules.h"
#include "evolution/value_ranges.h"
#include "tests/schema/build.h"
#include "tests/schema/random_definitions.h"

namespace etalon::test {

struct RuledHistory {
    std::vector<DefinitionPtr> layouts;
    std::vector<evolution::CheckedRulesPtr> sections;
    std::string text;  ///< of the sections, for people

    [[nodiscard]] evolution::StructRules rules() const {
        std::vector<std::string> names;
        for (const auto& layout : layouts) names.push_back(evolution::layout_name(*layout));
        return {names, sections};
    }
};

struct RuledOptions {
    bool scales = false;  ///< rules give factors, elements have units
    bool enums = false;   ///< some elements are enumerations
    bool renames = true;  ///< as a whole
};

/// Elements of few names, which every layout has or has not; one of its own makes each layout another one.
inline DefinitionPtr pick_ruled_layout(std::size_t number, bool grows_inside, const RuledOptions& options) {
    std::vector<Element> elements{element("own" + std::to_string(number), ScalarType::Int32)};
    for (const auto* name : {"a", "b", "c", "d"}) {
        if (pick(0, 4) == 0) continue;
        Element one = element(name, pick(0, 3) == 0 ? ScalarType::Float64 : ScalarType::Int32);
        const auto rank = options.enums ? pick(0, 6) / 5 : pick(0, 4);
        if (rank == 1 || rank == 2) one.dims = {pick(1, 7)};
        // One that differs: regions of several dimensions overlap, single values do not.
        if (rank == 3)
            one.dims =
                grows_inside ? std::vector<std::uint64_t>{2, pick(1, 5)} : std::vector<std::uint64_t>{pick(1, 5), 2};
        if (options.scales && pick(0, 8) == 0) one.unit = pick(0, 2) == 0 ? "cm" : "mm";
        if (options.enums && one.type == ScalarType::Int32 && pick(0, 2) == 0) {
            one.enumerators = {{"OFF", 0}, {"ON", static_cast<std::int64_t>(pick(1, 9))}};
        }
        elements.push_back(std::move(one));
    }
    auto layout = natural(std::move(elements), "S");
    return std::make_shared<const StructDefinition>(std::move(layout));
}

inline std::string pick_value(const StructDefinition& layout) {
    const auto& one = layout.elements[pick(0, layout.elements.size())];
    std::string text = one.path;
    for (const auto index : evolution::index_of(one, pick(0, evolution::number_of_values(one))))
        text += "[" + std::to_string(index) + "]";
    return text;
}

inline std::string pick_rule(const StructDefinition& older, const StructDefinition& newer,
                             const RuledOptions& options) {
    const auto& from = older.elements[pick(0, older.elements.size())];
    const auto& to = newer.elements[pick(0, newer.elements.size())];
    const std::string factor = options.scales && pick(0, 2) == 0 ? " by " + std::to_string(pick(1, 4)) : "";
    switch (pick(options.renames ? 0 : 1, options.scales ? 10 : 7)) {
        case 0:
            return "rename " + from.path + " -> " + to.path;
        case 1:
            return "fill " + to.path + " = -" + std::to_string(pick(1, 9));
        case 2:
            return "fill " + to.path + "[" + std::to_string(pick(0, 5)) + ":] = -" + std::to_string(pick(1, 9));
        case 3:
            return "fill " + pick_value(newer) + " = -" + std::to_string(pick(1, 9));
        case 7:
        case 8:
        case 9:
            return "scale " + to.path + " by " + std::to_string(pick(1, 4));
        default:
            return "move " + pick_value(older) + " -> " + pick_value(newer) + factor;
    }
}

/// 2 to 4 layouts; rules that do not hold are left out.
inline RuledHistory pick_ruled_history(const RuledOptions& options = {}) {
    RuledHistory history;
    const bool grows_inside = pick(0, 2) == 0;
    const auto num_layouts = pick(2, 5);
    for (std::size_t i = 0; i < num_layouts; ++i) {
        history.layouts.push_back(pick_ruled_layout(i, grows_inside, options));
        if (i == 0 || pick(0, 5) == 0) continue;
        const auto& older = history.layouts[i - 1];
        const auto& newer = history.layouts[i];
        std::string text =
            "struct S\nfrom " + evolution::layout_name(*older) + " to " + evolution::layout_name(*newer) + "\n";
        auto checked = evolution::check_rules(evolution::read_rules(text, "random").front(), older, newer);
        const auto num_rules = pick(0, 8);
        for (std::size_t r = 0; r < num_rules; ++r) {
            const auto more = text + pick_rule(*older, *newer, options) + "\n";
            try {
                checked = evolution::check_rules(evolution::read_rules(more, "random").front(), older, newer);
                text = more;
            } catch (const Error&) {
                // Another place than these layouts have, or a second origin.
            }
        }
        history.sections.push_back(std::move(checked));
        history.text += text;
    }
    return history;
}

}  // namespace etalon::test
