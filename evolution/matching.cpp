#include "evolution/matching.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "schema/default_list.h"

namespace etalon::evolution {
namespace {

using PathIndex = std::unordered_map<std::string_view, std::uint32_t>;

std::uint32_t find(const PathIndex& index, std::string_view path) {
    const auto at = index.find(path);
    return at == index.end() ? kNoElement : at->second;
}

PathIndex index_paths(const StructDefinition& definition) {
    PathIndex index;
    index.reserve(definition.elements.size());
    for (std::uint32_t i = 0; i < definition.elements.size(); ++i) index.emplace(definition.elements[i].path, i);
    return index;
}

bool has_renames(const StructDefinition& definition) {
    for (const auto& element : definition.elements) {
        if (!element.renamed_from.empty()) return true;
    }
    return false;
}

bool same_order_of_paths(const StructDefinition& a, const StructDefinition& b) {
    if (a.elements.size() != b.elements.size()) return false;
    for (std::size_t i = 0; i < a.elements.size(); ++i) {
        if (a.elements[i].path != b.elements[i].path) return false;
    }
    return true;
}

/// True when names were exchanged: `newer` says that this path came from another one which `older` has, and that the
/// other path itself came from elsewhere, so that an equal path in `older` means something else.
bool name_was_reused(const Element& here, const Element& there, const StructDefinition& newer,
                     const PathIndex& newer_paths, const PathIndex& older_paths) {
    if (here.renamed_from.empty() || here.renamed_from == here.path || here.renamed_from == there.renamed_from)
        return false;
    if (find(older_paths, here.renamed_from) == kNoElement) return false;
    const auto other = find(newer_paths, here.renamed_from);
    return other != kNoElement && !newer.elements[other].renamed_from.empty();
}

}  // namespace

Matching match_elements(const StructDefinition& stored, const StructDefinition& asked) {
    const auto num_asked = static_cast<std::uint32_t>(asked.elements.size());
    const auto num_stored = static_cast<std::uint32_t>(stored.elements.size());
    Matching result;
    result.stored_of.assign(num_asked, kNoElement);
    const bool renames = has_renames(stored) || has_renames(asked);

    if (!renames && same_order_of_paths(stored, asked)) {
        for (std::uint32_t i = 0; i < num_asked; ++i) result.stored_of[i] = i;
        return result;
    }

    std::vector<char> taken(num_stored, 0);
    const auto take = [&](std::uint32_t asked_index, std::uint32_t stored_index) {
        if (stored_index == kNoElement || taken[stored_index] != 0) return;
        taken[stored_index] = 1;
        result.stored_of[asked_index] = stored_index;
    };

    const PathIndex stored_paths = index_paths(stored);
    const PathIndex asked_paths = renames ? index_paths(asked) : PathIndex{};
    for (std::uint32_t i = 0; i < num_asked; ++i) {
        const auto same = find(stored_paths, asked.elements[i].path);
        if (same == kNoElement) continue;
        const bool reused =
            renames && (name_was_reused(asked.elements[i], stored.elements[same], asked, asked_paths, stored_paths) ||
                        name_was_reused(stored.elements[same], asked.elements[i], stored, stored_paths, asked_paths));
        if (!reused) take(i, same);
    }
    if (renames) {
        PathIndex stored_origins;
        for (std::uint32_t i = 0; i < num_stored; ++i) {
            if (!stored.elements[i].renamed_from.empty()) stored_origins.emplace(stored.elements[i].renamed_from, i);
        }
        for (std::uint32_t i = 0; i < num_asked; ++i) {
            if (result.stored_of[i] != kNoElement) continue;
            const Element& element = asked.elements[i];
            if (!element.renamed_from.empty()) take(i, find(stored_paths, element.renamed_from));
            if (result.stored_of[i] == kNoElement) take(i, find(stored_origins, element.path));
        }
    }
    for (std::uint32_t i = 0; i < num_stored; ++i) {
        if (taken[i] == 0) result.removed.push_back(i);
    }
    return result;
}

const Element* find_element(const StructDefinition& layout, std::string_view path) noexcept {
    const auto found = std::ranges::find(layout.elements, path, &Element::path);
    return found == layout.elements.end() ? nullptr : &*found;
}

std::size_t array_rank(const Element& element) noexcept {
    return element.dims.size() - (element.is_text() && !element.dims.empty() ? 1 : 0);
}

Element value_of(const Element& element, std::uint64_t index) {
    Element value = element;
    const std::size_t rank = array_rank(element);
    if (value.default_value) value.default_value = schema::part_of_default(element, *element.default_value, index, 1);
    value.dims.erase(value.dims.begin(), value.dims.begin() + static_cast<std::ptrdiff_t>(rank));
    value.offset += index * value.bytes();
    std::string indices;
    for (std::size_t d = rank; d-- > 0;) {
        indices = "[" + std::to_string(index % element.dims[d]) + "]" + indices;
        index /= element.dims[d];
    }
    value.path += indices;
    return value;
}

PairChanges changes_of(const Element& stored, const Element& asked) noexcept {
    PairChanges changes;
    changes.retyped = stored.type != asked.type || stored.target != asked.target;
    changes.unit = stored.unit != asked.unit;
    changes.enumerators = stored.enumerators != asked.enumerators;
    if (stored.is_text() != asked.is_text()) return changes;  // the dimensions of text and numbers do not compare
    const std::size_t rank = array_rank(stored);
    changes.rank = rank != array_rank(asked);
    if (changes.rank) return changes;
    for (std::size_t d = 0; d < rank; ++d) changes.resized |= stored.dims[d] != asked.dims[d];
    if (stored.is_text()) changes.capacity = stored.dims.back() != asked.dims.back();
    return changes;
}

std::vector<std::pair<std::int64_t, std::int64_t>> match_enumerators(const Element& stored, const Element& asked) {
    using Pair = std::pair<std::int64_t, std::int64_t>;
    std::vector<Pair> map;
    std::vector<std::int64_t> ambiguous;
    for (const auto& [name, value] : stored.enumerators) {
        const auto there = std::ranges::find(asked.enumerators, name, &std::pair<std::string, std::int64_t>::first);
        if (there == asked.enumerators.end()) continue;
        const auto known = std::ranges::find(map, value, &Pair::first);
        if (known == map.end()) {
            map.emplace_back(value, there->second);
        } else if (known->second != there->second) {
            ambiguous.push_back(value);
        }
    }
    std::erase_if(map, [&](const auto& pair) { return std::ranges::find(ambiguous, pair.first) != ambiguous.end(); });
    std::ranges::sort(map);
    return map;
}

bool holds_every_value(ScalarType from, ScalarType to) noexcept {
    if (from == to) return true;
    if (from == ScalarType::Char || to == ScalarType::Char || to == ScalarType::Bool) return false;
    if (from == ScalarType::Bool) return true;
    if (is_float(from)) return to == ScalarType::Float64;
    const std::size_t from_bits = size_of(from) * 8 - (is_signed_integer(from) ? 1 : 0);
    if (to == ScalarType::Float32) return from_bits <= 24;
    if (to == ScalarType::Float64) return from_bits <= 53;
    if (is_signed_integer(from) && !is_signed_integer(to)) return false;
    const std::size_t to_bits = size_of(to) * 8 - (is_signed_integer(to) ? 1 : 0);
    return from_bits <= to_bits;
}

}  // namespace etalon::evolution
