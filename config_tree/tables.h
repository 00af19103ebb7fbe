#pragma once
/// Tables of configurations.

#include <string>

#include "backends/port.h"

namespace etalon::config_tree {

/// CREATE statements of Nodes, NodeRelation, CatalogNodes, CatalogNodeRelation and their triggers. Idempotent.
[[nodiscard]] std::string create_tables(backends::Engine engine);

}  // namespace etalon::config_tree
