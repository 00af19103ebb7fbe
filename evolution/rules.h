#pragma once
/// Rules that people write for what cannot be known from two layouts alone (docs/evolution.md): what an element was
/// called, a factor and an offset, which value of an array a scalar became, what stands where nothing was stored, which
/// loss is allowed. Reading and checking them; evolution/rule_trace.h follows them. Pure.
///
/// A file of rules is about one struct and holds sections, one for each pair of layouts that has rules (it holds in
/// both directions, whichever layout it names first):
///
///     struct tpcGain
///
///     from 2f6c11d0 to 81b00c4d
///       rename gain -> gains
///       scale  length by 10
///       scale  temperature by 1 plus 273.15
///       move   value -> value[0]
///       fill   value[1:] = -1
///       allow loss noise
///       distinct pedestal, offset
///       rename struct padGain -> tpcGain
///
/// `#` begins a comment. Layouts are named by the first eight or more hexadecimal digits of their definition hash.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etalon/definition.h"
#include "schema/units.h"

namespace etalon::evolution {

enum class RuleKind : std::uint8_t {
    Rename,     ///< `rename OLD -> NEW`: an element, or a nested struct with all elements below it
    Scale,      ///< `scale NEW by FACTOR [plus|minus OFFSET]`: the new value is the old one times FACTOR plus OFFSET
    Move,       ///< `move OLD -> NEW [by FACTOR [plus|minus OFFSET]]`: one value (or text) to another place
    Fill,       ///< `fill NEW = VALUE`: where nothing was stored; `NEW[3:]` from an index on
    AllowLoss,  ///< `allow loss NEW`: values that do not fit are changed as `lenient` does, and counted
    Distinct,   ///< `distinct OLD, NEW`: one did not become the other, though it looks like a rename; changes no value
    RenameStruct,    ///< `rename struct OLD -> NEW`: the newer layout is one of the same struct under another name
    DistinctStruct,  ///< `distinct struct OLD, NEW`: two structs, though they look like one; is not recorded
};

/// One line as written.
struct Rule {
    RuleKind kind{};
    std::string from;        ///< OLD of rename, move and distinct, of elements and of structs
    std::string to;          ///< NEW
    bool is_scaled = false;  ///< a factor is given: `by 1` says that the numbers stay whatever the units
    schema::UnitConversion scale;
    std::string value;  ///< of fill, in the text form of CSV
    std::uint64_t line = 0;
    friend bool operator==(const Rule&, const Rule&) = default;
};

/// One section: how the layout `from` becomes the layout `to`.
struct RuleSet {
    std::string struct_name;
    std::string from;  ///< lower-case hexadecimal digits of a definition hash, 8 to 64 of them
    std::string to;
    std::vector<Rule> rules;
    std::string source;  ///< the file, for messages
    std::uint64_t line = 0;
};

/// Reads a file of rules. Throws Error(BadInput) with every bad line as `name:line`.
[[nodiscard]] std::vector<RuleSet> read_rules(std::string_view text, std::string_view name);
/// One rule as a line, and one section as read_rules() takes it (without the line `struct`).
[[nodiscard]] std::string to_text(const Rule& rule);
[[nodiscard]] std::string to_text(const RuleSet& rules);

/// The definition hash of a layout as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string layout_name(const StructDefinition& definition);

/// All of an element, or one value (text) of it.
struct Slot {
    std::string path;
    std::optional<std::vector<std::uint64_t>> index;  ///< none: all of the element
    friend bool operator==(const Slot&, const Slot&) = default;
};

/// An old and a new place of the same value: new = old * scale + offset.
struct Link {
    Slot older;
    Slot newer;
    bool is_scaled = false;  ///< a factor was given; otherwise units convert as everywhere
    bool by_name =
        false;  ///< no rule says where it comes from, only the name: values that rules take elsewhere are not here
    schema::UnitConversion scale;
    std::string text;  ///< the rules that say so, for reports
};

/// What stands in a value that was not stored: all of an element, one value, or the values from `from` on of the
/// dimension behind `index`.
struct FillValue {
    std::string path;
    std::vector<std::uint64_t> index;
    std::optional<std::uint64_t> from;
    std::string value;

    [[nodiscard]] bool covers(const Slot& slot) const;
};

/// A section checked against the two layouts that it names. Immutable, shared.
struct CheckedRules {
    /// True when `other` is about the same two layouts, in whichever direction it was written.
    [[nodiscard]] bool joins_same(const CheckedRules& other) const noexcept {
        return (older_name == other.older_name && newer_name == other.newer_name) ||
               (older_name == other.newer_name && newer_name == other.older_name);
    }

    DefinitionPtr older;
    DefinitionPtr newer;
    std::string older_name;  ///< layout_name() of each
    std::string newer_name;
    std::vector<Link> links;
    std::vector<FillValue> fills;
    std::vector<std::string> lossy;                             ///< paths of the newer layout
    std::vector<std::pair<std::string, std::string>> distinct;  ///< a path of the older and one of the newer layout
    /// Empty, or the names of the older and the newer layout, which are those of one struct.
    std::optional<std::pair<std::string, std::string>> renamed_struct;
    RuleSet written;
};
using CheckedRulesPtr = std::shared_ptr<const CheckedRules>;

/// Checks a section against its layouts. Throws Error(BadInput) with every rule that cannot hold as `file:line`: an
/// element that the layout does not have (with the nearest name), an index outside an array, a factor of zero or on
/// text, a value that does not fit, two rules for one place.
[[nodiscard]] CheckedRulesPtr check_rules(const RuleSet& rules, DefinitionPtr older, DefinitionPtr newer);

/// True when a layout is the one that a rule names by its first digits.
[[nodiscard]] bool is_named(std::string_view layout_name, std::string_view digits) noexcept;

/// Renames that are likely: elements of `newer` that `older` does not have, each with the best of those that vanished,
/// of the same type and dimensions, whose name or place is near. For people to confirm.
[[nodiscard]] std::vector<Rule> propose_renames(const StructDefinition& older, const StructDefinition& newer);

/// Letters that the names of two structs have in common, as a share of the longer one: 1 when they are equal but for
/// case, or for namespaces.
[[nodiscard]] double likeness_of_structs(std::string_view a, std::string_view b);
/// How likely two structs of different names are one that was renamed: from the likeness of the names and the members
/// that both have. 0: not likely enough to ask somebody.
[[nodiscard]] double likely_renamed(const StructDefinition& older, const StructDefinition& newer);
/// Structs whose names are less alike are not asked about, whatever the members.
inline constexpr double kLeastLikeness = 0.4;

}  // namespace etalon::evolution
