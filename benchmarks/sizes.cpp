// Bytes that a record takes in a place as it was written: no VACUUM, no ANALYZE.

#include <fmt/format.h>

#include <cstdio>
#include <map>

#include "benchmarks/measures.h"

namespace etalon::bench {

namespace {

/// How the records of a place come.
struct Case {
    std::string place;
    std::string what;
    std::size_t commits;
    std::size_t records;  ///< of a commit
    bool share;           ///< one payload for all: what a record takes without its rows
    double limit;         ///< bytes per record, 0: none
};

void print_relations(const std::vector<RelationSize>& before, const std::vector<RelationSize>& after, double records) {
    if (after.empty()) std::fputs("    this library does not tell the sizes of tables (dbstat)\n", stdout);
    std::map<std::string, std::uint64_t> empty;
    for (const auto& relation : before) empty[relation.name] = relation.bytes;
    for (const auto& relation : after) {
        const auto grown = static_cast<double>(relation.bytes) - static_cast<double>(empty[relation.name]);
        if (grown == 0) continue;
        fmt::print("    {:<46} {:>10} {:>10.1f} B per record\n", relation.name,
                   show_bytes(static_cast<double>(relation.bytes)), grown / records);
    }
}

void measure_case(Places& places, const Case& one, Table& table) {
    {
        (void)create_database(places.url(one.place));
        places.forbid_analyze(one.place);
    }
    const auto empty = places.size(one.place);
    const auto empty_relations = places.relations(one.place);
    {
        auto db = Database::open(places.url(one.place));
        const auto layout = db.get_definition("BenchGain");
        const auto series = points_series(one.commits * one.records);
        std::shared_ptr<const std::byte> shared;
        for (std::size_t i = 0; i < one.commits; ++i) {
            auto records = make_records(series.part(i * one.records, one.records), "BenchGain", layout);
            if (!shared) shared = records.front().rows;
            if (one.share) {
                for (auto& record : records) record.rows = shared;
            }
            (void)db.commit(records);
        }
        (void)db.advance();
        const auto last = db.fetch_rows("BenchGain", Time{series.begin_of(series.count - 1)});
        if (last->num_rows != 1 || last->validity.begin != series.begin_of(series.count - 1)) {
            give_up("the last record is not the answer at its begin");
        }
    }
    const auto size = places.size(one.place);
    const auto records = static_cast<double>(one.commits * one.records);
    table.add_bytes(fmt::format("{}, {} x {}", one.what, one.commits, one.records), places.engine(),
                    (static_cast<double>(size) - static_cast<double>(empty)) / records, one.limit);
    fmt::print("    {:<46} {:>10}\n", "empty", show_bytes(static_cast<double>(empty)));
    fmt::print("    {:<46} {:>10}\n", "as written", show_bytes(static_cast<double>(size)));
    print_relations(empty_relations, places.relations(one.place), records);
    places.drop(one.place);
}

}  // namespace

void measure_sizes(Places& places, const Size& size, Table& table) {
    const double limit = places.engine() == "SQLite" ? 165 : 380;
    const Case cases[] = {
        {"sizes_bulk", "metadata of a record", size.size_commits, size.bulk, true, limit},
        {"sizes_single", "metadata of a record and its commit", size.single_commits, 1, true, 0},
        {"sizes_rows", "a record with a row of 80 B", size.size_commits, size.bulk, false, 0},
    };
    for (const auto& one : cases) measure_case(places, one, table);
}

}  // namespace etalon::bench
