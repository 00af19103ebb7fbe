#pragma once
/// Conditions on the values of a row: `gain > 1.5 and (label = "left" or not session.user is null)`.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "etalon/ref.h"

namespace etalon {

struct Condition;

enum class ValueOp : std::uint8_t {
    Equal = 1,
    NotEqual = 2,
    Less = 3,
    LessOrEqual = 4,
    Greater = 5,
    GreaterOrEqual = 6
};
[[nodiscard]] std::string_view name_of(ValueOp op) noexcept;  // `=`, `!=`, `<`, `<=`, `>`, `>=`

/// A value as a person writes it, read as the type of the element that it is compared with: a number as in CSV (`0.1`
/// is the float32 nearest to it where the element is float32), `true` and `false`, the name of an enumerator, 32
/// hexadecimal digits of a reference or uid, `sha256:HEX:SIZE` of a file, text in double quotes or bare, with the
/// escapes of CSV.
struct ValueText {
    std::string text;
    friend bool operator==(const ValueText&, const ValueText&) = default;
};

/// Stands for a value that is given when the condition is asked (with_parameters).
struct Parameter {
    std::string name;  ///< without the colon
    friend bool operator==(const Parameter&, const Parameter&) = default;
};

/// A condition on one value of a row. Numbers are compared exactly, whatever their types; -0.0 equals 0.0. NaN can be
/// asked for with = and != only; a NaN in a row is unequal to every number and neither less nor greater. Text is
/// compared byte by byte; only text with text. References, uids and files are equal or not.
struct ValueFilter {
    using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string, ValueText, Parameter, ObjectId>;
    std::string path;  ///< as a column of CSV: `pos.x`, `gain[2]`, `hit[3].adc[0][1]`
    ValueOp op = ValueOp::Equal;
    Value value;

    operator Condition() const;  // NOLINT(google-explicit-constructor): a filter is a condition
};

/// A condition, as a tree. A comparison with something that is absent or null is neither true nor false but unknown,
/// and so is what is made of it (`not` of unknown is unknown; `true or` unknown is true): a row matches where the whole
/// is true. How values are compared: ValueFilter.
struct Condition {
    enum class Kind : std::uint8_t {
        Always,   ///< no condition
        And,      ///< all of `parts`; none: always
        Or,       ///< any of `parts`; none: never
        Not,      ///< the one part
        Compare,  ///< the value at `path` against `values[0]`, by `op`
        In,       ///< it is equal to one of `values`
        Like,     ///< text: `%` stands for any bytes, `_` for one, `\` takes the next as it is; `values[0]`
        IsNull,   ///< a null reference, uid or file, on the way there too; or an element that was not stored
    };
    Kind kind = Kind::Always;
    std::vector<Condition> parts = {};
    /// As a column of CSV (`pos.x`, `gain[2]`), also across references: `session.user.name` is the name of the user
    /// that the session that the row refers to refers to.
    std::string path = {};
    ValueOp op = ValueOp::Equal;
    std::vector<ValueFilter::Value> values = {};
    friend bool operator==(const Condition&, const Condition&) = default;
};

/// How deep conditions may be nested: a deeper one is refused, as text and as a tree.
inline constexpr std::size_t kMostNesting = 100;

/// The conditions joined by `and`; those that are always true are left out.
[[nodiscard]] Condition all_of(std::vector<Condition> conditions);

/// Reads a condition as people write it: comparisons `PATH = VALUE` (also `== != < <= > >=`), `PATH [not] in (A, B)`,
/// `PATH [not] like "text%"`, `PATH is [not] null`, joined by `and`, `or`, `not` and parentheses, words in either case;
/// `:name` in the place of a value is a parameter. A value that has `and` or `or` as words, begins with `(`, `:` or
/// a quote, or has a closing parenthesis without its opening one, stands in double quotes; what begins with a quote is
/// no number. Throws Error(Usage) that points to the place in the text.
[[nodiscard]] Condition parse_condition(std::string_view text);
/// The same for people; parse_condition gives the same tree, but for values that no text gives (numbers, text without
/// the quotes), which come back as ValueText of the same meaning. Empty for a condition that is always true.
[[nodiscard]] std::string format_condition(const Condition& condition);

/// Names of the parameters of a condition, each once, in the order in which they stand.
[[nodiscard]] std::vector<std::string> parameters_of(const Condition& condition);
/// The condition with values in the place of its parameters. Throws Error(Usage) for one that is missing or that the
/// condition does not have.
[[nodiscard]] Condition with_parameters(const Condition& condition,
                                        const std::map<std::string, ValueFilter::Value>& values);

}  // namespace etalon
