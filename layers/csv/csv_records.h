#pragma once
/// Small CSV files with a header that describe things (manifests, lists of nodes); values of structs are read by
/// schema/.

#include <cstddef>
#include <istream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/error.h"

namespace etalon::layers {

/// What the header of such a file may say.
struct CsvColumns {
    std::vector<std::string> required;
    std::vector<std::string> optional;
    bool others_ignored = false;  ///< else an unknown column is an error with the nearest known one
    std::string comment = {};     ///< lines that begin with this, behind blanks, are left out; empty: none
};

/// Records of a CSV file (RFC 4180: quoted fields may hold commas, quotes and line ends; LF or CRLF), by column name.
/// Blanks and tabs around names and fields mean nothing, except in quotes. Blank lines are skipped. `in` must outlive
/// it; `origin` is the file's name for errors.
class CsvRecords {
public:
    /// Reads the header. Throws Error(BadInput) when it lacks a required column, names one twice, or has an unknown
    /// one.
    CsvRecords(std::istream& in, std::string origin, CsvColumns columns);

    /// Steps to the first or next record; false at the end. Throws Error(BadInput) for an unclosed quote.
    bool next();
    /// The line on which the record begins, from 1.
    [[nodiscard]] std::size_t line() const noexcept { return line_; }
    /// Throws Error(BadInput) unless the record has as many fields as the header and every required one has a value.
    void check() const;
    /// The field of a column; empty when the file has no such column.
    [[nodiscard]] const std::string& cell(std::string_view column) const;
    /// An Error(BadInput) at the line of the record.
    [[nodiscard]] Error error(std::string what, std::string expected, std::string found, std::string advice = {}) const;

private:
    void read_header(std::vector<std::string> names);
    bool read_record();
    /// Throws Error(BadInput) when a record has more than 1 MB, or the file more than 256 MB.
    void count_character();

    std::istream& in_;
    std::string origin_;
    CsvColumns columns_;
    std::map<std::string, std::size_t, std::less<>> places_;
    std::size_t width_ = 0;
    std::vector<std::string> fields_;
    std::size_t read_ = 0;            ///< characters so far
    std::size_t read_of_record_ = 0;  ///< of them, of this record
    std::size_t line_ = 1;
    std::size_t next_line_ = 1;
};

}  // namespace etalon::layers
