#pragma once
/// Offsets as a C compiler gives them. Private to schema/.

#include <string_view>

#include "etalon/definition.h"

namespace etalon::schema {

/// Sets the offset of every element, and size and alignment of the struct, to those of the natural C layout on x86-64
/// (System V ABI: every scalar aligned to its size); elements are then in order of offset. Members come in the order in
/// which their first element stands; dotted paths are nested structs, `hit[2].x` an array of structs, whose items are
/// all laid out as the first one. Throws Error(BadInput) with `where` when the paths cannot be those of one C struct.
void set_natural_layout(StructDefinition& definition, std::string_view where);

}  // namespace etalon::schema
