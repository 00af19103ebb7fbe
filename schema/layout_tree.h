#pragma once
/// The nested structs that flattened paths came from. Private to schema/.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "etalon/definition.h"

namespace etalon::schema {

/// A struct, or an array of structs, and its members in order of offset. Only the first item of an array is kept.
struct LayoutStruct;

struct LayoutMember {
    std::string name;
    std::uint64_t offset = 0;          ///< from the start of the enclosing struct
    const Element* element = nullptr;  ///< a value or array of values; else:
    std::unique_ptr<LayoutStruct> nested;
    std::vector<std::uint64_t> dims;  ///< of an array of structs
    std::uint64_t stride = 0;         ///< bytes from one struct of the array to the next; 0 unless there are several
};

struct LayoutStruct {
    std::vector<LayoutMember> members;
    std::uint64_t end = 0;  ///< behind the last value, from the start of the struct

    [[nodiscard]] static std::uint64_t size_of_member(const LayoutMember& member);
};

/// Builds the tree. Throws Error(BadInput) when the paths and offsets cannot be those of one C struct (items of an
/// array that are not alike or not evenly spaced). The tree points into the definition.
[[nodiscard]] LayoutStruct build_layout_tree(const StructDefinition& definition);

}  // namespace etalon::schema
