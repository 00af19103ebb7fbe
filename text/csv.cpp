#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <unordered_set>
#include <utility>

#include "schema/columns.h"
#include "schema/value_text.h"
#include "text/readers.h"
#include "text/source.h"
#include "text/text.h"

namespace etalon::text {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kMostColumns = 2'000'000;
constexpr std::uint64_t kMostBlankLines = 1'000'000;

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Whether blanks around a field belong to it.
enum class Blanks : std::uint8_t { Kept, Ignored };

/// Cuts a line into fields.
class FieldScanner {
public:
    FieldScanner(std::string_view line, Blanks blanks) : rest_(line), ignores_blanks_(blanks == Blanks::Ignored) {}

    struct Field {
        std::string_view body;  ///< without the enclosing quotes, escapes as they stand
        bool quoted = false;
        schema::ValueProblem problem = schema::ValueProblem::None;  ///< Unclosed or StrayQuote
    };

    /// True when there is one more field. (An empty line has one, an empty one.)
    [[nodiscard]] bool more() const noexcept { return more_; }

    Field next() {
        if (ignores_blanks_) skip_blanks();
        if (!rest_.empty() && rest_.front() == '"') return next_quoted();
        const void* const comma = rest_.empty() ? nullptr : std::memchr(rest_.data(), ',', rest_.size());
        const std::size_t length =
            comma == nullptr ? rest_.size() : static_cast<std::size_t>(static_cast<const char*>(comma) - rest_.data());
        Field field{rest_.substr(0, length)};
        if (ignores_blanks_) field.body = trimmed(field.body);
        advance(length);
        return field;
    }

private:
    void skip_blanks() noexcept { rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size())); }

    Field next_quoted() {
        std::size_t at = 1;
        for (;;) {
            at = rest_.find('"', at);
            if (at == std::string_view::npos) {
                Field field{rest_, true, schema::ValueProblem::Unclosed};
                advance(rest_.size());
                return field;
            }
            if (at + 1 == rest_.size() || rest_[at + 1] != '"') break;
            at += 2;
        }
        Field field{rest_.substr(1, at - 1), true};
        std::size_t end = at + 1;
        if (ignores_blanks_) end = std::min(rest_.find_first_not_of(kBlanks, end), rest_.size());
        if (end != rest_.size() && rest_[end] != ',') {
            end = std::min(rest_.find(',', end), rest_.size());
            field = {rest_.substr(0, end), true, schema::ValueProblem::StrayQuote};
        }
        advance(end);
        return field;
    }

    void advance(std::size_t length) noexcept {
        more_ = length < rest_.size();
        rest_.remove_prefix(more_ ? length + 1 : length);
    }

    std::string_view rest_;
    bool more_ = true;
    bool ignores_blanks_;
};

std::uint64_t count_fields(std::string_view line, Blanks blanks) {
    FieldScanner fields(line, blanks);
    std::uint64_t count = 0;
    while (fields.more()) {
        (void)fields.next();
        ++count;
    }
    return count;
}

/// Which kind of CSV is read.
enum class CsvKind : std::uint8_t {
    Plain,  ///< names in the header, blanks belong to values
    Typed,  ///< types may stand in the header, blanks around fields mean nothing
};

class CsvReader final : public TypedCsvReader {
public:
    CsvReader(TextSource source, CsvKind kind)
        : source_(std::move(source)), blanks_(kind == CsvKind::Typed ? Blanks::Ignored : Blanks::Kept) {
        auto names = read_names();
        if (kind == CsvKind::Typed) {
            header_ = read_typed_header(names, at_line(1));
            names = header_.columns;
        }
        set_columns(std::move(names));
    }

    [[nodiscard]] const TypedHeader& header() const override { return header_; }

    [[nodiscard]] const std::vector<std::string>& columns() const override { return columns_; }

    [[nodiscard]] bool fits(const StructDefinition& definition) const override {
        // No column occurs twice, so that equal numbers and every column known is all.
        const schema::ColumnIndex index(definition);
        return !duplicate_ && index.num_columns() == columns_.size() &&
               std::ranges::all_of(columns_, [&index](const auto& name) { return index.find(name).has_value(); });
    }

    using RowReader::read;
    void read(const DefinitionPtr& layout, const TakeRows& take, NamelessValues& nameless) override {
        const auto cells = cells_of(*layout);
        schema::RowAppender rows(layout);
        std::uint64_t blank_line = 0;
        while (const auto line = source_.next_line()) {
            if (is_empty(*line)) {
                if (blank_line == 0) blank_line = source_.line();
                if (source_.line() - blank_line > kMostBlankLines) {
                    throw Error(ErrorCode::BadInput, {"too many empty lines",
                                                      at_line(blank_line),
                                                      fmt::format("at most {} at the end", kMostBlankLines),
                                                      "more",
                                                      {}});
                }
                continue;
            }
            if (blank_line != 0) {
                throw Error(ErrorCode::BadInput, {"empty line between rows",
                                                  at_line(blank_line),
                                                  "one row in each line",
                                                  {},
                                                  "a row with one empty text is written \"\""});
            }
            read_row(*line, cells, rows.append(), nameless);
            if (rows.is_piece()) take(rows.finish());
        }
        if (rows.num_rows() != 0) take(rows.finish());
    }

private:
    [[nodiscard]] std::string at_line(std::uint64_t line) const { return fmt::format("{}:{}", source_.name(), line); }
    [[nodiscard]] std::string at_column(std::size_t column) const {
        return fmt::format("{}:{}, column {}", source_.name(), source_.line(), columns_[column]);
    }

    [[noreturn]] void refuse(std::string what, std::string expected, std::string found) const {
        throw Error(ErrorCode::BadInput, {std::move(what), at_line(1), std::move(expected), std::move(found), {}});
    }

    [[nodiscard]] bool is_empty(std::string_view line) const noexcept {
        return line.empty() || (blanks_ == Blanks::Ignored && trimmed(line).empty());
    }

    /// The fields of the header.
    std::vector<std::string> read_names() {
        const auto line = source_.next_line();
        if (!line || trimmed(*line).empty()) {
            refuse("no header", "a first line with the names of the columns", line ? "an empty line" : "an empty file");
        }
        std::vector<std::string> names;
        FieldScanner fields(*line, blanks_);
        while (fields.more()) {
            const auto field = fields.next();
            std::string name;
            auto problem = field.problem;
            // A name may be in quotes, but has no escapes; a stray quote in it is no part of any name.
            if (problem == schema::ValueProblem::None) name = trimmed(field.body);
            if (problem == schema::ValueProblem::None && name.find('"') != std::string::npos)
                problem = schema::ValueProblem::StrayQuote;
            if (problem != schema::ValueProblem::None) {
                auto info = schema::describe(problem, {0, 0, ScalarType::Char}, field.body);
                info.found.clear();  // it may be no table at all
                info.where = fmt::format("{}, column {} of the header", at_line(1), names.size() + 1);
                throw Error(ErrorCode::BadInput, std::move(info));
            }
            if (name.empty()) {
                refuse(fmt::format("column {} has no name", names.size() + 1), "a name for each column", "nothing");
            }
            names.push_back(std::move(name));
            if (names.size() > kMostColumns) {
                refuse("the header has too many columns", fmt::format("at most {}", kMostColumns), "more");
            }
        }
        return names;
    }

    void set_columns(std::vector<std::string> names) {
        columns_ = std::move(names);
        std::unordered_set<std::string_view> seen;
        seen.reserve(columns_.size());
        for (const auto& name : columns_) {
            if (!seen.insert(name).second && !duplicate_) duplicate_ = name;
        }
    }

    /// Where each field of a line goes.
    [[nodiscard]] std::vector<schema::Cell> cells_of(const StructDefinition& layout) const {
        const schema::ColumnIndex index(layout);
        // A name that is none of the struct's may be of a file of another kind, which is not printed.
        if (duplicate_ && index.find(*duplicate_))
            refuse("column " + schema::shown(*duplicate_) + " occurs twice", "each column once", {});
        std::vector<schema::Cell> cells;
        cells.reserve(columns_.size());
        schema::NameList unknown;
        for (const auto& name : columns_) {
            const auto cell = index.find(name);
            if (cell) {
                cells.push_back(*cell);
            } else {
                unknown.add(name);
            }
        }
        if (unknown.total != 0 || cells.size() != index.num_columns())
            throw_misfit(layout, index, unknown, cells.size());
        return cells;
    }

    [[noreturn]] void throw_misfit(const StructDefinition& layout, const schema::ColumnIndex& index,
                                   const schema::NameList& unknown, std::uint64_t num_known) const {
        const std::unordered_set<std::string_view> present(columns_.begin(), columns_.end());
        schema::NameList missing;
        const std::uint64_t num_missing = index.num_columns() - num_known;
        schema::for_each_column(layout, [&](const std::string& name) {
            if (!present.contains(name)) missing.add(name);
            return missing.total < std::min<std::uint64_t>(num_missing, schema::NameList::kMost);
        });
        missing.total = num_missing;
        std::vector<std::string> known;
        known.reserve(layout.elements.size());
        for (const auto& element : layout.elements) known.push_back(element.path);
        throw misfit(at_line(1), "column", layout, missing, unknown, known, num_known != 0);
    }

    void read_row(std::string_view line, const std::vector<schema::Cell>& cells, std::byte* row,
                  NamelessValues& nameless) {
        FieldScanner fields(line, blanks_);
        std::size_t column = 0;
        while (fields.more()) {
            if (column == cells.size()) throw_count(line);
            const auto field = fields.next();
            const schema::Cell& cell = cells[column];
            std::string_view found = field.body;
            auto problem = field.problem;
            if (problem == schema::ValueProblem::None) problem = set(cell, field, row + cell.offset, found);
            if (problem == schema::ValueProblem::NoEnumerator && nameless.are_let_in) {
                ++nameless.count;
                problem = schema::ValueProblem::None;
            }
            if (problem != schema::ValueProblem::None) throw_value(line, problem, cell, found, column);
            ++column;
        }
        if (column != cells.size()) throw_count(line);
    }

    /// Puts a field into its place. When a text does not fit, `found` becomes what it means.
    schema::ValueProblem set(const schema::Cell& cell, const FieldScanner::Field& field, std::byte* at,
                             std::string_view& found) {
        if (cell.type != ScalarType::Char) return schema::parse_value(cell, field.body, at);
        text_.clear();
        const auto problem = schema::unescape(field.body, field.quoted, text_);
        if (problem != schema::ValueProblem::None) return problem;
        const auto stored = schema::store_text(text_, cell.capacity, at);
        if (stored != schema::ValueProblem::None) found = text_;
        return stored;
    }

    [[noreturn]] void throw_value(std::string_view line, schema::ValueProblem problem, const schema::Cell& cell,
                                  std::string_view found, std::size_t column) const {
        // A value of the wrong kind is often one of a row that lacks a field, or has one too many: say that first.
        if (problem != schema::ValueProblem::Unclosed && count_fields(line, blanks_) != columns_.size())
            throw_count(line);
        auto info = schema::describe(problem, cell, found);
        info.where = at_column(column);
        throw Error(ErrorCode::BadInput, std::move(info));
    }

    [[noreturn]] void throw_count(std::string_view line) const {
        const std::uint64_t count = count_fields(line, blanks_);
        const bool few = count < columns_.size();
        ErrorInfo info;
        info.what = few ? "row has too few fields" : "row has too many fields";
        info.where = few ? at_column(count) : at_line(source_.line());
        info.expected = fmt::format("{} field{}", columns_.size(), columns_.size() == 1 ? "" : "s");
        info.found = std::to_string(count);
        throw Error(ErrorCode::BadInput, std::move(info));
    }

    TextSource source_;
    Blanks blanks_;
    TypedHeader header_;  // of a typed one
    std::vector<std::string> columns_;
    std::optional<std::string> duplicate_;  // of the columns, one that occurs twice
    std::string text_;                      // of one field, without escapes
};

}  // namespace

std::unique_ptr<RowReader> make_csv_reader(TextSource source) {
    return std::make_unique<CsvReader>(std::move(source), CsvKind::Plain);
}

std::unique_ptr<TypedCsvReader> make_typed_csv_reader(std::istream& in, std::string name) {
    return std::make_unique<CsvReader>(TextSource(in, std::move(name)), CsvKind::Typed);
}

}  // namespace etalon::text
