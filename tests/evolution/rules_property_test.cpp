// Rules that nobody would write, over layouts that nobody had: nothing is lost silently, and what is said is what is
// done.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <charconv>
#include <cstring>
#include <map>
#include <set>

#include "conversion/plan.h"
#include "etalon/error.h"
#include "evolution/matching.h"
#include "tests/evolution/random_rules.h"
#include "tests/index/many_cases.h"

using namespace etalon;
using namespace etalon::schema;
using namespace etalon::evolution;
using namespace etalon::conversion;
using namespace etalon::test;

namespace {

/// The values that a name such as `m[:][1:]` or `v[5:8]` is about.
void add_named(const Element& element, std::string_view indices,
               std::set<std::pair<std::string, std::uint64_t>>& values) {
    struct Range {
        std::uint64_t begin = 0;
        std::uint64_t end = ~std::uint64_t{0};
    };
    std::vector<Range> ranges;
    while (!indices.empty()) {
        RC_ASSERT(indices.front() == '[');
        const auto close = indices.find(']');
        const auto inside = indices.substr(1, close - 1);
        const auto colon = inside.find(':');
        Range range;
        const auto number = [](std::string_view text, std::uint64_t& value) {
            if (!text.empty()) std::from_chars(text.data(), text.data() + text.size(), value);
        };
        number(inside.substr(0, colon), range.begin);
        if (colon == std::string_view::npos) {
            range.end = range.begin + 1;
        } else {
            number(inside.substr(colon + 1), range.end);
        }
        ranges.push_back(range);
        indices.remove_prefix(close + 1);
    }
    RC_ASSERT(ranges.size() <= array_rank(element));
    for (std::uint64_t value = 0; value < number_of_values(element); ++value) {
        const auto index = index_of(element, value);
        bool inside = true;
        for (std::size_t d = 0; d < ranges.size(); ++d)
            inside = inside && index[d] >= ranges[d].begin && index[d] < ranges[d].end;
        if (inside) RC_ASSERT(values.emplace(element.path, value).second);  // told once
    }
}

double value_in(const std::vector<std::byte>& row, const Element& element, std::uint64_t value) {
    const auto* at = row.data() + element.offset + value * size_of(element.type);
    if (element.type == ScalarType::Float64) {
        double number = 0;
        std::memcpy(&number, at, sizeof number);
        return number;
    }
    std::int32_t number = 0;
    std::memcpy(&number, at, sizeof number);
    return number;
}

/// Every value another number, from 1 on.
std::vector<std::byte> numbered_row(const StructDefinition& layout) {
    std::vector<std::byte> row(layout.size);
    std::int32_t next = 1;
    for (const auto& element : layout.elements) {
        for (std::uint64_t value = 0; value < number_of_values(element); ++value, ++next) {
            auto* at = row.data() + element.offset + value * size_of(element.type);
            const double number = next;
            if (element.type == ScalarType::Float64) {
                std::memcpy(at, &number, sizeof number);
            } else {
                std::memcpy(at, &next, sizeof next);
            }
        }
    }
    return row;
}

std::shared_ptr<const ConversionPlan> find_plan(const StructDefinition& stored, const StructDefinition& asked,
                                                const StructRules& rules, const UnitSystem* units) {
    const auto way = rules.way(stored, asked);
    PlanOptions options;
    options.units = units;
    options.way = &way;
    try {
        return ConversionPlan::make(stored, asked, options);
    } catch (const Error& error) {
        RC_ASSERT(error.code() == ErrorCode::Conversion);
        return nullptr;
    }
}

void check_nothing_is_lost(const StructDefinition& stored, const StructDefinition& asked, const StructRules& rules) {
    const auto judged = judge(stored, asked, nullptr, &rules);
    const auto plan = find_plan(stored, asked, rules, nullptr);
    RC_ASSERT((plan == nullptr) == (worst(judged) >= Verdict::NeedsRule));
    if (!plan) return;
    const auto row = numbered_row(stored);
    std::vector<std::byte> there(asked.size);
    (void)plan->run(row.data(), there.data(), 1);

    std::map<std::string, std::string> stored_name;  // of what is renamed as a whole
    std::set<std::string> removed;
    std::set<std::string> partly;
    for (const auto& one : judged) {
        if (one.change.kind == ChangeKind::Renamed) stored_name[one.change.path] = one.change.from;
        if (one.change.kind == ChangeKind::Removed) removed.insert(one.change.path);
        if (one.change.kind == ChangeKind::PartlyRemoved) partly.insert(one.change.path);
    }
    std::set<std::pair<std::string, std::uint64_t>> absent;
    for (const auto& name : plan->absent()) {
        const auto path = name.substr(0, name.find('['));
        const auto* element = find_element(asked, path);
        RC_ASSERT(element != nullptr);
        add_named(*element, std::string_view(name).substr(path.size()), absent);
    }
    std::set<double> given;
    for (const auto& element : asked.elements) {
        for (std::uint64_t value = 0; value < number_of_values(element); ++value) {
            const double number = value_in(there, element, value);
            RC_ASSERT((number <= 0) == absent.contains({element.path, value}));  // zero, or a fill
            if (number > 0) given.insert(number);
        }
    }
    std::set<std::pair<std::string, std::uint64_t>> truncated;
    for (const auto& name : plan->truncated()) {
        const auto path = name.substr(0, name.find('['));
        // Of single values it is the stored name; of a pair of whole elements the asked one.
        const auto renamed = partly.contains(path) ? stored_name.end() : stored_name.find(path);
        const auto* element = find_element(stored, renamed == stored_name.end() ? path : renamed->second);
        RC_ASSERT(element != nullptr);
        add_named(*element, std::string_view(name).substr(path.size()), truncated);
    }
    for (const auto& element : stored.elements) {
        for (std::uint64_t value = 0; value < number_of_values(element); ++value) {
            const bool is_given = given.contains(value_in(row, element, value));
            const int told = (is_given ? 1 : 0) + (removed.contains(element.path) ? 1 : 0) +
                             (truncated.contains({element.path, value}) ? 1 : 0);
            RC_ASSERT(told == 1);
        }
    }
}

}  // namespace

TEST_CASE(
    "whatever rules rearrange, every stored value is given or told as lost, and every other asked one is absent") {
    const bool good = check_many("nothing is lost silently", 1000, [] {
        // Names of whole elements that were exchanged with names of others would be ambiguous here.
        const auto history = pick_ruled_history({.renames = false});
        RC_LOG(history.text);
        const auto rules = history.rules();
        const auto& first = *history.layouts.front();
        const auto& last = *history.layouts.back();
        check_nothing_is_lost(first, last, rules);
        check_nothing_is_lost(last, first, rules);
    });
    CHECK(good);
}

TEST_CASE("what the judge says of units, factors and enumerations on a way is what the plan does") {
    const auto units = make_units();
    const bool good = check_many("reasons = plans", 3000, [&] {
        const auto history = pick_ruled_history({.scales = true, .enums = true});
        RC_LOG(history.text);
        const auto rules = history.rules();
        const auto check = [&](const StructDefinition& stored, const StructDefinition& asked) {
            const auto judged = judge(stored, asked, units.get(), &rules);
            const auto plan = find_plan(stored, asked, rules, units.get());
            RC_ASSERT((plan == nullptr) == (worst(judged) >= Verdict::NeedsRule));
            if (!plan) return;
            const auto text = plan->explain();
            for (const auto& element : asked.elements) {
                bool is_by_name = false;
                bool is_judged_by_name = false;
                for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
                    const auto line = text.substr(at, text.find('\n', at) - at);
                    if (line.find("(" + element.path + ")") != std::string::npos)
                        is_by_name |= line.find(" by name") != std::string::npos;
                }
                bool is_rearranged = false;  // then the worst of several values is told
                for (const auto& one : judged) {
                    if (one.change.path != element.path) continue;
                    is_judged_by_name |= one.row == "enumerators_changed";
                    is_rearranged |= one.change.kind == ChangeKind::Rearranged;
                }
                RC_ASSERT(is_by_name == is_judged_by_name || is_rearranged);
            }
        };
        check(*history.layouts.front(), *history.layouts.back());
        check(*history.layouts.back(), *history.layouts.front());
    });
    CHECK(good);
}
