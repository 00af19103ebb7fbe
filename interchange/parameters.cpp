#include "interchange/parameters.h"

#include <optional>
#include <variant>

#include "interchange/json_object.h"
#include "params/value_text.h"

namespace etalon::interchange {
namespace {

Cell value_cell(const ParameterValue& value) {
    Cell cell;
    cell.text = params::to_text(value);
    cell.json = params::to_json(value);
    cell.is_number = std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
    return cell;
}

/// An object of one property of each value.
template <class Property>
std::string object_of(const ParameterSet& values, Property json_of) {
    std::string text = "{";
    for (const auto& [name, value] : values) {
        text += (text.size() == 1 ? "\n  " : ",\n  ") + json_quote(name) + ":" + json_of(value);
    }
    return text + "}";
}

}  // namespace

std::string to_json(const ParameterAnswer& answer) {
    const auto& record = answer.provenance;
    JsonObject object(",\n ");
    object.add_text("software", answer.software).add_text("set", answer.set);
    object.add_text("status", name_of(answer.status));
    object.add("begin", cell(answer.validity.axis, answer.validity.begin).json);
    object.add("end", cell(answer.validity.axis, answer.validity.end).json);
    const auto of_record = [&](const char* key, auto property) {
        object.add(key, record ? cell(property(*record)).json : "null");
    };
    of_record("version", [](const Provenance& p) { return std::string_view(p.version); });
    of_record("element", [](const Provenance& p) { return p.element; });
    of_record("commit", [](const Provenance& p) { return p.commit; });
    of_record("entryTime", [](const Provenance& p) { return p.entry_time; });
    of_record("uid", [](const Provenance& p) { return std::string_view(p.uid); });
    object.add("parameters",
               object_of(answer.values, [](const ParameterValue& value) { return params::to_json(value); }));
    object.add("types", object_of(answer.values,
                                  [](const ParameterValue& value) { return json_quote(name_of(type_of(value))); }));
    return object.text();
}

Table value_table(const ParameterSet& values) {
    Table table{{"name", "type", "value"}, {}};
    for (const auto& [name, value] : values) {
        table.rows.push_back({cell(name), cell(name_of(type_of(value))), value_cell(value)});
    }
    return table;
}

Table difference_table(std::span<const params::Difference> differences) {
    Table table{{"name", "change", "beforeType", "before", "afterType", "after"}, {}};
    for (const auto& one : differences) {
        const auto type = [](const std::optional<ParameterValue>& value) {
            return value ? cell(name_of(type_of(*value))) : null_cell();
        };
        const auto value = [](const std::optional<ParameterValue>& of) { return of ? value_cell(*of) : null_cell(); };
        table.rows.push_back({cell(one.name),
                              cell(!one.before  ? "added"
                                   : !one.after ? "removed"
                                                : "changed"),
                              type(one.before), value(one.before), type(one.after), value(one.after)});
    }
    return table;
}

Table parameter_set_table(std::span<const ParameterSetInfo> sets) {
    Table table{{"software", "set", "axis", "records"}, {}};
    for (const auto& set : sets) {
        table.rows.push_back({cell(set.software), cell(set.set), cell(name_of(set.axis)), cell(set.records)});
    }
    return table;
}

}  // namespace etalon::interchange
