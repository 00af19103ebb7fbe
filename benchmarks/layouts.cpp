// Conversions between layouts, in memory.

#include <fmt/format.h>

#include "benchmarks/conversions.h"
#include "benchmarks/measures.h"

namespace etalon::bench {

void measure_layouts(const Size& size, Table& table) {
    for (const auto& one : measure_conversions(size.converted, size.converted_pairs)) {
        table.add_times(one.what, "memory", one.paired, one.limit);
    }
    const auto making = measure_making_plans(size.converted_pairs * 10);
    table.add("a plan for 100 elements", "memory", show_time(making), "", {}, "< 50 us", making < 50e-6);
}

}  // namespace etalon::bench
