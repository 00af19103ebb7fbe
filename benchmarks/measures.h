#pragma once
/// What can be measured. Each of these makes the databases that it needs, compares answers, and prints lines; a
/// difference ends the program.

#include <cstddef>
#include <string>
#include <vector>

#include "benchmarks/constants.h"
#include "benchmarks/places.h"
#include "benchmarks/table.h"

namespace etalon::bench {

/// How much is done: much for numbers, little to see that everything runs and agrees.
struct Size {
    std::vector<std::size_t> points{1'000, 1'000'000};
    std::size_t nodes = 100;
    std::size_t intervals = 100;
    std::size_t types = 200;  ///< of the whole configuration
    std::size_t type_intervals = 26'000;
    std::size_t bulk = 20'000;
    std::size_t analyze_points = 100'000;
    std::size_t pairs = 301;
    std::size_t bulk_pairs = 7;
    std::vector<std::size_t> writers{1, 8};
    std::size_t commits = 800;  ///< of all writers together
    std::size_t converted = 1'000'000;
    std::size_t converted_pairs = 9;
    double turn = 0.001;
    std::vector<std::size_t> growth{10'000, 100'000, 1'000'000};
    std::size_t growth_base = 100'000;   ///< one of them, which the others stand beside
    std::size_t size_commits = 5;        ///< of `bulk` records, for bytes per record
    std::size_t single_commits = 2'000;  ///< of one record, likewise
    std::size_t proof_rows = 10'000;     ///< of ten doubles
    std::size_t proof_commit = 2'000;    ///< records
    std::size_t proof_pairs = 31;        ///< of large payloads and of commits
    std::size_t parallel_points = 100'000;
    std::size_t parallel_pairs = 31;
    std::size_t field_rows = 20'000;  ///< of fifty doubles
    std::size_t field_pairs = 15;
    std::size_t diff_rows = 1'000'000;  ///< of ten doubles, on each side
    std::size_t diff_pairs = 5;
    std::size_t object_rows = 20'000;  ///< images
    double parallel_turn = 0.03;       ///< seconds of each turn of one thread
};
/// For --quick.
[[nodiscard]] Size make_quick_size();

void measure_points(Places& places, const Size& size, Table& table);
void measure_refresh(Places& places, const Size& size, Table& table);
void measure_analyze(Places& places, const Size& size, Table& table);
void measure_tree(Places& places, const Size& size, Table& table);
void measure_bulk(Places& places, const Size& size, Table& table);
void measure_writers(Places& places, const Size& size, Table& table);
/// Cold reads and configurations beside the probe (benchmarks/probe.h).
void measure_probe(Places& places, const Size& size, Table& table);
/// Configurations of many types with long histories; SQLite only.
void measure_whole(Places& places, const Size& size, Table& table);
/// What cold reads and commits cost in places of more and more records.
void measure_growth(Places& places, const Size& size, Table& table);
/// Bytes that a record takes.
void measure_sizes(Places& places, const Size& size, Table& table);
/// What it costs to prove what is read.
void measure_proof(Places& places, const Size& size, Table& table);
/// What it costs to read one of fifty members.
void measure_fields(Places& places, const Size& size, Table& table);
/// What it costs to compare two large answers, beside reading them.
void measure_differences(Places& places, const Size& size, Table& table);
/// What a second thread gains on one Database; nothing on one processor.
void measure_parallel(Places& places, const Size& size, Table& table);
/// Images of so many sessions.
[[nodiscard]] std::size_t images_of_sessions(std::size_t sessions) noexcept;
/// Objects that refer to one another: putting them in batches, asking for those of a session, loading what they refer
/// to, what they take.
void measure_objects(Places& places, const Size& size, Table& table);
/// In memory.
void measure_layouts(const Size& size, Table& table);

// --- shared by several ---

extern volatile float sink;  ///< takes a part of each result, so that the compiler cannot leave out what is measured

/// Opens without the cache of answers: each read is a statement.
[[nodiscard]] Database open_cold(const std::string& url);
/// The same for the configurations of one database.
[[nodiscard]] Database& add_cold(Federation& federation, const std::string& url);

/// Ends the program unless an answer has these bounds and this one row. `end_known`: whether `expected.end` counts.
void check_point(const AnswerData& answer, const PointAnswer& expected, bool end_known = true);
/// The same of all table nodes of a configuration that fill_tree() made.
void check_tree(const Configuration& configuration, const std::vector<NodeAnswer>& expected, std::size_t nodes,
                bool end_known = true);
/// Positions at which every series of spread_series(names, ..., intervals) has begun.
[[nodiscard]] std::vector<std::int64_t> tree_times(std::size_t names, std::size_t intervals);
[[nodiscard]] Configuration fetch_tree(Federation& federation, std::int64_t at);

}  // namespace etalon::bench
