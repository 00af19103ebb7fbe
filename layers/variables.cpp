#include "layers/variables.h"

#include <cstdlib>
#include <utility>

#include "etalon/error.h"

namespace etalon::layers {
namespace {

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name(std::string_view text) noexcept {
    if (text.empty() || !is_letter(text.front())) return false;
    for (const char c : text) {
        if (!is_letter(c) && (c < '0' || c > '9')) return false;
    }
    return true;
}

/// Takes the name of a variable that stands behind a dollar, with its braces; empty when there is none.
std::string_view take_name(std::string_view& rest) noexcept {
    if (rest.starts_with('{')) {
        const auto close = rest.find('}');
        if (close == std::string_view::npos || !is_name(rest.substr(1, close - 1))) return {};
        const auto name = rest.substr(1, close - 1);
        rest.remove_prefix(close + 1);
        return name;
    }
    std::size_t length = 0;
    while (length < rest.size() && is_name(rest.substr(0, length + 1))) ++length;
    const auto name = rest.substr(0, length);
    rest.remove_prefix(length);
    return name;
}

}  // namespace

std::string expand_variables(std::string_view text, std::string_view where) {
    const auto error = [&](std::string what, std::string expected, std::string advice) {
        return Error(ErrorCode::BadInput,
                     {std::move(what), std::string(where), std::move(expected), std::string(text), std::move(advice)});
    };
    std::string out;
    std::string_view rest = text;
    for (;;) {
        const auto dollar = rest.find('$');
        out += rest.substr(0, dollar);
        if (dollar == std::string_view::npos) return out;
        rest.remove_prefix(dollar + 1);
        if (rest.starts_with('$')) {
            out += '$';
            rest.remove_prefix(1);
            continue;
        }
        const std::string name(take_name(rest));
        if (name.empty())
            throw error("a $ that begins no variable", "$NAME or ${NAME}", "a dollar itself is written $$");
        const char* const value = std::getenv(name.c_str());
        if (value == nullptr) {
            throw error("the variable " + name + " is not set", "a value in the environment",
                        "set " + name + ", or write $$ for a dollar");
        }
        out += value;
    }
}

}  // namespace etalon::layers
