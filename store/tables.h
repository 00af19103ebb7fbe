#pragma once
/// Tables of structs, schema versions and payloads. The SQL of this room that does not depend on a request.

#include <string>

#include "backends/port.h"

namespace etalon::store {

/// CREATE statements of structure, schema, schemaVersion, payload, bytes, the view schemaMask, and their triggers.
/// Idempotent.
[[nodiscard]] std::string create_tables(backends::Engine engine);

}  // namespace etalon::store
