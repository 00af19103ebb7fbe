#pragma once
/// The references that rows hold, and the ids that rows have.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "etalon/definition.h"
#include "etalon/ref.h"

namespace etalon::schema {

/// True when the struct has a reference, uid or file: what formats before 2.1 do not know.
[[nodiscard]] bool has_identities(const StructDefinition& definition) noexcept;
/// True when it has a reference.
[[nodiscard]] bool has_references(const StructDefinition& definition) noexcept;

/// A reference in a row that is not null.
struct RowReference {
    std::uint64_t row = 0;
    std::size_t element = 0;  ///< of the layout
    std::uint64_t item = 0;   ///< of an array, row-major; else 0
    ObjectId id{};
};
/// Calls `visit` for all references of rows of `layout` (any alignment), in order.
void visit_references(const StructDefinition& layout, const std::byte* rows, std::uint64_t num_rows,
                      const std::function<void(const RowReference& reference)>& visit);
/// `session`, `tags[2]`, `hit[1].by`: the element with the item of an array.
[[nodiscard]] std::string member_name(const Element& element, std::uint64_t item);

/// The path of the first uid of a row that is null; empty: none.
[[nodiscard]] std::string find_null_uid(const StructDefinition& layout, const std::byte* row);

/// The id of an object (docs/storage_format.md).
[[nodiscard]] ObjectId make_object_id(std::string_view struct_name, const Sha256& definition_hash,
                                      const Sha256& content_hash);
/// The content hash of one canonical row.
[[nodiscard]] Sha256 hash_row(std::span<const std::byte> canonical);

}  // namespace etalon::schema
