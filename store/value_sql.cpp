#include "store/value_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/identity.h"
#include "etalon/error.h"
#include "store/payload.h"

namespace etalon::store {

using backends::CellType;
using backends::Engine;
using backends::Fragment;
using backends::Sql;
using backends::Transaction;
using backends::Value;
using evolution::TestTree;
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

/// One of these bytes, which are ids or files.
std::string bind_identities(Fragment& out, Engine engine, const Element& element, const std::vector<Bytes>& list) {
    const bool is_uuid = element.type != ScalarType::File;
    if (engine == Engine::Postgres) {
        if (!is_uuid) return fmt::format("= ANY(CAST({} AS bytea[]))", bound(out, list));
        std::vector<std::string> texts;
        for (const auto& one : list) texts.push_back(to_hex(one));
        return texts.size() == 1
                   ? fmt::format("= CAST(CAST({} AS text) AS uuid)", bound(out, std::move(texts[0])))
                   : fmt::format("= ANY(CAST(CAST({} AS text[]) AS uuid[]))", bound(out, std::move(texts)));
    }
    if (cell_of(element).is_array()) {
        std::vector<std::string> texts;
        for (const auto& one : list) texts.push_back(identity_text(element.type, one.data()));
        return fmt::format("IN (SELECT value FROM json_each({}))", bound(out, std::move(texts)));
    }
    if (list.size() == 1) return fmt::format("= {}", bound(out, list[0]));
    // One blob of all, cut up by the engine: lists of blobs cannot be bound.
    Bytes all;
    for (const auto& one : list) all.insert(all.end(), one.begin(), one.end());
    const auto width = list[0].size();
    const auto count = bound(out, static_cast<std::int64_t>(list.size()));
    const auto blob = bound(out, std::move(all));
    return fmt::format(
        "IN (WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {}) "
        "SELECT substr({}, i * {} + 1, {}) FROM n)",
        count, blob, width, width);
}

/// The value that a test is on. SQLite: of an array of references, uids or files, as text.
std::string value_of(Fragment& out, Engine engine, const std::string& column, const ValueTest& test) {
    std::string value = "r." + backends::quote_identifier(column);
    if (test.indices.empty()) return value;
    if (engine == Engine::Sqlite) {
        std::string path = "$";
        for (const auto index : test.indices) path += fmt::format("[{}]", index);
        return fmt::format("json_extract({}, {})", value, bound(out, std::move(path)));
    }
    for (const auto index : test.indices) {
        value += fmt::format("[CAST({} AS integer)]", bound(out, static_cast<std::int64_t>(index + 1)));
    }
    return value;
}

/// The text of a subquery, whose parameters go behind those of `out`.
std::string subquery_text(Fragment& out, std::size_t number, const AppendSubquery& subquery) {
    Fragment part;
    part.bindings = std::move(out.bindings);
    subquery(part, number);
    out.bindings = std::move(part.bindings);
    return std::move(part.sql);
}

/// Without regard to `negated`; not true and not false where the value is null.
std::string positive(Fragment& out, Engine engine, const Element& element, const std::string& column,
                     const ValueTest& test, const AppendSubquery& subquery) {
    const bool sqlite = engine == Engine::Sqlite;
    auto value = value_of(out, engine, column, test);
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
        case ValueTest::Kind::Text:
        case ValueTest::Kind::Like: {
            const auto bytes = as_bytes(test.text);
            const auto text = bound(out, Bytes(bytes.begin(), bytes.end()));
            // Text that is UTF-8 stands as TEXT in SQLite, other text as BLOB.
            if (sqlite) value = fmt::format("CAST({} AS BLOB)", value);
            if (test.kind == ValueTest::Kind::Text) return fmt::format("{} {} {}", value, op, text);
            return sqlite ? fmt::format("etalonLike({}, {})", value, text)
                          : fmt::format("{} LIKE CAST({} AS bytea)", value, text);
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
        case ValueTest::Kind::Identity: {
            if (test.subquery) return fmt::format("{} IN ({})", value, subquery_text(out, *test.subquery, subquery));
            const auto one_of = bind_identities(out, engine, element, test.identities);
            const auto text = value + " " + one_of;
            return test.op == ValueOp::NotEqual ? fmt::format("NOT ({})", text) : text;
        }
        case ValueTest::Kind::Null:
            return fmt::format("{} IS NULL", value);
    }
    return "1 = 0";
}

void append_tree(Fragment& out, Engine engine, const SchemaRecord& schema, const TestTree& tree,
                 const AppendSubquery& subquery);

/// Parts joined two by two: engines bound how deep an expression is, and a long chain is as deep as it is long.
void append_joined(Fragment& out, Engine engine, const SchemaRecord& schema, std::span<const TestTree> parts,
                   std::string_view word, const AppendSubquery& subquery) {
    if (parts.size() == 1) return append_tree(out, engine, schema, parts[0], subquery);
    const auto half = parts.size() / 2;
    out.sql += '(';
    append_joined(out, engine, schema, parts.first(half), word, subquery);
    out.sql += word;
    append_joined(out, engine, schema, parts.subspan(half), word, subquery);
    out.sql += ')';
}

void append_tree(Fragment& out, Engine engine, const SchemaRecord& schema, const TestTree& tree,
                 const AppendSubquery& subquery) {
    switch (tree.kind) {
        case TestTree::Kind::Never:
            out.sql += "1 = 0";
            return;
        case TestTree::Kind::Always:
            out.sql += "1 = 1";
            return;
        case TestTree::Kind::Test: {
            const auto& element = schema.definition->elements[tree.test.element];
            // In two steps: the condition binds into `out` while it is made.
            const auto text = positive(out, engine, element, schema.columns[tree.test.element], tree.test, subquery);
            out.sql += tree.test.negated ? fmt::format("NOT ({})", text) : text;
            return;
        }
        case TestTree::Kind::All:
            return append_joined(out, engine, schema, tree.parts, " AND ", subquery);
        case TestTree::Kind::Any:
            return append_joined(out, engine, schema, tree.parts, " OR ", subquery);
    }
}

bool can_say_test(Engine engine, const Element& element, const ValueTest& test) {
    if (test.kind == ValueTest::Kind::Never || test.kind == ValueTest::Kind::Always) return true;
    if (engine == Engine::Sqlite && cell_of(element).is_array()) {
        return (test.kind == ValueTest::Kind::Identity && !test.subquery) || test.kind == ValueTest::Kind::Null;
    }
    return !test.conversion;
}

}  // namespace

bool can_say(Engine engine, const SchemaRecord& schema, const TestTree& tree) {
    // Engines bound the number of values too; such a condition is rather decided row by row.
    constexpr std::size_t kMostTests = 4000;
    std::size_t count = 0;
    bool all = !schema.columns.empty();
    evolution::for_each_test(tree, [&](const ValueTest& test) {
        count += 1 + test.among.size() + test.indices.size();
        all = all && can_say_test(engine, schema.definition->elements[test.element], test);
    });
    return all && count <= kMostTests;
}

void append_version_conditions(Fragment& out, Engine engine, std::string_view alias,
                               const std::map<std::int64_t, VersionTests>& versions, const AppendSubquery& subquery) {
    // Versions with the same columns mostly have the same condition. They are compared with the numbers of their
    // subqueries: each subquery has versions of its own, and is written once.
    struct Group {
        Fragment condition;
        std::vector<std::int64_t> ids;
    };
    const AppendSubquery number_only = [](Fragment& part, std::size_t number) { part.sql += std::to_string(number); };
    std::vector<Group> groups;
    for (const auto& [id, version] : versions) {
        Fragment condition;
        append_tree(condition, engine, *version.schema, version.tree, number_only);
        const auto same = std::ranges::find_if(groups, [&](const Group& group) {
            return group.condition.sql == condition.sql && group.condition.bindings == condition.bindings;
        });
        if (same == groups.end()) {
            groups.push_back({std::move(condition), {id}});
        } else {
            same->ids.push_back(id);
        }
    }
    const auto append_group = [&](const Group& group) {
        const auto& [schema, tree] = versions.at(group.ids.front());
        append_tree(out, engine, *schema, tree, subquery);
    };
    if (groups.size() == 1) {
        append_group(groups[0]);
        out.sql += fmt::format(R"( AND {}."schemaID" IN ({}))", alias, fmt::join(groups[0].ids, ", "));
        return;
    }
    out.sql += "(";
    for (std::size_t i = 0; i < groups.size(); ++i) {
        out.sql += fmt::format(R"({}({}."schemaID" IN ({}) AND )", i == 0 ? "" : " OR ", alias,
                               fmt::join(groups[i].ids, ", "));
        append_group(groups[i]);
        out.sql += ")";
    }
    out.sql += ")";
}

bool any_column_row_passes(Transaction& tx, const SchemaRecord& schema, const std::string& table_name,
                           const TestTree& tree, std::int64_t data_id, std::uint64_t num_rows) {
    if (tree.kind == TestTree::Kind::Never) return false;
    std::set<std::size_t> elements;
    evolution::for_each_test(tree, [&](const ValueTest& test) { elements.insert(test.element); });
    if (elements.empty()) return num_rows != 0;
    std::string columns;
    std::vector<backends::Cursor::PlacedCell> cells;
    for (const auto i : elements) {
        columns += (columns.empty() ? "" : ", ") + backends::quote_identifier(schema.columns[i]);
        const auto& element = schema.canonical->elements[i];
        cells.push_back({static_cast<int>(cells.size()), cell_of(element), element.offset});
    }
    std::vector<std::byte> row(schema.canonical->size);
    const Sql read(fmt::format(R"(SELECT {} FROM {} WHERE "dataID" = ?1 ORDER BY "rowNumber")", columns,
                               backends::quote_identifier(table_name)));
    const auto cursor = tx.query(read, {data_id});
    while (cursor->next()) {
        cursor->read_cells(cells, row.data());
        if (evolution::passes(tree, *schema.canonical, row.data())) return true;
    }
    return false;
}

bool any_row_passes(Transaction& tx, const SchemaRecord& schema, const std::string& table_name, Storage encoding,
                    const TestTree& tree, std::int64_t data_id, std::uint64_t num_rows, const ExpectedRows& expected) {
    if (tree.kind == TestTree::Kind::Never) return false;
    bool any = false;
    // To the end, whatever is found: what is wrong with the payload as a whole shows there. A value that cannot be
    // compared is one of the payload only when all of its rows are proved.
    std::optional<Error> misfit;
    read_in_pieces(tx, schema, table_name, encoding, data_id, num_rows, expected,
                   [&](std::uint64_t, const schema::RowBlock& piece) {
                       for (std::uint64_t row = 0; row < piece.num_rows && !any && !misfit; ++row) {
                           try {
                               any = evolution::passes(tree, *schema.canonical, piece.row(row));
                           } catch (const Error& error) {
                               misfit = error;
                           }
                       }
                   });
    if (misfit) throw *misfit;
    return any;
}

void append_any_row_passes(Fragment& out, Engine engine, const std::string& table_name,
                           const std::map<std::int64_t, VersionTests>& versions) {
    out.sql += fmt::format(R"( AND EXISTS (SELECT 1 FROM {} r WHERE r."dataID" = d."dataID" AND ()",
                           backends::quote_identifier(table_name));
    append_version_conditions(out, engine, "d", versions);
    out.sql += "))";
}

}  // namespace etalon::store
