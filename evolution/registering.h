#pragma once
/// What registering a definition comes to, given the layouts that are recorded: the one decision behind register and
/// check, for databases and for the files of a recorded history. Pure.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/definition.h"
#include "etalon/registration.h"
#include "evolution/change.h"
#include "evolution/rule_trace.h"
#include "evolution/rules.h"

namespace etalon::evolution {

/// One recorded layout of a struct.
struct RecordedLayout {
    std::int64_t schema = 0;  ///< its schema version
    DefinitionPtr definition;
    std::string name = {};  ///< layout_name() where it is known already; else it is computed when it is needed
};

/// Everything that is recorded of one struct.
struct RecordedStruct {
    std::vector<RecordedLayout> layouts;  ///< oldest first; empty: the struct is new
    std::int64_t current = 0;             ///< the schema version that is current
};

/// Judges reading `stored` rows as `asked`: evolution::judge with the units and rules of whoever asks.
using Judge = std::function<std::vector<JudgedChange>(const StructDefinition& stored, const StructDefinition& asked)>;

/// `retyped gain: int32 -> float64`, for people.
[[nodiscard]] std::string describe(const Change& change);

/// `distinct a, b`: the other answer to a proposed `rename a -> b`.
[[nodiscard]] std::string as_distinct(std::string_view rename);

/// True for what `register --strict` refuses to record.
[[nodiscard]] constexpr bool blocks(Verdict verdict) noexcept {
    return verdict >= Verdict::NeedsRule;
}

/// Compares with the current layout; of a layout that would become the current one, the other recorded layouts are
/// judged too and those that could not be read as it are listed in `others`. What looks like a rename, and neither a
/// rename nor `distinct` of `rules` (may be null) decides it, blocks; so does an element that comes back as something
/// that rows of an older layout cannot be read as. Counts of records stay 0.
[[nodiscard]] RegisterOutcome compute_outcome(const RecordedStruct& recorded, const StructDefinition& definition,
                                              bool make_current, const Judge& judge,
                                              const StructRules* rules = nullptr);

/// Sections of rules by the struct that their file names.
using GivenRules = std::map<std::string, std::vector<RuleSet>, std::less<>>;
/// Throws Error(BadInput) as read_rules().
[[nodiscard]] GivenRules read_rule_files(std::span<const RulesFile> files);

/// The names that `rename struct OLD -> name` says a struct had before.
[[nodiscard]] std::vector<std::string> former_names(const GivenRules& given, std::string_view name);
/// The sections of a struct that has these names, whatever files they are in, without `distinct struct`.
[[nodiscard]] std::vector<RuleSet> sections_of(const GivenRules& given,
                                               const std::set<std::string, std::less<>>& names);
/// True when `distinct struct` says that these two are not one.
[[nodiscard]] bool are_distinct_structs(const GivenRules& given, std::string_view one, std::string_view other);
/// A new struct, and a recorded one that is not declared any more.
struct LikelyRename {
    DefinitionPtr older;
    const StructDefinition* newer;
    RegisterOutcome* outcome;  ///< of `newer`
};
/// Asks of new structs whether they are recorded ones of another name, which blocks: each about the likeliest, each of
/// these once, unless `distinct struct` in `given` has answered already.
void ask_about_renames(std::vector<LikelyRename> pairs, const GivenRules& given);
/// The change of the name itself, by a rule.
void tell_renamed(RegisterOutcome& outcome, const std::string& older_name);

/// What sections given for a struct come to.
struct PlannedRules {
    struct Section {
        CheckedRulesPtr rules;
        std::int64_t from_schema = 0;
        std::int64_t to_schema = 0;
    };
    std::vector<Section> fresh;              ///< those that are not recorded yet
    std::shared_ptr<const StructRules> all;  ///< what holds then; null: no rules
    std::vector<std::string> notes;          ///< sections whose layouts are neither recorded nor `definition`
};

/// Checks `given` against the layouts recorded and the one that is being registered. Throws Error(BadInput) as
/// check_rules(), also for digits that several layouts begin with.
[[nodiscard]] PlannedRules plan_rules(const RecordedStruct& recorded, const StructDefinition& definition,
                                      std::vector<CheckedRulesPtr> recorded_rules, std::span<const RuleSet> given);

/// Throws Error(BadInput) unless a section that is planned renames the struct `renamed_from` in the layout that is
/// registered.
void check_renamed(const PlannedRules& rules, const RecordedStruct& recorded, const StructDefinition& definition,
                   const std::string& renamed_from);

}  // namespace etalon::evolution
