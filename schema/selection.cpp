#include "schema/selection.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "etalon/error.h"

namespace etalon::schema {
bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
    std::size_t star = std::string_view::npos;
    std::size_t at_star = 0;
    std::size_t p = 0;
    std::size_t t = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            at_star = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++at_star;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool selects(std::string_view pattern, std::string_view path) noexcept {
    if (pattern.find('*') != std::string_view::npos) return matches_pattern(pattern, path);
    if (!path.starts_with(pattern)) return false;
    return path.size() == pattern.size() || path[pattern.size()] == '.' || path[pattern.size()] == '[';
}

StructDefinition select_elements(const StructDefinition& definition, const std::vector<std::string>& patterns) {
    for (const auto& pattern : patterns) {
        const bool any = std::ranges::any_of(definition.elements,
                                             [&](const Element& element) { return selects(pattern, element.path); });
        if (any) continue;
        std::vector<std::string> paths;
        for (const auto& element : definition.elements) paths.push_back(element.path);
        const auto near = did_you_mean(pattern, paths);
        throw Error(ErrorCode::Unknown, {"no such member", "struct " + definition.name,
                                         "a member, a nested struct, or a pattern with *", fmt::format("'{}'", pattern),
                                         near.empty() ? fmt::format("see 'etalon schema {}'", definition.name) : near});
    }
    StructDefinition selected;
    selected.name = definition.name;
    selected.comment = definition.comment;
    selected.source = definition.source;
    for (const auto& element : definition.elements) {
        const bool wanted =
            std::ranges::any_of(patterns, [&](const std::string& pattern) { return selects(pattern, element.path); });
        if (!wanted) continue;
        auto own = element;
        const auto size = size_of(own.type);
        own.offset = (selected.size + size - 1) / size * size;
        selected.size = own.offset + own.bytes();
        selected.alignment = std::max<std::uint64_t>(selected.alignment, size);
        selected.elements.push_back(std::move(own));
    }
    selected.size = (selected.size + selected.alignment - 1) / selected.alignment * selected.alignment;
    const auto keys_of = [](const StructDefinition& of) {
        return std::ranges::count_if(of.elements, [](const Element& element) { return element.key != 0; });
    };
    if (keys_of(selected) != keys_of(definition)) {
        for (auto& element : selected.elements) element.key = 0;
    }
    return selected;
}

}  // namespace etalon::schema
