// The readable view of a named reference.

#include <fmt/format.h>

#include <algorithm>

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
    if (engine == Engine::Sqlite) {
        // What SQLite's own types cannot hold is stored as blobs and as text of 20 digits.
        const bool array = CellType{element.type, element.dims}.is_array();
        if (!array && is_float(element.type)) {
            return fmt::format("CASE WHEN typeof({0}) = 'blob' THEN 'nan' ELSE {0} END", column);
        }
        if (!array && element.type == ScalarType::UInt64) {
            return fmt::format("CASE WHEN typeof({0}) = 'text' THEN ltrim({0}, '0') ELSE {0} END", column);
        }
        return column;
    }
    if (!element.is_text()) return column;
    if (!CellType{element.type, element.dims}.is_array()) return fmt::format("encode({}, 'escape')", column);
    return fmt::format("(SELECT array_agg(encode(t.x, 'escape')) FROM unnest({}) t(x))", column);
}

/// Columns of other schema versions whose values mean the same: numbers of the same unit, scalars or arrays alike.
bool is_compatible(const Element& current, const Element& other) {
    return current.path == other.path && current.unit == other.unit && !current.is_text() && !other.is_text() &&
           current.dims.empty() == other.dims.empty() && (current.type == ScalarType::Bool) == (other.type == ScalarType::Bool);
}

/// The current column, else the first older one that has a value.
std::string first_value(Engine engine, const Element& element, const std::string& column,
                        const std::vector<std::pair<std::string, Element>>& others) {
    if (others.empty()) return readable(engine, element, column);
    // PostgreSQL wants arrays of one type: a wide one that takes them all.
    bool any_float = is_float(element.type);
    for (const auto& [name, other] : others) any_float = any_float || is_float(other.type);
    const std::string cast = engine == Engine::Sqlite || element.dims.empty() ? ""
                             : any_float                                      ? "::double precision[]"
                                                                              : "::numeric[]";
    std::string list = readable(engine, element, column) + cast;
    for (const auto& [name, other] : others) list += ", " + readable(engine, other, name) + cast;
    return fmt::format("coalesce({})", list);
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
    UniqueNames names;
    std::string elements;
    for (std::size_t i = 0; i < current->columns.size(); ++i) {
        const auto& element = current->definition->elements[i];
        const auto column = "r." + backends::quote_identifier(current->columns[i]);
        std::vector<std::pair<std::string, Element>> others;
        for (const auto& schema : schemas) {
            for (std::size_t k = 0; k < schema->columns.size(); ++k) {
                const auto other = "r." + backends::quote_identifier(schema->columns[k]);
                const bool listed = std::any_of(others.begin(), others.end(), [&](const auto& o) { return o.first == other; });
                if (other != column && !listed && is_compatible(element, schema->definition->elements[k])) {
                    others.emplace_back(other, schema->definition->elements[k]);
                }
            }
        }
        const auto expression = first_value(tx.engine(), element, column, others);
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
