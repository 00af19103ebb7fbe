#pragma once
/// Units as people write them, read into a factor, powers of what cannot be reduced further, and a zero point. Private
/// to schema/.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/rational.h"
#include "schema/unit_table.h"

namespace etalon::schema {

/// A unit by what it measures: x of it are x * factor * sqrt(root) * pi^(half_pi / 2) + origin in the units that
/// `powers` names.
struct UnitValue {
    Rational factor = 1;
    Rational root = 1;  ///< above zero, and no square
    int half_pi = 0;
    std::map<std::string, int, std::less<>>
        half_powers;             ///< twice the power, by the first name of a new unit; none is 0
    Rational origin = 0;         ///< where its zero lies; of a point only
    bool is_point = false;       ///< a scale with a zero of its own (degC): alone, or times a number
    bool is_difference = false;  ///< a difference between two points of such a scale
    bool is_number = false;      ///< digits only
};

/// Names that a unit text defines for itself, behind ` where `: name -> definition.
using LocalUnits = std::map<std::string, std::string, std::less<>>;

/// A unit text in its parts: `MeV/spill where spill = 12 s`.
struct SplitUnit {
    std::string text;  ///< `MeV/spill`
    LocalUnits local;
};

/// UTF-8 (Latin-1 is read as such) and without blanks at both ends; nothing when the part behind `where` is none.
[[nodiscard]] std::optional<SplitUnit> split_unit(std::string_view unit);

/// Reads units by the table. Immutable after construction.
class UnitReader {
public:
    UnitReader();

    /// Nothing when the text is no unit. `unknown`, when given, gets the names that nobody defines.
    [[nodiscard]] std::optional<UnitValue> read(std::string_view unit,
                                                std::vector<std::string>* unknown = nullptr) const;
    /// The names in a unit, in their order, each once; `local` names too.
    [[nodiscard]] std::vector<std::string> names_in(const SplitUnit& unit) const;
    /// True for a name of the table, with or without prefix; false for one that people may define otherwise.
    [[nodiscard]] bool is_fixed(std::string_view name) const;
    /// Names and symbols, also with prefixes where the SI has them, to propose.
    [[nodiscard]] std::vector<std::string> spellings() const;

private:
    friend class UnitTextParser;
    struct Found {
        const UnitEntry* entry = nullptr;
        int exponent = 0;  ///< of ten, by a prefix
    };
    [[nodiscard]] const UnitEntry* find_exactly(std::string_view name, bool with_prefix) const;
    [[nodiscard]] Found find(std::string_view name) const;

    struct Known {
        const UnitEntry* entry = nullptr;
        bool takes_prefix = true;
    };
    std::unordered_map<std::string, Known> names_;  ///< in lower case
    std::unordered_map<std::string, Known> symbols_;
};

}  // namespace etalon::schema
