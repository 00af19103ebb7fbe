#pragma once
/// Tables of structs, schema versions and payloads. The SQL of this room that does not depend on a request.

#include <string>

#include "backends/port.h"
#include "backends/proof.h"

namespace etalon::store {

/// The tables whose rows have checksums (docs/storage_format.md).
[[nodiscard]] const backends::ProvedTable& structure_table();
[[nodiscard]] const backends::ProvedTable& element_table();  ///< `schema`
[[nodiscard]] const backends::ProvedTable& version_table();  ///< `schemaVersion`
[[nodiscard]] const backends::ProvedTable& rule_table();     ///< `schemaRule`

/// CREATE statements of structure, schema, schemaVersion, schemaRule, payload, bytes, setProof, the view schemaMask,
/// and their triggers, in format 2. Idempotent.
[[nodiscard]] std::string create_tables(backends::Engine engine);

}  // namespace etalon::store
