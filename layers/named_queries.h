#pragma once
/// Named queries of a stack of layers.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/object.h"
#include "place/write_context.h"

namespace etalon::layers {

class LayerStack;

/// Database::queries: of each name what the topmost layer says that says anything.
[[nodiscard]] std::vector<NamedQuery> list_queries(LayerStack& stack, const std::optional<AsOf>& as_of);
/// Database::define_query, of one that was checked.
[[nodiscard]] std::int64_t define_query(LayerStack& stack, const NamedQuery& query, const place::WriteContext& context);
/// Database::retire_query.
[[nodiscard]] std::int64_t retire_query(LayerStack& stack, std::string_view name, const place::WriteContext& context);
/// Throws Error(Unknown) with the nearest name.
[[noreturn]] void throw_unknown_query(std::string_view name, const std::string& database,
                                      const std::vector<NamedQuery>& known);

}  // namespace etalon::layers
