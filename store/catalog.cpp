#include "store/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_set>

#include "etalon/error.h"
#include "schema/definition.h"
#include "store/element_keys.h"
#include "store/relation_names.h"
#include "store/schema_cache.h"
#include "store/tables.h"

namespace etalon::store {

using backends::CellType;
using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

constexpr std::size_t kMaxColumns = 1000;
constexpr std::size_t kMaxFixedWidth = 7 * 1024;

CellType cell_of(const Element& element) {
    return {element.type, element.dims};
}

/// Bytes that a cell takes inside a PostgreSQL row; what can be moved out of line counts as its pointer.
std::size_t fixed_width(const Element& element) {
    const bool variable = cell_of(element).is_array() || element.is_text() || element.type == ScalarType::UInt64;
    return variable ? 18 : std::max<std::size_t>(2, size_of(element.type));
}

/// What a column holds: elements of one path share a column as long as this stays the same. Numbers of two units never
/// stand in one column.
std::string column_kind(const Element& element) {
    return fmt::format("{}{} {}", name_of(element.type), cell_of(element).is_array() ? "[]" : "", element.unit);
}

/// The cells of kStructColumns, with which structure_table() begins too.
StructRecord read_struct(const backends::Cursor& cursor, int first = 0) {
    StructRecord record;
    record.id = cursor.integer(first);
    record.name = cursor.text(first + 1);
    record.last_schema = cursor.integer(first + 2);
    record.is_binary = cursor.integer(first + 3) != 0;
    if (!cursor.is_null(first + 4)) record.table_name = cursor.text(first + 4);
    return record;
}

/// The cells of version_table(), unchecked.
SchemaPtr read_version(const backends::Cursor& cursor, int first, SchemaCache& known) {
    static const int kDefinition = version_table().at("definition");
    static const int kColumns = version_table().at("columns");
    return known.get_schema(cursor.integer(first + 1), cursor.integer(first + 2), cursor.text(first + kDefinition),
                            cursor.is_null(first + kColumns) ? std::string_view{} : cursor.text(first + kColumns));
}

constexpr const char* kStructColumns =
    R"(SELECT "ID", "name", "lastSchemaID", "isBinary", "tableName" FROM "structure" )";

/// Column of every path recorded so far.
struct KnownElements {
    std::map<std::pair<std::string, std::string>, std::string> columns;  // (path, kind) -> column
    std::vector<std::string> column_names;
    std::size_t fixed = 0;
};

KnownElements known_elements(const std::vector<SchemaPtr>& recorded) {
    KnownElements known;
    std::unordered_set<std::string_view> seen;  // a column belongs to one path and kind
    for (const auto& schema : recorded) {
        const auto& elements = schema->definition->elements;
        for (std::size_t i = 0; i < schema->columns.size(); ++i) {
            if (!seen.insert(schema->columns[i]).second) continue;
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

/// References are looked up from both ends.
void index_references(Transaction& tx, const std::string& table, const std::vector<std::string>& columns) {
    if (columns.empty()) return;
    RelationNames names(tx);
    for (const auto& column : columns) {
        tx.execute_script(fmt::format(
            "CREATE INDEX {} ON {} ({});",
            backends::quote_identifier(names.take_unused(fmt::format("ref_{}_{}", table, column), "struct_")),
            backends::quote_identifier(table), backends::quote_identifier(column)));
    }
}

void create_row_table(Transaction& tx, const std::string& table, const std::string& columns) {
    const auto name = backends::quote_identifier(table);
    const bool sqlite = tx.engine() == Engine::Sqlite;
    tx.execute_script(fmt::format(
        "CREATE TABLE {} (\"dataID\" {} NOT NULL, \"rowNumber\" {} NOT NULL{}, PRIMARY KEY "
        "(\"dataID\", \"rowNumber\")){};",
        name, sqlite ? "INTEGER" : "bigint", sqlite ? "INTEGER" : "bigint", columns, sqlite ? " WITHOUT ROWID" : ""));
    tx.execute_script(row_table_triggers(tx.engine(), tx.format(), table));
}

}  // namespace

Bytes version_item(std::string_view struct_name, const Sha256& definition_hash, std::int64_t schema_id) {
    return ItemBuilder(ItemKind::SchemaVersion).text(struct_name).blob(definition_hash).number(schema_id).finish();
}

StructRecord read_proved_struct(const backends::Cursor& cursor, int first) {
    (void)structure_table().check(cursor, first);
    return read_struct(cursor, first);
}

SchemaPtr read_proved_version(const backends::Cursor& cursor, int first, SchemaCache& known) {
    (void)version_table().check(cursor, first);
    return read_version(cursor, first, known);
}

namespace {

/// The struct that a condition on `x` finds, proved.
std::optional<StructRecord> find_proved(Transaction& tx, const char* condition, const Value& value) {
    const Sql sql(fmt::format(R"(SELECT {} FROM "structure" x WHERE {})", structure_table().select("x"), condition));
    {
        const auto cursor = tx.query(sql, {value});
        if (cursor->next()) return read_proved_struct(*cursor, 0);
    }
    // Not there: true when none is missing, and it is none of them.
    for (const auto& one : all_structs(tx)) {
        const auto* id = std::get_if<std::int64_t>(&value);
        if (id != nullptr ? one.id == *id : one.name == std::get<std::string>(value)) {
            backends::throw_not_found_by_index("structure", one.name);
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<StructRecord> find_struct(Transaction& tx, std::string_view name) {
    if (backends::is_proved(tx)) return find_proved(tx, R"(x."name" = ?1)", std::string(name));
    static const Sql kFind(std::string(kStructColumns) + R"(WHERE "name" = ?1)");
    const auto cursor = tx.query(kFind, {std::string(name)});
    if (!cursor->next()) return std::nullopt;
    return read_struct(*cursor);
}

std::optional<StructRecord> find_struct(Transaction& tx, std::int64_t id) {
    if (backends::is_proved(tx)) return find_proved(tx, R"(x."ID" = ?1)", id);
    static const Sql kFind(std::string(kStructColumns) + R"(WHERE "ID" = ?1)");
    const auto cursor = tx.query(kFind, {id});
    if (!cursor->next()) return std::nullopt;
    return read_struct(*cursor);
}

std::vector<StructRecord> all_structs(Transaction& tx) {
    std::vector<StructRecord> records;
    if (backends::is_proved(tx)) {
        using backends::SetKind;
        static const Sql kProved(
            fmt::format(R"(SELECT {}, s."rowCount", s."rowSum" FROM "structure" x{} ORDER BY x."name")",
                        structure_table().select("x"), backends::join_proof("s", SetKind::Structs, "0")));
        const int proof_at = structure_table().width();
        backends::SetSum found;
        backends::SetSum proof;
        {
            const auto cursor = tx.query(kProved, {});
            while (cursor->next()) {
                found.add(structure_table().check(*cursor, 0));
                proof = backends::read_joined_proof(*cursor, proof_at);
                records.push_back(read_struct(*cursor));
            }
        }
        if (records.empty()) proof = backends::read_set_proof(tx, SetKind::Structs, 0);
        backends::check_set(found, proof, SetKind::Structs, "");
        return records;
    }
    static const Sql kAll(std::string(kStructColumns) + R"(ORDER BY "name")");
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
WHERE v."structID" = ?1 ORDER BY v."schemaID")",
                               joined_columns_sql(engine)));
    };
    static const Sql kSqlite = make(Engine::Sqlite);
    static const Sql kPostgres = make(Engine::Postgres);
    std::vector<SchemaPtr> schemas;
    if (backends::is_proved(tx)) {
        using backends::SetKind;
        static const Sql kProved(fmt::format(
            R"(SELECT {}, s."rowCount", s."rowSum" FROM "schemaVersion" v{} WHERE v."structID" = ?1 ORDER BY v."schemaID")",
            version_table().select("v"), backends::join_proof("s", SetKind::Versions, R"(v."structID")")));
        const int proof_at = version_table().width();
        backends::SetSum found;
        backends::SetSum proof;
        {
            const auto cursor = tx.query(kProved, {struct_id});
            while (cursor->next()) {
                found.add(version_table().check(*cursor, 0));
                proof = backends::read_joined_proof(*cursor, proof_at);
                schemas.push_back(read_version(*cursor, 0, known));
            }
        }
        if (schemas.empty()) proof = backends::read_set_proof(tx, SetKind::Versions, struct_id);
        backends::check_set(found, proof, SetKind::Versions, fmt::format("structID {}", struct_id));
        return schemas;
    }
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

namespace {

bool fits(const StructDefinition& definition, const KnownElements& known) {
    std::size_t columns = known.column_names.size();
    std::size_t fixed = known.fixed;
    for (const auto& element : definition.elements) {
        if (known.columns.contains({element.path, column_kind(element)})) continue;
        ++columns;
        fixed += fixed_width(element);
    }
    return columns <= kMaxColumns && fixed <= kMaxFixedWidth;
}

}  // namespace

bool widens_row_table(const StructRecord& record, const std::vector<SchemaPtr>& recorded,
                      const StructDefinition& definition) {
    const bool exists = std::ranges::any_of(recorded, [](const auto& one) { return !one->columns.empty(); });
    if (!exists || record.table_name.empty()) return false;
    const auto known = known_elements(recorded);
    return fits(definition, known) && std::ranges::any_of(definition.elements, [&](const auto& element) {
               return !known.columns.contains({element.path, column_kind(element)});
           });
}

bool fits_columns(const StructDefinition& definition, const std::vector<SchemaPtr>& recorded) {
    return fits(definition, known_elements(recorded));
}

Storage default_storage(const StructDefinition& definition) {
    std::uint64_t values = 0;
    for (const auto& element : definition.elements) {
        values +=
            element.is_text() ? element.count() / std::max<std::uint64_t>(1, element.dims.back()) : element.count();
    }
    return values <= 256 && schema::packed_size(definition) <= 2048 ? Storage::Columns : Storage::Bytes;
}

StructRecord insert_struct(Transaction& tx, const StructDefinition& definition, const WriteStamp& stamp,
                           std::optional<Storage> storage) {
    StructRecord record;
    record.name = definition.name;
    const bool columns = storage != Storage::Bytes && fits_columns(definition, {});
    record.is_binary = !columns || storage.value_or(default_storage(definition)) == Storage::Bytes;
    if (columns) record.table_name = unused_relation_name(tx, definition.name, "struct_");
    record.id = structure_table().next_id(tx);
    backends::insert_into_set(
        tx, structure_table(), backends::SetKind::Structs, 0,
        {record.id, record.name, record.last_schema, static_cast<std::int64_t>(record.is_binary ? 1 : 0),
         columns ? Value{record.table_name} : Value{}, stamp.entry_time, definition.comment});
    return record;
}

namespace {

/// Changes cells of a row of `structure`, and the proof of the set.
void update_struct(Transaction& tx, std::int64_t id,
                   std::initializer_list<std::pair<std::string_view, Value>> changes) {
    backends::update_in_set(tx, structure_table(), backends::SetKind::Structs, 0, id, changes);
}

/// The columns of a schema version as the column `columns` has them.
Value joined(const std::vector<std::string>& columns) {
    if (columns.empty()) return {};
    return fmt::format("{}", fmt::join(columns, std::string(1, kColumnSeparator)));
}

}  // namespace

SchemaPtr insert_schema(Transaction& tx, StructRecord& record, const std::vector<SchemaPtr>& recorded,
                        const StructDefinition& definition, const WriteStamp& stamp,
                        const evolution::StructRules* rules) {
    const auto known = known_elements(recorded);
    const auto keys = make_element_keys(definition, recorded, read_element_keys(tx, record.id, recorded), rules);
    const bool columns = !record.table_name.empty() && fits(definition, known);
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
    std::vector<std::string> references;
    if (columns) {
        UniqueNames names(taken);
        for (const auto& element : definition.elements) {
            const auto found = known.columns.find({element.path, column_kind(element)});
            if (found != known.columns.end()) {
                schema->columns.push_back(found->second);
                continue;
            }
            schema->columns.push_back(names.make(element.path));
            if (element.type == ScalarType::Ref && element.dims.empty()) references.push_back(schema->columns.back());
            added.push_back(fmt::format("{} {}", backends::quote_identifier(schema->columns.back()),
                                        backends::column_type(tx.engine(), cell_of(element))));
        }
    }
    const auto layout_hash = schema::layout_hash(definition);
    const auto definition_hash = schema::definition_hash(definition);
    schema->definition_hash = definition_hash;
    using backends::SetKind;
    backends::insert_into_set(
        tx, version_table(), SetKind::Versions, record.id,
        {version_table().next_id(tx), record.id, schema->schema_id, static_cast<std::int64_t>(definition.size),
         static_cast<std::int64_t>(definition.alignment), Bytes(layout_hash.begin(), layout_hash.end()),
         Bytes(definition_hash.begin(), definition_hash.end()), schema::to_json(definition),
         stamp.commit != 0 ? Value{stamp.commit} : Value{}, joined(schema->columns), stamp.entry_time, Value{}});
    stamp.add(version_item(record.name, definition_hash, schema->schema_id));

    const auto& rows = element_table();
    auto next = rows.next_id(tx);
    backends::SetSum elements;
    {
        auto writer = tx.bulk_insert("schema", rows.stored_columns());
        const auto optional_text = [](const std::string& text) { return text.empty() ? Value{} : Value{text}; };
        for (std::size_t i = 0; i < definition.elements.size(); ++i) {
            const auto& element = definition.elements[i];
            const std::vector<Value> cells{next++,
                                           record.id,
                                           record.name,
                                           schema->schema_id,
                                           keys[i],
                                           element.path,
                                           std::string(name_of(element.type)),
                                           std::string(columns ? "ascii" : "bin"),
                                           static_cast<std::int64_t>(element.count()),
                                           join_dims(element),
                                           static_cast<std::int64_t>(i + 1),
                                           static_cast<std::int64_t>(element.offset),
                                           optional_text(element.unit),
                                           element.default_value ? Value{*element.default_value} : Value{},
                                           optional_text(element.renamed_from),
                                           columns ? Value{schema->columns[i]} : Value{},
                                           stamp.entry_time,
                                           optional_text(element.comment)};
            elements.add(rows.put(*writer, cells));
            writer->end_row();
        }
        writer->finish();
    }
    backends::add_to_set(tx, SetKind::Elements, record.id, elements);

    if (columns) {
        const bool exists =
            std::any_of(recorded.begin(), recorded.end(), [](const auto& s) { return !s->columns.empty(); });
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
        index_references(tx, record.table_name, references);
    } else {
        record.is_binary = true;
    }
    record.last_schema = schema->schema_id;
    update_struct(
        tx, record.id,
        {{"lastSchemaID", record.last_schema}, {"isBinary", static_cast<std::int64_t>(record.is_binary ? 1 : 0)}});
    return schema;
}

void rename_row_table(Transaction& tx, std::int64_t struct_id, const std::string& table) {
    update_struct(tx, struct_id, {{"tableName", table}});
}

void set_current_schema(Transaction& tx, StructRecord& record, std::int64_t schema_id) {
    record.last_schema = schema_id;
    update_struct(tx, record.id, {{"lastSchemaID", schema_id}});
}

std::string joined_struct_columns() {
    return R"(s."ID", s."name", s."lastSchemaID", s."isBinary", s."tableName")";
}

std::string join_struct(std::string_view alias, std::string_view struct_id) {
    return fmt::format(R"( LEFT JOIN "structure" {0} ON {0}."ID" = {1})", alias, struct_id);
}

StructRecord read_joined_struct(const backends::Cursor& cursor, int first) {
    return read_struct(cursor, first);
}

void visit_version_items(Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add) {
    const auto cursor =
        tx.query(Sql(R"(SELECT v."commitSeq", s."name", v."definitionHash", v."schemaID" FROM "schemaVersion" v
JOIN "structure" s ON s."ID" = v."structID" WHERE v."commitSeq" IS NOT NULL)"),
                 {});
    while (cursor->next()) {
        Sha256 hash{};
        const auto bytes = cursor->bytes(2);
        std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
        add(cursor->integer(0), version_item(cursor->text(1), hash, cursor->integer(3)));
    }
}

void add_touched(Transaction& tx, CommitRange range, CommitTouches& touches) {
    if (!backends::is_proved(tx)) return;
    static const Sql kVersions(R"(SELECT v."commitSeq", s."name", count(*) FROM "schemaVersion" v
JOIN "structure" s ON s."ID" = v."structID" WHERE v."commitSeq" BETWEEN ?1 AND ?2 GROUP BY v."commitSeq", s."name")");
    static const Sql kRules(R"(SELECT r."commitSeq", s."name" FROM "schemaRule" r
JOIN "structure" s ON s."ID" = r."structID" WHERE r."commitSeq" BETWEEN ?1 AND ?2)");
    {
        const auto cursor = tx.query(kVersions, {range.first, range.last});
        while (cursor->next()) {
            touches.at(cursor->integer(0), Touched::Struct, std::string(cursor->text(1))).written =
                static_cast<std::uint64_t>(cursor->integer(2));
        }
    }
    const auto cursor = tx.query(kRules, {range.first, range.last});
    while (cursor->next()) touches.at(cursor->integer(0), Touched::Struct, std::string(cursor->text(1))).defined = true;
}

}  // namespace etalon::store
