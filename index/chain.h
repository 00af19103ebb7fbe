#pragma once
/// Version chains: `sim,default` (first wins), `sim+default` (equal rank).

#include <string>
#include <string_view>
#include <vector>

namespace etalon::index {

/// Members by rank: ranks[0] is tried first; members of one rank are equal.
struct VersionChain {
    std::vector<std::vector<std::string>> ranks;
    friend bool operator==(const VersionChain&, const VersionChain&) = default;
};

/// Throws Error(BadInput) on an empty member, a repeated one, or one with white space, quotes or control characters.
/// Empty text is the chain `default`.
[[nodiscard]] VersionChain parse_chain(std::string_view text);

/// Throws Error(BadInput) when a name of one version is empty or has `,`, `+`, white space, quotes or control
/// characters.
void check_version_name(std::string_view version);

}  // namespace etalon::index
