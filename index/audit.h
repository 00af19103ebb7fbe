#pragma once
/// What an audit asks of the tables of this room that no read asks: what each record refers to, and rows that belong to
/// nothing.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"

namespace etalon::index {

/// A record beside what its reference and its payload say.
struct RecordLinks {
    std::int64_t id = 0;
    std::optional<std::int64_t> name_struct;  ///< none: there is no such reference; then nothing else is said
    std::string name;
    std::optional<std::int64_t> data_id;  ///< none: a hole
    std::int64_t schema_id = 0;           ///< with a payload, as the next
    std::int64_t num_rows = 0;
    struct Payload {
        std::int64_t struct_id = 0;
        std::int64_t schema_id = 0;
        std::int64_t num_rows = 0;
    };
    std::optional<Payload> payload;  ///< none: there is no such payload
};
/// The next records behind an ID, in order of it, at most `most`.
[[nodiscard]] std::vector<RecordLinks> read_record_links(backends::Transaction& tx, std::int64_t after,
                                                         std::int64_t most);

/// Rows of a table with a column nameID whose reference is not there.
[[nodiscard]] std::int64_t count_nameless_rows(backends::Transaction& tx, std::string_view table);

}  // namespace etalon::index
