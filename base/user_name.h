#pragma once
/// Users of this machine.

#include <sys/types.h>

#include <optional>
#include <string>

namespace etalon {

/// The name of a user, or nothing when the machine knows none of that number. Thread-safe.
[[nodiscard]] std::optional<std::string> find_user_name(uid_t user);

}  // namespace etalon
