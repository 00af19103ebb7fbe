#pragma once
/// Which payloads have a row that passes a condition on its values: as SQL where an engine can say it exactly, else by
/// reading the rows.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "evolution/value_condition.h"
#include "store/catalog.h"
#include "store/row_proof.h"

namespace etalon::store {

/// True when the engine says the condition exactly on the columns of that schema version. SQLite keeps arrays as JSON
/// text, whose numbers its own functions round; no engine converts units.
[[nodiscard]] bool can_say(backends::Engine engine, const SchemaRecord& schema, const evolution::TestTree& tree);

/// A condition in one schema version.
struct VersionTests {
    SchemaPtr schema;
    evolution::TestTree tree;
};

/// Appends a SELECT of the ids that the query of that number (ValueTest::subquery) finds.
using AppendSubquery = std::function<void(backends::Fragment& out, std::size_t number)>;
/// Appends the conditions of schema versions on the row table under the alias `r`, joined by OR, each as `IDs and
/// condition` under an alias whose schemaID tells the version. One that all have stands alone, so that an index over a
/// column helps. At least one version; all can be said. Parameters go behind those that `out` has.
void append_version_conditions(backends::Fragment& out, backends::Engine engine, std::string_view alias,
                               const std::map<std::int64_t, VersionTests>& versions,
                               const AppendSubquery& subquery = {});

/// Appends to the conditions on records (alias d of dataIndex) that any row of the record's payload passes the tests of
/// its schema version, by ID; every condition can be said, and there is at least one version.
void append_any_row_passes(backends::Fragment& out, backends::Engine engine, const std::string& table_name,
                           const std::map<std::int64_t, VersionTests>& versions);

/// True when a row of a payload passes: its rows are read piece by piece, all of them, and proved.
[[nodiscard]] bool any_row_passes(backends::Transaction& tx, const SchemaRecord& schema, const std::string& table_name,
                                  Storage encoding, const evolution::TestTree& tree, std::int64_t data_id,
                                  std::uint64_t num_rows, const ExpectedRows& expected);
/// The same of a payload in columns, unproved: reads the columns that the tests are on until a row passes.
[[nodiscard]] bool any_column_row_passes(backends::Transaction& tx, const SchemaRecord& schema,
                                         const std::string& table_name, const evolution::TestTree& tree,
                                         std::int64_t data_id, std::uint64_t num_rows);

}  // namespace etalon::store
