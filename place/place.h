#pragma once
/// The inside of a Database: one connection, one snapshot, and what is known of names and structs at that snapshot.

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "backends/port.h"
#include "config_tree/nodes.h"
#include "conversion/plan.h"
#include "etalon/answer.h"
#include "etalon/definition.h"
#include "etalon/error.h"
#include "etalon/interval.h"
#include "etalon/reference.h"
#include "etalon/request.h"
#include "evolution/rule_trace.h"
#include "index/commits.h"
#include "index/names.h"
#include "index/winner.h"
#include "schema/rows.h"
#include "schema/units.h"
#include "store/catalog.h"
#include "store/payload.h"
#include "store/schema_cache.h"

namespace etalon::store {
struct RuleTable;
}

namespace etalon::place {

class Place;
class RecordsWhere;
struct TypedCondition;

/// How rows of one stored schema version become rows of one asked layout. Immutable, shared.
struct ReadPlan {
    store::SchemaPtr schema;
    DefinitionPtr asked;
    std::shared_ptr<const evolution::StructRules> rules;  ///< those that it was made with; may be null
    /// Stored and asked elements are the same values in the same order: cells may be written straight to their place.
    bool direct = false;
    /// From canonical rows (schema->canonical) to the asked layout.
    std::shared_ptr<const conversion::ConversionPlan> convert;
};
using ReadPlanPtr = std::shared_ptr<const ReadPlan>;

/// A struct with its schema versions. Replaced, never changed, when a newer version turns up.
struct StructEntry {
    store::StructRecord record;
    std::vector<store::SchemaPtr> schemas;
    bool complete = true;                                   ///< false: only the versions that some answers needed
    std::vector<std::string> columns;                       ///< all columns of the row table, over all versions
    std::map<std::int64_t, std::vector<int>> column_index;  ///< schema ID -> index into `columns` per element

    /// What the struct is called now: as its newest version. `record.name` is what it was called first.
    [[nodiscard]] const std::string& name() const noexcept {
        return schemas.empty() ? record.name : schemas.back()->definition->name;
    }
    /// True for that name and all that it had before.
    [[nodiscard]] bool is_called(std::string_view name) const noexcept;
    /// The version with that ID, or null.
    [[nodiscard]] store::SchemaPtr find(std::int64_t schema_id) const noexcept;
};
using StructPtr = std::shared_ptr<const StructEntry>;

struct ReadContext;
/// Room for rows of an answer: in memory, or in a file when the context wants that for so many bytes and there is room
/// for it.
[[nodiscard]] AlignedBuffer make_row_buffer(std::uint64_t size, const ReadContext& context);
/// The bytes beyond which the rows of an answer are kept in a temporary file that is mapped: a program that knows the
/// layout works on its rows in memory; who asks for rows of any layout mostly passes them on, from front to end.
[[nodiscard]] std::uint64_t spool_limit(const DefinitionPtr& asked) noexcept;

/// The rules of evolution that hold for a read, by struct: under each name that it has or had. Immutable, shared.
using RuleBook = std::map<std::string, std::shared_ptr<const evolution::StructRules>, std::less<>>;
using RuleBookPtr = std::shared_ptr<const RuleBook>;

/// The statement that answers one version of a name for one element, with the rows joined to it.
struct PointPlan {
    backends::Sql sql;
    Storage joined = Storage::Columns;  ///< which rows are joined; the other kind needs a second statement
    std::uint64_t most_rows = 0;        ///< in columns: of payloads that have more, not all are joined
    /// Column of rowNumber or chunk; encoding and contentHash stand before it.
    static constexpr int kFirstJoined = index::kPointColumnCount + 2;
    StructPtr of_struct;  ///< columns as of this version of the entry
};

/// The same in format 2: the nearest stretch, with the rows of its payload joined behind index::kStretchColumns.
struct StretchPlan {
    backends::Sql sql;
    Storage joined = Storage::Columns;
    std::uint64_t most_rows = 0;
    StructPtr of_struct;
};

/// Where the joined columns of a statement go in the rows of one read plan. Immutable, shared.
struct CellPlan {
    ReadPlanPtr plan;
    StructPtr of_struct;    ///< whose columns are joined
    int first = 0;          ///< the column of the first of them: it is not the same in all statements
    DefinitionPtr target;   ///< of the rows that are read: the asked layout, or the canonical one
    bool is_dense = false;  ///< cells fill the rows whole
    std::vector<backends::Cursor::PlacedCell> cells;
};

/// A named reference at one snapshot.
struct NameEntry {
    index::NameRecord record;
    StructPtr of_struct;
    std::int64_t snapshot = 0;
    std::array<std::shared_ptr<const PointPlan>, 2> plans;  ///< format 1, by index::Reach
    std::shared_ptr<const StretchPlan> stretch_plan;        ///< format 2
    std::shared_ptr<const CellPlan> cell_plan;              ///< of the last read of joined columns
    bool changed = false;                                   ///< later commits changed a timeline that was asked for
    std::map<std::string, index::VersionChain, std::less<>> chains;

    /// A version chain, parsed once; lives as long as the entry.
    const index::VersionChain& get_chain(const std::string& text) {
        const auto known = chains.find(text);
        return known != chains.end() ? known->second : chains.emplace(text, index::parse_chain(text)).first->second;
    }
};
using NamePtr = std::shared_ptr<NameEntry>;

/// A configuration of this database at the snapshot of the Database: it cannot change until that does.
struct KnownTree {
    std::vector<config_tree::TreeNode> nodes;
    std::map<std::string, NamePtr, std::less<>> names;  ///< the references of its tables
};
using TreePtr = std::shared_ptr<const KnownTree>;

/// One (name, element) to answer.
struct Question {
    NameEntry* name = nullptr;
    const index::VersionChain* chain = nullptr;
    bool any_position = false;
    std::int64_t element = 0;
    std::int64_t at = 0;
};

/// The answer to a Question, rows in the asked layout.
struct Reply {
    index::WinnerAnswer winner;
    ReadPlanPtr plan;  ///< null for a gap or hole
    std::string content_hash;
    schema::RowBlock rows;
    std::uint64_t losses = 0;
    const Place* from = nullptr;  ///< of several layers, the one that it came from; null: the only one
    bool has_provenance = true;   ///< false: uid, commit and times of the record were not read
};

/// Which record, of which reference, for errors.
[[nodiscard]] std::string describe(const NameEntry& name, const index::WinnerAnswer& winner, std::int64_t element);
/// Runs what makes the rows of a reply; an Error(Conversion) of it says of which record.
template <class Work>
void convert_for(const NameEntry& name, const index::WinnerAnswer& winner, std::int64_t element, const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Conversion) throw;
        throw error.within(describe(name, winner, element));
    }
}

/// Rows of one payload as they arrive; several replies may share a payload.
struct Arriving {
    store::SchemaPtr schema;
    StructPtr of_struct;
    std::uint64_t num_rows = 0;
    std::uint64_t arrived = 0;
    store::ExpectedRows expected;
    schema::RowBlock canonical;
    std::optional<store::ChunkAssembler> chunks;
};

/// Everything that a read depends on but its question: it travels with the call.
struct ReadContext {
    std::int64_t snapshot = 0;  ///< commit number
    RuleBookPtr rules;          ///< of evolution, which the stack knows: it has all layers; may be null
    DefinitionPtr definition;   ///< the layout of the rows, when given
    std::int64_t schema = 0;    ///< else this version of the struct; 0: as stored
    conversion::PlanOptions options;
    bool as_stored = false;  ///< objects: each in the layout that it is stored in
    bool provenance = true;  ///< read uid, commit, times and content hash too
    bool narrow = false;  ///< `definition` has few of the elements: only their columns are read, where that is possible
    /// Rows of more bytes are kept in a file.
    std::uint64_t spool_above = std::numeric_limits<std::uint64_t>::max();
    std::shared_ptr<const TypedCondition> where = {};  ///< only records with such a row count; null: all do

    /// Of the rules, those of one struct; may be null.
    [[nodiscard]] std::shared_ptr<const evolution::StructRules> rules_of(std::string_view struct_name) const;
    /// What a struct is called by these rules, given its name in `structure`.
    [[nodiscard]] std::string name_of_struct(const std::string& recorded_name) const;
};

/// What a Place is, decided when it is opened.
struct PlaceTraits {
    std::string name;    ///< of the database
    std::size_t number;  ///< place in the stack, top first
    bool is_private;     ///< memory or CSV files: numbers and times of its commits mean nothing to others
    bool has_rules;      ///< its format has a table for rules
    bool examine;        ///< when its commits are damaged it is opened all the same, as of nothing
    std::shared_ptr<schema::LazyUnits> units;  ///< never null
};

/// One place: what a stack asks layer by layer. Used by one thread at a time: whoever has the stack has its places.
class Place : public std::enable_shared_from_this<Place> {
public:
    /// Sees the last commit. Throws Error(Corrupt) when the commits are damaged.
    Place(std::unique_ptr<backends::Connection> connection, PlaceTraits traits);

    [[nodiscard]] backends::Connection& connection() noexcept { return *connection_; }
    [[nodiscard]] const backends::Connection& connection() const noexcept { return *connection_; }
    /// Of the database that the place belongs to.
    [[nodiscard]] const std::string& name() const noexcept { return traits_.name; }
    /// The stack says how the database is called, when it knows all of its layers.
    void rename(std::string name) { traits_.name = std::move(name); }
    [[nodiscard]] std::size_t number() const noexcept { return traits_.number; }
    [[nodiscard]] bool is_private() const noexcept { return traits_.is_private; }
    [[nodiscard]] bool has_rules() const noexcept { return traits_.has_rules; }
    [[nodiscard]] schema::LazyUnits& units() noexcept { return *traits_.units; }
    /// Read once; forget() leaves it, what it has is checked against what is read.
    [[nodiscard]] store::SchemaCache& schemas() noexcept { return schemas_; }
    /// The commit number that reads see.
    [[nodiscard]] std::int64_t snapshot() const noexcept { return head_.seq; }
    /// The same with its hash.
    [[nodiscard]] const index::CommitHead& head() const noexcept { return head_; }

    // Snapshot and caches (place.cpp).
    std::int64_t take_snapshot();
    /// The last visible commit; throws Error(Backend) when it is before the snapshot: this is not the place that was
    /// opened.
    [[nodiscard]] index::CommitHead find_last_commit();
    /// Commits that were completed through this place.
    [[nodiscard]] std::uint64_t commits_made() const noexcept { return commits_made_; }
    void count_commit() noexcept { ++commits_made_; }
    /// Reads see that commit from now on.
    void set_snapshot(const index::CommitHead& head);
    /// What a commit number, a date or nothing (the snapshot taken) means here; dates are translated once per snapshot.
    /// No named snapshots: those are the stack's.
    [[nodiscard]] index::Resolved resolve(const std::optional<AsOf>& as_of);
    /// A configuration that was kept since the snapshot was taken, or null.
    [[nodiscard]] TreePtr find_tree(std::string_view root, std::string_view key) const;
    /// Keeps one, read at the snapshot.
    void keep_tree(std::string_view root, std::string_view key, TreePtr tree);

    // Catalog lookups with caches (catalog.cpp).
    NamePtr get_name(backends::Transaction& tx, std::string_view name, std::int64_t snapshot);
    /// The same, or null when the name is unknown here.
    NamePtr find_name(backends::Transaction& tx, std::string_view name, std::int64_t snapshot);
    /// Reads all names at once, when many are going to be asked for.
    void know_all_names(backends::Transaction& tx);
    StructPtr get_struct(backends::Transaction& tx, std::int64_t struct_id);
    /// By its name, or one that it has or had by a rename; null when there is none. `rules`: what read_rules() gives
    /// now, when that is at hand.
    StructPtr find_struct(backends::Transaction& tx, std::string_view name, const store::RuleTable* rules = nullptr);
    /// The same as of a commit, looked up once for as long as reads see one snapshot.
    StructPtr find_struct_as_of(backends::Transaction& tx, std::string_view struct_name, std::int64_t commit);
    StructPtr require_struct(backends::Transaction& tx, std::string_view name);
    StructPtr reload_struct(backends::Transaction& tx, std::int64_t struct_id);
    /// Adds schema versions that a statement brought along; returns the entry that has them.
    StructPtr merge_schema(const store::SchemaPtr& schema);
    StructPtr add_struct(store::StructRecord record, std::vector<store::SchemaPtr> schemas, bool complete = true);
    /// A struct whose schema versions are not read (yet), unless it is known already.
    StructPtr know_struct(store::StructRecord record);
    /// A struct that know_struct() made known.
    [[nodiscard]] StructPtr find_known_struct(std::int64_t struct_id) const { return structs_.at(struct_id); }
    /// Forgets names, structs and trees: after a write, and after one that failed.
    void forget();
    ReadPlanPtr get_read_plan(const store::SchemaPtr& schema, const DefinitionPtr& asked, const ReadContext& context);
    // Reading (reader.cpp).
    const PointPlan& get_point_plan(NameEntry& name, index::Reach reach);
    Answer fetch(std::string_view name, Position at, const FetchOptions& options, const DefinitionPtr& layout,
                 const index::Resolved& as_of, RuleBookPtr rules);
    /// Answers one question: a statement per version until one answers (one more when the storage form differs from the
    /// policy's, or when later commits changed the timeline).
    Reply ask_one(backends::Transaction& tx, const Question& question, const ReadContext& context);
    /// Answers many: a loop in SQLite, three statements in PostgreSQL.
    std::vector<Reply> ask_many(backends::Transaction& tx, const std::vector<Question>& questions,
                                const ReadContext& context);
    /// Format 2: reads what the stretch of the winner does not say, and checks it.
    void read_provenance(backends::Transaction& tx, const Question& question, Reply& reply);
    /// The provenance of an element that was read without, as make_answer() gives it.
    [[nodiscard]] Provenance get_provenance(const ElementAnswer& element);
    /// Brings the rows of a reply, read as stored, to another layout.
    void bring_to(const NameEntry& name, std::int64_t element, Reply& reply, const DefinitionPtr& layout,
                  const ReadContext& context);
    /// Brings rows of several schema versions, read as stored, to the newest of them.
    void unify(const NameEntry& name, const std::vector<std::int64_t>& elements, std::vector<Reply>& replies,
               const ReadContext& context);
    /// Puts the replies of one name together.
    Answer make_answer(const NameEntry& name, const std::vector<std::int64_t>& elements, Position at,
                       std::vector<Reply> replies, const ReadContext& context, const index::Resolved& as_of) const;
    [[nodiscard]] DefinitionPtr asked_definition(const StructEntry& of_struct, const ReadContext& context,
                                                 const store::SchemaPtr& stored) const;

private:
    /// The connection was made anew, perhaps to another server: waits until that has all that was read from the one
    /// before. Throws Error(Backend) when it does not get it in time, or when it has another history.
    void check_connection();
    /// The answer among the records that have a row for which context.where holds (where.cpp).
    Reply ask_where(RecordsWhere& records, backends::Transaction& tx, const Question& question,
                    const ReadContext& context);
    /// Format 2: the answer of one version, with rows.
    Reply ask_stretch(backends::Transaction& tx, const Question& question, std::string_view version,
                      const ReadContext& context);
    const StretchPlan& get_stretch_plan(NameEntry& name);
    /// Reads the joined rows of a cursor that stands on the first, from column `first` on; true when they are all
    /// there.
    void read_joined(backends::Cursor& cursor, const Question& question, const ReadContext& context,
                     const StructPtr& of_struct, int first, Storage joined, bool ends_with_rows, Reply& reply);
    /// A question that ask_joined() leaves.
    struct Left {
        std::size_t index = 0;         ///< of the question
        bool is_past_nearest = false;  ///< the nearest stretch did not hold
    };
    /// `lefts`: of each question, in their order.
    std::vector<Reply> ask_stretches(backends::Transaction& tx, const std::vector<Question>& questions,
                                     const std::vector<Left>& lefts, const ReadContext& context);
    /// Answers those questions whose nearest stretch held and has few rows in columns: a statement a struct, all in one
    /// round trip. Returns the others.
    std::vector<Left> ask_joined(backends::Transaction& tx, const std::vector<Question>& questions,
                                 const ReadContext& context, std::vector<Reply>& replies);
    /// Reads the rows of the winners of many replies: column rows in one statement, bytes in another.
    void read_many_rows(backends::Transaction& tx, const std::vector<Question>& questions, const ReadContext& context,
                        std::map<std::int64_t, Arriving>& columns, std::map<std::int64_t, Arriving>& bytes,
                        std::vector<Reply>& replies);
    /// Format 1: the answer of one version, with rows.
    Reply ask_version(backends::Transaction& tx, const Question& question, std::string_view version,
                      const ReadContext& context);
    /// Reads the rows of the winner of a reply, whose plan is made, piece by piece into the asked layout.
    void read_converted(backends::Transaction& tx, const StructEntry& of_struct, Storage encoding,
                        const store::ExpectedRows& expected, const ReadContext& context, Reply& reply);
    /// Reads of rows in columns those that the plan of a reply needs, each proved by itself. False: nothing is read,
    /// because all are needed, or the payload is too small to have proofs of its columns.
    bool read_narrow(backends::Transaction& tx, const StructEntry& of_struct, const store::ExpectedRows& expected,
                     const ReadContext& context, Reply& reply);
    /// Reads the rows of the winner of a reply.
    void read_payload(backends::Transaction& tx, const Question& question, const ReadContext& context, Reply& reply);
    store::SchemaPtr schema_of(backends::Transaction& tx, const NameEntry& name, std::int64_t schema_id);
    /// Remembers that a name is not there at the snapshot, and those that are.
    void note_unknown(std::string_view wanted, const index::NameFinder& names);
    struct PlanKey {
        const store::SchemaRecord* schema;
        const StructDefinition* asked;
        const evolution::StructRules* rules;
        bool strict;
        bool lenient;
        auto operator<=>(const PlanKey&) const = default;
    };
    PlaceTraits traits_;
    std::unique_ptr<backends::Connection> connection_;
    index::CommitHead head_;
    store::SchemaCache schemas_;
    std::map<std::pair<std::string, std::string>, TreePtr> trees_;  ///< by root and key, at the snapshot
    std::map<std::string, NamePtr, std::less<>> names_;
    bool all_names_known_ = false;
    std::set<std::string, std::less<>> unknown_names_;             ///< at the snapshot
    std::optional<std::set<std::string, std::less<>>> spellings_;  ///< of all names, once one was not there
    std::map<std::int64_t, index::Resolved> dates_;                ///< at the snapshot
    std::map<std::int64_t, StructPtr> structs_;
    std::map<std::string, StructPtr, std::less<>> structs_as_of_;  ///< by name, since the snapshot was taken
    std::map<PlanKey, ReadPlanPtr> read_plans_;
    std::vector<backends::Value> values_;
    std::map<std::int64_t, std::pair<StructPtr, backends::Sql>> joined_sql_;  ///< by struct, for its columns then
    std::uint64_t commits_made_ = 0;
    std::int64_t last_asked_ = 0;     ///< the highest commit that a read was resolved to
    bool checks_connection_ = false;  ///< inside check_connection()
};

}  // namespace etalon::place
