#pragma once
/// Explanations of answers as JSON and records.

#include <string>

#include "etalon/explain.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// A JSON object without line end: the question, and of each element the winner, and layer by layer the counts and the
/// candidates that are listed.
[[nodiscard]] std::string to_json(const Explanation& explanation);
/// The candidates of all elements and layers: element, layer, place, state, version, ...
[[nodiscard]] Table candidate_table(const Explanation& explanation);

}  // namespace etalon::interchange
