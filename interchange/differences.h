#pragma once
/// Differences as JSON, CSV, records and a page of HTML (docs/diff.md says what stands where).

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spool.h"
#include "etalon/diff.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// What was compared, as far as its documents say more because of it.
struct DifferenceContext {
    /// What a side was asked with, by name: `name`, `at`, `version`, ...
    using Side = std::vector<std::pair<std::string, Cell>>;

    std::string title;  ///< for people: `gains`, `configuration Reco`
    Side before;
    Side after;
    std::vector<std::pair<std::string, std::string>> conditions;  ///< for people: `tolerance`, `gain[*]=1e-6`
    bool enum_names = false;                                      ///< values of enumerations by their names
};

/// The columns of a list of differences.
[[nodiscard]] const std::vector<std::string>& difference_columns();
/// One difference as a record with these columns.
[[nodiscard]] std::vector<Cell> difference_cells(const Difference& difference, bool enum_names);
/// A difference, or what is made of many: a number, or null.
[[nodiscard]] Cell number_cell(const DiffNumber& number);
/// What was compared, by path and member: path, member, values, differ, largest, mean.
[[nodiscard]] Table summary_table(const DiffReport& report, bool only_different = false);
/// What was compared on each side: a row for each thing that is known of one, for people.
[[nodiscard]] Table side_table(const DiffReport& report, const DifferenceContext& context);
/// `4 values differ, 1 row was added`; `equal` when there is nothing.
[[nodiscard]] std::string outcome_text(const DiffReport& report);

/// Pieces of text that are written out later: in memory while they are few, else in a temporary file.
class TextSpool {
public:
    void add(std::string_view text);
    /// Writes all of it.
    void write(std::ostream& out);

private:
    void flush();

    std::string pending_;
    std::unique_ptr<SpoolFile> file_;
};

/// A list of differences as text, made while they are found: they need no memory.
class DifferenceList {
public:
    enum class Form : std::uint8_t { Json, Csv };
    /// At most `limit` differences are kept; 0: all.
    DifferenceList(Form form, bool enum_names, std::uint64_t limit)
        : form_(form), enum_names_(enum_names), limit_(limit) {}
    void add(const Difference& difference);
    /// Differences that are kept.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// JSON: the lines within the brackets of a list. CSV: the lines behind the header.
    void write(std::ostream& out) { text_.write(out); }

private:
    Form form_;
    bool enum_names_;
    std::uint64_t limit_;
    std::uint64_t size_ = 0;
    TextSpool text_;
};

/// Writes a JSON object with a line end: equal, sides, counts, summary, differences.
void write_json(std::ostream& out, const DiffReport& report, const DifferenceContext& context, DifferenceList& list);
/// Writes the differences as CSV with a header.
void write_csv(std::ostream& out, DifferenceList& list);
/// Writes one file of HTML that needs no other: a summary, then the rows of `differences`, which have the columns of
/// difference_columns(). For a screen and for print. All text is escaped.
void write_html(std::ostream& out, const DiffReport& report, const DifferenceContext& context,
                const Table& differences);

}  // namespace etalon::interchange
