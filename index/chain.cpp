#include "index/chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/name_text.h"
#include "etalon/error.h"

namespace etalon::index {

void check_version_name(std::string_view version) {
    const auto bad = std::find_if(version.begin(), version.end(), [](unsigned char c) {
        return c <= 0x20 || c == 0x7f || c == ',' || c == '+' || c == '"' || c == '\'';
    });
    if (!version.empty() && bad == version.end()) return;
    throw Error(
        ErrorCode::BadInput,
        {"bad version name", fmt::format("'{}'", version), "a name without ',', '+', white space or quotes",
         version.empty() ? "nothing" : describe_character(version, static_cast<std::size_t>(bad - version.begin())),
         ""});
}

VersionChain parse_chain(std::string_view text) {
    VersionChain chain;
    if (text.empty()) text = "default";
    std::vector<std::string> seen;
    std::size_t from = 0;
    bool new_rank = true;
    while (true) {
        const auto to = std::min(text.find_first_of(",+", from), text.size());
        const std::string member(text.substr(from, to - from));
        try {
            check_version_name(member);
        } catch (const Error& error) {
            throw error.at(fmt::format("version chain '{}'", text))
                .advised("write members as 'sim,default' (first wins) or 'sim+default' (equal rank)")
                .as(ErrorCode::BadInput);
        }
        if (std::find(seen.begin(), seen.end(), member) != seen.end()) {
            throw Error(ErrorCode::BadInput, {"version named twice", fmt::format("version chain '{}'", text),
                                              "each member once", fmt::format("'{}' again", member), ""});
        }
        seen.push_back(member);
        if (new_rank) chain.ranks.emplace_back();
        chain.ranks.back().push_back(member);
        if (to == text.size()) return chain;
        new_rank = text[to] == ',';
        from = to + 1;
    }
}

}  // namespace etalon::index
