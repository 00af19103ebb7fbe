// What it costs to read one of many members, beside reading all.

#include <fmt/format.h>

#include <vector>

#include "bench_structs.traits.h"
#include "benchmarks/measures.h"
#include "schema/definition.h"

namespace etalon::bench {

void measure_fields(Places& places, const Size& size, Table& table) {
    const std::string place = "fields";
    const auto of_struct = schema::from_json(StructTraits<BenchMonitor>::kDefinition, "bench_structs.h");
    {
        auto db = create_database(places.url(place), {&of_struct, 1});
        std::vector<BenchMonitor> rows(size.field_rows);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (std::size_t k = 0; k < sizeof(BenchMonitor) / sizeof(double); ++k)
                (&rows[i].a0)[k] = static_cast<double>(i * 64 + k) / 8;
        }
        auto record = db.make_record<BenchMonitor>("BenchMonitor", Time{100}, rows);
        (void)db.commit({&record, 1});
    }
    auto db = open_cold(places.url(place));
    FetchOptions one;
    one.fields = {"c7"};
    const auto some = [&] {
        const auto answer = db.fetch_rows("BenchMonitor", Time{150}, one);
        const auto last = *reinterpret_cast<const double*>(answer.row(answer->num_rows - 1));
        if (answer->num_rows != size.field_rows || answer->layout->size != sizeof(double)) give_up("other rows");
        sink = static_cast<float>(last);
    };
    const auto all = [&] {
        const auto answer = db.fetch_rows("BenchMonitor", Time{150});
        sink = static_cast<float>(answer->num_rows);
    };
    table.add_times(fmt::format("1 of {} members, {} rows, beside all", of_struct.elements.size(), size.field_rows),
                    places.engine(), measure_pairs(some, all, size.field_pairs, 0), 0.3);
    places.drop(place);
}

}  // namespace etalon::bench
