#pragma once
/// A name in the layers of a stack: which know it, and which of several layouts is the newest.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "backends/port.h"
#include "layers/stack.h"
#include "place/place.h"

namespace etalon::layers {

/// A transaction of each layer.
using Transactions = std::vector<std::unique_ptr<backends::Transaction>>;

/// The name in each layer as of the commits; null: unknown there. Throws Error(Unknown) with the nearest names when no
/// layer knows it, Error(Refused) when two disagree on its struct or axis.
[[nodiscard]] std::vector<place::NamePtr> find_entries(LayerStack& stack, const Transactions& transactions,
                                                       const std::string& name, const LayerCommits& commits);
/// The lowest layer that knows the name; one does.
[[nodiscard]] std::size_t lowest_of(const std::vector<place::NamePtr>& entries) noexcept;

/// The newest of layouts of a struct, as the lowest layer counts them; one that it does not know is newer, and counted
/// by the lowest layer that does. Null of none.
[[nodiscard]] DefinitionPtr newest_layout(LayerStack& stack, const Transactions& transactions,
                                          const std::vector<place::NamePtr>& entries,
                                          const std::vector<DefinitionPtr>& layouts);

}  // namespace etalon::layers
