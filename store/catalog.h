#pragma once
/// Structs and their schema versions as recorded, the row tables that hold them, and the readable views.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/port.h"
#include "base/commit_items.h"
#include "base/commit_touches.h"
#include "base/digest.h"
#include "etalon/definition.h"
#include "etalon/interval.h"
#include "etalon/reference.h"
#include "schema/units.h"
#include "store/relation_names.h"

namespace etalon::evolution {
class StructRules;
}

namespace etalon::store {

class SchemaCache;

/// A row of `structure`.
struct StructRecord {
    std::int64_t id = 0;
    std::string name;
    std::int64_t last_schema = 0;  ///< the current one
    bool is_binary = false;        ///< default storage is bytes
    std::string table_name;        ///< empty when it has no columns
};

/// One schema version with what is needed to read and write its rows. Immutable, shared.
struct SchemaRecord {
    std::int64_t struct_id = 0;
    std::int64_t schema_id = 0;
    DefinitionPtr definition;          ///< as the C compiler lays it out
    DefinitionPtr canonical;           ///< schema::packed of it
    std::vector<std::string> columns;  ///< column of each element in the row table; empty when stored as bytes only
    Sha256 definition_hash = {};       ///< schema::definition_hash of it
};
using SchemaPtr = std::shared_ptr<const SchemaRecord>;

[[nodiscard]] std::optional<StructRecord> find_struct(backends::Transaction& tx, std::string_view name);
[[nodiscard]] std::optional<StructRecord> find_struct(backends::Transaction& tx, std::int64_t id);
[[nodiscard]] std::vector<StructRecord> all_structs(backends::Transaction& tx);

/// Every schema version of a struct, oldest first; what `known` has is not made again.
[[nodiscard]] std::vector<SchemaPtr> read_schemas(backends::Transaction& tx, std::int64_t struct_id,
                                                  SchemaCache& known);
/// Number of schema versions of every struct: (structID, count).
[[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> count_schemas(backends::Transaction& tx);

/// Between the columns of a schema version as joined_columns_sql() gives them.
inline constexpr char kColumnSeparator = '\x1f';
/// Format 1: SQL expression that joins the columnNames of one schema version (alias `v` of schemaVersion); NULL without
/// columns. From format 2 on the column `columns` of schemaVersion has them.
[[nodiscard]] std::string joined_columns_sql(backends::Engine engine);
/// Reads a struct from the cells of structure_table() that begin at `first`, and checks them.
[[nodiscard]] StructRecord read_proved_struct(const backends::Cursor& cursor, int first);
/// The same of a schema version and version_table().
[[nodiscard]] SchemaPtr read_proved_version(const backends::Cursor& cursor, int first, SchemaCache& known);

/// A struct that a statement joins by its ID. Format 1: the columns of the alias s that read_joined_struct reads.
[[nodiscard]] std::string joined_struct_columns();
/// ` LEFT JOIN` of a struct under an alias, by its ID (an SQL expression).
[[nodiscard]] std::string join_struct(std::string_view alias, std::string_view struct_id);
/// Reads the columns that begin at `first`, unchecked.
[[nodiscard]] StructRecord read_joined_struct(const backends::Cursor& cursor, int first);

/// True when rows of that definition may live in columns: at most 1000 columns and 7 kB of fixed width together with
/// the columns that exist already (docs/storage_format.md).
[[nodiscard]] bool fits_columns(const StructDefinition& definition, const std::vector<SchemaPtr>& recorded);
/// The default storage of a struct: columns for scalars and short arrays (at most 256 values, 2 kB a row).
[[nodiscard]] Storage default_storage(const StructDefinition& definition);

/// Whether recording a definition as the next schema version adds columns to the row table, which is there.
[[nodiscard]] bool widens_row_table(const StructRecord& record, const std::vector<SchemaPtr>& recorded,
                                    const StructDefinition& definition);

/// Inserts a struct (without schema versions) and returns it with its ID. `storage`: Bytes gives it no row table at
/// all; empty leaves it to default_storage.
[[nodiscard]] StructRecord insert_struct(backends::Transaction& tx, const StructDefinition& definition,
                                         const WriteStamp& stamp, std::optional<Storage> storage = std::nullopt);
/// Records a definition as the next schema version: rows in schemaVersion and schema, the row table created or widened.
/// It becomes the current one. `recorded` are the versions so far, `rules` those that hold with this one (may be null):
/// an element that they rename keeps its elementKey.
[[nodiscard]] SchemaPtr insert_schema(backends::Transaction& tx, StructRecord& record,
                                      const std::vector<SchemaPtr>& recorded, const StructDefinition& definition,
                                      const WriteStamp& stamp, const evolution::StructRules* rules = nullptr);
/// The item of a commit that recorded a schema version.
[[nodiscard]] Bytes version_item(std::string_view struct_name, const Sha256& definition_hash, std::int64_t schema_id);
/// Calls `add(commit, item)` for the schema versions that all commits recorded.
void visit_version_items(backends::Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add);
/// What these commits touched of structs: versions and rules. Nothing in format 1, which does not say it. Not proved.
void add_touched(backends::Transaction& tx, CommitRange range, CommitTouches& touches);
/// Records another name of the row table of a struct.
void rename_row_table(backends::Transaction& tx, std::int64_t struct_id, const std::string& table);
/// Makes a recorded schema version the current one.
void set_current_schema(backends::Transaction& tx, StructRecord& record, std::int64_t schema_id);

/// What the readable views of all references of a struct have in common: the elements of its current schema version
/// over the rows of all versions, converted by the law and by `rules` (may be null; docs/storage_format.md).
struct ViewColumns {
    std::string table_name;
    std::vector<std::pair<std::string, std::string>> columns;  ///< path of the element, and its expression

    /// Whether the views are made anew with the next schema version, or stay: rows of versions that are recorded later
    /// are NULL in them then.
    enum class Later : std::uint8_t { Renewed, Stays };
    [[nodiscard]] static ViewColumns make(backends::Engine engine, const StructRecord& record,
                                          const std::vector<SchemaPtr>& schemas, const schema::UnitSystem& units,
                                          const evolution::StructRules* rules, Later later = Later::Renewed);
};
/// Creates or replaces the readable views of a named reference: `<reference>_view`, what is valid and when, and
/// `<reference>_records`, all records with their own intervals. Returns the name of the first, which is recorded; the
/// other's follows from it. Bytes-stored references have none.
std::string create_views(backends::Transaction& tx, RelationNames& relations, std::string_view reference,
                         std::int64_t name_id, Axis axis, std::string_view existing_view, const ViewColumns& columns);
/// The view of all records that the view of a reference reads; empty when it reads none (it was made by an older
/// program).
[[nodiscard]] std::string find_records_view(backends::Transaction& tx, const std::string& view);
/// Drops the view of a reference and the one of its records.
void drop_views(backends::Transaction& tx, const std::string& view);
void drop_view(backends::Transaction& tx, std::string_view view);

}  // namespace etalon::store
