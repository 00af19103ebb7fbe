#pragma once
/// Rows as they are stored and hashed.

#include <cstddef>
#include <cstdint>
#include <span>

#include "etalon/definition.h"
#include "schema/rows.h"

namespace etalon::conversion {

/// Canonical rows: dense, in element order, text zeroed behind its first NUL. `rows` holds `num_rows` structs of
/// `layout.size` bytes (any alignment). The block's layout is `packed(layout)`.
[[nodiscard]] schema::RowBlock to_canonical(const StructDefinition& layout, std::span<const std::byte> rows,
                                            std::uint64_t num_rows);

}  // namespace etalon::conversion
