#pragma once
/// Rows in memory, in the layout of a definition.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "etalon/definition.h"

namespace etalon::schema {

/// `num_rows` structs of `layout->size` bytes each, one behind the other, at a 64-byte boundary. Padding bytes and the
/// bytes of text behind the first NUL are zero in every block that Etalon makes.
struct RowBlock {
    DefinitionPtr layout;
    AlignedBuffer data;
    std::uint64_t num_rows = 0;

    [[nodiscard]] const std::byte* row(std::uint64_t index) const noexcept {
        return data.data() + index * layout->size;
    }
    [[nodiscard]] std::byte* row(std::uint64_t index) noexcept { return data.data() + index * layout->size; }
    /// Those of the rows; the buffer may be larger.
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data.data(), num_rows * layout->size}; }
};

/// Rows that came in pieces of one layout, one behind the other; a single piece is not copied.
[[nodiscard]] RowBlock join(DefinitionPtr layout, std::vector<RowBlock> pieces);

/// SHA-256 of canonical rows and their number (`payload.contentHash`); `canonical.layout` is a packed layout.
[[nodiscard]] Sha256 content_hash(const RowBlock& canonical);

}  // namespace etalon::schema
