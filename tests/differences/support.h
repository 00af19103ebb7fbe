#pragma once
/// Differences as lists of text.

#include <string>
#include <variant>
#include <vector>

#include "database/support.h"
#include "etalon/diff.h"

namespace etalon::test {

inline std::string text_of(const DiffValue& value) {
    return std::visit(
        [](const auto& one) -> std::string {
            using T = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<T, NoValue>) {
                return "-";
            } else if constexpr (std::is_same_v<T, std::string>) {
                return one;
            } else if constexpr (std::is_floating_point_v<T>) {
                auto text = std::to_string(one);
                text.erase(text.find_last_not_of('0') + 1);
                if (text.ends_with('.')) text.pop_back();
                return text;
            } else {
                return std::to_string(one);
            }
        },
        value);
}

/// `Gain/0 gain#2 row 1: 1 -> 2 in [5, 10)`.
inline std::string text_of(const Difference& one) {
    auto text = std::string(one.path) + "/" + std::to_string(one.element);
    if (one.kind != DiffKind::Value) text += " " + std::string(name_of(one.kind));
    if (!one.property.empty()) text += " " + std::string(one.property);
    if (one.member != nullptr) {
        text += " " + one.member->path;
        if (one.member->count() > 1 && !one.member->is_text()) text += "#" + std::to_string(one.value);
    }
    if (one.kind <= DiffKind::RowRemoved) text += " row " + std::to_string(one.row);
    for (const auto& key : one.key) text += " key " + text_of(key);
    // Uids are not the same in any two runs.
    const bool of_record = one.kind >= DiffKind::RecordAdded;
    const auto shown = [&](const DiffValue& value) {
        return of_record && std::holds_alternative<std::string>(value) ? "uid" : text_of(value);
    };
    text += ": " + shown(one.before) + " -> " + shown(one.after);
    if (one.stretch) {
        text += " in [" + format_position({one.stretch->axis, one.stretch->begin}) + ", " +
                (one.stretch->end ? format_position({one.stretch->axis, *one.stretch->end}) : "") + ")";
    }
    return text;
}

using Lines = std::vector<std::string>;

/// What differs, line by line; `report` gets the rest.
template <class Side>
Lines differences_of(const Side& before, const Side& after, const DiffOptions& options = {},
                     DiffReport* report = nullptr) {
    Lines lines;
    auto result =
        find_differences(before, after, options, [&](const Difference& one) { lines.push_back(text_of(one)); });
    CHECK(result.differences == lines.size());
    CHECK(result.equal == lines.empty());
    if (report != nullptr) *report = std::move(result);
    return lines;
}

inline DiffSide side(Database& db, std::string name, std::optional<Position> at = std::nullopt) {
    DiffSide one;
    one.database = &db;
    one.name = std::move(name);
    one.at = at;
    return one;
}

}  // namespace etalon::test
