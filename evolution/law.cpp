#include "evolution/law.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "evolution/matching.h"

namespace etalon::evolution {
namespace {

using enum Verdict;

constexpr std::array kLaw = std::to_array<LawEntry>({
    {LawRow::Unchanged, "unchanged", "nothing", Identical, "the stored value, copied"},
    {LawRow::Comment, "comment", "only comments, or the place of the declaration in its file", Identical,
     "the stored value; this is no new schema version"},
    {LawRow::Reordered, "reordered", "another order of the elements", Identical, "the stored value"},
    {LawRow::Moved, "moved", "another offset, padding, size or alignment", Identical,
     "the stored value; padding is zero"},
    {LawRow::DefaultChanged, "default_changed", "another declared default", Identical,
     "the stored value; a default only fills what was not stored"},
    {LawRow::LimitsChanged, "limits_changed", "another key, or other limits of values", Automatic,
     "the stored value; limits are for what is put from then on"},
    {LawRow::Added, "added", "a new element without a declared default", Automatic,
     "zero, or empty text, flagged absent; an error when strict"},
    {LawRow::AddedWithDefault, "added_with_default", "a new element with a declared default", Automatic,
     "the default in every item (of a list: in each its own), flagged absent; an error when strict"},
    {LawRow::Removed, "removed", "an element is gone", Automatic,
     "nothing: the stored value is ignored, and stays stored"},
    {LawRow::Renamed, "renamed", "another name, and a recorded rename says so", Automatic,
     "the stored value under the asked name, in both directions"},
    {LawRow::RenamedWithoutRule, "renamed_without_rule", "another name, and nothing says so", Automatic,
     "as removed and added: the asked name is absent"},
    {LawRow::BoolToNumber, "bool_to_number", "bool to a number", Automatic, "0 or 1"},
    {LawRow::IntegerWidened, "integer_widened", "an integer to one that has every value of it (uint8 to int16)",
     Automatic, "the same number"},
    {LawRow::IntegerToFloatExact, "integer_to_float_exact",
     "an integer to a float that has every value of it (int32 to float64, int16 to float32)", Automatic,
     "the same number"},
    {LawRow::FloatWidened, "float_widened", "float32 to float64", Automatic,
     "the same number; NaN, infinities and -0.0 stay what they are"},
    {LawRow::IntegerNarrowed, "integer_narrowed", "an integer to a smaller one of the same sign (int32 to int16)",
     Checked, "the same number; an error when one is out of range (lenient: the nearest end of the range)"},
    {LawRow::IntegerSignChanged, "integer_sign_changed",
     "a signed integer to an unsigned one, or the reverse where it is not wider (int32 to uint32)", Checked,
     "the same number; an error when one is out of range (lenient: the nearest end of the range)"},
    {LawRow::IntegerToFloat, "integer_to_float",
     "an integer to a float that has not every value of it (int32 to float32, int64 to float64)", Checked,
     "the same number; an error when the float would be another one (lenient: rounded)"},
    {LawRow::FloatNarrowed, "float_narrowed", "float64 to float32", Checked,
     "rounded to float32, NaN and infinities as they are; an error beyond the range of float32 (lenient: infinity)"},
    {LawRow::FloatToInteger, "float_to_integer", "a float to an integer", Checked,
     "the same number (-0.0 is 0); an error when it is not whole, not finite or out of range (lenient: cut towards "
     "zero, "
     "nearest end, NaN becomes 0)"},
    {LawRow::NumberToBool, "number_to_bool", "a number to bool", Checked,
     "false for 0, true for 1, an error for anything else (lenient: true from 1 on, else false)"},
    {LawRow::TextLonger, "text_longer", "text with more room (char[8] to char[16])", Automatic, "the same text"},
    {LawRow::TextShorter, "text_shorter", "text with less room (char[16] to char[8])", Checked,
     "the same text; an error when it would be cut (lenient: cut)"},
    {LawRow::ArrayLonger, "array_longer", "an array with more items, in any dimension", Automatic,
     "every item at its index, the new ones with the default (of a list: in each its own), flagged absent from there "
     "on; an error when strict"},
    {LawRow::ArrayShorter, "array_shorter", "an array with fewer items, in any dimension", Automatic,
     "the items that have a place, flagged truncated"},
    {LawRow::ArrayLongerAndShorter, "array_longer_and_shorter",
     "an array longer in one dimension and shorter in another", Automatic, "items at their indices, both flags"},
    {LawRow::ScalarToArray, "scalar_to_array", "a scalar became an array", NeedsRule,
     "an error until a rule says at which index"},
    {LawRow::ArrayToScalar, "array_to_scalar", "an array became a scalar", NeedsRule,
     "an error until a rule says which item"},
    {LawRow::RankChanged, "rank_changed", "another number of dimensions", NeedsRule,
     "an error until a rule says which value goes where"},
    {LawRow::UnitRespelled, "unit_respelled", "another spelling of the same unit (cm, centimeter)", Automatic,
     "the stored value"},
    {LawRow::UnitToFloat, "unit_to_float", "a unit that converts, in a float (cm to mm)", Automatic,
     "the number in the asked unit, rounded once; an error when that overflows (lenient: infinity)"},
    {LawRow::UnitToInteger, "unit_to_integer", "a unit that converts, in an integer (mm to cm)", Checked,
     "the number in the asked unit, exactly (a float first becomes the nearest one there); an error when it is not "
     "whole "
     "or out of range (lenient: as a float to an integer)"},
    {LawRow::UnitNotConvertible, "unit_not_convertible",
     "a unit of another kind (cm to s, counts/s to Hz, degC to delta_degC)", NeedsRule,
     "an error until a rule says how"},
    {LawRow::UnitUnknown, "unit_unknown", "another unit, and one of the two spellings is not known", NeedsRule,
     "an error until a rule says how"},
    {LawRow::UnitAppeared, "unit_appeared", "a unit where there was none", NeedsRule,
     "an error until a rule says what the stored numbers are"},
    {LawRow::UnitVanished, "unit_vanished", "no unit where there was one", NeedsRule,
     "an error until a rule says what the asked numbers are"},
    {LawRow::UnitOfText, "unit_of_text", "any change of the unit of text", NeedsRule,
     "an error until a rule says what is meant"},
    {LawRow::UnitOfEnumeration, "unit_of_enumeration", "any change of the unit of an enumeration", NeedsRule,
     "an error until a rule says what is meant"},
    {LawRow::EnumeratorsChanged, "enumerators_changed", "other enumerators, or other values of them", Checked,
     "the asked value of the same name; an error, also when lenient, when the stored value has no name there or here"},
    {LawRow::EnumeratorsAppeared, "enumerators_appeared", "a number became an enumeration", Automatic,
     "the number as it is"},
    {LawRow::EnumeratorsVanished, "enumerators_vanished", "an enumeration became a number", Automatic,
     "the number as it is"},
    {LawRow::ElementToStruct, "element_to_struct", "an element became a struct of that name", Automatic,
     "paths decide: the element is removed, the members are added and absent"},
    {LawRow::StructToElement, "struct_to_element", "a struct became an element of that name", Automatic,
     "paths decide: the members are removed, the element is added and absent"},
    {LawRow::StructToArray, "struct_to_array", "a struct became an array of structs, or the reverse", Automatic,
     "paths decide: members are removed and added, the added ones are absent"},
    {LawRow::NumberToText, "number_to_text", "a number became text", Refused, "an error"},
    {LawRow::TextToNumber, "text_to_number", "text became a number", Refused, "an error"},
    {LawRow::BytesAndText, "bytes_and_text", "an array of 8-bit integers became text, or the reverse", Refused,
     "an error"},
    {LawRow::AddedWithFill, "added_with_fill", "a new element, and a rule says what fills it", Automatic,
     "the value of the rule, flagged absent; an error when strict"},
    {LawRow::Rearranged, "rearranged", "single values came from elsewhere, by rules: scalar to array, merged, split",
     Automatic, "every value from where the rule says, the others with the fill or default, flagged absent"},
    {LawRow::PartlyRemoved, "partly_removed", "values of an array that have no place, where rules take others of them",
     Automatic, "nothing: the stored values are ignored, and stay stored; flagged truncated"},
    {LawRow::Rescaled, "rescaled", "a factor and an offset by a rule, in a float", Automatic,
     "the number times the factor plus the offset, computed in double (read back: the reverse); an error when that "
     "overflows"},
    {LawRow::RescaledToInteger, "rescaled_to_integer", "a factor and an offset by a rule, in an integer", Checked,
     "the number times the factor plus the offset; an error when it is not whole or out of range"},
    {LawRow::LossAllowed, "loss_allowed", "a checked change, and a rule allows loss", Checked,
     "values that do not fit are changed as lenient does, and counted"},
    {LawRow::AnythingElse, "anything_else", "anything that no other row says", Refused, "an error with the reason"},
});

constexpr bool in_order_of_rows() {
    for (std::size_t i = 0; i < kLaw.size(); ++i) {
        if (static_cast<std::size_t>(kLaw[i].row) != i) return false;
    }
    return kLaw.back().row == LawRow::AnythingElse;
}
static_assert(in_order_of_rows(), "the table has one entry per LawRow, in its order");

/// Which row, and why.
struct Finding {
    LawRow row = LawRow::AnythingElse;
    std::string reason;
};

bool is_byte(ScalarType type) {
    return type == ScalarType::Int8 || type == ScalarType::UInt8;
}

LawRow row_of_numbers(ScalarType from, ScalarType to) {
    const bool exact = holds_every_value(from, to);
    if (from == ScalarType::Bool) return LawRow::BoolToNumber;
    if (to == ScalarType::Bool) return LawRow::NumberToBool;
    if (is_float(from) && is_float(to)) return exact ? LawRow::FloatWidened : LawRow::FloatNarrowed;
    if (is_float(from)) return LawRow::FloatToInteger;
    if (is_float(to)) return exact ? LawRow::IntegerToFloatExact : LawRow::IntegerToFloat;
    if (exact) return LawRow::IntegerWidened;
    return is_signed_integer(from) == is_signed_integer(to) ? LawRow::IntegerNarrowed : LawRow::IntegerSignChanged;
}

Finding find_type(const Element& stored, const Element& asked) {
    if (is_identity(stored.type) || is_identity(asked.type)) {
        if (stored.type != asked.type)
            return {LawRow::AnythingElse,
                    fmt::format("{} and {} do not convert", name_of(stored.type), name_of(asked.type))};
        return {LawRow::AnythingElse,
                fmt::format("what refers to {} does not refer to {}", stored.target, asked.target)};
    }
    if (stored.is_text() != asked.is_text()) {
        const Element& number = stored.is_text() ? asked : stored;
        if (!number.enumerators.empty())
            return {LawRow::AnythingElse, "no row of the law covers an enumeration and text"};
        const char* reason = "text and numbers do not convert";
        if (is_byte(number.type) && !number.dims.empty()) return {LawRow::BytesAndText, reason};
        return {stored.is_text() ? LawRow::TextToNumber : LawRow::NumberToText, reason};
    }
    if (stored.is_text()) return {};
    // By-name conversion of enumerations has its own verdict; the numbers behind the names may go anywhere.
    const LawRow row = row_of_numbers(stored.type, asked.type);
    if (entry_of(row).verdict == Automatic)
        return {row, fmt::format("{} has every value of {}", name_of(asked.type), name_of(stored.type))};
    return {row, fmt::format("values must fit {}", name_of(asked.type))};
}

Finding find_size(const Element& stored, const Element& asked) {
    bool grows = false;
    bool shrinks = false;
    const std::size_t rank = std::min(array_rank(stored), array_rank(asked));
    for (std::size_t d = 0; d < rank; ++d) {
        grows |= stored.dims[d] < asked.dims[d];
        shrinks |= stored.dims[d] > asked.dims[d];
    }
    if (grows && shrinks) return {LawRow::ArrayLongerAndShorter, "padded with the default, truncated"};
    if (grows) return {LawRow::ArrayLonger, "padded with the default"};
    if (shrinks) return {LawRow::ArrayShorter, "truncated"};
    return {};
}

Finding find_capacity(const Element& stored, const Element& asked) {
    if (stored.dims.back() < asked.dims.back()) return {LawRow::TextLonger, "text has more room"};
    if (stored.dims.back() > asked.dims.back()) return {LawRow::TextShorter, "text must fit"};
    return {};
}

Finding find_rank(const Element& stored, const Element& asked) {
    const std::size_t before = array_rank(stored);
    const std::size_t after = array_rank(asked);
    if (before == after) return {};
    if (before == 0) return {LawRow::ScalarToArray, "a scalar became an array: a rule must say at which index"};
    if (after == 0) return {LawRow::ArrayToScalar, "an array became a scalar: a rule must say which item"};
    return {LawRow::RankChanged, "another number of dimensions: a rule must say which value goes where"};
}

Finding find_unit(const Element& stored, const Element& asked, const schema::UnitSystem* units) {
    if (stored.is_text() || asked.is_text()) return {LawRow::UnitOfText, "text has no unit that converts"};
    if (!stored.enumerators.empty() || !asked.enumerators.empty())
        return {LawRow::UnitOfEnumeration, "an enumeration has no unit that converts"};
    if (stored.unit.empty())
        return {LawRow::UnitAppeared, "a unit appeared: a rule must say what the stored numbers are"};
    if (asked.unit.empty())
        return {LawRow::UnitVanished, "the unit vanished: a rule must say what the asked numbers are"};
    if (units == nullptr) return {LawRow::UnitUnknown, "a changed unit needs a rule"};
    const auto conversion = units->conversion(stored.unit, asked.unit);
    if (!conversion) {
        for (const auto* unit : {&stored.unit, &asked.unit}) {
            if (!units->knows(*unit)) return {LawRow::UnitUnknown, fmt::format("[{}] is no known unit", *unit)};
        }
        const auto difference = units->difference(stored.unit, asked.unit);
        return {LawRow::UnitNotConvertible, difference.empty() ? "these units do not convert into each other"
                                                               : difference + ": a rule must say the factor"};
    }
    if (conversion->is_identity()) return {LawRow::UnitRespelled, "two spellings of one unit"};
    std::string reason = fmt::format("times {}", conversion->scale);
    if (conversion->offset != 0)
        reason += fmt::format(" {} {}", conversion->offset < 0 ? "minus" : "plus", std::abs(conversion->offset));
    if (is_float(asked.type)) return {LawRow::UnitToFloat, reason};
    return {LawRow::UnitToInteger, reason + fmt::format(", must fit {}", name_of(asked.type))};
}

Finding find_enumerators(const Element& stored, const Element& asked) {
    if (stored.enumerators.empty()) return {LawRow::EnumeratorsAppeared, "taken as numbers"};
    if (asked.enumerators.empty()) return {LawRow::EnumeratorsVanished, "taken as numbers"};
    return {LawRow::EnumeratorsChanged, "by name; a value without a name here is an error"};
}

Finding find_nested(const Element* stored, const Element* asked) {
    const char* reason = "paths decide: removed and added";
    if (stored != nullptr) return {LawRow::ElementToStruct, reason};
    if (asked != nullptr) return {LawRow::StructToElement, reason};
    return {LawRow::StructToArray, reason};
}

Finding find_added(const Element& asked) {
    if (asked.default_value) return {LawRow::AddedWithDefault, "absent: its default " + *asked.default_value};
    return {LawRow::Added, "absent: zero"};
}

/// The row of the law that covers a change; none is the default row.
Finding classify(ChangeKind kind, const Element* stored, const Element* asked, const schema::UnitSystem* units) {
    switch (kind) {
        case ChangeKind::Added:
            return find_added(*asked);
        case ChangeKind::Removed:
            return {LawRow::Removed, "ignored"};
        case ChangeKind::Retyped:
            return find_type(*stored, *asked);
        case ChangeKind::Resized:
            return find_size(*stored, *asked);
        case ChangeKind::TextResized:
            return find_capacity(*stored, *asked);
        case ChangeKind::RankChanged:
            return find_rank(*stored, *asked);
        case ChangeKind::Renamed:
            return {LawRow::Renamed, "by the recorded rename"};
        case ChangeKind::UnitChanged:
            return find_unit(*stored, *asked, units);
        case ChangeKind::EnumChanged:
            return find_enumerators(*stored, *asked);
        case ChangeKind::DefaultChanged:
            return {LawRow::DefaultChanged, "stored values stay"};
        case ChangeKind::LimitsChanged:
            return {LawRow::LimitsChanged, "stored values stay, and are not checked by it"};
        case ChangeKind::Reordered:
            return {LawRow::Reordered, "only the place changed"};
        case ChangeKind::Moved:
            return {LawRow::Moved, "only the place changed"};
        case ChangeKind::Nested:
            return find_nested(stored, asked);
        case ChangeKind::Rearranged:
            return {LawRow::Rearranged, "by a rule"};
        case ChangeKind::PartlyRemoved:
            return {LawRow::PartlyRemoved, "ignored"};
        case ChangeKind::Rescaled:
            return {is_float(asked->type) ? LawRow::Rescaled : LawRow::RescaledToInteger, "by a rule"};
    }
    return {};
}

}  // namespace

std::span<const LawEntry> law() noexcept {
    return kLaw;
}

const LawEntry& entry_of(LawRow row) noexcept {
    const auto index = static_cast<std::size_t>(row);
    return index < kLaw.size() ? kLaw[index] : kLaw.back();
}

Judgement judge_change(ChangeKind kind, const Element* stored, const Element* asked, const schema::UnitSystem* units) {
    auto [row, reason] = classify(kind, stored, asked, units);
    if (reason.empty()) reason = "no row of the law covers this change";
    return {row, entry_of(row).verdict, std::move(reason)};
}

std::string_view name_of(Verdict verdict) noexcept {
    switch (verdict) {
        case Identical:
            return "identical";
        case Automatic:
            return "automatic";
        case Checked:
            return "checked";
        case NeedsRule:
            return "needs rule";
        case Refused:
            return "refused";
    }
    return "?";
}

std::vector<JudgedChange> judge(const StructDefinition& stored, const StructDefinition& asked,
                                const schema::UnitSystem* units, const StructRules* rules) {
    if (rules != nullptr) {
        if (const auto way = rules->way(stored, asked); !way.empty()) return judge_by_rules(stored, asked, way, units);
    }
    std::vector<JudgedChange> judged;
    for (auto& found : detect_changes(stored, asked, match_elements(stored, asked))) {
        auto judgement = judge_change(found.change.kind, found.stored, found.asked, units);
        judged.push_back(
            {std::move(found.change), judgement.verdict, std::move(judgement.reason), entry_of(judgement.row).id});
    }
    return judged;
}

Verdict worst(const std::vector<JudgedChange>& changes) noexcept {
    Verdict result = Identical;
    for (const auto& change : changes) result = std::max(result, change.verdict);
    return result;
}

}  // namespace etalon::evolution
