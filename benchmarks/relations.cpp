#include "benchmarks/relations.h"

#include "benchmarks/postgres_link.h"
#include "benchmarks/sqlite_handle.h"

namespace etalon::bench {

std::vector<RelationSize> find_sqlite_relations(const std::string& path) {
    SqliteHandle handle(path);
    if (sqlite3_compileoption_used("ENABLE_DBSTAT_VTAB") == 0) return {};
    std::vector<RelationSize> found;
    SqliteStatement sizes(handle.get(), "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY name");
    while (sizes.step()) found.push_back({sizes.text(0), static_cast<std::uint64_t>(sizes.integer(1))});
    return found;
}

std::vector<RelationSize> find_postgres_relations(const std::string& conninfo, const std::string& schema) {
    PostgresLink link(conninfo, schema);
    const auto sizes = link.query(R"(SELECT relname::text,
CASE relkind WHEN 'i' THEN pg_total_relation_size(oid) ELSE pg_table_size(oid) END FROM pg_class
WHERE relkind IN ('r', 'm', 'i') AND relnamespace = current_schema()::regnamespace ORDER BY relname)");
    std::vector<RelationSize> found;
    for (int row = 0; row < sizes.rows(); ++row) {
        found.push_back({sizes.text(row, 0), static_cast<std::uint64_t>(sizes.integer(row, 1))});
    }
    return found;
}

}  // namespace etalon::bench
