#pragma once
/// What a refusal says: one reason and one way out per kind of declaration that cannot be stored.

#include <string>
#include <string_view>

namespace etalon::reflect {

/// Reason and advice for a kind key (`pointer`, `union`, ...); a general sentence for an unknown key.
[[nodiscard]] std::string reason_for(std::string_view kind);

}  // namespace etalon::reflect
