#pragma once
/// Decides which comment of a struct belongs to which member, from positions in the source text alone.

#include <string>
#include <string_view>
#include <vector>

#include "reflect/records.h"

namespace etalon::reflect {

/// The comments of one member or struct, each without its marks and on one line, those above first.
using CommentList = std::vector<std::string>;

/// One list per field of the record. A comment belongs to a member when it stands
/// - inside its declaration, or behind it on its own line (behind `a, b;` to both),
/// - on lines that continue such a comment, indented deeper than the member, or marked `<` (`///<`),
/// - directly above it, without an empty line between.
[[nodiscard]] std::vector<CommentList> find_field_comments(const RawUnit& unit, const RawRecord& record);

/// What stands directly above a struct, behind its opening brace and behind its end.
[[nodiscard]] CommentList find_record_comments(const RawUnit& unit, const RawRecord& record);

/// The text of a comment without `//`, `/*`, `*/`, leading stars and document marks, white space folded to one blank.
[[nodiscard]] std::string strip_marks(std::string_view comment);

/// The text of a declaration on one line: comments left out, white space folded, bodies shortened to `{ ... }`.
[[nodiscard]] std::string declaration_text(const RawFile& file, const SourceSpan& span);

/// The comments joined by a blank.
[[nodiscard]] std::string join(const CommentList& comments);

}  // namespace etalon::reflect
