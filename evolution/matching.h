#pragma once
/// Which stored element is which asked one, and what of it changed. Shared by compare, the plan and the readable views
/// of store/.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etalon/definition.h"
#include "evolution/change.h"

namespace etalon::evolution {

inline constexpr std::uint32_t kNoElement = 0xFFFFFFFF;

/// One to one: `stored_of[i]` is the stored element that gives asked element i its values, or kNoElement.
struct Matching {
    std::vector<std::uint32_t> stored_of;
    std::vector<std::uint32_t> removed;  ///< stored elements that nothing asks for
};

/// By path, through recorded renames in both directions.
[[nodiscard]] Matching match_elements(const StructDefinition& stored, const StructDefinition& asked);

/// The element of that path, or null.
[[nodiscard]] const Element* find_element(const StructDefinition& layout, std::string_view path) noexcept;

/// Dimensions of values: without the capacity of text.
[[nodiscard]] std::size_t array_rank(const Element& element) noexcept;

/// One value (text) of an element as an element of its own: `gain[1][2]`, at its offset. `index` is row-major.
[[nodiscard]] Element value_of(const Element& element, std::uint64_t index);

/// What changed in one pair, without judgement.
struct PairChanges {
    bool retyped = false;
    bool resized = false;
    bool capacity = false;  ///< of text
    bool rank = false;
    bool unit = false;
    bool enumerators = false;

    [[nodiscard]] bool any() const noexcept { return retyped || resized || capacity || rank || unit || enumerators; }
};
[[nodiscard]] PairChanges changes_of(const Element& stored, const Element& asked) noexcept;

/// The asked value of each stored one that has a name in both enumerations, in order of the stored ones; uint64 wraps.
/// Of several names for one stored value, all that are asked for must have one value.
[[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> match_enumerators(const Element& stored,
                                                                                   const Element& asked);

/// True when every value of `from` is one of `to`.
[[nodiscard]] bool holds_every_value(ScalarType from, ScalarType to) noexcept;

/// A change with the elements it is about, for the judge (law.h).
struct DetectedChange {
    Change change;
    const Element* stored = nullptr;  ///< of the stored definition; none when added
    const Element* asked = nullptr;   ///< of the asked definition; none when removed
};
/// What compare() says, with the elements; they point into the definitions.
[[nodiscard]] std::vector<DetectedChange> detect_changes(const StructDefinition& stored, const StructDefinition& asked,
                                                         const Matching& matching);

/// `[cm]`, `no unit`
[[nodiscard]] std::string describe_unit(const std::string& unit);

/// `float32[3]`
[[nodiscard]] std::string describe_type(const Element& element);

}  // namespace etalon::evolution
