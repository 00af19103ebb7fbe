// Commits beside the bare writer on tables of format 1: large ones, and many small ones of several processes.

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "bench_structs.traits.h"
#include "benchmarks/measures.h"
#include "benchmarks/writers.h"

namespace etalon::bench {

void measure_bulk(Places& places, const Size& size, Table& table) {
    auto db = create_database(places.url("bulk"));
    const auto layout = db.get_definition("BenchGain");
    const auto bare = places.open_bare("bulk_format1");
    bare->make_format1(definitions(), std::vector<std::size_t>{0});
    const auto series = points_series(size.bulk * (size.bulk_pairs + 1));
    std::vector<std::vector<PutRecord>> records;
    std::vector<BulkRows> bulks;
    for (std::size_t i = 0; i < size.bulk_pairs + 1; ++i) {
        const auto part = series.part(i * size.bulk, size.bulk);
        records.push_back(make_records(part, "BenchGain", layout));
        bulks.push_back(make_bulk(part, *layout));
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
    const auto rate = [&](double seconds) { return show_rate(seconds / static_cast<double>(size.bulk)); };
    table.add(fmt::format("one commit of {} records (rates)", size.bulk), places.engine(), rate(paired.second),
              rate(paired.first), paired, ">= 0.40", paired.ratio >= 0.4);
    (void)db.advance();
    for (const auto at : random_times(series.count, 100)) {
        check_point(*db.fetch<BenchGain>("BenchGain", Time{at}).answer(), bare->point(1, at, kPlusInfinity));
    }
}

void measure_writers(Places& places, const Size& size, Table& table) {
    (void)create_database(places.url("writers"));
    places.open_bare("writers_bare")->make_commit_tables();
    std::int64_t round = 0;
    for (const auto writers : size.writers) {
        const auto commits = std::max<std::size_t>(1, size.commits / writers);
        const auto begin_of = [&](std::size_t writer, std::size_t commit) {
            const auto number = (static_cast<std::size_t>(round) * writers + writer) * commits + commit;
            return kFirstBegin + static_cast<std::int64_t>(number) * kStep;
        };
        const auto etalon = [&](std::size_t writer) -> std::function<void(std::size_t)> {
            auto db = std::make_shared<Database>(Database::open(places.url("writers")));
            const auto layout = db->get_definition("BenchGain");
            return [=](std::size_t commit) {
                Series one = points_series(1);
                one.begin = begin_of(writer, commit);
                one.seed = static_cast<std::uint64_t>(one.begin);
                (void)db->commit(make_records(one, "BenchGain", layout));
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
        const auto rate = [&](double seconds) { return show_rate(seconds / static_cast<double>(writers * commits)); };
        table.add(fmt::format("commits of one record, {} processes (rates)", writers), places.engine(),
                  rate(paired.second), rate(paired.first), paired, "", true);
    }
}

}  // namespace etalon::bench
