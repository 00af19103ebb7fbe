#pragma once
/// The contents of a CSV layer: a directory of files of values, and `manifest.csv` that says what they are.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/commit.h"
#include "etalon/definition.h"
#include "etalon/reference.h"

namespace etalon::layers {

/// What the layers below know. Both functions must be set; what they throw passes through.
struct CsvLayerContext {
    /// All schema versions of a struct, the oldest first; empty when the struct is unknown.
    std::function<std::vector<DefinitionPtr>(std::string_view struct_name)> known_struct;
    /// Struct, axis and policy of a named reference (the rest is not used); nothing when it is unknown.
    std::function<std::optional<NameInfo>(std::string_view name)> known_name;
    /// Which of known_struct(name) is the current one: its files are read in that when several fit. May be left empty:
    /// the newest one is.
    std::function<std::size_t(std::string_view struct_name)> current_schema;
    /// The name by which known_name() has a struct that is, or was, called otherwise too. May be left empty: the name
    /// itself.
    std::function<std::string(std::string_view struct_name)> recorded_name = {};
    /// The directory for errors, with variables by name; empty: as it is.
    std::string shown_directory = {};
};

/// All of a CSV layer, ready to be registered and committed in this order.
struct CsvLayer {
    std::string database_name;               ///< empty when neither the caller nor the manifest names one
    std::vector<DefinitionPtr> definitions;  ///< of every struct used: all schema versions, the oldest first
    std::vector<NameSpec> names;             ///< of every reference used, with struct, axis and policy
    std::vector<PutRecord> records;          ///< in the order of the manifest; layouts are among `definitions`
    std::string digest;                      ///< SHA-256 of manifest and files of values, hexadecimal
};

/// Reads the directory of a CSV layer. Nothing is written.
///
/// `manifest.csv` is as a manifest of `import` (see manifest.h), but needs no `struct`: the struct of a reference is
/// the one that any of its lines names, else that of the known reference, else the one of the reference's own name.
/// `beginTime` and `endTime` are on the axis of the known reference, else times. Paths are relative to the directory,
/// `$VAR` is expanded (variables.h); a path to a directory or to a manifest is an error: layers do not nest. A
/// table path of one part belongs to `database_name`; of others only those of that database are taken. Without
/// `database_name`, the only database that table paths name is it; several are an error.
///
/// Files of values are read by text::make_typed_csv_reader, in the current schema version when that fits, else the
/// newest one that does: columns exactly, and types when the header says them. A typed header of a struct that nobody
/// knows defines it. A file without rows is a hole. The digest does not depend on where the directory is, nor on the
/// values of variables.
///
/// Throws Error(BadInput) with everything that is wrong with the directory (the first 20), each with file and line.
[[nodiscard]] CsvLayer read_csv_layer(const std::string& directory, std::string_view database_name,
                                      const CsvLayerContext& context);

}  // namespace etalon::layers
