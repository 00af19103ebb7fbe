#pragma once
/// Which column-stored payloads have a row that passes tests on its values: as SQL where an engine can say it exactly,
/// else by reading the rows.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "backends/port.h"
#include "evolution/value_condition.h"
#include "store/catalog.h"

namespace etalon::store {

/// True when the engine compares that stored value exactly. SQLite keeps arrays as JSON text, whose numbers its own
/// functions round; no engine converts units.
[[nodiscard]] bool can_say(backends::Engine engine, const Element& element, const evolution::ValueTest& test);

/// Appends the conditions of one schema version, joined by AND, on the row table under the alias `r`; every test can be
/// said. Parameters go behind those that `out` has.
void append_conditions(backends::Fragment& out, backends::Engine engine, const SchemaRecord& schema,
                       std::span<const evolution::ValueTest> tests);

/// The tests on values of one schema version.
struct VersionTests {
    SchemaPtr schema;
    std::vector<evolution::ValueTest> tests;
};
/// Appends to the conditions on records (alias d of dataIndex) that any row of the record's payload passes the tests of
/// its schema version, by ID; every test can be said, and there is at least one version.
void append_any_row_passes(backends::Fragment& out, backends::Engine engine, const std::string& table_name,
                           const std::map<std::int64_t, VersionTests>& versions);

/// True when a row of the payload passes all tests: reads the columns that they are on, row by row.
[[nodiscard]] bool any_row_passes(backends::Transaction& tx, const SchemaRecord& schema, const std::string& table_name,
                                  std::span<const evolution::ValueTest> tests, std::int64_t data_id);

}  // namespace etalon::store
