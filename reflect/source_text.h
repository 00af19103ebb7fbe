#pragma once
/// The text of headers, brought to what can be stored: UTF-8 without NUL.

#include <set>
#include <string>

#include "reflect/records.h"
#include "reflect/reflect.h"

namespace etalon::reflect {

/// Reads what is no UTF-8 in the files of the unit as Latin-1 and moves all positions along, with one warning for each
/// file; a NUL is an error. Both name `file:line`. `told`: files that were reported before; nothing is said of them
/// again.
void check_text(RawUnit& unit, std::set<std::string>& told, Reflection& result);

}  // namespace etalon::reflect
