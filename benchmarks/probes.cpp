// What Etalon costs beside the least that a place could do.

#include <fmt/format.h>

#include "bench_structs.traits.h"
#include "benchmarks/measures.h"

namespace etalon::bench {

namespace {

/// On SQLite the probe is what counts, on PostgreSQL the same descents by hand: both sides make a round trip there. 0:
/// no limit.
struct Limits {
    double point;
    double tree;
    double point_by_hand;
    double tree_by_hand;
};
Limits limits_of(const Places& places) {
    return places.engine() == "SQLite" ? Limits{1.5, 1.7, 0, 0} : Limits{0, 0, 1.25, 1.4};
}

void measure_point(Places& places, std::size_t count, const Size& size, Table& table) {
    const auto name = fmt::format("probed_{}", count);
    {
        auto db = create_database(places.url(name));
        fill_points(db, count);
    }
    places.analyze(name);
    const auto probe = places.open_probe(name + "_probe");
    probe->fill(definitions(), std::vector{points_series(count)});
    auto db = open_cold(places.url(name));
    const auto times = random_times(count, 4096);
    for (std::size_t i = 0; i < 100; ++i) {
        check_point(*db.fetch<BenchGain>("BenchGain", Time{times[i]}).answer(), probe->point(1, times[i]),
                    probe->knows_end());
    }
    const auto paired = measure_pairs(
        [&, at = Times(times)]() mutable { sink = db.fetch<BenchGain>("BenchGain", Time{at.next()})[0].g00; },
        [&, at = Times(times)]() mutable { sink = probe->point(1, at.next()).row.g00; }, size.pairs, size.turn);
    table.add_times(fmt::format("cold read, fetch<T>, {}, beside probe", count), places.engine(), paired,
                    limits_of(places).point);
    const auto by_hand = places.open_descents(name);
    for (std::size_t i = 0; i < 100; ++i) {
        check_point(*db.fetch<BenchGain>("BenchGain", Time{times[i]}).answer(), by_hand->point(times[i]));
    }
    const auto beside = measure_pairs(
        [&, at = Times(times)]() mutable { sink = db.fetch<BenchGain>("BenchGain", Time{at.next()})[0].g00; },
        [&, at = Times(times)]() mutable { sink = by_hand->point(at.next()).row.g00; }, size.pairs, size.turn);
    table.add_times(fmt::format("cold read, fetch<T>, {}, beside its descents", count), places.engine(), beside,
                    limits_of(places).point_by_hand);
    const auto log = places.open_log(name);
    if (!log) return;
    const auto log_of_probe = places.open_log(name + "_probe");
    const auto beside_writer = measure_pairs(
        [&, at = Times(times)]() mutable { sink = db.fetch<BenchGain>("BenchGain", Time{at.next()})[0].g00; },
        [&, at = Times(times)]() mutable { sink = probe->point(1, at.next()).row.g00; }, size.pairs, size.turn);
    table.add_times(fmt::format("cold read, a writer has it open, {}, beside probe", count), places.engine(),
                    beside_writer, limits_of(places).point);
}

}  // namespace

void measure_probe(Places& places, const Size& size, Table& table) {
    for (const auto count : size.points) measure_point(places, count, size, table);
    const auto& structs = definitions();
    const auto series = spread_series(size.nodes, structs.size(), size.intervals);
    {
        auto db = create_database(places.url("probed_tree"));
        fill_tree(db, structs, series);
    }
    places.analyze("probed_tree");
    const auto probe = places.open_probe("probed_tree_probe");
    probe->fill(structs, series);
    Federation federation;
    (void)add_cold(federation, places.url("probed_tree"));
    const auto times = tree_times(size.nodes, size.intervals);
    for (std::size_t i = 0; i < 10; ++i) {
        check_tree(fetch_tree(federation, times[i]), probe->tree(times[i]), size.nodes, probe->knows_end());
    }
    const auto paired = measure_pairs(
        [&, at = Times(times)]() mutable { sink = static_cast<float>(fetch_tree(federation, at.next()).nodes.size()); },
        [&, at = Times(times)]() mutable { sink = static_cast<float>(probe->tree(at.next()).size()); }, size.pairs,
        size.turn);
    table.add_times(fmt::format("configuration of {} nodes, beside probe", size.nodes), places.engine(), paired,
                    limits_of(places).tree);
    const auto by_hand = places.open_descents("probed_tree");
    by_hand->prepare(structs, series);
    for (std::size_t i = 0; i < 10; ++i) {
        check_tree(fetch_tree(federation, times[i]), by_hand->tree(times[i]), size.nodes);
    }
    const auto beside = measure_pairs(
        [&, at = Times(times)]() mutable { sink = static_cast<float>(fetch_tree(federation, at.next()).nodes.size()); },
        [&, at = Times(times)]() mutable { sink = static_cast<float>(by_hand->tree(at.next()).size()); }, size.pairs,
        size.turn);
    table.add_times(fmt::format("configuration of {} nodes, beside its descents", size.nodes), places.engine(), beside,
                    limits_of(places).tree_by_hand);
    const auto log = places.open_log("probed_tree");
    if (!log) return;
    const auto log_of_probe = places.open_log("probed_tree_probe");
    const auto beside_writer = measure_pairs(
        [&, at = Times(times)]() mutable { sink = static_cast<float>(fetch_tree(federation, at.next()).nodes.size()); },
        [&, at = Times(times)]() mutable { sink = static_cast<float>(probe->tree(at.next()).size()); }, size.pairs,
        size.turn);
    table.add_times(fmt::format("configuration, a writer has it open, {} nodes, beside probe", size.nodes),
                    places.engine(), beside_writer, limits_of(places).tree);
}

}  // namespace etalon::bench
