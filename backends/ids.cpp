#include "backends/ids.h"

#include <fmt/format.h>

#include <cstring>

#include "etalon/error.h"

namespace etalon::backends {

namespace {

constexpr std::size_t kIdBytes = sizeof(ObjectId);

}  // namespace

Bytes to_bytes(const ObjectId& id) {
    const auto bytes = std::as_bytes(std::span(id.bytes));
    return {bytes.begin(), bytes.end()};
}

ObjectId read_id(const Cursor& cursor, int column) {
    const auto bytes = cursor.bytes(column);
    if (bytes.size() != kIdBytes) {
        throw Error(ErrorCode::Corrupt, {"a stored id is none", "", fmt::format("{} bytes", kIdBytes),
                                         fmt::format("{} bytes", bytes.size()), "see 'etalon verify'"});
    }
    ObjectId id{};
    std::memcpy(id.bytes, bytes.data(), kIdBytes);
    return id;
}

std::string bound_id(Engine engine, int parameter) {
    return engine == Engine::Sqlite ? fmt::format("?{}", parameter)
                                    : fmt::format("encode(?{}::bytea, 'hex')::uuid", parameter);
}

std::string listed_blobs(int parameter, std::size_t width) {
    return fmt::format(R"((WITH RECURSIVE w("at", "blob") AS (SELECT 1, substr(?{0}, 1, {1}) UNION ALL
SELECT "at" + {1}, substr(?{0}, "at" + {1}, {1}) FROM w WHERE "at" + {1} <= length(?{0})) SELECT "blob" FROM w))",
                       parameter, width);
}

std::string listed_ids(Engine engine, int parameter) {
    return engine == Engine::Sqlite
               ? fmt::format(R"((SELECT b."blob" AS "id" FROM {} b))", listed_blobs(parameter, kIdBytes))
               : fmt::format(R"((SELECT encode(u.b, 'hex')::uuid AS "id" FROM unnest(?{}::bytea[]) AS u(b)))",
                             parameter);
}

Value bind_ids(Engine engine, std::span<const ObjectId> ids) {
    if (engine == Engine::Postgres) {
        std::vector<Bytes> list;
        list.reserve(ids.size());
        for (const auto& id : ids) list.push_back(to_bytes(id));
        return list;
    }
    Bytes all(ids.size() * kIdBytes);
    for (std::size_t i = 0; i < ids.size(); ++i) std::memcpy(all.data() + i * kIdBytes, ids[i].bytes, kIdBytes);
    return all;
}

std::string listed_integers(Engine engine, int parameter) {
    return engine == Engine::Sqlite
               ? fmt::format(R"((SELECT "value" AS "n" FROM json_each(?{})))", parameter)
               : fmt::format(R"((SELECT u.n AS "n" FROM unnest(?{}::bigint[]) AS u(n)))", parameter);
}

std::string_view join_word(Engine engine) noexcept {
    return engine == Engine::Sqlite ? " CROSS JOIN " : " JOIN ";
}

}  // namespace etalon::backends
