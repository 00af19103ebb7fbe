#pragma once
/// Definitions as text, hashes and derived layouts. Pure functions.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "etalon/definition.h"

namespace etalon::schema {

/// The full definition as canonical JSON (one line, keys in fixed order): what `schemaVersion.definition` and
/// StructTraits::kDefinition hold. Format: docs/storage_format.md.
[[nodiscard]] std::string to_json(const StructDefinition& definition);
/// Inverse of to_json. Checks that the definition is sound (see validate) and throws Error(BadInput) naming `origin`.
[[nodiscard]] StructDefinition from_json(std::string_view text, std::string_view origin);

/// SHA-256 over struct name, size, alignment and every element's path, type, dims and offset.
[[nodiscard]] Sha256 layout_hash(const StructDefinition& definition);
/// layout_hash and units, enumerators, defaults, renames; not comments, not c_type, not source. A new definition_hash
/// is a new schema version.
[[nodiscard]] Sha256 definition_hash(const StructDefinition& definition);

/// Everything that is wrong with a definition: no elements, an element outside the struct, overlapping elements, a
/// duplicate path, a zero dimension, a default that does not fit its type. Empty when sound.
[[nodiscard]] std::vector<std::string> validate(const StructDefinition& definition);

/// The same elements without padding, offsets accumulated in order, alignment 1: the layout of canonical rows.
[[nodiscard]] StructDefinition packed(const StructDefinition& definition);
/// Bytes of one canonical row: the sum of the elements' bytes.
[[nodiscard]] std::uint64_t packed_size(const StructDefinition& definition) noexcept;

/// The unit that a reader of headers takes from the comment of a member of that name; `others` are the other members of
/// its struct. Empty: none.
using UnitOfComment =
    std::function<std::string(std::string_view comment, std::string_view name, const std::vector<std::string>& others)>;
/// A C header (C11) whose struct has that layout and those paths, with units, comments and defaults; natural members
/// where the natural layout is the recorded one, else packed and aligned attributes. A unit stands in brackets, behind
/// `unit:` where these would not be read back as that unit: where nobody knows it, or where `read_back`, which may be
/// empty, does not take it.
[[nodiscard]] std::string to_c_header(const StructDefinition& definition, const UnitOfComment& read_back = {});
/// A C++ header with `StructTraits` of each definition and static_asserts on size, alignment, every offset and every
/// element's size. `includes` are the headers that declare the structs, written as `#include "..."` lines; `tagged` are
/// names that are those of a typedef, too, which is another type: `struct` stands before them.
[[nodiscard]] std::string to_traits_header(const std::vector<StructDefinition>& definitions,
                                           const std::vector<std::string>& includes,
                                           const std::vector<std::string>& tagged = {});

}  // namespace etalon::schema
