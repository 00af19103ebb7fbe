#include "schema/unit_definitions.h"

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "base/printable.h"
#include "etalon/error.h"
#include "schema/unit_reader.h"

namespace etalon::schema {
namespace {

constexpr std::string_view kWhere = " where ";

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_name(std::string_view name) {
    static constexpr std::array<std::string_view, 13> kWords{"where",       "per",  "PER", "from",  "since",
                                                             "after",       "new",  "pi",  "delta", "difference",
                                                             "differences", "diff", "ref"};
    return !name.empty() && name.size() <= 64 && is_letter(name.front()) && is_letter(name.back()) &&
           std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); }) &&
           std::ranges::find(kWords, name) == kWords.end() && !name.starts_with("delta_");
}

}  // namespace

UnitDefinitions::UnitDefinitions(std::vector<UnitDefinition> definitions) : reader_(std::make_unique<UnitReader>()) {
    std::vector<std::string> problems;
    std::vector<std::string> places;
    LocalUnits local;
    const auto add = [&](const std::string& name, const std::string& meaning, const std::string& place) {
        const auto problem = [&](const std::string& what) { problems.push_back(place + ": " + what); };
        if (!is_name(name)) {
            return problem("'" + excerpt(name) +
                           "' is no name for a unit: letters, digits and _, and a letter at both ends");
        }
        if (reader_->is_fixed(name)) return problem("'" + name + "' is a unit already, with a meaning of its own");
        if (!local.emplace(name, meaning).second) return problem("'" + name + "' is defined twice");
        meanings_.emplace_back(name, meaning);
        places.push_back(place);
    };
    for (const auto& one : definitions) {
        add(one.name, one.definition, one.place);
        for (const auto& alias : one.aliases) add(alias, one.name, one.place);
    }
    for (std::size_t i = 0; i < meanings_.size(); ++i) {
        const auto& [name, meaning] = meanings_[i];
        if (meaning == "new") continue;
        const bool has_marks =
            meaning.find_first_of(",=") != std::string::npos || meaning.find(kWhere) != std::string::npos;
        if (!has_marks && reader_->read(recorded(name))) continue;
        std::vector<std::string> unknown;
        static_cast<void>(reader_->read(recorded(name), &unknown));
        auto known = reader_->spellings();
        for (const auto& other : meanings_) known.push_back(other.first);
        const auto near = unknown.empty() || has_marks ? std::string() : did_you_mean(unknown.front(), known);
        problems.push_back(places[i] + ": '" + excerpt(meaning) + "', the definition of " + name + ", is no unit" +
                           (unknown.empty() || has_marks ? "" : ": '" + excerpt(unknown.front()) + "' is not known") +
                           (near.empty() ? "" : ", " + near));
    }
    if (problems.empty()) return;
    std::string all;
    for (std::size_t i = 0; i < std::min<std::size_t>(problems.size(), 10); ++i)
        all += (i == 0 ? "" : "; ") + problems[i];
    throw Error(ErrorCode::BadInput, {"units cannot be defined so", "", "name = \"definition\", or name = \"new\"", all,
                                      "nothing was taken from these headers"});
}

UnitDefinitions::~UnitDefinitions() = default;

std::string UnitDefinitions::recorded(std::string_view unit) const {
    const auto split = split_unit(unit);
    if (!split || !split->local.empty() || split->text.empty()) return std::string(unit);
    const auto find_own = [&](std::string_view name) {
        const auto is = [&](std::string_view word) {
            return std::ranges::find(meanings_, word, [](const auto& one) { return std::string_view(one.first); });
        };
        auto own = is(name);
        for (const auto& prefix : unit_prefixes()) {
            for (const auto mark : {prefix.name, prefix.symbol}) {
                if (own != meanings_.end() || mark.empty() || !name.starts_with(mark) || reader_->is_fixed(name))
                    continue;
                own = is(name.substr(mark.size()));
            }
        }
        return own;
    };
    LocalUnits all;
    for (const auto& [name, meaning] : meanings_) all.emplace(name, meaning);
    std::vector<decltype(meanings_.begin())> used;
    const auto use = [&](const std::string& text) {
        for (const auto& name : reader_->names_in({text, all})) {
            const auto own = find_own(name);
            if (own != meanings_.end() && std::ranges::find(used, own) == used.end()) used.push_back(own);
        }
    };
    use(split->text);
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (used[i]->second != "new") use(used[i]->second);
    }
    if (used.empty()) return std::string(unit);
    std::string text = split->text;
    for (std::size_t i = 0; i < used.size(); ++i) {
        text += std::string(i == 0 ? kWhere : ", ") + used[i]->first + " = " + used[i]->second;
    }
    return text;
}

std::vector<std::string> UnitDefinitions::names() const {
    std::vector<std::string> names;
    for (const auto& [name, meaning] : meanings_) names.push_back(name);
    return names;
}

std::string_view unit_symbol(std::string_view unit) noexcept {
    return unit.substr(0, unit.find(kWhere));
}

bool is_name_of_difference(std::string_view path) {
    static constexpr std::array<std::string_view, 34> kWords{
        "spread",     "width",  "sigma",       "tolerance",  "tol",        "rms",       "error",
        "err",        "errors", "delta",       "diff",       "difference", "stddev",    "std",
        "stdev",      "fwhm",   "hwhm",        "jitter",     "noise",      "drift",     "gradient",
        "deviation",  "dev",    "uncertainty", "unc",        "resolution", "precision", "accuracy",
        "hysteresis", "step",   "shift",       "correction", "residual",   "ripple"};
    // Words of the last part: `sigmaT`, `t_spread2`, `RMS`.
    path.remove_prefix(path.rfind('.') + 1);
    std::string word;
    const auto is_one = [&] {
        const bool found = std::ranges::find(kWords, word) != kWords.end();
        word.clear();
        return found;
    };
    for (std::size_t i = 0; i < path.size(); ++i) {
        const char c = path[i];
        const bool is_upper = c >= 'A' && c <= 'Z';
        const bool was_upper = i > 0 && path[i - 1] >= 'A' && path[i - 1] <= 'Z';
        const bool becomes_lower = i + 1 < path.size() && path[i + 1] >= 'a' && path[i + 1] <= 'z';
        if (c == '_' || !is_letter(c) || (is_upper && (!was_upper || becomes_lower))) {
            if (is_one()) return true;
        }
        if (is_letter(c) && c != '_') word += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return is_one();
}

}  // namespace etalon::schema
