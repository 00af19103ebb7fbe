#include "differences/tolerances.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/nearest.h"
#include "base/number_text.h"
#include "etalon/error.h"
#include "schema/columns.h"
#include "schema/selection.h"
#include "schema/value_text.h"

namespace etalon::differences {
namespace {

std::size_t literal_size(std::string_view pattern) {
    return pattern.size() - static_cast<std::size_t>(std::ranges::count(pattern, '*'));
}

std::string column_of(const Element& element, std::uint64_t value) {
    auto name = element.path;
    schema::append_indices(name, element, value);
    return name;
}

/// Calls `use` with each value that the pattern means, or with nothing for all of them; false when it means none.
template <class Use>
bool for_each_match(const Element& element, std::string_view pattern, const Use& use) {
    if (pattern.empty() || schema::matches_pattern(pattern, element.path)) {
        use(std::nullopt);
        return true;
    }
    if (schema::num_indices(element) == 0) return false;
    bool any = false;
    for (std::uint64_t value = 0; value < schema::num_values(element); ++value) {
        if (!schema::matches_pattern(pattern, column_of(element, value))) continue;
        any = true;
        use(std::optional<std::uint64_t>(value));
    }
    return any;
}

/// Members for messages: the first few.
std::string members_of(const StructDefinition& layout) {
    constexpr std::size_t kMost = 12;
    std::string text;
    for (std::size_t i = 0; i < std::min(kMost, layout.elements.size()); ++i)
        text += (i == 0 ? "" : ", ") + layout.elements[i].path;
    if (layout.elements.size() > kMost) text += fmt::format(" and {} more", layout.elements.size() - kMost);
    return text;
}

std::string near_member(std::string_view word, const StructDefinition& layout) {
    std::vector<std::string> known;
    for (const auto& element : layout.elements) known.push_back(element.path);
    return did_you_mean(word.substr(0, word.find_first_of("[*")), known);
}

std::string what_it_is(const Element& element) {
    if (element.is_text()) return "text";
    if (is_identity(element.type)) return "a " + std::string(name_of(element.type));
    return element.type == ScalarType::Bool ? "a boolean" : "an enumeration";
}

}  // namespace

bool is_measured(const Element& element) noexcept {
    return !element.is_text() && !is_identity(element.type) && element.type != ScalarType::Bool &&
           element.enumerators.empty();
}

Limits limits_for(const Element& element, std::span<const DiffTolerance> tolerances, std::vector<bool>& used) {
    Limits result;
    if (!is_measured(element)) return result;
    std::vector<std::size_t> order(tolerances.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return literal_size(tolerances[i].pattern); });
    for (const auto i : order) {
        const auto& [pattern, limit] = tolerances[i];
        const bool any = for_each_match(element, pattern, [&](std::optional<std::uint64_t> value) {
            if (!value) {
                result.limits = {limit};
                return;
            }
            if (result.limits.size() == 1) result.limits.assign(schema::num_values(element), result.limits.front());
            result.limits[*value] = limit;
        });
        if (any && i < used.size()) used[i] = true;
    }
    return result;
}

void check_tolerances(std::span<const DiffTolerance> tolerances, std::string_view option,
                      std::span<const DefinitionPtr> layouts) {
    std::set<std::string_view> patterns;
    for (const auto& [pattern, limit] : tolerances) {
        const auto where = fmt::format("{}{}{}", option, pattern.empty() ? "" : " of ", pattern);
        if (std::isnan(limit) || limit < 0) {
            std::string found;
            append_float(found, limit);
            throw Error(ErrorCode::Usage, {"no tolerance", where, "a number from 0 on", found, ""});
        }
        if (!patterns.insert(pattern).second) {
            throw Error(ErrorCode::Usage, {"a tolerance is given twice", where,
                                           pattern.empty() ? "one for all members" : "each pattern once", "", ""});
        }
        if (pattern.empty() || layouts.empty()) continue;
        const Element* other = nullptr;
        bool any = false;
        for (const auto& layout : layouts) {
            for (const auto& element : layout->elements) {
                if (any || !for_each_match(element, pattern, [](std::optional<std::uint64_t>) {})) continue;
                is_measured(element) ? static_cast<void>(any = true) : static_cast<void>(other = &element);
            }
        }
        if (any) continue;
        const auto& newest = *layouts.back();
        if (other != nullptr) {
            throw Error(ErrorCode::Usage, {"a tolerance for a member that is no number", where, "a number",
                                           fmt::format("{} is {}", other->path, what_it_is(*other)),
                                           "such values are equal or they differ: leave the tolerance out"});
        }
        const auto near = near_member(pattern, newest);
        throw Error(ErrorCode::Usage,
                    {"a tolerance fits no member", where, fmt::format("a member of {}", newest.name), "",
                     fmt::format("{}{}it has {}", near, near.empty() ? "" : "; ", members_of(newest))});
    }
}

const DiffKey* find_key(std::span<const DiffKey> keys, std::string_view struct_name) {
    const DiffKey* for_all = nullptr;
    for (const auto& key : keys) {
        if (key.struct_name == struct_name) return &key;
        if (key.struct_name.empty()) for_all = &key;
    }
    return for_all;
}

std::vector<const Element*> key_elements(const DiffKey& key, const StructDefinition& layout) {
    std::vector<const Element*> elements;
    for (const auto& member : key.members) {
        const auto found = std::ranges::find(layout.elements, member, &Element::path);
        if (found == layout.elements.end()) {
            const auto bracket = member.find('[');
            const bool of_array =
                bracket != std::string::npos &&
                std::ranges::find(layout.elements, member.substr(0, bracket), &Element::path) != layout.elements.end();
            const auto near = near_member(member, layout);
            throw Error(
                ErrorCode::Usage,
                {of_array ? "a key is one value of an array" : "a key that the struct does not have", member,
                 fmt::format("a member of {} that is one value", layout.name), "",
                 of_array
                     ? std::string(
                           "name a member that is one value, or leave the key out to compare rows by their position")
                     : fmt::format("{}{}it has {}", near, near.empty() ? "" : "; ", members_of(layout))});
        }
        if (schema::num_indices(*found) != 0) {
            throw Error(ErrorCode::Usage,
                        {"a key is an array", member, fmt::format("a member of {} that is one value", layout.name),
                         fmt::format("{} values", schema::num_values(*found)),
                         "name other members, or leave --key out to compare rows by their position"});
        }
        elements.push_back(&*found);
    }
    return elements;
}

void check_keys(std::span<const DiffKey> keys, std::span<const DefinitionPtr> layouts) {
    std::set<std::string_view> structs;
    for (const auto& key : keys) {
        if (!structs.insert(key.struct_name).second) {
            throw Error(ErrorCode::Usage, {"a key is given twice", key.struct_name, "one key for a struct", "",
                                           "several members of one key are written MEMBER,MEMBER"});
        }
        std::set<std::string_view> members;
        for (const auto& member : key.members) {
            if (members.insert(member).second) continue;
            throw Error(ErrorCode::Usage, {"a key names a member twice", member, "each member once", "", ""});
        }
        if (key.members.empty()) throw Error(ErrorCode::Usage, {"a key without members", key.struct_name, "", "", ""});
    }
    // A key of one struct has to fit one of its layouts: the newest says best what is wrong.
    std::set<std::string_view> seen;
    for (auto layout = layouts.rbegin(); layout != layouts.rend(); ++layout) {
        const auto* key = find_key(keys, (*layout)->name);
        if (key == nullptr || !seen.insert((*layout)->name).second) continue;
        const bool fits = std::ranges::any_of(layouts, [&](const DefinitionPtr& one) {
            if (one->name != (*layout)->name) return false;
            return std::ranges::all_of(key->members, [&](const std::string& member) {
                return std::ranges::any_of(one->elements, [&](const Element& element) {
                    return element.path == member && schema::num_indices(element) == 0;
                });
            });
        });
        if (fits) continue;
        try {
            (void)key_elements(*key, **layout);
        } catch (const Error& error) {
            const bool several = std::ranges::any_of(
                layouts, [&](const DefinitionPtr& one) { return one->name != layouts.front()->name; });
            if (!several || !key->struct_name.empty()) throw;
            const auto& advice = error.info().advice;
            throw error.advised("a key of some structs only is written STRUCT=MEMBER" +
                                (advice.empty() ? "" : "; " + advice));
        }
    }
    for (const auto& key : keys) {
        if (key.struct_name.empty() || seen.contains(key.struct_name)) continue;
        std::vector<std::string> known;
        for (const auto& layout : layouts) {
            if (std::ranges::find(known, layout->name) == known.end()) known.push_back(layout->name);
        }
        const auto near = did_you_mean(key.struct_name, known);
        throw Error(ErrorCode::Usage, {"a key of a struct that is not compared", key.struct_name, "", "", near});
    }
}

}  // namespace etalon::differences

namespace etalon {

DiffTolerance parse_tolerance(std::string_view text, std::string_view where) {
    DiffTolerance tolerance;
    auto number = text;
    if (const auto equals = text.rfind('='); equals != std::string_view::npos) {
        tolerance.pattern = text.substr(0, equals);
        number = text.substr(equals + 1);
        if (tolerance.pattern.empty()) {
            throw Error(ErrorCode::Usage, {"a tolerance without a member", std::string(where),
                                           "MEMBER=NUMBER, or NUMBER for all", std::string(text), ""});
        }
    }
    if (parse_float(number, tolerance.limit) != FloatParse::Ok || std::isnan(tolerance.limit) ||
        std::signbit(tolerance.limit)) {
        throw Error(ErrorCode::Usage,
                    {"no tolerance", std::string(where), "a number from 0 on, or MEMBER=NUMBER such as gain[*]=1e-6",
                     "'" + std::string(text) + "'", ""});
    }
    return tolerance;
}

DiffKey parse_diff_key(std::string_view text) {
    DiffKey key;
    auto rest = text;
    if (const auto equals = text.find('='); equals != std::string_view::npos) {
        key.struct_name = text.substr(0, equals);
        rest = text.substr(equals + 1);
    }
    const auto fail = [&] {
        throw Error(ErrorCode::Usage, {"a key that names no members", "--key", "MEMBER,MEMBER or STRUCT=MEMBER,MEMBER",
                                       "'" + std::string(text) + "'", ""});
    };
    if (text.starts_with('=')) fail();
    for (;;) {
        const auto comma = rest.find(',');
        key.members.emplace_back(rest.substr(0, comma));
        if (key.members.back().empty()) fail();
        if (comma == std::string_view::npos) return key;
        rest.remove_prefix(comma + 1);
    }
}

}  // namespace etalon
