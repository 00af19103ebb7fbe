#include "backends/postgres/translate.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "backends/port.h"
#include "backends/postgres/qualify.h"
#include "backends/postgres/tokens.h"

namespace etalon::backends::postgres {

Translated translate(std::string_view sql, std::string_view schema) {
    const auto tokens = tokenize(sql);
    const auto marks = find_marks(tokens);
    const auto ours = quote_identifier(schema) + '.';
    Translated out;
    out.text.reserve(sql.size() + marks.size() * ours.size());
    std::size_t copied = 0;  // what stands before it is in the text
    const auto copy_to = [&](std::size_t end) {
        out.text += sql.substr(copied, end - copied);
        copied = end;
    };
    auto mark = marks.begin();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto& token = tokens[i];
        if (token.kind == TokenKind::Parameter) {
            std::size_t number = 0;
            std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
            out.parameters = std::max(out.parameters, number);
            copy_to(token.at);
            out.text += '$';
            ++copied;
        }
        if (mark == marks.end() || mark->token != i) continue;
        copy_to(token.at);
        if (mark->kind == Mark::Kind::PlacesSchema) {
            out.text += escape_literal(schema) + "::pg_catalog.name";
            const bool called = i + 2 < tokens.size() && tokens[i + 1].is("(") && tokens[i + 2].is(")");
            copied = called ? tokens[i + 2].at + 1 : token.at + token.text.size();
        } else {
            out.text += mark->kind == Mark::Kind::Ours ? std::string_view(ours) : "pg_catalog.";
        }
        ++mark;
    }
    copy_to(sql.size());
    return out;
}

std::string escape_literal(std::string_view text) {
    const auto quoted = quote_literal(text);
    if (text.find('\\') == std::string_view::npos) return quoted;
    std::string out = "E";
    for (const char c : quoted) {
        if (c == '\\') out += c;
        out += c;
    }
    return out;
}

bool looks_reading(std::string_view sql) {
    constexpr std::array<std::string_view, 6> kReading{"SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN"};
    const auto tokens = tokenize(sql);
    const auto first = std::ranges::find_if(tokens, [](const Token& token) { return !token.is("("); });
    if (first == tokens.end()) return false;
    std::string word(first->text);
    for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return std::ranges::find(kReading, word) != kReading.end();
}

}  // namespace etalon::backends::postgres
