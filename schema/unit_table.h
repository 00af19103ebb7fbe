#pragma once
/// The units that have names: those of UDUNITS-2 2.2.28 with exact factors and kinds, and those that detectors and
/// their electronics count in. Part of the program, so that a stored value reads the same in every year. Private to
/// schema/.

#include <span>
#include <string_view>

namespace etalon::schema {

/// One unit. A definition is a unit as people write one; `new` measures something that no other unit does, `pi` is the
/// number.
struct UnitEntry {
    std::string_view definition;
    /// Apart by blanks; any case, also as plurals (`foot~feet`: that one; `percent!`: none). The first one names a new
    /// unit.
    std::string_view names;
    std::string_view symbols;  ///< apart by blanks; their case counts; `c!` takes no prefix
};

/// Names with a value that is the same everywhere.
[[nodiscard]] std::span<const UnitEntry> standard_units() noexcept;
/// Names for what a detector counts in: each one is a unit of its own unless people define it otherwise for their
/// structs.
[[nodiscard]] std::span<const UnitEntry> counted_units() noexcept;

struct UnitPrefix {
    std::string_view name;
    std::string_view symbol;
    int exponent;  ///< of ten
};
[[nodiscard]] std::span<const UnitPrefix> unit_prefixes() noexcept;

}  // namespace etalon::schema
