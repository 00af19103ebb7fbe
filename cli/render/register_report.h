#pragma once
/// What registering structs did or would do, printed.

#include <string>
#include <vector>

#include "cli/input/headers.h"
#include "cli/render/output.h"
#include "etalon/database.h"

namespace etalon::cli {

/// The structs compared with one database, or with one folder of recorded histories.
struct Comparison {
    std::string database;  ///< name; empty: a folder
    std::string history;   ///< path; empty: a database
    RegisterReport report;
};

/// `database NAME`, `history DIR`.
[[nodiscard]] std::string place_of(const Comparison& comparison);
/// `gains: retyped a: int32 -> float64: needs rule` of the first change that blocks.
[[nodiscard]] std::string first_blocking(const std::vector<Comparison>& comparisons);

/// For people: a line for each change; one that is refused, needs a rule or is checked says what it touches.
void print_outcomes(Output& out, const Comparison& comparison);
/// One object for each comparison.
[[nodiscard]] std::string outcomes_json(const Comparison& comparison, const std::vector<HeaderWarning>& warnings);
[[nodiscard]] Table outcomes_table(const std::vector<Comparison>& comparisons);

}  // namespace etalon::cli
