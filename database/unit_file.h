#pragma once
/// units.toml: the units that people define for the structs of a folder (docs/writing_structs.md).

#include <memory>
#include <string>

#include "schema/unit_definitions.h"

namespace etalon {

/// The name of the file in a folder of structs.
inline constexpr const char* kUnitFileName = "units.toml";

/// Reads a file of units:
///
///     [units]
///     spill = "12 s"
///     wafer = "new"
///     tick  = { definition = "50 ns", aliases = ["ticks"] }
///
/// Throws Error(BadInput) for a file that is no such file, with line and column, and for what UnitDefinitions refuses.
[[nodiscard]] std::shared_ptr<const schema::UnitDefinitions> read_unit_file(const std::string& path);

/// The file of the folder of `header`, or of the nearest one above it, up to the top of a repository (a folder with
/// `.git`); empty when there is none. The same from every working directory.
[[nodiscard]] std::string find_unit_file(const std::string& header);

}  // namespace etalon
