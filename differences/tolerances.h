#pragma once
/// How far values may lie apart, which members tell rows apart: as people write it, and for one layout.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "etalon/diff.h"

namespace etalon::differences {

/// True when a difference of two values of the element is a number: no text, boolean or enumeration.
[[nodiscard]] bool is_measured(const Element& element) noexcept;

/// Limits of the values of one element: one for all of them, or one for each.
struct Limits {
    std::vector<double> limits = {0};
    [[nodiscard]] double of(std::uint64_t value) const noexcept {
        return limits.size() == 1 ? limits.front() : limits[value];
    }
};
/// What the tolerances say of an element. `used` is set for each that matched (same indices); may be empty.
[[nodiscard]] Limits limits_for(const Element& element, std::span<const DiffTolerance> tolerances,
                                std::vector<bool>& used);

/// Throws Error(Usage) for a tolerance that is NaN or negative, for one whose pattern fits no number of any of the
/// layouts, and for a pattern that is given twice. `option` names the kind.
void check_tolerances(std::span<const DiffTolerance> tolerances, std::string_view option,
                      std::span<const DefinitionPtr> layouts);

/// The key of a struct, or null: one that names the struct beats one for all.
[[nodiscard]] const DiffKey* find_key(std::span<const DiffKey> keys, std::string_view struct_name);
/// The members of a key in one layout. Throws Error(Usage) for one that it does not have, or that is an array.
[[nodiscard]] std::vector<const Element*> key_elements(const DiffKey& key, const StructDefinition& layout);
/// Throws Error(Usage) for two keys of one struct, a member named twice, and a key that fits none of the layouts.
void check_keys(std::span<const DiffKey> keys, std::span<const DefinitionPtr> layouts);

}  // namespace etalon::differences
