#include "interchange/definitions.h"

#include "base/bytes.h"
#include "evolution/rules.h"
#include "interchange/json_object.h"
#include "schema/definition.h"

namespace etalon::interchange {
namespace {

Cell dims_cell(const Element& element) {
    Cell result{"", "[", false};
    for (const auto dim : element.dims) {
        result.text += "[" + std::to_string(dim) + "]";
        result.json += (result.json.size() == 1 ? "" : ",") + std::to_string(dim);
    }
    result.json += "]";
    return result;
}

Cell limits_cell(const Element& element) {
    std::string text;
    for (const auto& limit : element.limits) text += (text.empty() ? "" : "; ") + limit;
    if (text.empty()) return null_cell();
    auto list = list_cell(std::span<const std::string>(element.limits));
    list.text = std::move(text);  // limits have commas of their own
    return list;
}

Cell enumerators_cell(const Element& element) {
    Cell result{"", "{", false};
    for (const auto& [name, value] : element.enumerators) {
        result.text += (result.text.empty() ? "" : ", ") + name + "=" + std::to_string(value);
        result.json += (result.json.size() == 1 ? "" : ",") + json_quote(name) + ":" + std::to_string(value);
    }
    result.json += "}";
    return result;
}

}  // namespace

Table struct_table(std::span<const StructInfo> structs, std::span<const NameInfo> names) {
    std::map<std::string, std::int64_t> references;
    for (const auto& reference : names) ++references[reference.struct_name];
    Table table{{"name", "schema", "schemas", "size", "elements", "storage", "references", "formerNames"}, {}};
    for (const auto& info : structs) {
        table.rows.push_back({cell(info.name), cell(info.current_schema), cell(info.schemas), cell(info.size),
                              cell(info.elements), cell(name_of(info.is_binary ? Storage::Bytes : Storage::Columns)),
                              cell(references[info.name]), list_cell(info.former_names)});
    }
    return table;
}

Table name_table(std::span<const NameInfo> names) {
    Table table{{"name", "struct", "axis", "policy", "storage", "coverage", "view", "records"}, {}};
    for (const auto& info : names) {
        table.rows.push_back({cell(info.name), cell(info.struct_name), cell(name_of(info.axis)),
                              cell(name_of(info.policy)), cell(name_of(info.storage)),
                              cell(format_coverage(info.coverage)), cell_or_null(info.view_name), cell(info.records)});
    }
    return table;
}

Table view_table(std::span<const ViewInfo> views) {
    Table table{{"name", "reference", "kind", "shows"}, {}};
    for (const auto& view : views) {
        table.rows.push_back(
            {cell(view.name), cell(view.reference), cell(view.standard ? "standard" : "answer"), cell(view.shows)});
    }
    return table;
}

std::string to_json(const StructDefinition& definition, std::int64_t schema) {
    JsonObject object(",\n ");
    object.add_text("name", definition.name).add("schema", std::to_string(schema));
    object.add("size", std::to_string(definition.size)).add("alignment", std::to_string(definition.alignment));
    object.add_text("layout", evolution::layout_name(definition));
    object.add_text("definitionHash", to_hex(schema::definition_hash(definition)));
    object.add_text("comment", definition.comment);
    return object.add("elements", to_json(element_table(definition), 1)).text();
}

Table element_table(const StructDefinition& definition) {
    Table table{{"name", "type", "target", "dims", "offset", "unit", "default", "enumerators", "key", "limits",
                 "renamedFrom", "comment"},
                {}};
    for (const auto& element : definition.elements) {
        table.rows.push_back({cell(element.path), cell(name_of(element.type)), cell_or_null(element.target),
                              dims_cell(element), cell(element.offset), cell(element.unit),
                              element.default_value ? cell(*element.default_value) : null_cell(),
                              enumerators_cell(element),
                              element.key != 0 ? cell(std::uint64_t{element.key}) : null_cell(), limits_cell(element),
                              cell_or_null(element.renamed_from), cell(element.comment)});
    }
    return table;
}

Table snapshot_table(std::span<const SnapshotInfo> snapshots, std::string_view database) {
    Table table{{"name", "state", "author", "created", "patterns", "database", "comment"}, {}};
    for (const auto& snapshot : snapshots) {
        std::string patterns;
        for (const auto& entry : snapshot.entries) {
            patterns += (patterns.empty() ? "" : ", ") + entry.pattern + "=" + std::to_string(entry.commit);
        }
        table.rows.push_back({cell(snapshot.name), cell(snapshot.frozen ? "frozen" : "open"), cell(snapshot.author),
                              cell(format_time(snapshot.created)), cell(patterns), cell(database),
                              cell(snapshot.comment)});
    }
    return table;
}

Table snapshot_entry_table(const SnapshotInfo& snapshot, std::string_view database) {
    Table table{{"pattern", "commit", "place", "state", "database"}, {}};
    const auto state = cell(snapshot.frozen ? "frozen" : "open");
    for (const auto& entry : snapshot.entries) {
        table.rows.push_back({cell(entry.pattern), cell(entry.commit), cell(entry.place), state, cell(database)});
    }
    for (const auto& digest : snapshot.digests) {
        table.rows.push_back({cell("*"), null_cell(), cell("csv files with digest " + digest), state, cell(database)});
    }
    return table;
}

}  // namespace etalon::interchange
