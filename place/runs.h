#pragma once
/// Run maps as rows of etalonRun. What by_run says of a run is the truth; by_time is its index, written in the same
/// commit. An entry of the index that by_run does not confirm is no answer: it is out of date in a layer or version
/// that a correction could not reach.

#include <functional>
#include <span>

#include "etalon/answer.h"
#include "etalon/commit.h"
#include "etalon/interval.h"
#include "etalon/reference.h"
#include "etalon/runs.h"
#include "etalon/time.h"

namespace etalon::place {

class Place;
struct WriteContext;

/// Database::add_runs.
[[nodiscard]] CommitResult write_runs(Place& db, std::span<const RunSpan> runs, std::string_view map,
                                      std::string_view version, const WriteContext& context);

/// Reads a reference at a position, in the layout of run_definition() and with the options of the request.
using AskRuns = std::function<Answer(const std::string& reference, Position at)>;
/// Database::fetch_run.
[[nodiscard]] RunAnswer find_run(const AskRuns& ask, std::string_view map, Run run);
/// Database::fetch_run_at.
[[nodiscard]] RunAnswer find_run_at(const AskRuns& ask, std::string_view map, Time time);
/// Throws Error(Unknown) with the nearest of the maps that are there.
[[noreturn]] void throw_no_map(std::string_view database, std::string_view map, std::span<const NameInfo> names);

}  // namespace etalon::place
