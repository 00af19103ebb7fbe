#pragma once
/// Rows as CSV and JSON (docs/command_line.md). Rows are read one at a time, so that memory holds a row and not the
/// input; errors name file and line, and the column, or the row (from 0) and element. A bool is 0 or 1 in CSV and false
/// or true in JSON; both are read in both, and every number may be in quotes.

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/ref.h"
#include "schema/rows.h"
#include "text/typed_header.h"

namespace etalon::text {

/// The CSV column names of a definition: arrays as `name[i]`, `name[i][j]`, row-major; text one column per string.
[[nodiscard]] std::vector<std::string> csv_columns(const StructDefinition& definition);

/// Numbers of enumerations that no enumerator has.
struct NamelessValues {
    bool are_let_in = true;   ///< else they are errors
    std::uint64_t count = 0;  ///< of those that were let in
};

/// How values of enumerations are written.
enum class EnumText : std::uint8_t {
    Numbers,
    Names,  ///< `kA`, `kA|kB`; a number where there is no name
};

/// Takes rows in the layout that was asked for, some at a time, in order.
using TakeRows = std::function<void(schema::RowBlock rows)>;

/// An input of rows whose layout is not known before its columns were seen.
class RowReader {
public:
    virtual ~RowReader() = default;
    /// The column names as they stand in the input (JSON: the flattened names of the first row; none when no rows).
    [[nodiscard]] virtual const std::vector<std::string>& columns() const = 0;
    /// True when the columns are exactly those of the definition, in any order. (JSON without rows fits every one.)
    [[nodiscard]] virtual bool fits(const StructDefinition& definition) const = 0;
    /// Reads all rows, once, and hands them on in pieces of about a MiB. Throws Error(BadInput) with `file:line`,
    /// column name, what was expected and found; for columns that do not fit, lists missing and unknown ones (with the
    /// nearest known name). Numbers of enumerations may be names.
    virtual void read(const DefinitionPtr& layout, const TakeRows& take, NamelessValues& nameless) = 0;
    /// The same, with numbers of enumerations as they are.
    void read(const DefinitionPtr& layout, const TakeRows& take);
    /// Reads all rows into memory, with numbers of enumerations as they are.
    [[nodiscard]] schema::RowBlock read(const DefinitionPtr& layout);
};

/// How CSV is read.
struct CsvOptions {
    std::string comment = {};  ///< lines that begin with this, behind blanks, are left out; empty: none
};

/// Reads CSV from `in`, which must outlive the reader; `name` is for errors. The one dialect of Etalon: a header, which
/// may say types (TypedHeader; those of the layout then, nothing is converted), LF and CRLF, quoted fields over the
/// escapes `\\` and `\xHH`, text without quotes, blanks around fields that mean nothing (text that needs them is in
/// quotes), a missing newline or empty lines at the end, a byte order mark. A line is a row: a line end within text is
/// `\x0a`. The header is read at once.
[[nodiscard]] std::unique_ptr<RowReader> make_csv_reader(std::istream& in, std::string name,
                                                         const CsvOptions& options = {});
/// CSV whose header may say types.
class TypedCsvReader : public RowReader {
public:
    [[nodiscard]] virtual const TypedHeader& header() const = 0;
};

/// As make_csv_reader, for files of a CSV layer: the types of a header are not compared with the layout that is asked
/// for. Throws Error(BadInput) for a header that makes no sense.
[[nodiscard]] std::unique_ptr<TypedCsvReader> make_typed_csv_reader(std::istream& in, std::string name);
/// Reads JSON: a list of row objects, or an object with a list `rows` (as `get --format json` prints); nested elements
/// as dotted keys, nested objects or lists of objects; numbers may be strings ("NaN", "Infinity", "-Infinity", 64-bit
/// integers); the key `elementID` of a row is ignored unless the struct has such an element. The first row is read at
/// once.
[[nodiscard]] std::unique_ptr<RowReader> make_json_reader(std::istream& in, std::string name);
/// The reader that the first significant character asks for: `[` or `{` is JSON, anything else CSV.
[[nodiscard]] std::unique_ptr<RowReader> make_row_reader(std::istream& in, std::string name,
                                                         const CsvOptions& options = {});

/// Rows as strings, for writers. `layout` is that of the bytes at `row`.
/// The CSV header line, without line end.
[[nodiscard]] std::string csv_header(const StructDefinition& layout);
/// Appends one row as a CSV line, without line end.
void append_csv_row(std::string& out, const StructDefinition& layout, const std::byte* row,
                    EnumText enums = EnumText::Numbers);
/// Appends what stands for a reference that is not null, as JSON; false: nothing was appended, its digits do.
using WriteReference =
    std::function<bool(std::string& out, const Element& element, std::uint64_t item, const ObjectId& id)>;
/// As append_json_row(), with references that others write.
void append_json_row(std::string& out, const StructDefinition& layout, const std::byte* row,
                     const WriteReference& write_reference, EnumText enums = EnumText::Numbers);
/// Appends one row as a JSON object: keys are element paths, arrays nested, text as string or {"hex": "..."}.
/// `element_id`, when not null, becomes the first key `elementID` (unless the struct has an element of that name).
void append_json_row(std::string& out, const StructDefinition& layout, const std::byte* row,
                     const std::int64_t* element_id = nullptr, EnumText enums = EnumText::Numbers);
/// A text as conditions and CSV read it: in double quotes, those within doubled, with `\\` and `\xHH` for what is not
/// printable, or for all beyond ASCII when it is not UTF-8.
[[nodiscard]] std::string in_quotes(std::string_view text);
/// Appends one value of an element (index in row-major order; text: index of the string) for people: like CSV, text
/// without quotes when printable, enumerations by their names.
void append_value(std::string& out, const Element& element, const std::byte* row, std::uint64_t index);

}  // namespace etalon::text
