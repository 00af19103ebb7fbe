#pragma once
/// The constants that the benchmarks read and write: made from a number, so that both sides can have the same ones.

#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/bare.h"
#include "etalon/etalon.h"

namespace etalon::bench {

inline constexpr std::int64_t kFirstBegin = 1'500'000'000'000'000'000;  // July 2017
inline constexpr std::int64_t kStep = 600'000'000'000;                  // ten minutes

/// Definitions of all structs of bench_structs.h; BenchGain is the first.
[[nodiscard]] const std::vector<StructDefinition>& definitions();

/// Mixes a number into another that looks random.
[[nodiscard]] std::uint64_t mix(std::uint64_t number) noexcept;
/// A row whose values come from `seed`; rows of different seeds differ.
void fill_row(const StructDefinition& of_struct, std::uint64_t seed, std::byte* row);

/// Creates a database with all structs registered.
[[nodiscard]] Database create_database(const std::string& url);
/// `count` records of BenchGain, one after the other without ends, with rows of seeds `seed`, `seed + 1`, ...
[[nodiscard]] std::vector<PutRecord> gain_records(const DefinitionPtr& layout, std::int64_t begin, std::size_t count,
                                                  std::uint64_t seed);
/// The same for the bare writers.
[[nodiscard]] BulkRows gain_bulk(const DefinitionPtr& layout, std::int64_t begin, std::size_t count,
                                 std::uint64_t seed);
/// `count` intervals of BenchGain from kFirstBegin on, in commits of at most 20,000 records.
void fill_points(Database& db, std::size_t count);
/// Configuration `Bench` of `nodes` tables in directories of ten, over all structs in turn, with `intervals` intervals
/// each.
void fill_tree(Database& db, std::size_t nodes, std::size_t intervals);

}  // namespace etalon::bench
