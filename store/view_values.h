#pragma once
/// What a column of the row table reads as in SQL when the newest schema version asks: the law of docs/evolution.md as
/// an expression. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/port.h"
#include "etalon/definition.h"
#include "schema/units.h"

namespace etalon::store {

/// One column and how its values become those of an element of the newest schema version.
struct ViewSource {
    std::string column;  ///< quoted, with the alias of the row table
    /// Not empty: one value of the array that the column holds, by its indices from 0.
    std::vector<std::uint64_t> item;
    Element stored;          ///< what the column holds; of an item, that value alone
    Element asked;           ///< what the view shows; of a value that becomes an item, that item alone
    bool truncates = false;  ///< some stored arrays are longer
    bool cuts = false;       ///< some stored texts have more room
    std::optional<schema::UnitConversion> unit;
    bool by_name = false;  ///< enumerators changed: `names` gives the new value of each old one
    std::vector<std::pair<std::int64_t, std::int64_t>> names;
};

/// An expression of the SQL type of the asked element. It never fails: a value that the law refuses is NULL, and so is
/// an absent one. SQLite cannot round to float32: there the value stays as it is.
[[nodiscard]] std::string view_value(backends::Engine engine, const ViewSource& source);

/// An array of single values, row-major as `asked` has them; nothing for a value that has no source. All NULL inside
/// the array, where view_value() would be.
[[nodiscard]] std::string view_array(backends::Engine engine, const Element& asked,
                                     const std::vector<std::optional<ViewSource>>& items);

}  // namespace etalon::store
