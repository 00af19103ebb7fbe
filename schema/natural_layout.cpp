#include "schema/natural_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "etalon/error.h"
#include "schema/names.h"

namespace etalon::schema {
namespace {

constexpr std::size_t kMostParts = 256;  // of a path; what validate() accepts too

std::uint64_t round_up(std::uint64_t size, std::uint64_t alignment) noexcept {
    return (size + alignment - 1) / alignment * alignment;
}

/// An element and the parts of its path.
struct Member {
    Element* element = nullptr;
    std::vector<PathPart> parts;

    /// The path behind the first `depth` parts.
    [[nodiscard]] std::string_view rest(std::size_t depth) const {
        const std::string_view path = element->path;
        return path.substr(static_cast<std::size_t>(parts[depth].name.data() - path.data()));
    }
};
using Members = std::vector<Member*>;

struct Extent {
    std::uint64_t size = 0;
    std::uint64_t alignment = 1;
};

class Layouter {
public:
    explicit Layouter(std::string_view where) : where_(where) {}

    /// Sets the offsets of members that share the first `depth` parts, from the start of their struct.
    Extent lay_out_struct(const Members& members, std::size_t depth) const {
        std::vector<Members> groups;
        std::unordered_map<std::string_view, std::size_t> places;
        for (auto* member : members) {
            const auto [place, fresh] = places.emplace(member->parts[depth].name, groups.size());
            if (fresh) groups.emplace_back();
            groups[place->second].push_back(member);
        }
        Extent all;
        for (const auto& group : groups) {
            const auto extent = lay_out_member(group, depth);
            const auto begin = round_up(all.size, extent.alignment);
            for (auto* member : group) member->element->offset += begin;
            all.size = begin + extent.size;
            all.alignment = std::max(all.alignment, extent.alignment);
        }
        all.size = round_up(all.size, all.alignment);
        return all;
    }

private:
    [[noreturn]] void refuse(std::string what, std::string expected, std::string found) const {
        throw Error(ErrorCode::BadInput,
                    {std::move(what), std::string(where_), std::move(expected), std::move(found), {}});
    }

    /// A value, a struct, or an array of structs.
    Extent lay_out_member(const Members& group, std::size_t depth) const {
        const auto is_value = [depth](const Member* member) { return member->parts.size() == depth + 1; };
        if (std::ranges::any_of(group, is_value)) {
            if (group.size() != 1) {
                refuse("a name is used twice", "each element once, a value or a struct", group[1]->element->path);
            }
            Element& element = *group.front()->element;
            element.offset = 0;
            return {element.bytes(), alignment_of(element.type)};
        }
        std::map<std::vector<std::uint64_t>, Members> items;  // in row-major order
        for (auto* member : group) items[member->parts[depth].indices].push_back(member);
        check_complete(group, items, depth);
        const auto& first = items.begin()->second;
        auto extent = lay_out_struct(first, depth + 1);
        std::uint64_t begin = 0;
        for (const auto& [indices, item] : items) {
            if (begin != 0) copy_offsets(first, item, depth + 1, begin);
            begin += extent.size;
        }
        extent.size = begin;
        return extent;
    }

    void check_complete(const Members& group, const std::map<std::vector<std::uint64_t>, Members>& items,
                        std::size_t depth) const {
        const auto rank = items.begin()->first.size();
        std::vector<std::uint64_t> dims(rank, 0);
        for (const auto& [indices, item] : items) {
            if (indices.size() != rank) {
                refuse("an array has two ranks", fmt::format("{} indices, as in {}", rank, group[0]->element->path),
                       item[0]->element->path);
            }
            for (std::size_t i = 0; i < rank; ++i) dims[i] = std::max(dims[i], indices[i]);
        }
        // Largest indices; one more could overflow.
        std::uint64_t count = 1;
        for (const auto most : dims) count = most >= items.size() ? items.size() + 1 : count * (most + 1);
        if (count != items.size()) {
            refuse("items of an array are missing", "every index from 0 on",
                   fmt::format("{} of them for {}", items.size(), std::string(group[0]->parts[depth].name)));
        }
    }

    void copy_offsets(const Members& first, const Members& item, std::size_t depth, std::uint64_t begin) const {
        std::unordered_map<std::string_view, const Element*> known;
        for (const auto* member : first) known.emplace(member->rest(depth), member->element);
        for (auto* member : item) {
            Element& element = *member->element;
            const auto same = known.find(member->rest(depth));
            if (same == known.end() || item.size() != first.size() || same->second->type != element.type ||
                same->second->dims != element.dims) {
                refuse("the structs of an array differ", "the elements and types of " + first[0]->element->path,
                       element.path);
            }
            element.offset = same->second->offset + begin;
        }
    }

    std::string_view where_;
};

}  // namespace

void set_natural_layout(StructDefinition& definition, std::string_view where) {
    std::vector<Member> members;
    members.reserve(definition.elements.size());
    for (auto& element : definition.elements) {
        auto parts = split_path(element.path);
        if (!parts || parts->size() > kMostParts) {
            throw Error(ErrorCode::BadInput, {"not a path of C names",
                                              std::string(where),
                                              "a name such as gain, pos.x or hit[2].x",
                                              utf8_text(element.path),
                                              {}});
        }
        element.offset = 0;
        members.push_back({&element, std::move(*parts)});
    }
    Members all;
    for (auto& member : members) all.push_back(&member);
    const auto extent = Layouter(where).lay_out_struct(all, 0);
    definition.size = extent.size;
    definition.alignment = extent.alignment;
    std::ranges::stable_sort(definition.elements, {}, &Element::offset);
}

}  // namespace etalon::schema
