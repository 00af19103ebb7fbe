#pragma once
/// Headers of CSV whose columns may say their type: `gain[3]:float`, `label char[16]`.

#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"

namespace etalon::text {

/// What the header of a CSV file says.
///
/// A column is a plain name, or `name:type`, or `name type`; either none or all of them say a type. Types are those of
/// C (`unsigned short`, `long long`, `uint8_t`) and of definitions (`float32`); a lone `char` is a number of 8 bits.
/// Sizes may stand behind the name or the type, as `gain[3]:float` or `gain:float[3]`: one field of the header that
/// stands for three columns. The last size of `char` is the capacity of a text, which is one column (`label:char[16]`,
/// `labels[2]:char[16]`). An array may also have a field for each item, `gain[0]:float, gain[1]:float`: when several
/// fields have one name, or the only one has index 0, what is in brackets are indices. Blanks around names, types,
/// colons and brackets mean nothing.
struct TypedHeader {
    bool typed = false;
    std::vector<std::string> columns;  ///< of a row, in order; arrays as `gain[0]`, `gain[1]`, ...
    std::vector<Element> elements;     ///< when typed: path, type, dims and c_type as written; all offsets 0
};

/// Reads the fields of a header. `where` is its file and line, for errors. Throws Error(BadInput) for a column that has
/// no type among others that have one, an unknown type (with the nearest known one), a name that is no path of C names,
/// fields of one array that differ in type or rank, or a header of more than a million columns.
[[nodiscard]] TypedHeader read_typed_header(const std::vector<std::string>& fields, std::string_view where);

/// The struct that a typed header describes: members in the order of their first column, at the offsets that a C
/// compiler gives them on x86-64; dotted names are nested structs. Throws Error(BadInput) when they are no C struct: an
/// item of an array is missing, structs of one array differ, a name is used twice. `definition.source` is `where`.
[[nodiscard]] StructDefinition define_struct(const TypedHeader& header, std::string struct_name,
                                             std::string_view where);

/// Whether every element of a typed header has the type that it has in the definition.
[[nodiscard]] bool types_fit(const TypedHeader& header, const StructDefinition& definition);

/// `float32`, `uint8[3]`, `char[2][16]`.
[[nodiscard]] std::string type_text(const Element& element);

}  // namespace etalon::text
