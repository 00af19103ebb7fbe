#pragma once
/// Layouts with everything in them, for fuzzers.

#include <string>

#include "tests/schema/build.h"

namespace etalon::fuzz {

inline StructDefinition older_layout() {
    auto elements = std::vector<Element>{
        test::element("flag", ScalarType::Bool),          test::element("small", ScalarType::Int8),
        test::element("wide", ScalarType::UInt64),        test::element("gain", ScalarType::Float32, {3}, "cm"),
        test::element("exact", ScalarType::Float64),      test::element("name", ScalarType::Char, {8}),
        test::element("names", ScalarType::Char, {2, 4}), test::element("grid", ScalarType::Int16, {2, 3}),
        test::element("mode", ScalarType::Int32),         test::element("pos.x", ScalarType::Float32)};
    elements[8].enumerators = {{"off", 0}, {"on", 1}, {"broken", -7}};
    return test::natural(std::move(elements), "Fuzzed");
}

inline StructDefinition newer_layout() {
    auto elements = std::vector<Element>{
        test::element("small", ScalarType::UInt8),        test::element("flag", ScalarType::Int32),
        test::element("wide", ScalarType::Float32),       test::element("gain", ScalarType::Int16, {4}, "mm"),
        test::element("exact", ScalarType::Int64),        test::element("name", ScalarType::Char, {5}),
        test::element("names", ScalarType::Char, {3, 6}), test::element("grid", ScalarType::Int8, {3, 2}),
        test::element("mode", ScalarType::Int16),         test::element("at.x", ScalarType::Float64)};
    elements[8].enumerators = {{"on", 0}, {"off", 1}};
    elements[9].default_value = "1.5";
    return test::natural(std::move(elements), "Fuzzed");
}

}  // namespace etalon::fuzz
