#include "schema/default_list.h"

#include <algorithm>

#include "schema/value_text.h"

namespace etalon::schema {

std::optional<std::vector<std::string_view>> default_items(const Element& element, std::string_view text) {
    if (num_indices(element) == 0 || text.size() < 2 || text.front() != '{' || text.back() != '}') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    // Text without quotes may begin with a brace itself, but holds no quote.
    if (element.is_text() && !text.starts_with('"')) return std::nullopt;
    std::vector<std::string_view> items;
    for (std::size_t at = 0;;) {
        bool quoted = false;
        std::size_t end = at;
        // A doubled quote closes and opens.
        for (; end < text.size() && (quoted || text[end] != ','); ++end) quoted ^= text[end] == '"';
        std::string_view item = text.substr(at, end - at);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        items.push_back(item);
        if (end >= text.size()) return items;
        at = end + 1;
    }
}

std::optional<std::string> default_of_items(const std::vector<std::string>& values) {
    if (values.empty()) return std::nullopt;
    if (std::ranges::all_of(values, [&](const std::string& value) { return value == values.front(); }))
        return values.front();
    std::string text = "{";
    for (const auto& value : values) {
        if (text.size() > 1) text += ", ";
        text += value;
    }
    return text + "}";
}

std::string part_of_default(const Element& element, std::string_view text, std::uint64_t first, std::uint64_t count) {
    const auto items = default_items(element, text);
    if (!items || first + count > items->size()) return std::string(text);
    std::vector<std::string> part;
    for (std::uint64_t i = first; i < first + count; ++i) part.emplace_back((*items)[i]);
    return default_of_items(part).value_or("");
}

}  // namespace etalon::schema
