// Configurations: beside the bare reader on format 1.

#include <fmt/format.h>

#include "benchmarks/measures.h"

namespace etalon::bench {

void measure_tree(Places& places, const Size& size, Table& table) {
    const auto& structs = definitions();
    const auto series = spread_series(size.nodes, structs.size(), size.intervals);
    {
        auto db = create_database(places.url("tree"));
        fill_tree(db, structs, series);
        fill_tree(*places.open_bare("tree_format1"), structs, series);
    }
    places.analyze("tree");
    places.analyze("tree_format1");
    Federation federation;
    (void)add_cold(federation, places.url("tree"));
    const auto bare = places.open_bare("tree_format1");
    bare->use_format1(structs);
    const auto times = tree_times(size.nodes, size.intervals);
    for (std::size_t i = 0; i < 10; ++i) {
        check_tree(fetch_tree(federation, times[i]), bare->tree(times[i], kPlusInfinity), size.nodes);
    }
    const auto paired = measure_pairs(
        [&, at = Times(times)]() mutable { sink = static_cast<float>(fetch_tree(federation, at.next()).nodes.size()); },
        [&, at = Times(times)]() mutable { sink = static_cast<float>(bare->tree(at.next(), kPlusInfinity).size()); },
        size.pairs, size.turn);
    table.add_times(fmt::format("configuration of {} nodes, {} structs", size.nodes, structs.size()), places.engine(),
                    paired, 2);
}

}  // namespace etalon::bench
