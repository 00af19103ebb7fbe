#pragma once
/// How much room the tables and indexes of a place take.

#include <cstdint>
#include <string>
#include <vector>

namespace etalon::bench {

struct RelationSize {
    std::string name;
    std::uint64_t bytes = 0;
};

/// By the pages of each tree (virtual table dbstat); none when the library was built without it.
[[nodiscard]] std::vector<RelationSize> find_sqlite_relations(const std::string& path);
/// Tables with their large values, and indexes: together pg_total_relation_size over the schema.
[[nodiscard]] std::vector<RelationSize> find_postgres_relations(const std::string& conninfo, const std::string& schema);

}  // namespace etalon::bench
