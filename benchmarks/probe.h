#pragma once
/// The probe: the least that a place could do. One clustered table for each struct in a database of its own, with
/// columns name, element, begin and those of the row; a statement prepared once gives the last row that begins at or
/// before a position. No history, no snapshots, no version chains, no provenance, no evolution, no proof: what Etalon
/// costs beside it is the price of all of them.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "benchmarks/bare.h"

namespace etalon::bench {

class Probe {
public:
    virtual ~Probe() = default;
    /// Creates the tables and fills them; series in order of name.
    virtual void fill(std::span<const StructDefinition> structs, std::span<const Series> series) = 0;
    /// Whether rows know until when they hold: on PostgreSQL they do, by a column `next`.
    [[nodiscard]] virtual bool knows_end() const = 0;
    /// Element 0, a name of the first struct.
    [[nodiscard]] virtual PointAnswer point(std::int64_t name, std::int64_t at) = 0;
    /// All names in one read transaction, in any order.
    [[nodiscard]] virtual std::vector<NodeAnswer> tree(std::int64_t at) = 0;
};

/// SQLite: WITHOUT ROWID; a configuration is one prepared read for each name.
[[nodiscard]] std::unique_ptr<Probe> open_probe_sqlite(const std::string& path);
/// PostgreSQL: a primary key; a configuration is one LATERAL statement for each struct.
[[nodiscard]] std::unique_ptr<Probe> open_probe_postgres(const std::string& conninfo, const std::string& schema);

}  // namespace etalon::bench
