#pragma once
/// One database: register, commit, fetch. The only place that opens transactions.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "etalon/answer.h"
#include "etalon/commit.h"
#include "etalon/definition.h"
#include "etalon/history.h"
#include "etalon/interval.h"
#include "etalon/object.h"
#include "etalon/objects.h"
#include "etalon/open.h"
#include "etalon/parameters.h"
#include "etalon/progress.h"
#include "etalon/reference.h"
#include "etalon/registration.h"
#include "etalon/request.h"
#include "etalon/rows.h"
#include "etalon/runs.h"
#include "etalon/snapshot.h"
#include "etalon/traits.h"
#include "etalon/tree.h"

namespace etalon {

namespace layers {
class PoolOwners;
class StackPool;
}  // namespace layers
namespace database {
class Peers;
class FederationState;
}  // namespace database
struct Explanation;
struct FileReference;
class FileStore;
struct LintFinding;
struct VerifyOptions;
struct VerifyReport;

/// One open database: a stack of layers, mostly of one. Calls may come from several threads: reads run side by side
/// over as many connections as OpenOptions::max_connections allows, all as of the same snapshot; writes one after the
/// other. Reads use the snapshot taken when the database was opened, until advance(); those that have begun keep
/// theirs.
class Database {
public:
    /// Opens `sqlite:path.db[#Name]` or `postgresql://...[#Name]` (or `memory:`, `csv:DIRECTORY`). Throws
    /// Error(Backend) when it cannot be reached, Error(Format) when it is not an Etalon database or has a newer major
    /// format.
    static Database open(std::string_view url, const OpenOptions& options = {});
    /// Opens a stack of layers of one database, the first on top (docs/layers.md): the first with an eligible record
    /// wins and trims those below, each element by itself. CSV directories are read now. Throws as open of each of
    /// them.
    static Database open(const std::vector<std::string>& urls, const OpenOptions& options = {});

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    [[nodiscard]] const std::string& name() const noexcept;   ///< `Calibrations_tpc`
    [[nodiscard]] const std::string& place() const noexcept;  ///< the URL, without password
    [[nodiscard]] std::int64_t snapshot()
        const noexcept;  ///< the commit number that reads see (of a stack: in the layer written to)
    [[nodiscard]] std::vector<LayerInfo> layers() const;  ///< top first
    /// The files that its rows name (etalon/files.h), in the folders of OpenOptions::files.
    [[nodiscard]] FileStore files() const;
    /// The files that rows of the layers that last name, those of objects and of all interval records: each once for an
    /// object (or payload) and member. Throws Error(Corrupt) for rows that are damaged. Linear in the rows of structs
    /// with files.
    [[nodiscard]] std::vector<FileReference> file_references();
    std::int64_t advance();  ///< takes a new snapshot and returns it
    /// SQL statements sent so far, for tests and tuning.
    [[nodiscard]] std::uint64_t statement_count() const noexcept;
    [[nodiscard]] ConnectionCounters connection_counters() const;

    // --- reading -------------------------------------------------------------------------------------------------
    /// The rows of a named reference at a position in the layout of T, older or newer than the stored one.
    template <Reflected T>
    [[nodiscard]] Rows<T> fetch(std::string_view name, Position at, FetchOptions options = {}) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (!options.provenance) options.provenance = false;
        auto source = make_source(name, StructTraits<T>::kName, StructTraits<T>::kDefinition, std::move(options));
        const auto epoch = source->epoch.load();
        auto answer = source->ask(at);
        return Rows<T>(std::move(answer), std::move(source), epoch);
    }
    /// The same untyped: in `layout` when given, else in schema version options.schema, else as stored.
    [[nodiscard]] Answer fetch_rows(std::string_view name, Position at, const FetchOptions& options = {},
                                    DefinitionPtr layout = nullptr);
    /// Which record answered for one of the elements of an answer of this Database: what it has, or what is read now.
    /// Throws Error(Unknown) for a Gap, Error(Corrupt) when the record is not there any more.
    [[nodiscard]] Provenance fetch_provenance(const ElementAnswer& element);
    /// Interval records, retired ones included unless asked otherwise.
    [[nodiscard]] std::vector<HistoryRecord> history(std::string_view name, const HistoryOptions& options = {});
    /// Commits, newest first; limit 0 = all.
    [[nodiscard]] std::vector<CommitRecord> log(std::uint64_t limit = 0);
    /// The same, also only those that touched one named reference, and with what they touched. What was touched is not
    /// proved. Throws Error(Unknown) for an unknown reference.
    [[nodiscard]] std::vector<CommitRecord> log(const LogOptions& options);

    /// The answer of the interval that follows, or comes before, the one around `at`; none when that reaches to
    /// infinity. The point at infinity itself is no interval.
    [[nodiscard]] std::optional<Answer> fetch_next(std::string_view name, Position at, const FetchOptions& options = {},
                                                   DefinitionPtr layout = nullptr);
    [[nodiscard]] std::optional<Answer> fetch_previous(std::string_view name, Position at,
                                                       const FetchOptions& options = {},
                                                       DefinitionPtr layout = nullptr);
    /// All answers that touch [from, to), in order, gaps included; `visit` returns false to stop. Each answer's own
    /// validity may reach beyond the range.
    void scan(std::string_view name, Position from, Position to, const std::function<bool(const Answer&)>& visit,
              const FetchOptions& options = {}, DefinitionPtr layout = nullptr);

    // --- why
    // ----------------------------------------------------------------------------------------------------------
    /// Why fetch_rows with these options answers what it does: all records of each element, layer by layer, and what
    /// decided between them (etalon/explain.h). At most `limit` records of each state are listed (0: all), all are
    /// counted. Linear in the records of the element. Throws as fetch_rows, and Error(Internal) when records and answer
    /// do not agree.
    [[nodiscard]] Explanation explain(std::string_view name, Position at, const FetchOptions& options = {},
                                      std::uint64_t limit = 10);
    /// Records that look like mistakes, as of the last visible commit, of these references or of all (etalon/lint.h);
    /// in order of name, layer, element. `now` decides what has expired; empty: the system clock. Linear in the
    /// records.
    [[nodiscard]] std::vector<LintFinding> lint(std::span<const std::string> names = {},
                                                std::optional<Time> now = std::nullopt);

    // --- proof
    // --------------------------------------------------------------------------------------------------------
    /// Checks everything in the layers that last against checksums, proofs and the chain of commits (etalon/verify.h),
    /// and mends what is derived when asked to. Files outside that rows name are looked for in the folders of
    /// OpenOptions::files, and read when `deep`. Linear in what is stored. Throws Error(Format) for a layer of
    /// format 1.
    [[nodiscard]] VerifyReport verify(const VerifyOptions& options, const Progress& progress = {});

    // --- snapshots -----------------------------------------------------------------------------------------------
    /// Named snapshots of this database, by name.
    [[nodiscard]] std::vector<SnapshotInfo> snapshots();
    /// Creates a named snapshot, or changes one that is open, in one commit: every pattern gets what its AsOf means
    /// now, as one commit number for every layer that has them. A new one gets `*` = the last commit unless that is
    /// given. Returns the commit number. Error(Refused) when it is frozen.
    std::int64_t set_snapshot(std::string_view name, const std::vector<AsOfPattern>& entries,
                              const CommitInfo& info = {}, std::string_view comment = {});
    /// Freezes it: nothing changes it any more, and reading it over CSV layers whose files have changed is an error.
    std::int64_t freeze_snapshot(std::string_view name, const CommitInfo& info = {});

    // --- cache ---------------------------------------------------------------------------------------------------
    [[nodiscard]] CacheCounters cache_counters() const;
    /// Forgets the kept answers for a named reference; the next fetch asks the store.
    void invalidate(std::string_view name);

    // --- catalog -------------------------------------------------------------------------------------------------
    [[nodiscard]] std::vector<StructInfo> structs();
    [[nodiscard]] std::vector<NameInfo> names();
    [[nodiscard]] std::optional<NameInfo> find_name(std::string_view name);
    /// A recorded definition; schema 0 = the current one. Throws Error(Unknown) with the nearest name or the range.
    [[nodiscard]] DefinitionPtr get_definition(std::string_view struct_name, std::int64_t schema = 0);
    /// All recorded definitions of a struct, oldest schema version first: the first is schema version 1. Throws as
    /// get_definition.
    [[nodiscard]] std::vector<DefinitionPtr> get_definitions(std::string_view struct_name);
    /// The rules of a struct that hold for reads without a snapshot, one file for each section, in the order in which
    /// their two layouts were first joined (lower layers first); none when there are none. Sections that a later one
    /// for the same two layouts replaced are not among them. Throws as get_definition.
    [[nodiscard]] std::vector<RulesFile> get_rules(std::string_view struct_name);
    /// Records definitions and versions in one commit, and a named reference of each struct's name but of helpers'.
    RegisterReport register_structs(std::span<const StructDefinition> definitions, const RegisterOptions& options = {});
    /// Creates or changes a named reference in one commit; returns the commit number, 0 when nothing changes.
    std::int64_t define_name(const NameSpec& spec, const CommitInfo& info = {});

    // --- writing -------------------------------------------------------------------------------------------------
    /// Commits records and named references in one transaction: all or nothing.
    CommitResult commit(std::span<const PutRecord> records, const CommitInfo& info = {},
                        std::span<const NameSpec> names = {}, const Progress& progress = {});
    /// Rows of a compiled struct as a record for commit(), version `default`, element 0, without end; other members may
    /// be set in it. The rows are copied. Throws Error(Unknown) for an unknown reference, Error(WrongAxis) for a begin
    /// on the other axis; commit() throws when the layout of T is not recorded.
    template <Reflected T>
    [[nodiscard]] PutRecord make_record(std::string_view name, Position begin, std::span<const T> rows) {
        static_assert(std::is_trivially_copyable_v<T>);
        return make_bytes_record(name, begin, StructTraits<T>::kName, StructTraits<T>::kDefinition, std::as_bytes(rows),
                                 rows.size());
    }
    template <Reflected T>
    [[nodiscard]] PutRecord make_record(std::string_view name, Position begin, const std::vector<T>& rows) {
        return make_record<T>(name, begin, std::span<const T>(rows));
    }
    /// What commit() of these records would change, against the last visible commit; checks everything and writes
    /// nothing.
    [[nodiscard]] std::vector<PutEffect> preview(std::span<const PutRecord> records,
                                                 std::span<const NameSpec> names = {});
    /// Which reads would see it.
    [[nodiscard]] CommitReach preview_reach();

    /// Retires the records that `which` selects and that are not retired yet, in one commit: snapshots from then on do
    /// not see them, earlier ones still do. `which.as_of` is not used: the last commit counts. A reason in `info` is
    /// demanded. Several matches need several = true, so that nobody retires more than was meant.
    RetireReport retire(std::string_view name, const HistoryOptions& which, const CommitInfo& info,
                        bool several = false, bool dry_run = false);

    // --- objects (etalon/object.h) ---------------------------------------------------------------------------------
    /// Puts objects in one transaction: those that are not there yet get their place in one commit, in the order in
    /// which they are given; when all are there, nothing is written. Every reference must resolve: to an object of the
    /// call, of a layer, or of another database of the federation. Throws Error(Unknown) naming object, member and id
    /// of one that does not, and for a layout that is not recorded; Error(BadInput) for values that limits do not allow
    /// and for null uids; Error(Format) for a database of a format before 2.1; Error(Corrupt) when what is stored is
    /// damaged.
    ObjectPutResult put_objects(std::span<const ObjectPut> objects, const CommitInfo& info = {},
                                const ObjectPutOptions& options = {});
    /// Objects by their ids, in their order: one statement finds them, and one for each struct reads their rows. Throws
    /// Error(Unknown) naming the ids that are not there as of the snapshot, Error(Conversion) as fetch_rows.
    [[nodiscard]] std::vector<StoredObject> get_objects(std::span<const ObjectId> ids,
                                                        const ObjectReadOptions& options = {});
    /// The same; nothing in the place of those that are not there.
    [[nodiscard]] std::vector<std::optional<StoredObject>> find_objects(std::span<const ObjectId> ids,
                                                                        const ObjectReadOptions& options = {});
    /// Objects of a struct for which a condition holds, also across references, as of the snapshot. What comes back is
    /// proved. One statement, whatever the depth; where a path crosses to another layer or database of the federation,
    /// one for each place and level; what is stored as bytes, or what an engine does not compare exactly, is read. An
    /// order by a path takes one statement for each struct on it and level. Of an object that several layers have, that
    /// of the topmost comes; objects of several layers come by entry time of their commit, then by layer from the top,
    /// then by position. Throws Error(Unknown) for a struct or member that is not recorded, Error(BadInput) for a value
    /// that is none of the member's type, Error(Format) for a database of a format before 2.1.
    [[nodiscard]] std::vector<StoredObject> query_objects(const ObjectQuery& query);
    /// The same of a compiled struct, in its layout: `db.query<User>("group.name = \"AMI\"")`. struct_name, where,
    /// layout and schema of `how` do not count.
    template <Reflected T>
    [[nodiscard]] Objects<T> query(const Condition& where, ObjectQuery how = {}) {
        how.struct_name = std::string(StructTraits<T>::kName);
        how.where = where;
        how.read.layout = definition_of<T>();
        how.read.schema = 0;
        return Objects<T>(query_objects(how));
    }
    template <Reflected T>
    [[nodiscard]] Objects<T> query(std::string_view where = {}, ObjectQuery how = {}) {
        return query<T>(where.empty() ? Condition{} : parse_condition(where), std::move(how));
    }

    /// Defines a named query, or changes it from this commit on, in one commit; `query` as people give it. What is not
    /// right in it is an error now: struct, members, parameters whose name is no name. Returns the commit number, 0
    /// when it is the same already. Throws as query_objects, Error(BadInput) for a name that is none.
    std::int64_t define_query(const NamedQuery& query, const CommitInfo& info = {});
    /// Named queries as of the snapshot, by name; of several layers the topmost that has one counts.
    [[nodiscard]] std::vector<NamedQuery> queries(const std::optional<AsOf>& as_of = std::nullopt);
    /// One of them; throws Error(Unknown) with the nearest name.
    [[nodiscard]] NamedQuery get_query(std::string_view name, const std::optional<AsOf>& as_of = std::nullopt);
    /// From this commit on there is no such query; earlier snapshots still have it. Throws Error(Unknown).
    std::int64_t retire_query(std::string_view name, const CommitInfo& info = {});
    /// The objects that a named query asks for, with values for its parameters, each read as what it is compared with.
    /// The query and the objects are those as of read.as_of. Throws Error(Usage) for a parameter that is missing or
    /// that the query does not have.
    [[nodiscard]] std::vector<StoredObject> run_query(std::string_view name,
                                                      const std::map<std::string, ValueFilter::Value>& parameters = {},
                                                      const ObjectReadOptions& read = {});
    /// Which objects and interval records hold a reference to an object, whether or not it is there: objects in order
    /// of commit, then records. Linear in the records of the references whose structs hold one.
    [[nodiscard]] std::vector<Referrer> referrers(const ObjectId& id, const std::optional<AsOf>& as_of = std::nullopt);

    // --- parameter sets (etalon/parameters.h) ----------------------------------------------------------------------
    /// Commits parameter sets, all or nothing. Sets that are new get their references in the same commit.
    CommitResult put_parameters(std::span<const ParameterPut> puts, const CommitInfo& info = {});
    CommitResult put_parameters(const ParameterPut& put, const CommitInfo& info = {}) {
        return put_parameters({&put, 1}, info);
    }
    /// The set of a software that is valid at a position. Of a version chain (`session,user,group,site`) or layer stack
    /// the first that has the set gives it as a whole: sets are not merged. One element (default 0) is read. Throws
    /// Error(Unknown) with the nearest names for a set that is not recorded, Error(WrongAxis).
    [[nodiscard]] ParameterAnswer fetch_parameters(std::string_view software, std::string_view set, Position at,
                                                   const FetchOptions& options = {});
    /// The sets that are recorded, in order of software and set; of one software when it is given.
    [[nodiscard]] std::vector<ParameterSetInfo> parameter_sets(std::string_view software = {});

    // --- run maps (etalon/runs.h) ----------------------------------------------------------------------------------
    /// Records runs in one commit. A run that is recorded already (in that version) is corrected: its earlier time
    /// answers no more. Throws Error(BadInput) with all of: an empty or infinite span, a run twice, two runs at the
    /// same time.
    CommitResult add_runs(std::span<const RunSpan> runs, std::string_view map = "default", const CommitInfo& info = {},
                          std::string_view version = "default");
    /// What a map says of a run, and which run it has at a time. Options choose snapshot, version chain and layers. No
    /// such run, or no run then, is an answer; a map that is not recorded is an Error(Unknown) with the nearest names.
    [[nodiscard]] RunAnswer fetch_run(Run run, const FetchOptions& options = {}, std::string_view map = "default");
    [[nodiscard]] RunAnswer fetch_run_at(Time time, const FetchOptions& options = {}, std::string_view map = "default");
    /// The time of a run: `db.fetch<T>(name, db.find_run_times(run)->begin)` reads a time-axis name for a run.
    [[nodiscard]] std::optional<RunSpan> find_run_times(Run run, const FetchOptions& options = {},
                                                        std::string_view map = "default") {
        return fetch_run(run, options, map).span;
    }
    /// The run at a time: `db.fetch<T>(name, *db.find_run_at(time))` reads a run-axis name for a time.
    [[nodiscard]] std::optional<Run> find_run_at(Time time, const FetchOptions& options = {},
                                                 std::string_view map = "default") {
        const auto answer = fetch_run_at(time, options, map);
        if (!answer.span) return std::nullopt;
        return answer.span->run;
    }
    /// The runs of a map with first <= run < last, in order of number. One statement a run.
    [[nodiscard]] std::vector<RunAnswer> runs(std::string_view map = "default", const FetchOptions& options = {},
                                              Run first = {kMinusInfinity}, Run last = {kPlusInfinity});

    // --- configurations ------------------------------------------------------------------------------------------
    /// Adds nodes (missing directories above a leaf are made, a missing root becomes a Config) in one commit; a node
    /// that exists with the same content is left, one with other content is replaced (the old one is retired), unless
    /// `on_existing` refuses it. Returns the commit number, 0 when nothing changes.
    std::int64_t add_nodes(std::span<const NodeSpec> nodes, const CommitInfo& info = {},
                           OnExisting on_existing = OnExisting::Replace);
    /// Removes a node of a configuration (key `default` when empty), and what is below it, in one commit: from then on;
    /// as of earlier ones it stays. Throws Error(Unknown) with the nearest path, Error(Refused) for a node with others
    /// below it unless `recursive`. `dry_run` tells what would go.
    RemovedNodes remove_nodes(std::string_view path, std::string_view key = "", bool recursive = false,
                              const CommitInfo& info = {}, bool dry_run = false);
    /// Moves a node, with what is below it, to another path of the same configuration, behind its new siblings; or
    /// renames a configuration (both paths are then names alone). Missing directories are made. Throws Error(BadInput)
    /// where a node stands already, or below itself. Returns the commit number.
    std::int64_t move_node(std::string_view path, std::string_view to, std::string_view key = "",
                           const CommitInfo& info = {});
    /// Nodes of this database's own tree, parents before children, siblings in order; DB nodes are not followed.
    [[nodiscard]] std::vector<NodeSpec> tree(std::string_view root, std::string_view key = "",
                                             std::optional<AsOf> as_of = std::nullopt);
    /// Names and keys of the configurations that are recorded.
    [[nodiscard]] std::vector<NodeSpec> configurations();

    [[nodiscard]] layers::StackPool& impl() const noexcept;

private:
    friend class Federation;
    friend class database::FederationState;
    explicit Database(std::unique_ptr<layers::PoolOwners> impl, std::shared_ptr<database::Peers> peers = nullptr);
    /// open() of a database of a federation.
    static Database open(const std::vector<std::string>& urls, const OpenOptions& options,
                         std::shared_ptr<database::Peers> peers);
    /// put_objects() of objects whose references resolve.
    ObjectPutResult put_checked(std::span<const ObjectPut> objects, const CommitInfo& info,
                                const ObjectPutOptions& options);
    [[nodiscard]] PutRecord make_bytes_record(std::string_view name, Position begin, std::string_view struct_name,
                                              std::string_view definition, std::span<const std::byte> rows,
                                              std::uint64_t num_rows);
    [[nodiscard]] std::shared_ptr<detail::Source> make_source(std::string_view name, std::string_view struct_name,
                                                              std::string_view definition, FetchOptions options);
    std::unique_ptr<layers::PoolOwners> impl_;
    std::shared_ptr<database::Peers> peers_;  ///< may be null
};

}  // namespace etalon
