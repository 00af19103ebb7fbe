// Every change between two definitions, without judgement: that is for law.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "evolution/change.h"
#include "evolution/matching.h"

namespace etalon::evolution {
namespace {

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

/// What stands at one place of the tree of names: an element, or a struct, or an array of structs.
struct Place {
    const Element* element = nullptr;
    std::size_t num_elements = 0;        ///< of a struct
    std::vector<std::uint64_t> extents;  ///< of an array of structs: highest index plus one, per dimension
};

/// `hit[2][0].pos` -> `hit`, {2, 0}: the part of a name before its indices.
std::string_view split_indices(std::string_view name, std::vector<std::uint64_t>& indices) {
    const auto bracket = name.find('[');
    const auto base = name.substr(0, bracket);
    for (auto at = bracket; at != std::string_view::npos; at = name.find('[', at + 1)) {
        std::uint64_t index = 0;
        std::from_chars(name.data() + at + 1, name.data() + name.size(), index);
        indices.push_back(index);
    }
    return base;
}

/// The places of the elements that `wanted` (by index) names, under their paths without any index.
std::map<std::string, Place> find_places(const StructDefinition& definition, const std::vector<std::uint32_t>& wanted) {
    std::map<std::string, Place> places;
    for (const auto index : wanted) {
        const Element& element = definition.elements[index];
        const std::string_view path = element.path;
        std::string place;
        for (std::size_t begin = 0; begin <= path.size();) {
            const auto end = std::min(path.find('.', begin), path.size());
            std::vector<std::uint64_t> indices;
            if (!place.empty()) place += '.';
            place += split_indices(path.substr(begin, end - begin), indices);
            Place& here = places[place];
            if (end == path.size()) {
                here.element = &element;
            } else {
                ++here.num_elements;
                here.extents.resize(std::max(here.extents.size(), indices.size()));
                for (std::size_t d = 0; d < indices.size(); ++d) {
                    here.extents[d] = std::max(here.extents[d], indices[d] + 1);
                }
            }
            begin = end + 1;
        }
    }
    return places;
}

std::string describe_place(const Place& place) {
    if (place.element != nullptr) return describe_type(*place.element);
    std::string text = "struct";
    for (const auto extent : place.extents) text += fmt::format("[{}]", extent);
    return text + fmt::format(" of {} element{}", place.num_elements, place.num_elements == 1 ? "" : "s");
}

/// Names that are an element on one side and a struct on the other, or a struct with another number of dimensions.
/// Their elements have other paths, so that they are removed and added as well.
void add_nested(std::vector<DetectedChange>& found, const StructDefinition& stored, const StructDefinition& asked,
                const Matching& matching) {
    std::vector<std::uint32_t> added;
    for (std::uint32_t i = 0; i < matching.stored_of.size(); ++i) {
        if (matching.stored_of[i] == kNoElement) added.push_back(i);
    }
    if (added.empty() || matching.removed.empty()) return;
    const auto before = find_places(stored, matching.removed);
    for (const auto& [path, to] : find_places(asked, added)) {
        const auto at = before.find(path);
        if (at == before.end()) continue;
        const Place& from = at->second;
        const bool both_structs = from.element == nullptr && to.element == nullptr;
        if (from.element != nullptr && to.element != nullptr) continue;  // their paths have other indices: see above
        if (both_structs && from.extents.size() == to.extents.size()) continue;
        found.push_back(
            {{ChangeKind::Nested, path, describe_place(from), describe_place(to)}, from.element, to.element});
    }
}

std::string describe_limits(const Element& element) {
    std::string text = element.key != 0 ? fmt::format("key {}", element.key) : std::string();
    for (const auto& limit : element.limits) text += (text.empty() ? "" : "; ") + limit;
    return text.empty() ? "no limits" : text;
}

}  // namespace

std::string describe_unit(const std::string& unit) {
    return unit.empty() ? "no unit" : "[" + unit + "]";
}

std::string describe_type(const Element& element) {
    std::string text(name_of(element.type));
    if (!element.target.empty()) text += " to " + element.target;
    for (const auto dim : element.dims) text += fmt::format("[{}]", dim);
    return text;
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
        case ChangeKind::LimitsChanged:
            return "limits changed";
        case ChangeKind::Reordered:
            return "reordered";
        case ChangeKind::Moved:
            return "moved";
        case ChangeKind::TextResized:
            return "text resized";
        case ChangeKind::Nested:
            return "nested";
        case ChangeKind::Rearranged:
            return "rearranged";
        case ChangeKind::Rescaled:
            return "rescaled";
        case ChangeKind::PartlyRemoved:
            return "partly removed";
    }
    return "?";
}

std::vector<DetectedChange> detect_changes(const StructDefinition& stored, const StructDefinition& asked,
                                           const Matching& matching) {
    std::vector<DetectedChange> found;
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
        if (changes.capacity) add(ChangeKind::TextResized, &from, describe_type(from), describe_type(to));
        if (changes.unit) add(ChangeKind::UnitChanged, &from, describe_unit(from.unit), describe_unit(to.unit));
        if (changes.enumerators)
            add(ChangeKind::EnumChanged, &from, describe_enumerators(from), describe_enumerators(to));
        if (from.default_value != to.default_value) {
            add(ChangeKind::DefaultChanged, &from, describe_default(from), describe_default(to));
        }
        if (from.key != to.key || from.limits != to.limits)
            add(ChangeKind::LimitsChanged, &from, describe_limits(from), describe_limits(to));
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
    add_nested(found, stored, asked, matching);
    return found;
}

std::vector<Change> compare(const StructDefinition& stored, const StructDefinition& asked) {
    std::vector<Change> changes;
    for (auto& found : detect_changes(stored, asked, match_elements(stored, asked)))
        changes.push_back(std::move(found.change));
    return changes;
}

}  // namespace etalon::evolution
