#pragma once
/// Which damages are done: chosen from what is stored, by a seed.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "damage/stored.h"

namespace etalon::damage {

/// How many are done.
struct Amount {
    std::size_t rows = 1;     ///< of each column, and of each table for deleted and added ones
    std::size_t changes = 1;  ///< of each of these cells
    std::size_t bits = 80;    ///< of the file
    std::size_t pages = 20;   ///< zeroed
    std::size_t cuts = 12;    ///< files that end too early
    bool everything = false;  ///< all rows and all changes; bits and pages still count
};

/// Damages to cells, rows and whole tables.
[[nodiscard]] std::vector<Damage> choose_rows(const std::vector<Table>& tables, const Amount& amount,
                                              std::uint64_t seed);
/// Missing entries of indexes.
[[nodiscard]] std::vector<Damage> choose_index_entries(const std::vector<Table>& tables,
                                                       const std::vector<Index>& indexes, const Amount& amount,
                                                       std::uint64_t seed);
/// Bits, pages and the end of a file of `size` bytes.
[[nodiscard]] std::vector<Damage> choose_file(std::uint64_t size, std::uint64_t page, const Amount& amount,
                                              std::uint64_t seed);

}  // namespace etalon::damage
