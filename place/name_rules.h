#pragma once
/// Which names may be made. What a name has to be everywhere base/name_text.h says; here stands what structs and
/// references have to be beyond that, and which names are new. Names in databases of before stay what they are: they
/// are read and retired, and records are added to them.

#include <string_view>

#include "backends/port.h"
#include "etalon/definition.h"
#include "place/place.h"

namespace etalon::place {

/// Throws Error(BadInput) when a name is empty or has white space, control characters, quotes, ',' or '/'. `what` is
/// `struct` or `named reference`.
void check_name(std::string_view name, const char* what);

/// Throws Error(BadInput) when a reference that is not recorded would have a name that none may have.
void check_new_reference(backends::Transaction& tx, std::string_view name);
/// The same for a version in which the reference (0: a new one) has no record, retired or not.
void check_new_version(backends::Transaction& tx, std::int64_t name_id, std::string_view version);
/// The same for a struct that is not recorded (`known` is null), and for the names in paths of elements, and of
/// enumerators, that none of its recorded schema versions has.
void check_new_definition(const StructDefinition& definition, const StructEntry* known);

}  // namespace etalon::place
