#pragma once
/// Why an answer is as it is. Callers hold the stack's mutex.

#include "etalon/explain.h"

namespace etalon::layers {
class LayerStack;
}

namespace etalon::database {

/// Database::explain.
[[nodiscard]] Explanation explain(layers::LayerStack& stack, std::string_view name, Position at,
                                  const FetchOptions& options, std::uint64_t limit);

}  // namespace etalon::database
