#include "store/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "etalon/error.h"
#include "schema/definition.h"
#include "store/element_keys.h"
#include "store/relation_names.h"
#include "store/schema_cache.h"

namespace etalon::store {

using backends::CellType;
using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

constexpr std::size_t kMaxColumns = 1000;
constexpr std::size_t kMaxFixedWidth = 7 * 1024;

CellType cell_of(const Element& element) { return {element.type, element.dims}; }

/// Bytes that a cell takes inside a PostgreSQL row; what can be moved out of line counts as its pointer.
std::size_t fixed_width(const Element& element) {
    const bool variable = cell_of(element).is_array() || element.is_text() || element.type == ScalarType::UInt64;
    return variable ? 18 : std::max<std::size_t>(2, size_of(element.type));
}

/// What a column holds: elements of one path share a column as long as this stays the same. Numbers of two units never stand in
/// one column.
std::string column_kind(const Element& element) {
    return fmt::format("{}{} {}", name_of(element.type), cell_of(element).is_array() ? "[]" : "", element.unit);
}

StructRecord read_struct(const backends::Cursor& cursor) {
    StructRecord record;
    record.id = cursor.integer(0);
    record.name = cursor.text(1);
    record.last_schema = cursor.integer(2);
    record.is_binary = cursor.integer(3) != 0;
    if (!cursor.is_null(4)) record.table_name = cursor.text(4);
    return record;
}

constexpr const char* kStructColumns =
    R"(SELECT "ID", "name", "lastSchemaID", "isBinary", "tableName" FROM "structure" )";

/// Column of every path recorded so far.
struct KnownElements {
    std::map<std::pair<std::string, std::string>, std::string> columns;        // (path, kind) -> column
    std::vector<std::string> column_names;
    std::size_t fixed = 0;
};

KnownElements known_elements(const std::vector<SchemaPtr>& recorded) {
    KnownElements known;
    for (const auto& schema : recorded) {
        const auto& elements = schema->definition->elements;
        for (std::size_t i = 0; i < schema->columns.size(); ++i) {
            const auto& element = elements[i];
            if (known.columns.try_emplace({element.path, column_kind(element)}, schema->columns[i]).second) {
                known.column_names.push_back(schema->columns[i]);
                known.fixed += fixed_width(element);
            }
        }
    }
    return known;
}

std::string join_dims(const Element& element) {
    std::string out;
    for (const auto dim : element.dims) out += fmt::format("{}{}", out.empty() ? "" : ",", dim);
    return out;
}

void create_row_table(Transaction& tx, const std::string& table, const std::string& columns) {
    const auto name = backends::quote_identifier(table);
    const bool sqlite = tx.engine() == Engine::Sqlite;
    tx.execute_script(fmt::format("CREATE TABLE {} (\"dataID\" {} NOT NULL, \"rowNumber\" {} NOT NULL{}, PRIMARY KEY "
                                  "(\"dataID\", \"rowNumber\")){};",
                                  name, sqlite ? "INTEGER" : "bigint", sqlite ? "INTEGER" : "bigint", columns,
                                  sqlite ? " WITHOUT ROWID" : ""));
    tx.execute_script(row_table_triggers(tx.engine(), table));
}

}  // namespace

std::optional<StructRecord> find_struct(Transaction& tx, std::string_view name) {
    static const Sql kFind(std::string(kStructColumns) + R"(WHERE "name" = ?1)");
    const auto cursor = tx.query(kFind, {std::string(name)});
    if (!cursor->next()) return std::nullopt;
    return read_struct(*cursor);
}

std::optional<StructRecord> find_struct(Transaction& tx, std::int64_t id) {
    static const Sql kFind(std::string(kStructColumns) + R"(WHERE "ID" = ?1)");
    const auto cursor = tx.query(kFind, {id});
    if (!cursor->next()) return std::nullopt;
    return read_struct(*cursor);
}

std::vector<StructRecord> all_structs(Transaction& tx) {
    static const Sql kAll(std::string(kStructColumns) + R"(ORDER BY "name")");
    std::vector<StructRecord> records;
    const auto cursor = tx.query(kAll, {});
    while (cursor->next()) records.push_back(read_struct(*cursor));
    return records;
}

std::string joined_columns_sql(Engine engine) {
    // Elements of a bytes-only version have no columnName, so the aggregate over them is NULL.
    return engine == Engine::Sqlite
               ? R"((SELECT group_concat(e."columnName", char(31)) FROM (SELECT s."columnName" FROM "schema" s
WHERE s."structID" = v."structID" AND s."schemaID" = v."schemaID" ORDER BY s."position") e))"
               : R"((SELECT string_agg(s."columnName", chr(31) ORDER BY s."position") FROM "schema" s
WHERE s."structID" = v."structID" AND s."schemaID" = v."schemaID"))";
}

std::vector<SchemaPtr> read_schemas(Transaction& tx, std::int64_t struct_id, SchemaCache& known) {
    static const auto make = [](Engine engine) {
        return Sql(fmt::format(R"(SELECT v."schemaID", v."definition", {} FROM "schemaVersion" v
WHERE v."structID" = ?1 ORDER BY v."schemaID")", joined_columns_sql(engine)));
    };
    static const Sql kSqlite = make(Engine::Sqlite);
    static const Sql kPostgres = make(Engine::Postgres);
    std::vector<SchemaPtr> schemas;
    const auto cursor = tx.query(tx.engine() == Engine::Sqlite ? kSqlite : kPostgres, {struct_id});
    while (cursor->next()) {
        schemas.push_back(known.get_schema(struct_id, cursor->integer(0), cursor->text(1),
                                           cursor->is_null(2) ? std::string_view{} : cursor->text(2)));
    }
    return schemas;
}

std::vector<std::pair<std::int64_t, std::int64_t>> count_schemas(Transaction& tx) {
    static const Sql kCount(R"(SELECT "structID", count(*) FROM "schemaVersion" GROUP BY "structID")");
    std::vector<std::pair<std::int64_t, std::int64_t>> counts;
    const auto cursor = tx.query(kCount, {});
    while (cursor->next()) counts.emplace_back(cursor->integer(0), cursor->integer(1));
    return counts;
}

bool fits_columns(const StructDefinition& definition, const std::vector<SchemaPtr>& recorded) {
    const auto known = known_elements(recorded);
    std::size_t columns = known.column_names.size();
    std::size_t fixed = known.fixed;
    for (const auto& element : definition.elements) {
        if (known.columns.contains({element.path, column_kind(element)})) continue;
        ++columns;
        fixed += fixed_width(element);
    }
    return columns <= kMaxColumns && fixed <= kMaxFixedWidth;
}

Storage default_storage(const StructDefinition& definition) {
    std::uint64_t values = 0;
    for (const auto& element : definition.elements) {
        values += element.is_text() ? element.count() / std::max<std::uint64_t>(1, element.dims.back()) : element.count();
    }
    return values <= 256 && schema::packed_size(definition) <= 2048 ? Storage::Columns : Storage::Bytes;
}

StructRecord insert_struct(Transaction& tx, const StructDefinition& definition, std::int64_t entry_time,
                           std::optional<Storage> storage) {
    StructRecord record;
    record.name = definition.name;
    const bool columns = storage != Storage::Bytes && fits_columns(definition, {});
    record.is_binary = !columns || storage.value_or(default_storage(definition)) == Storage::Bytes;
    if (columns) record.table_name = unused_relation_name(tx, definition.name, "struct_");
    static const Sql kInsert(R"(INSERT INTO "structure" ("name", "lastSchemaID", "isBinary", "tableName", "entryTime",
"comment") VALUES (?1, 0, ?2, ?3, ?4, ?5) RETURNING "ID")");
    const auto cursor =
        tx.query(kInsert, {record.name, static_cast<std::int64_t>(record.is_binary ? 1 : 0),
                           columns ? Value{record.table_name} : Value{}, entry_time, definition.comment});
    if (!cursor->next()) throw Error(ErrorCode::Internal, {"INSERT returned no ID", "structure", "", "", ""});
    record.id = cursor->integer(0);
    return record;
}

SchemaPtr insert_schema(Transaction& tx, StructRecord& record, const std::vector<SchemaPtr>& recorded,
                        const StructDefinition& definition, std::int64_t entry_time,
                        const schema::StructRules* rules) {
    const auto known = known_elements(recorded);
    const auto keys = make_element_keys(definition, recorded, read_element_keys(tx, record.id, recorded), rules);
    const bool columns = !record.table_name.empty() && fits_columns(definition, recorded);
    auto schema = std::make_shared<SchemaRecord>();
    schema->struct_id = record.id;
    schema->schema_id = recorded.empty() ? 1 : recorded.back()->schema_id + 1;
    schema->definition = std::make_shared<const StructDefinition>(definition);
    schema->canonical = std::make_shared<const StructDefinition>(schema::packed(definition));

    std::vector<std::string> taken = known.column_names;
    // The keys, and PostgreSQL's system columns.
    taken.insert(taken.end(), {"dataID", "rowNumber", "tableoid", "xmin", "xmax", "cmin", "cmax", "ctid"});
    std::string new_columns;
    std::vector<std::string> added;
    if (columns) {
        UniqueNames names(taken);
        for (const auto& element : definition.elements) {
            const auto found = known.columns.find({element.path, column_kind(element)});
            if (found != known.columns.end()) {
                schema->columns.push_back(found->second);
                continue;
            }
            schema->columns.push_back(names.make(element.path));
            added.push_back(fmt::format("{} {}", backends::quote_identifier(schema->columns.back()),
                                        backends::column_type(tx.engine(), cell_of(element))));
        }
    }
    static const Sql kVersion(R"(INSERT INTO "schemaVersion" ("structID", "schemaID", "size", "alignment", "layoutHash",
"definitionHash", "definition", "entryTime") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))");
    const auto layout_hash = schema::layout_hash(definition);
    const auto definition_hash = schema::definition_hash(definition);
    tx.execute(kVersion, {record.id, schema->schema_id, static_cast<std::int64_t>(definition.size),
                          static_cast<std::int64_t>(definition.alignment), Bytes(layout_hash.begin(), layout_hash.end()),
                          Bytes(definition_hash.begin(), definition_hash.end()), schema::to_json(definition),
                          entry_time});

    static const std::vector<std::string> kSchemaColumns{
        "structID", "structName", "schemaID", "elementKey", "name",        "type",       "storeType", "length", "dims",
        "position", "offset",     "unit",     "default",    "renamedFrom", "columnName", "entryTime", "comment"};
    auto writer = tx.bulk_insert("schema", kSchemaColumns);
    const auto optional_text = [&](const std::string& text) { text.empty() ? writer->put_null() : writer->put(text); };
    for (std::size_t i = 0; i < definition.elements.size(); ++i) {
        const auto& element = definition.elements[i];
        writer->put(record.id);
        writer->put(record.name);
        writer->put(schema->schema_id);
        writer->put(keys[i]);
        writer->put(element.path);
        writer->put(std::string(name_of(element.type)));
        writer->put(std::string(columns ? "ascii" : "bin"));
        writer->put(static_cast<std::int64_t>(element.count()));
        writer->put(join_dims(element));
        writer->put(static_cast<std::int64_t>(i + 1));
        writer->put(static_cast<std::int64_t>(element.offset));
        optional_text(element.unit);
        element.default_value ? writer->put(*element.default_value) : writer->put_null();
        optional_text(element.renamed_from);
        columns ? writer->put(schema->columns[i]) : writer->put_null();
        writer->put(entry_time);
        optional_text(element.comment);
        writer->end_row();
    }
    writer->finish();

    if (columns) {
        const bool exists = std::any_of(recorded.begin(), recorded.end(), [](const auto& s) { return !s->columns.empty(); });
        if (!exists) {
            std::string list;
            for (const auto& column : added) list += ", " + column;
            create_row_table(tx, record.table_name, list);
        } else {
            for (const auto& column : added) {
                tx.execute_script(fmt::format("ALTER TABLE {} ADD COLUMN {};",
                                              backends::quote_identifier(record.table_name), column));
            }
        }
    } else {
        record.is_binary = true;
    }
    static const Sql kCurrent(R"(UPDATE "structure" SET "lastSchemaID" = ?2, "isBinary" = ?3 WHERE "ID" = ?1)");
    record.last_schema = schema->schema_id;
    tx.execute(kCurrent, {record.id, record.last_schema, static_cast<std::int64_t>(record.is_binary ? 1 : 0)});
    return schema;
}

void set_current_schema(Transaction& tx, StructRecord& record, std::int64_t schema_id) {
    static const Sql kCurrent(R"(UPDATE "structure" SET "lastSchemaID" = ?2 WHERE "ID" = ?1)");
    record.last_schema = schema_id;
    tx.execute(kCurrent, {record.id, schema_id});
}

}  // namespace etalon::store
