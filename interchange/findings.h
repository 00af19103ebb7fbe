#pragma once
/// What commands find out about records, as records: suspicions, damage, and what a change would do.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "etalon/commit.h"
#include "etalon/lint.h"
#include "etalon/verify.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// Suspicions: kind, name, version, element, begin, end, text, uids, layer. `all_layers` is told of what concerns all
/// layers together.
[[nodiscard]] Table lint_table(std::span<const LintFinding> findings, std::string_view all_layers);
/// Damage: table, key, what, expected, found, advice, repaired, layer.
[[nodiscard]] Table verify_table(std::span<const VerifyFinding> findings);

/// What a table of effects has besides name, version, element, begin, end, before and after.
struct EffectColumns {
    bool hidden_by = false;                        ///< the layer above that hides the change
    std::optional<std::int64_t> from_commit = {};  ///< from which commit on reads see it
};
/// The intervals of values that a change would touch.
[[nodiscard]] Table effect_table(std::span<const PutEffect> effects, const EffectColumns& columns);

}  // namespace etalon::interchange
