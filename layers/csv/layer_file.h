#pragma once
/// One file of values of a CSV layer.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "etalon/definition.h"
#include "etalon/error.h"

namespace etalon::layers {

/// A struct as the files of a layer may have it.
struct LayerStruct {
    std::string name;
    std::vector<DefinitionPtr> schemas;  ///< all versions, the oldest first; empty: nobody knows the struct
    std::size_t current = 0;             ///< which of them is tried first, then the others, newest first
};

/// Rows of a file. A hole has none, and no layout.
struct LayerRows {
    DefinitionPtr layout;
    std::shared_ptr<const std::byte> rows;
    std::uint64_t num_rows = 0;
};

/// Reads a file in the first schema version that it fits; `name` is for errors. Nothing when there are problems: they
/// are added to the list, as Error(BadInput) with file and line. The struct must have a schema version.
[[nodiscard]] std::optional<LayerRows> read_layer_file(std::istream& in, const std::string& name,
                                                       const LayerStruct& of_struct, std::vector<Error>& problems);

/// The struct that the header of a file defines; null when the header says no types. Throws Error(BadInput).
[[nodiscard]] DefinitionPtr read_layer_definition(std::istream& in, const std::string& name,
                                                  const std::string& struct_name);

}  // namespace etalon::layers
