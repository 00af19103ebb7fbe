// etalon_bench: what Etalon costs beside the same work written by hand against the engine's C API, in the same run and
// on the same tables. Results are compared before they are timed.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>

#include "bench_structs.traits.h"
#include "benchmarks/constants.h"
#include "benchmarks/conversions.h"
#include "benchmarks/pairs.h"
#include "benchmarks/places.h"
#include "benchmarks/writers.h"

namespace etalon::bench {

void give_up(const std::string& what) {
    std::fprintf(stderr, "etalon_bench: %s\n", what.c_str());
    std::exit(3);
}

std::string column_list(const StructDefinition& of_struct, const std::string& prefix) {
    std::string list;
    for (const auto& element : of_struct.elements) {
        list += (list.empty() ? "" : ", ") + prefix + '"' + element.path + '"';
    }
    return list;
}

namespace {

/// How much is done: much for numbers, little to see that everything runs and agrees.
struct Size {
    std::vector<std::size_t> points{1'000, 1'000'000};
    std::size_t nodes = 100;
    std::size_t intervals = 100;
    std::size_t bulk = 20'000;
    std::size_t analyze_points = 100'000;
    std::size_t pairs = 301;
    std::size_t bulk_pairs = 7;
    std::vector<std::size_t> writers{1, 8};
    std::size_t commits = 800;  // of all writers together
    std::size_t converted = 1'000'000;
    std::size_t converted_pairs = 9;
    double turn = 0.001;
};

constexpr const char* kLine = "{:<44} {:<11} {:>10} {:>10} {:>7} {:>15} {:>7} {:>12}  {}\n";

std::string shown(double seconds) {
    if (seconds < 1e-6) return fmt::format("{:.2f} ns", seconds * 1e9);
    if (seconds < 1e-3) return fmt::format("{:.1f} us", seconds * 1e6);
    return fmt::format("{:.2f} ms", seconds * 1e3);
}

class Table {
public:
    /// `judged`: false when too little was measured to say that a target is met.
    explicit Table(bool judged) : judged_(judged) {}
    void head() const {
        fmt::print(kLine, "what", "engine", "etalon", "bare", "ratio", "quartiles", "quiet", "target", "met");
    }
    void add(const std::string& what, const std::string& engine, const std::string& etalon, const std::string& bare,
             const Paired& paired, const std::string& target, bool met) {
        fmt::print(kLine, what, engine, etalon, bare, fmt::format("{:.2f}", paired.ratio),
                   fmt::format("{:.2f} .. {:.2f}", paired.low, paired.high), fmt::format("{:.2f}", paired.quiet),
                   target, judged_ && !target.empty() ? (met ? "yes" : "NO") : "-");
        std::fflush(stdout);
        missed_ = missed_ || (judged_ && !met);
    }
    [[nodiscard]] bool missed() const noexcept { return missed_; }

private:
    bool judged_;
    bool missed_ = false;
};

/// Positions at random in `count` intervals.
std::vector<std::int64_t> random_times(std::size_t count, std::size_t how_many) {
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < how_many; ++i) {
        times.push_back(kFirstBegin + static_cast<std::int64_t>(mix(i) % (count * static_cast<std::uint64_t>(kStep))));
    }
    return times;
}

/// Goes round and round.
class Times {
public:
    explicit Times(const std::vector<std::int64_t>& times) : times_(times) {}
    std::int64_t next() { return times_[at_++ % times_.size()]; }

private:
    const std::vector<std::int64_t>& times_;
    std::size_t at_ = 0;
};

volatile float sink = 0;  // keeps the compiler from leaving out what is measured

void check_points(Database& db, Bare& bare, const PointKey& key, const std::vector<std::int64_t>& times) {
    for (const auto at : times) {
        const auto rows = db.fetch<BenchGain>("BenchGain", Time{at});
        const auto untyped = db.fetch_rows("BenchGain", Time{at});
        const auto expected = bare.point(key, at);
        const bool same = rows.size() == 1 && untyped->num_rows == 1 && rows.validity().begin == expected.begin &&
                          rows.validity().end == expected.end && untyped->validity == rows.validity() &&
                          std::memcmp(&rows[0], &expected.row, sizeof(BenchGain)) == 0 &&
                          std::memcmp(untyped.row(0), &expected.row, sizeof(BenchGain)) == 0;
        if (!same) give_up(fmt::format("{}: Etalon and the bare reader differ at {}", db.place(), at));
    }
}

/// Opens without the cache of answers: each read is a statement.
Database open_cold(const std::string& url) {
    OpenOptions options;
    options.cache_bytes = 0;
    return Database::open(url, options);
}

void measure_points_of(Places& places, const std::string& place, Bare& bare, std::size_t count, const std::string& how,
                       const std::vector<std::int64_t>& times, const Size& size, Table& table) {
    auto db = open_cold(places.url(place));
    const PointKey key{bare.find_id("namedRef", "BenchGain"), db.snapshot()};
    check_points(db, bare, key, {times.begin(), times.begin() + 100});
    const auto bare_point = [&, at = Times(times)]() mutable { sink = bare.point(key, at.next()).row.g00; };
    const auto typed = measure_pairs(
        [&, at = Times(times)]() mutable { sink = db.fetch<BenchGain>("BenchGain", Time{at.next()})[0].g00; },
        bare_point, size.pairs, size.turn);
    table.add(fmt::format("point read, fetch<T>, {}{}", count, how), places.engine(), shown(typed.first),
              shown(typed.second), typed, "<= 1.60", typed.ratio <= 1.6);
    const auto untyped = measure_pairs(
        [&, at = Times(times)]() mutable {
            sink = static_cast<float>(db.fetch_rows("BenchGain", Time{at.next()})->num_rows);
        },
        bare_point, size.pairs, size.turn);
    table.add(fmt::format("point read, fetch_rows, {}{}", count, how), places.engine(), shown(untyped.first),
              shown(untyped.second), untyped, "<= 1.60", untyped.ratio <= 1.6);
}

/// Reads that find their answers in the process, at the positions at which they were read before.
void measure_cached(Places& places, const std::string& place, Bare& bare, std::size_t count,
                    const std::vector<std::int64_t>& times, const Size& size, Table& table) {
    auto db = Database::open(places.url(place));
    const PointKey key{bare.find_id("namedRef", "BenchGain"), db.snapshot()};
    for (const auto at : times) (void)db.fetch<BenchGain>("BenchGain", Time{at});
    const auto before = db.statement_count();
    const auto paired = measure_pairs(
        [&, at = Times(times)]() mutable { sink = db.fetch<BenchGain>("BenchGain", Time{at.next()})[0].g00; },
        [&, at = Times(times)]() mutable { sink = bare.point(key, at.next()).row.g00; }, size.pairs, size.turn);
    if (db.statement_count() != before) give_up("a cached read asked the database");
    table.add(fmt::format("cached read, fetch<T>, {}", count), places.engine(), shown(paired.first),
              shown(paired.second), paired, "", true);
}

void measure_points(Places& places, const Size& size, Table& table) {
    for (const auto count : size.points) {
        const auto name = fmt::format("points_{}", count);
        {
            auto db = create_database(places.url(name));
            fill_points(db, count);
        }
        places.analyze(name);
        const auto bare = places.open_bare(name);
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

[[gnu::noinline]] bool empty_call(std::int64_t at) {
    asm volatile("" : : "r"(at));
    return false;
}
[[gnu::noinline]] bool call_refresh(Rows<BenchGain>& rows, std::int64_t at) {
    return rows.refresh(Time{at});
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
    table.add("refresh inside the interval, beside a call", places.engine(), shown(paired.first / kCalls),
              shown(paired.second / kCalls), paired, "+ < 10 ns", extra < 10e-9);
}

void check_tree(const Configuration& configuration, const std::vector<NodeAnswer>& expected, std::size_t nodes) {
    std::map<std::string, const NodeAnswer*> by_name;
    for (const auto& node : expected) by_name[node.name] = &node;
    std::size_t seen = 0;
    for (const auto& node : configuration.nodes) {
        if (!node.answer) continue;
        ++seen;
        const auto& answer = **node.answer;
        const auto found = by_name.find(answer.name);
        const bool same = found != by_name.end() && answer.num_rows == 1 &&
                          answer.validity.begin == found->second->begin && answer.validity.end == found->second->end &&
                          answer.layout->size == found->second->row.size() &&
                          std::memcmp(answer.data.get(), found->second->row.data(), answer.layout->size) == 0;
        if (!same) give_up("Etalon and the bare reader differ at node " + node.node.path);
    }
    if (seen != nodes || expected.size() != nodes) give_up(fmt::format("{} and {} nodes", seen, expected.size()));
}

void measure_tree(Places& places, const Size& size, Table& table) {
    {
        auto db = create_database(places.url("tree"));
        fill_tree(db, size.nodes, size.intervals);
    }
    places.analyze("tree");
    Federation federation;
    auto& db = federation.add(places.url("tree"));
    const auto bare = places.open_bare("tree");
    const auto snapshot = db.snapshot();
    bare->prepare_tree("Bench", snapshot, definitions());
    // Not before every node has begun.
    auto times = random_times(size.intervals - 1, 512);
    for (auto& at : times) at += static_cast<std::int64_t>(size.nodes);
    const auto fetch = [&](std::int64_t at) {
        ConfigurationRequest request;
        request.time = Time{at};
        return federation.fetch_configuration("Bench", "", request);
    };
    for (std::size_t i = 0; i < 10; ++i) check_tree(fetch(times[i]), bare->tree(times[i], snapshot), size.nodes);
    const auto paired = measure_pairs(
        [&, at = Times(times)]() mutable { sink = static_cast<float>(fetch(at.next()).nodes.size()); },
        [&, at = Times(times)]() mutable { sink = static_cast<float>(bare->tree(at.next(), snapshot).size()); },
        size.pairs, size.turn);
    table.add(fmt::format("configuration of {} nodes, {} structs", size.nodes, definitions().size()), places.engine(),
              shown(paired.first), shown(paired.second), paired, "<= 2.00", paired.ratio <= 2);
}

void measure_bulk(Places& places, const Size& size, Table& table) {
    auto db = create_database(places.url("bulk_etalon"));
    auto twin = create_database(places.url("bulk_bare"));
    const auto layout = db.get_definition("BenchGain");
    const auto bare = places.open_bare("bulk_bare");
    const auto name_id = bare->find_id("namedRef", "BenchGain");
    const auto struct_id = bare->find_id("structure", "BenchGain");
    std::vector<std::vector<PutRecord>> records;
    std::vector<BulkRows> bulks;
    for (std::size_t i = 0; i < size.bulk_pairs + 1; ++i) {
        const auto begin = kFirstBegin + static_cast<std::int64_t>(i * size.bulk) * kStep;
        records.push_back(gain_records(layout, begin, size.bulk, i * size.bulk));
        bulks.push_back(gain_bulk(layout, begin, size.bulk, i * size.bulk));
        bulks.back().name_id = name_id;
        bulks.back().struct_id = struct_id;
    }
    // The first commit of each is not counted: empty tables, nothing prepared.
    (void)db.commit(records[0]);
    bare->import(bulks[0]);
    const auto paired = measure_pairs([&, at = std::size_t{0}]() mutable { bare->import(bulks[++at]); },
                                      [&, at = std::size_t{0}]() mutable {
                                          if (db.commit(records[++at]).new_payloads != size.bulk)
                                              give_up("rows were not new");
                                      },
                                      size.bulk_pairs, 0);
    const auto rate = [&](double seconds) {
        return fmt::format("{:.0f} k/s", static_cast<double>(size.bulk) / seconds / 1000);
    };
    table.add(fmt::format("one commit of {} records (rates)", size.bulk), places.engine(), rate(paired.second),
              rate(paired.first), paired, ">= 0.40", paired.ratio >= 0.4);
    // Both as the bare reader sees them: the bare writer keeps no timeline.
    const auto of_etalon = places.open_bare("bulk_etalon");
    const PointKey of_db{of_etalon->find_id("namedRef", "BenchGain"), kPlusInfinity};
    const PointKey of_bare{name_id, kPlusInfinity};
    for (const auto at : random_times(size.bulk * (size.bulk_pairs + 1), 100)) {
        const auto a = of_etalon->point(of_db, at);
        const auto b = bare->point(of_bare, at);
        if (a.begin != b.begin || a.end != b.end || std::memcmp(&a.row, &b.row, sizeof(BenchGain)) != 0) {
            give_up("what Etalon and the bare writer have written differs");
        }
    }
}

void measure_writers(Places& places, const Size& size, Table& table) {
    (void)create_database(places.url("writers_etalon"));
    (void)create_database(places.url("writers_bare"));
    places.open_bare("writers_bare")->make_commit_tables();
    std::int64_t round = 0;
    for (const auto writers : size.writers) {
        const auto commits = std::max<std::size_t>(1, size.commits / writers);
        const auto begin_of = [&](std::size_t writer, std::size_t commit) {
            const auto number = (static_cast<std::size_t>(round) * writers + writer) * commits + commit;
            return kFirstBegin + static_cast<std::int64_t>(number) * kStep;
        };
        const auto etalon = [&](std::size_t writer) -> std::function<void(std::size_t)> {
            auto db = std::make_shared<Database>(Database::open(places.url("writers_etalon")));
            const auto layout = db->get_definition("BenchGain");
            return [=](std::size_t commit) {
                const auto begin = begin_of(writer, commit);
                (void)db->commit(gain_records(layout, begin, 1, static_cast<std::uint64_t>(begin)));
            };
        };
        const auto bare = [&](std::size_t writer) -> std::function<void(std::size_t)> {
            const std::shared_ptr<Bare> opened = places.open_bare("writers_bare");
            return [=](std::size_t commit) {
                opened->commit_one(static_cast<std::int64_t>(writer), begin_of(writer, commit));
            };
        };
        std::vector<double> seconds_of_etalon;
        std::vector<double> seconds_of_bare;
        // The first of each is not counted: empty tables.
        for (std::size_t i = 0; i < size.bulk_pairs + 1; ++i, ++round) {
            const auto a = seconds_of_writers(writers, commits, etalon);
            const auto b = seconds_of_writers(writers, commits, bare);
            if (i == 0) continue;
            seconds_of_etalon.push_back(a);
            seconds_of_bare.push_back(b);
        }
        const auto paired = pair_up(seconds_of_bare, seconds_of_etalon);
        const auto rate = [&](double seconds) {
            return fmt::format("{:.0f} /s", static_cast<double>(writers * commits) / seconds);
        };
        table.add(fmt::format("commits of one record, {} processes (rates)", writers), places.engine(),
                  rate(paired.second), rate(paired.first), paired, "", true);
    }
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
    const auto rate = [](double seconds) { return fmt::format("{:.1f} k/s", 1e-3 / seconds); };
    table.add("point reads after / before ANALYZE (rates)", places.engine(), rate(paired.second), rate(paired.first),
              paired, "0.80 .. 1.25", paired.ratio >= 0.8 && paired.ratio <= 1.25);
}

void measure_layouts(const Size& size, Table& table) {
    for (const auto& one : measure_conversions(size.converted, size.converted_pairs)) {
        table.add(one.what, "memory", shown(one.paired.first), shown(one.paired.second), one.paired,
                  fmt::format("<= {:.2f}", one.limit), one.paired.ratio <= one.limit);
    }
    const auto making = measure_making_plans(size.converted_pairs * 10);
    table.add("a plan for 100 elements", "memory", shown(making), "", {}, "< 50 us", making < 50e-6);
}

int run(int argc, char** argv) {
    CLI::App app("Etalon beside the same work against the engine's C API");
    bool quick = false;
    bool require = false;
    std::vector<std::string> only;
    std::vector<std::string> engines;
    std::vector<std::size_t> points;
    Size size;
    std::size_t pairs = 0;
    app.add_flag("--quick", quick, "little data, one pair: checks that everything runs and that the answers are equal");
    app.add_flag("--require", require, "exit with 1 when a target is missed");
    const std::vector<std::string> kinds{"point", "refresh", "tree", "bulk", "writers", "analyze", "convert"};
    app.add_option("--only", only, "point, refresh, tree, bulk, writers, analyze, convert")->check(CLI::IsMember(kinds));
    app.add_option("--engine", engines, "sqlite, postgres")
        ->check(CLI::IsMember(std::vector<std::string>{"sqlite", "postgres"}));
    app.add_option("--points", points, "numbers of intervals of the point reads (1000 1000000)");
    app.add_option("--pairs", pairs, "measured pairs of turns");
    CLI11_PARSE(app, argc, argv);
    const bool layouts_only = only.size() == 1 && only.front() == "convert";
    if (quick) size = {{100}, 10, 5, 50, 200, 1, 1, {2}, 6, 100, 1, 0};
    if (!points.empty()) size.points = points;
    if (pairs != 0) size.pairs = pairs;
    const auto asked = [](const std::vector<std::string>& list, const std::string& one) {
        return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
    };
    std::vector<std::unique_ptr<Places>> all;
    if (!layouts_only && asked(engines, "sqlite")) all.push_back(make_sqlite_places());
    if (!layouts_only && asked(engines, "postgres")) {
        if (auto postgres = find_postgres_places()) {
            all.push_back(std::move(postgres));
        } else {
            std::fputs(
                "SKIPPED: PostgreSQL, because ETALON_TEST_POSTGRES is not set; run scripts/with_postgres COMMAND\n",
                stderr);
        }
    }
    Table table(!quick);
    table.head();
    using Measure = void (*)(Places&, const Size&, Table&);
    const std::vector<std::pair<std::string, Measure>> measures{{"point", measure_points},
                                                                {"refresh", measure_refresh},
                                                                {"tree", measure_tree},
                                                                {"bulk", measure_bulk},
                                                                {"writers", measure_writers},
                                                                {"analyze", measure_analyze}};
    for (auto& places : all) {
        for (const auto& [kind, measure] : measures) {
            if (asked(only, kind)) measure(*places, size, table);
        }
    }
    if (asked(only, "convert")) measure_layouts(size, table);
    return require && table.missed() ? 1 : 0;
}

}  // namespace
}  // namespace etalon::bench

int main(int argc, char** argv) {
    try {
        return etalon::bench::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "etalon_bench: error: %s\n", error.what());
        return 3;
    }
}
