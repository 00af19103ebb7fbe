#pragma once
/// Reads of some members (FetchOptions::fields).

#include <string_view>

#include "etalon/answer.h"
#include "etalon/request.h"
#include "layers/stack.h"

namespace etalon::layers {

/// The answer of one reference in a layout of the members that are asked for: those of `asked`, or, when that is null,
/// of the schema version that the options name, or the newest (as of an older snapshot: that of the rows). Throws
/// Error(Unknown) for a member that is not there, and as LayerStack::read.
[[nodiscard]] Answer read_fields(LayerStack& stack, std::string_view wanted, Position at, const FetchOptions& options,
                                 const DefinitionPtr& asked, const LayerCommits& commits);

}  // namespace etalon::layers
