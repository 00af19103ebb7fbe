// What it costs to compare two answers, beside reading both.

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "bench_structs.traits.h"
#include "benchmarks/measures.h"
#include "etalon/diff.h"
#include "schema/definition.h"

namespace etalon::bench {
namespace {

constexpr std::int64_t kFirst = 100;
constexpr std::int64_t kSecond = 200;

std::vector<BenchSamples> make_rows(std::size_t number) {
    std::vector<BenchSamples> rows(number);
    for (std::size_t i = 0; i < number; ++i) {
        const auto x = static_cast<double>(i);  // tells rows apart
        rows[i] = {x, x / 3, 2, 3, x * 7, 5, 6, 7, x + 0.1, 9};
    }
    return rows;
}

/// A reference of two records; `change` makes the second of the rows of the first.
template <class Change>
void fill(Places& places, const std::string& place, Storage storage, std::size_t rows, const Change& change) {
    const auto of_struct = schema::from_json(StructTraits<BenchSamples>::kDefinition, "bench_structs.h");
    auto db = create_database(places.url(place), {&of_struct, 1});
    (void)db.define_name({"BenchSamples", "BenchSamples", {}, {}, storage});
    auto values = make_rows(rows);
    auto record = db.make_record<BenchSamples>("BenchSamples", Time{kFirst}, values);
    (void)db.commit({&record, 1});
    change(values);
    record = db.make_record<BenchSamples>("BenchSamples", Time{kSecond}, values);
    (void)db.commit({&record, 1});
}

void measure_one(Places& places, const std::string& place, const std::string& what, const DiffOptions& options,
                 std::uint64_t expected, const Size& size, Table& table) {
    auto db = open_cold(places.url(place));
    const auto side = [&](std::int64_t at) {
        DiffSide one;
        one.database = &db;
        one.name = "BenchSamples";
        one.at = Time{at};
        return one;
    };
    const auto before = side(kFirst);
    const auto after = side(kSecond);
    const auto compare = [&] {
        double sum = 0;
        const auto report = find_differences(before, after, options, [&](const Difference& one) {
            if (const auto* number = std::get_if<double>(&one.difference)) sum += *number;
        });
        if (report.differences != expected) give_up(fmt::format("{} differences", report.differences));
        sink = static_cast<float>(sum);
    };
    const auto read = [&] {
        const auto one = db.fetch_rows("BenchSamples", Time{kFirst});
        const auto other = db.fetch_rows("BenchSamples", Time{kSecond});
        sink = static_cast<float>(one->num_rows + other->num_rows);
    };
    table.add_times(what, places.engine(), measure_pairs(compare, read, size.diff_pairs, 0), 3);
}

}  // namespace

void measure_differences(Places& places, const Size& size, Table& table) {
    for (const auto storage : {Storage::Bytes, Storage::Columns}) {
        const auto rows = size.diff_rows;
        const auto name_for = [&](std::string_view what) { return fmt::format("diff_{}_{}", what, name_of(storage)); };
        const auto title = [&](std::string_view what) {
            return fmt::format("diff, 2 x {} rows, {}, {}", rows, what, name_of(storage));
        };
        const auto some = name_for("some");
        fill(places, some, storage, rows, [](std::vector<BenchSamples>& values) {
            for (std::size_t i = 0; i < values.size(); i += 100) values[i].s4 += 1;
        });
        const auto few = (rows + 99) / 100;
        measure_one(places, some, title("1 % differ"), {}, few, size, table);
        DiffOptions options;
        options.keys = {{"", {"s0"}}};
        measure_one(places, some, title("by key"), options, few, size, table);
        places.drop(some);
        const auto all = name_for("all");
        fill(places, all, storage, rows, [](std::vector<BenchSamples>& values) {
            for (auto& row : values) {
                row.s1 += 1e-9;
                row.s4 += 1;
            }
        });
        options = {};
        options.absolute = {{"s1", 1e-3}};
        measure_one(places, all, title("a value of each"), options, rows, size, table);
        places.drop(all);
        const auto every = name_for("every");
        fill(places, every, storage, rows, [](std::vector<BenchSamples>& values) {
            for (auto& row : values) {
                for (auto* value :
                     {&row.s0, &row.s1, &row.s2, &row.s3, &row.s4, &row.s5, &row.s6, &row.s7, &row.s8, &row.s9})
                    *value += 1;
            }
        });
        measure_one(places, every, title("every value"), {}, rows * 10, size, table);
        places.drop(every);
    }
}

}  // namespace etalon::bench
