#pragma once
/// The plain description of one C struct as one schema version has it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etalon/types.h"

namespace etalon {

/// One stored value or array of values of a struct. Nested structs are flattened: the path of `float x` in
/// `struct {float x;} pos` is `pos.x`; in an array of structs every index has elements of its own (`hit[2].x`); members
/// of anonymous structs carry no prefix.
struct Element {
    std::string path;
    ScalarType type = ScalarType::Int32;
    std::vector<std::uint64_t> dims;           ///< empty for a scalar; for `Char` the last one is the capacity in bytes
    std::uint64_t offset = 0;                  ///< bytes from the start of the struct; values lie densely, row-major
    std::string unit;                          ///< as written, empty when none
    std::string comment;                       ///< as written, without comment marks
    std::optional<std::string> default_value;  ///< the declared default, in the text form of CSV
    std::string renamed_from;                  ///< path in the previous schema version, by a recorded rename
    std::string c_type;  ///< spelling for people: `unsigned long`, `enum Color`; not part of any hash
    std::vector<std::pair<std::string, std::int64_t>>
        enumerators;                  ///< empty unless an enumeration (values of uint64 wrap)
    std::uint32_t key = 0;            ///< position in the natural index of the rows, from 1; 0: not in it
    std::string target;               ///< of a `Ref`: the struct that it refers to; else empty
    std::vector<std::string> limits;  ///< what values are allowed, each in its canonical form (docs/writing_structs.md)

    /// Values in the element: the product of dims, 1 for a scalar; bytes of text for `Char`.
    [[nodiscard]] std::uint64_t count() const noexcept {
        std::uint64_t n = 1;
        for (const auto dim : dims) n *= dim;
        return n;
    }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return count() * size_of(type); }
    /// True for `char` arrays.
    [[nodiscard]] bool is_text() const noexcept { return type == ScalarType::Char; }
    friend bool operator==(const Element&, const Element&) = default;
};

/// A struct: elements in order of offset.
struct StructDefinition {
    std::string name;             ///< tag or typedef name; `ns::name` for a struct in a C++ namespace
    std::uint64_t size = 0;       ///< sizeof
    std::uint64_t alignment = 1;  ///< alignof
    std::string comment;
    std::vector<Element> elements;
    std::string source;  ///< `file:line:column` of the definition, for people; not part of any hash

    friend bool operator==(const StructDefinition&, const StructDefinition&) = default;
};

using DefinitionPtr = std::shared_ptr<const StructDefinition>;

}  // namespace etalon
