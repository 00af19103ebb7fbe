#pragma once
/// Damage to a copy of an SQLite file.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "damage/stored.h"

namespace etalon::damage {

/// How rows of a table are found again: by the primary key, or by rowid when there is none.
struct SqliteRows {
    std::string where;             ///< with ?1, ?2, ... for the locator
    std::vector<std::size_t> key;  ///< columns that make the locator; none: the rowid
    std::vector<std::vector<Cell>> locators;
};

/// The stored tables of a file.
struct SqliteStored {
    std::vector<Table> tables;
    std::vector<SqliteRows> rows;
    std::vector<Index> indexes;
    std::uint64_t file_size = 0;
    std::uint64_t page_size = 0;
};

[[nodiscard]] SqliteStored read_sqlite(const std::string& path);

/// Copies of the file `original` at `path`, the worker's own.
[[nodiscard]] std::unique_ptr<Medium> make_sqlite_medium(const std::string& original, const std::string& path,
                                                         std::shared_ptr<const SqliteStored> stored);

}  // namespace etalon::damage
