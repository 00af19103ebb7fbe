// Lists of elements and what a named reference promises of them, as text.

#include <fmt/format.h>

#include <algorithm>

#include "base/number_text.h"
#include "etalon/error.h"
#include "etalon/reference.h"
#include "etalon/request.h"

namespace etalon {

std::vector<std::int64_t> parse_elements(std::string_view text) {
    constexpr std::size_t kMost = 1'000'000;
    const auto bad = [&](std::string what, std::string_view part) {
        throw Error(ErrorCode::BadInput, {std::move(what), fmt::format("element list '{}'", text),
                                          "integers and ranges such as 0-23,30", fmt::format("'{}'", part), ""});
    };
    std::vector<std::int64_t> elements;
    std::vector<std::int64_t> sorted;
    std::size_t from = 0;
    while (true) {
        const auto to = std::min(text.find(',', from), text.size());
        const auto part = text.substr(from, to - from);
        // A dash behind the first character separates; one in front is a sign.
        const auto dash = part.find('-', 1);
        const auto first = parse_integer<std::int64_t>(part.substr(0, dash));
        const auto last =
            part.empty() || dash == std::string_view::npos ? first : parse_integer<std::int64_t>(part.substr(dash + 1));
        if (!first || !last) bad("bad element list", part);
        if (*last < *first) bad("element range runs backwards", part);
        if (static_cast<std::uint64_t>(*last) - static_cast<std::uint64_t>(*first) >= kMost - elements.size()) {
            bad("more than a million elements", part);
        }
        for (auto element = *first;; ++element) {
            elements.push_back(element);
            if (element == *last) break;
        }
        if (to == text.size()) break;
        from = to + 1;
    }
    sorted = elements;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) bad("element named twice", std::to_string(*twice));
    return elements;
}

std::string format_elements(std::span<const std::int64_t> elements) {
    std::string out;
    for (std::size_t i = 0; i < elements.size();) {
        std::size_t last = i;
        while (last + 1 < elements.size() && elements[last + 1] == elements[last] + 1) ++last;
        out += fmt::format("{}{}", out.empty() ? "" : ",", elements[i]);
        if (last > i) out += fmt::format("-{}", elements[last]);
        i = last + 1;
    }
    return out;
}

std::string_view name_of(LayerUnit unit) noexcept {
    return unit == LayerUnit::Answer ? "answer" : "element";
}

Coverage parse_coverage(std::string_view text) {
    constexpr std::string_view kComplete = "complete(";
    if (text == "sparse") return {};
    if (!text.starts_with(kComplete) || !text.ends_with(')')) {
        throw Error(ErrorCode::BadInput, {"bad coverage", fmt::format("'{}'", text), "sparse, or complete(0-23,30)",
                                          text == "complete" ? "no list of elements" : "another text", ""});
    }
    text.remove_prefix(kComplete.size());
    text.remove_suffix(1);
    Coverage coverage{true, parse_elements(text)};
    std::sort(coverage.elements.begin(), coverage.elements.end());
    return coverage;
}

std::string format_coverage(const Coverage& coverage) {
    return coverage.complete ? fmt::format("complete({})", format_elements(coverage.elements)) : "sparse";
}

}  // namespace etalon
