// What it costs to prove what is read and written, beside `verified = off`.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "bench_structs.traits.h"
#include "benchmarks/measures.h"
#include "schema/definition.h"

namespace etalon::bench {

namespace {

Database open_with_proof(const std::string& url, bool verified) {
    OpenOptions options;
    options.cache_bytes = 0;
    options.verified = verified;
    return Database::open(url, options);
}

void check_same(const AnswerData& proved, const AnswerData& other) {
    const bool same = proved.num_rows == other.num_rows && proved.num_rows > 0 && proved.validity == other.validity &&
                      proved.layout->size == other.layout->size &&
                      std::memcmp(proved.data.get(), other.data.get(), proved.num_rows * proved.layout->size) == 0;
    if (!same) give_up(fmt::format("proved and unproved answers for {} differ", proved.name));
}

/// Reads the reference of a struct's own name at these positions, proved and not, in turns.
template <class T>
Paired measure_reads(const std::string& url, const std::vector<std::int64_t>& times, std::size_t pairs, double turn) {
    auto proved = open_with_proof(url, true);
    auto other = open_with_proof(url, false);
    const auto fetch = [](Database& db, std::int64_t at) { return db.fetch<T>(StructTraits<T>::kName, Time{at}); };
    for (std::size_t i = 0; i < std::min<std::size_t>(times.size(), 100); ++i) {
        check_same(*fetch(proved, times[i]).answer(), *fetch(other, times[i]).answer());
    }
    const auto read = [&](Database& db) {
        return [&db, &fetch, at = Times(times)]() mutable {
            sink = *reinterpret_cast<const float*>(fetch(db, at.next()).begin());
        };
    };
    return measure_pairs(read(proved), read(other), pairs, turn);
}

void measure_small(Places& places, const Size& size, Table& table) {
    {
        auto db = create_database(places.url("proof_points"));
        fill_points(db, size.analyze_points);
    }
    places.analyze("proof_points");
    const auto paired = measure_reads<BenchGain>(places.url("proof_points"), random_times(size.analyze_points, 4096),
                                                 size.pairs, size.turn);
    table.add_times("point read, verified beside not", places.engine(), paired, 1.05);
}

/// Records of `rows` rows of one struct.
template <class T>
void measure_payload(Places& places, std::size_t rows, Storage storage, const Size& size, Table& table) {
    constexpr std::size_t kRecords = 4;
    const auto of_struct = schema::from_json(StructTraits<T>::kDefinition, "bench_structs.h");
    const auto& name = of_struct.name;
    const auto place = fmt::format("proof_{}_{}", name, name_of(storage));
    {
        auto db = create_database(places.url(place), {&of_struct, 1});
        (void)db.define_name({name, name, {}, {}, storage});
        const auto layout = db.get_definition(name);
        auto series = points_series(rows);
        for (std::size_t k = 0; k < kRecords; ++k) {
            // All rows of one record are those of as many records of one row.
            series.seed = k * rows;
            auto record = make_records(series, name, layout).front();
            record.begin = points_series(kRecords).begin_of(k);
            record.num_rows = rows;
            (void)db.commit({&record, 1});
        }
    }
    places.analyze(place);
    const auto paired = measure_reads<T>(places.url(place), random_times(kRecords, 64), size.proof_pairs, size.turn);
    table.add_times(fmt::format("{} x {}, {}, verified beside not", rows, name, name_of(storage)), places.engine(),
                    paired, 1.10);
}

void measure_commits(Places& places, const Size& size, Table& table) {
    std::vector<Database> opened;
    for (const bool verified : {true, false}) {
        const auto url = places.url(verified ? "proof_commits" : "proof_commits_off");
        (void)create_database(url);
        opened.push_back(open_with_proof(url, verified));
    }
    const auto layout = opened.front().get_definition("BenchGain");
    // The first commit of each is not counted.
    const auto series = points_series(size.proof_commit * (size.proof_pairs + 1));
    std::vector<std::vector<PutRecord>> records;
    for (std::size_t i = 0; i < size.proof_pairs + 1; ++i) {
        records.push_back(make_records(series.part(i * size.proof_commit, size.proof_commit), "BenchGain", layout));
    }
    for (auto& db : opened) (void)db.commit(records[0]);
    const auto commit = [&](Database& db) {
        return [&, at = std::size_t{0}]() mutable {
            if (db.commit(records[++at]).new_payloads != size.proof_commit) give_up("rows were not new");
        };
    };
    const auto paired = measure_pairs(commit(opened[0]), commit(opened[1]), size.proof_pairs, 0);
    table.add_times(fmt::format("commit of {} new rows, verified beside not", size.proof_commit), places.engine(),
                    paired, 1.05);
    for (auto& db : opened) (void)db.advance();
    for (const auto at : random_times(series.count, 100)) {
        check_same(*opened[0].fetch_rows("BenchGain", Time{at}), *opened[1].fetch_rows("BenchGain", Time{at}));
    }
}

}  // namespace

void measure_proof(Places& places, const Size& size, Table& table) {
    measure_small(places, size, table);
    for (const auto storage : {Storage::Bytes, Storage::Columns}) {
        measure_payload<BenchSamples>(places, size.proof_rows, storage, size, table);
        measure_payload<BenchWave>(places, 1, storage, size, table);
    }
    measure_commits(places, size, table);
}

}  // namespace etalon::bench
