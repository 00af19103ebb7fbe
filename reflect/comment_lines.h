#pragma once
/// The lines of a comment, and which of them are code. Pure functions over text.

#include <string>
#include <string_view>
#include <vector>

namespace etalon::reflect {

/// The lines of a comment without its marks (`//`, `/*`, leading stars, document marks), blanks folded, lines that a
/// backslash continues joined; one at least, empty ones too.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view comment);

/// The lines on one line.
[[nodiscard]] std::string folded(const std::vector<std::string>& lines);

/// The lines with a line end where one begins a new sentence or paragraph, else with blanks.
[[nodiscard]] std::string meaning_of(const std::vector<std::string>& lines);

/// True for a line that is commented-out code: a directive, a declaration or assignment that ends with `;` or has a
/// comment of its own, a use of a macro, a brace.
[[nodiscard]] bool is_code(std::string_view line);

/// Takes the lines that begin with `limits:`, or with `key:` and a number and nothing else, out of the lines of a
/// comment, and returns them on one line each: a line that ends with `,` or `;` goes on in the next one.
[[nodiscard]] std::vector<std::string> take_statements(std::vector<std::string>& lines);

/// `@name Positions`, `@{`: what Doxygen puts above a group of members, of which none is meant alone.
[[nodiscard]] bool is_heading(std::string_view line);

}  // namespace etalon::reflect
