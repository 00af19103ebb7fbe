#pragma once
/// Objects of a stack of layers for which a condition holds.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/object.h"

namespace etalon::layers {

class LayerStack;

/// All definitions of a struct that the layers have, those of the lowest first, each once; empty: no layer knows it.
[[nodiscard]] std::vector<DefinitionPtr> find_definitions(LayerStack& stack, std::string_view struct_name);
/// Throws Error(Unknown) with the nearest names of structs.
[[noreturn]] void throw_unknown_struct(LayerStack& stack, std::string_view struct_name);

/// How paths across references are answered.
enum class AcrossReferences : std::uint8_t {
    None,   ///< there are none
    Inside  ///< within the place: the stack has one layer, and no reference of the path leaves it
};
/// Database::query_objects, but for an order by a path: such objects come in order of commit, and all of them.
[[nodiscard]] std::vector<StoredObject> search_objects(LayerStack& stack, const ObjectQuery& query,
                                                       AcrossReferences across);
/// The ids of the objects of a struct for which a condition without paths across references holds, in any layer; none
/// when no layer knows the struct.
[[nodiscard]] std::vector<ObjectId> search_ids(LayerStack& stack, const std::string& struct_name,
                                               const Condition& condition, const std::optional<AsOf>& as_of);

/// Puts objects of several places into the order by commit: by entry time, then as they come.
void sort_objects(std::vector<StoredObject>& objects, bool descending);

}  // namespace etalon::layers
