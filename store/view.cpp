// The readable view of a named reference.

#include <fmt/format.h>

#include <map>

#include "etalon/error.h"
#include "store/catalog.h"
#include "store/relation_names.h"

namespace etalon::store {

using backends::CellType;
using backends::Engine;

namespace {

/// Nanoseconds as ISO 8601 text, exact; infinities as `-inf` and `inf`; NULL stays NULL.
std::string iso_time(Engine engine, std::string_view column) {
    const bool sqlite = engine == Engine::Sqlite;
    const auto fraction = fmt::format("((({0} % 1000000000) + 1000000000) % 1000000000)", column);
    const auto seconds =
        fmt::format("({0} / 1000000000 - CASE WHEN {0} % 1000000000 < 0 THEN 1 ELSE 0 END)", column);
    const auto date = sqlite ? fmt::format("strftime('%Y-%m-%dT%H:%M:%S', {}, 'unixepoch')", seconds)
                             : fmt::format("to_char(to_timestamp({}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')",
                                           seconds);
    const auto digits = sqlite ? fmt::format("rtrim(printf('.%09d', {}), '0')", fraction)
                               : fmt::format("rtrim('.' || lpad(({})::text, 9, '0'), '0')", fraction);
    const auto least = sqlite ? "(-9223372036854775807 - 1)" : "'-9223372036854775808'::bigint";
    return fmt::format("CASE WHEN {0} IS NULL THEN NULL WHEN {0} = {1} THEN '-inf' WHEN {0} = 9223372036854775807 "
                       "THEN 'inf' ELSE {2} || CASE WHEN {3} = 0 THEN '' ELSE {4} END || 'Z' END",
                       column, least, date, fraction, digits);
}

/// How one element reads in SQL.
std::string readable(Engine engine, const Element& element, const std::string& column) {
    if (engine == Engine::Sqlite || !element.is_text()) return column;
    if (!CellType{element.type, element.dims}.is_array()) return fmt::format("encode({}, 'escape')", column);
    return fmt::format("(SELECT array_agg(encode(t.x, 'escape')) FROM unnest({}) t(x))", column);
}

bool is_plain_number(const Element& element) {
    return element.dims.empty() && element.type != ScalarType::Bool;
}

}  // namespace

std::string create_view(backends::Transaction& tx, std::string_view reference, std::int64_t name_id, Axis axis,
                        std::string_view existing_view, const StructRecord& record,
                        const std::vector<SchemaPtr>& schemas) {
    SchemaPtr current;
    for (const auto& schema : schemas) {
        if (schema->schema_id == record.last_schema) current = schema;
    }
    if (!current || current->columns.empty()) {
        throw Error(ErrorCode::Internal, {"no columns to make a view of", std::string(reference), "", "", ""});
    }
    // Columns that other schema versions use for the same element fill in where the current one has no value.
    std::map<std::string, std::vector<std::string>> older;
    for (const auto& schema : schemas) {
        for (std::size_t i = 0; i < schema->columns.size(); ++i) {
            const auto& element = schema->definition->elements[i];
            if (is_plain_number(element)) older[element.path].push_back(schema->columns[i]);
        }
    }
    UniqueNames names;
    std::string elements;
    for (std::size_t i = 0; i < current->columns.size(); ++i) {
        const auto& element = current->definition->elements[i];
        const auto column = "r." + backends::quote_identifier(current->columns[i]);
        auto expression = readable(tx.engine(), element, column);
        if (is_plain_number(element)) {
            std::string others;
            for (const auto& other : older[element.path]) {
                const auto name = "r." + backends::quote_identifier(other);
                if (name != column && others.find(name) == std::string::npos) others += ", " + name;
            }
            if (!others.empty()) expression = fmt::format("coalesce({}{})", column, others);
        }
        elements += fmt::format(", {} AS {}", expression, backends::quote_identifier(names.make(element.path)));
    }
    // Elements keep their names; what describes the record gives way.
    const auto own = [&](const char* name) { return backends::quote_identifier(names.make(name)); };
    const auto time = [&](const char* column) { return axis == Axis::Run ? column : iso_time(tx.engine(), column); };
    std::string text = fmt::format("SELECT {} AS {}, {} AS {}, d.\"elementID\" AS {}, d.\"version\" AS {}, "
                                   "d.\"commitSeq\" AS {}, r.\"rowNumber\" AS {}{} FROM \"dataIndex\" d JOIN {} r ON "
                                   "r.\"dataID\" = d.\"dataID\" WHERE d.\"nameID\" = {} AND d.\"retiredSeq\" IS NULL",
                                   time("d.\"beginTime\""), own("beginTime"), time("d.\"endTime\""), own("endTime"),
                                   own("elementID"), own("version"), own("commitSeq"), own("rowNumber"), elements,
                                   backends::quote_identifier(record.table_name), name_id);
    std::string view(existing_view);
    if (view.empty()) {
        view = unused_relation_name(tx, std::string(reference) + "_view", "reference_");
    } else {
        drop_view(tx, view);
    }
    tx.execute_script(fmt::format("CREATE VIEW {} AS {};", backends::quote_identifier(view), text));
    return view;
}

void drop_view(backends::Transaction& tx, std::string_view view) {
    tx.execute_script(fmt::format("DROP VIEW IF EXISTS {};", backends::quote_identifier(view)));
}

}  // namespace etalon::store
