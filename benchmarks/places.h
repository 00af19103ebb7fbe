#pragma once
/// Where the benchmarks keep their databases: a temporary directory of SQLite files, or schemas of a PostgreSQL
/// database. All are gone at the end.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/bare.h"
#include "benchmarks/bare_images.h"
#include "benchmarks/descents.h"
#include "benchmarks/probe.h"
#include "benchmarks/relations.h"

namespace etalon::bench {

class Places {
public:
    virtual ~Places() = default;
    [[nodiscard]] virtual std::string engine() const = 0;
    /// The URL of a database of that name, new when asked for the first time.
    [[nodiscard]] virtual std::string url(const std::string& name) = 0;
    /// A place of its own under that name, which has no Etalon database: new and empty when asked for the first time.
    [[nodiscard]] virtual std::unique_ptr<Bare> open_bare(const std::string& name) = 0;
    /// The same for images.
    [[nodiscard]] virtual std::unique_ptr<BareImages> open_images(const std::string& name,
                                                                  const StructDefinition& image) = 0;
    [[nodiscard]] virtual std::unique_ptr<Probe> open_probe(const std::string& name) = 0;
    /// Reads the Etalon database of that name.
    [[nodiscard]] virtual std::unique_ptr<Descents> open_descents(const std::string& name) = 0;
    /// Holds the file of that name (a probe's too) open as a writer does: with a write-ahead log, for as long as what
    /// is returned lives. Null on PostgreSQL, where writers make no difference to readers.
    [[nodiscard]] virtual std::shared_ptr<void> open_log(const std::string& name) = 0;
    /// From now on statistics are only gathered, and dead rows only removed, when somebody asks.
    virtual void forbid_analyze(const std::string& name) = 0;
    virtual void analyze(const std::string& name) = 0;
    /// Bytes that a closed place takes: the file; tables and indexes of the schema.
    [[nodiscard]] virtual std::uint64_t size(const std::string& name) = 0;
    /// The same by table and index; none where the engine does not tell.
    [[nodiscard]] virtual std::vector<RelationSize> relations(const std::string& name) = 0;
    /// Gives its room back before the end.
    virtual void drop(const std::string& name) = 0;
};

[[nodiscard]] std::unique_ptr<Places> make_sqlite_places();
/// Null without ETALON_TEST_POSTGRES.
[[nodiscard]] std::unique_ptr<Places> find_postgres_places();

}  // namespace etalon::bench
