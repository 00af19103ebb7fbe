#include "base/passwords.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/bytes.h"

namespace etalon {
namespace {

constexpr std::string_view kHidden = "***";
constexpr auto kNone = std::string_view::npos;
/// What closes a sentence or the quotes around a text, and is no part of a password at its end.
constexpr std::string_view kClosers = "'\")]},;";

bool is_blank(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_letter(char c) noexcept {
    return lower(c) >= 'a' && lower(c) <= 'z';
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
/// Of a key such as `ssl_password` or `%70assword`.
bool is_of_key(char c) noexcept {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '%';
}

/// True for what names a secret: `password`, `sslpassword`, `PGPASSWORD`, `passwd`, `pwd`, ...
bool is_secret_key(std::string_view written) {
    std::string key;
    for (std::size_t i = 0; i < written.size(); ++i) {
        if (written[i] == '%' && i + 2 < written.size() && hex_digit(written[i + 1]) >= 0 &&
            hex_digit(written[i + 2]) >= 0) {
            key += lower(static_cast<char>(hex_digit(written[i + 1]) * 16 + hex_digit(written[i + 2])));
            i += 2;
        } else {
            key += lower(written[i]);
        }
    }
    constexpr std::array<std::string_view, 5> kEnds = {"password", "passwd", "passphrase", "passwort", "_pwd"};
    constexpr std::array<std::string_view, 4> kWhole = {"pass", "pwd", "pw", "secret"};
    return std::any_of(kEnds.begin(), kEnds.end(), [&](auto end) { return key.ends_with(end); }) ||
           std::find(kWhole.begin(), kWhole.end(), key) != kWhole.end();
}

/// The end of a value that begins at `from` (behind blanks), with its quotes.
std::size_t find_value_end(std::string_view text, std::size_t from) noexcept {
    if (from < text.size() && (text[from] == '\'' || text[from] == '"')) {
        for (std::size_t i = from + 1; i < text.size(); ++i) {
            if (text[i] == '\\') {
                ++i;
            } else if (text[i] == text[from]) {
                return i + 1;
            }
        }
        return text.size();
    }
    std::size_t end = from;
    while (end < text.size() && !is_blank(text[end])) {
        if (text[end] == '&') {
            // Of a query, when another key follows; else it may belong to the password.
            std::size_t key = end + 1;
            while (key < text.size() && is_of_key(text[key])) ++key;
            if (key > end + 1 && key < text.size() && text[key] == '=') break;
        }
        end += text[end] == '\\' && end + 1 < text.size() ? 2 : 1;
    }
    // What closes a sentence, or the quotes around all of it, is no part.
    while (end > from && kClosers.find(text[end - 1]) != kNone) --end;
    return std::min(end, text.size());
}

/// `password = 'x'` -> `password = ***`
std::string hide_values(std::string_view text) {
    std::string out;
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=' && text[i] != ':') continue;
        std::size_t key_end = i;
        while (key_end > done && is_blank(text[key_end - 1])) --key_end;
        const bool is_quoted = key_end > done && (text[key_end - 1] == '"' || text[key_end - 1] == '\'');
        if (is_quoted) --key_end;
        std::size_t key = key_end;
        while (key > done && is_of_key(text[key - 1])) --key;
        if (!is_secret_key(text.substr(key, key_end - key))) continue;
        std::size_t value = i + 1;
        while (value < text.size() && is_blank(text[value])) ++value;
        // `wrong password: repeat` is a sentence, `password::x` a name of C++.
        if (text[i] == ':' && !is_quoted && (value != i + 1 || (value < text.size() && text[value] == ':'))) continue;
        const auto end = find_value_end(text, value);
        if (end == value || text.substr(value, end - value) == kHidden) continue;
        out += text.substr(done, value - done);
        out += kHidden;
        done = end;
        i = end - 1;
    }
    out += text.substr(done);
    return out;
}

bool starts_with_any_case(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

/// Length of `postgresql`, `postgres`, `pgsql`, `pg` or `psql` at the start; 0 without.
std::size_t server_word(std::string_view text) noexcept {
    for (const std::string_view word : {"postgresql", "postgres", "postgre", "pgsql", "psql", "pg"}) {
        if (starts_with_any_case(text, word)) return word.size();
    }
    return 0;
}

/// True for `5432`, also for several hosts (`5432,other:5433`), and for nothing.
bool is_port(std::string_view text) noexcept {
    if (text == "port" || text == "PORT" || text == "port]") return true;  // as documentation writes it
    while (true) {
        const auto comma = text.find(',');
        const auto port = text.substr(0, comma);
        if (!std::all_of(port.begin(), port.end(), is_digit)) return false;
        if (comma == kNone) return true;
        text.remove_prefix(comma + 1);
        text.remove_prefix(std::min(text.find_first_of(":,"), text.size()));
        if (text.starts_with(':')) text.remove_prefix(1);
    }
}

/// A part of a word to hide; empty: nothing.
struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// `//` begins at `slashes`: the password of the authority behind it.
Part find_in_authority(std::string_view word, std::size_t slashes, bool is_url) noexcept {
    const auto start = slashes + 2;
    const auto end = std::min(word.find_first_of("/?#", start), word.size());
    const auto query = std::min(word.find('?', start), word.size());
    const auto colon = word.find(':', start);
    auto at = word.substr(0, end).rfind('@');
    if (at == kNone || at < start) at = kNone;
    if (colon == kNone) return {};
    if (at != kNone && colon < at) return {colon + 1, std::max(at, word.substr(0, query).rfind('@'))};
    if (at != kNone) {
        // user@host:port
        const auto port = word.substr(0, end).rfind(':');
        if (word.substr(at, end - at).find('[') != kNone || is_port(word.substr(port + 1, end - port - 1))) return {};
        return {port + 1, word.size()};
    }
    if (colon >= end || word.substr(start, end - start).starts_with('[')) return {};
    const bool port = is_port(word.substr(colon + 1, end - colon - 1));
    // A password may hold what should be escaped.
    const auto last = port ? word.substr(0, query).rfind('@') : word.rfind('@');
    if (last != kNone && last > colon) return {colon + 1, last};
    return port || !is_url ? Part{} : Part{colon + 1, word.size()};
}

/// What of a word, which has no blanks, may be a password.
Part find_in_word(std::string_view word) noexcept {
    const auto begin = std::min(word.find_first_not_of("'\"(["), word.size());
    const auto rest = word.substr(begin);
    const auto of_server = server_word(rest);
    if (const auto slashes = word.find("//", begin); slashes != kNone) {
        const bool is_url = (slashes > begin && word[slashes - 1] == ':') || of_server != 0;
        if (is_url || word.find('@') != kNone) return find_in_authority(word, slashes, is_url);
    }
    if (of_server != 0 && of_server < rest.size() && rest[of_server] == ':') {
        auto secret = begin + of_server + 1;
        while (secret < word.size() && word[secret] == '/') ++secret;
        if (word.substr(secret).find_first_not_of("'\")],;:.") == kNone) return {};
        return {secret, word.size()};
    }
    const auto at = word.rfind('@');
    if (at == kNone) return {};
    auto user = begin;
    for (const std::string_view scheme : {"sqlite:", "csv:", "memory:", "file:"}) {
        if (starts_with_any_case(rest, scheme)) user = begin + scheme.size();
    }
    const auto colon = word.find(':', user);
    return colon == kNone || colon >= at ? Part{} : Part{colon + 1, at};
}

/// Whether that part has been hidden before.
bool is_hidden(std::string_view word, Part part) noexcept {
    auto rest = word.substr(part.begin, part.end - part.begin);
    if (!rest.starts_with(kHidden)) return false;
    rest.remove_prefix(kHidden.size());
    return rest.find_first_not_of("'\")],;.") == kNone;
}

/// Passwords in URLs.
std::string hide_in_urls(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        if (is_blank(text[i])) {
            out += text[i++];
            continue;
        }
        std::size_t end = i;
        while (end < text.size() && !is_blank(text[end])) ++end;
        auto word = text.substr(i, end - i);
        auto hide = find_in_word(word);
        if (is_hidden(word, hide)) hide = {};
        // A blank in a password: it goes on up to the next `@`, unless another URL comes before.
        if (hide.end == word.size() && hide.begin < hide.end) {
            constexpr std::size_t kReach = 300;
            const auto rest = text.substr(end, kReach);
            const auto at = rest.substr(0, rest.find("//")).find('@');
            if (at != kNone) {
                end += at;
                word = text.substr(i, end - i);
                hide.end = word.size();
            }
            // Quotes and what closes a sentence stay.
            while (hide.end > hide.begin && kClosers.find(word[hide.end - 1]) != kNone) --hide.end;
        }
        out += word.substr(0, hide.begin);
        if (hide.begin < hide.end) out += kHidden;
        out += word.substr(hide.end);
        i = end;
    }
    return out;
}

}  // namespace

std::string without_passwords(std::string_view text) {
    if (text.find_first_of("=:@") == kNone) return std::string(text);
    return hide_in_urls(hide_values(text));
}

std::string shown_place(std::string_view text) {
    for (const std::string_view scheme : {"sqlite:", "csv:", "memory:", "file:"}) {
        if (!starts_with_any_case(text, scheme)) continue;
        // A path has blanks and signs of all kinds; one with `user:password@` is none.
        return without_passwords(text);
    }
    constexpr std::string_view kSigns = "@:=;&? \t\r\n";
    const auto sign = text.find_first_of(kSigns);
    if (sign == kNone) return std::string(text);
    if (text[sign] != ':' && text[sign] != '=') return std::string(kHidden);
    const bool is_harmless = server_word(text) == 0 && text.find_first_of(kSigns, sign + 1) == kNone;
    if (is_harmless && text[sign] == ':') return without_passwords(text);
    return std::string(text.substr(0, sign + 1)) + std::string(kHidden);
}

std::string without_quoted(std::string_view text, char quote, std::string_view instead) {
    std::string out;
    bool quoted = false;
    for (const char c : text) {
        if (c == quote) {
            quoted = !quoted;
            if (quoted) out += instead;
        } else if (!quoted) {
            out += c;
        }
    }
    return out;
}

}  // namespace etalon
