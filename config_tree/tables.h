#pragma once
/// Tables of configurations.

#include <string>

#include "backends/port.h"
#include "backends/proof.h"

namespace etalon::config_tree {

/// The tables whose rows have checksums (docs/storage_format.md).
[[nodiscard]] const backends::ProvedTable& node_table();
[[nodiscard]] const backends::ProvedTable& edge_table();  ///< `NodeRelation`

/// CREATE statements of Nodes, NodeRelation, CatalogNodes, CatalogNodeRelation and their triggers. Idempotent.
[[nodiscard]] std::string create_tables(backends::Engine engine);

}  // namespace etalon::config_tree
