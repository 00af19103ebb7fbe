#include "evolution/value_condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/identity.h"
#include "base/like.h"
#include "base/nearest.h"
#include "base/number_text.h"
#include "base/numbers.h"
#include "etalon/error.h"
#include "evolution/matching.h"
#include "evolution/rule_trace.h"
#include "evolution/value_ranges.h"
#include "schema/columns.h"
#include "schema/enumerators.h"
#include "schema/names.h"
#include "schema/value_text.h"

namespace etalon::evolution {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return hex_digit(c) >= 0; });
}

/// The path without what stands in brackets at its end.
std::string_view without_indices(std::string_view path) {
    while (path.ends_with(']')) {
        const auto open = path.rfind('[');
        if (open == std::string_view::npos) break;
        path = path.substr(0, open);
    }
    return path;
}

/// One comparison as it is asked; of a list, one for each value.
struct Asked {
    Condition::Kind kind = Condition::Kind::Compare;  // Compare, Like or IsNull
    const std::string& path;
    ValueOp op = ValueOp::Equal;
    const ValueFilter::Value* value = nullptr;  // null: IsNull
};

std::string where_of(const Asked& filter) {
    Condition shown{.kind = filter.kind, .parts = {}, .path = filter.path, .op = filter.op};
    if (filter.value != nullptr) shown.values.push_back(*filter.value);
    return "condition " + format_condition(shown);
}

schema::ValuePath parse_path(const Asked& filter) {
    auto path = schema::split_value_path(filter.path);
    if (path.element.empty() || !schema::split_path(path.element)) {
        throw Error(ErrorCode::BadInput,
                    {"no path of an element", where_of(filter), "a path such as pos.x, gain[2] or hit[3].adc[0][1]",
                     schema::shown(filter.path), ""});
    }
    return path;
}

std::size_t find_path(const StructDefinition& definition, std::string_view path) {
    const auto found = std::ranges::find(definition.elements, path, &Element::path);
    return static_cast<std::size_t>(found - definition.elements.begin());
}

/// The index of the value in its array; nothing (and why) when the element has no such value.
std::optional<std::uint64_t> flat_index(const Asked& filter, const schema::ValuePath& path, const Element& element,
                                        std::optional<Error>& why) {
    const auto rank = schema::num_indices(element);
    if (path.indices.size() != rank) {
        std::string example = element.path;
        for (std::size_t i = 0; i < rank; ++i) example += "[0]";
        why.emplace(
            ErrorCode::BadInput,
            ErrorInfo{rank == 0 ? "the element is no array" : "the element is an array, a condition is on one value",
                      where_of(filter), rank == 0 ? element.path : "an index for each dimension, such as " + example,
                      filter.path, fmt::format("{} is {}", element.path, describe_type(element))});
        return std::nullopt;
    }
    std::uint64_t flat = 0;
    for (std::size_t i = 0; i < rank; ++i) {
        if (path.indices[i] >= element.dims[i]) {
            why.emplace(ErrorCode::BadInput,
                        ErrorInfo{"index out of range", where_of(filter), fmt::format("0 to {}", element.dims[i] - 1),
                                  std::to_string(path.indices[i]),
                                  fmt::format("{} is {}", element.path, describe_type(element))});
            return std::nullopt;
        }
        flat = flat * element.dims[i] + path.indices[i];
    }
    return flat;
}

/// An integer of 64 bits, signed or not.
struct Whole {
    bool negative = false;
    std::uint64_t bits = 0;
};

Whole whole(std::int64_t value) {
    return {value < 0, static_cast<std::uint64_t>(value)};
}

/// The least and the greatest value of an integer type, the greatest unsigned.
std::pair<std::int64_t, std::uint64_t> range_of(ScalarType type) {
    const auto range = [](auto zero) {
        using T = decltype(zero);
        return std::pair(static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                         static_cast<std::uint64_t>(std::numeric_limits<T>::max()));
    };
    switch (type) {
        case ScalarType::Int8:
            return range(std::int8_t{});
        case ScalarType::UInt8:
            return range(std::uint8_t{});
        case ScalarType::Int16:
            return range(std::int16_t{});
        case ScalarType::UInt16:
            return range(std::uint16_t{});
        case ScalarType::Int32:
            return range(std::int32_t{});
        case ScalarType::UInt32:
            return range(std::uint32_t{});
        case ScalarType::Int64:
            return range(std::int64_t{});
        case ScalarType::UInt64:
            return range(std::uint64_t{});
        default:
            return {0, 1};  // bool
    }
}

/// Settles a comparison with a bound below (above) every value of the type.
void settle(ValueTest& test, bool bound_is_below) {
    const bool always = test.op == ValueOp::NotEqual ||
                        (bound_is_below ? test.op == ValueOp::Greater || test.op == ValueOp::GreaterOrEqual
                                        : test.op == ValueOp::Less || test.op == ValueOp::LessOrEqual);
    test.kind = always ? ValueTest::Kind::Always : ValueTest::Kind::Never;
}

void against_whole(ValueTest& test, ScalarType type, Whole bound) {
    const auto [least, greatest] = range_of(type);
    if (bound.negative && static_cast<std::int64_t>(bound.bits) < least) return settle(test, true);
    if (!bound.negative && bound.bits > greatest) return settle(test, false);
    test.kind = type == ScalarType::UInt64 ? ValueTest::Kind::Natural : ValueTest::Kind::Integer;
    test.integer = static_cast<std::int64_t>(bound.bits);
    test.natural = bound.bits;
}

/// An integer element against a finite double, exactly.
void against_double(ValueTest& test, ScalarType type, double bound) {
    const double below = std::floor(bound);
    if (below != bound) {
        // x < 3.5 and x <= 3.5 are x <= 3; the others mirror that.
        if (test.op == ValueOp::Equal || test.op == ValueOp::NotEqual) return settle(test, true);
        const bool less = test.op == ValueOp::Less || test.op == ValueOp::LessOrEqual;
        test.op = less ? ValueOp::LessOrEqual : ValueOp::Greater;
    }
    if (below < -kTwoTo63) return settle(test, true);
    if (below >= kTwoTo64) return settle(test, false);
    against_whole(
        test, type,
        below < 0 ? whole(static_cast<std::int64_t>(below)) : Whole{false, static_cast<std::uint64_t>(below)});
}

void against_number(ValueTest& test, double bound) {
    test.kind = ValueTest::Kind::Float;
    test.number = bound;
}

/// A float element against an integer that need not be a double: -1, 0, 1 as `rounded` is below, equal to, above it.
void against_rounded(ValueTest& test, double rounded, int side) {
    if (side == 0) return against_number(test, rounded);
    if (test.op == ValueOp::Equal) {
        test.kind = ValueTest::Kind::Never;
        return;
    }
    if (test.op == ValueOp::NotEqual) {
        test.kind = ValueTest::Kind::Always;
        return;
    }
    // Between two neighbouring doubles: x < bound and x <= bound are x <= the lower one.
    constexpr double kInfinite = std::numeric_limits<double>::infinity();
    const bool less = test.op == ValueOp::Less || test.op == ValueOp::LessOrEqual;
    const double lower = side < 0 ? rounded : std::nextafter(rounded, -kInfinite);
    const double upper = side > 0 ? rounded : std::nextafter(rounded, kInfinite);
    test.op = less ? ValueOp::LessOrEqual : ValueOp::GreaterOrEqual;
    against_number(test, less ? lower : upper);
}

void float_against_whole(ValueTest& test, Whole bound) {
    if (bound.negative) {
        const auto exact = static_cast<std::int64_t>(bound.bits);
        const auto rounded = static_cast<double>(exact);
        const auto back = static_cast<std::int64_t>(rounded);  // -2^63 at the least
        return against_rounded(test, rounded, back < exact ? -1 : back > exact ? 1 : 0);
    }
    const auto rounded = static_cast<double>(bound.bits);
    if (rounded >= kTwoTo64) return against_rounded(test, rounded, 1);
    const auto back = static_cast<std::uint64_t>(rounded);
    against_rounded(test, rounded, back < bound.bits ? -1 : back > bound.bits ? 1 : 0);
}

Error bad_value(const Asked& filter, const Element& element, std::string what, std::string expected, std::string found,
                std::string advice = {}) {
    return Error(ErrorCode::BadInput, {std::move(what), where_of(filter), std::move(expected), std::move(found),
                                       fmt::format("{} is {}{}{}", element.path, describe_type(element),
                                                   advice.empty() ? "" : "; ", advice)});
}

void against_nan(ValueTest& test, const Asked& filter, const Element& element) {
    if (test.op != ValueOp::Equal && test.op != ValueOp::NotEqual) {
        throw bad_value(filter, element, "nothing is less or greater than nan",
                        "= or !=", std::string(name_of(test.op)));
    }
    test.kind = ValueTest::Kind::Nan;
}

/// What the text of a condition is for a `char` array, in or without quotes.
std::string read_text(const Asked& filter, const Element& element, std::string_view text) {
    const bool quoted = text.starts_with('"');
    if (quoted && (text.size() < 2 || !text.ends_with('"'))) {
        throw bad_value(filter, element, "text without its closing double quote", "\"text\"", schema::shown(text));
    }
    if (!quoted && text.find_first_of("'=<>!") == 0) {
        throw bad_value(filter, element, "text that begins so stands in double quotes", "\"text\"",
                        schema::shown(text));
    }
    std::string out;
    const auto problem = schema::unescape(quoted ? text.substr(1, text.size() - 2) : text, quoted, out);
    if (problem != schema::ValueProblem::None) {
        const auto info = describe(problem, schema::cell_of(element, 0), text);
        throw bad_value(filter, element, info.what, info.expected, info.found, info.advice);
    }
    return out;
}

/// Reads a written value as one of the element's type.
void read_value(ValueTest& test, const Asked& filter, const Element& element, ScalarType type,
                const std::string& text) {
    if (type == ScalarType::Char) {
        test.kind = ValueTest::Kind::Text;
        test.text = read_text(filter, element, text);
        return;
    }
    if (is_float(type)) {
        if (!is_float(element.type)) {
            // An integer in another unit: a written integer counts with all its digits.
            if (const auto exact = parse_integer<std::int64_t>(text)) return float_against_whole(test, whole(*exact));
            if (const auto exact = parse_integer<std::uint64_t>(text))
                return float_against_whole(test, {false, *exact});
        }
        double number = 0;
        float narrow = 0;
        // A float32 is asked for as it is shown: 0.1 is the float32 nearest to it.
        if (type == ScalarType::Float32 && parse_float(text, narrow) == FloatParse::Ok) {
            number = static_cast<double>(narrow);
        } else if (const auto parsed = parse_float(text, number); parsed != FloatParse::Ok) {
            throw bad_value(filter, element,
                            parsed == FloatParse::OutOfRange ? "value out of range" : "the value is no number",
                            "a decimal number, inf, -inf or nan", schema::shown(text));
        }
        if (std::isnan(number)) return against_nan(test, filter, element);
        return against_number(test, number);
    }
    if (type == ScalarType::Bool) {
        std::byte value{};
        if (schema::parse_number(type, text, &value) != schema::ValueProblem::None) {
            throw bad_value(filter, element, "the value is no bool", "true, false, 1 or 0", schema::shown(text));
        }
        return against_whole(test, type, whole(std::to_integer<std::int64_t>(value)));
    }
    if (const auto number = parse_integer<std::int64_t>(text)) return against_whole(test, type, whole(*number));
    if (const auto number = parse_integer<std::uint64_t>(text)) return against_whole(test, type, {false, *number});
    if (const auto value = schema::find_enumerator(element, text)) {
        return against_whole(
            test, type, type == ScalarType::UInt64 ? Whole{false, static_cast<std::uint64_t>(*value)} : whole(*value));
    }
    std::vector<std::string> names;
    for (const auto& [name, value] : element.enumerators) names.push_back(name);
    throw bad_value(filter, element, "the value is no integer of 64 bits",
                    names.empty() ? "a decimal integer" : "a decimal integer or the name of an enumerator",
                    schema::shown(text), did_you_mean(text, names));
}

/// The pattern of a like: what CSV escapes as a byte stands for itself.
std::string read_pattern(const Asked& filter, const Element& element, std::string_view text) {
    const bool quoted = text.starts_with('"') && text.size() >= 2 && text.ends_with('"');
    const auto body = quoted ? text.substr(1, text.size() - 2) : text;
    std::string out;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const char c = body[i];
        if (c == '"') {
            if (!quoted || i + 1 == body.size() || body[++i] != '"') {
                throw bad_value(filter, element, "a double quote within a pattern is doubled", "\"pattern\"",
                                schema::shown(text));
            }
            out += c;
        } else if (c != '\\') {
            out += c;
        } else if (i + 3 < body.size() && body[i + 1] == 'x' && is_hex(body.substr(i + 2, 2))) {
            out += '\\';
            out += static_cast<char>(from_hex(body.substr(i + 2, 2))[0]);
            i += 3;
        } else {
            out += c;
            if (i + 1 < body.size()) out += body[++i];
        }
    }
    return out;
}

void set_pattern(ValueTest& test, const Asked& filter, const Element& element, ScalarType type) {
    if (type != ScalarType::Char) {
        throw bad_value(filter, element, "only text is like a pattern", "an element that is text", "another type");
    }
    if (const auto* text = std::get_if<ValueText>(filter.value)) {
        test.text = read_pattern(filter, element, text->text);
    } else if (const auto* plain = std::get_if<std::string>(filter.value)) {
        test.text = *plain;
    } else {
        throw bad_value(filter, element, "a pattern is text", "text", "another kind of value");
    }
    if (!is_like_pattern(test.text)) {
        throw bad_value(filter, element, "a pattern that ends in a backslash", "\\\\ for a backslash",
                        schema::shown(test.text));
    }
    test.kind = ValueTest::Kind::Like;
}

void set_identity(ValueTest& test, const Asked& filter, const Element& element, ScalarType type) {
    const bool is_file = type == ScalarType::File;
    const std::string expected = is_file ? "sha256:, 64 hexadecimal digits, : and a size" : "32 hexadecimal digits";
    if (filter.op != ValueOp::Equal && filter.op != ValueOp::NotEqual) {
        throw bad_value(filter, element, "such values are equal or not", "= or !=", std::string(name_of(filter.op)));
    }
    std::string_view text;
    Bytes bytes;
    if (const auto* written = std::get_if<ValueText>(filter.value)) {
        text = written->text;
        if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) text = text.substr(1, text.size() - 2);
    } else if (const auto* plain = std::get_if<std::string>(filter.value)) {
        text = *plain;
    } else if (const auto* id = std::get_if<ObjectId>(filter.value); id != nullptr && !is_file) {
        const auto all = std::as_bytes(std::span(id->bytes));
        bytes.assign(all.begin(), all.end());
    } else {
        throw bad_value(filter, element, "another kind of value", expected, "a number or truth value");
    }
    if (bytes.empty()) {
        bytes.resize(size_of(type));
        if (!parse_identity(type, text, bytes.data())) {
            throw bad_value(filter, element, "no value of that kind", expected, schema::shown(text),
                            text == "null" || text == "NULL" ? "what refers to nothing 'is null'" : "");
        }
    }
    if (is_null_identity(type, bytes.data())) {
        throw bad_value(filter, element, "nothing is equal or unequal to null", expected, "only zeros",
                        "what refers to nothing 'is null'");
    }
    test.kind = ValueTest::Kind::Identity;
    test.identities.push_back(std::move(bytes));
}

/// Types the filter's value for values of that type.
void set_bound(ValueTest& test, const Asked& filter, const Element& element, ScalarType type) {
    test.op = filter.op;
    const auto refuse = [&](std::string what, std::string expected) {
        throw bad_value(filter, element, std::move(what), std::move(expected), "another kind of value");
    };
    if (const auto* parameter = std::get_if<Parameter>(filter.value)) {
        throw Error(ErrorCode::Usage, {"a parameter without a value", where_of(filter), "a value",
                                       "the parameter :" + parameter->name, "text that begins so stands in quotes"});
    }
    if (filter.kind == Condition::Kind::Like) {
        set_pattern(test, filter, element, type);
    } else if (is_identity(type)) {
        set_identity(test, filter, element, type);
    } else if (const auto* text = std::get_if<ValueText>(filter.value)) {
        read_value(test, filter, element, type, text->text);
    } else if (const auto* plain = std::get_if<std::string>(filter.value)) {
        if (type != ScalarType::Char) refuse("a number cannot be compared with text", "a number");
        test.kind = ValueTest::Kind::Text;
        test.text = *plain;
    } else if (std::holds_alternative<ObjectId>(*filter.value)) {
        refuse("only a reference or uid is equal to an id", "a value of the element's type");
    } else if (type == ScalarType::Char) {
        refuse("text cannot be compared with a number", "text");
    } else if (const auto* number = std::get_if<double>(filter.value)) {
        if (!is_float(type)) {
            if (!std::isfinite(*number)) refuse("no integer is infinite or nan", "a finite number");
            against_double(test, type, *number);
        } else if (std::isnan(*number)) {
            against_nan(test, filter, element);
        } else {
            against_number(test, *number);
        }
    } else {
        const auto* flag = std::get_if<bool>(filter.value);
        const auto* natural = std::get_if<std::uint64_t>(filter.value);
        const Whole bound = flag != nullptr      ? Whole{false, *flag ? 1U : 0U}
                            : natural != nullptr ? Whole{false, *natural}
                                                 : whole(std::get<std::int64_t>(*filter.value));
        is_float(type) ? float_against_whole(test, bound) : against_whole(test, type, bound);
    }
    if (test.text.find('\0') != std::string::npos) {
        throw bad_value(filter, element, "text contains a NUL byte", "text without \\x00", schema::shown(test.text));
    }
}

TestTree leaf(TestTree::Kind kind) {
    return {.kind = kind};
}

TestTree leaf(ValueTest test) {
    // What holds for every value, or for none.
    const bool always = test.kind == ValueTest::Kind::Always;
    if (always || test.kind == ValueTest::Kind::Never) {
        return leaf(always != test.negated ? TestTree::Kind::Always : TestTree::Kind::Never);
    }
    return {.kind = TestTree::Kind::Test, .test = std::move(test)};
}

/// Joins by All or Any, without what says nothing.
TestTree joined(TestTree::Kind kind, std::vector<TestTree> parts) {
    const auto ends = kind == TestTree::Kind::All ? TestTree::Kind::Never : TestTree::Kind::Always;
    const auto empty = kind == TestTree::Kind::All ? TestTree::Kind::Always : TestTree::Kind::Never;
    TestTree out{.kind = kind};
    for (auto& part : parts) {
        if (part.kind == ends) return leaf(ends);
        if (part.kind == empty) continue;
        if (part.kind == kind) {
            std::ranges::move(part.parts, std::back_inserter(out.parts));
        } else {
            out.parts.push_back(std::move(part));
        }
    }
    if (out.parts.empty()) return leaf(empty);
    if (out.parts.size() == 1) return TestTree(std::move(out.parts.front()));
    return out;
}

/// One test of a condition in all versions.
class Typing {
public:
    Typing(const Condition& test, bool negated, std::span<const DefinitionPtr> versions,
           const schema::UnitSystem& units, const StructRules* rules)
        : condition_(test),
          negated_(negated),
          about_(asked(0)),
          path_(parse_path(about_)),
          versions_(versions),
          units_(units),
          rules_(rules),
          typed_(std::max<std::size_t>(1, test.values.size())),
          why_not_(typed_.size()) {
        for (const auto& version : versions_) {
            const auto at = find_path(*version, path_.element);
            if (at == version->elements.size()) continue;
            named_ = version;
            element_ = at;
        }
        if (!named_) throw_unknown();
    }

    /// What it is in version `i`; a fault of that is noted.
    TestTree tests_of(std::size_t i, std::string& fault) {
        const auto& definition = *versions_[i];
        const auto way = rules_ == nullptr ? std::vector<RuleStep>() : rules_->way(definition, *named_);
        if (!way.empty()) return by_rules(definition, way, fault);
        const auto at = versions_[i] == named_ ? element_ : match_elements(definition, *named_).stored_of[element_];
        if (at >= definition.elements.size()) return absent();
        const auto& element = definition.elements[at];
        ValueTest test;
        test.element = at;
        test.indices = path_.indices;
        const auto value = index_in(element);
        if (!value) return absent();
        test.value = *value;
        const auto& wanted = named_->elements[element_];
        if (condition_.kind == Condition::Kind::IsNull) return null_test(std::move(test), element);
        if (element.unit != wanted.unit && !element.is_text() && !wanted.is_text()) {
            return convert(test, fault, element, wanted, {});
        }
        return compare(test, element, wanted);
    }

    /// Throws when a value means nothing in any version.
    void check() const {
        for (std::size_t i = 0; i < typed_.size(); ++i) {
            if (!typed_[i]) throw *why_not_[i];
        }
    }

private:
    [[nodiscard]] Asked asked(std::size_t i) const {
        const bool is_null = condition_.kind == Condition::Kind::IsNull;
        const bool is_in = condition_.kind == Condition::Kind::In;
        return {is_in ? Condition::Kind::Compare : condition_.kind, condition_.path,
                is_in ? ValueOp::Equal : condition_.op, is_null ? nullptr : &condition_.values[i]};
    }

    /// The index of the value in its array; nothing when the version has no such value.
    std::optional<std::uint64_t> index_in(const Element& element) {
        std::optional<Error> why;
        const auto value = flat_index(about_, path_, element, why);
        if (why) std::ranges::fill(why_not_, why);
        return value;
    }

    /// The version does not have the value.
    [[nodiscard]] TestTree absent() const {
        const bool is_true = condition_.kind == Condition::Kind::IsNull && !negated_;
        return leaf(is_true ? TestTree::Kind::Always : TestTree::Kind::Never);
    }

    TestTree null_test(ValueTest test, const Element& element) {
        typed_[0] = true;
        test.negated = negated_;
        test.kind = is_identity(element.type) ? ValueTest::Kind::Null : ValueTest::Kind::Never;
        return leaf(std::move(test));
    }

    /// The tests against all values; `set` types one for one of them, or throws why it cannot.
    template <class Set>
    TestTree against_values(const ValueTest& place, const Set& set) {
        std::vector<TestTree> parts;
        ValueTest identities;
        for (std::size_t i = 0; i < condition_.values.size(); ++i) {
            auto test = place;
            try {
                set(test, asked(i));
            } catch (const Error& error) {
                why_not_[i] = error;
                // Neither equal nor unequal to that: nothing is none of them.
                if (negated_) return leaf(TestTree::Kind::Never);
                continue;
            }
            typed_[i] = true;
            test.negated = negated_;
            if (test.kind == ValueTest::Kind::Identity && condition_.kind == Condition::Kind::In) {
                if (identities.kind != ValueTest::Kind::Identity) identities = place;
                identities.kind = test.kind;
                identities.negated = negated_;
                std::ranges::move(test.identities, std::back_inserter(identities.identities));
                continue;
            }
            parts.push_back(leaf(std::move(test)));
        }
        if (identities.kind == ValueTest::Kind::Identity) {
            auto& list = identities.identities;
            std::ranges::sort(list);
            list.erase(std::unique(list.begin(), list.end()), list.end());
            parts.push_back(leaf(std::move(identities)));
        }
        return joined(negated_ ? TestTree::Kind::All : TestTree::Kind::Any, std::move(parts));
    }

    TestTree by_rules(const StructDefinition& definition, const std::vector<RuleStep>& way, std::string& fault) {
        const auto& wanted = named_->elements[element_];
        const auto origins = trace(definition, *named_, way, &units_);
        const auto& of_element = origins.elements[element_];
        const Origin* origin = &of_element.whole;
        std::uint64_t index = 0;
        if (of_element.by_value) {
            const auto value = index_in(wanted);
            const auto* run = value ? &of_element.run_of(*value) : nullptr;
            origin = run != nullptr ? &of_element.origins[run->origin] : nullptr;
            if (run != nullptr) index = run->index + (*value - run->first);
        }
        if (origin == nullptr || origin->stored == Origin::kNone) return absent();
        const auto& element = definition.elements[origin->stored];
        ValueTest test;
        test.element = origin->stored;
        if (of_element.by_value) {
            test.value = index;
            test.indices = index_of(element, index);
        } else {
            const auto value = index_in(element);
            if (!value) return absent();
            test.value = *value;
            test.indices = path_.indices;
        }
        if (condition_.kind == Condition::Kind::IsNull) return null_test(std::move(test), element);
        auto in_unit = wanted;
        in_unit.unit = origin->unit;
        if (!origin->problem.empty()) {
            fault = origin->problem;
            typed_.assign(typed_.size(), true);
            return leaf(TestTree::Kind::Always);  // the fault is told of every row
        }
        if (origin->is_scaled || (element.unit != in_unit.unit && !element.is_text() && !wanted.is_text())) {
            return convert(test, fault, element, in_unit, origin->scale);
        }
        return compare(test, element, wanted);
    }

    /// In the numbers of the newest version: those of an enumeration go by their names.
    TestTree compare(const ValueTest& place, const Element& element, const Element& wanted) {
        return against_values(place,
                              [&](ValueTest& test, const Asked& one) { compare_one(test, one, element, wanted); });
    }

    static void compare_one(ValueTest& test, const Asked& one, const Element& element, const Element& wanted) {
        if (element.enumerators.empty() && is_integer(element.type)) {
            // Plain numbers are those of the newest enumeration, by the law.
            auto named = element;
            named.enumerators = wanted.enumerators;
            return set_bound(test, one, named, element.type);
        }
        if (element.enumerators.empty() || wanted.enumerators.empty() || element.enumerators == wanted.enumerators) {
            return set_bound(test, one, element, element.type);
        }
        ValueTest asked;
        try {
            set_bound(asked, one, wanted, wanted.type);
        } catch (const Error&) {
            // A name that only this version has is that of its own number, and stands in no order with others.
            if (one.op != ValueOp::Equal && one.op != ValueOp::NotEqual) throw;
            return set_bound(test, one, element, element.type);
        }
        test.op = one.op;
        test.kind = ValueTest::Kind::Among;
        for (const auto& [stored, value] : match_enumerators(element, wanted)) {
            std::array<std::byte, sizeof value> bytes{};
            std::memcpy(bytes.data(), &value, sizeof value);  // little-endian: the low bytes are those of every type
            auto scalar = wanted;
            scalar.dims.clear();
            // What is not among those that are equal is another one, also without a name in the newest version.
            if (passes(asked, scalar, bytes.data()) != (one.op == ValueOp::NotEqual)) test.among.push_back(stored);
        }
    }

    /// In the unit of `wanted`; `scale` is what rules do to the numbers behind that.
    TestTree convert(const ValueTest& place, std::string& fault, const Element& element, const Element& wanted,
                     const schema::UnitConversion& scale) {
        std::optional<schema::UnitConversion> unit = schema::UnitConversion{};
        if (element.unit != wanted.unit) {
            const bool bare = element.unit.empty() || wanted.unit.empty();
            unit = bare ? std::nullopt : units_.conversion(element.unit, wanted.unit);
        }
        if (unit && combined(scale, *unit).is_identity()) return compare(place, element, wanted);
        auto tests = against_values(place, [&](ValueTest& test, const Asked& one) {
            test.narrow = wanted.type == ScalarType::Float32;
            set_bound(test, one, wanted, test.narrow ? ScalarType::Float32 : ScalarType::Float64);
            if (unit) test.conversion = combined(scale, *unit);
        });
        if (!unit && tests.kind != TestTree::Kind::Never) {
            fault = fmt::format(
                "the unit of {} is [{}] there and [{}] in the newest schema version, one does not convert to "
                "the other",
                element.path, element.unit, wanted.unit);
        }
        return tests;
    }

    [[noreturn]] void throw_unknown() const {
        const auto name = versions_.empty() ? std::string("the struct") : versions_.back()->name;
        if (const auto across = find_reference_path(path_.element, versions_)) {
            throw Error(ErrorCode::Usage, {"a path across a reference cannot be asked here", where_of(about_),
                                           "an element of " + name, schema::shown(path_.element),
                                           fmt::format("{} refers to an object of {}: ask for its id",
                                                       across->reference, across->target)});
        }
        std::vector<std::string> known;
        for (const auto& version : versions_) {
            for (const auto& element : version->elements) known.push_back(element.path);
        }
        std::ranges::sort(known);
        known.erase(std::unique(known.begin(), known.end()), known.end());
        auto near = did_you_mean(path_.element, known);
        // The slip may be in the reference that the path goes across.
        for (auto dot = path_.element.rfind('.'); near.empty() && dot != std::string::npos && dot > 0;
             dot = path_.element.rfind('.', dot - 1)) {
            near = did_you_mean(path_.element.substr(0, dot), known);
        }
        throw Error(ErrorCode::Unknown,
                    {"no schema version has such an element", where_of(about_), "an element of " + name,
                     schema::shown(path_.element), near.empty() ? fmt::format("see 'etalon schema {}'", name) : near});
    }

    const Condition& condition_;
    bool negated_;
    Asked about_;
    schema::ValuePath path_;
    std::span<const DefinitionPtr> versions_;
    const schema::UnitSystem& units_;
    const StructRules* rules_;
    DefinitionPtr named_;  // the newest version with the path
    std::size_t element_ = 0;
    std::vector<bool> typed_;  // of each value
    std::vector<std::optional<Error>> why_not_;
};

Condition pushed(const Condition& condition, bool negated, std::size_t depth) {
    constexpr std::size_t kMostDeep = 4 * (kMostNesting + 1);  // a level of parentheses may be or, and, not
    const auto refuse = [&](std::string what, std::string expected) {
        throw Error(ErrorCode::BadInput, {std::move(what), "condition", std::move(expected), "", ""});
    };
    if (depth > kMostDeep) refuse("a condition nested too deep", fmt::format("{} levels at most", kMostDeep));
    if (std::ranges::count(condition.path, '.') > static_cast<std::ptrdiff_t>(kMostNesting))
        refuse("a path of too many parts", fmt::format("{} at most", kMostNesting));
    using Kind = Condition::Kind;
    Condition out{.kind = condition.kind};
    switch (condition.kind) {
        case Kind::Not:
            if (condition.parts.size() != 1) refuse("not is of one condition", "one part");
            return pushed(condition.parts[0], !negated, depth + 1);
        case Kind::Always:
            if (negated) out.kind = Kind::Or;  // of nothing: never
            return out;
        case Kind::And:
        case Kind::Or:
            if (negated) out.kind = condition.kind == Kind::And ? Kind::Or : Kind::And;
            for (const auto& part : condition.parts) out.parts.push_back(pushed(part, negated, depth + 1));
            return out;
        case Kind::Compare:
        case Kind::Like:
            if (condition.values.size() != 1) refuse("a comparison is with one value", "one value");
            break;
        case Kind::In:
            if (condition.values.empty()) refuse("a list without values", "a value or more");
            break;
        case Kind::IsNull:
            break;
    }
    if (!negated) return condition;
    out.kind = Kind::Not;
    out.parts.push_back(condition);
    return out;
}

/// A condition in all versions.
class TreeTyping {
public:
    TreeTyping(std::span<const DefinitionPtr> versions, const schema::UnitSystem& units, const StructRules* rules,
               const ResolveReference& resolve)
        : versions_(versions), units_(units), rules_(rules), resolve_(resolve), faults_(versions.size()) {}

    /// `condition` comes out of push_not_down().
    std::vector<TestTree> trees_of(const Condition& condition) {
        switch (condition.kind) {
            case Condition::Kind::Always:
                return std::vector<TestTree>(versions_.size(), leaf(TestTree::Kind::Always));
            case Condition::Kind::And:
            case Condition::Kind::Or: {
                std::vector<std::vector<TestTree>> parts(versions_.size());
                for (const auto& part : condition.parts) {
                    auto trees = trees_of(part);
                    for (std::size_t i = 0; i < trees.size(); ++i) parts[i].push_back(std::move(trees[i]));
                }
                const auto kind = condition.kind == Condition::Kind::And ? TestTree::Kind::All : TestTree::Kind::Any;
                std::vector<TestTree> out;
                for (auto& of_version : parts) out.push_back(joined(kind, std::move(of_version)));
                return out;
            }
            case Condition::Kind::Not:
                return test_trees(condition.parts[0], true);
            default:
                return test_trees(condition, false);
        }
    }
    [[nodiscard]] std::vector<std::string>& faults() noexcept { return faults_; }

private:
    std::vector<TestTree> test_trees(const Condition& test, bool negated) {
        if (resolve_) {
            if (const auto across = find_reference_path(test.path, versions_))
                return across_trees(test, negated, *across);
        }
        Typing typing(test, negated, versions_, units_, rules_);
        std::vector<TestTree> out;
        for (std::size_t i = 0; i < versions_.size(); ++i) {
            std::string fault;
            out.push_back(typing.tests_of(i, fault));
            if (faults_[i].empty()) faults_[i] = std::move(fault);
        }
        typing.check();
        return out;
    }

    /// The reference has to refer to one of the objects for which the rest holds. `is null` holds also where it refers
    /// to none.
    std::vector<TestTree> across_trees(const Condition& test, bool negated, const ReferencePath& across) {
        auto rest = test;
        rest.path = across.rest;
        const auto set = resolve_(across.target, pushed(rest, negated, 0));
        std::vector<Bytes> identities;
        for (const auto& id : set.ids) {
            const auto bytes = std::as_bytes(std::span(id.bytes));
            identities.emplace_back(bytes.begin(), bytes.end());
        }
        std::ranges::sort(identities);
        identities.erase(std::unique(identities.begin(), identities.end()), identities.end());
        const bool or_null = test.kind == Condition::Kind::IsNull && !negated;
        auto trees = test_trees({.kind = Condition::Kind::IsNull, .parts = {}, .path = across.reference}, false);
        for (std::size_t i = 0; i < trees.size(); ++i) {
            auto& tree = trees[i];
            if (tree.kind == TestTree::Kind::Test && !set.names.empty()) {
                const auto& element = versions_[i]->elements[tree.test.element];
                if (std::ranges::find(set.names, element.target) == set.names.end() && faults_[i].empty())
                    faults_[i] = element.path + " refers to " + element.target + " there, not to " + across.target;
            }
            auto refers = leaf(TestTree::Kind::Never);
            if (tree.kind == TestTree::Kind::Test && (set.subquery || !identities.empty())) {
                refers = tree;
                refers.test.kind = ValueTest::Kind::Identity;
                refers.test.identities = identities;
                refers.test.subquery = set.subquery;
            }
            std::vector<TestTree> either;
            either.push_back(std::move(refers));
            if (or_null) either.push_back(std::move(tree));
            tree = joined(TestTree::Kind::Any, std::move(either));
        }
        return trees;
    }

    std::span<const DefinitionPtr> versions_;
    const schema::UnitSystem& units_;
    const StructRules* rules_;
    const ResolveReference& resolve_;
    std::vector<std::string> faults_;
};

template <class T>
bool holds(ValueOp op, const T& value, const T& bound) noexcept {
    switch (op) {
        case ValueOp::Equal:
            return value == bound;
        case ValueOp::NotEqual:
            return value != bound;
        case ValueOp::Less:
            return value < bound;
        case ValueOp::LessOrEqual:
            return value <= bound;
        case ValueOp::Greater:
            return value > bound;
        case ValueOp::GreaterOrEqual:
            return value >= bound;
    }
    return false;
}

std::int64_t load_integer(ScalarType type, const std::byte* at) noexcept {
    switch (type) {
        case ScalarType::Int8:
            return load_number<std::int8_t>(at);
        case ScalarType::Int16:
            return load_number<std::int16_t>(at);
        case ScalarType::UInt16:
            return load_number<std::uint16_t>(at);
        case ScalarType::Int32:
            return load_number<std::int32_t>(at);
        case ScalarType::UInt32:
            return load_number<std::uint32_t>(at);
        case ScalarType::Int64:
            return load_number<std::int64_t>(at);
        default:
            return load_number<std::uint8_t>(at);
    }
}

double load_double(ScalarType type, const std::byte* at) noexcept {
    switch (type) {
        case ScalarType::Float32:
            return static_cast<double>(load_number<float>(at));
        case ScalarType::Float64:
            return load_number<double>(at);
        case ScalarType::UInt64:
            return static_cast<double>(load_number<std::uint64_t>(at));
        default:
            return static_cast<double>(load_integer(type, at));
    }
}

/// Throws unless the double is the integer.
void refuse_rounded(const Element& element, double value, const std::byte* at) {
    const auto refuse = [&](auto exact) {
        throw Error(ErrorCode::Conversion, {"an integer that a double does not hold cannot be compared in another unit",
                                            fmt::format("element {} [{}]", element.path, element.unit),
                                            "at most 2^53, or a multiple of a power of two", std::to_string(exact),
                                            "leave the record out by interval, version, element or entry time"});
    };
    if (element.type == ScalarType::Int64) {
        const auto exact = load_number<std::int64_t>(at);
        if (value >= kTwoTo63 || static_cast<std::int64_t>(value) != exact) refuse(exact);
    } else if (element.type == ScalarType::UInt64) {
        const auto exact = load_number<std::uint64_t>(at);
        if (value >= kTwoTo64 || static_cast<std::uint64_t>(value) != exact) refuse(exact);
    }
}

}  // namespace

Condition push_not_down(const Condition& condition) {
    return pushed(condition, false, 0);
}

std::vector<VersionTests> make_value_tests(const Condition& condition, std::span<const DefinitionPtr> versions,
                                           const schema::UnitSystem& units, const StructRules* rules,
                                           const ResolveReference& resolve) {
    TreeTyping typing(versions, units, rules, resolve);
    auto trees = typing.trees_of(push_not_down(condition));
    std::vector<VersionTests> made(versions.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
        made[i].fault = std::move(typing.faults()[i]);
        made[i].tree = std::move(trees[i]);
    }
    return made;
}

std::optional<ReferencePath> find_reference_path(std::string_view path, std::span<const DefinitionPtr> versions) {
    const auto newest_of = [&](std::string_view wanted) {
        const Element* found = nullptr;
        for (const auto& version : versions) {
            if (const auto* element = find_element(*version, wanted)) found = element;
        }
        return found;
    };
    if (newest_of(without_indices(path)) != nullptr) return std::nullopt;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
        const auto reference = path.substr(0, dot);
        const auto* element = newest_of(reference);
        if (element == nullptr) element = newest_of(without_indices(reference));
        if (element == nullptr || element->type != ScalarType::Ref) continue;
        return ReferencePath{std::string(reference), std::string(path.substr(dot + 1)), element->target};
    }
    return std::nullopt;
}

namespace {

/// Without regard to `negated`; the value is not null.
bool holds_for(const ValueTest& test, const Element& element, const std::byte* at) {
    switch (test.kind) {
        case ValueTest::Kind::Never:
            return false;
        case ValueTest::Kind::Always:
            return true;
        case ValueTest::Kind::Integer:
            return holds(test.op, load_integer(element.type, at), test.integer);
        case ValueTest::Kind::Natural:
            return holds(test.op, load_number<std::uint64_t>(at), test.natural);
        case ValueTest::Kind::Text:
            return holds(test.op, schema::text_at(at, element.dims.back()), std::string_view(test.text));
        case ValueTest::Kind::Among: {
            const bool natural = element.type == ScalarType::UInt64;
            const auto value = natural ? load_number<std::int64_t>(at) : load_integer(element.type, at);
            const bool is_among = std::ranges::find(test.among, value) != test.among.end();
            return is_among != (test.op == ValueOp::NotEqual);
        }
        case ValueTest::Kind::Like:
            return is_like(schema::text_at(at, element.dims.back()), test.text);
        case ValueTest::Kind::Identity: {
            if (test.subquery) {
                throw Error(ErrorCode::Internal, {"a test that only SQL can do", element.path, "", "", ""});
            }
            const std::span value(at, size_of(element.type));
            const auto found = std::ranges::lower_bound(test.identities, value, [](const auto& a, const auto& b) {
                return std::ranges::lexicographical_compare(a, b);
            });
            const bool is_one = found != test.identities.end() && std::ranges::equal(*found, value);
            return is_one != (test.op == ValueOp::NotEqual);
        }
        case ValueTest::Kind::Null:
            return is_null_identity(element.type, at);
        case ValueTest::Kind::Float:
        case ValueTest::Kind::Nan:
            break;
    }
    double value = load_double(element.type, at);
    if (test.conversion) {
        refuse_rounded(element, value, at);
        value = test.conversion->apply(value);
    }
    if (test.narrow) value = static_cast<double>(static_cast<float>(value));
    if (test.kind == ValueTest::Kind::Nan) return std::isnan(value) == (test.op == ValueOp::Equal);
    return holds(test.op, value, test.number);
}

}  // namespace

bool passes(const ValueTest& test, const Element& element, const std::byte* at) {
    at += test.value * schema::value_size(element);
    if (test.kind == ValueTest::Kind::Identity && is_null_identity(element.type, at)) return false;
    return holds_for(test, element, at) != test.negated;
}

bool passes(const TestTree& tree, const StructDefinition& layout, const std::byte* row) {
    const auto part_passes = [&](const TestTree& part) { return passes(part, layout, row); };
    switch (tree.kind) {
        case TestTree::Kind::Never:
            return false;
        case TestTree::Kind::Always:
            return true;
        case TestTree::Kind::Test: {
            const auto& element = layout.elements[tree.test.element];
            return passes(tree.test, element, row + element.offset);
        }
        case TestTree::Kind::All:
            return std::ranges::all_of(tree.parts, part_passes);
        case TestTree::Kind::Any:
            return std::ranges::any_of(tree.parts, part_passes);
    }
    return false;
}

}  // namespace etalon::evolution
