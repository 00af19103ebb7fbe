#pragma once
/// Objects of one struct by what their rows hold: pieces of statements about the alias `o` of `object` and the alias
/// `r` of the struct's row table, which holds one row of each object that is stored in columns.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "backends/port.h"
#include "etalon/ref.h"

namespace etalon::objects {

/// Which objects of a struct.
struct Search {
    std::int64_t struct_id = 0;
    std::int64_t snapshot = 0;
    std::optional<std::int64_t> entered_from = std::nullopt;  ///< inclusive
    std::optional<std::int64_t> entered_to = std::nullopt;    ///< exclusive
    std::string row_table = {};                               ///< empty: rows are not joined
    bool rows_first = false;  ///< the condition looks rows up by an index: begin with them
};

/// Appends `SELECT "id" FROM ... WHERE ...`: more conditions may follow (`AND ...`).
void append_ids(backends::Fragment& out, backends::Engine engine, const Search& search);
/// `SELECT` of object_table().select("o") and of `columns` (empty, or what stands behind a comma) `FROM ... WHERE ...`.
[[nodiscard]] backends::Fragment select_objects(backends::Engine engine, const Search& search,
                                                std::string_view columns);
/// The same of those among `ids`, at least one, that are there as of a commit, with the dataID of their row in that
/// table before the columns, of which there is at least one: null, as these, where there is no such row.
[[nodiscard]] backends::Fragment select_listed(backends::Engine engine, std::span<const ObjectId> ids,
                                               std::int64_t snapshot, const std::string& row_table,
                                               std::string_view columns);
/// Appends the order by commit and position, and the limit.
void append_order(backends::Fragment& out, bool descending, std::int64_t limit);
/// True when the struct has an object in that schema version. Not proved.
[[nodiscard]] bool has_objects_in(backends::Transaction& tx, std::int64_t struct_id, std::int64_t schema_id);

}  // namespace etalon::objects
