#pragma once
/// Tables of storage format 1.2 as they stood when that format was the newest, for the bare readers and writers: format
/// 1 does not change any more, whatever Etalon itself writes. Only what they touch: names, commits, interval records,
/// payloads and rows, with their indexes and with the triggers that an INSERT fires. No timeline, which nothing here
/// reads or writes.

#include <span>
#include <string>

#include "etalon/definition.h"

namespace etalon::bench {

[[nodiscard]] std::string format1_of_sqlite(std::span<const StructDefinition> structs);
[[nodiscard]] std::string format1_of_postgres(std::span<const StructDefinition> structs);

/// INSERTs of the structs (ID from 1 in order) and of names 1, 2, ... over structs of these indices.
[[nodiscard]] std::string format1_names(std::span<const StructDefinition> structs, std::span<const std::size_t> names);

}  // namespace etalon::bench
