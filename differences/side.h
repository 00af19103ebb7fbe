#pragma once
/// What one side reads, and two answers brought to one layout.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conversion/plan.h"
#include "differences/rows.h"
#include "etalon/answer.h"
#include "etalon/database.h"
#include "etalon/diff.h"

namespace etalon::differences {

/// True when two layouts are one, whatever their comments say.
[[nodiscard]] bool same_layout(const DefinitionPtr& a, const DefinitionPtr& b);

/// The answer of one side for one element.
struct Slice {
    Answer answer;
    std::size_t index = 0;  ///< of the element in the answer
    Position at = {};       ///< where it was asked

    [[nodiscard]] const ElementAnswer& element() const noexcept { return answer->elements[index]; }
    [[nodiscard]] const Interval& validity() const noexcept { return element().validity; }
    [[nodiscard]] bool has_rows() const noexcept { return element().status == Status::Found; }
    /// Both read through one side: true when they hold the same.
    [[nodiscard]] bool is_same(const Slice& other) const;
};

/// How rows of one layout become rows of another.
struct Conversion {
    std::shared_ptr<const conversion::ConversionPlan> plan;
    std::vector<std::string> lost;  ///< members and values that have no place in the other layout
};

/// Reads one named reference of one side.
class SideReader {
public:
    /// `what` tells the side in errors. Throws Error(Unknown) with the nearest names.
    SideReader(const DiffSide& side, std::string_view what);

    [[nodiscard]] const NameInfo& info() const noexcept { return info_; }
    [[nodiscard]] const DiffSide& side() const noexcept { return side_; }
    [[nodiscard]] std::string_view what() const noexcept { return what_; }
    /// All schema versions of the struct, oldest first.
    [[nodiscard]] const std::vector<DefinitionPtr>& definitions() const noexcept { return definitions_; }
    [[nodiscard]] Slice read(std::int64_t element, Position at);
    /// All elements at once, in the order of the request.
    [[nodiscard]] std::vector<Slice> read_all(Position at);
    /// The rows of a slice in another layout, by the rules that this side knows.
    [[nodiscard]] Slice read_again(const Slice& slice, const DefinitionPtr& layout);
    /// The age of a layout: the schema version it is, here; nothing when the struct has no such layout here.
    [[nodiscard]] std::optional<std::size_t> age_of(const DefinitionPtr& layout);
    /// How rows of one layout become rows of another, as this side reads them; `lenient` and so on as `options` say.
    [[nodiscard]] Conversion find_conversion(const DefinitionPtr& from, const DefinitionPtr& to,
                                             const FetchOptions& options);
    /// What was read so far.
    [[nodiscard]] DiffSideReport& report() noexcept { return report_; }

private:
    void note(const Answer& answer);

    const DiffSide& side_;
    std::string_view what_;
    NameInfo info_;
    FetchOptions fetch_;
    std::vector<DefinitionPtr> definitions_;
    std::map<const StructDefinition*, std::pair<DefinitionPtr, std::optional<std::size_t>>> ages_;
    DiffSideReport report_;
};

/// Two answers in one layout. Holds what their rows need.
struct Aligned {
    Slice before;
    Slice after;
    DefinitionPtr layout;  ///< null unless both have rows
    RowsOfSide rows_before;
    RowsOfSide rows_after;
    std::shared_ptr<const conversion::ConversionPlan> converted;  ///< by which the rows of one side were
};

/// Brings pairs of answers to the layout of the one with the newer schema version.
class Aligner {
public:
    Aligner(SideReader& before, SideReader& after) : before_(before), after_(after) {}
    /// Throws Error(Conversion) where the law refuses it, or when no side knows both layouts.
    [[nodiscard]] Aligned align(Slice before, Slice after);

private:
    /// The side that says how to convert, and whether the layout of the second side is the newer one.
    [[nodiscard]] std::pair<SideReader*, bool> judge(const Slice& before, const Slice& after);
    void convert(Aligned& pair, SideReader& authority, bool convert_before);

    SideReader& before_;
    SideReader& after_;
    std::map<std::pair<const StructDefinition*, const StructDefinition*>, Conversion> conversions_;
    std::vector<DefinitionPtr> kept_;  ///< what the keys of conversions_ point to
};

}  // namespace etalon::differences
