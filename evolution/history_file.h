#pragma once
/// The recorded history of one struct as a text file, for builds that have no database: JSON, one block for each
/// layout, oldest first, only ever appended to. Format: docs/storage_format.md. Pure; cli/ reads and writes the files.
///
///     {"format":1,"struct":"gains","layouts":[
///     {"schema":1,"definitionHash":"5fd2...","definition":{"name":"gains",...,"elements":[
///       {"name":"gain",...},
///       {"name":"channel",...}]}},
///     {"schema":2,"definitionHash":"a014...","definition":{...}},
///     {"schema":1,"definitionHash":"5fd2..."}
///     ]}
///
/// An entry without a definition says that an earlier layout is the current one again. The last entry is the current
/// layout. A layout of another name than the one before has that as `"renamedFrom":"gains"` in its entry.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "etalon/definition.h"
#include "evolution/registering.h"

namespace etalon::evolution {

/// What a history file says. Schema versions are counted in the file: 1, 2, ...
struct HistoryFile {
    std::string struct_name;  ///< the first one
    RecordedStruct recorded;

    /// What the struct is called now: as its newest layout.
    [[nodiscard]] const std::string& name() const noexcept {
        return recorded.layouts.empty() ? struct_name : recorded.layouts.back().definition->name;
    }

    /// The schema version that a definition is in this file, or 0.
    [[nodiscard]] std::int64_t find(const StructDefinition& definition) const;
};

/// Reads a history file. Throws Error(BadInput) that names `origin` and the entry when it is not one, when an entry
/// does not match its hash, is out of order or occurs twice, or is about another struct; Error(Format) for a newer
/// format.
[[nodiscard]] HistoryFile read_history(std::string_view text, std::string_view origin);

/// The text with these layouts (none of them in it yet) behind what it has, byte for byte, and `current` (a definition
/// that is in it then; null: the last layout) as the current one. Empty text begins a file for the struct.
/// `struct_name` is that of the last layout; one of another name than the one before it says that the struct was
/// renamed. Throws as read_history.
[[nodiscard]] std::string append_history(std::string_view text, std::string_view origin, std::string_view struct_name,
                                         std::span<const DefinitionPtr> layouts,
                                         const StructDefinition* current = nullptr);

/// `gains.json`; of a struct in a namespace `ns.gains.json`.
[[nodiscard]] std::string history_file_name(std::string_view struct_name);

}  // namespace etalon::evolution
