#pragma once
/// Interval records and commits as records.

#include <span>

#include "etalon/commit.h"
#include "etalon/history.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// Interval records of one reference: begin, end, element, version, ...; with the layer when there are several.
[[nodiscard]] Table history_table(Axis axis, std::span<const HistoryRecord> records, bool layered);
/// Commits: number, time, author, host, program, reason, records, hash.
/// What was touched is a text, in JSON a list of objects.
[[nodiscard]] Table commit_table(std::span<const CommitRecord> commits);

}  // namespace etalon::interchange
