#pragma once
/// `objectRef`: the references that rows of payloads hold and that no column of its own has. Derived from the rows.

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "backends/port.h"
#include "etalon/ref.h"

namespace etalon::objects {

/// Where a payload holds a reference.
struct ReferencePlace {
    std::int64_t data_id = 0;
    std::int64_t row = 0;
    std::int64_t element_key = 0;  ///< of `schema`: the same member in all versions of the struct
    std::int64_t item = 0;         ///< of an array, row-major; else 0
    friend auto operator<=>(const ReferencePlace&, const ReferencePlace&) = default;
};
struct StoredReference {
    ReferencePlace at;
    ObjectId to{};
    friend bool operator==(const StoredReference&, const StoredReference&) = default;
};

/// Inserts references of new payloads.
void insert_references(backends::Transaction& tx, std::span<const StoredReference> references);
/// The places that hold a reference to an object, in order. Nothing in formats without objects.
[[nodiscard]] std::vector<ReferencePlace> find_references(backends::Transaction& tx, const ObjectId& to);
/// Those of the payloads with after < dataID <= up_to, in order.
[[nodiscard]] std::vector<StoredReference> read_references(backends::Transaction& tx, std::int64_t after,
                                                           std::int64_t up_to);
/// Of payloads that are not there.
[[nodiscard]] std::int64_t count_stray_references(backends::Transaction& tx);
/// Replaces the references of some payloads.
void replace_references(backends::Transaction& tx, std::span<const std::int64_t> data_ids,
                        std::span<const StoredReference> references);
/// Removes those of payloads that are not there.
void remove_stray_references(backends::Transaction& tx);

}  // namespace etalon::objects
