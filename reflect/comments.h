#pragma once
/// Decides which comment of a struct belongs to which member, from positions in the source text alone.

#include <string>
#include <string_view>
#include <vector>

#include "reflect/records.h"

namespace etalon::reflect {

/// A comment of a member or struct, without its marks. Lines that are code (`//float len; // [km]`), and what belongs
/// to them, are left out.
struct Comment {
    std::string text;     ///< on one line
    std::string meaning;  ///< `text` with a line end where a sentence or paragraph ends with a line
    bool beside = false;  ///< not above
    /// Stands between two declarators of a line (`float a, /* [V] */ b;`) and may be about either.
    bool unclear = false;
    std::vector<std::string> statements = {};  ///< `key: 1`, `limits: ...`; in neither text
};
using CommentList = std::vector<Comment>;

/// One list per field of the record, in order of the text. A comment belongs to a member when it stands
/// - inside its declaration, or behind it on its own line (behind `a, b;` to both, but for those that have one of their
///   own: in `float a, /* [V] */ b; /* [A] */` the first is of a),
/// - on lines that continue such a comment, indented deeper than the member, or marked `<` (`///<`),
/// - directly above it, without an empty line or commented-out code between.
[[nodiscard]] std::vector<CommentList> find_field_comments(const RawUnit& unit, const RawRecord& record);

/// What stands directly above a struct, behind its opening brace and behind its end.
[[nodiscard]] CommentList find_record_comments(const RawUnit& unit, const RawRecord& record);

/// The text of a comment without `//`, `/*`, `*/`, leading stars and document marks, white space folded to one blank.
[[nodiscard]] std::string strip_marks(std::string_view comment);

/// The text of a declaration on one line: comments left out, white space folded, bodies shortened to `{ ... }`.
[[nodiscard]] std::string declaration_text(const RawFile& file, const SourceSpan& span);

/// The texts joined by a blank.
[[nodiscard]] std::string join(const CommentList& comments);

}  // namespace etalon::reflect
