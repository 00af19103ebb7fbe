// What is checked of a place, in the order of what depends on what: tables and triggers, rows, sets, the chain, schema
// versions, records and payloads, timelines, views, trees, snapshots.

#include "database/audit/verifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "backends/proof.h"
#include "base/bytes.h"
#include "base/nearest.h"
#include "config_tree/nodes.h"
#include "config_tree/tables.h"
#include "etalon/error.h"
#include "index/commits.h"
#include "index/names.h"
#include "index/snapshots.h"
#include "index/stretches.h"
#include "index/tables.h"
#include "layers/stack.h"
#include "place/format.h"
#include "place/proofs.h"
#include "place/registrar.h"
#include "place/writer.h"
#include "schema/definition.h"
#include "store/payload.h"
#include "store/relation_names.h"
#include "store/tables.h"

namespace etalon::database {

using backends::Engine;
using backends::ProvedTable;
using backends::SetKind;
using backends::SetSum;
using backends::Sql;
using backends::Transaction;
using backends::TransactionMode;
using backends::Value;
using place::Place;

namespace {

constexpr const char* kRestore = "restore it from a copy";
constexpr const char* kRepair = "'etalon verify --repair' makes it anew";

/// Checks one place.
class Verifier {
public:
    Verifier(Place& place, Transaction& tx, const VerifyOptions& options, const Progress& progress,
             VerifyReport& report)
        : place_(place), tx_(tx), options_(options), progress_(progress), report_(report) {}

    void run() {
        // Without a table nothing that reads it can be asked.
        if (!check_relations()) return;
        check_triggers();
        check_format();
        check_sets();
        check_chain();
        check_versions();
        check_names();
        check_payload_rows();
        check_records();
        check_strays();
        if (options_.deep) check_payloads();
        check_timelines();
        check_views();
        check_trees();
        check_snapshots();
    }

    /// What a repair has to do.
    std::set<std::int64_t> bad_timelines;      ///< names
    std::map<place::SetKey, SetSum> bad_sets;  ///< whose rows are whole, with the sums that these have
    bool bad_views = false;
    bool chain_holds = true;

private:
    VerifyFinding& add(std::string table, std::string key, std::string what, std::string expected = {},
                       std::string found = {}, std::string advice = kRestore) {
        report_.findings.push_back({place_.connection().place(), std::move(table), std::move(key), std::move(what),
                                    std::move(expected), std::move(found), std::move(advice), false, false});
        return report_.findings.back();
    }
    void step(std::uint64_t more = 1) {
        done_ += more;
        if (progress_) progress_(done_, std::max(total_, done_));
    }
    std::int64_t count(const std::string& sql) {
        const auto cursor = tx_.query(Sql(sql), {});
        return cursor->next() ? cursor->integer(0) : 0;
    }
    /// Runs a check that reads through the rooms: what they refuse is a finding.
    template <class Check>
    bool guarded(const std::string& table, const std::string& key, const Check& check) {
        try {
            check();
            return true;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Corrupt) throw;
            const auto& info = error.info();
            add(table, key.empty() ? info.where : key, info.what, info.expected, info.found, kRestore);
            return false;
        }
    }

    /// Every table of ours is one, and has its columns.
    bool check_relations() {
        bool all = true;
        std::set<std::string> wanted{"storeFormat", "commitCounter", "bytes", "setProof", "timeline", "timelinePast"};
        for (const auto* table : place::proved_tables()) wanted.emplace(table->name());
        for (const auto& name : wanted) {
            const auto cursor =
                tx_.engine() == Engine::Sqlite
                    ? tx_.query(
                          Sql(R"(SELECT "type" FROM sqlite_master WHERE "name" = ?1 AND "type" IN ('table', 'view'))"),
                          {name})
                    : tx_.query(
                          Sql(R"(SELECT CASE c.relkind WHEN 'r' THEN 'table' ELSE 'view' END FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relname = ?1)"),
                          {name});
            if (!cursor->next()) {
                add(name, "", "a table is missing", "the table", "none");
            } else if (cursor->text(0) != "table") {
                add(name, "", "a table is not one", "a table", std::string(cursor->text(0)));
            } else {
                continue;
            }
            all = false;
        }
        if (!all) return false;
        total_ = static_cast<std::uint64_t>(count(R"(SELECT count(*) FROM "dataIndex")") * 3 +
                                            count(R"(SELECT count(*) FROM "payload")") * (options_.deep ? 2 : 1));
        return true;
    }

    void check_triggers() {
        std::string ddl = place::create_all_tables(tx_.engine());
        for (const auto& [id, table] : row_tables()) ddl += store::row_table_triggers(tx_.engine(), table);
        static const std::regex kTrigger(
            R"re(TRIGGER (?:IF NOT EXISTS )?"((?:[^"]|"")+)" BEFORE [^;]*? ON "((?:[^"]|"")+)")re");
        const auto plain = [](std::string name) {
            for (auto at = name.find("\"\""); at != std::string::npos; at = name.find("\"\"", at + 1))
                name.erase(at, 1);
            return name;
        };
        std::set<std::pair<std::string, std::string>> expected;  // table, trigger
        std::set<std::string> tables;
        for (std::sregex_iterator at(ddl.begin(), ddl.end(), kTrigger), end; at != end; ++at) {
            expected.emplace(plain((*at)[2]), plain((*at)[1]));
            tables.insert(plain((*at)[2]));
        }
        for (const auto* own : {"timeline", "timelinePast", "setProof", "storeFormat", "structure", "commitCounter"})
            tables.insert(own);
        const auto cursor =
            tx_.engine() == Engine::Sqlite
                ? tx_.query(Sql(R"(SELECT "tbl_name", "name", 1 FROM sqlite_master WHERE "type" = 'trigger')"), {})
                : tx_.query(Sql(R"(SELECT c.relname::text, t.tgname::text, CASE WHEN t.tgenabled = 'D' THEN 0 ELSE 1 END
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND n.nspname = current_schema())"),
                            {});
        constexpr const char* kInit = "'etalon init' makes the triggers anew";
        while (cursor->next()) {
            const std::pair key{std::string(cursor->text(0)), std::string(cursor->text(1))};
            const auto known = expected.find(key);
            if (known != expected.end()) {
                if (cursor->integer(2) == 0)
                    add(key.first, key.second, "a trigger is switched off", "enabled", "disabled",
                        "enable it, or drop it and run 'etalon init'");
                expected.erase(known);
            } else if (tables.contains(key.first)) {
                add(key.first, key.second, "a trigger that is not Etalon's stands on one of its tables", "none",
                    key.second, "see what it does, and drop it");
            }
        }
        for (const auto& [table, trigger] : expected) {
            add(table, trigger, "a trigger that keeps rows from being changed is missing", trigger, "none", kInit);
        }
    }

    const std::map<std::int64_t, std::string>& row_tables() {
        if (!row_tables_.empty()) return row_tables_;
        const auto cursor =
            tx_.query(Sql(R"(SELECT "ID", "tableName" FROM "structure" WHERE "tableName" IS NOT NULL)"), {});
        while (cursor->next()) {
            const std::string table(cursor->text(1));
            // It is made with the first version that fits.
            if (!exists(table)) {
                missing_tables_.insert(table);
                continue;
            }
            row_tables_[cursor->integer(0)] = table;
        }
        return row_tables_;
    }
    bool exists(const std::string& relation) { return store::relation_exists(tx_, relation); }

    void check_format() {
        const auto& table = place::format_table();
        const auto cursor =
            tx_.query(Sql(fmt::format(R"(SELECT {} FROM "storeFormat" f ORDER BY f."ID")", table.select("f"))), {});
        while (cursor->next()) {
            // A program of a later format may have its own way; its rows of this major number have checksums too.
            if (!table.is_whole(*cursor, 0)) {
                add("storeFormat", fmt::format("ID {}", cursor->integer(0)), "a row does not have its checksum",
                    "the row as it was written", "changed cells");
            }
        }
    }

    void check_sets() {
        auto found = place::compute_sets(tx_, [&](const ProvedTable& table, std::int64_t id) {
            add(std::string(table.name()), fmt::format("ID {}", id), "a row does not have its checksum",
                "the row as it was written", "changed cells");
            bad_rows_.emplace(table.name(), id);
            bad_tables_.emplace(table.name());
        });
        for (const auto& [key, sum] : found) report_.rows += static_cast<std::uint64_t>(sum.count);
        std::map<place::SetKey, SetSum> proofs;
        {
            const auto cursor =
                tx_.query(Sql(R"(SELECT "setKind", "ownerID", "rowCount", "rowSum" FROM "setProof")"), {});
            while (cursor->next()) {
                proofs[{static_cast<SetKind>(cursor->integer(0)), cursor->integer(1)}] =
                    backends::read_joined_proof(*cursor, 2);
            }
        }
        for (const auto& [key, proof] : proofs) found.try_emplace(key);
        for (const auto& [key, sum] : found) {
            const auto proof = proofs[key];
            if (sum == proof) continue;
            // What the chain of commits says is there; of other sets nobody knows whether a row was lost.
            const bool chained = key.first == SetKind::Policies || key.first == SetKind::Rules ||
                                 key.first == SetKind::Nodes || key.first == SetKind::Edges ||
                                 key.first == SetKind::Snapshots || key.first == SetKind::Records;
            const bool rows_are_whole = std::ranges::none_of(place::set_sources(), [&](const auto& source) {
                return source.kind == key.first && bad_tables_.contains(std::string(source.table->name()));
            });
            if (chained && rows_are_whole) bad_sets.emplace(key, sum);
            auto& finding =
                add("setProof", fmt::format("{} of owner {}", backends::name_of(key.first), key.second),
                    sum.count == proof.count ? "a set of rows is not the one that was written"
                                             : "rows of a set are missing or too many",
                    fmt::format("{} rows with the sum {}", proof.count, static_cast<std::int64_t>(proof.sum)),
                    fmt::format("{} rows with the sum {}", sum.count, static_cast<std::int64_t>(sum.sum)),
                    chained ? "if no row is missing (the chain holds), 'etalon verify --repair' makes the proof anew; "
                              "else restore the rows from a copy"
                            : kRestore);
            finding.repairable = chained && rows_are_whole;
        }
    }

    void check_chain() {
        const auto& table = index::commit_table();
        std::map<std::int64_t, place::CommitContents> contents;
        try {
            contents = place::compute_contents(tx_, "commitLog");
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Corrupt && error.code() != ErrorCode::BadInput) throw;
            chain_holds = false;
            add("commitLog", "", "what commits wrote cannot be read: " + error.info().what, error.info().expected,
                error.info().found);
            return;
        }
        std::int64_t last = 0;
        std::int64_t last_time = 0;
        Sha256 before{};
        const auto broken = [&](std::int64_t seq, std::string what, std::string expected, std::string found) {
            chain_holds = false;
            add("commitLog", fmt::format("commit {}", seq), std::move(what), std::move(expected), std::move(found));
        };
        {
            const auto cursor = tx_.query(
                Sql(fmt::format(R"(SELECT {} FROM "commitLog" c ORDER BY c."commitSeq")", table.select("c"))), {});
            while (cursor->next()) {
                ++report_.commits;
                const auto fields = index::read_commit_fields(*cursor, 0);
                if (fields.seq != last + 1) broken(last + 1, "a commit is missing", "every number once", "none");
                if (fields.entry_time <= last_time)
                    broken(fields.seq, "a commit is not later than the one before", "a later entry time",
                           std::to_string(fields.entry_time));
                if (!table.is_whole(*cursor, 0)) {
                    broken(fields.seq, "a row does not have its checksum", "the row as it was written",
                           "changed cells");
                }
                const auto hash = cursor->bytes(table.at("commitHash"));
                Sha256 own{};
                if (hash.size() == own.size()) std::copy(hash.begin(), hash.end(), own.begin());
                const auto computed = index::commit_hash(before, fields);
                if (computed != own)
                    broken(fields.seq, "the chain of commits is broken", to_hex(computed), to_hex(own));
                const auto of = contents.find(fields.seq);
                const place::CommitContents written =
                    of == contents.end() ? place::CommitContents{sha256({}), 0} : of->second;
                if (written.root != fields.written_root) {
                    broken(fields.seq, "what a commit wrote is not there any more, or not as it was",
                           "the Merkle root " + to_hex(fields.written_root), to_hex(written.root));
                }
                if (written.records != fields.num_records) {
                    broken(fields.seq, "a commit has another number of records", std::to_string(fields.num_records),
                           std::to_string(written.records));
                }
                before = own;
                last = fields.seq;
                last_time = fields.entry_time;
            }
        }
        for (const auto& [commit, of] : contents) {
            if (commit >= 1 && commit <= last) continue;
            chain_holds = false;
            add("commitLog", fmt::format("commit {}", commit), "rows name a commit that is not there",
                fmt::format("a commit from 1 to {}", last), fmt::format("{} records", of.records));
        }
        const auto cursor =
            tx_.query(Sql(R"(SELECT "lastSeq", "lastEntryTime", "ID" FROM "commitCounter" ORDER BY "ID" <> 1)"), {});
        if (!cursor->next() || cursor->integer(2) != 1) {
            add("commitCounter", "", "the counter has no row", "one row with ID 1", "none");
        } else if (cursor->integer(0) != last || cursor->integer(1) != last_time) {
            add("commitCounter", "", "the counter is not at the newest commit",
                fmt::format("{}, entered at {}", last, last_time),
                fmt::format("{}, entered at {}", cursor->integer(0), cursor->integer(1)));
        } else if (cursor->next()) {
            add("commitCounter", "", "the counter has several rows", "one row", "more");
        }
        step(static_cast<std::uint64_t>(count(R"(SELECT count(*) FROM "dataIndex")")));
    }

    /// Definitions have their hashes, elements are those of their definition.
    void check_versions() {
        store::SchemaCache cache;
        std::vector<store::StructRecord> structs;
        {
            const auto cursor = tx_.query(
                Sql(fmt::format(R"(SELECT {} FROM "structure" x)", store::structure_table().select("x"))), {});
            while (cursor->next()) {
                guarded("structure", fmt::format("ID {}", cursor->integer(0)),
                        [&] { structs.push_back(store::read_proved_struct(*cursor, 0)); });
            }
        }
        const auto& elements = store::element_table();
        for (const auto& record : structs) {
            struct Version {
                store::SchemaPtr schema;
                Bytes hash;
            };
            std::vector<Version> versions;
            {
                const auto& table = store::version_table();
                const auto cursor = tx_.query(
                    Sql(fmt::format(R"(SELECT {} FROM "schemaVersion" v WHERE v."structID" = ?1 ORDER BY v."schemaID")",
                                    table.select("v"))),
                    {record.id});
                while (cursor->next()) {
                    if (bad_rows_.contains({"schemaVersion", cursor->integer(0)})) continue;
                    guarded("schemaVersion", fmt::format("ID {}", cursor->integer(0)), [&] {
                        const auto hash = cursor->bytes(table.at("definitionHash"));
                        versions.push_back(
                            {store::read_proved_version(*cursor, 0, cache), Bytes(hash.begin(), hash.end())});
                    });
                }
            }
            if (missing_tables_.contains(record.table_name) &&
                std::ranges::any_of(versions, [](const auto& one) { return !one.schema->columns.empty(); })) {
                add(record.table_name, "struct " + record.name, "the row table of a struct is missing", "the table",
                    "none");
            }
            const bool has_current = std::ranges::any_of(
                versions, [&](const auto& one) { return one.schema->schema_id == record.last_schema; });
            if (!has_current)
                add("structure", record.name, "the current schema version is not recorded", "one of its versions",
                    std::to_string(record.last_schema));
            for (const auto& [schema, hash] : versions) {
                const auto key = fmt::format("struct {}, schema {}", record.name, schema->schema_id);
                if (!std::ranges::equal(schema::definition_hash(*schema->definition), hash)) {
                    add("schemaVersion", key, "a definition does not have its hash", "its hash", to_hex(hash));
                }
                std::size_t at = 0;
                bool same = true;
                const auto cursor = tx_.query(
                    Sql(fmt::format(
                        R"(SELECT {} FROM "schema" x WHERE x."structID" = ?1 AND x."schemaID" = ?2 ORDER BY x."position")",
                        elements.select("x"))),
                    {record.id, schema->schema_id});
                while (cursor->next()) {
                    if (at >= schema->definition->elements.size()) {
                        same = false;
                        break;
                    }
                    const auto& element = schema->definition->elements[at];
                    const int column = elements.at("columnName");
                    const std::string name(cursor->is_null(column) ? std::string_view() : cursor->text(column));
                    const auto text = [&](const char* of) {
                        const int cell = elements.at(of);
                        return cursor->is_null(cell) ? std::string() : std::string(cursor->text(cell));
                    };
                    same = same && text("unit") == element.unit && text("renamedFrom") == element.renamed_from &&
                           text("default") == element.default_value.value_or("") &&
                           text("comment") == element.comment && text("structName") == record.name &&
                           cursor->integer(elements.at("length")) == static_cast<std::int64_t>(element.count());
                    same = same && cursor->text(elements.at("name")) == element.path &&
                           cursor->text(elements.at("type")) == name_of(element.type) &&
                           cursor->integer(elements.at("offset")) == static_cast<std::int64_t>(element.offset) &&
                           name == (schema->columns.empty() ? std::string() : schema->columns[at]);
                    ++at;
                }
                if (!same || at != schema->definition->elements.size()) {
                    add("schema", key, "the elements of a schema version are not those of its definition",
                        fmt::format("{} elements as defined", schema->definition->elements.size()), "others");
                }
            }
        }
    }

    void check_names() {
        guarded("namedRef", "", [&] {
            for (auto& name : index::all_names(tx_, kPlusInfinity)) {
                if (!options_.names.empty() && std::ranges::find(options_.names, name.name) == options_.names.end())
                    continue;
                names_.push_back(std::move(name));
            }
        });
        for (const auto& wanted : options_.names) {
            if (std::ranges::any_of(names_, [&](const auto& name) { return name.name == wanted; })) continue;
            const auto near = index::similar_names(tx_, wanted);
            throw Error(ErrorCode::Unknown,
                        {"unknown named reference", "database " + place_.name(), "a registered name",
                         fmt::format("'{}'", wanted), did_you_mean(wanted, near)});
        }
        if (!names_.empty() || !options_.names.empty()) return;
        // Their proof failed; the timelines of what is there are checked all the same.
        const auto cursor = tx_.query(Sql(R"(SELECT "ID", "name", "structID", "axis" FROM "namedRef")"), {});
        while (cursor->next()) {
            index::NameRecord name;
            name.id = cursor->integer(0);
            name.name = cursor->text(1);
            name.struct_id = cursor->integer(2);
            name.axis = static_cast<Axis>(cursor->integer(3));
            names_.push_back(std::move(name));
        }
    }

    void check_payload_rows() {
        const auto& table = backends::payload_table();
        const Sql sql(fmt::format(
            R"(SELECT {}, p."dataID" FROM "payload" p WHERE p."dataID" > ?1 ORDER BY p."dataID" LIMIT 20000)",
            table.select("p")));
        std::int64_t last = -1;
        for (std::int64_t read = 20'000; read == 20'000;) {
            read = 0;
            const auto cursor = tx_.query(sql, {last});
            while (cursor->next()) {
                ++read;
                last = cursor->integer(table.width());
                ++report_.rows;
                if (!table.is_whole(*cursor, 0)) {
                    add("payload", fmt::format("dataID {}", last), "a row does not have its checksum",
                        "the row as it was written", "changed cells");
                    continue;
                }
                if (cursor->is_null(table.at("rowsChecksum"))) {
                    add("payload", fmt::format("dataID {}", last),
                        "the rows were damaged before the database was brought to this format",
                        "rows with their content hash", "others", "commit these values again");
                }
            }
            step(static_cast<std::uint64_t>(read));
        }
    }

    void check_records() {
        const Sql sql(
            R"(SELECT d."ID", d."schemaID", d."numRows", d."dataID", n."structID", p."structID", p."schemaID", p."numRows", n."name"
FROM "dataIndex" d LEFT JOIN "namedRef" n ON n."ID" = d."nameID" LEFT JOIN "payload" p ON p."dataID" = d."dataID"
WHERE d."ID" > ?1 ORDER BY d."ID" LIMIT 20000)");
        std::int64_t last = -1;
        for (std::int64_t read = 20'000; read == 20'000;) {
            read = 0;
            const auto cursor = tx_.query(sql, {last});
            while (cursor->next()) {
                ++read;
                last = cursor->integer(0);
                const auto key = fmt::format("ID {}", last);
                if (cursor->is_null(4)) {
                    add("dataIndex", key, "a record of a named reference that is not there", "a row of namedRef",
                        "none");
                    continue;
                }
                if (cursor->is_null(3)) continue;
                if (cursor->is_null(5)) {
                    add("payload",
                        fmt::format("dataID {}, of record {} of {}", cursor->integer(3), last, cursor->text(8)),
                        "the payload of a record is missing", "its row", "none");
                } else if (cursor->integer(4) != cursor->integer(5) || cursor->integer(1) != cursor->integer(6) ||
                           cursor->integer(2) != cursor->integer(7)) {
                    add("dataIndex", key, "a record and its payload do not agree",
                        "the same struct, schema version and number of rows", "others");
                }
            }
            step(static_cast<std::uint64_t>(read));
        }
    }

    /// Rows that belong to nothing.
    void check_strays() {
        const auto look = [&](const std::string& table, const std::string& sql) {
            const auto strays = count(sql);
            if (strays != 0)
                add(table, fmt::format("{} rows", strays), "rows that belong to nothing", "none",
                    std::to_string(strays), "find out who wrote them");
        };
        for (const auto& [id, table] : row_tables()) {
            const auto name = backends::quote_identifier(table);
            if (!has_columns(table, store::SchemaRecord{})) {
                add(table, "", "the row table of a struct is not one", "columns dataID and rowNumber", "others");
                continue;
            }
            look(
                table,
                fmt::format(
                    R"(SELECT count(*) FROM {} r WHERE NOT EXISTS (SELECT 1 FROM "payload" p WHERE p."dataID" = r."dataID"
AND p."structID" = {} AND p."encoding" = 1 AND r."rowNumber" >= 0 AND r."rowNumber" < p."numRows"))",
                    name, id));
            check_unused_columns(id, table);
            look(table,
                 fmt::format(
                     R"(SELECT count(*) FROM "payload" p WHERE p."structID" = {} AND p."encoding" = 1 AND p."numRows" <>
(SELECT count(*) FROM {} r WHERE r."dataID" = p."dataID"))",
                     id, name));
        }
        look(
            "bytes",
            R"(SELECT count(*) FROM "bytes" b WHERE NOT EXISTS (SELECT 1 FROM "payload" p WHERE p."dataID" = b."dataID" AND p."encoding" = 2))");
        look(
            "bytes",
            R"(SELECT count(*) FROM "payload" p WHERE p."encoding" = 2 AND p."numRows" > 0 AND NOT EXISTS (SELECT 1 FROM "bytes" b
WHERE b."dataID" = p."dataID" AND b."chunk" = 0))");
        for (const auto* table : {"timeline", "timelinePast"}) {
            look(
                table,
                fmt::format(
                    R"(SELECT count(*) FROM "{}" t WHERE NOT EXISTS (SELECT 1 FROM "namedRef" n WHERE n."ID" = t."nameID"))",
                    table));
        }
        for (const auto* table : {"schemaVersion", "schema", "schemaRule"}) {
            look(
                table,
                fmt::format(
                    R"(SELECT count(*) FROM "{}" t WHERE NOT EXISTS (SELECT 1 FROM "structure" s WHERE s."ID" = t."structID"))",
                    table));
        }
        look(
            "namedRefPolicy",
            R"(SELECT count(*) FROM "namedRefPolicy" t WHERE NOT EXISTS (SELECT 1 FROM "namedRef" n WHERE n."ID" = t."nameID"))");
        look(
            "NodeRelation",
            R"(SELECT count(*) FROM "NodeRelation" r WHERE NOT EXISTS (SELECT 1 FROM "Nodes" n WHERE n."ID" = r."NodeID")
OR NOT EXISTS (SELECT 1 FROM "Nodes" n WHERE n."ID" = r."ParentID"))");
    }

    /// Columns of other schema versions are empty in a row.
    void check_unused_columns(std::int64_t struct_id, const std::string& table) {
        store::SchemaCache cache;
        std::vector<store::SchemaPtr> versions;
        if (!guarded("schemaVersion", fmt::format("structID {}", struct_id),
                     [&] { versions = store::read_schemas(tx_, struct_id, cache); }))
            return;
        std::set<std::string> all;
        for (const auto& version : versions) all.insert(version->columns.begin(), version->columns.end());
        for (const auto& version : versions) {
            std::string condition;
            for (const auto& column : all) {
                if (std::ranges::find(version->columns, column) != version->columns.end()) continue;
                condition +=
                    (condition.empty() ? "" : " OR ") + ("r." + backends::quote_identifier(column) + " IS NOT NULL");
            }
            if (condition.empty() || version->columns.empty() || !has_columns(table, *version)) continue;
            const auto used = count(fmt::format(
                R"(SELECT count(*) FROM {} r JOIN "payload" p ON p."dataID" = r."dataID" WHERE p."structID" = {}
AND p."schemaID" = {} AND ({}))",
                backends::quote_identifier(table), struct_id, version->schema_id, condition));
            if (used != 0) {
                add(table, fmt::format("{} rows of schema {}", used, version->schema_id),
                    "columns of other schema versions are not empty", "NULL", "values",
                    "no read uses them; set them to NULL");
            }
        }
    }

    struct PayloadRow {
        std::int64_t id, of_struct, schema, encoding, rows;
        Bytes hash;
        std::optional<std::int64_t> checksum;
        Bytes parts;
    };

    void check_payloads() {
        const Sql sql(
            R"(SELECT "dataID", "structID", "schemaID", "encoding", "numRows", "contentHash", "rowsChecksum", "partChecksums" FROM "payload"
WHERE "dataID" > ?1 ORDER BY "dataID" LIMIT 1000)");
        std::map<std::int64_t, std::vector<store::SchemaPtr>> schemas;
        store::SchemaCache cache;
        std::int64_t last = -1;
        for (std::size_t read = 1000; read == 1000;) {
            std::vector<PayloadRow> rows;
            {
                const auto cursor = tx_.query(sql, {last});
                while (cursor->next()) {
                    const auto hash = cursor->bytes(5);
                    const auto parts = cursor->is_null(7) ? std::span<const std::byte>() : cursor->bytes(7);
                    rows.push_back({cursor->integer(0), cursor->integer(1), cursor->integer(2), cursor->integer(3),
                                    cursor->integer(4), Bytes(hash.begin(), hash.end()), cursor->find_integer(6),
                                    Bytes(parts.begin(), parts.end())});
                    last = rows.back().id;
                }
            }
            read = rows.size();
            for (const auto& row : rows) {
                ++report_.payloads;
                check_payload(row, schemas, cache);
                step();
            }
        }
    }

    void check_payload(const PayloadRow& row, std::map<std::int64_t, std::vector<store::SchemaPtr>>& schemas,
                       store::SchemaCache& cache) {
        const auto key = fmt::format("dataID {}", row.id);
        constexpr const char* kAgain =
            "restore the rows from a copy, or commit these values again: they are stored anew then";
        guarded("payload", key, [&] {
            auto [known, is_new] = schemas.try_emplace(row.of_struct);
            if (is_new) known->second = store::read_schemas(tx_, row.of_struct, cache);
            const auto schema =
                std::ranges::find_if(known->second, [&](const auto& one) { return one->schema_id == row.schema; });
            if (schema == known->second.end()) {
                add("payload", key, "rows of a schema version that is not there", "a recorded schema version",
                    std::to_string(row.schema));
                return;
            }
            const auto storage = static_cast<Storage>(row.encoding);
            const auto rows = static_cast<std::uint64_t>(row.rows);
            const auto table = row_tables().find(row.of_struct);
            if (storage == Storage::Columns && table != row_tables().end() && !has_columns(table->second, **schema)) {
                add("payload", key, "the table of the rows does not have their columns", table->second,
                    "other columns");
                return;
            }
            if (storage == Storage::Columns && table == row_tables().end()) {
                add("payload", key, "the table of the rows is not there", "a row table", "none");
                return;
            }
            const auto block = store::read_rows(
                tx_, **schema, storage == Storage::Columns ? table->second : std::string(), storage, row.id, rows);
            const auto hash = schema::content_hash(block);
            if (!std::ranges::equal(hash, row.hash)) {
                add("payload", key, "the rows do not have their content hash", to_hex(row.hash), to_hex(hash), kAgain);
                return;
            }
            const auto parts = store::parts_of(block, storage);
            const auto checksum = store::rows_checksum(rows, parts);
            if (row.checksum && checksum != *row.checksum) {
                add("payload", key, "the checksum of the rows is not theirs", std::to_string(checksum),
                    std::to_string(*row.checksum));
            }
            if (!row.parts.empty() && !std::ranges::equal(std::as_bytes(std::span(parts)), row.parts)) {
                add("payload", key, "the part checksums are not those of the rows", "theirs", "others");
            }
        });
    }

    /// A statement that names a column that is not there would end the transaction.
    bool has_columns(const std::string& table, const store::SchemaRecord& schema) {
        auto [known, is_new] = columns_of_.try_emplace(table);
        if (is_new) {
            const auto cursor =
                tx_.engine() == Engine::Sqlite
                    ? tx_.query(Sql(R"(SELECT "name" FROM pragma_table_info(?1))"), {table})
                    : tx_.query(
                          Sql(R"(SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema()
AND table_name = ?1)"),
                          {table});
            while (cursor->next()) known->second.emplace(cursor->text(0));
        }
        const auto& there = known->second;
        return there.contains("dataID") && there.contains("rowNumber") &&
               std::ranges::all_of(schema.columns, [&](const auto& column) { return there.contains(column); });
    }

    void check_timelines() {
        for (const auto& name : names_) {
            index::NameHistory history;
            const bool whole = guarded("dataIndex", "records of " + name.name,
                                       [&] { history = index::read_name_history(tx_, name.id); });
            const auto stored = index::read_stored_timelines(tx_, name.id);
            std::uint64_t records = 0;
            if (!whole) {
                for (const auto& [key, timeline] : stored) {
                    if (!timeline.sound) add_timeline(name, key, "a stretch does not have its checksum", false);
                }
                continue;
            }
            std::map<index::TimelineKey, index::WholeTimeline> computed;
            const bool played = guarded("namedRefPolicy", "policies of " + name.name, [&] {
                for (auto& [key, lifetimes] : history.records) {
                    records += lifetimes.size();
                    computed[key] = index::play_timeline(std::move(lifetimes), history.policies);
                }
            });
            if (!played) continue;
            for (const auto& [key, timeline] : computed) {
                ++report_.timelines;
                const auto found = stored.find(key);
                if (found == stored.end()) {
                    add_timeline(name, key, "a timeline is missing", true);
                } else if (!found->second.sound || !same(key, timeline, found->second.whole)) {
                    add_timeline(name, key, "a timeline is not the one of its records", true);
                }
            }
            for (const auto& [key, timeline] : stored) {
                if (!computed.contains(key)) add_timeline(name, key, "a timeline without records", true);
            }
            step(records);
        }
    }

    void add_timeline(const index::NameRecord& name, const index::TimelineKey& key, std::string what, bool repairable) {
        auto& finding =
            add("timeline", fmt::format("{}, element {}, version {}", name.name, key.element, key.version),
                std::move(what), "the stretches that its records give", "others", repairable ? kRepair : kRestore);
        finding.repairable = repairable;
        if (repairable) bad_timelines.insert(name.id);
    }

    /// Checksums have everything in them.
    static bool same(const index::TimelineKey& key, const index::WholeTimeline& a, const index::WholeTimeline& b) {
        const auto list = [&](const index::WholeTimeline& whole) {
            std::vector<std::int64_t> all;
            for (const auto& [begin, stretch] : whole.now) all.push_back(stretch.checksum(key));
            for (const auto& stretch : whole.past) all.push_back(stretch.checksum(key));
            std::sort(all.begin(), all.end());
            return all;
        };
        return list(a) == list(b);
    }

    void check_views() {
        for (const auto& name : names_) {
            if (name.view_name.empty() || exists(name.view_name)) continue;
            bad_views = true;
            add("namedRef", name.name, "the readable view of a reference is missing", name.view_name, "none", kRepair)
                .repairable = true;
        }
        for (const auto* view : {"schemaMask", "dataIndex_view"}) {
            if (!exists(view)) add(view, "", "a view is missing", "the view", "none", "'etalon init' makes it anew");
        }
    }

    void check_trees() {
        std::vector<config_tree::ReferenceUse> uses;
        if (!guarded("Nodes", "", [&] { uses = config_tree::read_uses(tx_, kPlusInfinity); })) return;
        std::set<std::string> known;
        {
            const auto cursor = tx_.query(Sql(R"(SELECT "name" FROM "namedRef")"), {});
            while (cursor->next()) known.emplace(cursor->text(0));
        }
        for (const auto& use : uses) {
            if (known.contains(use.ref_name)) continue;
            add("Nodes", fmt::format("configuration {} key {}", use.root, use.key),
                "a node names a reference that is not there", "a named reference", use.ref_name);
        }
        guarded("Nodes", "", [&] {
            const auto orphans = config_tree::find_orphans(tx_, kPlusInfinity);
            if (!orphans.empty()) {
                add("Nodes", orphans.front(), "configuration nodes that hang on no root", "every node below a Config",
                    fmt::format("{} without", orphans.size()));
            }
            for (const auto& root : config_tree::read_roots(tx_, kPlusInfinity))
                (void)config_tree::read_tree(tx_, root.name, root.key, kPlusInfinity);
        });
    }

    void check_snapshots() {
        std::vector<index::SnapshotRecord> snapshots;
        if (!guarded("snapshot", "", [&] { snapshots = index::all_snapshots(tx_); })) return;
        std::string uid;
        {
            const auto cursor =
                tx_.query(Sql(R"(SELECT "placeUid" FROM "storeFormat" ORDER BY "ID" DESC LIMIT 1)"), {});
            if (cursor->next()) uid = to_hex(cursor->bytes(0));
        }
        for (const auto& snapshot : snapshots) {
            for (const auto& entry : snapshot.entries) {
                if (entry.place != uid || entry.hash.empty()) continue;
                try {
                    index::check_commit_hash(tx_, entry.commit, entry.hash, place_.connection().place());
                } catch (const Error& error) {
                    if (error.code() != ErrorCode::Refused && error.code() != ErrorCode::Corrupt) throw;
                    add("snapshotEntry", fmt::format("snapshot {}, pattern {}", snapshot.name, entry.pattern),
                        error.info().what, fmt::format("commit {}-{}", entry.commit, entry.hash.substr(0, 16)),
                        error.info().found);
                }
            }
        }
    }

    Place& place_;
    Transaction& tx_;
    const VerifyOptions& options_;
    const Progress& progress_;
    VerifyReport& report_;
    std::uint64_t done_ = 0;
    std::uint64_t total_ = 1;
    std::map<std::int64_t, std::string> row_tables_;
    std::map<std::string, std::set<std::string>> columns_of_;
    std::set<std::string> missing_tables_;
    std::set<std::pair<std::string, std::int64_t>> bad_rows_;
    std::set<std::string> bad_tables_;
    std::vector<index::NameRecord> names_;
};

/// Makes anew what is derived, in one commit.
void repair(Place& place, const Verifier& found, const VerifyOptions& options, VerifyReport& report) {
    // Without the chain nobody knows whether what things are made from is all there.
    const bool derived = found.chain_holds;
    const bool sets = derived && !found.bad_sets.empty();
    const bool timelines = derived && !found.bad_timelines.empty();
    if (!timelines && !sets && !found.bad_views) return;
    const auto tx = place.connection().begin(TransactionMode::Write);
    index::lock_tables(*tx, index::TableUse::Change);
    const auto stamp = index::begin_commit(*tx, place::now());
    std::string what;
    // Proofs first: what follows is checked against them. Nobody else writes; others may have since this was found.
    if (sets) {
        const auto now_there = place::compute_sets(*tx, [](const ProvedTable& table, std::int64_t id) {
            throw Error(ErrorCode::Corrupt, {"a row does not have its checksum",
                                             fmt::format("table {}, ID {}", table.name(), id), "", "", kRestore});
        });
        for (const auto& [key, unused] : found.bad_sets) {
            const auto there = now_there.find(key);
            const auto sum = there == now_there.end() ? SetSum{} : there->second;
            const auto proof = backends::read_set_proof(*tx, key.first, key.second);
            backends::add_to_set(*tx, key.first, key.second, {sum.count - proof.count, sum.sum - proof.sum});
        }
        what += " proofs of sets;";
    }
    for (const auto name_id : found.bad_timelines) {
        if (!timelines) break;
        index::rebuild_timelines(*tx, name_id);
    }
    if (timelines) what += fmt::format(" timelines of {} references;", found.bad_timelines.size());
    if (found.bad_views) {
        place::refresh_views(place, *tx);
        what += " views;";
    }
    auto info = place::complete(options.info);
    if (info.reason.empty()) info.reason = "verify --repair made anew:" + what.substr(0, what.size() - 1);
    index::write_commit_log(*tx, stamp, info);
    tx->commit();
    report.commit = stamp.seq;
    for (auto& finding : report.findings) {
        if (finding.layer != place.connection().place() || !finding.repairable) continue;
        finding.repaired = finding.table == "setProof"   ? sets
                           : finding.table == "timeline" ? timelines
                                                         : found.bad_views;
    }
}

}  // namespace

VerifyReport verify(layers::LayerStack& stack, const VerifyOptions& options, const Progress& progress) {
    VerifyReport report;
    for (auto& layer : stack.layers()) {
        if (layer.is_private()) continue;
        auto& place = *layer.place;
        if (place.connection().format().major < 2) {
            throw Error(
                ErrorCode::Format,
                {"a database of this format has nothing that proves it", place.connection().place(),
                 "format 2.0 or newer",
                 fmt::format("format {}.{}", place.connection().format().major, place.connection().format().minor),
                 "bring it up to date with 'etalon -d URL init --upgrade', which checks every payload"});
        }
        std::optional<Verifier> verifier;
        {
            const auto tx = place.connection().begin(TransactionMode::Read);
            verifier.emplace(place, *tx, options, progress, report);
            verifier->run();
        }
        if (!options.repair) continue;
        try {
            repair(place, *verifier, options, report);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Corrupt) throw;
            // What was found stays told.
            report.findings.push_back({place.connection().place(), "", "",
                                       "nothing was made anew: " + error.info().what, error.info().expected,
                                       error.info().found, kRestore, false, false});
        }
    }
    return report;
}

}  // namespace etalon::database
