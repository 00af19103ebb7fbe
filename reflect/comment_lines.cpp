#include "reflect/comment_lines.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace etalon::reflect {
namespace {

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}
bool is_word(char c) noexcept {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The next word of a text, which it loses: letters, digits, `_` and `::`.
std::string_view take_word(std::string_view& text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    std::size_t end = 0;
    while (end < text.size() && (is_word(text[end]) || text.substr(end, 2) == "::")) end += is_word(text[end]) ? 1 : 2;
    const auto word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

/// Behind `<...>`; unchanged when it does not close.
void skip_template(std::string_view& text) {
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '<') ++depth;
        if (text[i] == '>') --depth;
        if (depth != 0) continue;
        if (text[i] == '>') text.remove_prefix(i + 1);
        return;
    }
}

bool is_type_word(std::string_view word) {
    static constexpr std::array<std::string_view, 16> kTypes{
        "bool",     "char",   "short", "int",   "long",     "float", "double",  "signed",
        "unsigned", "struct", "enum",  "union", "volatile", "_Bool", "typedef", "wchar_t"};
    return std::find(kTypes.begin(), kTypes.end(), word) != kTypes.end() || word.ends_with("_t") ||
           word.find("::") != std::string_view::npos || word.starts_with("Float") || word.starts_with("Double") ||
           word.starts_with("Int_") || word.starts_with("UInt");
}

/// What a line of a comment looks like that was a declaration once.
struct Declared {
    bool matches = false;  ///< a type and names up to the end, perhaps with bounds and values
    bool is_sure = false;  ///< the type is one of the language
};

Declared match_declaration(std::string_view text) {
    Declared found;
    std::string_view rest = text;
    int words = 0;
    std::string_view before;
    for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
        if (word.front() >= '0' && word.front() <= '9') return {};
        if (words == 0 && (word == "const" || word == "static" || word == "mutable" || word == "volatile")) continue;
        const bool type = is_type_word(word);
        // `unsigned long x`, `struct S x`, `my_type x`: at most one word is no type, but for the name itself.
        if (words > 0 && !type && !is_type_word(before) && words > 1) return {};
        // `signed value`, `long name` may be prose.
        const bool adjective = word == "short" || word == "long" || word == "signed" || word == "unsigned";
        found.is_sure = found.is_sure || (type && !adjective && words < 2);
        before = word;
        ++words;
        // A tag belongs to its keyword.
        if (word == "struct" || word == "enum" || word == "union") (void)take_word(rest);
        while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
        if (!rest.empty() && rest.front() == '<') skip_template(rest);
        while (!rest.empty() && (is_blank(rest.front()) || rest.front() == '*' || rest.front() == '&'))
            rest.remove_prefix(1);
    }
    if (words < 2) return {};
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    // Bounds, values, more names, widths of bits, parameters; or nothing more.
    found.matches = rest.empty() || std::string_view("[=,:({").find(rest.front()) != std::string_view::npos;
    return found;
}

}  // namespace

std::vector<std::string> lines_of(std::string_view comment) {
    std::string_view body = comment;
    const bool block = body.starts_with("/*");
    if (block) {
        body.remove_prefix(2);
        if (body.ends_with("*/")) body.remove_suffix(2);
        while (!body.empty() && body.back() == '*') body.remove_suffix(1);
        while (!body.empty() && body.front() == '*') body.remove_prefix(1);
    } else {
        while (!body.empty() && body.front() == '/') body.remove_prefix(1);
    }
    if (body.starts_with("!")) body.remove_prefix(1);
    if (body.starts_with("<")) body.remove_prefix(1);

    std::vector<std::string> lines(1);
    bool line_start = false;
    bool pending = false;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const char c = body[i];
        // A backslash before a line end continues a `//` comment.
        const bool spliced = c == '\\' && i + 1 < body.size() && (body[i + 1] == '\n' || body[i + 1] == '\r');
        if (spliced || std::isspace(static_cast<unsigned char>(c)) != 0) {
            pending = !lines.back().empty();
            if (spliced) {
                i += body[i + 1] == '\r' && i + 2 < body.size() && body[i + 2] == '\n' ? 2 : 1;
            } else if (c == '\n') {
                line_start = true;
                pending = false;
                lines.emplace_back();
            }
            continue;
        }
        if (block && line_start && c == '*') continue;
        line_start = false;
        if (pending) lines.back() += ' ';
        pending = false;
        lines.back() += c;
    }
    return lines;
}

std::string folded(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) {
        if (!out.empty() && !line.empty()) out += ' ';
        out += line;
    }
    return out;
}

bool is_code(std::string_view line) {
    if (line.empty() || line.starts_with("limits:") || line.starts_with("key: ")) return false;
    static constexpr std::array<std::string_view, 9> kDirectives{"#define", "#if",     "#else", "#endif", "#include",
                                                                 "#undef",  "#pragma", "#elif", "#error"};
    if (std::any_of(kDirectives.begin(), kDirectives.end(),
                    [&](std::string_view word) { return line.starts_with(word); }))
        return true;
    if (line.starts_with("//") || line.starts_with("}") || line == "{") return true;
    const auto comment = std::min(line.find("//"), line.find("/*"));
    const bool has_comment = comment != std::string_view::npos && (comment == 0 || line[comment - 1] != ':');
    std::string_view code = has_comment ? line.substr(0, comment) : line;
    const auto end = code.find(';');
    const std::string_view statement = code.substr(0, std::min(end, code.size()));
    std::string_view behind = end == std::string_view::npos ? std::string_view() : code.substr(end + 1);
    while (!behind.empty() && is_blank(behind.front())) behind.remove_prefix(1);
    const bool ends = end != std::string_view::npos && behind.empty();
    std::string_view head = code;
    while (!head.empty() && is_blank(head.back())) head.remove_suffix(1);
    std::string_view words = code;
    const std::string_view opening = take_word(words);
    const bool is_type = opening == "struct" || opening == "enum" || opening == "union" || opening == "class" ||
                         opening == "typedef" || opening == "template";
    if (is_type && (head.ends_with('{') || (end != std::string_view::npos && code.find('{') != std::string_view::npos)))
        return true;
    const Declared declared = match_declaration(statement);
    if (declared.matches && !behind.empty() && is_code(line.substr(end + 1 + code.substr(end + 1).find(behind))))
        return true;
    if (declared.matches && (ends || (declared.is_sure && (end != std::string_view::npos || has_comment)))) return true;
    // `FIELD(float, len);`, `len = 0.1 * raw;`
    std::string_view rest = statement;
    const std::string_view word = take_word(rest);
    if (word.empty() || (word.front() >= '0' && word.front() <= '9') || word == "default") return false;
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    if (ends && rest.starts_with("(") && rest.ends_with(")")) return true;
    return end != std::string_view::npos && (ends || has_comment) && rest.starts_with("=");
}

std::vector<std::string> take_statements(std::vector<std::string>& lines) {
    const auto is_statement = [](std::string_view line) {
        if (line.starts_with("limits:")) return true;
        if (!line.starts_with("key:")) return false;
        line.remove_prefix(4);
        while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
        return !line.empty() && line.find_first_not_of("0123456789") == std::string_view::npos;
    };
    std::vector<std::string> statements;
    for (auto line = lines.begin(); line != lines.end();) {
        // `key: 1; limits: ...` are two.
        const auto semicolon = line->find(';');
        if (semicolon != std::string::npos && line->starts_with("key:") && is_statement(line->substr(0, semicolon))) {
            auto rest = line->substr(semicolon + 1);
            rest.erase(0, std::min(rest.find_first_not_of(" \t"), rest.size()));
            line->erase(semicolon);
            if (!rest.empty()) line = lines.insert(line + 1, std::move(rest)) - 1;
        }
        if (!is_statement(*line)) {
            ++line;
            continue;
        }
        auto statement = std::move(*line);
        line = lines.erase(line);
        while ((statement.ends_with(',') || statement.ends_with(';')) && line != lines.end() && !line->empty() &&
               !is_statement(*line)) {
            statement += ' ' + *line;
            line = lines.erase(line);
        }
        statements.push_back(std::move(statement));
    }
    return statements;
}

bool is_heading(std::string_view line) {
    for (const std::string_view mark : {"name ", "{", "}", "defgroup ", "addtogroup ", "file", "page "}) {
        if (line.size() > 1 && (line.front() == '@' || line.front() == '\\') && line.substr(1).starts_with(mark))
            return true;
    }
    return false;
}

std::string meaning_of(const std::vector<std::string>& lines) {
    std::string out;
    bool paragraph = false;
    for (const std::string& line : lines) {
        if (line.empty()) {
            paragraph = !out.empty();
            continue;
        }
        const char first = line.front();
        const bool starts =
            (first >= 'A' && first <= 'Z') || first == '@' || first == '\\' || first == '-' || first == '*';
        const bool open = out.ends_with(',') || out.ends_with('/') || out.ends_with('-');
        if (!out.empty()) out += paragraph || (starts && !open) ? '\n' : ' ';
        paragraph = false;
        out += line;
    }
    return out;
}

}  // namespace etalon::reflect
