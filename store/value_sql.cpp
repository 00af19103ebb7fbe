#include "store/value_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/bytes.h"

namespace etalon::store {

using backends::CellType;
using backends::Engine;
using backends::Fragment;
using backends::Sql;
using backends::Transaction;
using backends::Value;
using evolution::ValueTest;

namespace {

CellType cell_of(const Element& element) {
    return {element.type, element.dims};
}

std::string bound(Fragment& out, Value value) {
    out.bindings.push_back(std::move(value));
    return fmt::format("?{}", out.bindings.size());
}

std::string_view sql_of(ValueOp op) {
    return op == ValueOp::NotEqual ? "<>" : name_of(op);
}

/// A uint64 as its column holds it (see CellType).
std::string bind_natural(Fragment& out, Engine engine, std::uint64_t value) {
    if (engine == Engine::Postgres) return fmt::format("CAST({} AS numeric)", bound(out, std::to_string(value)));
    if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return bound(out, static_cast<std::int64_t>(value));
    }
    // SQLite orders every text behind every integer, and these by their digits.
    return bound(out, fmt::format("{:020}", value));
}

std::string condition(Fragment& out, Engine engine, const Element& element, const std::string& column,
                      const ValueTest& test) {
    const bool sqlite = engine == Engine::Sqlite;
    std::string value = "r." + backends::quote_identifier(column);
    for (const auto index : test.indices) {
        value += fmt::format("[CAST({} AS integer)]", bound(out, static_cast<std::int64_t>(index + 1)));
    }
    const auto op = sql_of(test.op);
    switch (test.kind) {
        case ValueTest::Kind::Never:
            return "1 = 0";
        case ValueTest::Kind::Always:
            return "1 = 1";
        case ValueTest::Kind::Integer:
            if (element.type == ScalarType::Bool) value = fmt::format("CAST({} AS integer)", value);
            return fmt::format("{} {} {}", value, op, bound(out, test.integer));
        case ValueTest::Kind::Natural:
            return fmt::format("{} {} {}", value, op, bind_natural(out, engine, test.natural));
        case ValueTest::Kind::Float: {
            // A NaN is a blob in SQLite, and above every number in PostgreSQL.
            const std::string nan =
                sqlite ? fmt::format("typeof({}) = 'blob'", value) : fmt::format("{} = 'NaN'", value);
            const auto compared = fmt::format("{} {} {}", value, op, bound(out, test.number));
            return test.op == ValueOp::NotEqual ? fmt::format("({} OR {})", nan, compared)
                                                : fmt::format("(NOT {} AND {})", nan, compared);
        }
        case ValueTest::Kind::Nan:
            return sqlite ? fmt::format("typeof({}) {} 'blob'", value, op) : fmt::format("{} {} 'NaN'", value, op);
        case ValueTest::Kind::Text: {
            const auto bytes = as_bytes(test.text);
            // Text that is UTF-8 stands as TEXT in SQLite, other text as BLOB.
            if (sqlite) value = fmt::format("CAST({} AS BLOB)", value);
            return fmt::format("{} {} {}", value, op, bound(out, Bytes(bytes.begin(), bytes.end())));
        }
        case ValueTest::Kind::Among: {
            const bool is_none = test.op == ValueOp::NotEqual;
            if (test.among.empty()) return is_none ? fmt::format("{} IS NOT NULL", value) : "1 = 0";
            if (element.type == ScalarType::Bool) value = fmt::format("CAST({} AS integer)", value);
            std::string list;
            for (const auto one : test.among) {
                const auto text = element.type == ScalarType::UInt64
                                      ? bind_natural(out, engine, static_cast<std::uint64_t>(one))
                                      : bound(out, one);
                list += (list.empty() ? "" : ", ") + text;
            }
            return fmt::format("{} {} ({})", value, is_none ? "NOT IN" : "IN", list);
        }
    }
    return "1 = 0";
}

}  // namespace

bool can_say(Engine engine, const Element& element, const ValueTest& test) {
    if (test.kind == ValueTest::Kind::Never || test.kind == ValueTest::Kind::Always) return true;
    return !test.conversion && !(engine == Engine::Sqlite && cell_of(element).is_array());
}

void append_conditions(Fragment& out, Engine engine, const SchemaRecord& schema, std::span<const ValueTest> tests) {
    for (std::size_t i = 0; i < tests.size(); ++i) {
        const auto& element = schema.definition->elements[tests[i].element];
        if (i != 0) out.sql += " AND ";
        // In two steps: the condition binds into `out` while it is made.
        const auto text = condition(out, engine, element, schema.columns[tests[i].element], tests[i]);
        out.sql += text;
    }
}

bool any_row_passes(Transaction& tx, const SchemaRecord& schema, const std::string& table_name,
                    std::span<const ValueTest> tests, std::int64_t data_id) {
    std::string columns;
    std::uint64_t largest = 0;
    for (const auto& test : tests) {
        columns += (columns.empty() ? "" : ", ") + backends::quote_identifier(schema.columns[test.element]);
        largest = std::max(largest, schema.definition->elements[test.element].bytes());
    }
    std::vector<std::byte> cell(largest);
    const Sql read(fmt::format(R"(SELECT {} FROM {} WHERE "dataID" = ?1 ORDER BY "rowNumber")", columns,
                               backends::quote_identifier(table_name)));
    const auto cursor = tx.query(read, {data_id});
    while (cursor->next()) {
        bool all = true;
        for (std::size_t i = 0; i < tests.size() && all; ++i) {
            const auto& element = schema.definition->elements[tests[i].element];
            cursor->read_cell(static_cast<int>(i), cell_of(element), cell.data());
            all = evolution::passes(tests[i], element, cell.data());
        }
        if (all) return true;
    }
    return false;
}

void append_any_row_passes(Fragment& out, Engine engine, const std::string& table_name,
                           const std::map<std::int64_t, VersionTests>& versions) {
    out.sql += fmt::format(R"( AND EXISTS (SELECT 1 FROM {} r WHERE r."dataID" = d."dataID" AND ()",
                           backends::quote_identifier(table_name));
    bool first = true;
    for (const auto& [id, version] : versions) {
        out.sql += fmt::format(R"({}(d."schemaID" = {} AND )", first ? "" : " OR ", bound(out, id));
        append_conditions(out, engine, *version.schema, version.tests);
        out.sql += ")";
        first = false;
    }
    out.sql += "))";
}

}  // namespace etalon::store
