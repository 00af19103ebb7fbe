// Reads over a stack of layers: which snapshot in each, who knows the name, and the answers put together.

#include "layers/stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/nearest.h"
#include "etalon/error.h"
#include "index/chain.h"
#include "schema/definition.h"

namespace etalon::layers {

using backends::Transaction;
using backends::TransactionMode;
using place::NameEntry;
using place::NamePtr;
using place::Question;
using place::Reply;

std::int64_t LayerStack::take_snapshot() {
    // All or none: when a layer fails, answers go on to come from the one state that they came from.
    std::vector<std::int64_t> commits;
    for (auto& layer : layers) {
        commits.push_back(layer.place->find_last_commit());
        // A file can be overwritten with another one under everybody who has it open.
        if (layer.kind != backends::PlaceKind::File || read_place_uid(*layer.place) == layer.uid) continue;
        throw Error(ErrorCode::Backend,
                    {"the SQLite file holds another database than when it was opened", layer.place->connection->place(),
                     "the place with uid " + layer.uid, "another one", "open it again"});
    }
    for (std::size_t i = 0; i < layers.size(); ++i) layers[i].place->set_snapshot(commits[i]);
    snapshots_.clear();
    same_history_.clear();
    learn_rules();
    ++epoch;
    return home().snapshot;
}

bool LayerStack::may_read_again(const Error& error) const noexcept {
    return error.retryable() && std::any_of(layers.begin(), layers.end(), [](const Layer& layer) {
               return layer.kind == backends::PlaceKind::Server;
           });
}

void LayerStack::forget() {
    for (auto& layer : layers) layer.place->forget();
    snapshots_.clear();
}

place::Place& LayerStack::target() {
    if (target_) return *layers[*target_].place;
    // Whether it can be written shows when it is: some changes turn out to be none.
    if (!several() && layers.front().kind != backends::PlaceKind::Csv) return home();
    std::string places;
    for (const auto& layer : layers) places += (places.empty() ? "" : ", ") + layer.place->connection->place();
    if (target_problem_.empty()) {
        throw Error(ErrorCode::ReadOnly,
                    {"no layer can be written", "database " + name, "one SQLite file or PostgreSQL schema", places,
                     "add one that can be written"});
    }
    throw Error(ErrorCode::Usage, {"several layers could be written to", "database " + name, "one of them named",
                                   places, target_problem_});
}

AsOfChoice LayerStack::choice_of(const FetchOptions& options) const {
    AsOfChoice choice{options.as_of, options.as_of_patterns};
    // What a request says beats what the database was opened with; of names that it says nothing of, that holds.
    if (!choice.as_of) {
        choice.otherwise = defaults.as_of;
        choice.otherwise_patterns = defaults.as_of_patterns;
    }
    return choice;
}

const index::SnapshotRecord& LayerStack::get_snapshot(const std::string& wanted) {
    const auto known = snapshots_.find(wanted);
    if (known != snapshots_.end()) return known->second;
    // Who may write must not decide what is read: of several a frozen one counts, else that of the first layer.
    std::vector<std::string> names;
    std::optional<index::SnapshotRecord> found;
    for (auto& layer : layers) {
        if (layer.is_private()) continue;
        const auto tx = layer.place->connection->begin(TransactionMode::Read);
        for (auto& record : index::all_snapshots(*tx)) {
            if (record.name == wanted && (!found || (record.frozen && !found->frozen))) found = record;
            names.push_back(record.name);
        }
    }
    if (found) return snapshots_[wanted] = *std::move(found);
    const auto near = did_you_mean(wanted, names);
    throw Error(ErrorCode::Unknown,
                {"unknown snapshot", "database " + name, "a commit number, a time or a recorded snapshot",
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
        const auto tx = layer.place->connection->begin(TransactionMode::Read);
        (void)index::resolve_number(*tx, entry.commit);
        if (!entry.hash.empty()) {
            index::check_commit_hash(*tx, entry.commit, entry.hash, layer.place->connection->place());
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
        for (const auto& layer : layers) commits.commits.push_back(layer.place->snapshot);
        return commits;
    }
    const auto* hashed = std::get_if<HashedCommit>(as_of);
    if ((hashed != nullptr || std::holds_alternative<std::int64_t>(*as_of)) && several()) {
        throw Error(ErrorCode::Usage,
                    {"a commit number belongs to one place, and this database has several layers", "database " + name,
                     "a date or the name of a snapshot",
                     std::to_string(hashed != nullptr ? hashed->commit : std::get<std::int64_t>(*as_of)),
                     "see 'etalon snapshot --help'"});
    }
    const auto* snapshot = std::get_if<SnapshotName>(as_of);
    const auto* record = snapshot != nullptr ? &get_snapshot(snapshot->name) : nullptr;
    if (record != nullptr && record->frozen && !record->digests.empty()) {
        std::vector<std::string> digests;
        for (const auto& layer : layers) {
            if (layer.kind == backends::PlaceKind::Csv) digests.push_back(layer.digest);
        }
        if (digests != record->digests) {
            throw Error(ErrorCode::Refused,
                        {"the CSV layers are not those that the snapshot was frozen with",
                         fmt::format("snapshot {} of database {}", record->name, name),
                         fmt::format("files with digest {}", fmt::join(record->digests, ", ")),
                         digests.empty() ? "no CSV layer" : fmt::format("{}", fmt::join(digests, ", ")),
                         "bring the files back, or read without this snapshot"});
        }
    }
    for (const auto& layer : layers) {
        if (layer.is_private()) {
            commits.commits.push_back(layer.place->snapshot);
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
                 fmt::format("snapshot {}, name {}, layer {}", record->name, wanted, layer.place->connection->place()),
                 "a pattern that matches", "none", "see 'etalon snapshot show " + record->name + "'"});
        }
        check_history(layer, *best, record->name);
        commits.commits.push_back(best->commit);
    }
    return commits;
}

LayerStack::KnownBy LayerStack::know(const std::vector<std::unique_ptr<Transaction>>& transactions,
                                     std::string_view wanted, const LayerCommits& commits) {
    KnownBy known;
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        auto& place = *layers[i].place;
        known.entries.push_back(place.find_name(*transactions[i], wanted, commits.commits[i]));
        if (!known.entries.back()) continue;
        known.lowest = i;
        if (!first) first = i;
    }
    if (!first) throw_unknown(wanted, transactions);
    const auto& one = *known.entries[*first];
    for (std::size_t i = *first + 1; i < layers.size(); ++i) {
        if (!known.entries[i]) continue;
        const auto& other = *known.entries[i];
        const bool same_struct = other.of_struct->record.name == one.of_struct->record.name;
        if (same_struct && other.record.axis == one.record.axis) continue;
        throw Error(ErrorCode::Refused,
                    {same_struct ? "layers disagree on the axis of a name" : "layers disagree on the struct of a name",
                     fmt::format("{} in {} and {}", wanted, layers[*first].place->connection->place(),
                                 layers[i].place->connection->place()),
                     same_struct ? std::string(name_of(other.record.axis)) : other.of_struct->record.name,
                     same_struct ? std::string(name_of(one.record.axis)) : one.of_struct->record.name,
                     "use another name in one of them"});
    }
    return known;
}

namespace {

/// A request on its way down.
struct Open {
    std::vector<place::NamePtr> entries;  // by layer
    std::size_t lowest = 0;
    LayerCommits commits;
    Position at = Time{};
    std::vector<place::Reply> replies;  // by element
    std::vector<bool> done;             // by element
    bool any = false;                   // LayerUnit::Answer: a layer above had one
    Interval above;                     // LayerUnit::Answer: where none above has any
};

/// Rows of several layers in one layout: the newest version, as the lowest layer counts them; one that it does not know
/// is newer, and counted by the lowest layer that does. `versions_of` reads a struct of a layer with all its versions.
template <class VersionsOf>
DefinitionPtr newest_layout(const Open& open, const VersionsOf& versions_of) {
    DefinitionPtr newest;
    bool differ = false;
    for (const auto& reply : open.replies) {
        if (!reply.plan) continue;
        differ = differ || (newest && reply.plan->asked != newest);
        newest = reply.plan->asked;
    }
    if (!differ) return newest;
    newest = nullptr;
    std::pair<std::size_t, std::int64_t> newest_age{0, 0};
    for (const auto& reply : open.replies) {
        if (!reply.plan || reply.plan->asked == newest) continue;
        const auto hash = schema::definition_hash(*reply.plan->asked);
        std::optional<std::pair<std::size_t, std::int64_t>> age;
        for (std::size_t height = 0; height < open.entries.size() && !age; ++height) {
            const auto layer = open.entries.size() - 1 - height;
            if (!open.entries[layer]) continue;
            for (const auto& schema : versions_of(layer, open.entries[layer]->record.struct_id)->schemas) {
                if (schema::definition_hash(*schema->definition) == hash) age = {height, schema->schema_id};
            }
        }
        if (newest && age <= newest_age) continue;
        newest = reply.plan->asked;
        newest_age = age.value_or(std::pair<std::size_t, std::int64_t>{});
    }
    return newest;
}

}  // namespace

std::vector<Answer> LayerStack::ask_layers(const std::vector<LayeredRequest>& requests,
                                           const std::vector<LayerCommits>& commits, LayerUnit unit,
                                           const place::ReadContext& context) {
    std::vector<Open> open(requests.size());
    for (std::size_t r = 0; r < requests.size(); ++r) open[r].commits = commits[r];
    std::vector<std::unique_ptr<Transaction>> transactions;
    for (auto& layer : layers) {
        transactions.push_back(layer.place->connection->begin(TransactionMode::Read));
        constexpr std::size_t kMany = 8;
        if (requests.size() > kMany) layer.place->know_all_names(*transactions.back());
    }
    std::vector<place::ReadContext> contexts(requests.size(), context);
    for (std::size_t r = 0; r < requests.size(); ++r) {
        auto known = know(transactions, requests[r].name, open[r].commits);
        open[r].entries = std::move(known.entries);
        open[r].lowest = known.lowest;
        const auto& of_name = *open[r].entries[open[r].lowest];
        const bool on_time = of_name.record.axis == Axis::Time;
        const auto& asked_at = on_time ? requests[r].time : requests[r].run;
        if (!asked_at && !requests[r].any_position) {
            throw Error(
                ErrorCode::WrongAxis,
                {"wrong axis", requests[r].where.empty() ? "named reference " + requests[r].name : requests[r].where,
                 on_time ? "a time such as 2019-06-09T13:20:47Z" : "a run number", on_time ? "a run number" : "a time",
                 on_time ? "give --at TIME" : "give --run NUMBER"});
        }
        open[r].at = Position{of_name.record.axis, asked_at.value_or(kPlusInfinity)};
        open[r].above = Interval{of_name.record.axis, kMinusInfinity, std::nullopt};
        open[r].replies.resize(requests[r].elements.size());
        open[r].done.resize(requests[r].elements.size(), false);
        for (auto& reply : open[r].replies) {
            reply.winner.validity = Interval{of_name.record.axis, kMinusInfinity, std::nullopt};
        }
        // A schema version by number is one of the lowest layer's.
        if (!context.definition && context.schema != 0) {
            auto& place = *layers[open[r].lowest].place;
            const auto of_struct = place.get_struct(*transactions[open[r].lowest], of_name.record.struct_id);
            contexts[r].definition = place.asked_definition(*of_struct, context, nullptr);
        }
    }
    for (std::size_t l = 0; l < layers.size(); ++l) {
        auto& place = *layers[l].place;
        // By snapshot, layout and rules: a set of questions has one of each.
        struct Asked {
            std::size_t request;
            std::size_t element;
        };
        struct SetKey {
            std::int64_t commit;
            const StructDefinition* layout;
            place::RuleBookPtr rules;
            auto operator<=>(const SetKey&) const = default;
        };
        std::map<SetKey, std::pair<std::vector<place::Question>, std::vector<Asked>>> sets;
        for (std::size_t r = 0; r < requests.size(); ++r) {
            if (!open[r].entries[l] || open[r].any) continue;
            auto& [questions, asked] =
                sets[{open[r].commits.commits[l], contexts[r].definition.get(), rules_at(open[r].commits)}];
            const auto& chain = open[r].entries[l]->get_chain(requests[r].version);
            for (std::size_t e = 0; e < requests[r].elements.size(); ++e) {
                if (open[r].done[e]) continue;
                questions.push_back({open[r].entries[l].get(), &chain, requests[r].any_position,
                                     requests[r].elements[e], open[r].at.value});
                asked.push_back({r, e});
            }
        }
        for (auto& [key, set] : sets) {
            auto& [questions, asked] = set;
            if (questions.empty()) continue;
            auto of_set = contexts[asked.front().request];
            of_set.snapshot = key.commit;
            of_set.rules = key.rules;
            auto replies = place.ask_many(*transactions[l], questions, of_set);
            for (std::size_t q = 0; q < replies.size(); ++q) {
                auto& into = open[asked[q].request];
                auto& reply = into.replies[asked[q].element];
                const auto above = reply.winner.validity;
                const bool wins = replies[q].winner.record.has_value();
                reply = std::move(replies[q]);
                reply.from = &place;
                reply.winner.validity = intersect(above, reply.winner.validity);
                if (wins) into.done[asked[q].element] = true;
            }
        }
        if (unit != LayerUnit::Answer) continue;
        for (auto& one : open) {
            if (one.any || !one.entries[l]) continue;
            one.any = std::any_of(one.done.begin(), one.done.end(), [](bool done) { return done; });
            Interval common = one.above;
            for (const auto& reply : one.replies) common = intersect(common, reply.winner.validity);
            // The layer that has any element gives the answer as long as it has, and as long as none above has any.
            for (std::size_t e = 0; e < one.replies.size(); ++e) {
                auto& validity = one.replies[e].winner.validity;
                validity = one.any && one.done[e] ? intersect(one.above, validity) : common;
            }
            one.above = common;
        }
    }
    const auto versions_of = [&](std::size_t layer, std::int64_t struct_id) {
        return layers[layer].place->get_struct(*transactions[layer], struct_id);
    };
    std::vector<Answer> answers;
    for (std::size_t r = 0; r < requests.size(); ++r) {
        auto& one = open[r];
        auto& lowest = *layers[one.lowest].place;
        const auto& of_name = *one.entries[one.lowest];
        auto& of_request = contexts[r];
        if (!of_request.definition) {
            if (const auto newest = newest_layout(one, versions_of)) {
                of_request.definition = newest;
                of_request.rules = rules_at(one.commits);
                for (std::size_t e = 0; e < one.replies.size(); ++e) {
                    lowest.bring_to(of_name, requests[r].elements[e], one.replies[e], newest, of_request);
                }
            }
        }
        const index::Resolved as_of{one.commits.commits[home_], one.commits.settled};
        answers.push_back(
            lowest.make_answer(of_name, requests[r].elements, one.at, std::move(one.replies), of_request, as_of));
    }
    return answers;
}

Provenance LayerStack::find_provenance(const ElementAnswer& element) {
    if (element.provenance) return *element.provenance;
    if (element.status == Status::Gap || element.layer >= layers.size()) {
        throw Error(ErrorCode::Unknown,
                    {"a gap has no record", fmt::format("element {}", element.element), "", "", ""});
    }
    const std::lock_guard lock(mutex);
    return read_again([&] { return layers[element.layer].place->get_provenance(element); });
}

DefinitionPtr LayerStack::compiled_definition(std::string_view definition, std::string_view struct_name) {
    {
        const std::shared_lock lock(compiled_mutex_);
        const auto known = compiled_.find(definition.data());
        if (known != compiled_.end()) return known->second;
    }
    auto parsed = std::make_shared<const StructDefinition>(
        schema::from_json(definition, fmt::format("StructTraits<{}>", struct_name)));
    const std::lock_guard lock(compiled_mutex_);
    return compiled_.try_emplace(definition.data(), std::move(parsed)).first->second;
}

Answer LayerStack::fetch(std::string_view wanted, Position at, const FetchOptions& options,
                         const DefinitionPtr& asked) {
    if (options.elements.empty()) {
        throw Error(ErrorCode::Usage,
                    {"no element asked for", std::string(wanted), "at least one element", "none", ""});
    }
    if (!cache.keeps_any()) {
        const std::lock_guard lock(mutex);
        return read_again([&] {
            auto answer = read(wanted, at, options, asked, commits_of(wanted, choice_of(options)));
            cache.count_load();
            return answer;
        });
    }
    AnswerKeyParts parts;
    parts.name = wanted;
    parts.elements = options.elements;
    parts.version = options.version.empty() ? defaults.version : options.version;
    parts.layer_unit = options.layer_unit;
    parts.schema = options.schema;
    parts.strict = options.strict;
    parts.lenient = options.lenient;
    parts.any_position = options.any_position;
    parts.provenance = options.provenance.value_or(true);
    parts.axis = at.axis;
    parts.layout = asked;
    const auto choice = choice_of(options);
    const bool at_snapshot =
        !choice.as_of && choice.patterns.empty() && !choice.otherwise && choice.otherwise_patterns.empty();
    if (at_snapshot) {
        // The snapshots taken are known by their epoch: a hit needs no lock.
        parts.snapshot = {static_cast<std::int64_t>(epoch.load())};
        if (auto known = cache.find(AnswerKey(parts), at.value)) return *std::move(known);
    }
    const std::lock_guard lock(mutex);
    return read_again([&] {
        const auto commits = commits_of(wanted, choice);
        parts.snapshot = commits.commits;
        if (at_snapshot) parts.snapshot = {static_cast<std::int64_t>(epoch.load())};
        if (!at_snapshot) parts.snapshot.push_back(commits.settled ? 1 : 0);
        const AnswerKey key(parts);
        const auto generation = cache.generation();
        if (auto known = cache.find(key, at.value)) return *std::move(known);
        auto answer = read(wanted, at, options, asked, commits);
        cache.insert(key, answer, generation);
        return answer;
    });
}

Answer LayerStack::read(std::string_view wanted, Position at, const FetchOptions& options, const DefinitionPtr& asked,
                        const LayerCommits& commits) {
    const bool plain = options.version.empty() && !defaults.version.empty();
    if (!several()) {
        const index::Resolved as_of{commits.commits.front(), commits.settled};
        if (!plain) return layers.front().place->fetch(wanted, at, options, asked, as_of, rules_at(commits));
        auto with_version = options;
        with_version.version = defaults.version;
        return layers.front().place->fetch(wanted, at, with_version, asked, as_of, rules_at(commits));
    }
    place::ReadContext context{0, nullptr, asked, options.schema, {}};
    context.options.strict = options.strict;
    context.options.lenient = options.lenient;
    context.provenance = options.provenance.value_or(true);
    LayeredRequest request{std::string(wanted),
                           plain ? defaults.version : options.version,
                           options.elements,
                           {},
                           {},
                           options.any_position,
                           {}};
    (at.axis == Axis::Time ? request.time : request.run) = at.value;
    return ask_layers({std::move(request)}, {commits}, options.layer_unit, context).front();
}

}  // namespace etalon::layers
