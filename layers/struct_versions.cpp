#include "layers/struct_versions.h"

#include <algorithm>
#include <utility>

#include "place/registrar.h"
#include "schema/definition.h"

namespace etalon::layers {

bool has_layout(const place::StructEntry& of_struct, const StructDefinition& layout) {
    const auto hash = schema::definition_hash(layout);
    return std::any_of(of_struct.schemas.begin(), of_struct.schemas.end(), [&](const auto& schema) {
        return schema->definition.get() == &layout || schema->definition_hash == hash;
    });
}

std::vector<DefinitionPtr> definitions_in(place::Place& place, backends::Transaction& tx, std::string_view struct_name,
                                          std::int64_t& current) {
    std::vector<DefinitionPtr> definitions;
    const auto entry = place.find_struct(tx, struct_name);
    if (!entry) return definitions;
    for (const auto& schema : entry->schemas) {
        if (schema->schema_id == entry->record.last_schema) current = static_cast<std::int64_t>(definitions.size());
        definitions.push_back(schema->definition);
    }
    return definitions;
}

void register_versions(place::Place& place, const std::vector<DefinitionPtr>& definitions, std::int64_t current,
                       const place::WriteContext& context, std::vector<RulesFile> rules) {
    RegisterOptions options;
    options.rules = std::move(rules);
    const auto record = [&](const StructDefinition& definition) {
        (void)place::register_definitions(place, {&definition, 1}, options, place::Registering::TakenOver, context);
    };
    for (const auto& definition : definitions) record(*definition);
    if (current < 0) return;
    options.make_current = true;
    record(*definitions[static_cast<std::size_t>(current)]);
}

}  // namespace etalon::layers
