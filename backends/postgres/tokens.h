#pragma once
/// The words of our own SQL, as PostgreSQL cuts them (with standard_conforming_strings on).

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace etalon::backends::postgres {

enum class TokenKind : std::uint8_t {
    Word,       ///< a key word or a name without quotes
    Quoted,     ///< a name in double quotes
    Literal,    ///< text in single quotes (also E'...', B'...', X'...') or between dollar quotes
    Number,     ///< begins with a digit
    Parameter,  ///< `?1`
    Symbol,     ///< `::`, else one character
};

struct Token {
    TokenKind kind = TokenKind::Symbol;
    std::string_view text;  ///< as it stands in the statement, which it is a part of
    std::size_t at = 0;     ///< where it begins

    [[nodiscard]] bool is(std::string_view other) const noexcept { return text == other; }
    [[nodiscard]] bool is_name() const noexcept { return kind == TokenKind::Quoted || kind == TokenKind::Word; }
};

/// All but white space and comments, in order. What is not closed reaches to the end. The tokens look into `sql`.
[[nodiscard]] std::vector<Token> tokenize(std::string_view sql);

}  // namespace etalon::backends::postgres
