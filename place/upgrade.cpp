// From formats 1.x to the newest: payloads are read and proved first, while others go on; then one transaction makes
// the new tables beside the old ones, copies what stands there, plays the timelines, chains the commits, and drops the
// old ones.

#include "place/upgrade.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "backends/ddl.h"
#include "backends/proof.h"
#include "config_tree/tables.h"
#include "etalon/error.h"
#include "evolution/rule_trace.h"
#include "evolution/rules.h"
#include "index/commits.h"
#include "index/names.h"
#include "index/stretches.h"
#include "index/tables.h"
#include "place/format.h"
#include "place/proofs.h"
#include "schema/definition.h"
#include "schema/units.h"
#include "store/payload.h"
#include "store/relation_names.h"
#include "store/rules.h"
#include "store/schema_cache.h"
#include "store/tables.h"

namespace etalon::place {

using backends::Connection;
using backends::Engine;
using backends::ProvedTable;
using backends::Sql;
using backends::StoreFormat;
using backends::Transaction;
using backends::TransactionMode;
using backends::Value;

namespace {

constexpr std::int64_t kPage = 5'000;
constexpr std::string_view kOld = "etalonOld_";

/// Reads every payload that is there, compares it with its content hash, and computes what will prove it.
class PayloadProver {
public:
    PayloadProver(const Progress& progress, std::uint64_t records) : progress_(progress), records_(records) {}

    /// Those that have become visible since the last call, perhaps with smaller IDs than others.
    void read_new(Transaction& tx) {
        static const Sql kRead(
            fmt::format(R"(SELECT "dataID", "structID", "schemaID", "encoding", "numRows", "contentHash"
FROM "payload" WHERE "dataID" > ?1 ORDER BY "dataID" LIMIT {})",
                        kPage));
        {
            const auto cursor = tx.query(Sql(R"(SELECT count(*) FROM "payload")"), {});
            if (cursor->next()) total_ = static_cast<std::uint64_t>(cursor->integer(0));
        }
        structs_.clear();
        std::int64_t last = -1;
        while (true) {
            std::vector<Row> rows;
            {
                const auto cursor = tx.query(kRead, {last});
                while (cursor->next()) {
                    const auto hash = cursor->bytes(5);
                    rows.push_back({cursor->integer(0), cursor->integer(1), cursor->integer(2), cursor->integer(3),
                                    cursor->integer(4), Bytes(hash.begin(), hash.end())});
                }
            }
            for (const auto& row : rows) {
                if (!known.contains(row.id)) prove(tx, row);
                last = row.id;
                if (progress_ && known.size() % 1000 == 0) progress_(known.size(), total_ + 2 * records_);
            }
            if (static_cast<std::int64_t>(rows.size()) < kPage) break;
        }
    }

    std::map<std::int64_t, std::optional<store::RowProof>> known;  ///< none: it failed its content hash
    std::vector<std::string> damaged;
    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

private:
    struct Row {
        std::int64_t id, of_struct, schema, encoding, rows;
        Bytes hash;
    };
    struct OfStruct {
        store::StructRecord record;
        std::vector<store::SchemaPtr> schemas;
    };
    const OfStruct& get_struct(Transaction& tx, std::int64_t id) {
        const auto found = structs_.find(id);
        if (found != structs_.end()) return found->second;
        auto record = store::find_struct(tx, id);
        if (!record) {
            throw Error(ErrorCode::Corrupt,
                        {"a struct is not there", "table structure", fmt::format("ID {}", id), "none", ""});
        }
        auto schemas = store::read_schemas(tx, id, cache_);
        return structs_.emplace(id, OfStruct{*std::move(record), std::move(schemas)}).first->second;
    }

    void prove(Transaction& tx, const Row& row) {
        const auto& of_struct = get_struct(tx, row.of_struct);
        const auto schema =
            std::ranges::find_if(of_struct.schemas, [&](const auto& one) { return one->schema_id == row.schema; });
        auto& proved = known[row.id];
        std::string fault;
        if (schema == of_struct.schemas.end()) {
            fault = fmt::format("its schema version {} is not recorded", row.schema);
        } else {
            try {
                const auto storage = static_cast<Storage>(row.encoding);
                const auto block = store::read_rows(tx, **schema, of_struct.record.table_name, storage, row.id,
                                                    static_cast<std::uint64_t>(row.rows));
                if (std::ranges::equal(schema::content_hash(block), row.hash)) {
                    proved = store::prove_rows(block, storage);
                } else {
                    fault = "its rows do not have its content hash";
                }
            } catch (const Error& error) {
                if (error.code() != ErrorCode::Corrupt) throw;
                fault = error.info().what;
            }
        }
        if (!fault.empty())
            damaged.push_back(fmt::format("payload {} of struct {}: {}", row.id, of_struct.record.name, fault));
    }

    const Progress& progress_;
    std::uint64_t records_;
    std::uint64_t total_ = 0;
    store::SchemaCache cache_;
    std::map<std::int64_t, OfStruct> structs_;
};

/// The old tables, made anew.
class Converter {
public:
    Converter(Transaction& tx, const std::string& place, const Progress& progress, PayloadProver& payloads,
              std::uint64_t records)
        : tx_(tx),
          place_(place),
          progress_(progress),
          payloads_(payloads),
          records_(records),
          sqlite_(tx.engine() == Engine::Sqlite) {}

    void run(const StoredFormat& old) {
        const bool has_rules = old.minor >= 2;
        const bool has_coverage = has_column("namedRefPolicy", "coverage");
        read_grants();
        check_records();
        move_aside(has_rules, old.minor >= 1);
        tx_.become({kFormatMajor, kFormatMinor});
        tx_.execute_script(create_all_tables(tx_.engine()));
        copy(format_table(), {});
        copy(store::structure_table(), {});
        copy(store::version_table(), {{"commitSeq", "NULL"}, {"columns", columns_of_version()}});
        copy(store::element_table(), {});
        if (has_rules) copy(store::rule_table(), {});
        copy(index::name_table(), {{"viewName", "NULL"}});
        copy(index::policy_table(), has_coverage ? Map{} : Map{{"coverage", "NULL"}});
        copy_payloads();
        copy_rows(index::record_table(), {{"creationTime", R"(nullif(x."creationTime", x."entryTime"))"}},
                  [this](std::int64_t, const std::vector<Value>&) { report_record(); });
        // Entries before their snapshots: a frozen snapshot takes no more.
        copy(index::snapshot_entry_table(), {{"commitHash", "NULL"}});
        copy(index::snapshot_table(), {});
        copy(config_tree::node_table(), {});
        copy(config_tree::edge_table(), {});
        chain_commits();
        drop_old(has_rules);
        write_sets(tx_, compute_sets(tx_, [](const ProvedTable& table, std::int64_t id) {
                       throw Error(ErrorCode::Internal, {"a row that was just written is wrong",
                                                         std::string(table.name()), "", std::to_string(id), ""});
                   }));
        index::rebuild_all_timelines(tx_);
        make_views();
        give_grants();
        write_format(tx_, old.database_name, place_uid_, entry_time_);
    }

private:
    using Map = std::map<std::string_view, std::string>;

    /// Who may do what with the tables and views that are made anew (PostgreSQL).
    void read_grants() {
        if (sqlite_) return;
        const auto cursor =
            tx_.query(Sql(R"(SELECT c.relname::text, coalesce(r.rolname::text, 'PUBLIC'), a.privilege_type::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'v') AND a.grantee <> c.relowner)"),
                      {});
        while (cursor->next())
            grants_.push_back(
                {std::string(cursor->text(0)), std::string(cursor->text(1)), std::string(cursor->text(2))});
    }
    void give_grants() {
        const auto give = [&](const std::string& relation, const Grant& grant) {
            if (!store::relation_exists(tx_, relation)) return;
            tx_.execute_script(
                fmt::format("GRANT {} ON {} TO {};", grant.privilege, backends::quote_identifier(relation),
                            grant.grantee == "PUBLIC" ? grant.grantee : backends::quote_identifier(grant.grantee)));
        };
        for (const auto& grant : grants_) {
            give(grant.relation, grant);
            // New tables are for those who had the records.
            if (grant.relation != "dataIndex") continue;
            for (const auto* relation : {"setProof", "dataIndex_view", "timeline", "timelinePast"})
                give(relation, grant);
        }
    }

    /// What stands in the records is copied as it is; what it refers to has to be there.
    void check_records() {
        const auto counter = tx_.query(
            Sql(R"(SELECT k."lastSeq", (SELECT max(c."commitSeq") FROM "commitLog" c) FROM "commitCounter" k)"), {});
        if (!counter->next() || counter->integer(0) != counter->find_integer(1).value_or(0)) {
            throw Error(ErrorCode::Corrupt,
                        {"the commit counter and the log of commits do not agree", place_, "the newest of commitLog",
                         "another number", "restore the database from a copy"});
        }
        const auto cursor =
            tx_.query(Sql(R"(SELECT d."ID", n."name" FROM "dataIndex" d LEFT JOIN "namedRef" n ON n."ID" = d."nameID"
LEFT JOIN "payload" p ON p."dataID" = d."dataID" WHERE d."dataID" IS NOT NULL AND (p."dataID" IS NULL OR n."ID" IS NULL
OR p."structID" <> n."structID" OR p."schemaID" <> d."schemaID" OR p."numRows" <> d."numRows") ORDER BY d."ID" LIMIT 1)"),
                      {});
        if (cursor->next()) {
            const auto name =
                cursor->is_null(1) ? std::string("a reference that is not there") : std::string(cursor->text(1));
            throw Error(ErrorCode::Corrupt,
                        {"a record and its payload do not agree",
                         fmt::format("{}: record with ID {} of {}", place_, cursor->integer(0), name),
                         "the payload with the record's struct, schema version and number of rows", "another, or none",
                         "retire the record and bring the database up to date then, or restore it from a copy"});
        }
    }

    bool has_column(const std::string& table, const std::string& column) {
        const auto cursor =
            sqlite_ ? tx_.query(Sql(R"(SELECT 1 FROM pragma_table_info(?1) WHERE "name" = ?2)"), {table, column})
                    : tx_.query(Sql(R"(SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema()
AND table_name = ?1 AND column_name = ?2)"),
                                {table, column});
        return cursor->next();
    }

    /// Tables that are made anew; timelines are derived and simply go.
    static const std::vector<std::string>& tables() {
        static const std::vector<std::string> kTables{"storeFormat",  "structure", "schemaVersion",  "schema",
                                                      "schemaRule",   "namedRef",  "namedRefPolicy", "payload",
                                                      "dataIndex",    "snapshot",  "snapshotEntry",  "Nodes",
                                                      "NodeRelation", "commitLog"};
        return kTables;
    }

    void drop_triggers(const std::string& table) {
        std::vector<std::string> triggers;
        {
            const auto cursor =
                sqlite_
                    ? tx_.query(Sql(R"(SELECT "name" FROM sqlite_master WHERE "type" = 'trigger' AND "tbl_name" = ?1)"),
                                {table})
                    : tx_.query(
                          Sql(R"(SELECT t.tgname::text FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relname = ?1 AND NOT t.tgisinternal)"),
                          {table});
            while (cursor->next()) triggers.emplace_back(cursor->text(0));
        }
        for (const auto& trigger : triggers) {
            tx_.execute_script(fmt::format("DROP TRIGGER {}{};", backends::quote_identifier(trigger),
                                           sqlite_ ? "" : " ON " + backends::quote_identifier(table)));
        }
    }

    void move_aside(bool has_rules, bool has_timelines) {
        {
            const auto cursor =
                tx_.query(Sql(R"(SELECT "placeUid", "entryTime" FROM "storeFormat" ORDER BY "ID" DESC LIMIT 1)"), {});
            (void)cursor->next();
            const auto uid = cursor->bytes(0);
            place_uid_.assign(uid.begin(), uid.end());
            entry_time_ = cursor->integer(1);
        }
        // Views are derived and are made again; until then nothing shall hang on the tables.
        std::vector<std::string> views{"schemaMask"};
        {
            const auto cursor =
                tx_.query(Sql(R"(SELECT "viewName", "ID" FROM "namedRef" WHERE "viewName" IS NOT NULL)"), {});
            while (cursor->next()) {
                views.emplace_back(cursor->text(0));
                views_.emplace(cursor->integer(1), std::string(cursor->text(0)));
            }
        }
        for (const auto& view : views) tx_.execute_script("DROP VIEW IF EXISTS " + backends::quote_identifier(view));
        // In PostgreSQL they go with the tables.
        if (sqlite_) {
            for (const auto& table : tables()) drop_triggers(table);
        }
        for (const auto* index :
             {"commitLog_entryTime", "dataIndex_begin", "dataIndex_commit", "dataIndex_winner", "dataIndex_end",
              "timeline_resumed", "timelinePast_to", "Nodes_key", "NodeRelation_parent", "NodeRelation_node"}) {
            tx_.execute_script("DROP INDEX IF EXISTS " + backends::quote_identifier(index));
        }
        if (has_timelines)
            tx_.execute_script(R"(DROP TABLE "timeline"; DROP TABLE "timelinePast";)");
        else
            tx_.execute_script(R"(DROP TABLE "lengthClass";)");
        for (const auto& table : tables()) {
            if (table == "schemaRule" && !has_rules) continue;
            tx_.execute_script(fmt::format("ALTER TABLE {} RENAME TO {};", backends::quote_identifier(table),
                                           backends::quote_identifier(std::string(kOld) + table)));
        }
        // A struct's own table in the way of one of ours: by the rule for colliding names.
        std::vector<std::pair<std::int64_t, std::string>> colliding;
        {
            std::string ours = "'setproof', 'dataindex_view'";
            if (!has_rules) ours += ", 'schemarule'";
            if (!has_timelines) ours += ", 'timeline', 'timelinepast'";
            const auto cursor =
                tx_.query(Sql(fmt::format(R"(SELECT "ID", "tableName" FROM "{}structure" WHERE lower("tableName") IN
({}))",
                                          kOld, ours)),
                          {});
            while (cursor->next()) colliding.emplace_back(cursor->integer(0), std::string(cursor->text(1)));
        }
        for (const auto& [id, table] : colliding) {
            const auto name = store::unused_relation_name(tx_, table, "struct_");
            drop_triggers(table);
            tx_.execute_script(fmt::format("ALTER TABLE {} RENAME TO {};", backends::quote_identifier(table),
                                           backends::quote_identifier(name)));
            tx_.execute_script(store::row_table_triggers(tx_.engine(), name));
            tx_.execute(Sql(fmt::format(R"(UPDATE "{}structure" SET "tableName" = ?2 WHERE "ID" = ?1)", kOld)),
                        {id, name});
            payloads_.damaged.push_back(fmt::format(
                "(renamed) the table {} of a struct is now called {}: the name is Etalon's own", table, name));
        }
    }

    std::string columns_of_version() {
        auto text = store::joined_columns_sql(tx_.engine());
        // The expression names the version `v` and the table of elements.
        for (auto at = text.find("v.\""); at != std::string::npos; at = text.find("v.\"", at + 3))
            text.replace(at, 1, "x");
        const std::string table = "\"schema\"";
        for (auto at = text.find(table); at != std::string::npos;
             at = text.find(table, at + table.size() + kOld.size())) {
            text.replace(at, table.size(), fmt::format("\"{}schema\"", kOld));
        }
        return text;
    }

    /// Copies a table in order of its IDs with the checksums of its rows. `expressions` for columns that are not taken
    /// as they are; `complete(id, cells)` fills in what no expression gives.
    template <class Complete>
    void copy_rows(const ProvedTable& to, const Map& expressions, const Complete& complete) {
        std::string list = fmt::format("x.\"{}\"", to.id());
        for (const auto& column : to.columns()) {
            const auto found = expressions.find(column.name);
            list += ", " + (found != expressions.end() ? found->second : fmt::format("x.\"{}\"", column.name));
        }
        const Sql sql(fmt::format(R"(SELECT {0} FROM "{1}{2}" x WHERE x."{3}" > ?1 ORDER BY x."{3}" LIMIT {4})", list,
                                  kOld, to.name(), to.id(), kPage));
        std::int64_t last = -1;
        for (std::int64_t read = kPage; read == kPage;) {
            std::vector<std::pair<std::int64_t, std::vector<Value>>> rows;
            {
                const auto cursor = tx_.query(sql, {last});
                while (cursor->next()) {
                    last = cursor->integer(0);
                    rows.emplace_back(last, to.read_cells(*cursor, 1));
                    complete(last, rows.back().second);
                }
            }
            read = static_cast<std::int64_t>(rows.size());
            write(to, rows);
        }
        if (!sqlite_ && last > 0) {
            (void)tx_
                .query(
                    Sql(fmt::format(R"(SELECT setval(pg_get_serial_sequence('"{}"', '{}'), ?1))", to.name(), to.id())),
                    {last})
                ->next();
        }
    }
    void copy(const ProvedTable& to, const Map& expressions) {
        copy_rows(to, expressions, [](std::int64_t, const std::vector<Value>&) {});
    }

    /// Rows with their IDs, which are also the first cell where the checksum has them in it.
    void write(const ProvedTable& to, const std::vector<std::pair<std::int64_t, std::vector<Value>>>& rows) {
        if (rows.empty()) return;
        auto columns = to.stored_columns();
        const bool has_id = columns.front() == to.id();
        if (!has_id) columns.emplace(columns.begin(), to.id());
        auto writer = tx_.bulk_insert(std::string(to.name()), columns);
        for (const auto& [id, cells] : rows) {
            if (!has_id) writer->put(id);
            to.put(*writer, cells);
            writer->end_row();
        }
        writer->finish();
    }

    void copy_payloads() {
        const auto& to = backends::payload_table();
        const auto generation = static_cast<std::size_t>(to.at("generation"));
        const auto checksum = static_cast<std::size_t>(to.at("rowsChecksum"));
        const auto parts = static_cast<std::size_t>(to.at("partChecksums"));
        copy_rows(to, {{"generation", "NULL"}, {"rowsChecksum", "NULL"}, {"partChecksums", "NULL"}},
                  [&](std::int64_t id, std::vector<Value>& cells) {
                      const auto& proved = payloads_.known.at(id);
                      cells[generation] = std::int64_t{0};
                      if (!proved) return;
                      cells[checksum] = proved->checksum;
                      if (!proved->parts.empty()) cells[parts] = proved->parts;
                  });
    }

    void chain_commits() {
        const auto log = std::string(kOld) + "commitLog";
        const auto contents = compute_contents(tx_, log);
        const auto& to = index::commit_table();
        const Sql sql(
            fmt::format(R"(SELECT "commitSeq", "entryTime", "author", "host", "program", "reason", "comment" FROM "{}"
WHERE "commitSeq" > ?1 ORDER BY "commitSeq" LIMIT {})",
                        log, kPage));
        Sha256 before{};
        std::int64_t last = 0;
        for (std::int64_t read = kPage; read == kPage;) {
            std::vector<std::pair<std::int64_t, std::vector<Value>>> rows;
            {
                const auto cursor = tx_.query(sql, {last});
                while (cursor->next()) {
                    const auto seq = cursor->integer(0);
                    if (seq != last + 1) {
                        throw Error(ErrorCode::Corrupt,
                                    {"a commit is missing", place_, fmt::format("commit {} in commitLog", last + 1),
                                     fmt::format("commit {}", seq), "restore the database from a copy"});
                    }
                    last = seq;
                    const auto text = [&](int column) {
                        return std::string(cursor->is_null(column) ? std::string_view() : cursor->text(column));
                    };
                    const auto& of = contents.at(seq);
                    const index::CommitFields fields{seq,     cursor->integer(1), text(2), text(3), text(4), text(5),
                                                     text(6), of.records,         of.root};
                    const auto hash = index::commit_hash(before, fields);
                    before = hash;
                    rows.emplace_back(
                        seq, std::vector<Value>{seq, seq, fields.entry_time, fields.author, fields.host, fields.program,
                                                fields.reason, cursor->is_null(6) ? Value{} : Value{fields.comment},
                                                of.records, Bytes(of.root.begin(), of.root.end()),
                                                Bytes(hash.begin(), hash.end())});
                }
            }
            read = static_cast<std::int64_t>(rows.size());
            write(to, rows);
        }
    }

    void drop_old(bool has_rules) {
        for (const auto& table : tables()) {
            if (table == "schemaRule" && !has_rules) continue;
            tx_.execute_script(fmt::format("DROP TABLE {};", backends::quote_identifier(std::string(kOld) + table)));
        }
    }

    void make_views() {
        store::SchemaCache cache;
        schema::LazyUnits units;
        const auto rules = store::read_rules(tx_, cache);
        for (auto& name : index::all_names(tx_, kPlusInfinity)) {
            if (name.storage != Storage::Columns) continue;
            const auto record = store::find_struct(tx_, name.struct_id);
            const auto schemas = store::read_schemas(tx_, name.struct_id, cache);
            const auto current =
                std::ranges::find_if(schemas, [&](const auto& one) { return one->schema_id == record->last_schema; });
            if (current == schemas.end() || (*current)->columns.empty()) continue;
            auto sections = rules.of(record->name);
            std::shared_ptr<const schema::StructRules> of_struct;
            if (!sections.empty()) {
                std::vector<std::string> layouts;
                for (const auto& schema : schemas) layouts.push_back(schema::layout_name(*schema->definition));
                of_struct = std::make_shared<const schema::StructRules>(std::move(layouts), std::move(sections));
            }
            const auto view =
                store::create_view(tx_, name.name, name.id, name.axis, "", *record, schemas, units, of_struct.get());
            index::set_view_name(tx_, name.id, view);
            const auto before = views_.find(name.id);
            if (before != views_.end() && before->second != view) {
                payloads_.damaged.push_back(
                    fmt::format("(renamed) the view {} of {} is now called {}: the name is Etalon's own",
                                before->second, name.name, view));
            }
        }
    }

    void report_record() {
        ++done_;
        if (progress_ && done_ % 1000 == 0) progress_(payloads_.total() + done_, payloads_.total() + 2 * records_);
    }

    Transaction& tx_;
    const std::string& place_;
    const Progress& progress_;
    PayloadProver& payloads_;
    std::uint64_t records_;
    bool sqlite_;
    std::uint64_t done_ = 0;
    std::map<std::int64_t, std::string> views_;  ///< of the old format, by name
    struct Grant {
        std::string relation, grantee, privilege;
    };
    std::vector<Grant> grants_;
    Bytes place_uid_;
    std::int64_t entry_time_ = 0;
};

}  // namespace

std::vector<std::string> upgrade_format(Connection& connection, const Progress& progress) {
    const auto before = read_format(*connection.begin(TransactionMode::Read), connection.place());
    if (before.major >= kFormatMajor) return {};
    connection.set_format({before.major, before.minor});
    std::uint64_t records = 0;
    {
        const auto tx = connection.begin(TransactionMode::Read);
        const auto cursor = tx->query(Sql(R"(SELECT count(*) FROM "dataIndex")"), {});
        if (cursor->next()) records = static_cast<std::uint64_t>(cursor->integer(0));
    }
    PayloadProver payloads(progress, records);
    {
        const auto tx = connection.begin(TransactionMode::Read);
        payloads.read_new(*tx);
    }
    const auto tx = connection.begin(TransactionMode::Write);
    // Alone from here on: no writer is inside a commit, none begins.
    index::lock_for_upgrade(*tx);
    const auto old = read_format(*tx, connection.place());
    if (old.major >= kFormatMajor) return {};
    payloads.read_new(*tx);
    Converter(*tx, connection.place(), progress, payloads, records).run(old);
    tx->commit();
    connection.set_format({kFormatMajor, kFormatMinor});
    if (progress) progress(payloads.total() + 2 * records, payloads.total() + 2 * records);
    return std::move(payloads.damaged);
}

}  // namespace etalon::place
