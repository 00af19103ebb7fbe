#pragma once
/// Objects of a stack of layers.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "etalon/object.h"
#include "place/write_context.h"

namespace etalon::layers {

class LayerStack;

/// Database::put_objects, of objects whose references resolve: into the layer that is written to. What another layer
/// has is not written again.
[[nodiscard]] ObjectPutResult put_objects(LayerStack& stack, std::span<const ObjectPut> puts,
                                          const ObjectPutOptions& options, const place::WriteContext& context);
/// Database::find_objects: the topmost layer that has an object answers.
[[nodiscard]] std::vector<std::optional<StoredObject>> find_objects(LayerStack& stack, std::span<const ObjectId> ids,
                                                                    const ObjectReadOptions& options);
/// Database::referrers.
[[nodiscard]] std::vector<Referrer> find_referrers(LayerStack& stack, const ObjectId& id,
                                                   const std::optional<AsOf>& as_of);

/// All names that the struct of an object is or was called by.
using NamesOfObjects = std::map<ObjectId, std::vector<std::string>>;
/// Which layers may have what a reference is to: all, or the one that is written to and those below it, without which
/// it is never read.
enum class Layers : std::uint8_t { All, FromTarget };
/// Adds those of the ids that are there in any layer, as of now.
void find_struct_names(LayerStack& stack, std::span<const ObjectId> ids, Layers which, NamesOfObjects& names);
/// All names of a struct that any layer knows by one of them; none: no layer does.
[[nodiscard]] std::vector<std::string> find_struct_names(LayerStack& stack, const std::string& struct_name);

}  // namespace etalon::layers
