#include "evolution/value_condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <variant>

#include "base/nearest.h"
#include "base/number_text.h"
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

/// A path without the indices behind it.
struct ValuePath {
    std::string base;
    std::vector<std::uint64_t> indices;
};

std::string where_of(const ValueFilter& filter) {
    return "condition " + format_value_filter(filter);
}

ValuePath parse_path(const ValueFilter& filter) {
    ValuePath path{filter.path, {}};
    while (path.base.ends_with(']')) {
        const auto open = path.base.rfind('[');
        const auto digits =
            open == std::string::npos ? std::string() : path.base.substr(open + 1, path.base.size() - open - 2);
        const auto index = parse_integer<std::uint64_t>(digits);
        if (!index || digits.front() == '+') break;
        path.indices.insert(path.indices.begin(), *index);
        path.base.resize(open);
    }
    if (path.base.empty() || !schema::split_path(path.base)) {
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
std::optional<std::uint64_t> flat_index(const ValueFilter& filter, const ValuePath& path, const Element& element,
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

Error bad_value(const ValueFilter& filter, const Element& element, std::string what, std::string expected,
                std::string found, std::string advice = {}) {
    return Error(ErrorCode::BadInput, {std::move(what), where_of(filter), std::move(expected), std::move(found),
                                       fmt::format("{} is {}{}{}", element.path, describe_type(element),
                                                   advice.empty() ? "" : "; ", advice)});
}

void against_nan(ValueTest& test, const ValueFilter& filter, const Element& element) {
    if (test.op != ValueOp::Equal && test.op != ValueOp::NotEqual) {
        throw bad_value(filter, element, "nothing is less or greater than nan",
                        "= or !=", std::string(name_of(test.op)));
    }
    test.kind = ValueTest::Kind::Nan;
}

/// What the text of a condition is for a `char` array, in or without quotes.
std::string read_text(const ValueFilter& filter, const Element& element, std::string_view text) {
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
void read_value(ValueTest& test, const ValueFilter& filter, const Element& element, ScalarType type,
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

/// Types the filter's value for values of that type.
void set_bound(ValueTest& test, const ValueFilter& filter, const Element& element, ScalarType type) {
    test.op = filter.op;
    const auto refuse = [&](std::string what, std::string expected) {
        throw bad_value(filter, element, std::move(what), std::move(expected), "another kind of value");
    };
    if (const auto* text = std::get_if<ValueText>(&filter.value)) {
        read_value(test, filter, element, type, text->text);
    } else if (const auto* plain = std::get_if<std::string>(&filter.value)) {
        if (type != ScalarType::Char) refuse("a number cannot be compared with text", "a number");
        test.kind = ValueTest::Kind::Text;
        test.text = *plain;
    } else if (type == ScalarType::Char) {
        refuse("text cannot be compared with a number", "text");
    } else if (const auto* number = std::get_if<double>(&filter.value)) {
        if (!is_float(type)) {
            if (!std::isfinite(*number)) refuse("no integer is infinite or nan", "a finite number");
            against_double(test, type, *number);
        } else if (std::isnan(*number)) {
            against_nan(test, filter, element);
        } else {
            against_number(test, *number);
        }
    } else {
        const auto* flag = std::get_if<bool>(&filter.value);
        const auto* natural = std::get_if<std::uint64_t>(&filter.value);
        const Whole bound = flag != nullptr      ? Whole{false, *flag ? 1U : 0U}
                            : natural != nullptr ? Whole{false, *natural}
                                                 : whole(std::get<std::int64_t>(filter.value));
        is_float(type) ? float_against_whole(test, bound) : against_whole(test, type, bound);
    }
    if (test.kind == ValueTest::Kind::Text && test.text.find('\0') != std::string::npos) {
        throw bad_value(filter, element, "text contains a NUL byte", "text without \\x00", schema::shown(test.text));
    }
}

/// One filter in all versions.
class Typing {
public:
    Typing(const ValueFilter& filter, std::span<const DefinitionPtr> versions, const schema::UnitSystem& units,
           const StructRules* rules)
        : filter_(filter), path_(parse_path(filter)), versions_(versions), units_(units), rules_(rules) {
        for (const auto& version : versions_) {
            const auto at = find_path(*version, path_.base);
            if (at == version->elements.size()) continue;
            named_ = version;
            element_ = at;
        }
        if (!named_) throw_unknown();
    }

    /// Adds the test of version `i`, or leaves the version as not asked.
    void add_to(VersionTests& version, std::size_t i) {
        const auto& definition = *versions_[i];
        const auto way = rules_ == nullptr ? std::vector<RuleStep>() : rules_->way(definition, *named_);
        if (!way.empty()) return add_by_rules(version, definition, way);
        const auto at = versions_[i] == named_ ? element_ : match_elements(definition, *named_).stored_of[element_];
        if (at >= definition.elements.size()) {
            version.asked = false;
            return;
        }
        const auto& element = definition.elements[at];
        ValueTest test;
        test.element = at;
        test.indices = path_.indices;
        try {
            const auto value = flat_index(filter_, path_, element, why_not_);
            version.asked = version.asked && value.has_value();
            if (!value) return;
            test.value = *value;
            const auto& wanted = named_->elements[element_];
            if (element.unit != wanted.unit && !element.is_text() && !wanted.is_text()) {
                convert(test, version, element, wanted, {});
            } else {
                compare(test, element, wanted);
            }
            typed_ = true;
        } catch (const Error& error) {
            why_not_ = error;
            version.asked = false;
            return;
        }
        version.tests.push_back(std::move(test));
    }

    /// Throws when the filter means nothing in any version.
    void check() const {
        if (!typed_) throw *why_not_;
    }

private:
    void add_by_rules(VersionTests& version, const StructDefinition& definition, const std::vector<RuleStep>& way) {
        const auto& wanted = named_->elements[element_];
        const auto origins = trace(definition, *named_, way, &units_);
        const auto& of_element = origins.elements[element_];
        try {
            const Origin* origin = &of_element.whole;
            std::uint64_t index = 0;
            if (of_element.by_value) {
                const auto value = flat_index(filter_, path_, wanted, why_not_);
                const auto* run = value ? &of_element.run_of(*value) : nullptr;
                origin = run != nullptr ? &of_element.origins[run->origin] : nullptr;
                if (run != nullptr) index = run->index + (*value - run->first);
            }
            if (origin == nullptr || origin->stored == Origin::kNone) {
                version.asked = false;
                return;
            }
            const auto& element = definition.elements[origin->stored];
            ValueTest test;
            test.element = origin->stored;
            if (of_element.by_value) {
                test.value = index;
                test.indices = index_of(element, index);
            } else {
                const auto value = flat_index(filter_, path_, element, why_not_);
                version.asked = version.asked && value.has_value();
                if (!value) return;
                test.value = *value;
                test.indices = path_.indices;
            }
            auto in_unit = wanted;
            in_unit.unit = origin->unit;
            if (!origin->problem.empty()) {
                version.fault = origin->problem;
            } else if (origin->is_scaled || (element.unit != in_unit.unit && !element.is_text() && !wanted.is_text())) {
                convert(test, version, element, in_unit, origin->scale);
            } else {
                compare(test, element, wanted);
            }
            typed_ = true;
            version.tests.push_back(std::move(test));
        } catch (const Error& error) {
            why_not_ = error;
            version.asked = false;
        }
    }

    /// In the numbers of the newest version: those of an enumeration go by their names.
    void compare(ValueTest& test, const Element& element, const Element& wanted) {
        if (element.enumerators.empty() && is_integer(element.type)) {
            // Plain numbers are those of the newest enumeration, by the law.
            auto named = element;
            named.enumerators = wanted.enumerators;
            return set_bound(test, filter_, named, element.type);
        }
        if (element.enumerators.empty() || wanted.enumerators.empty() || element.enumerators == wanted.enumerators) {
            return set_bound(test, filter_, element, element.type);
        }
        ValueTest asked;
        try {
            set_bound(asked, filter_, wanted, wanted.type);
        } catch (const Error&) {
            // A name that only this version has is that of its own number, and stands in no order with others.
            if (filter_.op != ValueOp::Equal && filter_.op != ValueOp::NotEqual) throw;
            return set_bound(test, filter_, element, element.type);
        }
        test.op = filter_.op;
        test.kind = ValueTest::Kind::Among;
        for (const auto& [stored, value] : match_enumerators(element, wanted)) {
            std::array<std::byte, sizeof value> bytes{};
            std::memcpy(bytes.data(), &value, sizeof value);  // little-endian: the low bytes are those of every type
            auto scalar = wanted;
            scalar.dims.clear();
            // What is not among those that are equal is another one, also without a name in the newest version.
            if (passes(asked, scalar, bytes.data()) != (filter_.op == ValueOp::NotEqual)) test.among.push_back(stored);
        }
    }

    /// In the unit of `wanted`; `scale` is what rules do to the numbers behind that.
    void convert(ValueTest& test, VersionTests& version, const Element& element, const Element& wanted,
                 const schema::UnitConversion& scale) {
        std::optional<schema::UnitConversion> unit = schema::UnitConversion{};
        if (element.unit != wanted.unit) {
            const bool bare = element.unit.empty() || wanted.unit.empty();
            unit = bare ? std::nullopt : units_.conversion(element.unit, wanted.unit);
        }
        if (unit && combined(scale, *unit).is_identity()) return compare(test, element, wanted);
        test.narrow = wanted.type == ScalarType::Float32;
        set_bound(test, filter_, wanted, test.narrow ? ScalarType::Float32 : ScalarType::Float64);
        if (unit) {
            test.conversion = combined(scale, *unit);
            return;
        }
        version.fault = fmt::format(
            "the unit of {} is [{}] there and [{}] in the newest schema version, one does not convert to "
            "the other",
            element.path, element.unit, wanted.unit);
    }

    [[noreturn]] void throw_unknown() const {
        std::vector<std::string> known;
        for (const auto& version : versions_) {
            for (const auto& element : version->elements) known.push_back(element.path);
        }
        std::ranges::sort(known);
        known.erase(std::unique(known.begin(), known.end()), known.end());
        const auto near = did_you_mean(path_.base, known);
        const auto name = versions_.empty() ? std::string("the struct") : versions_.back()->name;
        throw Error(ErrorCode::Unknown,
                    {"no schema version has such an element", where_of(filter_), "an element of " + name,
                     schema::shown(path_.base), near.empty() ? fmt::format("see 'etalon schema {}'", name) : near});
    }

    const ValueFilter& filter_;
    ValuePath path_;
    std::span<const DefinitionPtr> versions_;
    const schema::UnitSystem& units_;
    const StructRules* rules_;
    DefinitionPtr named_;  // the newest version with the path
    std::size_t element_ = 0;
    bool typed_ = false;
    std::optional<Error> why_not_;
};

template <class T>
T load(const std::byte* at) noexcept {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

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
            return load<std::int8_t>(at);
        case ScalarType::Int16:
            return load<std::int16_t>(at);
        case ScalarType::UInt16:
            return load<std::uint16_t>(at);
        case ScalarType::Int32:
            return load<std::int32_t>(at);
        case ScalarType::UInt32:
            return load<std::uint32_t>(at);
        case ScalarType::Int64:
            return load<std::int64_t>(at);
        default:
            return load<std::uint8_t>(at);
    }
}

double load_number(ScalarType type, const std::byte* at) noexcept {
    switch (type) {
        case ScalarType::Float32:
            return static_cast<double>(load<float>(at));
        case ScalarType::Float64:
            return load<double>(at);
        case ScalarType::UInt64:
            return static_cast<double>(load<std::uint64_t>(at));
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
        const auto exact = load<std::int64_t>(at);
        if (value >= kTwoTo63 || static_cast<std::int64_t>(value) != exact) refuse(exact);
    } else if (element.type == ScalarType::UInt64) {
        const auto exact = load<std::uint64_t>(at);
        if (value >= kTwoTo64 || static_cast<std::uint64_t>(value) != exact) refuse(exact);
    }
}

}  // namespace

std::vector<VersionTests> make_value_tests(std::span<const ValueFilter> filters,
                                           std::span<const DefinitionPtr> versions, const schema::UnitSystem& units,
                                           const StructRules* rules) {
    std::vector<VersionTests> made(versions.size());
    for (auto& version : made) version.asked = true;
    for (const auto& filter : filters) {
        Typing typing(filter, versions, units, rules);
        for (std::size_t i = 0; i < versions.size(); ++i) typing.add_to(made[i], i);
        typing.check();
    }
    return made;
}

bool passes(const ValueTest& test, const Element& element, const std::byte* at) {
    at += test.value * schema::value_size(element);
    switch (test.kind) {
        case ValueTest::Kind::Never:
            return false;
        case ValueTest::Kind::Always:
            return true;
        case ValueTest::Kind::Integer:
            return holds(test.op, load_integer(element.type, at), test.integer);
        case ValueTest::Kind::Natural:
            return holds(test.op, load<std::uint64_t>(at), test.natural);
        case ValueTest::Kind::Text:
            return holds(test.op, schema::text_at(at, element.dims.back()), std::string_view(test.text));
        case ValueTest::Kind::Among: {
            const bool natural = element.type == ScalarType::UInt64;
            const auto value = natural ? load<std::int64_t>(at) : load_integer(element.type, at);
            const bool is_among = std::ranges::find(test.among, value) != test.among.end();
            return is_among != (test.op == ValueOp::NotEqual);
        }
        case ValueTest::Kind::Float:
        case ValueTest::Kind::Nan:
            break;
    }
    double value = load_number(element.type, at);
    if (test.conversion) {
        refuse_rounded(element, value, at);
        value = test.conversion->apply(value);
    }
    if (test.narrow) value = static_cast<double>(static_cast<float>(value));
    if (test.kind == ValueTest::Kind::Nan) return std::isnan(value) == (test.op == ValueOp::Equal);
    return holds(test.op, value, test.number);
}

}  // namespace etalon::evolution
