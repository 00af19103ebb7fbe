#include "schema/rows.h"

#include <cstring>
#include <utility>

namespace etalon::schema {

RowBlock join(DefinitionPtr layout, std::vector<RowBlock> pieces) {
    if (pieces.size() == 1) return std::move(pieces.front());
    RowBlock whole{std::move(layout), {}, 0};
    std::size_t size = 0;
    for (const auto& piece : pieces) size += piece.num_rows * whole.layout->size;
    whole.data = AlignedBuffer(size);
    for (auto& piece : pieces) {
        std::memcpy(whole.row(whole.num_rows), piece.data.data(), piece.num_rows * whole.layout->size);
        whole.num_rows += piece.num_rows;
        piece.data = {};
    }
    return whole;
}

Sha256 content_hash(const RowBlock& canonical) {
    Sha256Builder hash;
    hash.add(canonical.num_rows);
    hash.add(std::span<const std::byte>(canonical.data.data(), canonical.num_rows * canonical.layout->size));
    return hash.finish();
}

}  // namespace etalon::schema
