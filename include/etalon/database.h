#pragma once
/// One database: register, commit, fetch. The only place that opens transactions.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "etalon/answer.h"
#include "etalon/definition.h"
#include "etalon/history.h"
#include "etalon/interval.h"
#include "etalon/parameters.h"
#include "etalon/rows.h"
#include "etalon/runs.h"
#include "etalon/traits.h"

namespace etalon {

/// The name of a recorded snapshot (Database::set_snapshot); holds one commit number per place.
struct SnapshotName {
    std::string name;
    friend bool operator==(const SnapshotName&, const SnapshotName&) = default;
};

/// A commit with the beginning of its hash: `17-5f0e31bd`. A place whose commit 17 has another hash has another history and is
/// refused.
struct HashedCommit {
    std::int64_t commit = 0;
    std::string hash;   ///< 8 to 64 lower-case hexadecimal digits
    friend bool operator==(const HashedCommit&, const HashedCommit&) = default;
};

/// A point in the history of a database: a commit number (0 = before all; belongs to one place), a time, which means the
/// highest commit entered at or before it, a named snapshot, or a commit with its hash.
using AsOf = std::variant<std::int64_t, Time, SnapshotName, HashedCommit>;

/// Digits alone are a commit number, digits with `-` and 8 to 64 hexadecimal digits behind them one with its hash, what reads as a
/// time is one, anything else is the name of a snapshot.
[[nodiscard]] AsOf parse_as_of(std::string_view text);

/// What names that match a pattern are read as of. A pattern is an exact name, or a beginning of one and `*`.
struct AsOfPattern {
    std::string pattern;
    AsOf as_of;
};

/// What comes from one layer of a stack (DESIGN 2.8): each element by itself, or all elements of an answer from the highest
/// layer that has any of them (as MINOS DBI did).
enum class LayerUnit : std::uint8_t { Element = 1, Answer = 2 };
[[nodiscard]] std::string_view name_of(LayerUnit unit) noexcept;  // `element`, `answer`

/// Elements such as `0-23,30`; throws Error(BadInput). Order is kept, duplicates are refused, at most a million.
[[nodiscard]] std::vector<std::int64_t> parse_elements(std::string_view text);
/// Inverse of parse_elements: runs of neighbours as `a-b`.
[[nodiscard]] std::string format_elements(std::span<const std::int64_t> elements);

/// How a read chooses. Nothing here is process-global.
struct FetchOptions {
    std::string version;                       ///< version chain: `sim,default`, `sim+default`; empty: `default`
    std::vector<std::int64_t> elements = {0};  ///< in the order in which rows shall come
    std::optional<AsOf> as_of;                 ///< empty: the snapshot of the Database
    std::vector<AsOfPattern> as_of_patterns;   ///< beat as_of where they match; the most specific one wins
    LayerUnit layer_unit = LayerUnit::Element;
    std::int64_t schema = 0;                   ///< untyped reads: the schema version to return; 0: as stored (the newest of several)
    bool strict = false;                       ///< absent elements are an error
    bool lenient = false;                      ///< lossy conversions are done and counted
    bool any_position = false;                 ///< a baseLine read: the first record in order, whatever its interval
    /// Whether uid, commit, times and content hash of the record are read with it; they take three more look-ups. Empty: yes for
    /// fetch_rows, no for fetch<T>, whose Rows::provenance() reads them when it is called.
    std::optional<bool> provenance = std::nullopt;
};

/// How values of a named reference are stored. Persisted: values never change.
enum class Storage : std::uint8_t { Columns = 1, Bytes = 2 };
/// Which of several eligible records of one version wins. Persisted: values never change.
enum class OrderPolicy : std::uint8_t { ByBegin = 1, ByCreation = 2 };
[[nodiscard]] std::string_view name_of(Storage storage) noexcept;       // `columns`, `bytes`
[[nodiscard]] std::string_view name_of(OrderPolicy policy) noexcept;    // `by_begin`, `by_creation`

/// Which elements a named reference promises (DESIGN 2.4). An answer to which one of them is missing is Incomplete.
struct Coverage {
    bool complete = false;                 ///< false: sparse, nothing is promised
    std::vector<std::int64_t> elements;    ///< of a complete one, ascending
    friend bool operator==(const Coverage&, const Coverage&) = default;
};
/// `sparse`, or `complete(0-23,30)`; throws Error(BadInput).
[[nodiscard]] Coverage parse_coverage(std::string_view text);
/// Inverse of parse_coverage.
[[nodiscard]] std::string format_coverage(const Coverage& coverage);

/// Who commits and why; empty parts are filled in (user, host, program name).
struct CommitInfo {
    std::string author;
    std::string host;
    std::string program;
    std::string reason;
};

/// One interval record to commit, with its rows.
struct PutRecord {
    std::string name;                       ///< named reference
    std::string version = "default";
    std::int64_t element = 0;
    std::int64_t begin = kMinusInfinity;    ///< on the axis of the reference
    std::optional<std::int64_t> end;        ///< no value: until superseded
    std::optional<Time> created;            ///< creationTime; empty: the entry time
    DefinitionPtr layout;                   ///< layout of the rows; must be a recorded schema version. Null for a hole
    std::shared_ptr<const std::byte> rows;  ///< num_rows structs of layout->size bytes
    std::uint64_t num_rows = 0;             ///< 0: a hole
    std::array<std::byte, 16> uid = {};     ///< of a record that is copied; all zero: a new one is made
};

/// Numbers and counts of a commit.
struct CommitResult {
    std::int64_t commit = 0;
    Time entry_time;
    std::uint64_t records = 0;       ///< interval records written
    std::uint64_t new_payloads = 0;  ///< payloads that were not stored before
    std::uint64_t rows = 0;          ///< rows in those new payloads
};

/// One interval of values that a put or a retirement would change, in the series (name, version, element) of the layer
/// that is written to.
struct PutEffect {
    std::string name;
    std::string version;
    std::int64_t element = 0;
    Interval interval;               ///< where another record, or none, would win
    std::string before;              ///< `gap`, or `hole` or `record` UID begin B schema N, of what answers there now
    std::string after = {};          ///< the same of what would answer; `new record begin B` or `new hole begin B` of a put
    /// A layer above that has something valid there (in the version chain of the Database, when that has the version): readers of
    /// all layers do not see the change. Empty: they do.
    std::string hidden_by = {};
};

/// Which reads see a commit that is made next.
struct CommitReach {
    std::int64_t next_commit = 0;      ///< its number, unless somebody commits before
    std::uint64_t open_snapshots = 0;  ///< named snapshots that are open: they do not move by themselves
    std::uint64_t frozen_snapshots = 0;  ///< those that never see it
};

/// Called as work goes on: done of total (units of the caller's business); may throw to stop.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// One struct as recorded.
struct StructInfo {
    std::string name;
    std::int64_t current_schema = 0;   ///< lastSchemaID
    std::int64_t schemas = 0;          ///< number of schema versions
    std::uint64_t size = 0;            ///< of the current one
    std::uint64_t elements = 0;        ///< of the current one
    bool is_binary = false;            ///< stored as bytes unless a reference says otherwise
    std::string table_name;            ///< of its columns; empty when it has none
};

/// One named reference as recorded, with the policy in force.
struct NameInfo {
    std::string name;
    std::string struct_name;
    Axis axis = Axis::Time;
    OrderPolicy policy = OrderPolicy::ByBegin;
    Storage storage = Storage::Columns;
    std::string view_name;             ///< of the readable view; empty when stored as bytes
    std::int64_t records = 0;
    Coverage coverage = {};
};

/// A file of rules of evolution (docs/evolution.md): its text, and its name for messages.
struct RulesFile {
    std::string name;
    std::string text;
};

/// What registering one struct did or would do.
struct RegisterOutcome {
    std::string struct_name;
    enum class Action : std::uint8_t { NewStruct, NewSchema, Known, MadeCurrent } action = Action::Known;
    std::int64_t schema = 0;             ///< the schema version that the definition is (would be)
    std::int64_t previous_schema = 0;    ///< the current one before; 0 when new
    bool is_current = true;              ///< whether `schema` is (would be) the current one
    struct Line {
        std::string change;              ///< `added fieldX int32`, `retyped a: int32 -> float64`
        std::string verdict;             ///< of reading the previous schema as this one: `automatic`, `needs rule`, ...
        std::string reason;
        bool blocks = false;             ///< refused or needs a rule
        std::string row;                 ///< of the law that says so: `integer_widened` (`etalon law` lists them)
        /// Stored interval records that the change touches when it is refused, needs a rule or is checked (else 0): those that are
        /// not retired, no holes, and stored in a schema version from which reading the new layout meets a change of this kind
        /// at this element with the same verdict or a worse one. Of all layers.
        std::uint64_t records = 0;
        /// Configurations with a table node whose reference has such a record.
        std::uint64_t configurations = 0;
        std::string kind = {};           ///< `retyped`, `unit changed`, ...
        std::string path = {};           ///< of the element in the new layout, of a removed one in the old; empty: the struct
    };
    std::vector<Line> changes;           ///< against the previous current schema
    std::size_t rules = 0;               ///< sections of rules that are (would be) recorded
    std::vector<std::string> notes = {}; ///< sections that are not used here, and why; numbers whose names changed their meaning
    std::string layout = {};             ///< hash of the definition, as rules name it
    std::string previous_layout = {};    ///< of the current one before; empty when new
    std::vector<std::string> proposed = {};   ///< renames that are likely, as rules: `rename gain -> gains`
    /// An older schema version, not the previous current one, that could not be read as the new current one.
    struct Other {
        std::int64_t schema = 0;
        std::string verdict;             ///< the worst: `needs rule` or `refused`
        std::string change;              ///< the first with that verdict
        std::string reason;
        std::uint64_t records = 0;       ///< stored in that layout, not retired, no holes; of all layers
        std::uint64_t configurations = 0;  ///< with a table node whose reference has such a record
    };
    std::vector<Other> others = {};      ///< ascending; they do not block
};

struct RegisterOptions {
    bool dry_run = false;
    bool strict = false;        ///< record nothing when any change is refused or needs a rule (outcomes tell)
    bool make_current = false;  ///< an already recorded definition becomes the current one
    CommitInfo info;
    std::vector<RulesFile> rules = {};  ///< of the structs that are registered; those of other structs are left alone
};

struct RegisterReport {
    std::vector<RegisterOutcome> outcomes;
    std::int64_t commit = 0;   ///< 0 when nothing was recorded
    bool blocked = false;      ///< a change is refused or needs a rule; with strict nothing was recorded
};

/// A named reference to create or change. Absent parts keep their value (or get the default when new).
struct NameSpec {
    std::string name;
    std::string struct_name;
    std::optional<Axis> axis;            ///< fixed once records exist
    std::optional<OrderPolicy> policy;
    std::optional<Storage> storage;
    std::optional<Coverage> coverage = std::nullopt;
};

/// One interval record as `history` shows it.
struct HistoryRecord {
    Interval interval;
    std::int64_t element = 0;
    std::string version;
    std::int64_t schema = 0;
    std::uint64_t rows = 0;
    std::int64_t commit = 0;
    std::optional<std::int64_t> retired;
    std::string uid;
    Time created;
    Time entered;
    std::string layer = {};            ///< the place that has it, a URL without password
    std::string author = {};           ///< of its commit
    std::string reason = {};           ///< of its commit
};

/// Which records a history lists, and how. A record is listed when everything that is given holds.
struct HistoryOptions {
    std::vector<std::string> versions;         ///< any of them; empty: all
    std::vector<std::int64_t> elements;        ///< any of them; empty: all
    std::optional<AsOf> as_of;
    std::optional<Relation> relation;          ///< of the record's own interval to [from, to); empty: overlaps, when one is given
    std::optional<Position> from;              ///< on the axis of the reference; empty: open
    std::optional<Position> to;                ///< above `from`; an empty range throws Error(Usage)
    std::optional<Time> entered_from;          ///< committed at or after
    std::optional<Time> entered_to;            ///< committed before
    std::optional<std::string> author;         ///< of the commit, exactly
    RetiredFilter retired = RetiredFilter::All;
    /// Records with a row for which all of these hold. A record whose schema version lacks an element does not match; one
    /// that is stored as bytes cannot be asked: Error(Usage) that says how many there are. Through a recorded rename or
    /// change of unit the old values count under the new name and in the new unit.
    std::vector<ValueFilter> where;
    HistoryOrder order = HistoryOrder::Element;
    bool descending = false;                   ///< the order, ties included, the other way round
    std::uint64_t limit = 0;                   ///< 0: all
    std::vector<std::string> uids = {};        ///< 32 hexadecimal digits each; empty: all
};

/// What was or would be retired.
struct RetireReport {
    std::vector<HistoryRecord> records;
    std::int64_t commit = 0;   ///< 0: a dry run, or nothing matched
    std::vector<PutEffect> effects = {};   ///< of a dry run: which intervals would change
};

/// One row of commitLog.
struct CommitRecord {
    std::int64_t commit = 0;
    Time entry_time;
    std::string author;
    std::string host;
    std::string program;
    std::string reason;
    std::uint64_t records = 0;
    /// Of the commit and of all before it, 64 hexadecimal digits: `N-hash` names a commit of this history and of no other. Empty in
    /// databases of format 1.
    std::string hash = {};
};

enum class NodeType : std::uint8_t { Config = 1, Directory = 2, Table = 3, Database = 4 };
[[nodiscard]] std::string_view name_of(NodeType type) noexcept;  // `Config`, `directory`, `table`, `DB`

/// One node of a configuration tree, as it is added or listed.
struct NodeSpec {
    std::string path;               ///< `Root/dir/leaf`: the first part is the configuration's own name
    std::string key;                ///< KeyName of the configuration (`default` when empty)
    NodeType type = NodeType::Table;
    std::string ref_name;           ///< table: the named reference (default: the leaf's name); DB: the configuration in the
                                    ///< other database (`name` or `name/key`; default: the leaf's name, same key)
    std::string db_name;            ///< DB: name of the other database (default: the leaf's name)
    std::string version;            ///< version chain; empty: that of the request
    std::string elements;           ///< element list `0-23,30`; empty: element 0
    bool base_line = false;         ///< read whatever the time
    std::string comment;
};

/// How a Database is opened. `version`, `as_of` and `as_of_patterns` are for reads that say nothing themselves.
struct OpenOptions {
    bool create = false;            ///< `init`: create file or schema and tables when missing (idempotent); of a stack, those of the
                                    ///< layer that is written to
    bool upgrade = false;           ///< with create: bring an older stored format to this one
    Progress upgrade_progress = {};  ///< of that; may throw to stop: the place stays what it was
    /// Called with everything that an upgrade finds damaged: it is kept, and an error whenever it is read.
    std::function<void(const std::string&)> upgrade_finding = {};
    std::string write_to = {};      ///< URL of the layer that is written to; needed when several could be
    std::string version = {};       ///< version chain; empty: `default`
    std::optional<AsOf> as_of = std::nullopt;
    std::vector<AsOfPattern> as_of_patterns = {};
    /// False: rows and stretches are taken without comparing their checksums, in all layers (a URL may end with `?verified=off` for
    /// one). A cold read of a small struct gains a few percent; damage to what is stored may then be answered without a word.
    bool verified = true;
    /// Opened for verify() alone: what is damaged in the catalog does not keep the place from being opened, and is found by that.
    bool examine = false;
    std::uint64_t cache_bytes = 64 << 20;  ///< bound of the in-process cache of answers (rows and bookkeeping), 64 MiB: enough
                                           ///< for about 100,000 small tables; 0 keeps none, every fetch asks the store
};

/// What the in-process cache of answers did and holds (OpenOptions::cache_bytes).
struct CacheCounters {
    std::uint64_t hits = 0;       ///< answers found without a statement
    std::uint64_t loads = 0;      ///< answers loaded after a miss
    std::uint64_t bytes = 0;      ///< rows and bookkeeping held now
    std::uint64_t entries = 0;    ///< answers held now
    std::uint64_t evictions = 0;  ///< answers given up to stay within the bound
    friend bool operator==(const CacheCounters&, const CacheCounters&) = default;
};

/// One layer of a Database.
struct LayerInfo {
    std::string place;              ///< URL without password
    bool written_to = false;
    std::int64_t snapshot = 0;      ///< commit number that reads see; 0 for memory and csv, which have none
    std::string digest;             ///< of the files of a CSV layer
};

/// A named snapshot as it is recorded.
struct SnapshotInfo {
    struct Entry {
        std::string pattern;        ///< of names of references
        std::string place;          ///< a layer's URL, or its uid when it is not among the layers
        std::int64_t commit = 0;
        std::string hash = {};      ///< of that commit: reading a place whose commit has another one is refused; empty: it had none
    };
    std::string name;
    bool frozen = false;
    std::string author;
    Time created;
    std::string comment;
    std::vector<Entry> entries;
    std::vector<std::string> digests;   ///< of CSV layers, when frozen with some
};

namespace detail {
class StackImpl;
}
struct Explanation;
struct LintFinding;
struct VerifyOptions;
struct VerifyReport;

/// One open database: a stack of layers, mostly of one. Calls may come from several threads; they are served one after the other. Reads use the snapshot
/// taken when the database was opened, until advance().
class Database {
public:
    /// Opens `sqlite:path.db[#Name]` or `postgresql://...[#Name]` (or `memory:`, `csv:DIRECTORY`). Throws Error(Backend) when it
    /// cannot be reached, Error(Format) when it is not an Etalon database or has a newer major format.
    static Database open(std::string_view url, const OpenOptions& options = {});
    /// Opens a stack of layers of one database, the first on top (DESIGN 2.8): the first with an eligible record wins and trims those
    /// below, each element by itself. CSV directories are read now. Throws as open of each of them.
    static Database open(const std::vector<std::string>& urls, const OpenOptions& options = {});

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    [[nodiscard]] const std::string& name() const noexcept;    ///< `Calibrations_tpc`
    [[nodiscard]] const std::string& place() const noexcept;   ///< the URL, without password
    [[nodiscard]] std::int64_t snapshot() const noexcept;      ///< the commit number that reads see (of a stack: in the layer written to)
    [[nodiscard]] std::vector<LayerInfo> layers() const;       ///< top first
    std::int64_t advance();                                    ///< takes a new snapshot and returns it
    /// SQL statements sent so far, for tests and tuning.
    [[nodiscard]] std::uint64_t statement_count() const noexcept;

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
    /// Which record answered for one of the elements of an answer of this Database: what it has, or what is read now. Throws
    /// Error(Unknown) for a Gap, Error(Corrupt) when the record is not there any more.
    [[nodiscard]] Provenance fetch_provenance(const ElementAnswer& element);
    /// Interval records, retired ones included unless asked otherwise.
    [[nodiscard]] std::vector<HistoryRecord> history(std::string_view name, const HistoryOptions& options = {});
    /// Commits, newest first; limit 0 = all.
    [[nodiscard]] std::vector<CommitRecord> log(std::uint64_t limit = 0);

    /// The answer of the interval that follows, or comes before, the one around `at`; none when that reaches to infinity. The point at
    /// infinity itself is no interval.
    [[nodiscard]] std::optional<Answer> fetch_next(std::string_view name, Position at, const FetchOptions& options = {},
                                                   DefinitionPtr layout = nullptr);
    [[nodiscard]] std::optional<Answer> fetch_previous(std::string_view name, Position at, const FetchOptions& options = {},
                                                       DefinitionPtr layout = nullptr);
    /// All answers that touch [from, to), in order, gaps included; `visit` returns false to stop. Each answer's own validity may
    /// reach beyond the range.
    void scan(std::string_view name, Position from, Position to, const std::function<bool(const Answer&)>& visit,
              const FetchOptions& options = {}, DefinitionPtr layout = nullptr);

    // --- why ----------------------------------------------------------------------------------------------------------
    /// Why fetch_rows with these options answers what it does: all records of each element, layer by layer, and what decided between
    /// them (etalon/explain.h). At most `limit` records of each state are listed (0: all), all are counted. Linear in the
    /// records of the element. Throws as fetch_rows, and Error(Internal) when records and answer do not agree.
    [[nodiscard]] Explanation explain(std::string_view name, Position at, const FetchOptions& options = {},
                                      std::uint64_t limit = 10);
    /// Records that look like mistakes, as of the last visible commit, of these references or of all (etalon/lint.h); in order of
    /// name, layer, element. `now` decides what has expired; empty: the system clock. Linear in the records.
    [[nodiscard]] std::vector<LintFinding> lint(std::span<const std::string> names = {},
                                                std::optional<Time> now = std::nullopt);

    // --- proof --------------------------------------------------------------------------------------------------------
    /// Checks everything in the layers that last against checksums, proofs and the chain of commits (etalon/verify.h), and mends what is
    /// derived when asked to. Linear in what is stored. Throws Error(Format) for a layer of format 1.
    [[nodiscard]] VerifyReport verify(const VerifyOptions& options, const Progress& progress = {});

    // --- snapshots -----------------------------------------------------------------------------------------------
    /// Named snapshots of this database, by name.
    [[nodiscard]] std::vector<SnapshotInfo> snapshots();
    /// Creates a named snapshot, or changes one that is open, in one commit: every pattern gets what its AsOf means now, as one commit
    /// number for every layer that has them. A new one gets `*` = the last commit unless that is given. Returns the commit
    /// number. Error(Refused) when it is frozen.
    std::int64_t set_snapshot(std::string_view name, const std::vector<AsOfPattern>& entries, const CommitInfo& info = {},
                              std::string_view comment = {});
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
    /// All recorded definitions of a struct, oldest schema version first: the first is schema version 1. Throws as get_definition.
    [[nodiscard]] std::vector<DefinitionPtr> get_definitions(std::string_view struct_name);
    /// The rules of a struct that hold for reads without a snapshot, one file for each section, in the order in which their two
    /// layouts were first joined (lower layers first); none when there are none. Sections that a later one for the same two layouts
    /// replaced are not among them. Throws as get_definition.
    [[nodiscard]] std::vector<RulesFile> get_rules(std::string_view struct_name);
    /// Records definitions and their schema versions in one commit, and a named reference of each struct's name.
    RegisterReport register_structs(std::span<const StructDefinition> definitions, const RegisterOptions& options = {});
    /// Creates or changes a named reference in one commit; returns the commit number, 0 when nothing changes.
    std::int64_t define_name(const NameSpec& spec, const CommitInfo& info = {});

    // --- writing -------------------------------------------------------------------------------------------------
    /// Commits records and named references in one transaction: all or nothing.
    CommitResult commit(std::span<const PutRecord> records, const CommitInfo& info = {},
                        std::span<const NameSpec> names = {}, const Progress& progress = {});
    /// What commit() of these records would change, against the last visible commit; checks everything and writes nothing.
    [[nodiscard]] std::vector<PutEffect> preview(std::span<const PutRecord> records,
                                                 std::span<const NameSpec> names = {});
    /// Which reads would see it.
    [[nodiscard]] CommitReach preview_reach();

    /// Retires the records that `which` selects and that are not retired yet, in one commit: snapshots from then on do not see
    /// them, earlier ones still do. `which.as_of` is not used: the last commit counts. A reason in `info` is demanded. Several matches
    /// need several = true, so that nobody retires more than was meant.
    RetireReport retire(std::string_view name, const HistoryOptions& which, const CommitInfo& info, bool several = false,
                        bool dry_run = false);

    // --- parameter sets (etalon/parameters.h) ----------------------------------------------------------------------
    /// Commits parameter sets, all or nothing. Sets that are new get their references in the same commit.
    CommitResult put_parameters(std::span<const ParameterPut> puts, const CommitInfo& info = {});
    CommitResult put_parameters(const ParameterPut& put, const CommitInfo& info = {}) {
        return put_parameters({&put, 1}, info);
    }
    /// The set of a software that is valid at a position. Of a version chain (`session,user,group,site`) or layer stack the first
    /// that has the set gives it as a whole: sets are not merged. One element (default 0) is read. Throws Error(Unknown) with the
    /// nearest names for a set that is not recorded, Error(WrongAxis).
    [[nodiscard]] ParameterAnswer fetch_parameters(std::string_view software, std::string_view set, Position at,
                                                   const FetchOptions& options = {});
    /// The sets that are recorded, in order of software and set; of one software when it is given.
    [[nodiscard]] std::vector<ParameterSetInfo> parameter_sets(std::string_view software = {});

    // --- run maps (etalon/runs.h) ----------------------------------------------------------------------------------
    /// Records runs in one commit. A run that is recorded already (in that version) is corrected: its earlier time answers no
    /// more. Throws Error(BadInput) with all of: an empty or infinite span, a run twice, two runs at the same time.
    CommitResult add_runs(std::span<const RunSpan> runs, std::string_view map = "default", const CommitInfo& info = {},
                          std::string_view version = "default");
    /// What a map says of a run, and which run it has at a time. Options choose snapshot, version chain and layers. No such run, or
    /// no run then, is an answer; a map that is not recorded is an Error(Unknown) with the nearest names.
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
    /// Adds nodes (missing directories above a leaf are made, a missing root becomes a Config) in one commit; a node that
    /// exists with the same content is left, one with other content is replaced (the old one is retired). Returns the
    /// commit number, 0 when nothing changes.
    std::int64_t add_nodes(std::span<const NodeSpec> nodes, const CommitInfo& info = {});
    /// Nodes of this database's own tree, parents before children, siblings in order; DB nodes are not followed.
    [[nodiscard]] std::vector<NodeSpec> tree(std::string_view root, std::string_view key = "",
                                             std::optional<AsOf> as_of = std::nullopt);
    /// Names and keys of the configurations that are recorded.
    [[nodiscard]] std::vector<NodeSpec> configurations();

    [[nodiscard]] detail::StackImpl& impl() noexcept { return *impl_; }

private:
    explicit Database(std::shared_ptr<detail::StackImpl> impl);
    [[nodiscard]] std::shared_ptr<detail::Source> make_source(std::string_view name, std::string_view struct_name,
                                                              std::string_view definition, FetchOptions options);
    std::shared_ptr<detail::StackImpl> impl_;
};

}  // namespace etalon
