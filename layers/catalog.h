#pragma once
/// What is recorded in a stack of layers, as lists: structs, names, definitions, rules, records. See etalon/database.h
/// for what the calls mean.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "etalon/commit.h"
#include "etalon/definition.h"
#include "etalon/history.h"
#include "etalon/reference.h"
#include "etalon/registration.h"

namespace etalon::layers {

class LayerStack;

/// By name. Of several layers the lowest that knows a struct counts its versions.
[[nodiscard]] std::vector<StructInfo> list_structs(LayerStack& stack);
/// By name, with the records of all layers; the rest is that of the lowest layer that knows the name.
[[nodiscard]] std::vector<NameInfo> list_names(LayerStack& stack);
[[nodiscard]] std::optional<NameInfo> find_name(LayerStack& stack, std::string_view name);
/// Database::get_definition, get_definitions and get_rules. Throw Error(Unknown).
[[nodiscard]] DefinitionPtr get_definition(LayerStack& stack, std::string_view struct_name, std::int64_t schema);
[[nodiscard]] std::vector<DefinitionPtr> get_definitions(LayerStack& stack, std::string_view struct_name);
[[nodiscard]] std::vector<RulesFile> get_rules(LayerStack& stack, std::string_view struct_name);
/// Database::history.
[[nodiscard]] std::vector<HistoryRecord> list_history(LayerStack& stack, std::string_view name,
                                                      const HistoryOptions& options);
/// Database::log with options.
[[nodiscard]] std::vector<CommitRecord> list_log(LayerStack& stack, const LogOptions& options);

}  // namespace etalon::layers
