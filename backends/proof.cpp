#include "backends/proof.h"

#include <fmt/format.h>

#include "backends/ddl.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "etalon/error.h"

namespace etalon::backends {

namespace {

constexpr const char* kMend = "see 'etalon verify'; restore what was changed from a copy";

void add_cell(RowDigest& digest, const Cursor& cursor, int column, char kind) {
    if (cursor.is_null(column)) return digest.add_null();
    if (kind == 'i') return digest.add(cursor.integer(column));
    const auto bytes = cursor.bytes(column);
    cursor.holds_text(column, kind == 't') ? digest.add_text(as_text(bytes)) : digest.add_blob(bytes);
}

void add_value(RowDigest& digest, const Value& value) {
    if (std::holds_alternative<std::monostate>(value)) return digest.add_null();
    if (const auto* number = std::get_if<std::int64_t>(&value)) return digest.add(*number);
    if (const auto* text = std::get_if<std::string>(&value)) return digest.add_text(*text);
    if (const auto* bytes = std::get_if<Bytes>(&value)) return digest.add_blob(*bytes);
    throw Error(ErrorCode::Internal, {"a cell of a kind that no proved table has", "", "", "", ""});
}

Value value_at(const Cursor& cursor, int column, char kind) {
    if (cursor.is_null(column)) return {};
    if (kind == 't') return std::string(cursor.text(column));
    if (kind == 'b') {
        const auto bytes = cursor.bytes(column);
        return Bytes(bytes.begin(), bytes.end());
    }
    return cursor.integer(column);
}

}  // namespace

std::string_view name_of(SetKind kind) noexcept {
    switch (kind) {
        case SetKind::Names:
            return "named references";
        case SetKind::Policies:
            return "policies";
        case SetKind::Structs:
            return "structs";
        case SetKind::Versions:
            return "schema versions";
        case SetKind::Elements:
            return "elements";
        case SetKind::Rules:
            return "rules";
        case SetKind::Nodes:
            return "configuration nodes";
        case SetKind::Edges:
            return "edges of a configuration node";
        case SetKind::Snapshots:
            return "snapshots";
        case SetKind::Records:
            return "interval records";
        case SetKind::Objects:
            return "objects";
        case SetKind::Queries:
            return "named queries";
    }
    return "?";
}

std::string ProvedTable::select(std::string_view alias) const {
    std::string out;
    for (const auto& column : columns_) out += fmt::format("{}.\"{}\", ", alias, column.name);
    return out + fmt::format("{}.\"{}\"", alias, checksum_);
}

int ProvedTable::at(std::string_view column) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].name == column) return static_cast<int>(i);
    }
    throw Error(ErrorCode::Internal, {"no such column", std::string(table_), "", std::string(column), ""});
}

std::int64_t ProvedTable::compute(const Cursor& cursor, int first) const {
    RowDigest digest(table_);
    for (const auto& column : columns_) add_cell(digest, cursor, first++, column.kind);
    return digest.finish();
}

bool ProvedTable::is_whole(const Cursor& cursor, int first) const {
    const int stored = first + static_cast<int>(columns_.size());
    return !cursor.is_null(stored) && cursor.integer(stored) == compute(cursor, first);
}

std::vector<Value> ProvedTable::read_cells(const Cursor& cursor, int first) const {
    std::vector<Value> cells;
    for (const auto& column : columns_) cells.push_back(value_at(cursor, first++, column.kind));
    return cells;
}

std::vector<std::string> ProvedTable::stored_columns() const {
    std::vector<std::string> names;
    for (const auto& column : columns_) names.emplace_back(column.name);
    names.emplace_back(checksum_);
    return names;
}

std::int64_t ProvedTable::check(const Cursor& cursor, int first) const {
    if (is_whole(cursor, first)) return cursor.integer(first + static_cast<int>(columns_.size()));
    std::string row;
    if (columns_.front().name == id_ && !cursor.is_null(first))
        row = fmt::format(", {} {}", id_, cursor.integer(first));
    throw Error(ErrorCode::Corrupt, {"a stored row does not have its checksum", fmt::format("table {}{}", table_, row),
                                     "the row as it was written", "changed cells", kMend});
}

std::int64_t ProvedTable::compute(std::span<const Value> cells) const {
    if (cells.size() != columns_.size()) {
        throw Error(ErrorCode::Internal, {"a row with another number of cells", std::string(table_),
                                          std::to_string(columns_.size()), std::to_string(cells.size()), ""});
    }
    RowDigest digest(table_);
    for (const auto& cell : cells) add_value(digest, cell);
    return digest.finish();
}

std::int64_t ProvedTable::insert(Transaction& tx, std::span<const Value> cells) const {
    const auto checksum = compute(cells);
    std::string names;
    std::string marks;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        names += fmt::format("\"{}\", ", columns_[i].name);
        marks += fmt::format("?{}, ", i + 1);
    }
    std::vector<Value> values(cells.begin(), cells.end());
    values.emplace_back(checksum);
    tx.execute(Sql(fmt::format("INSERT INTO \"{}\" ({}\"{}\") VALUES ({}?{})", table_, names, checksum_, marks,
                               columns_.size() + 1)),
               values);
    return checksum;
}

std::int64_t ProvedTable::put(BulkWriter& writer, std::span<const Value> cells) const {
    const auto checksum = compute(cells);
    for (const auto& cell : cells) std::holds_alternative<std::monostate>(cell) ? writer.put_null() : writer.put(cell);
    writer.put(checksum);
    return checksum;
}

ProvedTable::Changed ProvedTable::update(Transaction& tx, std::int64_t id,
                                         std::span<const std::pair<std::string_view, Value>> changes) const {
    Changed changed;
    std::vector<Value> cells;
    {
        const auto cursor =
            tx.query(Sql(fmt::format("SELECT {} FROM \"{}\" x WHERE x.\"{}\" = ?1", select("x"), table_, id_)), {id});
        if (!cursor->next()) {
            throw Error(ErrorCode::Corrupt,
                        {"a row that is referred to is not there", fmt::format("table {}, {} {}", table_, id_, id),
                         "one row", "none", kMend});
        }
        changed.before = check(*cursor, 0);
        cells = read_cells(*cursor, 0);
    }
    std::string text;
    std::vector<Value> values{id};
    for (const auto& [name, value] : changes) {
        cells[static_cast<std::size_t>(at(name))] = value;
        values.push_back(value);
        text += fmt::format("\"{}\" = ?{}, ", name, values.size());
    }
    changed.after = compute(cells);
    values.emplace_back(changed.after);
    tx.execute(Sql(fmt::format("UPDATE \"{}\" SET {}\"{}\" = ?{} WHERE \"{}\" = ?1", table_, text, checksum_,
                               values.size(), id_)),
               values);
    return changed;
}

std::int64_t ProvedTable::next_id(Transaction& tx) const {
    const auto cursor =
        tx.query(Sql(fmt::format("SELECT \"{0}\" FROM \"{1}\" ORDER BY \"{0}\" DESC LIMIT 1", id_, table_)), {});
    return cursor->next() ? cursor->integer(0) + 1 : 1;
}

const ProvedTable& payload_table() {
    // Without dataID, which the engine gives: the checksum of the rows binds it to its records.
    static const ProvedTable kTable("payload", "dataID", "payloadChecksum",
                                    {{"structID"},
                                     {"schemaID"},
                                     {"encoding"},
                                     {"numRows"},
                                     {"contentHash", 'b'},
                                     {"rawSize"},
                                     {"storedSize"},
                                     {"generation"},
                                     {"rowsChecksum"},
                                     {"partChecksums", 'b'},
                                     {"entryTime"},
                                     {"comment", 't'}});
    return kTable;
}

std::string create_proof_table(Engine engine) {
    return render_ddl(engine, R"(
CREATE TABLE IF NOT EXISTS "setProof" (
  "setKind" {int} NOT NULL, "ownerID" {int} NOT NULL, "rowCount" {int} NOT NULL, "rowSum" {int} NOT NULL,
  PRIMARY KEY ("setKind", "ownerID")) {clustered};
)");
}

std::map<SetKey, SetSum> read_set_proofs(Transaction& tx) {
    std::map<SetKey, SetSum> proofs;
    const auto cursor = tx.query(Sql(R"(SELECT "setKind", "ownerID", "rowCount", "rowSum" FROM "setProof")"), {});
    while (cursor->next()) {
        proofs[{static_cast<SetKind>(cursor->integer(0)), cursor->integer(1)}] = read_joined_proof(*cursor, 2);
    }
    return proofs;
}

void write_set_proofs(Transaction& tx, const std::map<SetKey, SetSum>& sets) {
    tx.execute(Sql(R"(DELETE FROM "setProof")"), {});
    static const std::vector<std::string> kColumns{"setKind", "ownerID", "rowCount", "rowSum"};
    auto writer = tx.bulk_insert("setProof", kColumns);
    for (const auto& [key, sum] : sets) {
        writer->put(static_cast<std::int64_t>(key.first));
        writer->put(key.second);
        writer->put(sum.count);
        writer->put(static_cast<std::int64_t>(sum.sum));
        writer->end_row();
    }
    writer->finish();
}

SetSum read_set_proof(Transaction& tx, SetKind kind, std::int64_t owner) {
    static const Sql kRead(R"(SELECT "rowCount", "rowSum" FROM "setProof" WHERE "setKind" = ?1 AND "ownerID" = ?2)");
    const auto cursor = tx.query(kRead, {static_cast<std::int64_t>(kind), owner});
    if (!cursor->next()) return {};
    return read_joined_proof(*cursor, 0);
}

void add_to_set(Transaction& tx, SetKind kind, std::int64_t owner, const SetSum& added) {
    static const Sql kUpdate(R"(UPDATE "setProof" SET "rowCount" = ?3, "rowSum" = ?4 WHERE "setKind" = ?1
AND "ownerID" = ?2)");
    static const Sql kInsert(R"(INSERT INTO "setProof" ("setKind", "ownerID", "rowCount", "rowSum")
VALUES (?1, ?2, ?3, ?4))");
    const auto now = read_set_proof(tx, kind, owner);
    const std::vector<Value> values{static_cast<std::int64_t>(kind), owner, now.count + added.count,
                                    static_cast<std::int64_t>(now.sum + added.sum)};
    if (tx.execute(kUpdate, values) == 0) tx.execute(kInsert, values);
}

void insert_into_set(Transaction& tx, const ProvedTable& table, SetKind kind, std::int64_t owner,
                     std::span<const Value> cells) {
    SetSum added;
    added.add(table.insert(tx, cells));
    add_to_set(tx, kind, owner, added);
}

void update_in_set(Transaction& tx, const ProvedTable& table, SetKind kind, std::int64_t owner, std::int64_t id,
                   std::initializer_list<std::pair<std::string_view, Value>> changes) {
    SetSum changed;
    changed.change(table.update(tx, id, changes));
    add_to_set(tx, kind, owner, changed);
}

void check_all_sets(Transaction& tx, SetKind kind, std::map<std::int64_t, SetSum> found, std::string_view owner) {
    static const Sql kProofs(R"(SELECT "ownerID", "rowCount", "rowSum" FROM "setProof" WHERE "setKind" = ?1)");
    std::map<std::int64_t, SetSum> proofs;
    {
        const auto cursor = tx.query(kProofs, {static_cast<std::int64_t>(kind)});
        while (cursor->next()) proofs[cursor->integer(0)] = read_joined_proof(*cursor, 1);
    }
    for (const auto& [id, sum] : found) proofs.try_emplace(id);
    for (const auto& [id, proof] : proofs) check_set(found[id], proof, kind, fmt::format("{} {}", owner, id));
}

void check_set(const SetSum& found, const SetSum& proof, SetKind kind, std::string_view what) {
    if (found == proof) return;
    const bool lost = found.count != proof.count;
    throw Error(ErrorCode::Corrupt,
                {lost ? "stored rows are missing or too many" : "stored rows are not those that were written",
                 fmt::format("{}{}{}", name_of(kind), what.empty() ? "" : " of ", what),
                 fmt::format("{} rows{}", proof.count, lost ? "" : " with the sum of their checksums"),
                 lost ? fmt::format("{} rows", found.count) : "another sum", kMend});
}

void throw_not_found_by_index(std::string_view table, std::string_view row) {
    throw Error(ErrorCode::Corrupt,
                {"an index does not find a row that is there", fmt::format("table {}, {}", table, row), "the row",
                 "none", "make the indexes anew (REINDEX), then see 'etalon verify'"});
}

SetSum read_joined_proof(const Cursor& cursor, int first) {
    if (cursor.is_null(first)) return {};
    return {cursor.integer(first), static_cast<std::uint64_t>(cursor.integer(first + 1))};
}

std::string join_proof(std::string_view alias, SetKind kind, std::string_view owner) {
    return fmt::format(R"( LEFT JOIN "setProof" {0} ON {0}."setKind" = {1} AND {0}."ownerID" = {2})", alias,
                       static_cast<std::int64_t>(kind), owner);
}

SetSum sum_rows(Transaction& tx, const ProvedTable& table, const std::string& where, std::span<const Value> values) {
    SetSum sum;
    const auto cursor = tx.query(Sql(fmt::format("SELECT {} FROM \"{}\" x{}{}", table.select("x"), table.name(),
                                                 where.empty() ? "" : " WHERE ", where)),
                                 values);
    while (cursor->next()) sum.add(table.check(*cursor, 0));
    return sum;
}

std::unique_ptr<Cursor> read_page(Transaction& tx, const ProvedTable& table, std::int64_t after, std::int64_t most) {
    const Sql sql(fmt::format(R"(SELECT {0}, x."{2}" FROM "{1}" x WHERE x."{2}" > ?1 ORDER BY x."{2}" LIMIT {3})",
                              table.select("x"), table.name(), table.id(), most));
    return tx.query(sql, {after});
}

std::unique_ptr<Cursor> read_page_for(Transaction& tx, const ProvedTable& table, std::string_view from,
                                      const std::map<std::string_view, std::string>& expressions, std::int64_t after,
                                      std::int64_t most) {
    std::string list = fmt::format("x.\"{}\"", table.id());
    for (const auto& column : table.columns()) {
        const auto found = expressions.find(column.name);
        list += ", " + (found != expressions.end() ? found->second : fmt::format("x.\"{}\"", column.name));
    }
    const Sql sql(fmt::format(R"(SELECT {0} FROM "{1}" x WHERE x."{2}" > ?1 ORDER BY x."{2}" LIMIT {3})", list, from,
                              table.id(), most));
    return tx.query(sql, {after});
}

}  // namespace etalon::backends
