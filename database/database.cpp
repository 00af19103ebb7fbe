// The facade: hands each call on to a stack of the pool.

#include "etalon/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "database/audit/explainer.h"
#include "database/audit/file_audit.h"
#include "database/audit/linter.h"
#include "database/audit/touched.h"
#include "database/audit/verifier.h"
#include "database/object_queries.h"
#include "database/references.h"
#include "etalon/error.h"
#include "etalon/explain.h"
#include "etalon/files.h"
#include "etalon/lint.h"
#include "etalon/verify.h"
#include "index/commits.h"
#include "layers/catalog.h"
#include "layers/reach.h"
#include "layers/snapshots.h"
#include "layers/stack.h"
#include "layers/stack_pool.h"
#include "layers/stack_writes.h"
#include "layers/trees.h"
#include "place/own_structs.h"
#include "place/parameters.h"
#include "place/registrar.h"
#include "place/runs.h"
#include "place/trees.h"
#include "place/write_context.h"

namespace etalon {

using backends::TransactionMode;
using layers::LayerStack;
using layers::PoolOwners;
using layers::StackPool;
using place::WriteContext;

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

Database::Database(std::unique_ptr<PoolOwners> impl, std::shared_ptr<database::Peers> peers)
    : impl_(std::move(impl)), peers_(std::move(peers)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Database Database::open(std::string_view url, const OpenOptions& options) {
    return open(std::vector<std::string>{std::string(url)}, options);
}
Database Database::open(const std::vector<std::string>& urls, const OpenOptions& options) {
    return open(urls, options, nullptr);
}
Database Database::open(const std::vector<std::string>& urls, const OpenOptions& options,
                        std::shared_ptr<database::Peers> peers) {
    return Database(std::make_unique<PoolOwners>(std::make_shared<StackPool>(urls, options)), std::move(peers));
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
    return impl().home_commit();
}
std::int64_t Database::advance() {
    return impl().advance();
}
std::uint64_t Database::statement_count() const noexcept {
    return impl().statement_count();
}
FileStore Database::files() const {
    return FileStore(impl().traits().options.files);
}
std::vector<FileReference> Database::file_references() {
    return impl().read([&](LayerStack& stack) { return database::list_files(stack, database::Damage::Throws); });
}
ConnectionCounters Database::connection_counters() const {
    return impl().connections();
}

std::vector<LayerInfo> Database::layers() const {
    const auto& traits = impl().traits();
    const auto commits = impl().commits();
    std::vector<LayerInfo> infos;
    for (std::size_t i = 0; i < traits.layers.size(); ++i) {
        const auto& layer = traits.layers[i];
        infos.push_back({layer.shown, traits.target == i, layer.is_private() ? 0 : commits[i], layer.digest});
    }
    return infos;
}

std::shared_ptr<detail::Source> Database::make_source(std::string_view name, std::string_view struct_name,
                                                      std::string_view definition, FetchOptions options) {
    if (!options.fields.empty()) {
        throw Error(ErrorCode::Usage, {"fields of a typed read", std::string(name), "none: a struct says what it has",
                                       "", "declare a struct of these members alone, or use fetch_rows()"});
    }
    const auto& layout = impl().compiled().get(definition, struct_name);
    if (options.where.kind != Condition::Kind::Always) options.where = without_references(name, options.where);
    return std::make_shared<FetchSource>(impl_->mine(), std::string(name), layout, std::move(options));
}

PutRecord Database::make_bytes_record(std::string_view name, Position begin, std::string_view struct_name,
                                      std::string_view definition, std::span<const std::byte> rows,
                                      std::uint64_t num_rows) {
    const auto known = find_name(name);
    if (!known) {
        throw Error(ErrorCode::Unknown, {"no named reference " + std::string(name), "database " + this->name(), "", "",
                                         "register its struct, or make it with define_name()"});
    }
    if (known->axis != begin.axis) {
        throw Error(ErrorCode::WrongAxis, {"a begin on the wrong axis", "reference " + std::string(name),
                                           std::string(name_of(known->axis)), std::string(name_of(begin.axis)), ""});
    }
    PutRecord record;
    record.name = name;
    record.begin = begin.value;
    record.layout = impl().compiled().get(definition, struct_name);
    AlignedBuffer copy(rows.size());
    if (!rows.empty()) std::memcpy(copy.data(), rows.data(), rows.size());
    record.rows = share(std::move(copy));
    record.num_rows = num_rows;
    return record;
}

Condition Database::without_references(std::string_view name, const Condition& where) const {
    return database::without_references(impl(), peers_.get(), name, where);
}

FetchOptions Database::without_references(std::string_view name, const FetchOptions& options) const {
    auto plain = options;
    plain.where = without_references(name, options.where);
    return plain;
}

Answer Database::fetch_rows(std::string_view name, Position at, const FetchOptions& options, DefinitionPtr layout) {
    if (options.where.kind == Condition::Kind::Always) return impl().fetch(name, at, options, layout);
    return impl().fetch(name, at, without_references(name, options), layout);
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
    const auto plain = without_references(name, options);
    for (auto at = from;;) {
        const auto answer = impl().fetch(name, at, plain, layout);
        if (!visit(answer)) return;
        const auto& end = answer->validity.end;
        if (!end || *end >= to.value) return;
        at.value = *end;
    }
}

std::vector<HistoryRecord> Database::history(std::string_view name, const HistoryOptions& options) {
    auto plain = options;
    plain.where = without_references(name, options.where);
    return impl().read([&](LayerStack& stack) { return layers::list_history(stack, name, plain); });
}

std::vector<CommitRecord> Database::log(std::uint64_t limit) {
    return impl().read([&](LayerStack& stack) {
        const auto tx = stack.home().connection().begin(TransactionMode::Read);
        return index::read_log(*tx, limit);
    });
}

std::vector<CommitRecord> Database::log(const LogOptions& options) {
    return impl().read([&](LayerStack& stack) { return layers::list_log(stack, options); });
}

std::vector<StructInfo> Database::structs() {
    return impl().read([&](LayerStack& stack) { return layers::list_structs(stack); });
}

std::vector<NameInfo> Database::names() {
    return impl().read([&](LayerStack& stack) { return layers::list_names(stack); });
}

std::optional<NameInfo> Database::find_name(std::string_view name) {
    return impl().read([&](LayerStack& stack) { return layers::find_name(stack, name); });
}

DefinitionPtr Database::get_definition(std::string_view struct_name, std::int64_t schema) {
    return impl().read([&](LayerStack& stack) { return layers::get_definition(stack, struct_name, schema); });
}

std::vector<DefinitionPtr> Database::get_definitions(std::string_view struct_name) {
    return impl().read([&](LayerStack& stack) { return layers::get_definitions(stack, struct_name); });
}

std::vector<RulesFile> Database::get_rules(std::string_view struct_name) {
    return impl().read([&](LayerStack& stack) { return layers::get_rules(stack, struct_name); });
}

RegisterReport Database::register_structs(std::span<const StructDefinition> definitions,
                                          const RegisterOptions& options) {
    place::check_user_structs(definitions);
    return impl().write([&](LayerStack& stack) {
        place::AppliedRules rules;
        auto report = layers::register_structs(stack, definitions, options, rules);
        stack.read_again([&] { database::count_touched(stack, definitions, rules, report); });
        return report;
    });
}

std::int64_t Database::define_name(const NameSpec& spec, const CommitInfo& info) {
    return impl().write([&](LayerStack& stack) { return layers::define_name(stack, spec, WriteContext(info)); });
}

CommitResult Database::commit(std::span<const PutRecord> records, const CommitInfo& info,
                              std::span<const NameSpec> names, const Progress& progress) {
    place::check_user_records(records);
    database::check_references(impl(), peers_.get(), records);
    WriteContext context(info);
    context.progress = progress;
    return impl().write([&](LayerStack& stack) { return layers::commit(stack, records, names, context); });
}

std::vector<PutEffect> Database::preview(std::span<const PutRecord> records, std::span<const NameSpec> names) {
    place::check_user_records(records);
    database::check_references(impl(), peers_.get(), records);
    return impl().write([&](LayerStack& stack) { return layers::preview(stack, records, names, WriteContext({})); });
}

CommitReach Database::preview_reach() {
    return impl().read([&](LayerStack& stack) { return layers::find_reach(stack); });
}

RetireReport Database::retire(std::string_view name, const HistoryOptions& which, const CommitInfo& info, bool several,
                              bool dry_run) {
    WriteContext context(info);
    context.dry_run = dry_run;
    auto plain = which;
    plain.where = without_references(name, which.where);
    return impl().write([&](LayerStack& stack) { return layers::retire(stack, name, plain, several, context); });
}

Explanation Database::explain(std::string_view name, Position at, const FetchOptions& options, std::uint64_t limit) {
    return impl().read([&](LayerStack& stack) { return database::explain(stack, name, at, options, limit); });
}

std::vector<LintFinding> Database::lint(std::span<const std::string> names, std::optional<Time> now) {
    return impl().read([&](LayerStack& stack) { return database::lint(stack, names, now.value_or(place::now())); });
}

CommitResult Database::put_parameters(std::span<const ParameterPut> puts, const CommitInfo& info) {
    return impl().write(
        [&](LayerStack& stack) { return place::write_parameters(stack.target(), puts, WriteContext(info)); });
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
    return impl().write(
        [&](LayerStack& stack) { return place::write_runs(stack.target(), runs, map, version, WriteContext(info)); });
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

std::int64_t Database::add_nodes(std::span<const NodeSpec> nodes, const CommitInfo& info, OnExisting on_existing) {
    return impl().write(
        [&](LayerStack& stack) { return layers::add_nodes(stack, nodes, WriteContext(info), on_existing); });
}

RemovedNodes Database::remove_nodes(std::string_view path, std::string_view key, bool recursive, const CommitInfo& info,
                                    bool dry_run) {
    WriteContext context(info);
    context.dry_run = dry_run;
    return impl().write(
        [&](LayerStack& stack) { return place::remove_from_tree(stack.target(), path, key, recursive, context); });
}

std::int64_t Database::move_node(std::string_view path, std::string_view to, std::string_view key,
                                 const CommitInfo& info) {
    return impl().write(
        [&](LayerStack& stack) { return place::move_in_tree(stack.target(), path, to, key, WriteContext(info)); });
}

std::vector<NodeSpec> Database::tree(std::string_view root, std::string_view key, std::optional<AsOf> as_of) {
    return impl().read([&](LayerStack& stack) { return layers::list_tree(stack, root, key, as_of); });
}

std::vector<NodeSpec> Database::configurations() {
    return impl().read([&](LayerStack& stack) { return layers::list_roots(stack); });
}

VerifyReport Database::verify(const VerifyOptions& options, const Progress& progress) {
    std::vector<database::DanglingReference> dangling;
    auto report = impl().write([&](LayerStack& stack) {
        dangling.clear();
        return database::verify(stack, options, progress, dangling);
    });
    database::judge_dangling(impl(), peers_.get(), dangling, report);
    const auto references =
        impl().read([&](LayerStack& stack) { return database::list_files(stack, database::Damage::LeftOut); });
    database::check_files(files(), place(), references, options.deep, report);
    return report;
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
    return impl().write(
        [&](LayerStack& stack) { return layers::set_snapshot(stack, name, entries, comment, WriteContext(info)); });
}

std::int64_t Database::freeze_snapshot(std::string_view name, const CommitInfo& info) {
    return impl().write([&](LayerStack& stack) { return layers::freeze_snapshot(stack, name, WriteContext(info)); });
}

}  // namespace etalon
