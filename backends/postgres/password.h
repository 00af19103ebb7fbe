#pragma once
/// Passwords never reach a message.

#include <string>
#include <string_view>
#include <vector>

namespace etalon::backends::postgres {

/// The passwords that stand in a URL, as written and percent-decoded; longest first.
[[nodiscard]] std::vector<std::string> passwords_in(std::string_view url);

/// `text` with each password of `url` replaced by `***`, and of one that should be escaped also its parts, as libpq may
/// have cut it.
[[nodiscard]] std::string hide_passwords(std::string text, std::string_view url);

/// What libpq says of a URL: without the passwords, and of a malformed URL without anything that it quotes.
[[nodiscard]] std::string without_secrets(std::string message, std::string_view url);

}  // namespace etalon::backends::postgres
