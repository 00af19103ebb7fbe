#include "store/schema_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "etalon/error.h"
#include "schema/definition.h"

namespace etalon::store {

SchemaCache::Known& SchemaCache::get(std::int64_t struct_id, std::int64_t schema_id, std::string_view text) {
    const auto known = known_.find({struct_id, schema_id});
    if (known != known_.end() && known->second.text == text) return known->second;
    Known fresh;
    fresh.text = text;
    fresh.definition = std::make_shared<const StructDefinition>(
        schema::from_json(text, fmt::format("schemaVersion of structID {}, schemaID {}", struct_id, schema_id)));
    return known_[{struct_id, schema_id}] = std::move(fresh);
}

DefinitionPtr SchemaCache::get_definition(std::int64_t struct_id, std::int64_t schema_id, std::string_view text) {
    return get(struct_id, schema_id, text).definition;
}

SchemaPtr SchemaCache::get_schema(std::int64_t struct_id, std::int64_t schema_id, std::string_view text,
                                  std::string_view joined_columns) {
    auto& known = get(struct_id, schema_id, text);
    if (known.schema && known.columns == joined_columns) return known.schema;
    auto record = std::make_shared<SchemaRecord>();
    record->struct_id = struct_id;
    record->schema_id = schema_id;
    record->definition = known.definition;
    record->canonical = std::make_shared<const StructDefinition>(schema::packed(*record->definition));
    record->definition_hash = schema::definition_hash(*record->definition);
    for (auto rest = joined_columns; !rest.empty();) {
        const auto to = std::min(rest.find(kColumnSeparator), rest.size());
        record->columns.emplace_back(rest.substr(0, to));
        rest.remove_prefix(std::min(to + 1, rest.size()));
    }
    if (!record->columns.empty() && record->columns.size() != record->definition->elements.size()) {
        throw Error(ErrorCode::Corrupt, {"schema version with other columns than elements",
                                         fmt::format("struct {}, schema {}", record->definition->name, schema_id),
                                         fmt::format("{} columns", record->definition->elements.size()),
                                         std::to_string(record->columns.size()), ""});
    }
    known.columns = joined_columns;
    known.schema = std::move(record);
    return known.schema;
}

}  // namespace etalon::store
