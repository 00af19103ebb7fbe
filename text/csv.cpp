#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <unordered_set>
#include <utility>

#include "schema/columns.h"
#include "schema/value_text.h"
#include "text/csv_hints.h"
#include "text/readers.h"
#include "text/source.h"
#include "text/text.h"

namespace etalon::text {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kMostColumns = 2'000'000;
constexpr std::uint64_t kMostBlankLines = 1'000'000;
constexpr std::size_t kMostAdvised = 4096;  // bytes of a line that are looked at for advice

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Cuts a line into fields, without the blanks around them.
class FieldScanner {
public:
    explicit FieldScanner(std::string_view line) : rest_(line) {}

    struct Field {
        std::string_view body;  ///< without the enclosing quotes, escapes as they stand
        bool quoted = false;
        schema::ValueProblem problem = schema::ValueProblem::None;  ///< Unclosed or StrayQuote
    };

    /// True when there is one more field. (An empty line has one, an empty one.)
    [[nodiscard]] bool more() const noexcept { return more_; }

    Field next() {
        skip_blanks();
        if (!rest_.empty() && rest_.front() == '"') return next_quoted();
        const void* const comma = rest_.empty() ? nullptr : std::memchr(rest_.data(), ',', rest_.size());
        const std::size_t length =
            comma == nullptr ? rest_.size() : static_cast<std::size_t>(static_cast<const char*>(comma) - rest_.data());
        const Field field{trimmed(rest_.substr(0, length))};
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
        std::size_t end = std::min(rest_.find_first_not_of(kBlanks, at + 1), rest_.size());
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
};

std::uint64_t count_fields(std::string_view line) {
    FieldScanner fields(line);
    std::uint64_t count = 0;
    while (fields.more()) {
        (void)fields.next();
        ++count;
    }
    return count;
}

/// What the types of a header are for.
enum class Types : std::uint8_t {
    Checked,  ///< they have to be those of the layout
    Told,     ///< whoever reads looks at them
};

class CsvReader final : public TypedCsvReader {
public:
    CsvReader(TextSource source, Types types, CsvOptions options)
        : source_(std::move(source)), types_(types), options_(std::move(options)) {
        if (auto foreign = find_foreign_form(source_.beginning())) {
            foreign->where = at_line(1);
            foreign->expected = "CSV or JSON, as text";
            throw Error(ErrorCode::BadInput, *std::move(foreign));
        }
        const auto names = read_names();
        header_ = read_header(names);
        set_columns(header_.columns);
    }

    [[nodiscard]] const TypedHeader& header() const override { return header_; }

    [[nodiscard]] const std::vector<std::string>& columns() const override { return columns_; }

    [[nodiscard]] bool fits(const StructDefinition& definition) const override {
        // No column occurs twice, so that equal numbers and every column known is all.
        const schema::ColumnIndex index(definition);
        return !duplicate_ && index.num_columns() == columns_.size() &&
               std::ranges::all_of(columns_, [&index](const auto& name) { return index.find(name).has_value(); }) &&
               (types_ == Types::Told || types_fit(header_, definition));
    }

    using RowReader::read;
    void read(const DefinitionPtr& layout, const TakeRows& take, NamelessValues& nameless) override {
        const auto cells = cells_of(*layout);
        schema::RowAppender rows(layout);
        std::uint64_t blank_line = 0;
        while (const auto line = next_line()) {
            if (trimmed(*line).empty()) {
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
        throw Error(ErrorCode::BadInput, {std::move(what), at_line(header_line_), std::move(expected), std::move(found),
                                          line_advice(header_text_)});
    }

    /// The next line that is no remark.
    std::optional<std::string_view> next_line() {
        for (;;) {
            const auto line = source_.next_line();
            if (!line || options_.comment.empty()) return line;
            const auto first = std::min(line->find_first_not_of(kBlanks), line->size());
            if (!line->substr(first).starts_with(options_.comment)) return line;
        }
    }

    [[nodiscard]] TypedHeader read_header(const std::vector<std::string>& names) const {
        try {
            return read_typed_header(names, at_line(header_line_));
        } catch (const Error& error) {
            auto info = error.info();
            if (names.size() == 1 && info.advice.empty()) info.advice = line_advice(header_text_);
            throw Error(error.code(), std::move(info));
        }
    }

    /// The fields of the header.
    std::vector<std::string> read_names() {
        const auto line = next_line();
        header_line_ = std::max<std::uint64_t>(1, source_.line());
        if (line && line->substr(0, kMostAdvised).size() == line->size()) header_text_ = *line;
        if (!line || trimmed(*line).empty()) {
            refuse("no header", "a first line with the names of the columns", line ? "an empty line" : "an empty file");
        }
        if (trimmed(*line).starts_with('#')) {
            throw Error(ErrorCode::BadInput,
                        {"the header begins with '#'", at_line(header_line_), "the names of the columns", "",
                         "take the '#' away, or leave such lines out with --comment '#'"});
        }
        std::vector<std::string> names;
        FieldScanner fields(*line);
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
                info.where = fmt::format("{}, column {} of the header", at_line(header_line_), names.size() + 1);
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
        if (types_ == Types::Checked && !types_fit(header_, layout)) throw_types(layout);
        return cells;
    }

    [[noreturn]] void throw_types(const StructDefinition& layout) const {
        for (const auto& element : header_.elements) {
            const auto known = std::ranges::find(layout.elements, element.path, &Element::path);
            if (known->type == element.type && known->dims == element.dims) continue;
            throw Error(ErrorCode::BadInput,
                        {"the type of a column is not that of struct " + layout.name,
                         fmt::format("{}, column {}", at_line(header_line_), element.path), type_text(*known),
                         type_text(element), "types are not converted here; a header may leave them out"});
        }
        throw Error(ErrorCode::Internal, {"types that do not fit were not found", at_line(header_line_), "", "", ""});
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
        auto error = misfit(at_line(header_line_), "column", layout, missing, unknown, known, num_known != 0);
        const bool is_odd = columns_.size() == 1 || num_known == 0 || header_text_.find('\r') != std::string::npos;
        const auto advice = is_odd ? line_advice(header_text_) : std::string();
        if (advice.empty()) throw error;
        auto info = error.info();
        info.advice = advice;
        throw Error(error.code(), std::move(info));
    }

    void read_row(std::string_view line, const std::vector<schema::Cell>& cells, std::byte* row,
                  NamelessValues& nameless) {
        FieldScanner fields(line);
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
        if (problem != schema::ValueProblem::Unclosed && count_fields(line) != columns_.size()) throw_count(line);
        auto info = schema::describe(problem, cell, found);
        info.where = at_column(column);
        if (cell.type != ScalarType::Char) {
            const bool is_float = cell.type == ScalarType::Float32 || cell.type == ScalarType::Float64;
            if (found.empty()) info.what = "the cell is empty";
            if (auto advice = cell_advice(found, is_float); !advice.empty()) info.advice = std::move(advice);
        }
        throw Error(ErrorCode::BadInput, std::move(info));
    }

    [[noreturn]] void throw_count(std::string_view line) const {
        const std::uint64_t count = count_fields(line);
        const bool few = count < columns_.size();
        ErrorInfo info;
        info.what = few ? "row has too few fields" : "row has too many fields";
        info.where = few ? at_column(count) : at_line(source_.line());
        info.expected = fmt::format("{} field{}", columns_.size(), columns_.size() == 1 ? "" : "s");
        info.found = std::to_string(count);
        info.advice = line_advice(line.substr(0, kMostAdvised));
        if (info.advice.empty() && count == 2 * columns_.size()) {
            info.advice = "if a comma is the decimal sign there, write a point";
        }
        throw Error(ErrorCode::BadInput, std::move(info));
    }

    TextSource source_;
    Types types_;
    CsvOptions options_;
    std::uint64_t header_line_ = 1;
    std::string header_text_;  // unless it is long: for advice
    TypedHeader header_;
    std::vector<std::string> columns_;
    std::optional<std::string> duplicate_;  // of the columns, one that occurs twice
    std::string text_;                      // of one field, without escapes
};

}  // namespace

std::unique_ptr<RowReader> make_csv_reader(TextSource source, const CsvOptions& options) {
    return std::make_unique<CsvReader>(std::move(source), Types::Checked, options);
}

std::unique_ptr<TypedCsvReader> make_typed_csv_reader(std::istream& in, std::string name) {
    return std::make_unique<CsvReader>(TextSource(in, std::move(name)), Types::Told, CsvOptions{});
}

}  // namespace etalon::text
