// Reads over a stack of layers: as of which commit each layer is read, and what one answer is.

#include "layers/stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/counted_apart.h"
#include "base/nearest.h"
#include "etalon/error.h"
#include "index/chain.h"
#include "layers/layered_read.h"
#include "place/format.h"

namespace etalon::layers {

using backends::Transaction;
using backends::TransactionMode;

void LayerStack::check_place(const Layer& layer) {
    // A file can be overwritten with another one under everybody who has it open.
    if (layer.kind != backends::PlaceKind::File || place::read_uid(*layer.place) == layer.uid) return;
    throw Error(ErrorCode::Backend, {"the SQLite file holds another database than when it was opened", layer.shown,
                                     "the place with uid " + layer.uid, "another one", "open it again"});
}

std::int64_t LayerStack::take_snapshot() {
    // All or none: when a layer fails, answers go on to come from the one state that they came from.
    StackSnapshot next{snapshot_.epoch + 1, {}, nullptr};
    for (auto& layer : layers_) {
        check_place(layer);
        next.heads.push_back(layer.place->find_last_commit());
    }
    next.rules = learn_rules();
    see(std::move(next));
    return home().snapshot();
}

void LayerStack::see(StackSnapshot snapshot) {
    for (std::size_t i = 0; i < layers_.size(); ++i) layers_[i].place->set_snapshot(snapshot.heads[i]);
    snapshots_.clear();
    same_history_.clear();
    rule_books_.clear();
    snapshot_ = std::move(snapshot);
}

void LayerStack::follow(const StackSnapshot& snapshot) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        const auto& layer = layers_[i];
        const auto& head = snapshot.heads[i];
        check_place(layer);
        const auto last = layer.place->find_last_commit();
        if (last.seq < head.seq) {
            Error error(ErrorCode::Backend, {"another connection does not see the last commit yet", layer.shown,
                                             fmt::format("commit {}", head.seq), std::to_string(last.seq),
                                             "a server that is behind answered: try again"});
            error.set_retryable(true).set_obstacle(Obstacle::Behind);
            throw error;
        }
        if (head.hash.empty() || last == head) continue;
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        index::check_commit_hash(*tx, head.seq, head.hash, layer.shown);
    }
    see(snapshot);
}

bool LayerStack::holds_read() const noexcept {
    return std::ranges::any_of(layers_, [](const auto& layer) { return layer.place->connection().holds_read(); });
}

void LayerStack::rest() noexcept {
    for (auto& layer : layers_) layer.place->connection().rest();
}

std::uint64_t LayerStack::statement_count() const noexcept {
    std::uint64_t count = 0;
    for (const auto& layer : layers_) count += layer.place->connection().statement_count();
    return count;
}

void LayerStack::forget() {
    for (auto& layer : layers_) layer.place->forget();
    snapshots_.clear();
}

place::Place& LayerStack::target() {
    if (traits_->target) return *layers_[*traits_->target].place;
    // Whether it can be written shows when it is: some changes turn out to be none.
    if (!several() && layers_.front().kind != backends::PlaceKind::Csv) return home();
    std::string places;
    for (const auto& layer : layers_) places += (places.empty() ? "" : ", ") + layer.shown;
    if (traits_->target_problem.empty()) {
        throw Error(ErrorCode::ReadOnly,
                    {"no layer can be written", "database " + name(), "one SQLite file or PostgreSQL schema", places,
                     "add one that can be written"});
    }
    throw Error(ErrorCode::Usage, {"several layers could be written to", "database " + name(), "one of them named",
                                   places, traits_->target_problem});
}

AsOfChoice choice_of(const OpenOptions& defaults, const FetchOptions& options) {
    AsOfChoice choice{options.as_of, options.as_of_patterns};
    // What a request says beats what the database was opened with; of names that it says nothing of, that holds.
    if (!choice.as_of) {
        choice.otherwise = defaults.as_of;
        choice.otherwise_patterns = defaults.as_of_patterns;
    }
    return choice;
}

LayerCommits commits_as_of(LayerStack& stack, std::string_view name, const std::optional<AsOf>& as_of) {
    FetchOptions options;
    options.as_of = as_of;
    return stack.commits_of(name, choice_of(stack.options(), options));
}

const index::SnapshotRecord& LayerStack::get_snapshot(const std::string& wanted) {
    const auto known = snapshots_.find(wanted);
    if (known != snapshots_.end()) return known->second;
    // Who may write must not decide what is read: of several a frozen one counts, else that of the first layer.
    std::vector<std::string> names;
    std::optional<index::SnapshotRecord> found;
    for (auto& layer : layers_) {
        if (layer.is_private()) continue;
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        for (auto& record : index::all_snapshots(*tx)) {
            if (record.name == wanted && (!found || (record.frozen && !found->frozen))) found = record;
            names.push_back(record.name);
        }
    }
    if (found) return snapshots_[wanted] = *std::move(found);
    const auto near = did_you_mean(wanted, names);
    throw Error(ErrorCode::Unknown,
                {"unknown snapshot", "database " + name(), "a commit number, a time or a recorded snapshot",
                 fmt::format("'{}'", wanted), near.empty() ? "see 'etalon snapshot list'" : near});
}

std::vector<std::string> LayerStack::patterns_of(const std::string& snapshot) {
    std::set<std::string> patterns;
    for (const auto& entry : get_snapshot(snapshot).entries) patterns.insert(entry.pattern);
    return {patterns.begin(), patterns.end()};
}

void LayerStack::check_history(const Layer& layer, const index::SnapshotRecord::Entry& entry,
                               const std::string& snapshot) {
    auto key = fmt::format("{} {} {}", layer.uid, entry.commit, entry.hash);
    if (same_history_.contains(key)) return;
    try {
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        (void)index::resolve_number(*tx, entry.commit);
        if (!entry.hash.empty()) {
            index::check_commit_hash(*tx, entry.commit, entry.hash, layer.place->connection().place());
        }
    } catch (const Error& error) {
        throw error.within("snapshot " + snapshot);
    }
    same_history_.insert(std::move(key));
}

LayerCommits LayerStack::commits_of(std::string_view wanted, const AsOfChoice& choice) {
    const auto choose = [&](const std::optional<AsOf>& all, const std::vector<AsOfPattern>& patterns) {
        const AsOf* chosen = all ? &*all : nullptr;
        std::optional<std::size_t> weight;
        for (const auto& one : patterns) {
            index::check_pattern(one.pattern);
            if (!index::matches(one.pattern, wanted) || (weight && index::weight_of(one.pattern) < *weight)) continue;
            weight = index::weight_of(one.pattern);
            chosen = &one.as_of;
        }
        return chosen;
    };
    const AsOf* as_of = choose(choice.as_of, choice.patterns);
    if (as_of == nullptr) as_of = choose(choice.otherwise, choice.otherwise_patterns);
    LayerCommits commits;
    if (as_of == nullptr) {
        for (const auto& layer : layers_) commits.commits.push_back(layer.place->snapshot());
        return commits;
    }
    const auto* hashed = std::get_if<HashedCommit>(as_of);
    if ((hashed != nullptr || std::holds_alternative<std::int64_t>(*as_of)) && several()) {
        throw Error(ErrorCode::Usage,
                    {"a commit number belongs to one place, and this database has several layers", "database " + name(),
                     "a date or the name of a snapshot",
                     std::to_string(hashed != nullptr ? hashed->commit : std::get<std::int64_t>(*as_of)),
                     "see 'etalon snapshot --help'"});
    }
    const auto* snapshot = std::get_if<SnapshotName>(as_of);
    const auto* record = snapshot != nullptr ? &get_snapshot(snapshot->name) : nullptr;
    if (record != nullptr && record->frozen && !record->digests.empty()) {
        std::vector<std::string> digests;
        for (const auto& layer : layers_) {
            if (layer.kind == backends::PlaceKind::Csv) digests.push_back(layer.digest);
        }
        if (digests != record->digests) {
            throw Error(ErrorCode::Refused,
                        {"the CSV layers are not those that the snapshot was frozen with",
                         fmt::format("snapshot {} of database {}", record->name, name()),
                         fmt::format("files with digest {}", fmt::join(record->digests, ", ")),
                         digests.empty() ? "no CSV layer" : fmt::format("{}", fmt::join(digests, ", ")),
                         "bring the files back, or read without this snapshot"});
        }
    }
    for (const auto& layer : layers_) {
        if (layer.is_private()) {
            commits.commits.push_back(layer.place->snapshot());
            continue;
        }
        if (record == nullptr) {
            const auto resolved = layer.place->resolve(*as_of);
            commits.commits.push_back(resolved.commit);
            commits.settled = commits.settled && resolved.settled;
            continue;
        }
        const index::SnapshotRecord::Entry* best = nullptr;
        for (const auto& entry : record->entries) {
            if (entry.place != layer.uid || !index::matches(entry.pattern, wanted)) continue;
            if (best == nullptr || index::weight_of(entry.pattern) > index::weight_of(best->pattern)) best = &entry;
        }
        if (best == nullptr) {
            throw Error(
                ErrorCode::Unknown,
                {"a snapshot says nothing of a name in a layer",
                 fmt::format("snapshot {}, name {}, layer {}", record->name, wanted, layer.place->connection().place()),
                 "a pattern that matches", "none", "see 'etalon snapshot show " + record->name + "'"});
        }
        check_history(layer, *best, record->name);
        commits.commits.push_back(best->commit);
    }
    return commits;
}

void LayerStack::throw_unknown(std::string_view wanted) {
    std::vector<std::unique_ptr<backends::Transaction>> transactions;
    for (auto& layer : layers_) transactions.push_back(layer.place->connection().begin(TransactionMode::Read));
    throw_unknown(wanted, transactions);
}

void LayerStack::throw_unknown(std::string_view wanted,
                               const std::vector<std::unique_ptr<backends::Transaction>>& transactions) {
    std::set<std::string> names;
    for (const auto& tx : transactions) {
        for (auto& near : index::similar_names(*tx, wanted)) names.insert(std::move(near));
    }
    const auto near = did_you_mean(wanted, {names.begin(), names.end()});
    throw Error(ErrorCode::Unknown,
                {"unknown named reference", fmt::format("database {}", name()), "a registered name",
                 fmt::format("'{}'", wanted),
                 near.empty() ? "see 'etalon structs'; 'etalon register' and 'etalon name' make names" : near});
}

Provenance LayerStack::find_provenance(const ElementAnswer& element) {
    if (element.provenance) return *element.provenance;
    if (element.status == Status::Gap || element.layer >= layers_.size()) {
        throw Error(ErrorCode::Unknown,
                    {"a gap has no record", fmt::format("element {}", element.element), "", "", ""});
    }
    return layers_[element.layer].place->get_provenance(element);
}

const DefinitionPtr& LayerStack::own(const DefinitionPtr& definition) {
    if (!definition) return definition;
    const auto known = own_definitions_.find(definition.get());
    if (known != own_definitions_.end()) return known->second;
    constexpr std::size_t kMost = 1024;
    if (own_definitions_.size() >= kMost) own_definitions_.clear();
    return own_definitions_[definition.get()] = count_apart(definition.get(), definition);
}

Answer LayerStack::read(std::string_view wanted, Position at, const FetchOptions& options, const DefinitionPtr& asked,
                        const LayerCommits& commits) {
    const auto& default_version = traits_->options.version;
    const bool plain = options.version.empty() && !default_version.empty();
    if (!several()) {
        const index::Resolved as_of{commits.commits.front(), commits.settled};
        if (!plain) return layers_.front().place->fetch(wanted, at, options, asked, as_of, rules_at(commits));
        auto with_version = options;
        with_version.version = default_version;
        return layers_.front().place->fetch(wanted, at, with_version, asked, as_of, rules_at(commits));
    }
    place::ReadContext context{0, nullptr, asked, options.schema, {}};
    context.options.strict = options.strict;
    context.options.lenient = options.lenient;
    context.provenance = options.provenance.value_or(true);
    context.spool_above = place::spool_limit(asked);
    context.narrow = !options.fields.empty();
    LayeredRequest request{std::string(wanted),
                           plain ? default_version : options.version,
                           options.elements,
                           {},
                           {},
                           options.any_position,
                           {},
                           options.where};
    (at.axis == Axis::Time ? request.time : request.run) = at.value;
    return ask_layers(*this, {std::move(request)}, {commits}, options.layer_unit, context).front();
}

}  // namespace etalon::layers
