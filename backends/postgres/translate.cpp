#include "backends/postgres/translate.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace etalon::backends::postgres {
namespace {

/// The end of a quoted part, or of a comment, that begins at `at`; `at` itself when none begins there.
std::size_t skip_quoted(std::string_view sql, std::size_t at) {
    const auto behind = [&](std::size_t found, std::size_t length) {
        return found == std::string_view::npos ? sql.size() : found + length;
    };
    if (sql[at] == '\'' || sql[at] == '"') return behind(sql.find(sql[at], at + 1), 1);
    if (sql.substr(at, 2) == "--") return behind(sql.find('\n', at), 1);
    if (sql.substr(at, 2) == "/*") return behind(sql.find("*/", at + 2), 2);
    return at;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

Translated translate(std::string_view sql) {
    Translated out;
    out.text.reserve(sql.size());
    for (std::size_t i = 0; i < sql.size();) {
        if (const auto end = skip_quoted(sql, i); end > i) {
            out.text += sql.substr(i, end - i);
            i = end;
            continue;
        }
        if (sql[i] == '?' && i + 1 < sql.size() && is_digit(sql[i + 1])) {
            std::size_t number = 0;
            std::from_chars(sql.data() + i + 1, sql.data() + sql.size(), number);
            out.parameters = std::max(out.parameters, number);
            out.text += '$';
        } else {
            out.text += sql[i];
        }
        ++i;
    }
    return out;
}

bool looks_reading(std::string_view sql) {
    std::size_t i = 0;
    while (i < sql.size()) {
        if (std::isspace(static_cast<unsigned char>(sql[i])) != 0 || sql[i] == '(') {
            ++i;
        } else if (const auto end = skip_quoted(sql, i); end > i && sql[i] != '\'' && sql[i] != '"') {
            i = end;
        } else {
            break;
        }
    }
    std::string word;
    while (i < sql.size() && std::isalpha(static_cast<unsigned char>(sql[i])) != 0) {
        word += static_cast<char>(std::toupper(static_cast<unsigned char>(sql[i++])));
    }
    return word == "SELECT" || word == "WITH" || word == "VALUES" || word == "TABLE" || word == "SHOW" ||
           word == "EXPLAIN";
}

}  // namespace etalon::backends::postgres
