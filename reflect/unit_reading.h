#pragma once
/// Finds a unit and a declared default in the text of a comment. Pure functions over text.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace etalon::reflect {

/// What a comment says of the unit.
struct UnitReading {
    std::string unit;  ///< empty: none
    /// What stands in brackets, or behind `unit:`, and is not taken, and why.
    struct Text {
        std::string text;
        std::string reason;
    };
    std::vector<Text> texts;
};

/// The unit that a comment states plainly: it begins or ends with `[unit]` (in one of its lines that are sentences of
/// their own), has `unit: ...`, or is nothing but a unit (`mV/fC`, `(cm)`). A `default: ...` does not count. What is in
/// brackets is a unit when its spelling is known, or all but one word of a quotient or product are, or one letter makes
/// it known (`[furlongz]`: recorded as it is written), or when a word in small letters is all that there is; else it is
/// text. A unit that stands inside a sentence, that the words around it take back (`was [cm]`), or that is of another
/// member, is none. `element_name` guards against a label that repeats the name (`float C; // C`); `others` are the
/// names of the other members of the struct.
[[nodiscard]] UnitReading read_unit(std::string_view comment, std::string_view element_name,
                                    const std::vector<std::string>& others = {});

/// A declared default, not yet checked against a type, and where it stands in the comment.
struct DefaultText {
    std::string text;       ///< a number, quoted text, a name or a list
    std::size_t begin = 0;  ///< of the word `default`
    std::size_t end = 0;    ///< behind the value
    /// The words before take it back: `old default: 7`.
    bool is_retracted = false;
};

/// The text behind `default:` or `default =` (also `default value: ...`) in a comment: a single word or value, up to a
/// blank, a comma that a blank follows, or a semicolon.
[[nodiscard]] std::optional<DefaultText> find_default(std::string_view comment);

}  // namespace etalon::reflect
