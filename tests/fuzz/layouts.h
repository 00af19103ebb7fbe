#pragma once
/// Layouts with everything in them, for fuzzers.

#include <string>

#include "etalon/definition.h"

namespace etalon::fuzz {

inline Element make(std::string path, ScalarType type, std::vector<std::uint64_t> dims = {}, std::string unit = "") {
    Element one;
    one.path = std::move(path);
    one.type = type;
    one.dims = std::move(dims);
    one.unit = std::move(unit);
    return one;
}

inline StructDefinition lay_out(std::vector<Element> elements) {
    StructDefinition layout;
    layout.name = "Fuzzed";
    layout.alignment = 8;
    for (auto& one : elements) {
        const auto size = size_of(one.type);
        layout.size = (layout.size + size - 1) / size * size;
        one.offset = layout.size;
        layout.size += one.bytes();
    }
    layout.size = (layout.size + 7) / 8 * 8;
    layout.elements = std::move(elements);
    return layout;
}

inline StructDefinition older_layout() {
    auto elements = std::vector<Element>{
        make("flag", ScalarType::Bool),        make("small", ScalarType::Int8),
        make("wide", ScalarType::UInt64),      make("gain", ScalarType::Float32, {3}, "cm"),
        make("exact", ScalarType::Float64),    make("name", ScalarType::Char, {8}),
        make("names", ScalarType::Char, {2, 4}), make("grid", ScalarType::Int16, {2, 3}),
        make("mode", ScalarType::Int32),       make("pos.x", ScalarType::Float32)};
    elements[8].enumerators = {{"off", 0}, {"on", 1}, {"broken", -7}};
    return lay_out(std::move(elements));
}

inline StructDefinition newer_layout() {
    auto elements = std::vector<Element>{
        make("small", ScalarType::UInt8),      make("flag", ScalarType::Int32),
        make("wide", ScalarType::Float32),     make("gain", ScalarType::Int16, {4}, "mm"),
        make("exact", ScalarType::Int64),      make("name", ScalarType::Char, {5}),
        make("names", ScalarType::Char, {3, 6}), make("grid", ScalarType::Int8, {3, 2}),
        make("mode", ScalarType::Int16),       make("at.x", ScalarType::Float64)};
    elements[8].enumerators = {{"on", 0}, {"off", 1}};
    elements[9].default_value = "1.5";
    return lay_out(std::move(elements));
}

}  // namespace etalon::fuzz
