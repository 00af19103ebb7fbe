#include "base/nearest.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "base/name_text.h"

namespace etalon {

namespace {

/// Levenshtein distance, ignoring ASCII case.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto substitute = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0U : 1U);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
        }
    }
    return row.back();
}

}  // namespace

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& known, std::size_t most) {
    const auto composed = find_composed(word);
    std::vector<std::pair<std::size_t, std::string>> scored;
    for (const auto& candidate : known) {
        // Another form of the same text, which looks alike, is nearest of all.
        const auto distance = composed && *composed == candidate ? 0 : edit_distance(word, candidate);
        if (distance <= word.size() / 3 + 1) scored.emplace_back(distance, candidate);
    }
    std::sort(scored.begin(), scored.end());
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::min(most, scored.size()); ++i) out.push_back(std::move(scored[i].second));
    return out;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    const auto near = nearest(word, known, 3);
    if (near.empty()) return {};
    std::string out = "did you mean ";
    for (std::size_t i = 0; i < near.size(); ++i) out += (i == 0 ? "'" : " or '") + near[i] + "'";
    out += "?";
    if (const auto composed = find_composed(word); composed && near.front() == *composed)
        out += " (the name that is recorded is in Unicode's form NFC, the one given is in another)";
    return out;
}

}  // namespace etalon
