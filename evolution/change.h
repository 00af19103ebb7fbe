#pragma once
/// What changed between two layouts, and what the law says of reading across it (docs/evolution.md). Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "schema/units.h"

namespace etalon::evolution {

class StructRules;

/// What happened to one element between two definitions. Detection only; see Verdict for the judgement.
enum class ChangeKind : std::uint8_t {
    Added = 1,       ///< only in the asked definition
    Removed,         ///< only in the stored definition
    Retyped,         ///< other scalar type
    Resized,         ///< same rank, other dimensions
    RankChanged,     ///< other number of dimensions
    Renamed,         ///< same value under another path, by a recorded rename
    UnitChanged,     ///< other unit, also from or to none
    EnumChanged,     ///< other enumerators
    DefaultChanged,  ///< other declared default
    LimitsChanged,   ///< another key or other limits
    Reordered,       ///< other place in the order of elements
    Moved,        ///< same order, other offset or padding (also: size or alignment of the struct; then path is empty)
    TextResized,  ///< other capacity of text
    Nested,  ///< an element became a struct, the reverse, or a struct an array of structs (path: that of the struct)
    Rearranged,     ///< single values that come from elsewhere, by a rule
    Rescaled,       ///< another factor or offset, by a rule
    PartlyRemoved,  ///< single values of a stored element that go nowhere, where rules take others of them
};

/// docs/evolution.md, from best to worst; the worst of several counts.
enum class Verdict : std::uint8_t { Identical = 1, Automatic, Checked, NeedsRule, Refused };

[[nodiscard]] std::string_view name_of(ChangeKind kind) noexcept;  // `added`, `removed`, ...
[[nodiscard]] std::string_view name_of(
    Verdict verdict) noexcept;  // `identical`, `automatic`, `checked`, `needs rule`, `refused`

/// One change of one element; several changes of an element are several entries.
struct Change {
    ChangeKind kind{};
    std::string path;  ///< in the asked definition (in the stored one when removed, also partly)
    std::string from;  ///< what it was, for people: `int32`, `float32[3]`, `[cm]`
    std::string to;    ///< what it is
};

/// A change with its judgement and the reason in one clause.
struct JudgedChange {
    Change change;
    Verdict verdict{};
    std::string reason;
    std::string_view row = {};  ///< of the law (law.h): `integer_widened`
};

/// Every change from `stored` to `asked`, in order of the asked elements, then the removed ones, then nested ones.
[[nodiscard]] std::vector<Change> compare(const StructDefinition& stored, const StructDefinition& asked);
/// The law of docs/evolution.md (law.h) for reading `stored` rows as `asked`. The default is Refused. Without `units`
/// (used during the call only) every changed unit needs a rule. With `rules` (used during the call only), what people
/// wrote for the way between the two layouts is followed first.
[[nodiscard]] std::vector<JudgedChange> judge(const StructDefinition& stored, const StructDefinition& asked,
                                              const schema::UnitSystem* units = nullptr,
                                              const StructRules* rules = nullptr);
/// Worst verdict of the list; Identical when empty.
[[nodiscard]] Verdict worst(const std::vector<JudgedChange>& changes) noexcept;

}  // namespace etalon::evolution
