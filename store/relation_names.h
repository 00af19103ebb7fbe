#pragma once
/// Names of row tables, views and columns: unique ignoring case, at most 63 bytes (PostgreSQL's limit).

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"

namespace etalon::store {

/// Hands out names that differ from all others ignoring case, by appending `_2`, `_3`, ...; cut to 63 bytes between
/// UTF-8 characters.
class UniqueNames {
public:
    explicit UniqueNames(const std::vector<std::string>& taken = {});
    [[nodiscard]] std::string make(std::string_view wanted);

private:
    std::set<std::string> lower_;
};

/// `wanted` when no relation of the database has that name (ignoring case) and it is no name of Etalon's own, else with
/// `prefix` and, if need be, a number.
[[nodiscard]] std::string unused_relation_name(backends::Transaction& tx, std::string_view wanted,
                                               std::string_view prefix);

/// Immutability triggers of a row table.
[[nodiscard]] std::string row_table_triggers(backends::Engine engine, const std::string& table);

/// True when a table or view of that exact name exists.
[[nodiscard]] bool relation_exists(backends::Transaction& tx, const std::string& name);

}  // namespace etalon::store
