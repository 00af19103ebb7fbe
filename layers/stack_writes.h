#pragma once
/// Writes to the layer of a stack that takes them, which first learns from the others what it needs. See
/// etalon/database.h for what the calls mean.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "etalon/commit.h"
#include "etalon/definition.h"
#include "etalon/history.h"
#include "etalon/reference.h"
#include "etalon/registration.h"
#include "etalon/tree.h"
#include "place/registrar.h"
#include "place/write_context.h"

namespace etalon::layers {

class LayerStack;

/// Database::register_structs without the counts. Versions go on counting where another layer has them. `applied`: see
/// place::register_definitions.
[[nodiscard]] RegisterReport register_structs(LayerStack& stack, std::span<const StructDefinition> definitions,
                                              const RegisterOptions& options, place::AppliedRules& applied);
/// Database::define_name.
[[nodiscard]] std::int64_t define_name(LayerStack& stack, const NameSpec& spec, const place::WriteContext& context);
/// Database::commit. What is refused leaves nothing behind, nor what the layer would have learnt first.
[[nodiscard]] CommitResult commit(LayerStack& stack, std::span<const PutRecord> records,
                                  std::span<const NameSpec> names, const place::WriteContext& context);
/// Database::preview.
[[nodiscard]] std::vector<PutEffect> preview(LayerStack& stack, std::span<const PutRecord> records,
                                             std::span<const NameSpec> names, const place::WriteContext& context);
/// Database::retire; the rules of evolution of the context do not count: the stack knows them.
[[nodiscard]] RetireReport retire(LayerStack& stack, std::string_view name, const HistoryOptions& which, bool several,
                                  const place::WriteContext& context);
/// Database::add_nodes.
[[nodiscard]] std::int64_t add_nodes(LayerStack& stack, std::span<const NodeSpec> nodes,
                                     const place::WriteContext& context, OnExisting on_existing);

}  // namespace etalon::layers
