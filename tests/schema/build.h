#pragma once
/// Short ways to write definitions in tests.

#include <algorithm>
#include <string>
#include <vector>

#include "etalon/definition.h"

namespace etalon::test {

inline Element element(std::string path, ScalarType type, std::vector<std::uint64_t> dims = {}, std::string unit = "") {
    Element result;
    result.path = std::move(path);
    result.type = type;
    result.dims = std::move(dims);
    result.unit = std::move(unit);
    return result;
}

/// The elements one behind the other at their natural alignment.
inline StructDefinition natural(std::vector<Element> elements, std::string name = "Sample") {
    StructDefinition definition;
    definition.name = std::move(name);
    std::uint64_t at = 0;
    for (auto& item : elements) {
        const std::uint64_t alignment = alignment_of(item.type);
        definition.alignment = std::max(definition.alignment, alignment);
        at = (at + alignment - 1) / alignment * alignment;
        item.offset = at;
        at += item.bytes();
    }
    definition.size = (at + definition.alignment - 1) / definition.alignment * definition.alignment;
    definition.elements = std::move(elements);
    return definition;
}

}  // namespace etalon::test
