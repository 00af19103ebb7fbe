// Configurations: beside the bare reader on format 1, and whole ones of many types with long histories.

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

void measure_whole(Places& places, const Size& size, Table& table) {
    if (places.engine() != "SQLite") return;  // the target is one of a single core, without a server
    const auto types = make_types(size.types);
    const auto series = spread_series(size.types, size.types, size.type_intervals);
    {
        auto db = create_database(places.url("whole"), types);
        fill_tree(db, types, series);
    }
    places.analyze("whole");
    {
        Federation federation;
        (void)add_cold(federation, places.url("whole"));
        const auto probe = places.open_probe("whole_probe");
        probe->fill(types, series);
        const auto times = tree_times(size.types, size.type_intervals);
        for (std::size_t i = 0; i < 10; ++i) {
            check_tree(fetch_tree(federation, times[i]), probe->tree(times[i]), size.types, probe->knows_end());
        }
        // Pages come into the caches of both before anything is timed.
        for (const auto at : times) {
            sink = static_cast<float>(fetch_tree(federation, at).nodes.size());
            sink = static_cast<float>(probe->tree(at).size());
        }
        const auto paired = measure_pairs(
            [&, at = Times(times)]() mutable {
                sink = static_cast<float>(fetch_tree(federation, at.next()).nodes.size());
            },
            [&, at = Times(times)]() mutable { sink = static_cast<float>(probe->tree(at.next()).size()); }, size.pairs,
            size.turn);
        table.add(fmt::format("whole configuration, {} x {}, beside probe", size.types, size.type_intervals),
                  places.engine(), show_rate(paired.first), show_rate(paired.second), paired, ">= 700 /s",
                  paired.first <= 1.0 / 700);
    }
    places.drop("whole");
    places.drop("whole_probe");
}

}  // namespace etalon::bench
