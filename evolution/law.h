#pragma once
/// The law of evolution (docs/evolution.md) as one enumerated table, and the pure functions that judge by it. Private
/// to etalon; docs/evolution.md says the same in words.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "evolution/change.h"
#include "evolution/rule_trace.h"
#include "schema/units.h"

namespace etalon::evolution {

/// What may happen to one element (or to the struct) between a stored and an asked definition. The order is that of the
/// table. A row is added here and in law.cpp, with a directory of its name in tests/law.
enum class LawRow : std::uint8_t {
    Unchanged = 0,
    Comment,
    Reordered,
    Moved,
    DefaultChanged,
    LimitsChanged,
    Added,
    AddedWithDefault,
    Removed,
    Renamed,
    RenamedWithoutRule,
    BoolToNumber,
    IntegerWidened,
    IntegerToFloatExact,
    FloatWidened,
    IntegerNarrowed,
    IntegerSignChanged,
    IntegerToFloat,
    FloatNarrowed,
    FloatToInteger,
    NumberToBool,
    TextLonger,
    TextShorter,
    ArrayLonger,
    ArrayShorter,
    ArrayLongerAndShorter,
    ScalarToArray,
    ArrayToScalar,
    RankChanged,
    UnitRespelled,
    UnitToFloat,
    UnitToInteger,
    UnitNotConvertible,
    UnitUnknown,
    UnitAppeared,
    UnitVanished,
    UnitOfText,
    UnitOfEnumeration,
    EnumeratorsChanged,
    EnumeratorsAppeared,
    EnumeratorsVanished,
    ElementToStruct,
    StructToElement,
    StructToArray,
    NumberToText,
    TextToNumber,
    BytesAndText,
    AddedWithFill,
    Rearranged,
    PartlyRemoved,
    Rescaled,
    RescaledToInteger,
    LossAllowed,
    AnythingElse,  ///< the last: refused
};

/// One row of the table.
struct LawEntry {
    LawRow row{};
    std::string_view id;      ///< `integer_widened`; kept for ever: programs and tests name rows by it
    std::string_view change;  ///< what is different, in words
    Verdict verdict{};        ///< of reading across it
    std::string_view reader;  ///< what the reader gets, in words
};

/// The whole table, one entry per LawRow in its order.
[[nodiscard]] std::span<const LawEntry> law() noexcept;
[[nodiscard]] const LawEntry& entry_of(LawRow row) noexcept;

/// Where a detected change stands in the law, with the reason in one clause.
struct Judgement {
    LawRow row = LawRow::AnythingElse;
    Verdict verdict = Verdict::Refused;  ///< that of the row
    std::string reason;
};

/// Judges one change of a pair of elements. `stored` is null for an added element, `asked` for a removed one; both are
/// null for changes of the struct itself and of a struct inside. Without `units` no unit is known. What no row covers
/// is AnythingElse.
[[nodiscard]] Judgement judge_change(ChangeKind kind, const Element* stored, const Element* asked,
                                     const schema::UnitSystem* units);

/// Judges with the rules on a way (rule_trace.h), which is not empty.
[[nodiscard]] std::vector<JudgedChange> judge_by_rules(const StructDefinition& stored, const StructDefinition& asked,
                                                       const std::vector<RuleStep>& way,
                                                       const schema::UnitSystem* units);

}  // namespace etalon::evolution
