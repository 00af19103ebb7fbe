#include "reflect/comments.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <optional>

#include "reflect/comment_lines.h"

namespace etalon::reflect {
namespace {

using Offset = std::uint32_t;

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}
bool is_word(char c) noexcept {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Neighbouring `//` lines, or one block comment.
struct CommentGroup {
    Offset begin = 0;
    Offset end = 0;
    bool line_style = false;
    bool points_back = false;        ///< `///<`
    std::vector<std::string> lines;  ///< without marks; empty ones too

    void append(std::vector<std::string> more) {
        lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    [[nodiscard]] bool has_code() const { return std::any_of(lines.begin(), lines.end(), is_code); }
};

bool points_back(std::string_view comment) noexcept {
    for (const std::string_view mark : {"///<", "//!<", "/**<", "/*!<", "//<", "/*<"}) {
        if (comment.starts_with(mark)) return true;
    }
    return false;
}

/// Questions about positions of one file.
class Text {
public:
    explicit Text(const RawFile& file) : file_(file), text_(file.text) {}

    [[nodiscard]] std::string_view slice(Offset begin, Offset end) const {
        return std::string_view(text_).substr(begin, end - begin);
    }
    [[nodiscard]] bool same_line(Offset a, Offset b) const { return newlines(std::min(a, b), std::max(a, b)) == 0; }
    [[nodiscard]] std::size_t newlines(Offset begin, Offset end) const {
        return static_cast<std::size_t>(std::count(text_.begin() + begin, text_.begin() + end, '\n'));
    }
    /// Column as an editor shows it, tabs to multiples of eight.
    [[nodiscard]] std::size_t column(Offset at) const {
        std::size_t column = 0;
        for (Offset i = line_begin(at); i < at; ++i) column = text_[i] == '\t' ? (column / 8 + 1) * 8 : column + 1;
        return column;
    }
    [[nodiscard]] std::size_t indentation(Offset at) const {
        Offset i = line_begin(at);
        while (i < text_.size() && is_blank(text_[i])) ++i;
        return column(i);
    }
    [[nodiscard]] bool first_on_line(Offset at) const {
        for (Offset i = line_begin(at); i < at; ++i) {
            if (!is_blank(text_[i])) return false;
        }
        return true;
    }
    /// True when nothing but blanks and further comments stands behind `at` on its line.
    [[nodiscard]] bool last_on_line(Offset at) const {
        while (at < text_.size() && text_[at] != '\n') {
            if (const Offset behind = skip_comment(at); behind != at) {
                if (!same_line(at, behind)) return true;
                at = behind;
            } else if (is_blank(text_[at])) {
                ++at;
            } else {
                return false;
            }
        }
        return true;
    }
    /// Behind the comment that begins at `at`, else `at`.
    [[nodiscard]] Offset skip_comment(Offset at) const {
        const auto& all = file_.comments;
        const auto found = std::lower_bound(all.begin(), all.end(), std::pair<Offset, Offset>(at, 0));
        return found != all.end() && found->first == at ? std::max(found->second, at + 1) : at;
    }
    /// Behind white space and comments, not past `limit`.
    [[nodiscard]] Offset skip_space(Offset at, Offset limit) const {
        while (at < limit) {
            if (const Offset behind = skip_comment(at); behind != at) {
                at = behind;
            } else if (std::isspace(static_cast<unsigned char>(text_[at])) != 0) {
                ++at;
            } else {
                break;
            }
        }
        return std::min(at, limit);
    }
    [[nodiscard]] bool only_space(Offset begin, Offset end) const { return skip_space(begin, end) >= end; }

    /// Like only_space, but what may lead a declaration is skipped too: attributes, `typedef`, `const`, `alignas(8)`.
    [[nodiscard]] bool only_lead(Offset begin, Offset end) const {
        static constexpr std::array<std::string_view, 11> kLead{
            "typedef", "const",    "volatile",      "extern",        "static",     "mutable",
            "alignas", "_Alignas", "__extension__", "__attribute__", "__attribute"};
        for (Offset at = skip_space(begin, end); at < end; at = skip_space(at, end)) {
            if (text_[at] == '[' || text_[at] == '(') {
                at = skip_nested(at, end);
                continue;
            }
            Offset behind = at;
            while (behind < end && is_word(text_[behind])) ++behind;
            if (std::find(kLead.begin(), kLead.end(), slice(at, behind)) == kLead.end()) return false;
            at = behind;
        }
        return true;
    }

    /// The `;` or `,` that ends the declarator whose text ends at `at` (or `limit`).
    [[nodiscard]] Offset find_terminator(Offset at, Offset limit) const {
        for (at = skip_space(at, limit); at < limit; at = skip_space(at, limit)) {
            const char c = text_[at];
            if (c == ';' || c == ',') return at;
            if (c == '(' || c == '[' || c == '{') {
                at = skip_nested(at, limit);
            } else if (c == '"' || c == '\'') {
                at = skip_quoted(at, limit);
            } else {
                ++at;
            }
        }
        return limit;
    }

    /// Appends the `{...}` parts of a declaration.
    void find_bodies(const SourceSpan& span, std::vector<SourceSpan>& bodies) const {
        for (Offset at = skip_space(span.begin, span.end); at < span.end; at = skip_space(at, span.end)) {
            if (text_[at] == '{') {
                const Offset behind = skip_nested(at, span.end);
                bodies.push_back({span.file, at, behind});
                at = behind;
            } else if (text_[at] == '"' || text_[at] == '\'') {
                at = skip_quoted(at, span.end);
            } else {
                ++at;
            }
        }
    }

private:
    [[nodiscard]] Offset line_begin(Offset at) const {
        while (at > 0 && text_[at - 1] != '\n') --at;
        return at;
    }
    [[nodiscard]] Offset skip_quoted(Offset at, Offset limit) const {
        const char quote = text_[at++];
        while (at < limit && text_[at] != quote) at += text_[at] == '\\' ? 2 : 1;
        return std::min(at + 1, limit);
    }
    [[nodiscard]] Offset skip_nested(Offset at, Offset limit) const {
        int depth = 0;
        for (; at < limit; at = skip_space(at, limit)) {
            const char c = text_[at];
            if (c == '"' || c == '\'') {
                at = skip_quoted(at, limit);
                continue;
            }
            if (c == '(' || c == '[' || c == '{') ++depth;
            if (c == ')' || c == ']' || c == '}') --depth;
            ++at;
            if (depth == 0) return at;
        }
        return limit;
    }

    const RawFile& file_;
    const std::string& text_;
};

/// The comments of [begin, end) that are in none of `holes`, neighbouring `//` lines made one.
std::vector<CommentGroup> group_comments(const RawFile& file, const Text& text, Offset begin, Offset end,
                                         const std::vector<SourceSpan>& holes) {
    std::vector<CommentGroup> groups;
    auto it = std::lower_bound(file.comments.begin(), file.comments.end(), std::pair<Offset, Offset>(begin, 0));
    for (; it != file.comments.end() && it->second <= end; ++it) {
        const auto [from, to] = *it;
        const bool hidden = std::any_of(holes.begin(), holes.end(),
                                        [&](const SourceSpan& hole) { return from >= hole.begin && to <= hole.end; });
        if (hidden) continue;
        const std::string_view raw = text.slice(from, to);
        const bool line_style = raw.starts_with("//");
        if (!groups.empty()) {
            CommentGroup& last = groups.back();
            const bool next_line =
                text.newlines(last.end, from) <= 1 && text.only_space(last.end, from) && text.first_on_line(from);
            const bool beside = !text.first_on_line(last.begin);
            // Behind a member, a deeper comment goes on with the sentence; one at the member's own indentation is the
            // next's.
            const bool deeper = text.column(from) > text.indentation(last.begin);
            const bool lines = line_style && last.line_style && (!beside || deeper) &&
                               (points_back(raw) == last.points_back || !points_back(raw));
            const bool blocks = !line_style && !last.line_style && beside && deeper && text.last_on_line(to) &&
                                text.column(from) == text.column(last.begin);
            if (next_line && (lines || blocks)) {
                last.end = to;
                last.append(lines_of(raw));
                continue;
            }
        }
        groups.push_back({from, to, line_style, points_back(raw), lines_of(raw)});
    }
    return groups;
}

struct Slot {
    const RawField* field;
    Offset terminator;
};

class Assigner {
public:
    Assigner(const RawUnit& unit, const RawRecord& record)
        : record_(record), text_(unit.files[record.body.file]), lists_(record.fields.size()) {
        std::vector<SourceSpan> holes;
        for (const RawField& field : record.fields) {
            slots_.push_back({&field, text_.find_terminator(field.span.end, record.body.end)});
            // What stands in the body of a nested struct or enumeration is not about this member.
            if (field.span.file == record.body.file) text_.find_bodies(field.span, holes);
        }
        Offset begin = record.body.begin;
        while (begin < record.body.end && is_blank(unit.files[record.body.file].text[begin])) ++begin;
        const Offset behind = text_.skip_comment(begin);
        // A comment behind the opening brace is about the struct.
        if (behind == begin || !text_.last_on_line(behind))
            begin = record.body.begin;
        else
            begin = behind;
        groups_ = group_comments(unit.files[record.body.file], text_, begin, record.body.end, holes);
    }

    std::vector<CommentList> assign() {
        for (std::size_t i = 0; i < groups_.size(); ++i) assign(i);
        return std::move(lists_);
    }

private:
    enum class Place : std::uint8_t { Beside, Above, Unclear };

    /// Of a comment beside a member what stands before commented-out code, of one above it what stands behind.
    void give(std::size_t slot, const CommentGroup& group, Place place) {
        const auto& lines = group.lines;
        auto from = lines.begin();
        auto to = lines.end();
        if (place == Place::Above)
            from = std::find_if(lines.rbegin(), lines.rend(), is_code).base();
        else
            to = std::find_if(lines.begin(), lines.end(), is_code);
        std::vector<std::string> own(from, to);
        auto statements = take_statements(own);
        Comment comment{folded(own), meaning_of(own), place != Place::Above, place == Place::Unclear,
                        std::move(statements)};
        if (!comment.text.empty() || !comment.statements.empty()) lists_[slot].push_back(std::move(comment));
    }

    void assign(std::size_t index) {
        const CommentGroup& group = groups_[index];
        // What stands behind commented-out code on its line is about that.
        if (index > 0 && groups_[index - 1].has_code() && text_.same_line(groups_[index - 1].end, group.begin) &&
            text_.only_space(groups_[index - 1].end, group.begin)) {
            return;
        }
        std::optional<std::size_t> previous;
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            const Slot& slot = slots_[i];
            if (slot.field->span.file != record_.body.file) continue;
            if (slot.field->span.begin < group.begin && group.end <= slot.terminator) {
                // Inside the declaration; of several declarators the first that ends behind the comment.
                const bool of_several = previous && same_statement(*previous, i);
                if (!of_several || !text_.same_line(slots_[*previous].terminator, group.begin) ||
                    !follows_comma(*previous, group)) {
                    give(i, group, Place::Beside);
                } else if (text_.last_on_line(group.end) || has_comment_at_end(i)) {
                    give_back(*previous, group);
                } else {
                    // `float a, /* [V] */ b;`: how the first declarator has it tells, else nobody can.
                    give(i, group, leads(i) ? Place::Beside : Place::Unclear);
                }
                return;
            }
            if (slot.terminator < group.begin) previous = i;
        }
        const bool next_to_previous = previous && text_.only_space(slots_[*previous].terminator + 1, group.begin);
        if (next_to_previous && (group.points_back || text_.same_line(slots_[*previous].terminator, group.begin))) {
            give_back(*previous, group);
            return;
        }
        give_forward(index);
    }

    [[nodiscard]] bool same_statement(std::size_t a, std::size_t b) const {
        return slots_[a].field->span.begin == slots_[b].field->span.begin;
    }
    [[nodiscard]] std::size_t first_of_statement(std::size_t slot) const {
        while (slot > 0 && same_statement(slot - 1, slot)) --slot;
        return slot;
    }
    [[nodiscard]] std::size_t last_of_statement(std::size_t slot) const {
        while (slot + 1 < slots_.size() && same_statement(slot + 1, slot)) ++slot;
        return slot;
    }
    /// True when the comment is the first thing behind the comma of the declarator.
    [[nodiscard]] bool follows_comma(std::size_t slot, const CommentGroup& group) const {
        return text_.only_space(slots_[slot].terminator + 1, group.begin);
    }
    /// `float a, /* ... */ b; /* ... */`: the last declarator has its comment behind it, and so have the others.
    [[nodiscard]] bool has_comment_at_end(std::size_t slot) const {
        if (leads(slot)) return false;
        const Offset end = slots_[last_of_statement(slot)].terminator;
        return std::any_of(groups_.begin(), groups_.end(), [&](const CommentGroup& group) {
            return group.begin > end && text_.same_line(end, group.begin) && text_.only_space(end + 1, group.begin);
        });
    }
    /// `float /* ... */ a, /* ... */ b;`: the first declarator has its comment in front of its name.
    [[nodiscard]] bool leads(std::size_t slot) const {
        const Slot& first = slots_[first_of_statement(slot)];
        return std::any_of(groups_.begin(), groups_.end(), [&](const CommentGroup& group) {
            return group.begin > first.field->span.begin && group.end <= first.terminator &&
                   !text_.only_space(group.end, first.terminator);
        });
    }

    /// A comment behind `a, b;` speaks of all of them back to one that has its own, behind `a, b,` of those on its
    /// line.
    void give_back(std::size_t last, const CommentGroup& group) {
        const Offset end = slots_[last].terminator;
        const bool ends_statement = text_.slice(end, end + 1) == ";";
        for (std::size_t i = last; i-- > 0;) {
            if (!same_statement(i, last) || !(ends_statement || text_.same_line(slots_[i].terminator, end))) break;
            if (std::ranges::any_of(lists_[i], &Comment::beside)) break;
            give(i, group, Place::Beside);
        }
        give(last, group, Place::Beside);
    }

    /// Directly above a member: further comments may stand between, empty lines and commented-out code may not.
    void give_forward(std::size_t index) {
        const CommentGroup& group = groups_[index];
        if (std::ranges::any_of(group.lines, is_heading)) return;
        std::optional<std::size_t> next;
        for (std::size_t i = 0; i < slots_.size() && !next; ++i) {
            const SourceSpan& span = slots_[i].field->span;
            if (span.file == record_.body.file && span.begin >= group.end) next = i;
        }
        if (!next || !text_.only_lead(group.end, slots_[*next].field->span.begin)) return;
        // Behind something else on its line (`#define N 3 /* rows */`) it speaks of that.
        const Offset begin = slots_[*next].field->span.begin;
        if (!text_.first_on_line(group.begin) && !text_.same_line(group.end, begin)) return;
        Offset from = group.end;
        for (std::size_t i = index + 1; i < groups_.size() && groups_[i].begin < slots_[*next].field->span.begin; ++i) {
            if (text_.newlines(from, groups_[i].begin) > 1 || groups_[i].has_code()) return;
            from = groups_[i].end;
        }
        if (has_empty_line(from, slots_[*next].field->span.begin)) return;
        for (std::size_t i = *next; i < slots_.size() && same_statement(i, *next); ++i) give(i, group, Place::Above);
    }

    [[nodiscard]] bool has_empty_line(Offset begin, Offset end) const {
        bool blank_line = false;
        for (const char c : text_.slice(begin, end)) {
            if (c == '\n') {
                if (blank_line) return true;
                blank_line = true;
            } else if (!is_blank(c)) {
                blank_line = false;
            }
        }
        return false;
    }

    const RawRecord& record_;
    Text text_;
    std::vector<Slot> slots_;
    std::vector<CommentGroup> groups_;
    std::vector<CommentList> lists_;
};

}  // namespace

std::string strip_marks(std::string_view comment) {
    return folded(lines_of(comment));
}

std::string join(const CommentList& comments) {
    std::string out;
    for (const Comment& comment : comments) {
        if (!out.empty() && !comment.text.empty()) out += ' ';
        out += comment.text;
    }
    return out;
}

std::string declaration_text(const RawFile& file, const SourceSpan& span) {
    const Text text(file);
    std::string out;
    int depth = 0;
    bool pending = false;
    for (Offset at = span.begin; at < span.end;) {
        const Offset behind = text.skip_space(at, span.end);
        if (behind > at) {
            pending = !out.empty();
            at = behind;
            continue;
        }
        const char c = file.text[at++];
        if (c == '}' && depth > 0) --depth;
        if (depth == 0) {
            if (pending && !out.ends_with(' ')) out += ' ';
            out += c;
        }
        pending = false;
        if (c == '{' && depth++ == 0) out += " ... ";
    }
    return out;
}

std::vector<CommentList> find_field_comments(const RawUnit& unit, const RawRecord& record) {
    if (unit.files.empty() || record.body.end <= record.body.begin)
        return std::vector<CommentList>(record.fields.size());
    return Assigner(unit, record).assign();
}

CommentList find_record_comments(const RawUnit& unit, const RawRecord& record) {
    CommentList list;
    if (unit.files.empty() || record.span.end <= record.span.begin) return list;
    const RawFile& file = unit.files[record.span.file];
    const Text text(file);
    const auto size = static_cast<Offset>(file.text.size());

    // Above: walk up from the struct, as long as no empty line and no code comes between; then from the macro that it
    // stands in.
    const auto above = [&](Offset lower) {
        const std::vector<CommentGroup> groups = group_comments(file, text, 0, lower, {});
        for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
            if (!text.only_lead(group->end, lower) || text.newlines(group->end, lower) > 1) break;
            if (!text.first_on_line(group->begin) || group->points_back || group->has_code()) break;
            list.insert(list.begin(), Comment{folded(group->lines), meaning_of(group->lines), false, false});
            lower = group->begin;
        }
    };
    above(record.span.begin);
    if (record.reach.file == record.span.file && record.reach.begin < record.span.begin) above(record.reach.begin);
    // A comment that opens the file is about the file, unless the struct follows it at once; both look alike: keep it.
    const auto beside = [&](Offset from, Offset limit) {
        Offset at = from;
        while (at < limit && is_blank(file.text[at])) ++at;
        const Offset behind = text.skip_comment(at);
        if (at < limit && behind != at && text.last_on_line(behind))
            list.push_back({strip_marks(text.slice(at, behind)), "", true, false});
    };
    if (record.body.end > record.body.begin) {
        beside(record.body.begin, record.body.end);
        const Offset end = text.find_terminator(record.body.end + 1, size);
        if (end < size && file.text[end] == ';') beside(end + 1, size);
    }
    std::erase_if(list, [](const Comment& comment) { return comment.text.empty(); });
    return list;
}

}  // namespace etalon::reflect
