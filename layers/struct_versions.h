#pragma once
/// The versions of a struct as one place has them, and how another takes them over.

#include <cstdint>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "etalon/registration.h"
#include "place/write_context.h"

namespace etalon::layers {

/// True when a struct of a place has that layout among its versions.
[[nodiscard]] bool has_layout(const place::StructEntry& of_struct, const StructDefinition& layout);

/// The definitions of a struct in a place, the oldest first; empty when unknown there. `current`: the index of the
/// current one, when there is one.
[[nodiscard]] std::vector<DefinitionPtr> definitions_in(place::Place& place, backends::Transaction& tx,
                                                        std::string_view struct_name, std::int64_t& current);

/// Registers versions of one struct in order, with those of `rules` whose layouts are known then, and makes the one at
/// `current` so (below 0: leaves that). No reference of the struct's own name is made: what that is, other layers say.
void register_versions(place::Place& place, const std::vector<DefinitionPtr>& definitions, std::int64_t current,
                       const place::WriteContext& context, std::vector<RulesFile> rules = {});

}  // namespace etalon::layers
