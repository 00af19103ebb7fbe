#pragma once
/// The bridge between a compiled struct and its definition; specialised by generated headers (`etalon_add_structs`).

#include <concepts>
#include <string_view>

namespace etalon {

/// A specialisation has `static constexpr std::string_view kName` and `kDefinition` (the JSON text of the
/// StructDefinition, see docs/storage_format.md), beside static_asserts on size, alignment and every offset.
template <class T>
struct StructTraits;

template <class T>
concept Reflected = requires {
    { StructTraits<T>::kName } -> std::convertible_to<std::string_view>;
    { StructTraits<T>::kDefinition } -> std::convertible_to<std::string_view>;
};

}  // namespace etalon
