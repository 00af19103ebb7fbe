#pragma once
/// What differs between two parameter sets.

#include <optional>
#include <string>
#include <vector>

#include "etalon/parameters.h"

namespace etalon::params {

/// One parameter that is not the same in both sets.
struct Difference {
    std::string name;
    std::optional<ParameterValue> before;  ///< no value: not in the first set
    std::optional<ParameterValue> after;   ///< no value: not in the second set
};

/// All differences (see same_value), in order of name.
[[nodiscard]] std::vector<Difference> differences(const ParameterSet& before, const ParameterSet& after);

}  // namespace etalon::params
