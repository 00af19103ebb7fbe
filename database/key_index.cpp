#include "etalon/key_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/numbers.h"
#include "etalon/error.h"
#include "schema/limits.h"

namespace etalon::detail {
namespace {

/// Integers as eight bytes that are the same for a value of any type, text with its length: parts cannot run together.
void append_integer_part(std::string& key, std::int64_t value, bool beyond) {
    key += beyond ? 'U' : 'I';
    key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_text_part(std::string& key, std::string_view text) {
    const auto size = text.size();
    key += 'T';
    key.append(reinterpret_cast<const char*>(&size), sizeof size);
    key += text;
}

void append_part(std::string& key, const KeyValue& part) {
    if (const auto* text = std::get_if<std::string_view>(&part)) return append_text_part(key, *text);
    if (const auto* number = std::get_if<std::int64_t>(&part)) return append_integer_part(key, *number, false);
    const auto number = std::get<std::uint64_t>(part);
    append_integer_part(key, static_cast<std::int64_t>(number), number > std::uint64_t{kPlusInfinity});
}

KeyValue value_at(const Element& element, const std::byte* at) {
    if (element.is_text()) {
        const auto* text = reinterpret_cast<const char*>(at);
        return std::string_view(text, strnlen(text, element.dims.back()));
    }
    // Keys are no floats.
    return with_number_type(element.type, [&](auto kind) -> KeyValue {
        if constexpr (std::is_floating_point_v<decltype(kind)>) {
            return std::int64_t{0};
        } else {
            return key_value(load_number<decltype(kind)>(at));
        }
    });
}

}  // namespace

KeyIndex::KeyIndex(const AnswerData& answer) : where_(answer.name + " of struct " + answer.struct_name) {
    const auto keys = answer.layout ? schema::key_elements(*answer.layout) : std::vector<const Element*>();
    if (keys.empty()) {
        throw Error(ErrorCode::Usage, {"a struct without keys has no natural index", where_,
                                       "members with 'key: 1', 'key: 2', ... in their comments", "none",
                                       "declare them in the header, or look for the row yourself"});
    }
    for (const auto* key : keys) parts_.push_back({key->path, key->is_text()});
    rows_.reserve(answer.num_rows);
    std::string text;
    for (const auto& element : answer.elements) {
        for (auto row = element.first_row; row < element.first_row + element.num_rows; ++row) {
            text.clear();
            append_part(text, element.element);
            for (const auto* key : keys)
                append_part(text, value_at(*key, answer.data.get() + row * answer.layout->size + key->offset));
            const auto [known, is_new] = rows_.try_emplace(text, row);
            if (!is_new) known->second = kSeveral;
        }
    }
}

std::optional<std::size_t> KeyIndex::find(std::int64_t element, std::span<const KeyValue> key) const {
    const bool fits =
        key.size() == parts_.size() && std::ranges::equal(key, parts_, [](const KeyValue& value, const Part& part) {
            return std::holds_alternative<std::string_view>(value) == part.is_text;
        });
    if (!fits) {
        std::string expected;
        for (const auto& part : parts_)
            expected += (expected.empty() ? "" : ", ") + part.path + (part.is_text ? " (text)" : " (a number)");
        throw Error(ErrorCode::Usage, {"a key that is not the natural index", where_, expected, describe(key), ""});
    }
    std::string text;
    append_part(text, element);
    for (const auto& value : key) append_part(text, value);
    const auto known = rows_.find(text);
    if (known == rows_.end()) return std::nullopt;
    if (known->second != kSeveral) return known->second;
    throw Error(ErrorCode::Refused, {"several rows have one key", where_, "one row", describe(key),
                                     "they were put in a layout without keys: put them again without the doubles"});
}

std::string KeyIndex::describe(std::span<const KeyValue> key) const {
    std::string text;
    for (const auto& value : key) {
        text += text.empty() ? "" : ", ";
        std::visit(
            [&](const auto& one) {
                if constexpr (std::is_same_v<std::decay_t<decltype(one)>, std::string_view>) {
                    text += fmt::format("\"{}\"", one);
                } else {
                    text += fmt::format("{}", one);
                }
            },
            value);
    }
    return "(" + text + ")";
}

void throw_several_elements(const AnswerData& answer) {
    throw Error(ErrorCode::Usage,
                {"a key does not tell which element is meant", answer.name, "an answer for one element",
                 fmt::format("{} elements", answer.elements.size()), "use find_in(element, key...)"});
}

}  // namespace etalon::detail
