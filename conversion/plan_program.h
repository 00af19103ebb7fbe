#pragma once
/// What a ConversionPlan executes. Private to schema/.

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "conversion/plan.h"
#include "conversion/plan_kernels.h"
#include "conversion/shuffle.h"

namespace etalon::conversion {

/// Bytes that move as they are.
struct CopyRun {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint64_t length = 0;
};

/// Bytes that no stored value gives: padding, defaults. They come from Program::background.
struct FillRun {
    std::uint64_t to = 0;
    std::uint64_t length = 0;
};

enum class ConvertKind : std::uint8_t { Number, Unit, Enumerator, Text };

/// Consecutive values that change on the way.
struct ConvertStep {
    ConvertKind kind = ConvertKind::Number;
    ScalarType from_type = ScalarType::Int32;
    ScalarType to_type = ScalarType::Int32;
    bool can_fail = false;
    bool may_lose = false;  ///< a rule allows what `lenient` does
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint64_t count = 0;
    NumberKernel kernel = nullptr;    ///< Number
    std::uint64_t from_capacity = 0;  ///< Text; else bytes of one stored value
    std::uint64_t to_capacity = 0;    ///< Text; else bytes of one asked value
    std::size_t table = 0;            ///< index into Program::units or enum_maps
};

/// Conversions of one kind, done row by row.
struct MoveGroup {
    MoveKernel kernel = nullptr;
    std::vector<Move> moves;
};

/// For messages: the element whose bytes begin at an offset of the asked row.
struct Culprit {
    std::uint64_t offset = 0;
    std::uint64_t value_bytes = 0;    ///< of one value, or one text
    std::vector<std::uint64_t> dims;  ///< without the capacity of text
    std::string path;
};

struct ConversionPlan::Program {
    std::string struct_name;
    std::uint64_t from_size = 0;
    std::uint64_t to_size = 0;
    bool lenient = false;
    /// Equal row sizes and one copy at the same place: without shuffles, whole blocks move at once, fills and steps
    /// mend them.
    bool block_copy = false;
    std::vector<CopyRun> copies;     ///< by `to`; may run over fills and converted values, which are written later
    std::vector<FillRun> fills;      ///< by `to`
    std::vector<ConvertStep> steps;  ///< by `to`
    /// The same once more, in the order in which it is executed. Each may write into bytes that a later one writes.
    std::vector<ShuffleGroup> shuffle_groups;  ///< short copies and fills
    std::vector<CopyRun> copy_runs;
    std::vector<CopyRun> fill_runs;
    std::vector<ConvertStep> step_runs;
    std::vector<MoveGroup> step_groups;
    std::vector<Culprit> culprits;  ///< by offset; elements that a step writes
    Bytes background;               ///< one asked row of zeros and defaults
    std::vector<schema::UnitConversion> units;
    std::vector<EnumMap> enum_maps;

    /// Fills the lists of execution from copies, fills and steps. Without `shuffles`, every move is a run of its own.
    void schedule(bool shuffles);
    /// Runs one step over `rows` rows; values lost or, for enumerators, unknown.
    [[nodiscard]] std::uint64_t run_step(const ConvertStep& step, const std::byte* from, std::byte* to,
                                         std::size_t rows) const;
    void run_block(const std::byte* from, std::byte* to, std::size_t rows, std::uint64_t first_row,
                   ConversionCount& count) const;
    /// Finds the first value that cannot be converted and throws Error(Conversion) about it.
    [[noreturn]] void report(const std::byte* from, std::byte* to, std::size_t rows, std::uint64_t first_row) const;
};

}  // namespace etalon::conversion
