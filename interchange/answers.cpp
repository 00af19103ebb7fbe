#include "interchange/answers.h"

#include <string_view>
#include <vector>

#include "interchange/json_object.h"
#include "text/text.h"

namespace etalon::interchange {

bool tells_losses(const AnswerData& answer, const AnswerContext& context) noexcept {
    return context.lenient || answer.losses > 0;
}

Cell schema_cell(const Provenance& record) {
    return record.schema == 0 ? null_cell() : cell(record.schema);
}

Cell commit_cell(const Provenance& record) {
    return record.commit == 0 ? null_cell() : cell(record.commit);
}

Cell entry_cell(const Provenance& record) {
    return record.commit == 0 ? null_cell() : cell(record.entry_time);
}

void write_json(std::ostream& out, const Answer& handle, const AnswerContext& context) {
    const auto& answer = *handle;
    const bool several = answer.elements.size() > 1;
    // Without a position there is no interval around it.
    const bool has_position = !context.by_run_map || context.run.has_value();
    std::vector<std::int64_t> asked;
    for (const auto& element : answer.elements) asked.push_back(element.element);
    const auto key = [&](std::string_view name, const std::string& json) {
        out << json_quote(name) << ":" << json << ",\n ";
    };
    out << "{";
    key("name", json_quote(answer.name));
    key("struct", json_quote(answer.struct_name));
    key("schema", context.schema != 0 ? std::to_string(context.schema) : common_cell(answer, schema_cell).json);
    key("status", json_quote(name_of(answer.status)));
    key("begin", has_position ? cell(answer.validity.axis, answer.validity.begin).json : "null");
    key("end", has_position ? cell(answer.validity.axis, answer.validity.end).json : "null");
    key("version", common_cell(answer, [](const Provenance& p) { return cell(p.version); }).json);
    key("elements", list_cell(asked).json);
    key("missing", list_cell(handle.missing()).json);
    key("holes", list_cell(handle.holes()).json);
    key("commit", common_cell(answer, commit_cell).json);
    key("entryTime", common_cell(answer, entry_cell).json);
    key("uid", common_cell(answer, [](const Provenance& p) { return cell(p.uid); }).json);
    key("absent", list_cell(answer.absent).json);
    key("truncated", list_cell(answer.truncated).json);
    if (context.layered) key("layer", common_cell(answer, [](const Provenance& p) { return cell(p.layer); }).json);
    key("asOf", std::to_string(answer.snapshot));
    key("settled", answer.settled ? "true" : "false");
    if (tells_losses(answer, context)) key("losses", std::to_string(answer.losses));
    if (context.by_run_map) {
        key("run", context.run ? cell(context.run->run.number).json : "null");
        key("runBegin", context.run ? cell(context.run->begin).json : "null");
    }
    if (several) key("records", to_json(element_table(answer, context, true), 1));
    out << "\"rows\":[";
    std::string text;
    bool first = true;
    for_each_row(answer, [&](std::size_t index, std::int64_t element) {
        text = first ? "\n  " : ",\n  ";
        first = false;
        text::append_json_row(text, *answer.layout, handle.row(index), several ? &element : nullptr,
                              context.enum_names ? text::EnumText::Names : text::EnumText::Numbers);
        out << text;
    });
    out << (first ? "]}\n" : "\n ]}\n");
}

void write_csv(std::ostream& out, const Answer& handle, const DefinitionPtr& layout, bool enum_names) {
    const auto& answer = *handle;
    const bool several = answer.elements.size() > 1;
    if (!layout) return;
    out << (several ? "elementID," : "") << text::csv_header(*layout) << "\n";
    std::string text;
    for_each_row(answer, [&](std::size_t index, std::int64_t element) {
        text = several ? std::to_string(element) + "," : "";
        text::append_csv_row(text, *answer.layout, handle.row(index),
                             enum_names ? text::EnumText::Names : text::EnumText::Numbers);
        out << text << "\n";
    });
}

std::string rows_json(const Answer& answer, std::size_t indent) {
    std::string text = "[";
    const bool several = answer->elements.size() > 1;
    for_each_row(*answer, [&](std::size_t index, std::int64_t element) {
        if (text.size() > 1) text += ",";
        text += "\n" + std::string(indent, ' ');
        text::append_json_row(text, *answer->layout, answer.row(index), several ? &element : nullptr);
    });
    return text + "]";
}

Table element_table(const AnswerData& answer, const AnswerContext& context, bool conversions) {
    const bool with_losses = conversions && tells_losses(answer, context);
    Table table{{"element", "status", "begin", "end", "version", "schema", "commit", "entryTime", "uid"}, {}};
    if (context.layered) table.columns.emplace_back("layer");
    if (conversions) table.columns.insert(table.columns.end(), {"absent", "truncated"});
    if (with_losses) table.columns.emplace_back("losses");
    for (const auto& element : answer.elements) {
        std::vector<Cell> row = {cell(element.element), cell(name_of(element.status)),
                                 cell(element.validity.axis, element.validity.begin),
                                 cell(element.validity.axis, element.validity.end)};
        if (element.provenance) {
            const auto& record = *element.provenance;
            for (auto&& one : {cell(record.version), schema_cell(record), commit_cell(record), entry_cell(record),
                               cell(record.uid)}) {
                row.push_back(one);
            }
            if (context.layered) row.push_back(cell(record.layer));
        } else {
            row.resize(context.layered ? 10 : 9, null_cell());
        }
        if (conversions) row.insert(row.end(), {list_cell(element.absent), list_cell(element.truncated)});
        if (with_losses) row.push_back(cell(element.losses));
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table scan_table() {
    return {{"begin", "end", "status", "rows", "version", "schema", "commit", "uid", "layer"}, {}};
}

void append_answer(Table& table, const AnswerData& answer) {
    // Of several elements there is no one record.
    const auto* record = answer.elements.size() == 1 && answer.elements.front().provenance
                             ? &*answer.elements.front().provenance
                             : nullptr;
    table.rows.push_back(
        {cell(answer.validity.axis, answer.validity.begin), cell(answer.validity.axis, answer.validity.end),
         cell(name_of(answer.status)), cell(static_cast<std::int64_t>(answer.num_rows)),
         record != nullptr ? cell(record->version) : null_cell(),
         record != nullptr ? schema_cell(*record) : null_cell(), record != nullptr ? commit_cell(*record) : null_cell(),
         record != nullptr ? cell(record->uid) : null_cell(), record != nullptr ? cell(record->layer) : null_cell()});
}

}  // namespace etalon::interchange
