#pragma once
/// What a dry run prints: which intervals would change, and for whom.

#include <string>
#include <vector>

#include "cli/invocation.h"

namespace etalon::cli {

/// Notes on standard error how many values of enumerations were let in that no enumerator has; nothing for none.
void note_nameless(std::uint64_t number);

/// The effects on one database.
struct EffectsOfDatabase {
    std::string name;
    Database* database = nullptr;
    std::vector<PutEffect> effects;
};
/// Prints them in the format of the invocation; `with_database` makes the first column the database.
void print_effects(Invocation& invocation, const std::vector<EffectsOfDatabase>& all, bool with_database);

}  // namespace etalon::cli
