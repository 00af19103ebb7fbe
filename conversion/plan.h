#pragma once
/// Conversion of rows from a stored layout to an asked one (docs/evolution.md), once the change was detected and judged
/// (evolution/change.h): build a plan once, run it over contiguous rows. Pure.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "evolution/change.h"
#include "schema/units.h"

namespace etalon::evolution {
struct RuleStep;
}

namespace etalon::conversion {

/// How a plan may convert.
struct PlanOptions {
    bool strict = false;  ///< absent elements are an error
    bool lenient =
        false;  ///< lossy conversions are done and counted instead of refused (docs/evolution.md: what is lost how)
    const schema::UnitSystem* units =
        nullptr;  ///< converts changed units; used while the plan is made only; none: they need a rule
    const std::vector<evolution::RuleStep>* way = nullptr;  ///< StructRules::way() between the two layouts; used while
                                                            ///< the plan is made only; none: by the law alone
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
    /// overlap. Padding of `to` is zeroed. Throws Error(Conversion) naming element, row (from 0; the first is
    /// `first_row`), value and target type.
    ConversionCount run(const std::byte* from, std::byte* to, std::uint64_t num_rows,
                        std::uint64_t first_row = 0) const;

    /// Elements of the asked layout that were not stored (`name`), or arrays padded from an index on (`name[3:]`).
    [[nodiscard]] const std::vector<std::string>& absent() const noexcept { return absent_; }
    /// Arrays that lost items, as `name[3:]` (from which index on). Where rules take single values of a stored element,
    /// those that go nowhere under its stored name: `name[2]`, `name[5:8]`.
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

}  // namespace etalon::conversion
