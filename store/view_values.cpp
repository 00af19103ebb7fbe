// Conversions of the law as SQL. Every cast stands behind a test that it cannot fail: one bad value must not break the
// view.
#include "store/view_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "evolution/matching.h"

namespace etalon::store {

using backends::CellType;
using backends::Engine;
using evolution::holds_every_value;
using schema::UnitConversion;

namespace {

constexpr std::string_view kLargest = "1.7976931348623157e308";
/// From here on float64 overflows float32, up to there it rounds to zero.
constexpr std::string_view kFloat32End = "3.4028235677973366e38";
constexpr std::string_view kFloat32Zero = "7.006492321624085e-46";

/// Bits of an integer type without its sign.
int bits_of(ScalarType type) {
    return static_cast<int>(size_of(type)) * 8 - (is_signed_integer(type) ? 1 : 0);
}

std::string power_of_two(int exponent) {
    return exponent == 64 ? "18446744073709551616" : std::to_string(std::uint64_t{1} << exponent);
}

__extension__ using Wide = __int128;

/// The least and the greatest value of an integer type.
std::pair<std::int64_t, std::uint64_t> range_of(ScalarType type) {
    const int bits = bits_of(type);
    const std::uint64_t most = (std::uint64_t{1} << (bits - 1)) - 1 + (std::uint64_t{1} << (bits - 1));
    return {is_signed_integer(type) ? -static_cast<std::int64_t>(most) - 1 : 0, most};
}

std::string least_of(ScalarType type) {
    if (!is_signed_integer(type)) return "0";
    // The number behind the sign alone would be too large.
    return type == ScalarType::Int64 ? "(-9223372036854775807 - 1)" : "-" + power_of_two(bits_of(type));
}

std::string most_of(ScalarType type) {
    return std::to_string(range_of(type).second);
}

std::string literal(std::int64_t value) {
    return value == std::numeric_limits<std::int64_t>::min() ? least_of(ScalarType::Int64) : std::to_string(value);
}

std::string enumerator(ScalarType type, std::int64_t value) {
    return type == ScalarType::UInt64 ? std::to_string(static_cast<std::uint64_t>(value)) : literal(value);
}

/// True for the integers that a float type has: those with no more digits than it, but for factors of two.
std::string is_exact(const std::string& value, ScalarType from, ScalarType to) {
    const int digits = to == ScalarType::Float32 ? 24 : 53;
    std::string text;
    for (int k = 0; digits + k < bits_of(from); ++k) {
        const auto bound = power_of_two(digits + k);
        text += fmt::format("{}{} BETWEEN {} AND {}{} OR ", k == 0 ? "" : "(", value,
                            is_signed_integer(from) ? "-" + bound : "0", bound,
                            k == 0 ? "" : fmt::format(" AND {} % {} = 0)", value, power_of_two(k)));
    }
    return fmt::format("({}{} % {} = 0)", text, value, power_of_two(bits_of(from) - digits));
}

/// A factor that is a quotient of two whole numbers which doubles hold; nothing for another one, or with an offset.
std::optional<std::pair<std::int64_t, std::int64_t>> quotient_of(const UnitConversion& unit) {
    constexpr std::int64_t kMost = std::int64_t{1} << 53;
    if (!unit.exact || unit.offset != 0) return std::nullopt;
    const auto steps = unit.exact->whole_steps();
    if (!steps || steps->step_from > kMost || steps->step_to > kMost || steps->step_to < -kMost) return std::nullopt;
    return std::pair(steps->step_to, steps->step_from);
}

/// What UnitConversion::apply does, but for the last bit where neither the factor nor its inverse is a whole number.
std::string applied(const std::string& value, const UnitConversion& unit, std::string_view cast) {
    if (const auto quotient = quotient_of(unit)) {
        const auto [num, den] = *quotient;
        auto text = value;
        if (num != 1) text += fmt::format(" * {}.0{}", num, cast);
        if (den != 1) text += fmt::format(" / {}.0{}", den, cast);
        return text;
    }
    const bool is_shifted = unit.is_reversed && unit.offset != 0;
    const auto from = is_shifted ? fmt::format("({} - ({:.17g}{}))", value, unit.offset, cast) : value;
    std::string text = fmt::format("{} {} {:.17g}{}", from, unit.is_reversed ? '/' : '*', unit.scale, cast);
    if (std::abs(unit.scale) < 1) {
        const double divisor = std::round(1 / unit.scale);
        if (1 / divisor == unit.scale)
            text = fmt::format("{} {} {:.1f}{}", from, unit.is_reversed ? '*' : '/', divisor, cast);
    }
    if (unit.is_reversed) return text;
    return unit.offset == 0 ? text : fmt::format("{} + ({:.17g}{})", text, unit.offset, cast);
}

/// What both engines need of one value; each engine says how its own types convert.
class Values {
public:
    explicit Values(const ViewSource& source) : source_(source) {}
    virtual ~Values() = default;
    Values(const Values&) = delete;
    Values& operator=(const Values&) = delete;

protected:
    [[nodiscard]] virtual std::string number(const std::string& value, ScalarType from, ScalarType to) const = 0;
    [[nodiscard]] virtual std::string in_other_unit(const std::string& value) const = 0;
    /// Integers of another unit, exactly; NULL for those that become none.
    [[nodiscard]] virtual std::string whole_number(const std::string& value, ScalarType to,
                                                   const schema::WholeSteps& steps) const = 0;

    /// The value of an element that is not text.
    [[nodiscard]] std::string item(const std::string& value) const {
        const auto from = source_.stored.type;
        const auto to = source_.asked.type;
        if (source_.by_name) {
            std::string cases;
            for (const auto& [before, after] : source_.names) {
                cases += fmt::format(" WHEN {} THEN {}", enumerator(from, before), enumerator(to, after));
            }
            return cases.empty() ? "NULL" : fmt::format("CASE {}{} END", value, cases);
        }
        if (!source_.unit) return number(value, from, to);
        if (source_.unit->exact && is_integer(from) && is_integer(to)) {
            const auto steps = source_.unit->exact->whole_steps();
            if (steps) return whole_number(value, to, *steps);
            return source_.unit->offset == 0 ? fmt::format("CASE WHEN {} = 0 THEN 0 END", value) : "NULL";
        }
        // In steps with names, or the expressions would grow as a power of their number.
        return fmt::format("(SELECT {} FROM (SELECT {} AS v FROM (SELECT {} AS u) ua) va)",
                           number("v", ScalarType::Float64, to), in_other_unit("u"),
                           number(value, from, ScalarType::Float64));
    }
    /// Dimensions of values, without the capacity of text.
    [[nodiscard]] std::size_t rank() const { return source_.asked.dims.size() - (source_.asked.is_text() ? 1 : 0); }
    [[nodiscard]] bool is_plain() const {
        const auto from = source_.stored.type;
        const auto to = source_.asked.type;
        return !source_.unit && !source_.by_name &&
               (from == to || (holds_every_value(from, to) && from != ScalarType::Bool));
    }

    const ViewSource& source_;
};

class PostgresValues final : public Values {
public:
    using Values::Values;

    std::string value() const {
        const auto type = backends::column_type(Engine::Postgres, {source_.asked.type, {}});
        if (rank() == 0) {
            auto cell = source_.column;
            for (const auto index : source_.item) cell += fmt::format("[{}]", index + 1);
            if (source_.asked.is_text()) return text(cell);
            return source_.by_name ? fmt::format("({})::{}", item(cell), type) : item(cell);
        }
        if (is_plain() && !source_.asked.is_text()) {
            std::string array = source_.column;
            for (std::size_t d = 0; source_.truncates && d < rank(); ++d)
                array += fmt::format("[1:{}]", source_.asked.dims[d]);
            return source_.stored.type == source_.asked.type ? array : fmt::format("({})::{}[]", array, type);
        }
        const auto array = each(0, source_.column);
        return source_.asked.is_text() ? array : fmt::format("({})::{}[]", array, type);
    }

private:
    /// The array with every value converted.
    std::string each(std::size_t dimension, const std::string& value) const {
        if (dimension == rank()) return source_.asked.is_text() ? text(value) : item(value);
        const auto index = fmt::format("i{}", dimension + 1);
        const auto limit =
            source_.truncates ? fmt::format(" WHERE {} <= {}", index, source_.asked.dims[dimension]) : "";
        return fmt::format("(SELECT array_agg({0} ORDER BY {1}) FROM generate_subscripts({2}, {3}) g{3}({1}){4})",
                           each(dimension + 1, fmt::format("{}[{}]", value, index)), index, source_.column,
                           dimension + 1, limit);
    }

    std::string text(const std::string& value) const {
        const auto readable = fmt::format("encode({}, 'escape')", value);
        return source_.cuts ? fmt::format("CASE WHEN octet_length({}) <= {} THEN {} END", value,
                                          source_.asked.dims.back(), readable)
                            : readable;
    }

    std::string number(const std::string& x, ScalarType from, ScalarType to) const override {
        const auto type = backends::column_type(Engine::Postgres, {to, {}});
        if (from == to) return x;
        if (from == ScalarType::Bool) return fmt::format("{}::integer::{}", x, type);
        if (to == ScalarType::Bool) return fmt::format("CASE WHEN {0} = 0 THEN false WHEN {0} = 1 THEN true END", x);
        if (holds_every_value(from, to)) return fmt::format("{}::{}", x, type);
        if (is_integer(from) && is_integer(to)) {
            return fmt::format("CASE WHEN {0} BETWEEN {1} AND {2} THEN {0}::{3} END", x, least_of(to), most_of(to),
                               type);
        }
        if (is_integer(from)) return fmt::format("CASE WHEN {} THEN {}::{} END", is_exact(x, from, to), x, type);
        if (is_float(to)) {
            return fmt::format(
                "CASE WHEN abs({0}) <= {1}::float8 THEN 0::real WHEN abs({0}) < {2}::float8 OR "
                "abs({0}) >= 'Infinity'::float8 THEN {0}::real END",
                x, kFloat32Zero, kFloat32End);
        }
        const auto whole = fmt::format("{0} >= {1} AND {0} < {2} AND trunc({0}::float8) = {0}", x, least_of(to),
                                       power_of_two(std::min(bits_of(to), 63)));
        if (to != ScalarType::UInt64) return fmt::format("CASE WHEN {} THEN {}::{} END", whole, x, type);
        // A float becomes numeric by 15 digits, an integer with all of them.
        return fmt::format(
            "CASE WHEN {1} THEN {0}::bigint::numeric WHEN {0} >= {2} AND {0} < {3} THEN "
            "({0}::float8 - {2}::float8)::bigint::numeric + {2} END",
            x, whole, power_of_two(63), power_of_two(64));
    }

    std::string in_other_unit(const std::string& u) const override {
        // PostgreSQL calls overflow and underflow errors.
        const auto quotient = quotient_of(*source_.unit);
        const double factor = quotient ? static_cast<double>(std::abs(quotient->first)) : std::abs(source_.unit->scale);
        const double least = std::abs(source_.unit->scale);
        const double end = factor > 1 ? std::nextafter(std::numeric_limits<double>::max() / factor, 0.0)
                                      : std::numeric_limits<double>::max();
        const double zero = least < 1 ? std::min(1e-323 / least, 1.0) : 0;
        return fmt::format(
            "CASE WHEN abs({0}) >= 'Infinity'::float8 THEN {0} * {1}::float8 WHEN abs({0}) <= '{2:.17g}'::float8 THEN "
            "({3:.17g})::float8 WHEN abs({0}) <= '{4:.17g}'::float8 THEN {5} END",
            u, source_.unit->scale < 0 ? "(-1)" : "1", zero, source_.unit->offset, end,
            applied(u, *source_.unit, "::float8"));
    }

    std::string whole_number(const std::string& value, ScalarType to, const schema::WholeSteps& steps) const override {
        return fmt::format(
            "(SELECT CASE WHEN w BETWEEN {5} AND {6} THEN w::{7} END FROM (SELECT CASE WHEN mod(s - {1}, {2}) = 0 THEN "
            "div(s - {1}, {2}) * ({4}) + ({3}) END AS w FROM (SELECT ({0})::numeric AS s) sa) wa)",
            value, numeric(steps.first_from), numeric(steps.step_from), numeric(steps.first_to), numeric(steps.step_to),
            least_of(to), most_of(to), backends::column_type(Engine::Postgres, {to, {}}));
    }

    static std::string numeric(std::int64_t value) { return fmt::format("({}::numeric)", literal(value)); }
};

class SqliteValues final : public Values {
public:
    using Values::Values;

    std::string value() const {
        const auto& x = source_.column;
        if (!source_.item.empty()) return item_cell();
        if (rank() == 0) {
            if (is_identity(source_.asked.type)) return digits();
            if (!source_.asked.is_text()) return readable(item(x));
            return source_.cuts ? fmt::format("CASE WHEN length(CAST({0} AS BLOB)) <= {1} THEN {0} END", x,
                                              source_.asked.dims.back())
                                : x;
        }
        // An array is JSON text, or a blob of its values when JSON cannot say them.
        if (is_plain() || source_.asked.is_text()) {
            const bool one_type = source_.stored.type == source_.asked.type;
            if (!source_.truncates) return one_type ? x : fmt::format("CASE WHEN typeof({0}) = 'text' THEN {0} END", x);
            return fmt::format("CASE WHEN typeof({0}) = 'text' THEN {1} {2}END", x, each(0, x, "", true),
                               one_type ? fmt::format("ELSE {} ", x) : "");
        }
        return fmt::format("CASE WHEN typeof({}) = 'text' THEN {} END", x, each(0, x, "", false));
    }

    /// The value as an item of JSON text; NULL when JSON cannot say it.
    std::string json_value() const {
        const auto& x = source_.column;
        const bool is_item = !source_.item.empty();
        if (source_.asked.is_text()) {
            return fmt::format("CASE WHEN {} THEN {} END", is_json() + fits(is_item ? extracted() : x),
                               is_item ? fmt::format("{} -> '{}'", x, path()) : fmt::format("json_quote({})", x));
        }
        if (is_identity(source_.asked.type)) return identity_as_json();
        if (!is_item) return number_as_json(x, false);
        if (is_plain()) return fmt::format("CASE WHEN {} THEN {} -> '{}' END", is_json(), x, path());
        return json(extracted());
    }

private:
    /// Hexadecimal digits; of a file those of its hash.
    std::string digits() const {
        const auto hash =
            source_.asked.type == ScalarType::File ? fmt::format("substr({}, 1, 32)", source_.column) : source_.column;
        return fmt::format("CASE WHEN {} IS NOT NULL THEN lower(hex({})) END", source_.column, hash);
    }
    /// What an array has of it; of a column of its own the digits, which are not all of a file.
    std::string identity_as_json() const {
        const auto& x = source_.column;
        if (!source_.item.empty()) return fmt::format("CASE WHEN {} THEN {} -> '{}' END", is_json(), x, path());
        if (source_.asked.type == ScalarType::File) return fmt::format("CASE WHEN {} IS NULL THEN 'null' END", x);
        return fmt::format("CASE WHEN {0} IS NULL THEN 'null' ELSE json_quote(lower(hex({0}))) END", x);
    }
    /// Of an array that is stored as a blob, no value is known.
    std::string is_json() const { return fmt::format("typeof({}) = 'text'", source_.column); }
    std::string path() const {
        std::string out = "$";
        for (const auto index : source_.item) out += fmt::format("[{}]", index);
        return out;
    }
    std::string extracted() const {
        return fmt::format("CASE WHEN {} THEN json_extract({}, '{}') END", is_json(), source_.column, path());
    }
    std::string fits(const std::string& text) const {
        return source_.cuts ? fmt::format(" AND length(CAST({} AS BLOB)) <= {}", text, source_.asked.dims.back()) : "";
    }

    /// One item of an array, by itself.
    std::string item_cell() const {
        if (source_.asked.is_text() || is_identity(source_.asked.type)) {
            return fmt::format("CASE WHEN {}{} THEN json_extract({}, '{}') END", is_json(), fits(extracted()),
                               source_.column, path());
        }
        std::string converted = item("s");
        if (has_short_digits()) converted = fmt::format("CASE WHEN abs(s) < 16777216 THEN {} END", converted);
        if (is_plain() && source_.stored.type == ScalarType::UInt64) {
            converted = fmt::format("CASE typeof(s) WHEN 'real' THEN {} -> '{}' ELSE s END", source_.column, path());
        }
        return fmt::format("(SELECT {} FROM (SELECT {} AS s) sa)", converted, json_number(extracted()));
    }

    /// The array as JSON text, with its items as they are or converted. `array` is JSON text, `item_value` the SQL
    /// value of it.
    std::string each(std::size_t dimension, const std::string& array, const std::string& item_value, bool as_is) const {
        if (dimension == rank()) return as_is ? array : json(item_value);
        const auto j = fmt::format("j{}", dimension + 1);
        const auto limit =
            source_.truncates ? fmt::format(" WHERE {}.key < {}", j, source_.asked.dims[dimension]) : std::string();
        return fmt::format(
            "(SELECT '[' || group_concat(e) || ']' FROM (SELECT {0} AS e FROM json_each({1}) {2}{3} ORDER BY {2}.key))",
            each(dimension + 1, fmt::format("({} -> {}.key)", array, j), j + ".value", as_is), array, j, limit);
    }

    /// A float32 inside JSON has the digits that a float32 needs: beyond 2^24 they are no longer those of the integer.
    bool has_short_digits() const {
        return source_.stored.type == ScalarType::Float32 && !is_float(source_.asked.type);
    }

    /// A value of JSON as a number. A whole float is written as an integer, and would be computed with as one.
    std::string json_number(const std::string& value) const {
        return is_float(source_.stored.type) ? fmt::format(
                                                   "CASE {0} WHEN 'Infinity' THEN 9e999 WHEN '-Infinity' THEN "
                                                   "-9e999 ELSE CAST({0} AS REAL) END",
                                                   value)
                                             : value;
    }

    /// One converted item of JSON as JSON text.
    std::string json(const std::string& value) const { return number_as_json(json_number(value), has_short_digits()); }

    /// All 17 digits, which read back to the same bits. What SQLite's own types cannot hold is a blob or text.
    std::string number_as_json(const std::string& number, bool short_digits) const {
        const auto text = source_.asked.type == ScalarType::Bool
                              ? std::string("CASE w WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END")
                              : fmt::format(
                                    "CASE typeof(w) WHEN 'integer' THEN CAST(w AS TEXT) WHEN 'real' THEN CASE WHEN "
                                    "w > {0} THEN '\"Infinity\"' WHEN w < -{0} THEN '\"-Infinity\"' ELSE "
                                    "printf('%!.17g', w) END WHEN 'null' THEN 'null' ELSE {1} END",
                                    kLargest, is_float(source_.asked.type) ? "'\"nan\"'" : "ltrim(w, '0')");
        return fmt::format("(SELECT {} FROM (SELECT {} AS w FROM (SELECT {} AS s) sa) wa)", text,
                           short_digits ? fmt::format("CASE WHEN abs(s) < 16777216 THEN {} END", item("s")) : item("s"),
                           number);
    }

    /// What SQLite's own types cannot hold is stored as blobs and as text of 20 digits.
    std::string readable(const std::string& value) const {
        if (!is_plain()) return value;
        if (is_float(source_.asked.type) && is_float(source_.stored.type)) {
            return fmt::format("CASE WHEN typeof({0}) = 'blob' THEN 'nan' ELSE {0} END", value);
        }
        if (source_.asked.type == ScalarType::UInt64 && source_.stored.type == ScalarType::UInt64) {
            return fmt::format("CASE WHEN typeof({0}) = 'text' THEN ltrim({0}, '0') ELSE {0} END", value);
        }
        return value;
    }

    /// Blobs and texts (a NaN, an integer above 2^63-1) are above all numbers, so that they are outside every range.
    std::string number(const std::string& x, ScalarType from, ScalarType to) const override {
        if (from == to) return from == ScalarType::Float64 && source_.unit ? nan_as_text(x) : x;
        if (to == ScalarType::Bool) return fmt::format("CASE WHEN {0} IN (0, 1) THEN CAST({0} AS INTEGER) END", x);
        if (is_integer(to)) {
            if (holds_every_value(from, to)) return x;
            const auto least = is_float(from) && to == ScalarType::Int64 ? "-9223372036854775808.0" : least_of(to);
            if (!is_float(from)) {
                return fmt::format("CASE WHEN {0} BETWEEN {1} AND {2} THEN {0} END", x, least,
                                   to == ScalarType::UInt64 ? most_of(ScalarType::Int64) : most_of(to));
            }
            return fmt::format(
                "CASE WHEN {0} >= {1} AND {0} < {2}.0 AND {0} = CAST({0} AS INTEGER) THEN CAST({0} AS INTEGER) END", x,
                least, power_of_two(std::min(bits_of(to), 63)));
        }
        if (from == ScalarType::Bool || (is_integer(from) && holds_every_value(from, to))) {
            return fmt::format("CAST({} AS REAL)", x);
        }
        if (is_integer(from)) {
            return fmt::format("CASE WHEN typeof({0}) = 'integer' AND {1} THEN CAST({0} AS REAL) END", x,
                               is_exact(x, from, to));
        }
        if (holds_every_value(from, to)) return nan_as_text(x);
        return fmt::format(
            "CASE WHEN typeof({0}) IN ('blob', 'text') THEN 'nan' WHEN abs({0}) < {1} OR abs({0}) > {2} THEN {0} END",
            x, kFloat32End, kLargest);
    }

    static std::string nan_as_text(const std::string& x) {
        return fmt::format("CASE WHEN typeof({0}) IN ('blob', 'text') THEN 'nan' ELSE {0} END", x);
    }

    std::string in_other_unit(const std::string& u) const override {
        return fmt::format(
            "CASE WHEN typeof({0}) = 'text' OR abs({1}) <= {2} OR abs({0}) > {2} THEN CASE WHEN typeof({0}) = 'text' "
            "THEN {0} ELSE {1} END END",
            u, applied(u, *source_.unit, ""), kLargest);
    }

    /// Its integers have 64 bits: only the steps between which nothing overflows.
    std::string whole_number(const std::string& value, ScalarType to, const schema::WholeSteps& steps) const override {
        const auto end = static_cast<Wide>(std::numeric_limits<std::int64_t>::max());
        const auto most = to == ScalarType::UInt64 ? end : static_cast<Wide>(range_of(to).second);
        // The number of the step, k: first_to + k * step_to is one of the type, and no part of it overflows.
        const auto quotient = [](Wide a, Wide b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); };
        Wide low = quotient(-end + steps.first_from - 1, steps.step_from) + 1;
        Wide high = quotient(end - steps.first_from, steps.step_from);
        const auto bound = [&](Wide least_to, Wide most_to) {
            const Wide step = steps.step_to;
            const Wide first = step > 0 ? least_to : most_to;
            const Wide last = step > 0 ? most_to : least_to;
            low = std::max(low, -quotient(-first, step));
            high = std::min(high, quotient(last, step));
        };
        bound(static_cast<Wide>(range_of(to).first) - steps.first_to, most - steps.first_to);
        bound(-end, end);
        if (low > high) return "NULL";
        const auto from = [&](Wide k) {
            return literal(static_cast<std::int64_t>(k * steps.step_from + steps.first_from));
        };
        return fmt::format(
            "(SELECT CASE WHEN typeof(s) = 'integer' AND s BETWEEN {1} AND {2} AND (s - {3}) % {4} = 0 THEN "
            "(s - {3}) / {4} * ({5}) + ({6}) END FROM (SELECT {0} AS s) sa)",
            value, from(low), from(high), literal(steps.first_from), literal(steps.step_from), literal(steps.step_to),
            literal(steps.first_to));
    }
};

}  // namespace

std::string view_value(Engine engine, const ViewSource& source) {
    return engine == Engine::Postgres ? PostgresValues(source).value() : SqliteValues(source).value();
}

std::string view_array(Engine engine, const Element& asked, const std::vector<std::optional<ViewSource>>& items) {
    const bool sqlite = engine == Engine::Sqlite;
    std::vector<std::string> parts;
    for (const auto& item : items) {
        if (!item) {
            parts.emplace_back(sqlite ? "'null'" : "NULL");
        } else if (sqlite) {
            parts.push_back(fmt::format("coalesce({}, 'null')", SqliteValues(*item).json_value()));
        } else {
            parts.push_back(PostgresValues(*item).value());
        }
    }
    // From the innermost dimension outwards.
    for (auto d = evolution::array_rank(asked); d-- > 0;) {
        std::vector<std::string> outer;
        for (std::size_t i = 0; i < parts.size(); i += asked.dims[d]) {
            const auto inner = fmt::to_string(fmt::join(parts.begin() + static_cast<std::ptrdiff_t>(i),
                                                        parts.begin() + static_cast<std::ptrdiff_t>(i + asked.dims[d]),
                                                        sqlite ? " || ',' || " : ", "));
            outer.push_back(sqlite ? fmt::format("'[' || {} || ']'", inner) : fmt::format("ARRAY[{}]", inner));
        }
        parts = std::move(outer);
    }
    if (sqlite) return fmt::format("({})", parts.front());
    return fmt::format("{}::{}[]", parts.front(),
                       asked.is_text() ? "text" : backends::column_type(engine, {asked.type, {}}));
}

}  // namespace etalon::store
