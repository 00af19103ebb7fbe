#pragma once
/// Structs that got another name: which recorded one a definition continues, and which ones may be meant.

#include <map>
#include <string>
#include <vector>

#include "etalon/definition.h"
#include "etalon/registration.h"
#include "evolution/registering.h"
#include "place/place.h"

namespace etalon::place {

/// The struct that a definition is, or becomes, a version of.
struct ContinuedStruct {
    StructPtr known;           ///< null: a new struct
    std::string renamed_from;  ///< its name until now, when rules rename it; else empty
};

/// Finds it by the name of the definition, or by the names that rules say it had. Throws Error(Refused) when a name
/// would come to mean two structs: both are recorded, or the definition has a name that its struct has no more and is
/// none of its versions.
[[nodiscard]] ContinuedStruct find_continued(Place& db, backends::Transaction& tx, const StructDefinition& definition,
                                             const evolution::GivenRules& given, const store::RuleTable& recorded);

/// A new struct, and what is said of it.
struct NewStruct {
    const StructDefinition* definition;
    RegisterOutcome* outcome;
};

/// Asks of new structs whether they are recorded ones that are not among the `declared` names: each about the
/// likeliest, each of these once, unless `distinct struct` in `given` has answered already.
void ask_about_renames(Place& db, backends::Transaction& tx, const std::vector<NewStruct>& fresh,
                       const std::vector<std::string>& declared, const evolution::GivenRules& given,
                       const store::RuleTable& recorded);

}  // namespace etalon::place
