#include "interchange/differences.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <span>
#include <type_traits>
#include <variant>

#include "base/bytes.h"
#include "base/number_text.h"
#include "schema/enumerators.h"
#include "schema/value_text.h"

namespace etalon::interchange {
namespace {

template <class T>
Cell float_cell(T value) {
    Cell cell{"", "", true};
    append_float(cell.text, value);
    if (std::isnan(value)) {
        cell.json = "\"NaN\"";
    } else if (std::isinf(value)) {
        cell.json = value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
    } else {
        // A JSON reader takes -0 for the integer 0.
        cell.json = cell.text + (value == 0 && std::signbit(value) ? ".0" : "");
    }
    return cell;
}

/// The text of a member: what is not printable is written as in CSV.
Cell text_cell(const std::string& text) {
    Cell result;
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '\\') {
            result.text += "\\\\";
        } else if (code >= 0x20 && code <= 0x7e) {
            result.text += c;
        } else {
            result.text += fmt::format("\\x{:02x}", code);
        }
    }
    result.json = is_utf8(text) ? json_quote(text) : "{\"hex\": \"" + to_hex(as_bytes(text)) + "\"}";
    return result;
}

Cell value_cell(const DiffValue& value, const Element* member, bool enum_names) {
    if (enum_names && member != nullptr && !member->enumerators.empty()) {
        const auto* number = std::get_if<std::int64_t>(&value);
        const auto* other = std::get_if<std::uint64_t>(&value);
        // Values of uint64 wrap in the list of enumerators.
        const auto name = number != nullptr  ? schema::enumerator_text(*member, *number)
                          : other != nullptr ? schema::enumerator_text(*member, static_cast<std::int64_t>(*other))
                                             : std::string();
        if (!name.empty()) return cell(name);
    }
    return std::visit(
        [&](const auto& one) -> Cell {
            using T = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<T, NoValue>) {
                return null_cell();
            } else if constexpr (std::is_same_v<T, bool>) {
                return {one ? "1" : "0", one ? "true" : "false", true};
            } else if constexpr (std::is_same_v<T, std::string>) {
                return member != nullptr ? text_cell(one) : cell(one);
            } else if constexpr (std::is_floating_point_v<T>) {
                return float_cell(one);
            } else {
                return cell(one);
            }
        },
        value);
}

/// The indices of a value in its member.
Cell index_cell(const Difference& difference) {
    if (difference.member == nullptr) return null_cell();
    const auto num_indices = schema::num_indices(*difference.member);
    if (num_indices == 0) return null_cell();
    std::vector<std::int64_t> indices(num_indices);
    auto rest = difference.value;
    for (auto d = num_indices; d-- > 0;) {
        indices[d] = static_cast<std::int64_t>(rest % difference.member->dims[d]);
        rest /= difference.member->dims[d];
    }
    return list_cell(indices);
}

Cell key_cell(const Difference& difference) {
    if (difference.key.empty()) return null_cell();
    Cell result{"", "{", false};
    // Of a key only the values are known: text is written as text of a member is.
    const Element text;
    for (std::size_t i = 0; i < difference.key.size(); ++i) {
        const auto one = value_cell(difference.key[i], &text, false);
        const auto& member = difference.key_members[i];
        result.text += (i == 0 ? "" : ", ") + member + "=" + one.text;
        result.json += (i == 0 ? "" : ",") + json_quote(member) + ":" + one.json;
    }
    result.json += "}";
    return result;
}

/// What a difference is, for all formats: an absent value is told here, too.
std::string kind_of(const Difference& difference) {
    if (difference.kind == DiffKind::Value) {
        if (std::holds_alternative<NoValue>(difference.before)) return "absent before";
        if (std::holds_alternative<NoValue>(difference.after)) return "absent after";
    }
    return std::string(name_of(difference.kind));
}

bool is_of_rows(DiffKind kind) {
    return kind == DiffKind::Value || kind == DiffKind::RowAdded || kind == DiffKind::RowRemoved;
}

bool is_of_node(DiffKind kind) {
    return kind == DiffKind::NodeAdded || kind == DiffKind::NodeRemoved || kind == DiffKind::NodeChanged;
}

std::string side_json(const DiffSideReport& report, const DifferenceContext::Side& asked) {
    std::string text = "{";
    const auto add = [&](std::string_view name, const std::string& json) {
        text += (text.size() == 1 ? "" : ",") + json_quote(name) + ":" + json;
    };
    add("place", cell_or_null(report.place).json);
    for (const auto& [name, value] : asked) add(name, value.json);
    add("commit", report.snapshot == 0 ? "null" : std::to_string(report.snapshot));
    add("settled", report.settled ? "true" : "false");
    add("truncated", list_cell(report.truncated).json);
    add("losses", std::to_string(report.losses));
    return text + "}";
}

}  // namespace

const std::vector<std::string>& difference_columns() {
    static const std::vector<std::string> columns{"path",    "member", "index",      "row",     "key",
                                                  "before",  "after",  "difference", "kind",    "element",
                                                  "version", "begin",  "end",        "otherRow"};
    return columns;
}

Cell number_cell(const DiffNumber& number) {
    if (const auto* exact = std::get_if<IntegerDifference>(&number)) {
        const auto text = (exact->negative ? "-" : "") + std::to_string(exact->magnitude);
        return {text, text, true};
    }
    if (const auto* value = std::get_if<double>(&number)) return float_cell(*value);
    return null_cell();
}

std::vector<Cell> difference_cells(const Difference& difference, bool enum_names) {
    const auto kind = difference.kind;
    const bool is_node = is_of_node(kind);
    const auto* member = difference.member;
    const auto& stretch = difference.stretch;
    return {cell(difference.path),
            member != nullptr ? cell(member->path) : cell_or_null(difference.property),
            index_cell(difference),
            is_of_rows(kind) ? cell(difference.row) : null_cell(),
            key_cell(difference),
            value_cell(difference.before, member, enum_names),
            value_cell(difference.after, member, enum_names),
            number_cell(difference.difference),
            cell(kind_of(difference)),
            is_node ? null_cell() : cell(difference.element),
            cell_or_null(difference.version),
            stretch ? cell(stretch->axis, stretch->begin) : null_cell(),
            stretch ? cell(stretch->axis, stretch->end) : null_cell(),
            difference.other_row ? cell(*difference.other_row) : null_cell()};
}

Table summary_table(const DiffReport& report, bool only_different) {
    Table table{{"path", "member", "values", "differ", "largest", "mean"}, {}};
    for (const auto& one : report.members) {
        if (only_different && one.differ == 0) continue;
        table.rows.push_back({cell(one.path), cell(one.member), cell(one.values), cell(one.differ),
                              number_cell(one.largest), number_cell(one.mean)});
    }
    return table;
}

Table side_table(const DiffReport& report, const DifferenceContext& context) {
    Table table{{"side", "first", "second"}, {}};
    const auto add = [&](const std::string& name, const Cell& before, const Cell& after) {
        if (before.text.empty() && after.text.empty()) return;
        table.rows.push_back({cell(name), before, after});
    };
    add("place", cell(report.before.place), cell(report.after.place));
    for (const auto& [name, value] : context.before) {
        Cell other = null_cell();
        for (const auto& [known, second] : context.after) {
            if (known == name) other = second;
        }
        add(name, value, other);
    }
    const auto commit = [](const DiffSideReport& side) {
        return side.snapshot == 0 ? null_cell() : cell(side.snapshot);
    };
    add("commit", commit(report.before), commit(report.after));
    add("truncated", list_cell(report.before.truncated), list_cell(report.after.truncated));
    if (report.before.losses + report.after.losses > 0)
        add("losses", cell(report.before.losses), cell(report.after.losses));
    return table;
}

std::string outcome_text(const DiffReport& report) {
    if (report.equal) return "equal";
    std::uint64_t values = 0;
    for (const auto& one : report.members) values += one.differ;
    std::string text;
    const auto add = [&](std::uint64_t number, std::string_view one, std::string_view many) {
        if (number != 0) text += (text.empty() ? "" : ", ") + counted(number, one, many);
    };
    add(values, "value differs", "values differ");
    add(report.rows_added, "row was added", "rows were added");
    add(report.rows_removed, "row was removed", "rows were removed");
    add(report.statuses, "status differs", "statuses differ");
    add(report.nodes, "difference of nodes", "differences of nodes");
    add(report.records, "record changed", "records changed");
    return text;
}

void TextSpool::add(std::string_view text) {
    constexpr std::size_t kInMemory = std::size_t{1} << 20;
    pending_ += text;
    if (pending_.size() >= kInMemory) flush();
}

void TextSpool::flush() {
    if (!file_) file_ = std::make_unique<SpoolFile>();
    file_->append(as_bytes(pending_));
    pending_.clear();
}

void TextSpool::write(std::ostream& out) {
    if (file_ && file_->size() != 0) {
        constexpr std::size_t kAtOnce = std::size_t{1} << 20;
        const auto all = file_->map();
        for (std::size_t first = 0; first < all.size(); first += kAtOnce) {
            const auto size = std::min(kAtOnce, all.size() - first);
            out << as_text(all.bytes().subspan(first, size));
            all.let_go(first, first + size);
        }
    }
    out << pending_;
}

void DifferenceList::add(const Difference& difference) {
    if (limit_ != 0 && size_ == limit_) return;
    const auto cells = difference_cells(difference, enum_names_);
    std::string line;
    if (form_ == Form::Json) {
        static const auto kKeys = [] {
            std::vector<std::string> keys;
            for (const auto& name : difference_columns())
                keys.push_back((keys.empty() ? "" : ",") + json_quote(name) + ":");
            return keys;
        }();
        line = size_ == 0 ? "\n  {" : ",\n  {";
        for (std::size_t c = 0; c < cells.size(); ++c) line += kKeys[c] + cells[c].json;
        line += "}";
    } else {
        for (std::size_t c = 0; c < cells.size(); ++c) line += (c == 0 ? "" : ",") + csv_quote(cells[c].text);
        line += "\n";
    }
    ++size_;
    text_.add(line);
}

void write_json(std::ostream& out, const DiffReport& report, const DifferenceContext& context, DifferenceList& list) {
    out << "{\"equal\":" << (report.equal ? "true" : "false") << ",\n \"sides\":[\n  "
        << side_json(report.before, context.before) << ",\n  " << side_json(report.after, context.after)
        << "\n ],\n \"total\":" << report.differences << ",\n \"rowsAdded\":" << report.rows_added
        << ",\n \"rowsRemoved\":" << report.rows_removed << ",\n \"statuses\":" << report.statuses
        << ",\n \"nodes\":" << report.nodes << ",\n \"records\":" << report.records
        << ",\n \"summary\":" << to_json(summary_table(report), 1) << ",\n \"differences\":[";
    list.write(out);
    out << (list.size() == 0 ? "]}\n" : "\n ]}\n");
}

void write_csv(std::ostream& out, DifferenceList& list) {
    std::string header;
    for (const auto& name : difference_columns()) header += (header.empty() ? "" : ",") + name;
    out << header << "\n";
    list.write(out);
}

}  // namespace etalon::interchange
