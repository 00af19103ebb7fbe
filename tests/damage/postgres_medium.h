#pragma once
/// Damage to a schema of PostgreSQL, in a database of its own, undone row by row.

#include <memory>
#include <string>
#include <vector>

#include "damage/stored.h"
#include "support/own_database.h"

namespace etalon::damage {

using test::OwnDatabase;

/// The stored tables of a schema.
struct PostgresStored {
    std::vector<Table> tables;
    std::vector<Index> indexes;
};
[[nodiscard]] PostgresStored read_postgres(const std::string& url);

/// A copy of the database `like`, the worker's own.
[[nodiscard]] std::unique_ptr<Medium> make_postgres_medium(const std::string& server, const std::string& like,
                                                           const std::string& schema);

}  // namespace etalon::damage
