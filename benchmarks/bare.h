#pragma once
/// The same work as Etalon's, written by hand against an engine's C API on tables of storage format 1
/// (benchmarks/format1.h), which it fills itself: what the ratios compare with.
///
/// Prepared statements, binary values, the settings that Etalon's own connection has, and only what the question needs:
/// the winner, where it begins, exactly until when it holds, and its rows (no provenance, no other policy or version
/// chain, no evolution of schemas, no proof). Every answer is compared with Etalon's before anything is timed.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "benchmarks/bench_structs.h"
#include "benchmarks/give_up.h"
#include "benchmarks/series.h"
#include "etalon/definition.h"

namespace etalon::bench {

/// A winner with its one row.
struct PointAnswer {
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    BenchGain row{};
};

/// One table node of a configuration.
struct NodeAnswer {
    std::int64_t name = 0;  ///< its number
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::vector<std::byte> row;
};

/// The records of one commit.
struct BulkRows {
    Series series;
    std::vector<std::byte> rows;                  ///< in the layout of the struct
    std::vector<Sha256> hashes;                   ///< content hashes, computed ahead
    std::vector<std::array<std::byte, 16>> uids;  ///< made ahead
};

/// One connection to one place (a file, a schema). Errors end the program with the engine's words.
class Bare {
public:
    virtual ~Bare() = default;
    virtual void run(const std::string& sql) = 0;
    /// Tables of format 1 with these structs; names[i] is the struct of name i + 1.
    virtual void make_format1(std::span<const StructDefinition> structs, std::span<const std::size_t> names) = 0;
    /// Prepares for tables of format 1 that another connection has made with these structs.
    virtual void use_format1(std::span<const StructDefinition> structs) = 0;
    /// One transaction: payloads, rows, interval records and the commit. A store by hand would keep no timeline.
    virtual void import(const BulkRows& bulk) = 0;
    /// Policy by_begin, version default, element 0, one row of the first struct.
    [[nodiscard]] virtual PointAnswer point(std::int64_t name, std::int64_t at, std::int64_t snapshot) = 0;
    /// All names, in any order, at one position.
    [[nodiscard]] virtual std::vector<NodeAnswer> tree(std::int64_t at, std::int64_t snapshot) = 0;
    /// Tables of their own for commit_one().
    virtual void make_commit_tables() = 0;
    /// One durable transaction of one row of 80 bytes; on PostgreSQL numbered by a counter that all writers share.
    virtual void commit_one(std::int64_t writer, std::int64_t begin) = 0;
};

[[nodiscard]] std::unique_ptr<Bare> open_bare_sqlite(const std::string& path);
/// `conninfo` without `#schema`.
[[nodiscard]] std::unique_ptr<Bare> open_bare_postgres(const std::string& conninfo, const std::string& schema);

/// `"a", "b"`, each with a prefix.
[[nodiscard]] std::string column_list(const StructDefinition& of_struct, const std::string& prefix);

}  // namespace etalon::bench
