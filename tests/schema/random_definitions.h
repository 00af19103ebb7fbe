#pragma once
/// Random struct definitions as C could have them, for properties. Call only inside a rapidcheck property.

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "etalon/definition.h"

namespace etalon::test {

inline std::uint64_t pick(std::uint64_t begin, std::uint64_t end) {
    return *rc::gen::inRange<std::uint64_t>(begin, end);
}

inline ScalarType pick_type(bool identities = true) {
    return static_cast<ScalarType>(pick(1, identities ? 16 : 13));
}

struct LayoutOptions {
    bool packed = false;      ///< alignment of members at most 2
    bool extra_gaps = false;  ///< more padding than C's rules ask for
    bool nested = true;
    bool enums = true;
    bool identities = true;   ///< members that refer, identify and point to files
    std::string suffix = {};  ///< of enumerators and tags, so that several structs go into one program
};

/// Lays members out one behind the other and returns the size; `alignment` grows to the largest member's.
inline std::uint64_t lay_out(const std::string& prefix, std::size_t depth, const LayoutOptions& options,
                             std::uint64_t at, std::uint64_t& alignment, std::vector<Element>& elements) {
    const std::size_t num_members = pick(1, depth == 0 ? 8 : 4);
    const auto align = [&](std::uint64_t own, bool first = false) {
        if (options.packed) own = std::min<std::uint64_t>(own, 2);
        alignment = std::max(alignment, own);
        at = (at + own - 1) / own * own;
        // C leaves no gap in front of the first member of a nested struct.
        if (options.extra_gaps && !(first && depth > 0) && pick(0, 3) == 0) at += own * pick(0, 12);
    };
    for (std::size_t i = 0; i < num_members; ++i) {
        const std::string name = prefix + std::string(1, static_cast<char>('a' + i));
        if (options.nested && depth < 2 && pick(0, 5) == 0) {
            // Lay the item out once at zero, then repeat it.
            std::vector<Element> item;
            std::uint64_t item_alignment = 1;
            std::uint64_t size = lay_out("", depth + 1, options, 0, item_alignment, item);
            size = (size + item_alignment - 1) / item_alignment * item_alignment;
            const std::uint64_t number = pick(1, 4);
            const bool array = pick(0, 2) != 0;
            align(item_alignment, i == 0);
            for (std::uint64_t n = 0; n < (array ? number : 1); ++n) {
                for (Element element : item) {
                    element.path = name + (array ? "[" + std::to_string(n) + "]" : "") + "." + element.path;
                    element.offset += at + n * size;
                    elements.push_back(element);
                }
            }
            at += size * (array ? number : 1);
            continue;
        }
        Element element;
        element.path = name;
        element.type = pick_type(options.identities);
        const std::size_t rank = pick(0, 4) == 0 ? pick(1, 4) : element.is_text() ? 1 : 0;
        for (std::size_t d = 0; d < rank; ++d) element.dims.push_back(pick(1, 6));
        if (element.type == ScalarType::Ref) element.target = pick(0, 1) == 0 ? "Other" : "ns::Other";
        if (pick(0, 4) == 0 && !is_identity(element.type)) element.unit = "cm";
        if (pick(0, 4) == 0) element.comment = "what it \"is\" \\ and /* more */ of it";
        if (options.enums && is_integer(element.type) && pick(0, 3) == 0) {
            element.enumerators = {{"Red" + name + options.suffix, 0}, {"Two" + name + options.suffix, 2}};
            if (is_signed_integer(element.type)) element.enumerators.emplace_back("Minus" + name + options.suffix, -1);
            element.c_type = "enum Color" + options.suffix;
        }
        align(alignment_of(element.type), i == 0);
        element.offset = at;
        at += element.bytes();
        elements.push_back(element);
    }
    return at;
}

inline StructDefinition random_definition(const std::string& name = "Sample", const LayoutOptions& options = {}) {
    StructDefinition definition;
    definition.name = name;
    std::uint64_t alignment = 1;
    const std::uint64_t end = lay_out("", 0, options, 0, alignment, definition.elements);
    definition.alignment = alignment;
    if (options.extra_gaps && pick(0, 3) == 0) definition.alignment *= 4;
    definition.size = (end + definition.alignment - 1) / definition.alignment * definition.alignment;
    return definition;
}

}  // namespace etalon::test
