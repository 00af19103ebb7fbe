// Several threads on one Database: what a second one gains, beside what it gains two bare connections in the same run.

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <latch>
#include <memory>
#include <thread>

#include "bench_structs.traits.h"
#include "benchmarks/measures.h"

namespace etalon::bench {

namespace {

/// What one thread does over and over.
using Work = std::function<void()>;

/// Seconds that each of the works takes to be called so often, all at once in threads of their own.
double seconds_together(std::vector<Work>& works, std::size_t calls) {
    std::latch ready(static_cast<std::ptrdiff_t>(works.size()) + 1);
    std::vector<std::thread> threads;
    for (auto& work : works) {
        threads.emplace_back([&] {
            ready.arrive_and_wait();
            for (std::size_t i = 0; i < calls; ++i) work();
        });
    }
    ready.arrive_and_wait();
    const auto start = std::chrono::steady_clock::now();
    for (auto& thread : threads) thread.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Calls that take about that long in one thread.
std::size_t calls_of(const Work& work, double seconds) {
    std::size_t calls = 16;
    while (seconds_of(work, calls) * static_cast<double>(calls) < seconds / 4) calls *= 2;
    return calls * 4;
}

/// What the second thread gains Etalon, and what it gains the other works: 2 is twice the work in the same time.
Paired measure_gains(const std::function<Work()>& of_etalon, const std::function<Work()>& of_other, const Size& size) {
    std::vector<Work> etalon{of_etalon(), of_etalon()};
    std::vector<Work> other{of_other(), of_other()};
    const auto gain = [&](std::vector<Work>& works, std::size_t calls) {
        double alone = 0;
        for (const auto& work : works) {
            std::vector<Work> one{work};
            alone += seconds_together(one, calls);
        }
        return alone / seconds_together(works, calls);
    };
    const auto etalon_calls = calls_of(etalon.front(), size.parallel_turn);
    const auto other_calls = calls_of(other.front(), size.parallel_turn);
    std::vector<double> firsts;
    std::vector<double> seconds;
    for (std::size_t i = 0; i < size.parallel_pairs; ++i) {
        firsts.push_back(gain(etalon, etalon_calls));
        seconds.push_back(gain(other, other_calls));
    }
    return pair_up(firsts, seconds);
}

std::string show_gain(double gain) {
    return fmt::format("x {:.2f}", gain);
}

/// Work of the processor alone, which two threads do twice as fast where there are two.
void spin() {
    std::uint64_t value = 1;
    for (int i = 0; i < 1000; ++i) asm volatile("" : "+r"(value));
}

}  // namespace

void measure_parallel(Places& places, const Size& size, Table& table) {
    if (std::thread::hardware_concurrency() < 2) return;
    const std::size_t count = size.parallel_points;
    const auto& structs = definitions();
    const auto series = spread_series(size.nodes, structs.size(), size.intervals);
    {
        auto db = create_database(places.url("parallel"));
        fill_points(db, count);
        auto of_tree = create_database(places.url("parallel_tree"));
        fill_tree(of_tree, structs, series);
    }
    places.analyze("parallel");
    places.analyze("parallel_tree");
    const auto times = random_times(count, 4096);
    const auto times_of_tree = tree_times(size.nodes, size.intervals);
    std::size_t next = 0;
    const auto add = [&](const std::string& what, const Paired& gains) {
        table.add(what + ", 2 threads beside 2 connections", places.engine(), show_gain(gains.first),
                  show_gain(gains.second), gains, ">= 0.90", gains.ratio >= 0.9);
    };

    auto db = open_cold(places.url("parallel"));
    const std::function<Work()> bare_points = [&]() -> Work {
        const std::shared_ptr<Descents> descents = places.open_descents("parallel");
        return
            [&, descents, at = Times(times, next += times.size() / 3)]() mutable { (void)descents->point(at.next()); };
    };
    add(fmt::format("cold reads, {}", count), measure_gains(
                                                  [&]() -> Work {
                                                      return [&,
                                                              at = Times(times, next += times.size() / 3)]() mutable {
                                                          (void)db.fetch<BenchGain>("BenchGain", Time{at.next()})[0];
                                                      };
                                                  },
                                                  bare_points, size));
    add(fmt::format("scans of 10 intervals, {}", count),
        measure_gains(
            [&]() -> Work {
                return [&, at = Times(times, next += times.size() / 3)]() mutable {
                    const auto from = at.next();
                    db.scan("BenchGain", Time{from}, Time{from + 10 * kStep}, [](const Answer&) { return true; });
                };
            },
            bare_points, size));
    if (const auto log = places.open_log("parallel")) {
        add(fmt::format("cold reads, a writer has it open, {}", count),
            measure_gains(
                [&]() -> Work {
                    return [&, at = Times(times, next += times.size() / 3)]() mutable {
                        (void)db.fetch<BenchGain>("BenchGain", Time{at.next()})[0];
                    };
                },
                bare_points, size));
    }
    if (size.parallel_pairs > 1 && db.connection_counters().opened < 2) give_up("two threads read over one connection");

    Federation federation;
    (void)add_cold(federation, places.url("parallel_tree"));
    add(fmt::format("configurations of {} nodes", size.nodes),
        measure_gains(
            [&]() -> Work {
                return [&, at = Times(times_of_tree, next += times_of_tree.size() / 3)]() mutable {
                    (void)fetch_tree(federation, at.next());
                };
            },
            [&]() -> Work {
                const std::shared_ptr<Descents> descents = places.open_descents("parallel_tree");
                descents->prepare(structs, series);
                return [&, descents, at = Times(times_of_tree, next += times_of_tree.size() / 3)]() mutable {
                    (void)descents->tree(at.next());
                };
            },
            size));

    auto kept = Database::open(places.url("parallel"));
    for (const auto at : times) {
        (void)kept.fetch<BenchGain>("BenchGain", Time{at});
        (void)kept.fetch_rows("BenchGain", Time{at});
    }
    const auto statements = kept.statement_count();
    const auto add_cached = [&](const std::string& what, const std::function<Work()>& work) {
        const auto gains = measure_gains(work, []() -> Work { return spin; }, size);
        table.add(what + ", 2 threads", places.engine(), show_gain(gains.first), show_gain(gains.second), gains,
                  ">= x 1.90", gains.first >= 1.9);
    };
    add_cached("cached reads, fetch<T>", [&]() -> Work {
        return [&, at = Times(times, next += times.size() / 3)]() mutable {
            (void)kept.fetch<BenchGain>("BenchGain", Time{at.next()})[0];
        };
    });
    add_cached("cached reads, fetch_rows", [&]() -> Work {
        return [&, at = Times(times, next += times.size() / 3)]() mutable {
            (void)kept.fetch_rows("BenchGain", Time{at.next()});
        };
    });
    add_cached("cached reads of one interval, fetch<T>", [&]() -> Work {
        return [&, at = times.front()] { (void)kept.fetch<BenchGain>("BenchGain", Time{at})[0]; };
    });
    if (kept.statement_count() != statements) give_up("a cached read asked the database");
}

}  // namespace etalon::bench
