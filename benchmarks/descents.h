#pragma once
/// The two descents of a cold read by hand: a prepared statement on the tables of Etalon's own place gives where the
/// stretch begins and where the next one does, and its row. It asks for nothing else, checks nothing and proves
/// nothing: what Etalon costs beside it is not the stored format's.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "benchmarks/bare.h"

namespace etalon::bench {

class Descents {
public:
    virtual ~Descents() = default;
    /// Of the reference `BenchGain`.
    [[nodiscard]] virtual PointAnswer point(std::int64_t at) = 0;
    /// Prepares for references of these series, each of one of the structs.
    virtual void prepare(std::span<const StructDefinition> structs, std::span<const Series> series) = 0;
    /// All of them in one read transaction, in any order.
    [[nodiscard]] virtual std::vector<NodeAnswer> tree(std::int64_t at) = 0;
};

[[nodiscard]] std::unique_ptr<Descents> open_descents_sqlite(const std::string& path);
/// A configuration is one LATERAL statement for each struct.
[[nodiscard]] std::unique_ptr<Descents> open_descents_postgres(const std::string& conninfo, const std::string& schema);

}  // namespace etalon::bench
