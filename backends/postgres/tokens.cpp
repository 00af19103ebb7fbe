#include "backends/postgres/tokens.h"

#include <algorithm>
#include <utility>

namespace etalon::backends::postgres {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool starts_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

/// Behind the first `end` at or after `from`, or the end of the text.
std::size_t behind(std::string_view sql, std::string_view end, std::size_t from) {
    const auto found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
}

/// The end of the word at `at`.
std::size_t end_of_word(std::string_view sql, std::size_t at) {
    while (at < sql.size() && (starts_word(sql[at]) || is_digit(sql[at]) || sql[at] == '$')) ++at;
    return at;
}

/// The end of a comment at `at`; `at` itself when none begins there. Comments nest.
std::size_t end_of_comment(std::string_view sql, std::size_t at) {
    if (sql.substr(at, 2) == "--") return behind(sql, "\n", at);
    if (sql.substr(at, 2) != "/*") return at;
    std::size_t depth = 1;
    at += 2;
    while (at < sql.size() && depth != 0) {
        const auto pair = sql.substr(at, 2);
        if (pair == "/*") ++depth;
        if (pair == "*/") --depth;
        at += pair == "/*" || pair == "*/" ? 2 : 1;
    }
    return at;
}

/// The end of quoted text whose quote stands at `at`; a doubled quote belongs to it, and with `escapes` what follows a
/// backslash.
std::size_t end_of_quoted(std::string_view sql, std::size_t at, bool escapes) {
    const char quote = sql[at++];
    while (at < sql.size()) {
        if (escapes && sql[at] == '\\') {
            at += 2;
        } else if (sql[at] != quote) {
            ++at;
        } else if (at + 1 < sql.size() && sql[at + 1] == quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    return sql.size();
}

/// The end of text between dollar quotes that begins at `at`; `at` itself when none begins there.
std::size_t end_of_dollar_quoted(std::string_view sql, std::size_t at) {
    auto end = at + 1;
    while (end < sql.size() && (starts_word(sql[end]) || (end > at + 1 && is_digit(sql[end])))) ++end;
    if (end >= sql.size() || sql[end] != '$') return at;
    return behind(sql, sql.substr(at, end + 1 - at), end + 1);
}

/// Kind and end of the token at `at`, where no white space and no comment is.
std::pair<TokenKind, std::size_t> next_token(std::string_view sql, std::size_t at) {
    const char c = sql[at];
    const char next = at + 1 < sql.size() ? sql[at + 1] : '\0';
    if (c == '\'') return {TokenKind::Literal, end_of_quoted(sql, at, false)};
    if (c == '"') return {TokenKind::Quoted, end_of_quoted(sql, at, false)};
    if (next == '\'' && std::string_view("EeBbXx").find(c) != std::string_view::npos) {
        return {TokenKind::Literal, end_of_quoted(sql, at + 1, c == 'E' || c == 'e')};
    }
    if (starts_word(c)) return {TokenKind::Word, end_of_word(sql, at)};
    if (is_digit(c)) {
        auto end = at;
        while (end < sql.size() && (is_digit(sql[end]) || starts_word(sql[end]) || sql[end] == '.')) ++end;
        return {TokenKind::Number, end};
    }
    if (c == '?' && is_digit(next)) {
        auto end = at + 1;
        while (end < sql.size() && is_digit(sql[end])) ++end;
        return {TokenKind::Parameter, end};
    }
    if (c == '$') {
        if (const auto end = end_of_dollar_quoted(sql, at); end > at) return {TokenKind::Literal, end};
    }
    return {TokenKind::Symbol, at + (c == ':' && next == ':' ? 2U : 1U)};
}

}  // namespace

std::vector<Token> tokenize(std::string_view sql) {
    std::vector<Token> tokens;
    for (std::size_t at = 0; at < sql.size();) {
        if (is_space(sql[at])) {
            ++at;
        } else if (const auto comment = end_of_comment(sql, at); comment > at) {
            at = comment;
        } else {
            const auto [kind, end] = next_token(sql, at);
            tokens.push_back({kind, sql.substr(at, end - at), at});
            at = std::min(end, sql.size());
        }
    }
    return tokens;
}

}  // namespace etalon::backends::postgres
