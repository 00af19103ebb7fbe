#pragma once
/// Images by hand: one table with the ids, references and indexes that Etalon's objects have, and the one statement
/// that gives those of a session. No other struct, no proof, no snapshots, no evolution, no check that what is referred
/// to is there.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "benchmarks/bench_objects.h"
#include "etalon/ref.h"

namespace etalon::bench {

struct BareImage {
    ObjectId id{};
    std::int64_t commit = 0;
    std::int64_t position = 0;  ///< in the commit
    BenchImage row{};
};

class BareObjects {
public:
    /// References of an image, which stand side by side behind its uid.
    static constexpr std::size_t kReferences = 8;
    static constexpr const char* kColumns[] = {"session", "by",    "instrument", "camera",
                                               "preset",  "focus", "stage",      "parent"};

    virtual ~BareObjects() = default;
    /// Makes the table and its indexes.
    virtual void make() = 0;
    /// One durable transaction.
    virtual void put(std::span<const BareImage> images) = 0;
    /// Newest first: by commit, then by position.
    [[nodiscard]] virtual std::vector<BareImage> of_session(const ObjectId& session) = 0;
};

[[nodiscard]] std::unique_ptr<BareObjects> open_bare_objects_sqlite(const std::string& path);
[[nodiscard]] std::unique_ptr<BareObjects> open_bare_objects_postgres(const std::string& conninfo,
                                                                      const std::string& schema);

/// The reference of that index.
[[nodiscard]] inline unsigned char* reference_of(BenchImage& row, std::size_t index) noexcept {
    return row.session.bytes + index * sizeof(ObjectId);
}
[[nodiscard]] inline ObjectId reference_of(const BenchImage& row, std::size_t index) noexcept {
    ObjectId id;
    std::memcpy(id.bytes, row.session.bytes + index * sizeof(ObjectId), sizeof id.bytes);
    return id;
}
static_assert(offsetof(BenchImage, parent) == offsetof(BenchImage, session) + 7 * sizeof(ObjectId));

}  // namespace etalon::bench
