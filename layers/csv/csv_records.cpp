#include "layers/csv/csv_records.h"

#include <algorithm>
#include <utility>

#include "base/nearest.h"
#include "base/printable.h"
#include "text/csv_hints.h"

namespace etalon::layers {
namespace {

std::string list_of(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ",") + name;
    return text;
}

/// The beginnings of the first few.
std::string excerpts_of(const std::vector<std::string>& names) {
    constexpr std::size_t kMost = 10;
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) shown.push_back(excerpt(names[i]));
    if (names.size() > kMost) shown.push_back("... (" + std::to_string(names.size()) + " columns)");
    return list_of(shown);
}

bool is_blank(int c) noexcept {
    return c == ' ' || c == '\t';
}

}  // namespace

CsvRecords::CsvRecords(std::istream& in, std::string origin, CsvColumns columns)
    : in_(in), origin_(std::move(origin)), columns_(std::move(columns)) {
    if (!read_record()) {
        throw error("the file is empty", "a header with " + list_of(columns_.required), "nothing");
    }
    // Spreadsheets put a byte order mark in front of the first name.
    if (fields_[0].starts_with("\xEF\xBB\xBF")) fields_[0].erase(0, 3);
    read_header(fields_);
}

void CsvRecords::read_header(std::vector<std::string> names) {
    width_ = names.size();
    std::vector<std::string> known = columns_.required;
    known.insert(known.end(), columns_.optional.begin(), columns_.optional.end());
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (std::find(known.begin(), known.end(), names[i]) == known.end()) continue;
        if (!places_.emplace(names[i], i).second) throw error("a column stands twice", "each column once", names[i]);
    }
    for (const auto& required : columns_.required) {
        if (places_.contains(required)) continue;
        // Of a file that has none of the columns, nothing is printed: it may be anything.
        if (places_.empty()) {
            auto foreign = text::find_foreign_form(names.front());
            const auto advice = names.size() == 1 ? text::line_advice(names.front()) : std::string();
            throw error(foreign ? foreign->what : "this is no table of the kind that is read here",
                        "a header with " + list_of(columns_.required), "none of these columns",
                        foreign ? foreign->advice : advice);
        }
        const auto near = nearest(required, names, 1);
        throw error("the column " + required + " is missing", "a header with " + list_of(columns_.required),
                    excerpts_of(names), near.empty() ? "" : "rename " + excerpt(near.front()) + " to " + required);
    }
    if (columns_.others_ignored) return;
    for (const auto& name : names) {
        if (places_.contains(name)) continue;
        throw error("unknown column", "some of " + list_of(known), excerpt(name), did_you_mean(name, known));
    }
}

bool CsvRecords::next() {
    return read_record();
}

void CsvRecords::check() const {
    if (fields_.size() != width_) {
        throw error("the line has another number of fields than the header", std::to_string(width_),
                    std::to_string(fields_.size()));
    }
    for (const auto& required : columns_.required) {
        if (cell(required).empty()) throw error(required + " is empty", "a value", "nothing");
    }
}

const std::string& CsvRecords::cell(std::string_view column) const {
    static const std::string kNothing;
    const auto place = places_.find(column);
    return place == places_.end() || place->second >= fields_.size() ? kNothing : fields_[place->second];
}

Error CsvRecords::error(std::string what, std::string expected, std::string found, std::string advice) const {
    return Error(ErrorCode::BadInput, {std::move(what), origin_ + ":" + std::to_string(line_), std::move(expected),
                                       std::move(found), std::move(advice)});
}

void CsvRecords::count_character() {
    constexpr std::size_t kLargestRecord = std::size_t{1} << 20;
    constexpr std::size_t kLargest = std::size_t{256} << 20;
    ++read_;
    if (++read_of_record_ > kLargestRecord) {
        throw error("the line is too long", "at most 1 MB in a line", "more",
                    "look whether it is the right file, and whether a quote is closed");
    }
    if (read_ > kLargest) throw error("the file is too large", "at most 256 MB", "more", "split it");
}

bool CsvRecords::read_record() {
    constexpr auto kEnd = std::istream::traits_type::eof();
    do {
        if (in_.peek() == kEnd) {
            if (in_.bad()) throw error("the file cannot be read", "", "");
            return false;
        }
        line_ = next_line_;
        read_of_record_ = 0;
        fields_.assign(1, {});
        bool quoted = false;      // inside quotes
        bool was_quoted = false;  // the field began with a quote
        bool is_remark = false;
        const auto end_field = [&] {
            if (!was_quoted) {
                auto& field = fields_.back();
                while (!field.empty() && is_blank(field.back())) field.pop_back();
            }
        };
        for (int c = in_.get(); c != kEnd; c = in_.get()) {
            count_character();
            if (c == '\n') ++next_line_;
            if (is_remark && c != '\n') continue;
            if (quoted) {
                if (c != '"') {
                    fields_.back().push_back(static_cast<char>(c));
                } else if (in_.peek() == '"') {
                    in_.get();
                    fields_.back().push_back('"');
                } else {
                    quoted = false;
                }
            } else if (c == '"' && fields_.back().empty() && !was_quoted) {
                quoted = was_quoted = true;
            } else if (c == ',') {
                end_field();
                fields_.emplace_back();
                was_quoted = false;
            } else if (c == '\n') {
                break;
            } else if (c == '\r' && (in_.peek() == '\n' || in_.peek() == kEnd)) {
                continue;
            } else if (is_blank(c) && (was_quoted || fields_.back().empty())) {
                continue;
            } else {
                fields_.back().push_back(static_cast<char>(c));
                is_remark = fields_.size() == 1 && !was_quoted && fields_.back() == columns_.comment;
            }
        }
        if (is_remark) fields_.assign(1, {});
        if (in_.bad()) throw error("the file cannot be read", "", "");
        end_field();
        if (quoted) throw error("a quoted field has no closing quote", "\"", "the end of the file");
    } while (fields_.size() == 1 && fields_[0].empty());
    return true;
}

}  // namespace etalon::layers
