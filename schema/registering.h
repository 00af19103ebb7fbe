#pragma once
/// What registering a definition comes to, given the layouts that are recorded: the one decision behind register and check,
/// for databases and for the files of a recorded history. Pure.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "etalon/database.h"
#include "etalon/definition.h"
#include "schema/plan.h"

namespace etalon::schema {

/// One recorded layout of a struct.
struct RecordedLayout {
    std::int64_t schema = 0;   ///< its schema version
    DefinitionPtr definition;
};

/// Everything that is recorded of one struct.
struct RecordedStruct {
    std::vector<RecordedLayout> layouts;   ///< oldest first; empty: the struct is new
    std::int64_t current = 0;              ///< the schema version that is current
};

/// Judges reading `stored` rows as `asked`: schema::judge with the units and rules of whoever asks.
using Judge = std::function<std::vector<JudgedChange>(const StructDefinition& stored, const StructDefinition& asked)>;

/// `retyped gain: int32 -> float64`, for people.
[[nodiscard]] std::string describe(const Change& change);

/// True for what `register --strict` refuses to record.
[[nodiscard]] constexpr bool blocks(Verdict verdict) noexcept { return verdict >= Verdict::NeedsRule; }

/// Compares with the current layout; of a layout that would become the current one, the other recorded layouts are judged too and
/// those that could not be read as it are listed in `others`. Counts of records stay 0.
[[nodiscard]] RegisterOutcome compute_outcome(const RecordedStruct& recorded, const StructDefinition& definition,
                                              bool make_current, const Judge& judge);

}  // namespace etalon::schema
