#pragma once
/// Many places as one: a stack of layers, mostly of one, as of one snapshot.
///
/// The first layer with an eligible record wins and trims those below, so the layers of a stack are to a read what the
/// ranks of a version chain are within one place: asked in order, gaps cut from what lies below (docs/layers.md).

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/pauses.h"
#include "etalon/answer.h"
#include "etalon/commit.h"
#include "etalon/definition.h"
#include "etalon/error.h"
#include "etalon/interval.h"
#include "etalon/open.h"
#include "etalon/reference.h"
#include "etalon/registration.h"
#include "etalon/request.h"
#include "index/snapshots.h"
#include "place/place.h"
#include "store/rules.h"

namespace etalon::layers {

/// What one place of a stack is.
struct LayerTraits {
    backends::PlaceKind kind = backends::PlaceKind::File;
    std::string url;     ///< as it was given
    std::string target;  ///< what it points at; a file by its absolute path: the working directory may change
    std::string shown;   ///< without a password, for people
    /// Of the place, in snapshots; empty for memory and csv, whose records count as committed before all.
    std::string uid;
    std::string digest;  ///< of the files of a csv layer

    [[nodiscard]] bool is_private() const noexcept {
        return kind == backends::PlaceKind::Memory || kind == backends::PlaceKind::Csv;
    }
};

/// One place of a stack, with a connection.
struct Layer : LayerTraits {
    std::shared_ptr<place::Place> place;
};

/// What a name is read as of, in every layer.
struct LayerCommits {
    std::vector<std::int64_t> commits;  ///< by layer
    bool settled = true;
    friend bool operator==(const LayerCommits&, const LayerCommits&) = default;
};

/// How a read chooses its snapshot: FetchOptions without the rest.
struct AsOfChoice {
    std::optional<AsOf> as_of;
    std::vector<AsOfPattern> patterns;
    // What the database was opened with, for names of which the above says nothing.
    std::optional<AsOf> otherwise = std::nullopt;
    std::vector<AsOfPattern> otherwise_patterns = {};
};

/// Rules of evolution and the versions that they are about, by layer. Immutable, shared.
struct StackRules {
    std::vector<std::vector<store::RecordedRules>> rules;
    /// The names of all schema versions of the structs that have rules in any layer, oldest first.
    std::vector<std::map<std::string, std::vector<std::string>>> versions;
    bool has_any = false;
};

/// As of when a stack is read: what another stack of the same layers needs to give the same answers.
struct StackSnapshot {
    std::uint64_t epoch = 0;               ///< counts the snapshots that were taken
    std::vector<index::CommitHead> heads;  ///< by layer
    std::shared_ptr<const StackRules> rules;
};

/// What a stack is, decided when it is opened. Immutable, shared.
struct StackTraits {
    std::string name;
    OpenOptions options;
    std::vector<LayerTraits> layers;    ///< top first
    std::size_t home = 0;               ///< the layer that commit numbers belong to
    std::optional<std::size_t> target;  ///< the layer that is written to
    std::string target_problem;         ///< what to do when there are several
    std::shared_ptr<schema::LazyUnits> units;
    /// False where places are nobody else's (memory, CSV files), where opening one copies it, or where it is damaged:
    /// one connection to each, then.
    bool can_open_again = true;
};

/// A stack of layers with a connection to each. See etalon/database.h for what the calls mean. Used by one thread at a
/// time; a StackPool has as many as there are threads that read.
class LayerStack {
public:
    /// Opens the layers, the first on top; fills those of CSV files. Sees the last commits.
    [[nodiscard]] static std::unique_ptr<LayerStack> open(const std::vector<std::string>& urls,
                                                          const OpenOptions& options);
    /// The same layers over other connections, as of that snapshot. Throws as open(), and as follow().
    [[nodiscard]] static std::unique_ptr<LayerStack> open_again(std::shared_ptr<const StackTraits> traits,
                                                                const StackSnapshot& snapshot);

    [[nodiscard]] const StackTraits& traits() const noexcept { return *traits_; }
    [[nodiscard]] const std::shared_ptr<const StackTraits>& shared_traits() const noexcept { return traits_; }
    [[nodiscard]] const std::string& name() const noexcept { return traits_->name; }
    [[nodiscard]] const OpenOptions& options() const noexcept { return traits_->options; }
    [[nodiscard]] const std::vector<Layer>& layers() const noexcept { return layers_; }
    [[nodiscard]] bool several() const noexcept { return layers_.size() > 1; }
    /// The only layer that is written to; throws Error(Usage) when several could be, Error(ReadOnly) when none can.
    [[nodiscard]] place::Place& target();
    [[nodiscard]] bool is_target(const place::Place& place) const noexcept {
        return traits_->target && layers_[*traits_->target].place.get() == &place;
    }
    /// The layer that commit numbers belong to and catalogs are shown of: the one written to, else the lowest with
    /// commits.
    [[nodiscard]] place::Place& home() noexcept { return *layers_[traits_->home].place; }
    /// SQL statements that its connections have sent.
    [[nodiscard]] std::uint64_t statement_count() const noexcept;
    /// True while a connection keeps something from one read to the next; then rest() is called when it is not used.
    [[nodiscard]] bool holds_read() const noexcept;
    /// Gives up what connections keep between reads.
    void rest() noexcept;

    /// Sees the last commits of all layers from now on; returns that of home(). Throws Error(Backend) when a layer is
    /// not the place any more that was opened; then all stay as they were.
    std::int64_t take_snapshot();
    [[nodiscard]] const StackSnapshot& snapshot() const noexcept { return snapshot_; }
    /// Sees what another stack of the same layers sees. Throws Error(Backend) when a layer is another place, or has not
    /// got that commit (a standby that is behind).
    void follow(const StackSnapshot& snapshot);
    /// Runs a read again when the connection to a server was lost, or a standby took away what was read, as long as
    /// OpenOptions::wait: nothing was written, and what is asked is as of the same snapshot.
    template <class Read>
    auto read_again(Read&& read) {
        Again again(*this);
        for (;;) {
            try {
                return read();
            } catch (const Error& error) {
                if (!again.may_read(error)) throw;
            }
        }
    }
    /// Runs a write again when it is certain that nothing of it was committed.
    template <class Write>
    auto write_again(Write&& write) {
        Again again(*this);
        for (;;) {
            try {
                return write();
            } catch (const Error& error) {
                if (!again.may_write(error)) throw again.told(error);
            }
            forget();
        }
    }
    /// After a write.
    void forget();

    /// Throws Error(Usage) for a bare commit number on several layers, Error(Unknown) for an unknown snapshot.
    [[nodiscard]] LayerCommits commits_of(std::string_view name, const AsOfChoice& choice);
    /// The patterns of a named snapshot, each once. Throws Error(Unknown).
    [[nodiscard]] std::vector<std::string> patterns_of(const std::string& snapshot);

    /// The same definition, counted for this stack alone: threads that read the same struct at once would count in one
    /// cache line. Null stays null.
    [[nodiscard]] const DefinitionPtr& own(const DefinitionPtr& definition);
    /// The answer of one reference.
    [[nodiscard]] Answer read(std::string_view name, Position at, const FetchOptions& options,
                              const DefinitionPtr& asked, const LayerCommits& commits);
    /// Which record answered for an element: what the answer has, or what is read now.
    [[nodiscard]] Provenance find_provenance(const ElementAnswer& element);

    /// True when the URL given for `write_to` names the layer of that URL: the same place, with or without `#Name`.
    [[nodiscard]] static bool is_named(const std::string& write_to, const std::string& url);
    /// Throws Error(Unknown) with the nearest names of all layers; inside `transactions`, one for each layer, when
    /// there are any.
    [[noreturn]] void throw_unknown(std::string_view name);
    [[noreturn]] void throw_unknown(std::string_view name,
                                    const std::vector<std::unique_ptr<backends::Transaction>>& transactions);

    // What the layer that is written to has to learn from the others (stack_learning.cpp).
    /// Throws that for the first record of a name that no layer knows and that `names` do not make.
    void check_known(std::span<const PutRecord> records, std::span<const NameSpec> names);
    /// True when ensure_known() has nothing to do.
    [[nodiscard]] bool knows_all(place::Place& place, std::span<const PutRecord> records,
                                 std::span<const NameSpec> names);
    /// A private, empty place in memory.
    [[nodiscard]] std::shared_ptr<place::Place> make_scratch() const;
    /// Records in the target what commits there need and only other layers know: structs with all their versions,
    /// versions of structs, references. A commit of its own for each.
    void ensure_known(place::Place& place, std::span<const PutRecord> records, std::span<const NameSpec> names);

    // Rules of evolution over all layers (stack_rules.cpp).
    /// The rules that hold for reads as of those commits: the lower layers' first, so that those above have the last
    /// word. Null when there are none.
    [[nodiscard]] place::RuleBookPtr rules_at(const LayerCommits& commits);
    /// What a place that takes over versions of a struct has to know of it: the rules of all other layers, but for
    /// those between two layouts for which it has one of its own.
    [[nodiscard]] std::vector<RulesFile> rules_to_copy(place::Place& place, const std::string& struct_name);

private:
    /// Whether, and when, a read or a write is run again.
    class Again {
    public:
        explicit Again(LayerStack& stack);
        /// Waits a moment; false when it may not be repeated, or the time is up. Not for files: what another process
        /// locks was waited for already.
        [[nodiscard]] bool may_read(const Error& error);
        [[nodiscard]] bool may_write(const Error& error);
        /// The error that a write ends with: of a lock, with who has it.
        [[nodiscard]] Error told(const Error& error) const;

    private:
        [[nodiscard]] bool wait(const Error& error);
        [[nodiscard]] std::uint64_t commits_made() const noexcept;

        LayerStack& stack_;
        Pauses::Clock::time_point start_;
        std::optional<Pauses> pauses_;  ///< from the first failure on
        std::uint64_t commits_;
        int tries_ = 0;
    };

    LayerStack() = default;
    /// The layers opened once; the standby may be behind what `options.at_least` says.
    [[nodiscard]] static std::unique_ptr<LayerStack> open_layers(const std::vector<std::string>& urls,
                                                                 const OpenOptions& options);
    /// Throws Error(Backend) with Obstacle::Behind when the place has not got the commit of OpenOptions::at_least,
    /// Error(Refused) when it has another one.
    void check_at_least();
    [[nodiscard]] std::shared_ptr<const StackRules> learn_rules();
    void fill_csv(std::size_t layer, StackTraits& traits);
    /// All layers are read as of that from now on.
    void see(StackSnapshot snapshot);
    /// Throws Error(Backend) unless the layer is the place that was opened.
    static void check_place(const Layer& layer);
    const index::SnapshotRecord& get_snapshot(const std::string& name);
    /// Throws Error(Refused) unless the layer's commit has the hash that a snapshot recorded: it may be another place
    /// with the same uid.
    void check_history(const Layer& layer, const index::SnapshotRecord::Entry& entry, const std::string& snapshot);

    std::shared_ptr<const StackTraits> traits_;
    std::vector<Layer> layers_;
    StackSnapshot snapshot_;
    std::map<std::string, index::SnapshotRecord> snapshots_;
    std::set<std::string> same_history_;  ///< entries of snapshots that were checked since the snapshot was taken
    std::map<std::vector<std::int64_t>, place::RuleBookPtr> rule_books_;
    std::unordered_map<const StructDefinition*, DefinitionPtr> own_definitions_;
};

/// As of when a read that says this is made.
[[nodiscard]] AsOfChoice choice_of(const OpenOptions& defaults, const FetchOptions& options);
/// LayerStack::commits_of() for a read of `name` (empty: of none) that says no more than that.
[[nodiscard]] LayerCommits commits_as_of(LayerStack& stack, std::string_view name, const std::optional<AsOf>& as_of);

}  // namespace etalon::layers
