#pragma once
/// Ids of objects in statements: a uuid in PostgreSQL, a blob of 16 bytes in SQLite. And lists that are joined.

#include <span>
#include <string>
#include <string_view>

#include "backends/port.h"
#include "base/bytes.h"
#include "etalon/ref.h"

namespace etalon::backends {

/// An id as a bound value, or for a column of a bulk insert.
[[nodiscard]] Bytes to_bytes(const ObjectId& id);
/// The id that a cell holds. Throws Error(Corrupt) when it has not 16 bytes.
[[nodiscard]] ObjectId read_id(const Cursor& cursor, int column);
/// SQL of the one id that is bound, as to_bytes() gives it, as that parameter.
[[nodiscard]] std::string bound_id(Engine engine, int parameter);

/// SQL of a relation with the column `id`, a row for each of the ids that bind_ids() binds as that parameter; at least
/// one. What is joined stands behind it and join_word(): SQLite looks one after the other up.
[[nodiscard]] std::string listed_ids(Engine engine, int parameter);
[[nodiscard]] Value bind_ids(Engine engine, std::span<const ObjectId> ids);
/// SQLite: the same of a column `blob` with pieces of `width` bytes of one blob.
[[nodiscard]] std::string listed_blobs(int parameter, std::size_t width);
/// The same of a column `n` with the integers of a list.
[[nodiscard]] std::string listed_integers(Engine engine, int parameter);
[[nodiscard]] std::string_view join_word(Engine engine) noexcept;

/// The texts of one statement for both engines, made once.
class EngineSql {
public:
    template <class Make>
    explicit EngineSql(const Make& make) : sqlite_(make(Engine::Sqlite)), postgres_(make(Engine::Postgres)) {}
    [[nodiscard]] const Sql& of(Engine engine) const noexcept { return engine == Engine::Sqlite ? sqlite_ : postgres_; }

private:
    Sql sqlite_;
    Sql postgres_;
};

}  // namespace etalon::backends
