#pragma once
/// The same work as Etalon's, written by hand against an engine's C API: what the ratios compare with.
///
/// Prepared statements, binary values, the settings that Etalon's own connection has, and only what the question needs:
/// the winner, where it begins, exactly until when it holds, and its rows (no provenance, no other policy or version
/// chain, no evolution of schemas). Every answer is checked to be Etalon's, byte for byte, before anything is timed.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "benchmarks/bench_structs.h"
#include "etalon/definition.h"

namespace etalon::bench {

/// Stored IDs, looked up once: a careful programmer would keep them too.
struct PointKey {
    std::int64_t name_id = 0;
    std::int64_t snapshot = 0;
};

/// A winner with its one row.
struct PointAnswer {
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    BenchGain row{};
};

/// One table node of a configuration.
struct NodeAnswer {
    std::string name;
    std::int64_t begin = 0;
    std::optional<std::int64_t> end;
    std::vector<std::byte> row;
};

/// Rows of one commit: record i begins at begin + i * step, has no end, and holds rows[i].
struct BulkRows {
    std::int64_t name_id = 0;
    std::int64_t struct_id = 0;
    std::int64_t begin = 0;
    std::int64_t step = 1;
    std::vector<BenchGain> rows;
    std::vector<Sha256> hashes;                   ///< content hashes, computed ahead
    std::vector<std::array<std::byte, 16>> uids;  ///< made ahead
};

/// One connection to one place (a file, a schema). Errors end the program with the engine's words.
class Bare {
public:
    virtual ~Bare() = default;
    [[nodiscard]] virtual std::int64_t find_id(const std::string& table, const std::string& name) = 0;
    /// Policy by_begin, version default, element 0, one row.
    [[nodiscard]] virtual PointAnswer point(const PointKey& key, std::int64_t at) = 0;
    /// Prepares the statements of tree(), and lists its nodes: they cannot change at one snapshot, and Etalon keeps
    /// them too. The structs are those of the tables.
    virtual void prepare_tree(const std::string& root, std::int64_t snapshot,
                              std::span<const StructDefinition> structs) = 0;
    /// All table nodes of that configuration of key `default`, in any order.
    [[nodiscard]] virtual std::vector<NodeAnswer> tree(std::int64_t at, std::int64_t snapshot) = 0;
    /// One transaction: payloads, rows, interval records and the commit; no timeline, which a store by hand would not
    /// keep.
    virtual void import(const BulkRows& bulk) = 0;
    /// Tables of their own for commit_one().
    virtual void make_commit_tables() = 0;
    /// One durable transaction of one row of 80 bytes; on PostgreSQL with a number from a counter that all writers share.
    virtual void commit_one(std::int64_t writer, std::int64_t begin) = 0;
    virtual void run(const std::string& sql) = 0;
};

[[nodiscard]] std::unique_ptr<Bare> open_bare_sqlite(const std::string& path);
/// `conninfo` without `#schema`.
[[nodiscard]] std::unique_ptr<Bare> open_bare_postgres(const std::string& conninfo, const std::string& schema);

/// Ends the program.
[[noreturn]] void give_up(const std::string& what);

/// `"a", "b"`, each with a prefix.
[[nodiscard]] std::string column_list(const StructDefinition& of_struct, const std::string& prefix);

}  // namespace etalon::bench
