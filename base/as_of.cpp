// The text form of a point in the history of a database.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "base/number_text.h"
#include "etalon/error.h"
#include "etalon/request.h"

namespace etalon {

AsOf parse_as_of(std::string_view text) {
    // Names of snapshots begin with a letter (set_snapshot), no time does but infinity.
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    if (!text.empty() && is_letter(text.front()) && text != "inf") return SnapshotName{std::string(text)};
    const auto dash = text.find('-', 1);
    if (dash != std::string_view::npos && std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(dash),
                                                      [](char c) { return c >= '0' && c <= '9'; })) {
        const auto hash = text.substr(dash + 1);
        const bool is_hash = hash.size() >= 8 && hash.size() <= 64 && std::all_of(hash.begin(), hash.end(), [](char c) {
                                 return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                             });
        const auto commit = parse_integer<std::int64_t>(text.substr(0, dash));
        // A date has a dash too, but not so many digits behind the first.
        if (is_hash && commit) return HashedCommit{*commit, std::string(hash)};
    }
    const bool digits =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return parse_time(text);
    const auto number = parse_integer<std::int64_t>(text);
    if (!number) throw Error(ErrorCode::BadInput, {"commit number out of range", std::string(text), "", "", ""});
    return *number;
}

HashedCommit parse_commit(std::string_view text) {
    if (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        try {
            const auto as_of = parse_as_of(text);
            if (const auto* hashed = std::get_if<HashedCommit>(&as_of)) return *hashed;
            if (const auto* number = std::get_if<std::int64_t>(&as_of)) return {*number, {}};
        } catch (const Error& error) {
            if (error.code() != ErrorCode::BadInput) throw;
        }
    }
    throw Error(ErrorCode::BadInput, {"not a commit", "", "a commit number N, or N-hash with at least 8 digits of it",
                                      "'" + std::string(text) + "'", "'etalon log' shows both"});
}

}  // namespace etalon
