#pragma once
/// Where the benchmarks keep their databases: a temporary directory of SQLite files, or schemas of a PostgreSQL
/// database. All are gone at the end.

#include <memory>
#include <string>
#include <vector>

#include "benchmarks/bare.h"

namespace etalon::bench {

class Places {
public:
    virtual ~Places() = default;
    [[nodiscard]] virtual std::string engine() const = 0;
    /// The URL of a database of that name, new when asked for the first time.
    [[nodiscard]] virtual std::string url(const std::string& name) = 0;
    [[nodiscard]] virtual std::unique_ptr<Bare> open_bare(const std::string& name) = 0;
    /// From now on statistics are only gathered when analyze() is called.
    virtual void forbid_analyze(const std::string& name) = 0;
    virtual void analyze(const std::string& name) = 0;
};

[[nodiscard]] std::unique_ptr<Places> make_sqlite_places();
/// Null without ETALON_TEST_POSTGRES.
[[nodiscard]] std::unique_ptr<Places> find_postgres_places();

}  // namespace etalon::bench
