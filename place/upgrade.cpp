// From formats 1.x to the newest: payloads are read and proved first, while others go on; then one transaction makes
// the new tables beside the old ones, copies what stands there, plays the timelines, chains the commits, and drops the
// old ones.

#include "place/upgrade.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "backends/ddl.h"
#include "backends/proof.h"
#include "backends/relations.h"
#include "config_tree/tables.h"
#include "etalon/error.h"
#include "evolution/rule_trace.h"
#include "evolution/rules.h"
#include "index/commits.h"
#include "index/names.h"
#include "index/records.h"
#include "index/stretches.h"
#include "index/tables.h"
#include "index/upgrade.h"
#include "place/format.h"
#include "place/proofs.h"
#include "schema/definition.h"
#include "schema/units.h"
#include "store/audit.h"
#include "store/format.h"
#include "store/payload.h"
#include "store/relation_names.h"
#include "store/rules.h"
#include "store/schema_cache.h"
#include "store/tables.h"
#include "store/upgrade.h"

namespace etalon::place {

using backends::Connection;
using backends::Engine;
using backends::ProvedTable;
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
        total_ = store::count_payloads(tx);
        structs_.clear();
        std::int64_t last = -1;
        while (true) {
            const auto rows = store::read_payload_rows(tx, last, kPage);
            for (const auto& row : rows) {
                if (!known_.contains(row.data_id)) prove(tx, row);
                last = row.data_id;
                if (progress_ && known_.size() % 1000 == 0) progress_(known_.size(), total_ + 2 * records_);
            }
            if (static_cast<std::int64_t>(rows.size()) < kPage) break;
        }
    }

    /// Of a payload that was proved; none: it failed its content hash.
    [[nodiscard]] const std::optional<store::RowProof>& proof_of(std::int64_t data_id) const {
        return known_.at(data_id);
    }
    [[nodiscard]] std::size_t count() const noexcept { return known_.size(); }
    void add_damage(std::string what) { damaged_.push_back(std::move(what)); }
    [[nodiscard]] std::vector<std::string> take_damage() { return std::move(damaged_); }
    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

private:
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

    void prove(Transaction& tx, const store::StoredPayload& row) {
        const auto& of_struct = get_struct(tx, row.struct_id);
        const auto schema =
            std::ranges::find_if(of_struct.schemas, [&](const auto& one) { return one->schema_id == row.schema_id; });
        auto& proved = known_[row.data_id];
        std::string fault;
        if (schema == of_struct.schemas.end()) {
            fault = fmt::format("its schema version {} is not recorded", row.schema_id);
        } else {
            try {
                const auto storage = static_cast<Storage>(row.encoding);
                const auto block = store::read_rows(tx, **schema, of_struct.record.table_name, storage, row.data_id,
                                                    static_cast<std::uint64_t>(row.num_rows));
                if (std::ranges::equal(schema::content_hash(block), row.content_hash)) {
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
            damaged_.push_back(fmt::format("payload {} of struct {}: {}", row.data_id, of_struct.record.name, fault));
    }

    const Progress& progress_;
    std::uint64_t records_;
    std::uint64_t total_ = 0;
    store::SchemaCache cache_;
    std::map<std::int64_t, OfStruct> structs_;
    std::map<std::int64_t, std::optional<store::RowProof>> known_;
    std::vector<std::string> damaged_;
};

/// Makes the tables that are missing, and in SQLite all triggers as they are now.
void make_tables_and_triggers(Transaction& tx) {
    auto ddl = create_all_tables(tx.engine(), tx.format());
    if (tx.engine() == Engine::Sqlite) {
        for (const auto& [id, table] : store::read_row_tables(tx)) {
            if (store::relation_exists(tx, table)) ddl += store::row_table_triggers(tx.engine(), tx.format(), table);
        }
        std::set<std::string> tables;
        for (const auto& [table, trigger] : backends::find_triggers(ddl)) tables.insert(table);
        for (const auto& table : tables) backends::drop_triggers(tx, table);
    }
    tx.execute_script(ddl);
}

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
        const bool has_coverage = backends::read_column_names(tx_, "namedRefPolicy").contains("coverage");
        grants_ = backends::read_grants(tx_);
        check_records();
        move_aside(has_rules, old.minor >= 1);
        tx_.become({kFormatMajor, kFormatMinor});
        tx_.execute_script(create_all_tables(tx_.engine(), tx_.format()));
        copy(store::format_table(), {});
        copy(store::structure_table(), {});
        copy(store::version_table(), {{"commitSeq", "NULL"}, {"columns", store::old_columns_sql(tx_.engine(), kOld)}});
        copy(store::element_table(), {});
        if (has_rules) copy(store::rule_table(), {});
        copy(index::name_table(), {{"viewName", "NULL"}});
        copy(index::policy_table(), has_coverage ? Map{} : Map{{"coverage", "NULL"}});
        copy_payloads();
        copy_rows(index::record_table(), {{"creationTime", index::old_creation_time()}},
                  [this](std::int64_t, const std::vector<Value>&) { report_record(); });
        // Entries before their snapshots: a frozen snapshot takes no more.
        copy(index::snapshot_entry_table(), {{"commitHash", "NULL"}});
        copy(index::snapshot_table(), {});
        copy(config_tree::node_table(), {});
        copy(config_tree::edge_table(), {});
        chain_commits();
        drop_old(has_rules);
        backends::write_set_proofs(tx_, compute_sets(tx_, [](const ProvedTable& table, std::int64_t id) {
                                       throw Error(ErrorCode::Internal,
                                                   {"a row that was just written is wrong", std::string(table.name()),
                                                    "", std::to_string(id), ""});
                                   }));
        index::rebuild_all_timelines(tx_);
        make_views();
        give_grants();
        make_tables_and_triggers(tx_);
        write_format(tx_, old.database_name, identity_.uid, identity_.entry_time);
    }

private:
    using Map = std::map<std::string_view, std::string>;

    /// What others could do with the tables and views that were made anew (PostgreSQL).
    void give_grants() {
        const auto give = [&](const std::string& relation, const backends::Grant& grant) {
            if (store::relation_exists(tx_, relation))
                backends::give_grant(tx_, {relation, grant.grantee, grant.privilege});
        };
        for (const auto& grant : grants_) {
            give(grant.relation, grant);
            // New tables are for those who had the records.
            if (grant.relation != "dataIndex") continue;
            for (const auto* relation :
                 {"setProof", "dataIndex_view", "timeline", "timelinePast", "object", "objectRef", "namedQuery"})
                give(relation, grant);
        }
    }

    /// What stands in the records is copied as it is; what it refers to has to be there.
    void check_records() {
        if (!index::is_counter_right(tx_)) {
            throw Error(ErrorCode::Corrupt,
                        {"the commit counter and the log of commits do not agree", place_, "the newest of commitLog",
                         "another number", "restore the database from a copy"});
        }
        if (const auto record = index::find_unfit_record(tx_)) {
            throw Error(ErrorCode::Corrupt,
                        {"a record and its payload do not agree",
                         fmt::format("{}: record with ID {} of {}", place_, record->id,
                                     record->name.value_or("a reference that is not there")),
                         "the payload with the record's struct, schema version and number of rows", "another, or none",
                         "retire the record and bring the database up to date then, or restore it from a copy"});
        }
    }

    /// Tables that are made anew; timelines are derived and simply go.
    static const std::vector<std::string>& tables() {
        static const std::vector<std::string> kTables{"storeFormat",  "structure", "schemaVersion",  "schema",
                                                      "schemaRule",   "namedRef",  "namedRefPolicy", "payload",
                                                      "dataIndex",    "snapshot",  "snapshotEntry",  "Nodes",
                                                      "NodeRelation", "commitLog"};
        return kTables;
    }

    void move_aside(bool has_rules, bool has_timelines) {
        identity_ = store::read_identity(tx_).value_or(store::PlaceIdentity{});
        views_ = index::read_view_names(tx_);
        // Views are derived and are made again; until then nothing shall hang on the tables.
        store::drop_view(tx_, "schemaMask");
        for (const auto& [name_id, view] : views_) store::drop_views(tx_, view);
        // In PostgreSQL they go with the tables.
        if (sqlite_) {
            for (const auto& table : tables()) backends::drop_triggers(tx_, table);
        }
        for (const auto* index :
             {"commitLog_entryTime", "dataIndex_begin", "dataIndex_commit", "dataIndex_winner", "dataIndex_end",
              "timeline_resumed", "timelinePast_to", "Nodes_key", "NodeRelation_parent", "NodeRelation_node"}) {
            backends::drop_index_if_exists(tx_, index);
        }
        if (has_timelines) {
            backends::drop_table(tx_, "timeline");
            backends::drop_table(tx_, "timelinePast");
        } else {
            backends::drop_table(tx_, "lengthClass");
        }
        for (const auto& table : tables()) {
            if (table == "schemaRule" && !has_rules) continue;
            backends::rename_table(tx_, table, std::string(kOld) + table);
        }
        // A struct's own table in the way of one of ours: by the rule for colliding names.
        std::set<std::string> ours{"setproof", "dataindex_view", "object", "objectref", "namedquery"};
        if (!has_rules) ours.insert("schemarule");
        if (!has_timelines) ours.insert({"timeline", "timelinepast"});
        for (const auto& [id, table] : store::find_row_tables_named(tx_, kOld, ours)) {
            const auto name = store::unused_relation_name(tx_, table, "struct_");
            backends::drop_triggers(tx_, table);
            backends::rename_table(tx_, table, name);
            tx_.execute_script(store::row_table_triggers(tx_.engine(), tx_.format(), name));
            store::set_row_table(tx_, kOld, id, name);
            payloads_.add_damage(fmt::format(
                "(renamed) the table {} of a struct is now called {}: the name is Etalon's own", table, name));
        }
    }

    /// Copies a table in order of its IDs with the checksums of its rows. `expressions` for columns that are not taken
    /// as they are; `complete(id, cells)` fills in what no expression gives.
    template <class Complete>
    void copy_rows(const ProvedTable& to, const Map& expressions, const Complete& complete) {
        const auto from = std::string(kOld) + std::string(to.name());
        std::int64_t last = -1;
        for (std::int64_t read = kPage; read == kPage;) {
            std::vector<std::pair<std::int64_t, std::vector<Value>>> rows;
            {
                const auto cursor = backends::read_page_for(tx_, to, from, expressions, last, kPage);
                while (cursor->next()) {
                    last = cursor->integer(0);
                    rows.emplace_back(last, to.read_cells(*cursor, 1));
                    complete(last, rows.back().second);
                }
            }
            read = static_cast<std::int64_t>(rows.size());
            write(to, rows);
        }
        if (last > 0) backends::continue_ids(tx_, to.name(), to.id(), last);
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
                      const auto& proved = payloads_.proof_of(id);
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
        Sha256 before{};
        std::int64_t last = 0;
        for (std::int64_t read = kPage; read == kPage;) {
            std::vector<std::pair<std::int64_t, std::vector<Value>>> rows;
            for (auto& [fields, has_comment] : index::read_old_commits(tx_, log, last, kPage)) {
                if (fields.seq != last + 1) {
                    throw Error(ErrorCode::Corrupt,
                                {"a commit is missing", place_, fmt::format("commit {} in commitLog", last + 1),
                                 fmt::format("commit {}", fields.seq), "restore the database from a copy"});
                }
                last = fields.seq;
                const auto& of = contents.at(last);
                fields.num_records = of.records;
                fields.written_root = of.root;
                const auto hash = index::commit_hash(before, fields);
                before = hash;
                rows.emplace_back(
                    last, std::vector<Value>{last, last, fields.entry_time, fields.author, fields.host, fields.program,
                                             fields.reason, has_comment ? Value{fields.comment} : Value{}, of.records,
                                             Bytes(of.root.begin(), of.root.end()), Bytes(hash.begin(), hash.end())});
            }
            read = static_cast<std::int64_t>(rows.size());
            write(to, rows);
        }
    }

    void drop_old(bool has_rules) {
        for (const auto& table : tables()) {
            if (table == "schemaRule" && !has_rules) continue;
            backends::drop_table(tx_, std::string(kOld) + table);
        }
    }

    void make_views() {
        store::SchemaCache cache;
        schema::LazyUnits units;
        const auto rules = store::read_rules(tx_, cache);
        store::RelationNames relations(tx_);
        for (auto& name : index::all_names(tx_, kPlusInfinity)) {
            if (name.storage != Storage::Columns) continue;
            const auto record = store::find_struct(tx_, name.struct_id);
            const auto schemas = store::read_schemas(tx_, name.struct_id, cache);
            const auto current =
                std::ranges::find_if(schemas, [&](const auto& one) { return one->schema_id == record->last_schema; });
            if (current == schemas.end() || (*current)->columns.empty()) continue;
            auto sections = rules.of(record->name);
            std::shared_ptr<const evolution::StructRules> of_struct;
            if (!sections.empty()) {
                std::vector<std::string> layouts;
                for (const auto& schema : schemas) layouts.push_back(evolution::layout_name(*schema->definition));
                of_struct = std::make_shared<const evolution::StructRules>(std::move(layouts), std::move(sections));
            }
            const auto view =
                store::create_views(tx_, relations, name.name, name.id, name.axis, "",
                                    store::ViewColumns::make(tx_.engine(), *record, schemas, units, of_struct.get()));
            index::set_view_name(tx_, name.id, view);
            const auto before = views_.find(name.id);
            if (before != views_.end() && before->second != view) {
                payloads_.add_damage(
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
    std::vector<backends::Grant> grants_;
    store::PlaceIdentity identity_;
};

/// From 2.0: two tables more, and one for named queries.
std::vector<std::string> add_object_tables(Connection& connection) {
    static const std::set<std::string> kNew{"object", "objectref", "namedquery"};
    std::vector<std::string> renamed;
    backends::change_tables(connection, [&](backends::TableLocks& locks) {
        renamed.clear();
        const auto tx = connection.begin(TransactionMode::Write);
        index::lock_tables(*tx, index::TableUse::Change, locks.left());
        const auto old = read_format(*tx, connection.place());
        if (backends::has_objects(StoreFormat{old.major, old.minor})) return;
        for (const auto& [id, table] : store::find_row_tables_named(*tx, "", kNew)) {
            if (!store::relation_exists(*tx, table)) continue;
            locks.lock_table(*tx, table);
            const auto name = store::unused_relation_name(*tx, table, "struct_");
            backends::drop_triggers(*tx, table);
            backends::rename_table(*tx, table, name);
            tx->execute_script(store::row_table_triggers(tx->engine(), tx->format(), name));
            store::rename_row_table(*tx, id, name);
            renamed.push_back(fmt::format(
                "(renamed) the table {} of a struct is now called {}: the name is Etalon's own", table, name));
        }
        check_vacant_for_upgrade(*tx, connection.place());
        const auto identity = store::read_identity(*tx).value_or(store::PlaceIdentity{});
        const auto grants = backends::read_grants(*tx);
        locks.limit(*tx);
        tx->become({kFormatMajor, kFormatMinor});
        make_tables_and_triggers(*tx);
        // New tables are for those who had the records.
        for (const auto& grant : grants) {
            if (grant.relation != "dataIndex") continue;
            for (const auto* relation : {"object", "objectRef", "namedQuery"})
                backends::give_grant(*tx, {relation, grant.grantee, grant.privilege});
        }
        write_format(*tx, old.database_name, identity.uid, identity.entry_time);
        tx->commit();
    });
    connection.set_format({kFormatMajor, kFormatMinor});
    return renamed;
}

}  // namespace

std::vector<std::string> upgrade_format(Connection& connection, const Progress& progress) {
    const auto before = read_format(*connection.begin(TransactionMode::Read), connection.place());
    connection.set_format({before.major, before.minor});
    if (before.major == kFormatMajor) {
        return before.minor < kFormatMinor ? add_object_tables(connection) : std::vector<std::string>();
    }
    std::uint64_t records = 0;
    {
        const auto tx = connection.begin(TransactionMode::Read);
        records = index::count_records(*tx);
    }
    PayloadProver payloads(progress, records);
    {
        const auto tx = connection.begin(TransactionMode::Read);
        payloads.read_new(*tx);
    }
    bool is_done = false;
    backends::change_tables(connection, [&](backends::TableLocks& locks) {
        const auto tx = connection.begin(TransactionMode::Write);
        // Alone from here on: no writer is inside a commit, none begins.
        index::lock_for_upgrade(*tx, locks);
        const auto old = read_format(*tx, connection.place());
        is_done = old.major >= kFormatMajor;
        if (is_done) return;
        payloads.read_new(*tx);
        Converter(*tx, connection.place(), progress, payloads, records).run(old);
        tx->commit();
    });
    if (is_done) return {};
    connection.set_format({kFormatMajor, kFormatMinor});
    if (progress) progress(payloads.total() + 2 * records, payloads.total() + 2 * records);
    return payloads.take_damage();
}

}  // namespace etalon::place
