#pragma once
/// Passwords that stand in text. Text that may hold a URL goes through here before it becomes an error, a line of a log
/// or part of a commit; Error does it by itself.

#include <string>
#include <string_view>

namespace etalon {

/// The text with `***` in place of what may be a password: of URLs, also malformed ones (`postgresql://bob:x@host/db`,
/// `postgresql:bob:x`, `postgres//bob:x@host`, `bob:x@host`, a port that is no number), and of `password = 'x'`,
/// `passwd=x`, `PGPASSWORD=x` and their kind. Rather too much is taken out than too little. Linear in the length; done
/// twice it is the same.
[[nodiscard]] std::string without_passwords(std::string_view text);

/// What may be shown of an argument that should say where a database is and does not: as it is when nothing in it can
/// be a password, else its beginning and `***`.
[[nodiscard]] std::string shown_place(std::string_view text);

/// The text with `instead` in place of each part between two `quote`s, quotes included; one that is not closed reaches
/// to the end: for words of a library that may quote what it was given.
[[nodiscard]] std::string without_quoted(std::string_view text, char quote, std::string_view instead);

}  // namespace etalon
