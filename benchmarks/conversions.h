#pragma once
/// Reading rows in another layout than the stored one, beside memcpy of as many bytes as come out.

#include <cstddef>
#include <string>
#include <vector>

#include "benchmarks/pairs.h"

namespace etalon::bench {

struct ConversionFigure {
    std::string what;  ///< `half retyped, 100 B`
    Paired paired;     ///< seconds of the plan and of memcpy
    double limit = 0;  ///< of the ratio
};

/// Converts `rows` rows of 40 to 400 bytes, `pairs` times in turn with memcpy. The first and last row of every case are
/// compared with what element by element gives; a difference ends the program.
[[nodiscard]] std::vector<ConversionFigure> measure_conversions(std::size_t rows, std::size_t pairs);

/// Seconds that making one plan takes for 100 elements, half of them retyped, median of `times`.
[[nodiscard]] double measure_making_plans(std::size_t times);

}  // namespace etalon::bench
