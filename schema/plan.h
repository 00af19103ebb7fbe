#pragma once
/// Conversion of rows from a stored layout to an asked one (DESIGN 2.6). Detect (compare), judge (verdict), build a
/// plan once, run it over contiguous rows. Pure.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "schema/units.h"

namespace etalon::schema {

class StructRules;
struct RuleStep;

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
    Reordered,       ///< other place in the order of elements
    Moved,        ///< same order, other offset or padding (also: size or alignment of the struct; then path is empty)
    TextResized,  ///< other capacity of text
    Nested,  ///< an element became a struct, the reverse, or a struct an array of structs (path: that of the struct)
    Rearranged,  ///< single values that come from elsewhere, by a rule
    Rescaled,    ///< another factor or offset, by a rule
    PartlyRemoved,  ///< single values of a stored element that go nowhere, where rules take others of them
};

/// DESIGN 2.6, from best to worst; the worst of several counts.
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
/// The law of DESIGN 2.6 (law.h) for reading `stored` rows as `asked`. The default is Refused. Without `units` (used
/// during the call only) every changed unit needs a rule. With `rules` (used during the call only), what people wrote for the
/// way between the two layouts is followed first.
[[nodiscard]] std::vector<JudgedChange> judge(const StructDefinition& stored, const StructDefinition& asked,
                                              const UnitSystem* units = nullptr, const StructRules* rules = nullptr);
/// Worst verdict of the list; Identical when empty.
[[nodiscard]] Verdict worst(const std::vector<JudgedChange>& changes) noexcept;

/// How a plan may convert.
struct PlanOptions {
    bool strict = false;   ///< absent elements are an error
    bool lenient = false;  ///< lossy conversions are done and counted instead of refused (DESIGN 4: what is lost how)
    const UnitSystem* units =
        nullptr;  ///< converts changed units; used while the plan is made only; none: they need a rule
    const std::vector<RuleStep>* way =
        nullptr;  ///< StructRules::way() between the two layouts; used while the plan is made only; none: by the law alone
    bool portable = false;  ///< without instructions that not all processors have: the same results, slower
};

/// What an execution did.
struct ConversionCount {
    std::uint64_t losses = 0;  ///< values changed by a lenient conversion
};

/// A compiled conversion. Immutable, may be shared between threads.
class ConversionPlan {
public:
    /// Throws Error(Conversion) naming struct, element and reason when a change is refused or needs a rule, or when
    /// strict and an element would be absent.
    static std::shared_ptr<const ConversionPlan> make(const StructDefinition& stored, const StructDefinition& asked,
                                                      const PlanOptions& options = {});

    /// Converts `num_rows` rows of stored.size bytes at `from` to rows of asked.size bytes at `to`; the areas do not
    /// overlap. Padding of `to` is zeroed. Throws Error(Conversion) naming element, row (from 0), value and target
    /// type.
    ConversionCount run(const std::byte* from, std::byte* to, std::uint64_t num_rows) const;

    /// Elements of the asked layout that were not stored (`name`), or arrays padded from an index on (`name[3:]`).
    [[nodiscard]] const std::vector<std::string>& absent() const noexcept { return absent_; }
    /// Arrays that lost items, as `name[3:]` (from which index on). Where rules take single values of a stored element, those
    /// that go nowhere under its stored name: `name[2]`, `name[5:8]`.
    [[nodiscard]] const std::vector<std::string>& truncated() const noexcept { return truncated_; }
    /// True when running it is one memcpy.
    [[nodiscard]] bool is_copy() const noexcept;
    /// One line per step, for people.
    [[nodiscard]] std::string explain() const;

    struct Program;
    ConversionPlan(std::shared_ptr<const Program> program, std::vector<std::string> absent,
                   std::vector<std::string> truncated);

private:
    std::shared_ptr<const Program> program_;
    std::vector<std::string> absent_;
    std::vector<std::string> truncated_;
};

}  // namespace etalon::schema
