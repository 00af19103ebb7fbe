#pragma once
/// Conditions on the values of a row: `gain > 1.5 and (label = "left" or not session.user is null)`.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/history.h"

namespace etalon {

/// A condition, as a tree. A comparison with something that is absent or null is neither true nor false but unknown,
/// and so is what is made of it (`not` of unknown is unknown; `true or` unknown is true): a row matches where the whole
/// is true. How values are compared: ValueFilter.
struct Condition {
    enum class Kind : std::uint8_t {
        Always,   ///< no condition
        And,      ///< all of `parts`
        Or,       ///< any of `parts`
        Not,      ///< the one part
        Compare,  ///< the value at `path` against `values[0]`, by `op`
        In,       ///< it is equal to one of `values`
        Like,     ///< text: `%` stands for any characters, `_` for one, `\` takes the next as it is; `values[0]`
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

/// Reads a condition as people write it: comparisons `PATH = VALUE` (also `!= < <= > >=`), `PATH [not] in (A, B)`,
/// `PATH [not] like "text%"`, `PATH is [not] null`, joined by `and`, `or`, `not` and parentheses, words in either case;
/// `:name` in the place of a value is a parameter. Throws Error(Usage) that points to the place in the text.
[[nodiscard]] Condition parse_condition(std::string_view text);
/// The same for people; parse_condition gives the same tree.
[[nodiscard]] std::string format_condition(const Condition& condition);

}  // namespace etalon
