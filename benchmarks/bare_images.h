#pragma once
/// Rows that refer to one another, as somebody would keep them by hand: a table with a unique id, the references as
/// columns with an index each, and what orders them; the engine's C API, prepared statements, binary values.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "etalon/definition.h"
#include "etalon/ref.h"

namespace etalon::bench {

/// One connection to a table of images of its own.
class BareImages {
public:
    virtual ~BareImages() = default;
    /// One durable transaction.
    virtual void insert(std::int64_t commit, const std::vector<ObjectId>& ids,
                        const std::vector<const std::byte*>& rows) = 0;
    /// The rows that refer to a session, newest first, in the layout of the struct.
    [[nodiscard]] virtual std::vector<std::byte> of_session(const ObjectId& session) = 0;
};

/// The first reference of `image` is the session.
[[nodiscard]] std::unique_ptr<BareImages> open_sqlite_images(const std::string& path, const StructDefinition& image);
[[nodiscard]] std::unique_ptr<BareImages> open_postgres_images(const std::string& conninfo, const std::string& schema,
                                                               const StructDefinition& image);

}  // namespace etalon::bench
