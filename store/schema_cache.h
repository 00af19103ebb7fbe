#pragma once
/// Schema versions that were read before: the text of a definition is parsed once for as long as a database is open.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "etalon/definition.h"
#include "store/catalog.h"

namespace etalon::store {

/// By struct and schema version. Rows of schemaVersion never change, but an ID may come to name another row: that of a
/// transaction that was rolled back is used again, and a file may be replaced. So what is known only counts when its
/// text is the one that was read, which is compared whole. For one thread at a time; what it gives is immutable and may
/// be shared.
class SchemaCache {
public:
    /// The definition of one schema version. Throws Error as schema::from_json().
    [[nodiscard]] DefinitionPtr get_definition(std::int64_t struct_id, std::int64_t schema_id, std::string_view text);
    /// The schema version with its columns in order of position, joined by kColumnSeparator. Throws Error(Corrupt) when
    /// there are other columns than elements.
    [[nodiscard]] SchemaPtr get_schema(std::int64_t struct_id, std::int64_t schema_id, std::string_view text,
                                       std::string_view joined_columns);

private:
    struct Known {
        std::string text;
        DefinitionPtr definition;
        std::string columns;
        SchemaPtr schema;  ///< null: only the definition was asked for
    };
    Known& get(std::int64_t struct_id, std::int64_t schema_id, std::string_view text);

    std::map<std::pair<std::int64_t, std::int64_t>, Known> known_;
};

}  // namespace etalon::store
