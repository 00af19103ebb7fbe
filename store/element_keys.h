#pragma once
/// Which element of a new schema version is one that earlier versions have: `elementKey` of the table `schema`.

#include <cstdint>
#include <vector>

#include "backends/port.h"
#include "etalon/definition.h"
#include "store/catalog.h"

namespace etalon::store {

/// The keys of each of `recorded`, in order of position, as the table has them.
[[nodiscard]] std::vector<std::vector<std::int64_t>> read_element_keys(backends::Transaction& tx,
                                                                       std::int64_t struct_id,
                                                                       const std::vector<SchemaPtr>& recorded);

/// A key for each element of the next version: that of the element of the newest earlier version from which a reader
/// takes it, by its path or through renames that are declared or among `rules` (may be null). An array some values of
/// which come from an element of its own name keeps that one's key; any other element that rules make of single values
/// is a new one, and so is what no version has: it gets the next number. No key occurs twice. Pure.
[[nodiscard]] std::vector<std::int64_t> make_element_keys(const StructDefinition& definition,
                                                          const std::vector<SchemaPtr>& recorded,
                                                          const std::vector<std::vector<std::int64_t>>& keys,
                                                          const evolution::StructRules* rules);

}  // namespace etalon::store
