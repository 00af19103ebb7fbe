// What is checked of a place, in the order of what depends on what: tables and triggers, rows, sets, the chain, schema
// versions, records and payloads, timelines, views, trees, snapshots.

#include "database/audit/verifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "backends/ddl.h"
#include "backends/proof.h"
#include "backends/relations.h"
#include "base/bytes.h"
#include "base/nearest.h"
#include "config_tree/nodes.h"
#include "config_tree/tables.h"
#include "etalon/error.h"
#include "index/audit.h"
#include "index/commits.h"
#include "index/names.h"
#include "index/records.h"
#include "index/snapshots.h"
#include "index/stretches.h"
#include "index/tables.h"
#include "layers/stack.h"
#include "objects/audit.h"
#include "objects/references.h"
#include "place/format.h"
#include "place/objects.h"
#include "place/proofs.h"
#include "place/registrar.h"
#include "place/views.h"
#include "place/write_context.h"
#include "schema/definition.h"
#include "schema/references.h"
#include "store/audit.h"
#include "store/catalog.h"
#include "store/element_keys.h"
#include "store/format.h"
#include "store/payload.h"
#include "store/relation_names.h"
#include "store/tables.h"

namespace etalon::database {

using backends::ProvedTable;
using backends::SetKind;
using backends::SetSum;
using backends::Transaction;
using backends::TransactionMode;
using place::Place;

namespace {

constexpr std::int64_t kPage = 20'000;
constexpr const char* kRestore = "restore it from a copy";
constexpr const char* kRepair = "'etalon verify --repair' makes it anew";

/// Checks one place.
class Verifier {
public:
    Verifier(Place& place, Transaction& tx, const VerifyOptions& options, const Progress& progress,
             VerifyReport& report, std::vector<DanglingReference>& dangling)
        : place_(place), tx_(tx), options_(options), progress_(progress), report_(report), dangling_(dangling) {}

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
        if (backends::has_objects(tx_)) check_objects();
        check_strays();
        if (options_.deep) check_payloads();
        check_timelines();
        check_views();
        check_trees();
        check_snapshots();
    }

    /// What a repair has to do.
    struct Repairs {
        std::set<std::int64_t> timelines;         ///< names
        std::map<backends::SetKey, SetSum> sets;  ///< whose rows are whole, with the sums that these have
        std::map<std::int64_t, std::vector<objects::StoredReference>> references;  ///< of payloads, as their rows say
        bool stray_references = false;
        bool views = false;
        bool chain_holds = true;
    };
    [[nodiscard]] const Repairs& repairs() const noexcept { return repairs_; }

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
        if (backends::has_objects(tx_)) wanted.insert("objectRef");
        for (const auto* table : place::proved_tables(tx_.format())) wanted.emplace(table->name());
        for (const auto& name : wanted) {
            const auto kind = backends::find_relation_kind(tx_, name);
            if (!kind) {
                add(name, "", "a table is missing", "the table", "none");
            } else if (*kind != "table") {
                add(name, "", "a table is not one", "a table", *kind);
            } else {
                continue;
            }
            all = false;
        }
        if (!all) return false;
        total_ = (backends::has_objects(tx_) ? objects::count_objects(tx_) : 0) + index::count_records(tx_) * 3 +
                 store::count_payloads(tx_) * (options_.deep ? 2 : 1);
        return true;
    }

    void check_triggers() {
        std::string ddl = place::create_all_tables(tx_.engine(), tx_.format());
        for (const auto& [id, table] : row_tables())
            ddl += store::row_table_triggers(tx_.engine(), tx_.format(), table);
        auto expected = backends::find_triggers(ddl);  // table, trigger
        std::set<std::string> tables;
        for (const auto& [table, trigger] : expected) tables.insert(table);
        for (const auto* own : {"timeline", "timelinePast", "setProof", "storeFormat", "structure", "commitCounter"})
            tables.insert(own);
        if (backends::has_objects(tx_)) tables.insert("objectRef");
        constexpr const char* kInit = "'etalon init' makes the triggers anew";
        for (const auto& trigger : backends::read_triggers(tx_)) {
            const std::pair key{trigger.table, trigger.name};
            const auto known = expected.find(key);
            if (known != expected.end()) {
                if (!trigger.enabled)
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
        for (auto& [struct_id, table] : store::read_row_tables(tx_)) {
            // It is made with the first version that fits.
            exists(table) ? static_cast<void>(row_tables_.emplace(struct_id, table))
                          : static_cast<void>(missing_tables_.insert(table));
        }
        return row_tables_;
    }
    bool exists(const std::string& relation) { return store::relation_exists(tx_, relation); }

    void check_format() {
        const auto& table = store::format_table();
        const auto cursor = store::read_format_rows(tx_);
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
        auto proofs = backends::read_set_proofs(tx_);
        for (const auto& [key, proof] : proofs) found.try_emplace(key);
        for (const auto& [key, sum] : found) {
            const auto proof = proofs[key];
            if (sum == proof) continue;
            // What the chain of commits says is there; of other sets nobody knows whether a row was lost.
            const bool chained = key.first == SetKind::Policies || key.first == SetKind::Rules ||
                                 key.first == SetKind::Nodes || key.first == SetKind::Edges ||
                                 key.first == SetKind::Snapshots || key.first == SetKind::Records ||
                                 key.first == SetKind::Objects || key.first == SetKind::Queries;
            const bool rows_are_whole = std::ranges::none_of(place::set_sources(tx_.format()), [&](const auto& source) {
                return source.kind == key.first && bad_tables_.contains(std::string(source.table->name()));
            });
            if (chained && rows_are_whole) repairs_.sets.emplace(key, sum);
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
            repairs_.chain_holds = false;
            add("commitLog", "", "what commits wrote cannot be read: " + error.info().what, error.info().expected,
                error.info().found);
            return;
        }
        std::int64_t last = 0;
        std::int64_t last_time = 0;
        Sha256 before{};
        const auto broken = [&](std::int64_t seq, std::string what, std::string expected, std::string found) {
            repairs_.chain_holds = false;
            add("commitLog", fmt::format("commit {}", seq), std::move(what), std::move(expected), std::move(found));
        };
        {
            const auto cursor = index::read_commit_rows(tx_);
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
            repairs_.chain_holds = false;
            add("commitLog", fmt::format("commit {}", commit), "rows name a commit that is not there",
                fmt::format("a commit from 1 to {}", last), fmt::format("{} records", of.records));
        }
        const auto counter = index::read_counter(tx_);
        if (!counter.has_row) {
            add("commitCounter", "", "the counter has no row", "one row with ID 1", "none");
        } else if (counter.seq != last || counter.entry_time != last_time) {
            add("commitCounter", "", "the counter is not at the newest commit",
                fmt::format("{}, entered at {}", last, last_time),
                fmt::format("{}, entered at {}", counter.seq, counter.entry_time));
        } else if (counter.has_others) {
            add("commitCounter", "", "the counter has several rows", "one row", "more");
        }
        step(index::count_records(tx_));
    }

    /// Definitions have their hashes, elements are those of their definition.
    void check_versions() {
        store::SchemaCache cache;
        std::vector<store::StructRecord> structs;
        {
            const auto cursor = store::read_struct_rows(tx_);
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
                const auto cursor = store::read_version_rows(tx_, record.id);
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
                const auto cursor = store::read_element_rows(tx_, record.id, schema->schema_id);
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
        names_ = index::read_unproved_names(tx_);
    }

    void check_payload_rows() {
        const auto& table = backends::payload_table();
        std::int64_t last = -1;
        for (std::int64_t read = kPage; read == kPage;) {
            read = 0;
            const auto cursor = backends::read_page(tx_, table, last, kPage);
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
        std::int64_t last = -1;
        for (std::size_t read = kPage; read == kPage;) {
            const auto records = index::read_record_links(tx_, last, kPage);
            for (const auto& record : records) {
                last = record.id;
                const auto key = fmt::format("ID {}", last);
                if (!record.name_struct) {
                    add("dataIndex", key, "a record of a named reference that is not there", "a row of namedRef",
                        "none");
                    continue;
                }
                if (!record.data_id) continue;
                if (!record.payload) {
                    add("payload", fmt::format("dataID {}, of record {} of {}", *record.data_id, last, record.name),
                        "the payload of a record is missing", "its row", "none");
                } else if (*record.name_struct != record.payload->struct_id ||
                           record.schema_id != record.payload->schema_id ||
                           record.num_rows != record.payload->num_rows) {
                    add("dataIndex", key, "a record and its payload do not agree",
                        "the same struct, schema version and number of rows", "others");
                }
            }
            read = records.size();
            step(read);
        }
    }

    /// The versions of a struct; none when they are damaged, which is told elsewhere.
    const std::vector<store::SchemaPtr>& versions_of(std::int64_t struct_id) {
        auto [known, is_new] = versions_.try_emplace(struct_id);
        if (!is_new) return known->second;
        try {
            known->second = store::read_schemas(tx_, struct_id, versions_cache_);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Corrupt) throw;
        }
        return known->second;
    }

    void check_objects() {
        std::int64_t last = -1;
        for (std::size_t read = kPage; read == kPage;) {
            const auto objects = objects::read_object_links(tx_, last, kPage);
            for (const auto& object : objects) {
                last = object.data_id;
                ++report_.objects;
                check_object(object);
            }
            read = objects.size();
            step(read);
        }
        std::map<std::string, std::int64_t> struct_ids;  // under all names
        const auto tables = row_tables();
        std::vector<std::int64_t> structs;
        {
            const auto cursor = store::read_struct_rows(tx_);
            while (cursor->next()) structs.push_back(cursor->integer(0));
        }
        for (const auto id : structs) {
            for (const auto& version : versions_of(id)) struct_ids[version->definition->name] = id;
        }
        for (const auto& [id, table] : tables) {
            std::map<std::string, std::string> columns;  // with the struct that is referred to
            for (const auto& version : versions_of(id)) {
                if (!has_columns(table, *version)) continue;
                for (std::size_t i = 0; i < version->columns.size(); ++i) {
                    const auto& element = version->definition->elements[i];
                    if (element.type == ScalarType::Ref && element.dims.empty())
                        columns.emplace(version->columns[i], element.target);
                }
            }
            for (const auto& [column, target] : columns) {
                const auto of_target = struct_ids.find(target);
                add_dangling(table, column, target,
                             of_target == struct_ids.end() ? std::nullopt : std::optional(of_target->second));
            }
        }
        add_dangling("objectRef", "toID", "", std::nullopt);
        const auto strays = objects::count_stray_references(tx_);
        if (strays != 0) {
            add("objectRef", fmt::format("{} rows", strays), "rows that belong to nothing", "none",
                std::to_string(strays), kRepair)
                .repairable = true;
            repairs_.stray_references = true;
        }
    }

    void add_dangling(const std::string& table, const std::string& column, const std::string& target,
                      const std::optional<std::int64_t>& target_struct) {
        for (const auto& one : objects::find_dangling(tx_, table, column, target_struct)) {
            dangling_.push_back({place_.connection().place(), table,
                                 fmt::format("{} of dataID {}", column, one.data_id), target, one.id, one.count});
        }
    }

    void check_object(const objects::ObjectLinks& object) {
        if (bad_rows_.contains({"object", object.data_id})) return;  // told with its checksum
        const auto key = object.id ? format_id(*object.id) : fmt::format("dataID {}", object.data_id);
        if (!object.commit_entry_time) {
            add("object", key, "an object of a commit that is not there", "a commit",
                fmt::format("commit {}", object.commit));
        } else if (*object.commit_entry_time != object.entry_time) {
            add("object", key, "an object and its commit do not agree", std::to_string(*object.commit_entry_time),
                std::to_string(object.entry_time));
        }
        if (!object.payload) {
            add("payload", fmt::format("dataID {}, of object {}", object.data_id, key),
                "the payload of an object is missing", "its row", "none");
            return;
        }
        const auto& payload = *object.payload;
        if (payload.struct_id != object.struct_id || payload.schema_id != object.schema_id ||
            payload.encoding != object.encoding || payload.num_rows != 1) {
            add("object", key, "an object and its payload do not agree",
                "the same struct, schema version and encoding, and one row", "others");
            return;
        }
        const auto& versions = versions_of(object.struct_id);
        const auto schema =
            std::ranges::find_if(versions, [&](const auto& one) { return one->schema_id == object.schema_id; });
        if (schema == versions.end()) {
            add("object", key, "an object of a schema version that is not there", "a recorded schema version",
                fmt::format("version {} of structID {}", object.schema_id, object.struct_id));
            return;
        }
        Sha256 hash{};
        std::copy_n(payload.content_hash.begin(), std::min(payload.content_hash.size(), hash.size()), hash.begin());
        const auto id = schema::make_object_id((*schema)->definition->name, (*schema)->definition_hash, hash);
        if (object.id && id == *object.id) return;
        add("object", key, "an object does not have the id of its content", format_id(id), key);
    }

    /// Rows that belong to nothing.
    void check_strays() {
        const auto look = [&](const std::string& table, std::int64_t strays) {
            if (strays != 0)
                add(table, fmt::format("{} rows", strays), "rows that belong to nothing", "none",
                    std::to_string(strays), "find out who wrote them");
        };
        for (const auto& [id, table] : row_tables()) {
            if (!has_columns(table, store::SchemaRecord{})) {
                add(table, "", "the row table of a struct is not one", "columns dataID and rowNumber", "others");
                continue;
            }
            look(table, store::count_stray_rows(tx_, id, table));
            check_unused_columns(id, table);
            look(table, store::count_incomplete_payloads(tx_, id, table));
        }
        look("bytes", store::count_stray_chunks(tx_));
        look("bytes", store::count_chunkless_payloads(tx_));
        for (const auto* table : {"timeline", "timelinePast"}) look(table, index::count_nameless_rows(tx_, table));
        for (const auto* table : {"schemaVersion", "schema", "schemaRule"})
            look(table, store::count_structless_rows(tx_, table));
        if (backends::has_objects(tx_)) {
            for (const auto* table : {"object", "namedQuery"}) look(table, store::count_structless_rows(tx_, table));
        }
        look("namedRefPolicy", index::count_nameless_rows(tx_, "namedRefPolicy"));
        look("NodeRelation", config_tree::count_stray_edges(tx_));
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
            std::vector<std::string> others;
            std::ranges::copy_if(all, std::back_inserter(others), [&](const auto& column) {
                return std::ranges::find(version->columns, column) == version->columns.end();
            });
            if (others.empty() || version->columns.empty() || !has_columns(table, *version)) continue;
            const auto used = store::count_rows_using(tx_, struct_id, version->schema_id, table, others);
            if (used != 0) {
                add(table, fmt::format("{} rows of schema {}", used, version->schema_id),
                    "columns of other schema versions are not empty", "NULL", "values",
                    "no read uses them; set them to NULL");
            }
        }
    }

    void check_payloads() {
        constexpr std::int64_t kAtOnce = 1000;
        std::map<std::int64_t, std::vector<store::SchemaPtr>> schemas;
        store::SchemaCache cache;
        std::int64_t last = -1;
        for (std::size_t read = kAtOnce; read == kAtOnce;) {
            const auto rows = store::read_payload_rows(tx_, last, kAtOnce);
            read = rows.size();
            const auto first = last;
            expected_references_.clear();
            for (const auto& row : rows) {
                last = row.data_id;
                ++report_.payloads;
                check_payload(row, schemas, cache);
                step();
            }
            if (backends::has_objects(tx_) && last != first) check_references(first, last);
        }
    }

    /// `objectRef` of some payloads against what their rows hold.
    void check_references(std::int64_t after, std::int64_t up_to) {
        std::map<std::int64_t, std::vector<objects::StoredReference>> stored;
        for (auto& one : objects::read_references(tx_, after, up_to)) stored[one.at.data_id].push_back(one);
        for (auto& [data_id, expected] : expected_references_) {
            const auto found = stored.find(data_id);
            std::ranges::sort(expected, {}, &objects::StoredReference::at);
            const bool same = found == stored.end() ? expected.empty() : found->second == expected;
            if (same) continue;
            auto& finding = add(
                "objectRef", fmt::format("dataID {}", data_id), "the references of a payload are not those of its rows",
                fmt::format("{} references", expected.size()),
                found == stored.end() ? "none" : fmt::format("{}, or others", found->second.size()), kRepair);
            finding.repairable = true;
            repairs_.references.emplace(data_id, std::move(expected));
        }
    }

    void check_payload(const store::StoredPayload& row, std::map<std::int64_t, std::vector<store::SchemaPtr>>& schemas,
                       store::SchemaCache& cache) {
        const auto key = fmt::format("dataID {}", row.data_id);
        constexpr const char* kAgain =
            "restore the rows from a copy, or commit these values again: they are stored anew then";
        guarded("payload", key, [&] {
            auto [known, is_new] = schemas.try_emplace(row.struct_id);
            if (is_new) known->second = store::read_schemas(tx_, row.struct_id, cache);
            const auto schema =
                std::ranges::find_if(known->second, [&](const auto& one) { return one->schema_id == row.schema_id; });
            if (schema == known->second.end()) {
                add("payload", key, "rows of a schema version that is not there", "a recorded schema version",
                    std::to_string(row.schema_id));
                return;
            }
            const auto storage = static_cast<Storage>(row.encoding);
            const auto rows = static_cast<std::uint64_t>(row.num_rows);
            const auto table = row_tables().find(row.struct_id);
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
                tx_, **schema, storage == Storage::Columns ? table->second : std::string(), storage, row.data_id, rows);
            const auto hash = schema::content_hash(block);
            if (!std::ranges::equal(hash, row.content_hash)) {
                add("payload", key, "the rows do not have their content hash", to_hex(row.content_hash), to_hex(hash),
                    kAgain);
                return;
            }
            const auto parts = store::parts_of(block, storage);
            const auto checksum = store::rows_checksum(rows, parts);
            if (row.rows_checksum && checksum != *row.rows_checksum) {
                add("payload", key, "the checksum of the rows is not theirs", std::to_string(checksum),
                    std::to_string(*row.rows_checksum));
            }
            if (!row.part_checksums.empty() &&
                !std::ranges::equal(std::as_bytes(std::span(parts)), row.part_checksums)) {
                add("payload", key, "the part checksums are not those of the rows", "theirs", "others");
            }
            if (!backends::has_objects(tx_)) return;
            auto& references = expected_references_[row.data_id];
            if (!schema::has_references(*(*schema)->definition)) return;
            auto [keys, is_unknown] = element_keys_.try_emplace(row.struct_id);
            if (is_unknown) keys->second = store::read_element_keys(tx_, row.struct_id, known->second);
            const auto at = static_cast<std::size_t>(schema - known->second.begin());
            place::list_references(**schema, storage, row.data_id, keys->second.at(at), 0, block, references);
        });
    }

    /// A statement that names a column that is not there would end the transaction.
    bool has_columns(const std::string& table, const store::SchemaRecord& schema) {
        auto [known, is_new] = columns_of_.try_emplace(table);
        if (is_new) known->second = backends::read_column_names(tx_, table);
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
        if (repairable) repairs_.timelines.insert(name.id);
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
            if (name.view_name.empty()) continue;
            const auto records = store::find_records_view(tx_, name.view_name);
            if (exists(name.view_name) && (records.empty() || exists(records))) continue;
            repairs_.views = true;
            add("namedRef", name.name, "a readable view of a reference is missing",
                records.empty() ? name.view_name : records, "none", kRepair)
                .repairable = true;
        }
        for (const auto* view : {"schemaMask", "dataIndex_view"}) {
            if (!exists(view)) add(view, "", "a view is missing", "the view", "none", "'etalon init' makes it anew");
        }
    }

    void check_trees() {
        std::vector<config_tree::ReferenceUse> uses;
        if (!guarded("Nodes", "", [&] { uses = config_tree::read_uses(tx_, kPlusInfinity); })) return;
        const auto known = index::read_all_spellings(tx_);
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
        const auto identity = store::read_identity(tx_);
        const auto uid = identity ? to_hex(identity->uid) : std::string();
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
    Repairs repairs_;
    std::uint64_t total_ = 1;
    std::map<std::int64_t, std::string> row_tables_;
    std::map<std::string, std::set<std::string>> columns_of_;
    std::set<std::string> missing_tables_;
    std::set<std::pair<std::string, std::int64_t>> bad_rows_;
    std::set<std::string> bad_tables_;
    std::vector<index::NameRecord> names_;
    std::vector<DanglingReference>& dangling_;
    store::SchemaCache versions_cache_;
    std::map<std::int64_t, std::vector<store::SchemaPtr>> versions_;
    std::map<std::int64_t, std::vector<std::vector<std::int64_t>>> element_keys_;        ///< by struct
    std::map<std::int64_t, std::vector<objects::StoredReference>> expected_references_;  ///< of a page of payloads
};

/// Writes what is derived, in a commit that has its locks and number.
void make_anew(Place& place, place::Commit& commit, const Verifier::Repairs& found, bool sets, bool timelines) {
    auto& tx = commit.tx();
    // Proofs first: what follows is checked against them. Nobody else writes; others may have since this was found.
    if (sets) {
        const auto now_there = place::compute_sets(tx, [](const ProvedTable& table, std::int64_t id) {
            throw Error(ErrorCode::Corrupt, {"a row does not have its checksum",
                                             fmt::format("table {}, ID {}", table.name(), id), "", "", kRestore});
        });
        for (const auto& [key, unused] : found.sets) {
            const auto there = now_there.find(key);
            const auto sum = there == now_there.end() ? SetSum{} : there->second;
            const auto proof = backends::read_set_proof(tx, key.first, key.second);
            backends::add_to_set(tx, key.first, key.second, {sum.count - proof.count, sum.sum - proof.sum});
        }
    }
    for (const auto name_id : found.timelines) {
        if (!timelines) break;
        index::rebuild_timelines(tx, name_id);
    }
    if (found.views) place::refresh_views(place, tx);
    std::vector<std::int64_t> data_ids;
    std::vector<objects::StoredReference> references;
    for (const auto& [data_id, of_payload] : found.references) {
        data_ids.push_back(data_id);
        references.insert(references.end(), of_payload.begin(), of_payload.end());
    }
    objects::replace_references(tx, data_ids, references);
    if (found.stray_references) objects::remove_stray_references(tx);
}

/// Makes anew what is derived, in one commit.
void repair(Place& place, const Verifier::Repairs& found, const VerifyOptions& options, VerifyReport& report) {
    // Without the chain nobody knows whether what things are made from is all there.
    const bool derived = found.chain_holds;
    const bool sets = derived && !found.sets.empty();
    const bool timelines = derived && !found.timelines.empty();
    const bool references = !found.references.empty() || found.stray_references;
    if (!timelines && !sets && !found.views && !references) return;
    std::string what;
    if (sets) what += " proofs of sets;";
    if (timelines) what += fmt::format(" timelines of {} references;", found.timelines.size());
    if (found.views) what += " views;";
    if (references) what += " what refers to objects;";
    place::WriteContext context(options.info);
    if (context.info.reason.empty()) {
        context.info.reason = "verify --repair made anew:" + what.substr(0, what.size() - 1);
    }
    backends::change_tables(place.connection(), [&](backends::TableLocks& locks) {
        place.forget();
        place::Commit commit(place, context, locks);
        if (found.views) place::lock_all_views(commit.tx(), locks);
        (void)commit.take_number();
        make_anew(place, commit, found, sets, timelines);
        report.commit = commit.finish();
    });
    for (auto& finding : report.findings) {
        if (finding.layer != place.connection().place() || !finding.repairable) continue;
        finding.repaired = finding.table == "setProof"    ? sets
                           : finding.table == "timeline"  ? timelines
                           : finding.table == "objectRef" ? references
                                                          : found.views;
    }
}

}  // namespace

VerifyReport verify(layers::LayerStack& stack, const VerifyOptions& options, const Progress& progress,
                    std::vector<DanglingReference>& dangling) {
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
            verifier.emplace(place, *tx, options, progress, report, dangling);
            verifier->run();
        }
        if (!options.repair) continue;
        try {
            repair(place, verifier->repairs(), options, report);
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
