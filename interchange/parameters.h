#pragma once
/// Parameter sets as JSON and records.

#include <span>
#include <string>

#include "etalon/parameters.h"
#include "interchange/records.h"
#include "params/difference.h"

namespace etalon::interchange {

/// A JSON object without line end: which set, status, interval, the record that won; `parameters` with the values by
/// name, which is what put reads, and `types` with their types.
[[nodiscard]] std::string to_json(const ParameterAnswer& answer);
/// Values: name, type, value.
[[nodiscard]] Table value_table(const ParameterSet& values);
/// What differs: name, change, type and value before, type and value after.
[[nodiscard]] Table difference_table(std::span<const params::Difference> differences);
/// Sets that are recorded: software, set, axis, records.
[[nodiscard]] Table parameter_set_table(std::span<const ParameterSetInfo> sets);

}  // namespace etalon::interchange
