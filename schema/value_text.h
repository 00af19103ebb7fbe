#pragma once
/// One value between its text form and memory, for every reader and writer of text. Private to schema/.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "etalon/definition.h"
#include "etalon/error.h"
#include "schema/rows.h"

namespace etalon::schema {

/// Where a value goes: a number, or one text of `capacity` bytes.
struct Cell {
    std::uint64_t offset = 0;    ///< from the start of the row
    std::uint64_t capacity = 0;  ///< of text; else 0
    ScalarType type = ScalarType::Int32;
    const Element* enumeration = nullptr;  ///< its element, when that has enumerators; points into the definition
};

/// Why a value was not taken.
enum class ValueProblem : std::uint8_t {
    None,
    Malformed,     ///< not a value of that type at all
    OutOfRange,    ///< a number that the type does not hold
    NotInteger,    ///< a fraction, an exponent, nan or inf for an integer
    TooLong,       ///< text beyond the capacity
    HasNul,        ///< a NUL byte within text
    BadEscape,     ///< a backslash that is neither `\\` nor `\xHH`
    Unclosed,      ///< a double quote without its end
    StrayQuote,    ///< a double quote within unquoted text, or something behind a closing one
    NoEnumerator,  ///< a number of an enumeration that has no name (schema/enumerators.h)
};

/// Reads the whole of `text` as a number or identity (null: no text) of that type (not Char) into the bytes at `out`.
/// Nothing is written when it fails.
[[nodiscard]] ValueProblem parse_number(ScalarType type, std::string_view text, std::byte* out) noexcept;
/// Reads the whole of `text` as a value of a cell that is no text: a number, or names of its enumeration. Nothing is
/// written when it fails, but NoEnumerator, which is for the caller to judge.
[[nodiscard]] ValueProblem parse_value(const Cell& cell, std::string_view text, std::byte* out);
/// Puts text into `capacity` bytes at `out`, zeros behind it. Nothing is written when it fails.
[[nodiscard]] ValueProblem store_text(std::string_view text, std::uint64_t capacity, std::byte* out) noexcept;
/// Appends what the CSV form of a text means; `body` is without the enclosing quotes. Within quotes, a double quote is
/// doubled; outside there may be none.
[[nodiscard]] ValueProblem unescape(std::string_view body, bool quoted, std::string& out);

/// The parts of an Error for a value that was not taken; `where` is left empty. `found` is the text of the value
/// (for TooLong: the text itself, not its escaped form).
[[nodiscard]] ErrorInfo describe(ValueProblem problem, const Cell& cell, std::string_view found);

/// Printable and short, in single quotes; `nothing` when empty.
[[nodiscard]] std::string shown(std::string_view text);

/// The text of a char array: the bytes before the first NUL.
[[nodiscard]] std::string_view text_at(const std::byte* at, std::uint64_t capacity) noexcept;

/// Values of an element, where a text counts as one.
[[nodiscard]] std::uint64_t num_values(const Element& element) noexcept;
/// Bytes of one of them.
[[nodiscard]] std::uint64_t value_size(const Element& element) noexcept;
/// Dimensions without the capacity of text.
[[nodiscard]] std::size_t num_indices(const Element& element) noexcept;

/// Writes one value into the bytes of one element (count() values at `out`): every value of an array gets it. The text
/// is the CSV form (text with or without quotes), or the name of an enumerator. Returns false, and writes nothing, when
/// it does not fit the type.
[[nodiscard]] bool write_fill(const Element& element, std::string_view text, std::byte* out);

/// Writes a declared default in the same way: one value as write_fill does, or a list (schema/default_list.h) with as
/// many values as the element has. Returns false when it does not fit; `out` may then hold a part of it.
[[nodiscard]] bool write_default(const Element& element, std::string_view text, std::byte* out);

/// Rows of a layout, one behind the other, as they come.
class RowAppender {
public:
    explicit RowAppender(DefinitionPtr layout);
    /// A new row of zero bytes; valid until the next call.
    [[nodiscard]] std::byte* append();
    [[nodiscard]] std::uint64_t num_rows() const noexcept { return num_rows_; }
    /// True when the rows are many enough to be handed on in one go.
    [[nodiscard]] bool is_piece() const noexcept;
    /// The rows. The appender is empty then.
    [[nodiscard]] RowBlock finish();

private:
    DefinitionPtr layout_;
    AlignedBuffer data_;
    std::uint64_t num_rows_ = 0;
};

}  // namespace etalon::schema
