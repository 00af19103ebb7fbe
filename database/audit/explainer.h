#pragma once
/// Why an answer is as it is.

#include "etalon/explain.h"

namespace etalon::layers {
class LayerStack;
}

namespace etalon::database {

/// Database::explain.
[[nodiscard]] Explanation explain(layers::LayerStack& stack, std::string_view name, Position at,
                                  const FetchOptions& options, std::uint64_t limit);

}  // namespace etalon::database
