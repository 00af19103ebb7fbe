#pragma once
/// Database::verify.

#include "etalon/progress.h"
#include "etalon/verify.h"

namespace etalon::layers {
class LayerStack;
}

namespace etalon::database {

[[nodiscard]] VerifyReport verify(layers::LayerStack& stack, const VerifyOptions& options, const Progress& progress);

}  // namespace etalon::database
