#include "schema/rows.h"

namespace etalon::schema {

Sha256 content_hash(const RowBlock& canonical) {
    Sha256Builder hash;
    hash.add(canonical.num_rows);
    hash.add(std::span<const std::byte>(canonical.data.data(), canonical.num_rows * canonical.layout->size));
    return hash.finish();
}

}  // namespace etalon::schema
