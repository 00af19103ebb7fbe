#pragma once
/// Conditions on values of rows (ValueFilter), typed for every schema version that rows may have. Pure functions.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "etalon/history.h"
#include "schema/units.h"

namespace etalon::evolution {

class StructRules;

/// One condition, typed for one definition: the value at `element`[indices] against a bound of its own kind.
struct ValueTest {
    enum class Kind : std::uint8_t {
        Never,    ///< no value of the type is so (a uint8 above 300)
        Always,   ///< every value is so
        Integer,  ///< of any integer type but uint64, and bool: against `integer`
        Natural,  ///< of uint64: against `natural`
        Float,    ///< against `number`, which is no NaN
        Nan,      ///< is NaN (Equal), is none (NotEqual)
        Text,     ///< against `text`, byte by byte
        Among,    ///< is one of `among`, whatever the operator; NotEqual: is none of them
    };
    std::size_t element = 0;             ///< index into the definition's elements
    std::vector<std::uint64_t> indices;  ///< of the value in its array; none for a scalar
    std::uint64_t value = 0;             ///< the same as one row-major index
    Kind kind = Kind::Never;
    ValueOp op = ValueOp::Equal;
    std::int64_t integer = 0;
    std::uint64_t natural = 0;
    double number = 0;
    std::string text;
    std::vector<std::int64_t> among;  ///< of an integer type; uint64 wraps
    std::optional<schema::UnitConversion>
        conversion;       ///< of the stored value before it is compared; kind is Float or Nan
    bool narrow = false;  ///< the converted value is a float32
};

/// What the filters mean in one schema version.
struct VersionTests {
    bool asked = false;  ///< false: the version lacks an element, or cannot hold the value; its rows do not match
    std::vector<ValueTest> tests;  ///< one a filter; rows match that pass all
    std::string fault;             ///< not empty: why its values cannot be compared (units)
};

/// Types filters for every version of a struct, oldest first. An element is found by path or, as readers find it,
/// through recorded rules (`rules` may be null); the newest version that has the path gives the unit, and says what the
/// numbers of an enumeration mean. Throws Error(Unknown) with the nearest path for one that no version has,
/// Error(BadInput) for a value that is none of the element's type in any version, or an index that no version has.
[[nodiscard]] std::vector<VersionTests> make_value_tests(std::span<const ValueFilter> filters,
                                                         std::span<const DefinitionPtr> versions,
                                                         const schema::UnitSystem& units,
                                                         const StructRules* rules = nullptr);

/// True when the value passes. `at` points to the values of the test's element (any alignment). Throws
/// Error(Conversion) for an integer that would have to be compared in another unit and that a double does not hold.
[[nodiscard]] bool passes(const ValueTest& test, const Element& element, const std::byte* at);

}  // namespace etalon::evolution
