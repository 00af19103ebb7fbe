#include "backends/postgres/password.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "backends/postgres/connection.h"
#include "base/bytes.h"
#include "base/passwords.h"

namespace etalon::backends::postgres {
namespace {

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// Where passwords stand, as [begin, end) with what would have to go with them to leave a good URL.
struct Spot {
    std::size_t begin, end;          ///< the password itself
    std::size_t cut_begin, cut_end;  ///< with its `:` or `password=` and `&`
};

std::vector<Spot> find_passwords(std::string_view url) {
    std::vector<Spot> spots;
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return spots;
    const auto start = scheme + 3;
    // A slash or `?` in a password should be escaped; where it is not, the last '@' before the end still bounds it.
    const auto query = url.find('?', start);
    auto at = url.substr(0, url.find('/', start)).rfind('@');
    if (at == std::string_view::npos || at < start) at = url.substr(0, query).rfind('@');
    if (at != std::string_view::npos && at >= start) {
        const auto colon = url.find(':', start);
        if (colon < at) spots.push_back({colon + 1, at, colon, at});
    }
    std::size_t i = query;
    while (i != std::string_view::npos && i < url.size()) {
        const auto name = i + 1;
        const auto end = std::min(url.find_first_of("&#", name), url.size());
        const auto equal = url.find('=', name);
        if (equal < end) {
            const auto key = percent_decoded(url.substr(name, equal - name));
            if (key == "password" || key == "sslpassword") {
                // `?password=x&rest` keeps its `?`; `&password=x` goes with its `&`.
                const bool first = url[i] == '?';
                const bool more = end < url.size() && url[end] == '&';
                spots.push_back({equal + 1, end, first && more ? name : i, first && more ? end + 1 : end});
            }
        }
        i = end < url.size() && url[end] == '&' ? end : std::string_view::npos;
    }
    return spots;
}

}  // namespace

std::vector<std::string> passwords_in(std::string_view url) {
    std::vector<std::string> passwords;
    for (const auto& spot : find_passwords(url)) {
        const auto raw = url.substr(spot.begin, spot.end - spot.begin);
        if (raw.empty()) continue;
        passwords.emplace_back(raw);
        passwords.push_back(percent_decoded(raw));
    }
    std::ranges::sort(passwords, [](const auto& a, const auto& b) { return a.size() > b.size(); });
    return passwords;
}

std::string hide_passwords(std::string text, std::string_view url) {
    auto hidden = passwords_in(url);
    const auto whole = hidden.size();
    for (std::size_t i = 0; i < whole; ++i) {
        constexpr std::size_t kLeast = 3;  // a shorter part says nothing, and stands everywhere
        const auto password = hidden[i];
        std::string_view rest = password;
        for (auto end = rest.find_first_of("/?#@:"); end != std::string_view::npos; end = rest.find_first_of("/?#@:")) {
            if (end >= kLeast) hidden.emplace_back(rest.substr(0, end));
            rest.remove_prefix(end + 1);
            if (rest.size() >= kLeast) hidden.emplace_back(rest);
        }
    }
    for (const auto& password : hidden) {
        for (auto at = text.find(password); at != std::string::npos; at = text.find(password, at + 3)) {
            text.replace(at, password.size(), "***");
        }
    }
    return text;
}

namespace {

bool is_number(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// True when libpq reads the URL, and finds no password, or what may be a part of one, but where passwords stand.
bool is_sound(std::string_view url) {
    const std::string target(url.substr(0, url.find('#')));
    char* problem = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(target.c_str(), &problem), &PQconninfoFree);
    if (problem != nullptr) PQfreemem(problem);
    if (!options) return false;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        const std::string_view key = option->keyword;
        std::string_view value = option->val == nullptr ? "" : option->val;
        if ((key == "host" || key == "hostaddr") && value.find('@') != std::string_view::npos) return false;
        while (key == "port" && !value.empty()) {
            const auto comma = std::min(value.find(','), value.size());
            if (!is_number(value.substr(0, comma))) return false;
            value.remove_prefix(std::min(comma + 1, value.size()));
        }
    }
    return true;
}

std::string cut_passwords(std::string_view url) {
    std::string out(url);
    auto spots = find_passwords(url);
    for (auto spot = spots.rbegin(); spot != spots.rend(); ++spot)
        out.erase(spot->cut_begin, spot->cut_end - spot->cut_begin);
    // Of `?password=x&sslpassword=y` nothing but the `?` is left.
    if (const auto query = out.find('?');
        !spots.empty() && query != std::string::npos && (query + 1 == out.size() || out[query + 1] == '#')) {
        out.erase(query, 1);
    }
    return out;
}

}  // namespace

std::string without_password(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return shown_place(url);
    auto shown = cut_passwords(url);
    if (is_sound(shown)) return shown;
    return std::string(url.substr(0, scheme + 1)) + "***";
}

std::string without_secrets(std::string message, std::string_view url) {
    message = hide_passwords(std::move(message), url);
    if (is_sound(url)) return message;
    return without_quoted(message, '"', "\"...\"");
}

}  // namespace etalon::backends::postgres
