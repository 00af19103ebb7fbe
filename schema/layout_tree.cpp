#include "schema/layout_tree.h"

#include <algorithm>
#include <set>
#include <span>

#include "etalon/error.h"
#include "schema/names.h"

namespace etalon::schema {
namespace {

/// An element with its path in parts.
struct Leaf {
    const Element* element = nullptr;
    std::vector<PathPart> parts;
};

/// The leaves of one item of a member, and its index when the member is an array of structs.
struct Item {
    std::vector<std::uint64_t> index;
    std::vector<const Leaf*> leaves;
    std::uint64_t begin = 0;
};

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
    throw Error(ErrorCode::BadInput,
                {"the definition is not the layout of a C struct", "element " + path, "", reason, ""});
}

/// True when the leaves of both items have equal paths, types and places behind the item's own index.
bool alike(const Item& a, const Item& b, std::size_t depth) {
    if (a.leaves.size() != b.leaves.size()) return false;
    for (std::size_t i = 0; i < a.leaves.size(); ++i) {
        const Leaf& x = *a.leaves[i];
        const Leaf& y = *b.leaves[i];
        if (x.parts.size() != y.parts.size() || x.element->type != y.element->type ||
            x.element->dims != y.element->dims || x.element->offset - a.begin != y.element->offset - b.begin) {
            return false;
        }
        for (std::size_t p = depth + 1; p < x.parts.size(); ++p) {
            if (x.parts[p].name != y.parts[p].name || x.parts[p].indices != y.parts[p].indices) return false;
        }
    }
    return true;
}

/// Finds dims and stride of an array of structs from its items, which are in order of offset.
void measure_array(LayoutMember& member, const std::vector<Item>& items, std::size_t depth) {
    const std::string& path = items.front().leaves.front()->element->path;
    const std::size_t rank = items.front().index.size();
    std::vector<std::uint64_t> dims(rank, 0);
    for (const auto& item : items) {
        if (item.index.size() != rank) fail(path, member.name + " has several ranks");
        for (std::size_t d = 0; d < rank; ++d) dims[d] = std::max(dims[d], item.index[d] + 1);
    }
    std::uint64_t number = 1;
    for (const auto dim : dims) {
        if (dim == 0 || dim > items.size() / number) fail(path, "items of " + member.name + " are missing");
        number *= dim;
    }
    if (number != items.size()) fail(path, "items of " + member.name + " are missing");
    member.stride = items.size() > 1 ? items[1].begin - items[0].begin : 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        std::uint64_t place = 0;
        for (std::size_t d = 0; d < rank; ++d) place = place * dims[d] + items[i].index[d];
        if (place != i || items[i].begin - items[0].begin != i * member.stride) {
            fail(path, "the items of " + member.name + " do not stand behind each other in order");
        }
        if (!alike(items[0], items[i], depth)) fail(path, "the items of " + member.name + " are not alike");
    }
    member.dims = std::move(dims);
}

/// `base` and `end` are the bounds of the struct that these leaves are in.
LayoutStruct build(std::span<const Leaf* const> leaves, std::size_t depth, std::uint64_t base, std::uint64_t end) {
    LayoutStruct result;
    std::set<std::string, std::less<>> names;
    // Leaves come in order of offset, so the leaves of one member, and of one item of it, are neighbours.
    std::size_t at = 0;
    while (at < leaves.size()) {
        const Leaf& first = *leaves[at];
        const PathPart& part = first.parts[depth];
        LayoutMember member;
        member.name = std::string(part.name);
        if (!names.insert(member.name).second) fail(first.element->path, "other members lie within " + member.name);
        std::uint64_t begin = first.element->offset;
        if (first.parts.size() == depth + 1) {
            member.element = first.element;
            ++at;
        } else {
            std::vector<Item> items;
            for (; at < leaves.size() && leaves[at]->parts.size() > depth + 1 &&
                   leaves[at]->parts[depth].name == part.name;
                 ++at) {
                const auto& index = leaves[at]->parts[depth].indices;
                if (items.empty() || items.back().index != index)
                    items.push_back({index, {}, leaves[at]->element->offset});
                items.back().leaves.push_back(leaves[at]);
            }
            measure_array(member, items, depth);
            const std::uint64_t next = at < leaves.size() ? leaves[at]->element->offset : end;
            // Items that reach too far have a gap in front of their first value.
            const std::uint64_t reach = begin + items.size() * member.stride;
            if (reach > next) {
                if (reach - next > begin - base || begin - (reach - next) < base + result.end) {
                    fail(first.element->path, "the items of " + member.name + " have no room");
                }
                begin -= reach - next;
            }
            const std::uint64_t item_end = member.stride != 0 ? begin + member.stride : next;
            member.nested = std::make_unique<LayoutStruct>(build(items.front().leaves, depth + 1, begin, item_end));
            if (member.stride != 0 && member.nested->end > member.stride) {
                fail(first.element->path, "the items of " + member.name + " overlap");
            }
        }
        member.offset = begin - base;
        result.end = member.offset + LayoutStruct::size_of_member(member);
        result.members.push_back(std::move(member));
    }
    return result;
}

}  // namespace

std::uint64_t LayoutStruct::size_of_member(const LayoutMember& member) {
    if (member.element != nullptr) return member.element->bytes();
    std::uint64_t number = 1;
    for (const auto dim : member.dims) number *= dim;
    return (number - 1) * member.stride + member.nested->end;
}

LayoutStruct build_layout_tree(const StructDefinition& definition) {
    std::vector<Leaf> leaves;
    leaves.reserve(definition.elements.size());
    for (const auto& element : definition.elements) {
        auto parts = split_path(element.path);
        if (!parts) fail(element.path, "not a path of C names");
        leaves.push_back({&element, std::move(*parts)});
    }
    std::vector<const Leaf*> pointers;
    for (const auto& leaf : leaves) pointers.push_back(&leaf);
    return build(pointers, 0, 0, definition.size);
}

}  // namespace etalon::schema
