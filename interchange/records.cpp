#include "interchange/records.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace etalon::interchange {

Cell null_cell() {
    return {"", "null", false};
}
Cell cell(std::string_view text) {
    return {std::string(text), json_quote(text), false};
}
Cell cell(const char* text) {
    return cell(std::string_view(text));
}
Cell cell(std::int64_t number) {
    return {std::to_string(number), std::to_string(number), true};
}
Cell cell(std::uint64_t number) {
    return {std::to_string(number), std::to_string(number), true};
}
Cell cell(bool value) {
    return {value ? "yes" : "no", value ? "true" : "false", false};
}

Cell cell(Axis axis, std::optional<std::int64_t> at) {
    if (!at) return null_cell();
    const auto text = format_position(Position(axis, *at));
    const bool infinite = *at == kMinusInfinity || *at == kPlusInfinity;
    return {text, axis == Axis::Run && !infinite ? text : json_quote(text), axis == Axis::Run};
}

Cell cell(Time time) {
    return cell(Axis::Time, time.ns);
}

Cell list_cell(std::span<const std::int64_t> numbers) {
    Cell result{"", "[", false};
    for (const auto number : numbers) {
        result.text += (result.text.empty() ? "" : ",") + std::to_string(number);
        result.json += (result.json.size() == 1 ? "" : ",") + std::to_string(number);
    }
    result.json += "]";
    return result;
}

Cell list_cell(std::span<const std::string> texts) {
    Cell result{"", "[", false};
    for (const auto& text : texts) {
        result.text += (result.text.empty() ? "" : ", ") + text;
        result.json += (result.json.size() == 1 ? "" : ",") + json_quote(text);
    }
    result.json += "]";
    return result;
}

Cell cell_or_null(std::string_view text) {
    return text.empty() ? null_cell() : cell(text);
}

std::string json_quote(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string csv_quote(std::string_view text) {
    if (text.find_first_of("\",\r\n") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string interval_text(Axis axis, std::int64_t begin, std::optional<std::int64_t> end) {
    return "[" + format_position(Position(axis, begin)) + ", " +
           (end ? format_position(Position(axis, *end)) : std::string("open")) + ")";
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
    std::string text = std::to_string(number) + " " + std::string(number == 1 || many.empty() ? one : many);
    if (number != 1 && many.empty()) text += "s";
    return text;
}

std::string to_json(const Table& table, std::size_t indent) {
    if (table.rows.empty()) return "[]";
    const std::string margin(indent, ' ');
    std::string text = "[";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        text += r == 0 ? "\n" : ",\n";
        text += margin + " {";
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            text += (c == 0 ? "" : ",") + json_quote(table.columns[c]) + ":" + table.rows[r][c].json;
        }
        text += "}";
    }
    return text + "\n" + margin + "]";
}

std::string to_csv(const Table& table) {
    std::string text;
    for (std::size_t c = 0; c < table.columns.size(); ++c) text += (c == 0 ? "" : ",") + csv_quote(table.columns[c]);
    text += "\n";
    for (const auto& row : table.rows) {
        for (std::size_t c = 0; c < row.size(); ++c) text += (c == 0 ? "" : ",") + csv_quote(row[c].text);
        text += "\n";
    }
    return text;
}

void append(Table& table, Table part, const std::string* database) {
    if (database != nullptr) {
        part.columns.insert(part.columns.begin(), "database");
        for (auto& row : part.rows) row.insert(row.begin(), cell(*database));
    }
    if (table.columns.empty()) {
        table = std::move(part);
        return;
    }
    for (auto& row : part.rows) table.rows.push_back(std::move(row));
}

}  // namespace etalon::interchange
