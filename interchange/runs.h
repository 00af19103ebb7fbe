#pragma once
/// Run maps as records, and runs as they arrive.

#include <istream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/runs.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// Runs: number, begin, end, version, commit. Answers without a run are left out.
[[nodiscard]] Table run_table(std::span<const RunAnswer> runs);

/// A run number; `where` is for errors. Throws Error(BadInput).
[[nodiscard]] Run read_run(std::string_view where, std::string_view text);
/// Reads a CSV list of runs: `run`, `begin` and optionally `end`, a run a line. Throws Error(BadInput) with every line
/// that makes no sense, as `origin:line`.
[[nodiscard]] std::vector<RunSpan> read_runs(std::istream& in, const std::string& origin);

}  // namespace etalon::interchange
