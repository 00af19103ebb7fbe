#pragma once
/// Plain records to definitions and refusals. Pure: no Clang, no files.

#include <string>
#include <vector>

#include "reflect/records.h"
#include "reflect/reflect.h"

namespace etalon::reflect {

/// Elements that one struct may have after its arrays of structs are expanded.
inline constexpr std::uint64_t kMaxElements = 100000;

/// Appends definitions and refusals of the unit's targets to `result`. A struct with a refused member has no
/// definition. Structs that `result` holds already (same name and place) are skipped. `only`: names to take, also of
/// nested structs of the named files; empty takes every target.
void flatten(const RawUnit& unit, const std::vector<std::string>& only, Reflection& result);

}  // namespace etalon::reflect
