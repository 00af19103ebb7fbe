#pragma once
/// What a configuration lacks over a range, as JSON and records.

#include <string>

#include "etalon/coverage.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// Stretches: begin, end, path, database, status, reason.
[[nodiscard]] Table stretch_table(const CoverageReport& report);
/// Nodes: path, database, ref, baseLine, intervals, faults.
[[nodiscard]] Table covered_node_table(const CoverageReport& report);
/// `{"complete","stretches","nodes"}` without line end.
[[nodiscard]] std::string to_json(const CoverageReport& report);

}  // namespace etalon::interchange
