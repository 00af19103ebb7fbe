#pragma once
/// Series of constants as Etalon stores them, and as the bare writers do.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "benchmarks/bare.h"
#include "benchmarks/series.h"
#include "etalon/etalon.h"

namespace etalon::bench {

/// Definitions of the structs of bench_structs.h that the bare readers know; BenchGain is the first.
[[nodiscard]] const std::vector<StructDefinition>& definitions();
/// `count` structs with names of their own: those of definitions() in turn.
[[nodiscard]] std::vector<StructDefinition> make_types(std::size_t count);

/// Creates a database with these structs registered.
[[nodiscard]] Database create_database(const std::string& url, std::span<const StructDefinition> structs);
[[nodiscard]] inline Database create_database(const std::string& url) {
    return create_database(url, definitions());
}

/// The records of a series for a named reference, with rows made from their seeds.
[[nodiscard]] std::vector<PutRecord> make_records(const Series& series, const std::string& name,
                                                  const DefinitionPtr& layout);
/// The same for the bare writers.
[[nodiscard]] BulkRows make_bulk(const Series& series, const StructDefinition& of_struct);

/// `count` intervals of BenchGain from kFirstBegin on.
[[nodiscard]] Series points_series(std::size_t count);
/// Commits them to the reference BenchGain, at most `commit` at once.
void fill_points(Database& db, std::size_t count, std::size_t commit = 20'000);
/// Imports them as name 1, likewise; the tables are there.
void fill_points(Bare& bare, std::size_t count);

/// The reference of a name of fill_tree().
[[nodiscard]] std::string node_name(std::int64_t name);
/// Commits series to references of their own, and makes configuration `Bench` of them, ten to a directory.
void fill_tree(Database& db, std::span<const StructDefinition> structs, std::span<const Series> series);
/// Makes tables of format 1 with the same names, and imports the series.
void fill_tree(Bare& bare, std::span<const StructDefinition> structs, std::span<const Series> series);

}  // namespace etalon::bench
