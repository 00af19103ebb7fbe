#pragma once
/// The inside of a Database: a stack of layers, one lock, one epoch. Mostly one layer.
///
/// The first layer with an eligible record wins and trims those below, so the layers of a stack are to a read what the
/// ranks of a version chain are within one place: asked in order, gaps cut from what lies below (docs/layers.md).

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
#include "layers/answer_cache.h"
#include "place/place.h"
#include "store/rules.h"

namespace etalon::layers {

/// One place of a stack.
struct Layer {
    std::shared_ptr<place::Place> place;
    backends::PlaceKind kind = backends::PlaceKind::File;
    std::string url;  ///< as it was given
    std::string
        uid;  ///< of the place, in snapshots; empty for memory and csv, whose records count as committed before all
    std::string digest;  ///< of the files of a csv layer

    [[nodiscard]] bool is_private() const noexcept {
        return kind == backends::PlaceKind::Memory || kind == backends::PlaceKind::Csv;
    }
};

/// What is asked of all layers: one answer. Read as of what commits_of() says of its name.
struct LayeredRequest {
    std::string name;
    std::string version;  ///< chain; empty: default
    std::vector<std::int64_t> elements;
    std::optional<std::int64_t> time;  ///< for a reference on the time axis
    std::optional<std::int64_t> run;   ///< for one on the run axis
    bool any_position = false;         ///< a baseLine read: needs no position
    std::string where;                 ///< who asks, for errors; empty: the reference itself
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

/// The uid of a place, which a copy keeps.
[[nodiscard]] std::string read_place_uid(place::Place& place);

/// See etalon/database.h for what the calls mean. Every public call of Database takes `mutex`.
class LayerStack {
public:
    explicit LayerStack(const OpenOptions& options) : defaults(options), cache(options.cache_bytes) {}
    /// Opens the layers, the first on top; fills those of CSV files. `name` empty: the one that the URLs or places
    /// give.
    static std::shared_ptr<LayerStack> open(const std::vector<std::string>& urls, const OpenOptions& options);

    /// The only layer that is written to; throws Error(Usage) when several could be, Error(ReadOnly) when none can.
    [[nodiscard]] place::Place& target();
    /// The layer that commit numbers belong to and catalogs are shown of: the one written to, else the lowest with
    /// commits.
    [[nodiscard]] place::Place& home() noexcept { return *layers[home_].place; }
    [[nodiscard]] bool several() const noexcept { return layers.size() > 1; }

    std::int64_t take_snapshot();
    /// Runs a read once more when the connection to a server was lost: nothing was written, and what is asked is as of
    /// the same snapshot.
    template <class Read>
    auto read_again(Read&& read) {
        try {
            return read();
        } catch (const Error& error) {
            if (!may_read_again(error)) throw;
        }
        return read();
    }
    /// After a write.
    void forget();

    /// Throws Error(Usage) for a bare commit number on several layers, Error(Unknown) for an unknown snapshot.
    [[nodiscard]] LayerCommits commits_of(std::string_view name, const AsOfChoice& choice);
    [[nodiscard]] AsOfChoice choice_of(const FetchOptions& options) const;

    /// The patterns of a named snapshot, each once. Throws Error(Unknown).
    [[nodiscard]] std::vector<std::string> patterns_of(const std::string& snapshot);

    /// Reads, or finds in the cache what was read before. Takes the lock itself, and only to read.
    Answer fetch(std::string_view name, Position at, const FetchOptions& options, const DefinitionPtr& asked);
    /// Which record answered for an element: what the answer has, or what is read now.
    Provenance find_provenance(const ElementAnswer& element);
    /// The parsed definition of a compiled struct, kept by its address (it lives in static storage). Needs no lock.
    DefinitionPtr compiled_definition(std::string_view definition, std::string_view struct_name);
    /// Answers of several requests, layer by layer; one transaction a layer. Snapshot and rules of the context are
    /// filled in here.
    std::vector<Answer> ask_layers(const std::vector<LayeredRequest>& requests,
                                   const std::vector<LayerCommits>& commits, LayerUnit unit,
                                   const place::ReadContext& context);

    [[nodiscard]] bool is_target(const place::Place& place) const noexcept {
        return target_ && layers[*target_].place.get() == &place;
    }
    /// True when the URL given for `write_to` names the layer of that URL: the same place, with or without `#Name`.
    [[nodiscard]] static bool is_named(const std::string& write_to, const std::string& url);
    /// Throws Error(Unknown) with the nearest names of all layers; inside `transactions`, one for each layer, when
    /// there are any.
    [[noreturn]] void throw_unknown(std::string_view name);
    [[noreturn]] void throw_unknown(std::string_view name,
                                    const std::vector<std::unique_ptr<backends::Transaction>>& transactions);
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

    /// Reads the rules of evolution of all layers.
    void learn_rules();
    /// The rules that hold for reads as of those commits: the lower layers' first, so that those above have the last
    /// word. Null when there are none.
    [[nodiscard]] place::RuleBookPtr rules_at(const LayerCommits& commits);
    /// What a place that takes over versions of a struct has to know of it: the rules of all other layers, but for
    /// those between two layouts for which it has one of its own.
    [[nodiscard]] std::vector<RulesFile> rules_to_copy(place::Place& place, const std::string& struct_name);

    std::mutex mutex;
    std::string name;
    std::vector<Layer> layers;
    std::atomic<std::uint64_t> epoch{1};
    OpenOptions defaults;
    AnswerCache cache;  ///< of single names; not of configurations

    /// What fetch() answers when the cache has nothing; the lock is held.
    Answer read(std::string_view name, Position at, const FetchOptions& options, const DefinitionPtr& asked,
                const LayerCommits& commits);

private:
    /// Not for files: what another process locks was waited for already.
    [[nodiscard]] bool may_read_again(const Error& error) const noexcept;
    void choose_target(const OpenOptions& options);
    void fill_csv(std::size_t layer);
    const index::SnapshotRecord& get_snapshot(const std::string& name);
    /// Throws Error(Refused) unless the layer's commit has the hash that a snapshot recorded: it may be another place
    /// with the same uid.
    void check_history(const Layer& layer, const index::SnapshotRecord::Entry& entry, const std::string& snapshot);
    /// The places that know a reference, top first; throws Error(Unknown) with the nearest name, Error(Refused) when
    /// they disagree.
    struct KnownBy {
        std::vector<place::NamePtr> entries;  ///< by layer; null: unknown there
        std::size_t lowest = 0;
    };
    [[nodiscard]] KnownBy know(const std::vector<std::unique_ptr<backends::Transaction>>& transactions,
                               std::string_view name, const LayerCommits& commits);

    std::size_t home_ = 0;
    std::optional<std::size_t> target_;
    std::string target_problem_;
    std::map<std::string, index::SnapshotRecord> snapshots_;
    std::set<std::string> same_history_;  ///< entries of snapshots that were checked since the snapshot was taken
    std::vector<std::vector<store::RecordedRules>> rules_;  ///< by layer
    bool has_rules_ = false;
    /// By layer, the names of all schema versions of the structs that have rules in any layer, oldest first.
    std::vector<std::map<std::string, std::vector<std::string>>> ruled_versions_;
    std::map<std::vector<std::int64_t>, place::RuleBookPtr> rule_books_;
    std::shared_mutex compiled_mutex_;
    std::map<const void*, DefinitionPtr> compiled_;
};

}  // namespace etalon::layers
