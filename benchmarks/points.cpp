// Point reads beside the bare reader on format 1; cached reads, refresh, and what ANALYZE changes.

#include <fmt/format.h>

#include "bench_structs.traits.h"
#include "benchmarks/measures.h"

namespace etalon::bench {

namespace {

constexpr std::int64_t kName = 1;  // of the bare reader

void measure_points_of(Places& places, const std::string& place, Bare& bare, std::size_t count, const std::string& how,
                       const std::vector<std::int64_t>& times, const Size& size, Table& table) {
    auto db = open_cold(places.url(place));
    for (std::size_t i = 0; i < 100; ++i) {
        const auto expected = bare.point(kName, times[i], kPlusInfinity);
        check_point(*db.fetch<BenchGain>("BenchGain", Time{times[i]}).answer(), expected);
        check_point(*db.fetch_rows("BenchGain", Time{times[i]}), expected);
    }
    const auto bare_point = [&, at = Times(times)]() mutable {
        sink = bare.point(kName, at.next(), kPlusInfinity).row.g00;
    };
    const auto typed = measure_pairs(
        [&, at = Times(times)]() mutable { sink = db.fetch<BenchGain>("BenchGain", Time{at.next()})[0].g00; },
        bare_point, size.pairs, size.turn);
    table.add_times(fmt::format("point read, fetch<T>, {}{}", count, how), places.engine(), typed, 1.6);
    const auto untyped = measure_pairs(
        [&, at = Times(times)]() mutable {
            sink = static_cast<float>(db.fetch_rows("BenchGain", Time{at.next()})->num_rows);
        },
        bare_point, size.pairs, size.turn);
    table.add_times(fmt::format("point read, fetch_rows, {}{}", count, how), places.engine(), untyped, 1.6);
}

/// Reads that find their answers in the process, at the positions at which they were read before.
void measure_cached(Places& places, const std::string& place, Bare& bare, std::size_t count,
                    const std::vector<std::int64_t>& times, const Size& size, Table& table) {
    auto db = Database::open(places.url(place));
    for (const auto at : times) (void)db.fetch<BenchGain>("BenchGain", Time{at});
    const auto before = db.statement_count();
    const auto paired = measure_pairs(
        [&, at = Times(times)]() mutable { sink = db.fetch<BenchGain>("BenchGain", Time{at.next()})[0].g00; },
        [&, at = Times(times)]() mutable { sink = bare.point(kName, at.next(), kPlusInfinity).row.g00; }, size.pairs,
        size.turn);
    if (db.statement_count() != before) give_up("a cached read asked the database");
    table.add_times(fmt::format("cached read, fetch<T>, {}", count), places.engine(), paired, 0);
}

[[gnu::noinline]] bool empty_call(std::int64_t at) {
    asm volatile("" : : "r"(at));
    return false;
}
[[gnu::noinline]] bool call_refresh(Rows<BenchGain>& rows, std::int64_t at) {
    return rows.refresh(Time{at});
}

}  // namespace

void measure_points(Places& places, const Size& size, Table& table) {
    for (const auto count : size.points) {
        const auto name = fmt::format("points_{}", count);
        const auto format1 = name + "_format1";
        {
            auto db = create_database(places.url(name));
            fill_points(db, count);
            const auto filled = places.open_bare(format1);
            filled->make_format1(definitions(), std::vector<std::size_t>{0});
            fill_points(*filled, count);
        }
        places.analyze(name);
        places.analyze(format1);
        const auto bare = places.open_bare(format1);
        bare->use_format1(definitions());
        const auto times = random_times(count, 4096);
        measure_points_of(places, name, *bare, count, "", times, size, table);
        {
            auto db = Database::open(places.url(name));
            (void)db.define_name({"BenchGain", "BenchGain", {}, OrderPolicy::ByCreation, {}});
        }
        measure_points_of(places, name, *bare, count, ", by_creation", times, size, table);
        measure_cached(places, name, *bare, count, times, size, table);
    }
}

void measure_refresh(Places& places, const Size& size, Table& table) {
    auto db = create_database(places.url("refresh"));
    fill_points(db, 10);
    db.advance();
    auto rows = db.fetch<BenchGain>("BenchGain", Time{kFirstBegin + kStep});
    const auto before = db.statement_count();
    constexpr std::int64_t kCalls = 1000;  // a call of `work` is this many calls, or the clock would be measured
    bool any = false;
    const auto paired = measure_pairs(
        [&] {
            for (std::int64_t i = 0; i < kCalls; ++i) any |= call_refresh(rows, kFirstBegin + kStep + i);
        },
        [&] {
            for (std::int64_t i = 0; i < kCalls; ++i) any |= empty_call(kFirstBegin + kStep + i);
        },
        size.pairs, size.turn);
    if (any || db.statement_count() != before) give_up("refresh inside the interval asked the database");
    const double extra = (paired.first - paired.second) / kCalls;
    table.add("refresh inside the interval, beside a call", places.engine(), show_time(paired.first / kCalls),
              show_time(paired.second / kCalls), paired, "+ < 10 ns", extra < 10e-9);
}

void measure_analyze(Places& places, const Size& size, Table& table) {
    std::vector<Database> opened;
    for (const std::string name : {"unanalyzed", "analyzed"}) {
        {
            auto db = create_database(places.url(name));
            places.forbid_analyze(name);
            fill_points(db, size.analyze_points);
        }
        if (name == "analyzed") places.analyze(name);
        opened.push_back(open_cold(places.url(name)));
    }
    const auto times = random_times(size.analyze_points, 4096);
    const auto read = [&](Database& db) {
        return [&db, at = Times(times)]() mutable { sink = db.fetch<BenchGain>("BenchGain", Time{at.next()})[0].g00; };
    };
    // Pages come into the caches of both before anything is timed.
    for (auto& db : opened) {
        auto warm = read(db);
        for (std::size_t i = 0; i < times.size(); ++i) warm();
    }
    // The ratio of rates after / before is that of times before / after.
    const auto paired = measure_pairs(read(opened[0]), read(opened[1]), size.pairs, size.turn);
    table.add("point reads after / before ANALYZE (rates)", places.engine(), show_rate(paired.second),
              show_rate(paired.first), paired, "0.80 .. 1.25", paired.ratio >= 0.8 && paired.ratio <= 1.25);
}

}  // namespace etalon::bench
