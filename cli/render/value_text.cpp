#include "cli/render/value_text.h"

#include <algorithm>

#include "schema/unit_definitions.h"
#include "text/text.h"

namespace etalon::cli {
namespace {

constexpr std::size_t kMostLines = 200;      // rows, or lines of blocks, that a table shows
constexpr std::size_t kMostElements = 1000;  // elements of a row that a block shows

std::size_t values_of(const Element& element) {
    return element.is_text() ? element.count() / element.dims.back() : element.count();
}

bool is_list(const Element& element) {
    return element.dims.size() > (element.is_text() ? 1U : 0U);
}

/// Elements downwards, rows sideways: as many beside each other as the terminal is wide.
void print_blocks(Output& out, const StructDefinition& layout, const std::byte* data, std::size_t num_rows,
                  const std::vector<std::int64_t>& elements) {
    constexpr std::size_t kColumnWidth = 24;
    const auto width = Output::width();
    const auto shown_elements = std::min(layout.elements.size(), kMostElements);
    std::size_t path_width = 0;
    std::size_t type_width = 0;
    std::size_t unit_width = 0;
    for (std::size_t e = 0; e < shown_elements; ++e) {
        const auto& element = layout.elements[e];
        path_width = std::max(path_width, display_width(element.path));
        type_width = std::max(type_width, type_text(element).size());
        unit_width = std::max(unit_width, display_width(schema::unit_symbol(element.unit)));
    }
    const auto used = path_width + type_width + std::max<std::size_t>(unit_width, 4) + 6;
    const auto rest = width > used + kColumnWidth ? width - used : kColumnWidth;
    const auto abreast = num_rows == 1 ? 1 : std::max<std::size_t>(1, rest / (kColumnWidth + 2));
    const auto value_width = num_rows == 1 ? rest : kColumnWidth;
    const auto blocks = std::max<std::size_t>(1, kMostLines / (shown_elements + 3));
    const auto shown_rows = std::min(num_rows, abreast * blocks);
    for (std::size_t first = 0; first < shown_rows; first += abreast) {
        const auto last = std::min(first + abreast, shown_rows);
        Table table{{"element", "type", "unit"}, {}};
        for (auto r = first; r < last; ++r) {
            std::string title = num_rows == 1 ? "value" : "row " + std::to_string(r);
            if (!elements.empty()) title += " of element " + std::to_string(elements[r]);
            table.columns.push_back(std::move(title));
        }
        for (std::size_t e = 0; e < shown_elements; ++e) {
            const auto& element = layout.elements[e];
            std::vector<Cell> line = {cell(element.path), cell(type_text(element)),
                                      cell(schema::unit_symbol(element.unit))};
            for (auto r = first; r < last; ++r) {
                line.push_back(cell(value_text(element, data + r * layout.size, value_width)));
            }
            table.rows.push_back(std::move(line));
        }
        if (first > 0) out << "\n";
        print_table(out, table);
    }
    if (shown_elements < layout.elements.size()) {
        out << "... " << counted(layout.elements.size() - shown_elements, "more element") << "\n";
    }
    if (shown_rows < num_rows) {
        out << "... " << counted(num_rows - shown_rows, "more row") << "; --format csv or json prints all\n";
    }
}

}  // namespace

std::string type_text(const Element& element) {
    std::string text(name_of(element.type));
    for (const auto dim : element.dims) text += "[" + std::to_string(dim) + "]";
    return text;
}

std::string value_text(const Element& element, const std::byte* row, std::size_t width) {
    std::string text;
    if (!is_list(element)) {
        text::append_value(text, element, row, 0);
        return shorten(text, width);
    }
    const auto count = values_of(element);
    const std::string tail = "... " + std::to_string(count) + " values]";
    text = "[";
    for (std::size_t i = 0; i < count; ++i) {
        const auto before = text.size();
        if (i > 0) text += ", ";
        text::append_value(text, element, row, i);
        const bool last = i + 1 == count;
        if (display_width(text) + (last ? 1 : 2 + tail.size()) > width && i > 0) {
            text.resize(before);
            return text + ", " + tail;
        }
    }
    return text + "]";
}

std::string first_values(const StructDefinition& layout, const std::byte* row, std::size_t width) {
    std::string text;
    for (const auto& element : layout.elements) {
        if (!text.empty()) text += ", ";
        text += element.path + "=" + value_text(element, row, 24);
        if (display_width(text) > width) break;
    }
    return shorten(text, width);
}

std::string absent_text(const StructDefinition& layout, const std::vector<std::string>& absent) {
    std::string text;
    for (const auto& name : absent) {
        text += (text.empty() ? "" : ", ") + name;
        // `hit[2].adc[3:]` is a part of `hit[2].adc`.
        const auto is_of = [&](const Element& element) {
            return name == element.path || (name.starts_with(element.path + "[") && name.ends_with(":]"));
        };
        const auto element = std::find_if(layout.elements.begin(), layout.elements.end(), is_of);
        if (element == layout.elements.end() || !element->default_value) continue;
        text += " (default " + *element->default_value + ")";
    }
    return text;
}

void print_rows(Output& out, const StructDefinition& layout, const std::byte* data, std::size_t num_rows,
                const std::vector<std::int64_t>& elements) {
    constexpr std::size_t kArrayWidth = 40;
    const auto width = Output::width();
    Table table;
    if (!elements.empty()) table.columns.emplace_back("elementID");
    std::size_t least = 0;  // of a line, by the titles alone
    for (const auto& element : layout.elements) {
        table.columns.push_back(
            element.path + (element.unit.empty() ? "" : " [" + std::string(schema::unit_symbol(element.unit)) + "]"));
        least += display_width(table.columns.back()) + 2;
        if (least > width) return print_blocks(out, layout, data, num_rows, elements);
    }
    std::vector<std::size_t> widths;
    for (const auto& column : table.columns) widths.push_back(display_width(column));
    for (std::size_t r = 0; r < std::min(num_rows, kMostLines); ++r) {
        std::vector<Cell> row;
        if (!elements.empty()) row.push_back(cell(elements[r]));
        for (const auto& element : layout.elements) {
            Cell one = cell(value_text(element, data + r * layout.size, kArrayWidth));
            one.is_number = !element.is_text() && !is_list(element) && element.enumerators.empty();
            row.push_back(std::move(one));
        }
        std::size_t total = 0;
        for (std::size_t c = 0; c < row.size(); ++c) {
            widths[c] = std::max(widths[c], display_width(row[c].text));
            total += widths[c] + 2;
        }
        if (total > width + 2) return print_blocks(out, layout, data, num_rows, elements);
        table.rows.push_back(std::move(row));
    }
    print_table(out, table);
    if (num_rows > kMostLines) {
        out << "... " << counted(num_rows - kMostLines, "more row") << "; --format csv or json prints all\n";
    }
}

}  // namespace etalon::cli
