#pragma once
/// Database::verify. Callers hold the stack's mutex.

#include "etalon/verify.h"

namespace etalon::detail {
class StackImpl;
}

namespace etalon::database {

[[nodiscard]] VerifyReport verify(detail::StackImpl& stack, const VerifyOptions& options, const Progress& progress);

}  // namespace etalon::database
