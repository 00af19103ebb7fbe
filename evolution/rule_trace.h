#pragma once
/// From which stored value each asked value comes, through all rules between two schema versions. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evolution/rules.h"
#include "evolution/value_ranges.h"
#include "schema/units.h"

namespace etalon::evolution {

/// One section on the way from a stored to an asked layout. `forward`: its older layout lies on the stored side.
struct RuleStep {
    CheckedRulesPtr rules;
    bool forward = true;
};

/// The rules of one struct and the order of its schema versions. Immutable, may be shared between threads.
///
/// Every version but the first has a parent: the earlier version that a section joins it to (the first section recorded
/// counts), else the version before it. A layout is read as another one along the parents, and every section on that
/// way is applied, forwards or backwards; a section for just these two layouts comes before all. Where the way has no
/// rules, or one of the layouts is not recorded, the law alone decides.
class StructRules {
public:
    /// `versions` are layout names, oldest first; of several sections for the same two layouts, in whichever direction
    /// they were written, the last one counts, in both.
    StructRules(std::vector<std::string> versions, std::vector<CheckedRulesPtr> sections);

    /// The sections that are applied, from the stored to the asked layout.
    [[nodiscard]] std::vector<RuleStep> way(const StructDefinition& stored, const StructDefinition& asked) const;
    /// Those that count, in the order in which their layouts were first joined.
    [[nodiscard]] const std::vector<CheckedRulesPtr>& sections() const noexcept { return sections_; }
    [[nodiscard]] const std::vector<std::string>& versions() const noexcept { return versions_; }
    /// True when a rule between just these two layouts says that an element of one did not become one of the other.
    [[nodiscard]] bool are_distinct(const StructDefinition& stored, std::string_view stored_path,
                                    const StructDefinition& asked, std::string_view asked_path) const;

    /// The name that the struct has since the newest of its layouts that was renamed; empty when none was.
    [[nodiscard]] std::string newest_struct_name() const;

private:
    [[nodiscard]] std::size_t find_version(std::string_view name) const noexcept;
    /// The step from version `from` to version `to`, when a section joins them.
    [[nodiscard]] bool find_step(std::string_view from, std::string_view to, RuleStep& step) const;

    std::vector<std::string> versions_;
    std::vector<std::size_t> parents_;
    std::vector<CheckedRulesPtr> sections_;
};

/// `outer` after `inner`.
[[nodiscard]] schema::UnitConversion combined(const schema::UnitConversion& outer, const schema::UnitConversion& inner);

/// Why a value cannot be given.
enum class OriginProblem : std::uint8_t {
    None,
    Unit,         ///< its unit became another one on the way
    Place,        ///< no rule says which value of an array it is
    Enumeration,  ///< a factor between two enumerations
};

/// Where some values of an asked element, or all of them, come from.
struct Origin {
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    std::uint32_t stored = kNone;  ///< index of the stored element; kNone: not stored
    std::string unit;              ///< unit that `scale` takes
    bool is_moved = false;         ///< a rule says where it comes from; else its name
    bool is_scaled = false;        ///< a rule gave a factor
    bool is_reversed = false;      ///< a factor is the reverse of what a rule says
    bool has_unit = false;  ///< `scale` is more than the factors of rules: the unit became another one on the way
    schema::UnitConversion scale;  ///< from `unit` to the asked value
    bool may_lose = false;         ///< a rule allows loss
    std::optional<std::string>
        fill;  ///< when not stored: the value that a rule gives instead of the default, in the asked unit
    OriginProblem problem_kind = OriginProblem::None;
    std::string problem;  ///< not empty: cannot be given, and why
    friend bool operator==(const Origin&, const Origin&) = default;
};

/// Consecutive values (texts) of an asked element, row-major, that come from consecutive values of one stored element,
/// or that were not stored.
struct OriginRun {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    std::uint64_t index = 0;   ///< which one of the stored element the first one is, row-major
    std::uint32_t origin = 0;  ///< of ElementOrigin::origins
};

/// Where the values of one asked element come from.
struct ElementOrigin {
    bool by_value = false;  ///< `runs` say it of every value (text), in order; else `whole` is for all
    Origin whole;
    std::vector<Origin> origins;
    std::vector<OriginRun> runs;
    std::string rules;  ///< the rules that were applied, for reports; empty when none was
    bool is_renamed = false;

    /// The run that has a value; by value only.
    [[nodiscard]] const OriginRun& run_of(std::uint64_t value) const;
};

/// A stored element that gives single values.
struct PartlyUsed {
    std::uint32_t stored = 0;
    std::vector<ValueRange> dropped;  ///< those of its values that reach no asked element; may be none
};

struct Origins {
    std::vector<ElementOrigin> elements;  ///< one for each asked element
    std::vector<std::uint32_t> removed;   ///< stored elements that give no value
    std::vector<PartlyUsed> partly;       ///< in their order

    /// Null unless a stored element gives single values.
    [[nodiscard]] const PartlyUsed* find_partly(std::uint32_t stored) const noexcept;
};

/// Follows `way` from the asked elements back to the stored ones. `way` points into rules that outlive the result.
[[nodiscard]] Origins trace(const StructDefinition& stored, const StructDefinition& asked,
                            const std::vector<RuleStep>& way, const schema::UnitSystem* units);

}  // namespace etalon::evolution
