#pragma once
/// The inner loops of conversion: one step over many rows. Private to schema/.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "etalon/types.h"
#include "schema/units.h"

namespace etalon::conversion {

/// The same place of many rows: `count` values in each of `rows` rows.
struct Strided {
    const std::byte* from;
    std::byte* to;
    std::size_t from_stride;
    std::size_t to_stride;
    std::size_t rows;
    std::size_t count;
};

/// Converts numbers and returns how many were changed by it (see convert_value).
using NumberKernel = std::uint64_t (*)(const Strided&);
[[nodiscard]] NumberKernel number_kernel(ScalarType from, ScalarType to) noexcept;

/// One value of a row, from and to these bytes of it.
struct Move {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
};

/// All moves of each row, row by row: returns how many values were changed by it. Many small moves are quickest in this
/// order, few in the order of Strided (one move over many rows).
using MoveKernel = std::uint64_t (*)(const Strided& at, const Move* moves);
/// `at.count` is the number of moves; converts one number per move.
[[nodiscard]] MoveKernel number_move_kernel(ScalarType from, ScalarType to) noexcept;

/// Integers into integers exactly, where the factor is known without rounding; else through double. Returns how many
/// values the target type does not hold.
[[nodiscard]] std::uint64_t convert_units(const Strided& at, ScalarType from, ScalarType to,
                                          const schema::UnitConversion& unit);

/// How stored values of an enumeration become asked ones, sorted by stored value.
using EnumMap = std::vector<std::pair<std::int64_t, std::int64_t>>;
/// Returns how many values are not in the map (they are left zero).
[[nodiscard]] std::uint64_t convert_enumerators(const Strided& at, ScalarType from, ScalarType to, const EnumMap& map);

/// Text of one capacity into another, zero behind its end; `count` strings a row. Returns how many were cut.
[[nodiscard]] std::uint64_t convert_text(const Strided& at, std::size_t from_capacity, std::size_t to_capacity);

/// Copies `length` bytes per row; a from_stride of 0 repeats one source.
void copy_strided(const std::byte* from, std::size_t from_stride, std::byte* to, std::size_t to_stride,
                  std::size_t length, std::size_t rows);

}  // namespace etalon::conversion
