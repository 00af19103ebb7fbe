#pragma once
/// What an audit asks of the tables of this room that no read asks.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "base/bytes.h"
#include "etalon/ref.h"

namespace etalon::objects {

/// An object beside what its payload and commit say, unchecked.
struct ObjectLinks {
    std::int64_t data_id = 0;
    std::optional<ObjectId> id;  ///< none: the cell holds no id
    std::int64_t struct_id = 0;
    std::int64_t schema_id = 0;
    std::int64_t encoding = 0;
    std::int64_t commit = 0;
    std::int64_t entry_time = 0;
    struct Payload {
        std::int64_t struct_id = 0;
        std::int64_t schema_id = 0;
        std::int64_t encoding = 0;
        std::int64_t num_rows = 0;
        Bytes content_hash;
    };
    std::optional<Payload> payload;                 ///< none: there is no such payload
    std::optional<std::int64_t> commit_entry_time;  ///< none: there is no such commit
};
/// The next objects behind a dataID, in order of it, at most `most`.
[[nodiscard]] std::vector<ObjectLinks> read_object_links(backends::Transaction& tx, std::int64_t after,
                                                         std::int64_t most);
[[nodiscard]] std::uint64_t count_objects(backends::Transaction& tx);

/// An id that rows refer to, and that is not there.
struct DanglingId {
    ObjectId id{};
    std::uint64_t count = 0;   ///< of the rows
    std::int64_t data_id = 0;  ///< the first of them
};
/// Those of a column of ids of a table with a column dataID, that no object has (of one struct when it is given); in
/// order of id.
[[nodiscard]] std::vector<DanglingId> find_dangling(backends::Transaction& tx, std::string_view table,
                                                    std::string_view column,
                                                    const std::optional<std::int64_t>& target_struct);

}  // namespace etalon::objects
