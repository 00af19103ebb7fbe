// The facade: locks, opens transactions, and hands on.

#include "etalon/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>
#include <utility>

#include "backends/proof.h"
#include "base/number_text.h"
#include "database/audit/explainer.h"
#include "database/audit/linter.h"
#include "database/audit/touched.h"
#include "database/audit/verifier.h"
#include "etalon/error.h"
#include "etalon/explain.h"
#include "etalon/lint.h"
#include "etalon/verify.h"
#include "index/commits.h"
#include "index/records.h"
#include "layers/reach.h"
#include "layers/snapshots.h"
#include "layers/stack.h"
#include "layers/stack_pool.h"
#include "layers/trees.h"
#include "place/format.h"
#include "place/history.h"
#include "place/own_structs.h"
#include "place/parameters.h"
#include "place/place.h"
#include "place/registrar.h"
#include "place/retirer.h"
#include "place/runs.h"
#include "place/trees.h"
#include "place/writer.h"

namespace etalon {

using backends::TransactionMode;
using layers::LayerStack;
using layers::PoolOwners;
using layers::StackPool;
using place::Place;

namespace {

class FetchSource final : public detail::Source {
public:
    /// `layout` lives as long as the pool.
    FetchSource(std::shared_ptr<StackPool> db, std::string name, const DefinitionPtr& layout, FetchOptions options)
        : Source(db->epoch()),
          db_(std::move(db)),
          name_(std::move(name)),
          layout_(layout),
          options_(std::move(options)) {}

    Answer ask(Position at) override { return db_->fetch(name_, at, options_, layout_); }
    Provenance find_provenance(const ElementAnswer& element) override {
        return db_->read([&](LayerStack& stack) { return stack.find_provenance(element); });
    }

private:
    std::shared_ptr<StackPool> db_;
    std::string name_;
    const DefinitionPtr& layout_;
    FetchOptions options_;
};

}  // namespace

Database::Database(std::unique_ptr<PoolOwners> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Database Database::open(std::string_view url, const OpenOptions& options) {
    return open(std::vector<std::string>{std::string(url)}, options);
}
Database Database::open(const std::vector<std::string>& urls, const OpenOptions& options) {
    return Database(std::make_unique<PoolOwners>(std::make_shared<StackPool>(urls, options)));
}

StackPool& Database::impl() const noexcept {
    return **impl_;
}

const std::string& Database::name() const noexcept {
    return impl().traits().name;
}
const std::string& Database::place() const noexcept {
    const auto& traits = impl().traits();
    return traits.layers[traits.home].shown;
}
std::int64_t Database::snapshot() const noexcept {
    return impl().snapshot().heads[impl().traits().home].seq;
}
std::int64_t Database::advance() {
    return impl().advance();
}
std::uint64_t Database::statement_count() const noexcept {
    return impl().statement_count();
}
ConnectionCounters Database::connection_counters() const {
    return impl().connections();
}

std::vector<LayerInfo> Database::layers() const {
    const auto& traits = impl().traits();
    const auto snapshot = impl().snapshot();
    std::vector<LayerInfo> infos;
    for (std::size_t i = 0; i < traits.layers.size(); ++i) {
        const auto& layer = traits.layers[i];
        infos.push_back(
            {layer.shown, traits.target == i, layer.is_private() ? 0 : snapshot.heads[i].seq, layer.digest});
    }
    return infos;
}

std::shared_ptr<detail::Source> Database::make_source(std::string_view name, std::string_view struct_name,
                                                      std::string_view definition, FetchOptions options) {
    const auto& layout = impl().compiled().get(definition, struct_name);
    return std::make_shared<FetchSource>(impl_->mine(), std::string(name), layout, std::move(options));
}

Answer Database::fetch_rows(std::string_view name, Position at, const FetchOptions& options, DefinitionPtr layout) {
    return impl().fetch(name, at, options, layout);
}

Provenance Database::fetch_provenance(const ElementAnswer& element) {
    return impl().read([&](LayerStack& stack) { return stack.find_provenance(element); });
}

std::optional<Answer> Database::fetch_next(std::string_view name, Position at, const FetchOptions& options,
                                           DefinitionPtr layout) {
    const auto here = fetch_rows(name, at, options, layout);
    const auto& validity = here->validity;
    // An explicit end at infinity leaves one point, which is no interval.
    if (!validity.end || *validity.end == kPlusInfinity) return std::nullopt;
    return fetch_rows(name, Position{validity.axis, *validity.end}, options, std::move(layout));
}

std::optional<Answer> Database::fetch_previous(std::string_view name, Position at, const FetchOptions& options,
                                               DefinitionPtr layout) {
    const auto here = fetch_rows(name, at, options, layout);
    const auto& validity = here->validity;
    if (validity.begin == kMinusInfinity) return std::nullopt;
    return fetch_rows(name, Position{validity.axis, validity.begin - 1}, options, std::move(layout));
}

void Database::scan(std::string_view name, Position from, Position to, const std::function<bool(const Answer&)>& visit,
                    const FetchOptions& options, DefinitionPtr layout) {
    if (from.axis != to.axis || to.value <= from.value) {
        throw Error(ErrorCode::BadInput,
                    {"a scan over an empty range", std::string(name), "a begin before the end, on one axis",
                     fmt::format("[{}, {})", format_position(from), format_position(to)), ""});
    }
    for (auto at = from;;) {
        const auto answer = fetch_rows(name, at, options, layout);
        if (!visit(answer)) return;
        const auto& end = answer->validity.end;
        if (!end || *end >= to.value) return;
        at.value = *end;
    }
}

namespace {

/// Merges the histories of layers, each in order. What is equal keeps the order of the layers. Commit numbers of two
/// places cannot be compared, entry times can.
void sort_over_layers(std::vector<HistoryRecord>& history, const HistoryOptions& options) {
    const auto before = [&](const HistoryRecord& a, const HistoryRecord& b) {
        switch (options.order) {
            case HistoryOrder::Commit:
            case HistoryOrder::Entered:
                return a.entered < b.entered;
            case HistoryOrder::Begin:
                if (a.interval.begin != b.interval.begin) return a.interval.begin < b.interval.begin;
                break;
            case HistoryOrder::Created:
                if (a.created != b.created) return a.created < b.created;
                break;
            case HistoryOrder::Element:
                break;
        }
        return std::tie(a.element, a.version, a.interval.begin, a.entered) <
               std::tie(b.element, b.version, b.interval.begin, b.entered);
    };
    std::stable_sort(history.begin(), history.end(), [&](const HistoryRecord& a, const HistoryRecord& b) {
        return options.descending ? before(b, a) : before(a, b);
    });
}

}  // namespace

std::vector<HistoryRecord> Database::history(std::string_view name, const HistoryOptions& options) {
    return impl().read([&](LayerStack& stack) {
        FetchOptions choice;
        choice.as_of = options.as_of;
        const auto commits = stack.commits_of(name, layers::choice_of(stack.options(), choice));
        const auto rules = stack.rules_at(commits);
        std::vector<HistoryRecord> history;
        bool is_known = false;
        for (std::size_t i = 0; i < stack.layers().size(); ++i) {
            auto& place = *stack.layers()[i].place;
            const auto tx = place.connection().begin(TransactionMode::Read);
            auto entry = place.find_name(*tx, name, commits.commits[i]);
            if (!entry) continue;
            is_known = true;
            for (auto& record :
                 place::list_records(place, *tx, entry->record, options, {commits.commits[i], rules, {}, 0, {}})) {
                record.layer = place.connection().place();
                if (place.is_private()) {
                    record.commit = 0;
                    record.entered = Time{kMinusInfinity};
                }
                history.push_back(std::move(record));
            }
        }
        if (!is_known) stack.throw_unknown(name);
        if (stack.several()) sort_over_layers(history, options);
        if (stack.several()) place::sort_history(history, options);
        if (options.limit != 0 && history.size() > options.limit) history.resize(options.limit);
        return history;
    });
}

std::vector<CommitRecord> Database::log(std::uint64_t limit) {
    return impl().read([&](LayerStack& stack) {
        const auto tx = stack.home().connection().begin(TransactionMode::Read);
        return index::read_log(*tx, limit);
    });
}

namespace {

std::vector<StructInfo> structs_of(Place& place) {
    const auto tx = place.connection().begin(TransactionMode::Read);
    std::vector<StructInfo> infos;
    for (const auto& record : store::all_structs(*tx)) {
        const auto entry = place.get_struct(*tx, record.id);
        StructInfo info{record.name, record.last_schema, static_cast<std::int64_t>(entry->schemas.size()),          0,
                        0,           record.is_binary,   entry->columns.empty() ? std::string() : record.table_name};
        if (const auto current = entry->find(record.last_schema)) {
            info.size = current->definition->size;
            info.elements = current->definition->elements.size();
        }
        infos.push_back(std::move(info));
    }
    return infos;
}

NameInfo name_info(Place& place, backends::Transaction& tx, const index::NameRecord& record) {
    NameInfo info{record.name,
                  place.get_struct(tx, record.struct_id)->record.name,
                  record.axis,
                  record.policy,
                  record.storage,
                  record.view_name,
                  index::count_records(tx, record.id, place.snapshot()),
                  record.coverage};
    // Fewer than the proof says: some are later, or gone.
    if (backends::is_proved(tx) &&
        backends::read_set_proof(tx, backends::SetKind::Records, record.id).count != info.records) {
        index::prove_records(tx, record.id);
    }
    return info;
}

/// The layer that counts the versions of a struct: the lowest that knows it.
Place& counting_place(LayerStack& stack, std::string_view struct_name) {
    auto* place = &stack.home();
    for (const auto& layer : stack.layers()) {
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        if (layer.place->find_struct(*tx, struct_name)) place = layer.place.get();
    }
    return *place;
}

/// Registers in the layer that is written to. Versions go on counting where another layer has them.
RegisterReport register_in_target(LayerStack& stack, std::span<const StructDefinition> definitions,
                                  const RegisterOptions& options, place::AppliedRules& applied) {
    auto& place = stack.target();
    std::vector<NameSpec> of_structs(definitions.size());
    for (std::size_t i = 0; i < definitions.size(); ++i) of_structs[i].struct_name = definitions[i].name;
    place::WriteContext context(options.info);
    context.dry_run = options.dry_run;
    if (stack.knows_all(place, {}, of_structs))
        return place::register_definitions(place, definitions, options, place::Registering::New, context, &applied);
    const auto scratch = stack.make_scratch();
    stack.ensure_known(*scratch, {}, of_structs);
    auto trial = context;
    trial.dry_run = true;
    auto report = place::register_definitions(*scratch, definitions, options, place::Registering::New, trial, &applied);
    if (options.dry_run || (options.strict && report.blocked)) return report;
    stack.ensure_known(place, {}, of_structs);
    return place::register_definitions(place, definitions, options, place::Registering::New, context, &applied);
}

}  // namespace

std::vector<StructInfo> Database::structs() {
    return impl().read([&](LayerStack& stack) {
        // Of several layers the lowest that knows a struct counts its versions.
        std::map<std::string, StructInfo> by_name;
        for (const auto& layer : stack.layers()) {
            for (auto& info : structs_of(*layer.place)) by_name.insert_or_assign(info.name, std::move(info));
        }
        std::vector<StructInfo> infos;
        for (auto& [name, info] : by_name) infos.push_back(std::move(info));
        return infos;
    });
}

std::vector<NameInfo> Database::names() {
    return impl().read([&](LayerStack& stack) {
        std::map<std::string, NameInfo> by_name;
        for (const auto& layer : stack.layers()) {
            const auto tx = layer.place->connection().begin(TransactionMode::Read);
            for (const auto& record : index::all_names(*tx, layer.place->snapshot())) {
                auto info = name_info(*layer.place, *tx, record);
                const auto above = by_name.find(info.name);
                if (above != by_name.end()) info.records += above->second.records;
                by_name.insert_or_assign(info.name, std::move(info));
            }
        }
        std::vector<NameInfo> infos;
        for (auto& [name, info] : by_name) infos.push_back(std::move(info));
        return infos;
    });
}

std::optional<NameInfo> Database::find_name(std::string_view name) {
    return impl().read([&](LayerStack& stack) -> std::optional<NameInfo> {
        std::optional<NameInfo> found;
        for (const auto& layer : stack.layers()) {
            const auto tx = layer.place->connection().begin(TransactionMode::Read);
            const auto record = index::find_name(*tx, name, layer.place->snapshot());
            if (!record) continue;
            auto info = name_info(*layer.place, *tx, *record);
            if (found) info.records += found->records;
            found = std::move(info);
        }
        return found;
    });
}

DefinitionPtr Database::get_definition(std::string_view struct_name, std::int64_t schema) {
    return impl().read([&](LayerStack& stack) {
        auto& place = counting_place(stack, struct_name);
        const auto tx = place.connection().begin(TransactionMode::Read);
        const auto entry = place.require_struct(*tx, struct_name);
        place::ReadContext context;
        context.schema = schema == 0 ? entry->record.last_schema : schema;
        return place.asked_definition(*entry, context, nullptr);
    });
}

std::vector<DefinitionPtr> Database::get_definitions(std::string_view struct_name) {
    return impl().read([&](LayerStack& stack) {
        auto& place = counting_place(stack, struct_name);
        const auto tx = place.connection().begin(TransactionMode::Read);
        const auto entry = place.require_struct(*tx, struct_name);
        std::vector<DefinitionPtr> definitions;
        for (const auto& schema : entry->schemas) definitions.push_back(schema->definition);
        return definitions;
    });
}

std::vector<RulesFile> Database::get_rules(std::string_view struct_name) {
    return impl().read([&](LayerStack& stack) {
        auto& place = counting_place(stack, struct_name);
        {
            const auto tx = place.connection().begin(TransactionMode::Read);
            (void)place.require_struct(*tx, struct_name);
        }
        std::vector<RulesFile> files;
        const auto book = stack.rules_at(stack.commits_of("", {}));
        const auto known = book ? book->find(struct_name) : place::RuleBook::const_iterator{};
        if (!book || known == book->end()) return files;
        for (const auto& section : known->second->sections()) {
            files.push_back(
                {"recorded rules", fmt::format("struct {}\n\n{}", struct_name, schema::to_text(section->written))});
        }
        return files;
    });
}

RegisterReport Database::register_structs(std::span<const StructDefinition> definitions,
                                          const RegisterOptions& options) {
    place::check_user_structs(definitions);
    return impl().write([&](LayerStack& stack) {
        place::AppliedRules rules;
        auto report = register_in_target(stack, definitions, options, rules);
        stack.read_again([&] { database::count_touched(stack, definitions, rules, report); });
        return report;
    });
}

std::int64_t Database::define_name(const NameSpec& spec, const CommitInfo& info) {
    return impl().write([&](LayerStack& stack) {
        stack.ensure_known(stack.target(), {}, {&spec, 1});
        return place::define_reference(stack.target(), spec, place::WriteContext(info));
    });
}

CommitResult Database::commit(std::span<const PutRecord> records, const CommitInfo& info,
                              std::span<const NameSpec> names, const Progress& progress) {
    place::check_user_records(records);
    return impl().write([&](LayerStack& stack) {
        auto& place = stack.target();
        place::WriteContext context(info);
        context.progress = progress;
        if (!stack.knows_all(place, records, names)) {
            // What is refused shall leave nothing behind, nor what the target would learn first.
            stack.check_known(records, names);
            const auto scratch = stack.make_scratch();
            stack.ensure_known(*scratch, records, names);
            (void)place::preview_commit(*scratch, records, names, context);
            stack.ensure_known(place, records, names);
        }
        return place::write_commit(place, records, names, context);
    });
}

std::vector<PutEffect> Database::preview(std::span<const PutRecord> records, std::span<const NameSpec> names) {
    place::check_user_records(records);
    return impl().write([&](LayerStack& stack) {
        auto& place = stack.target();
        const place::WriteContext context(CommitInfo{});
        if (stack.knows_all(place, records, names)) {
            return layers::mark_hidden(stack, place, place::preview_commit(place, records, names, context));
        }
        // What the target would learn first is learnt by a place in memory instead. It checks everything; where the
        // target has a reference already, the target says what changes, and needs no rows for it.
        stack.check_known(records, names);
        const auto scratch = stack.make_scratch();
        stack.ensure_known(*scratch, records, names);
        auto effects = place::preview_commit(*scratch, records, names, context);
        std::vector<PutRecord> of_target;
        for (const auto& record : records) {
            const auto tx = place.connection().begin(TransactionMode::Read);
            if (!place.find_name(*tx, record.name, kPlusInfinity)) continue;
            of_target.push_back(record);
            of_target.back().layout = nullptr;
            of_target.back().num_rows = 0;
        }
        std::erase_if(effects, [&](const PutEffect& effect) {
            return std::any_of(of_target.begin(), of_target.end(),
                               [&](const PutRecord& record) { return record.name == effect.name; });
        });
        if (!of_target.empty()) {
            for (auto& effect : place::preview_commit(place, of_target, {}, context))
                effects.push_back(std::move(effect));
        }
        return layers::mark_hidden(stack, place, std::move(effects));
    });
}

CommitReach Database::preview_reach() {
    return impl().read([&](LayerStack& stack) { return layers::find_reach(stack); });
}

RetireReport Database::retire(std::string_view name, const HistoryOptions& which, const CommitInfo& info, bool several,
                              bool dry_run) {
    return impl().write([&](LayerStack& stack) {
        auto& place = stack.target();
        place::WriteContext context(info);
        context.rules = stack.rules_at(stack.commits_of(name, {}));
        context.dry_run = dry_run;
        auto report = place::retire_records(place, name, which, several, context);
        for (auto& record : report.records) record.layer = place.connection().place();
        report.effects = layers::mark_hidden(stack, place, std::move(report.effects));
        return report;
    });
}

Explanation Database::explain(std::string_view name, Position at, const FetchOptions& options, std::uint64_t limit) {
    return impl().read([&](LayerStack& stack) { return database::explain(stack, name, at, options, limit); });
}

std::vector<LintFinding> Database::lint(std::span<const std::string> names, std::optional<Time> now) {
    return impl().read([&](LayerStack& stack) { return database::lint(stack, names, now.value_or(place::now())); });
}

CommitResult Database::put_parameters(std::span<const ParameterPut> puts, const CommitInfo& info) {
    return impl().write(
        [&](LayerStack& stack) { return place::write_parameters(stack.target(), puts, place::WriteContext(info)); });
}

namespace {

/// Reads one of Etalon's own references; `throw_unknown` says in the user's words that it is not recorded.
template <class ThrowUnknown>
Answer fetch_own(Database& db, const std::string& reference, Position at, const FetchOptions& options,
                 const DefinitionPtr& layout, const ThrowUnknown& throw_unknown) {
    try {
        return db.fetch_rows(reference, at, options, layout);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Unknown || db.find_name(reference)) throw;
    }
    throw_unknown();
    throw Error(ErrorCode::Internal, {"a reference is neither there nor missing", reference, "", "", ""});
}

}  // namespace

ParameterAnswer Database::fetch_parameters(std::string_view software, std::string_view set, Position at,
                                           const FetchOptions& options) {
    const auto reference = place::parameters_reference(software, set);
    if (options.elements.size() != 1) {
        throw Error(ErrorCode::Usage, {"a parameter set is read for one element", reference, "one element",
                                       std::to_string(options.elements.size()), ""});
    }
    const auto answer = fetch_own(*this, reference, at, options, place::parameters_definition(),
                                  [&] { place::throw_no_parameters(name(), software, set, names()); });
    return place::to_parameters(software, set, answer);
}

std::vector<ParameterSetInfo> Database::parameter_sets(std::string_view software) {
    if (!software.empty()) place::check_part(software, "software");
    return place::find_parameter_sets(names(), software);
}

CommitResult Database::add_runs(std::span<const RunSpan> runs, std::string_view map, const CommitInfo& info,
                                std::string_view version) {
    return impl().write([&](LayerStack& stack) {
        return place::write_runs(stack.target(), runs, map, version, place::WriteContext(info));
    });
}

namespace {

/// Asks the references of a run map, with the options of one request; throws for a map that is not recorded.
place::AskRuns ask_runs(Database& db, std::string_view map, FetchOptions options) {
    options.elements = {0};
    return [&db, map, options = std::move(options)](const std::string& reference, Position at) {
        return fetch_own(db, reference, at, options, place::run_definition(),
                         [&] { place::throw_no_map(db.name(), map, db.names()); });
    };
}

}  // namespace

RunAnswer Database::fetch_run(Run run, const FetchOptions& options, std::string_view map) {
    return place::find_run(ask_runs(*this, map, options), map, run);
}

RunAnswer Database::fetch_run_at(Time time, const FetchOptions& options, std::string_view map) {
    return place::find_run_at(ask_runs(*this, map, options), map, time);
}

std::vector<RunAnswer> Database::runs(std::string_view map, const FetchOptions& options, Run first, Run last) {
    const auto by_run = place::by_run_reference(map);
    if (!find_name(by_run)) place::throw_no_map(name(), map, names());
    const auto ask = ask_runs(*this, map, options);
    HistoryOptions history_options;
    history_options.as_of = options.as_of;
    std::vector<std::int64_t> numbers;
    for (const auto& record : history(by_run, history_options)) {
        const auto number = record.interval.begin;
        if (number >= first.number && number < last.number) numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    std::vector<RunAnswer> runs;
    for (const auto number : numbers) {
        auto answer = place::find_run(ask, map, Run{number});
        if (answer.span) runs.push_back(std::move(answer));
    }
    return runs;
}

std::int64_t Database::add_nodes(std::span<const NodeSpec> nodes, const CommitInfo& info) {
    return impl().write([&](LayerStack& stack) {
        auto& place = stack.target();
        // The layer that keeps the tree knows the references that it names.
        std::vector<PutRecord> used;
        for (const auto& node : nodes) {
            if (node.type != NodeType::Table) continue;
            used.emplace_back().name =
                !node.ref_name.empty() ? node.ref_name : node.path.substr(node.path.find_last_of('/') + 1);
        }
        if (!stack.knows_all(place, used, {})) {
            stack.check_known(used, {});
            const auto scratch = stack.make_scratch();
            stack.ensure_known(*scratch, used, {});
            (void)place::write_tree(*scratch, nodes, place::WriteContext(info));
            stack.ensure_known(place, used, {});
        }
        return place::write_tree(place, nodes, place::WriteContext(info));
    });
}

std::vector<NodeSpec> Database::tree(std::string_view root, std::string_view key, std::optional<AsOf> as_of) {
    return impl().read([&](LayerStack& stack) { return layers::list_tree(stack, root, key, as_of); });
}

std::vector<NodeSpec> Database::configurations() {
    return impl().read([&](LayerStack& stack) { return layers::list_roots(stack); });
}

VerifyReport Database::verify(const VerifyOptions& options, const Progress& progress) {
    return impl().write([&](LayerStack& stack) { return database::verify(stack, options, progress); });
}

CacheCounters Database::cache_counters() const {
    return impl().cache().counters();
}
void Database::invalidate(std::string_view name) {
    impl().cache().invalidate(name);
}

std::vector<SnapshotInfo> Database::snapshots() {
    return impl().read([&](LayerStack& stack) { return layers::list_snapshots(stack); });
}

std::int64_t Database::set_snapshot(std::string_view name, const std::vector<AsOfPattern>& entries,
                                    const CommitInfo& info, std::string_view comment) {
    return impl().write([&](LayerStack& stack) {
        return layers::set_snapshot(stack, name, entries, comment, place::WriteContext(info));
    });
}

std::int64_t Database::freeze_snapshot(std::string_view name, const CommitInfo& info) {
    return impl().write(
        [&](LayerStack& stack) { return layers::freeze_snapshot(stack, name, place::WriteContext(info)); });
}

}  // namespace etalon
