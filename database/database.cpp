// The facade: locks, opens transactions, and hands on.

#include "etalon/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/number_text.h"
#include "database/format.h"
#include "database/impl.h"
#include "database/own_structs.h"
#include "database/parameters.h"
#include "database/registrar.h"
#include "database/retirer.h"
#include "database/runs.h"
#include "database/trees.h"
#include "database/writer.h"
#include "etalon/error.h"
#include "index/commits.h"
#include "index/records.h"

namespace etalon {

using backends::TransactionMode;
using detail::DatabaseImpl;

namespace {

/// Runs a read once more when the connection was lost: nothing was written, so repeating is safe.
template <class Read>
auto read_again(Read&& read) {
    try {
        return read();
    } catch (const Error& error) {
        if (!error.retryable()) throw;
    }
    return read();
}

/// Runs a write; what is kept of names and structs may be out of date after it, also when it failed.
template <class Write>
auto write_and_forget(DatabaseImpl& db, Write&& write) {
    struct Forget {
        DatabaseImpl& db;
        ~Forget() { db.forget(); }
    };
    const std::lock_guard lock(db.mutex);
    const Forget forget{db};
    return write();
}

class FetchSource final : public detail::Source {
public:
    FetchSource(std::shared_ptr<DatabaseImpl> db, std::string name, DefinitionPtr layout, FetchOptions options)
        : Source(db->epoch), db_(std::move(db)), name_(std::move(name)), layout_(std::move(layout)),
          options_(std::move(options)) {}

    Answer ask(Position at) override {
        const std::lock_guard lock(db_->mutex);
        return read_again([&] { return db_->fetch(name_, at, options_, layout_); });
    }

private:
    std::shared_ptr<DatabaseImpl> db_;
    std::string name_;
    DefinitionPtr layout_;
    FetchOptions options_;
};

}  // namespace

namespace detail {

DatabaseImpl::DatabaseImpl(std::unique_ptr<backends::Connection> opened, std::string database_name)
    : connection(std::move(opened)), name(std::move(database_name)) {
    take_snapshot();
}

}  // namespace detail

Database::Database(std::shared_ptr<DatabaseImpl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Database Database::open(std::string_view url, const OpenOptions& options) {
    const auto place = backends::parse_place(url);
    auto connection = backends::open_connection(
        place, options.create ? backends::OpenMode::Create : backends::OpenMode::Existing);
    if (options.create) database::create_format(*connection, database::default_name(place), options.upgrade);
    auto stored_name = database::check_format(*connection);
    auto name = place.database_name.empty() ? std::move(stored_name) : place.database_name;
    return Database(std::make_shared<DatabaseImpl>(std::move(connection), std::move(name)));
}

const std::string& Database::name() const noexcept { return impl_->name; }
const std::string& Database::place() const noexcept { return impl_->connection->place(); }
std::int64_t Database::snapshot() const noexcept {
    const std::lock_guard lock(impl_->mutex);
    return impl_->snapshot;
}
std::int64_t Database::advance() {
    const std::lock_guard lock(impl_->mutex);
    return read_again([&] { return impl_->take_snapshot(); });
}
std::uint64_t Database::statement_count() const noexcept {
    const std::lock_guard lock(impl_->mutex);
    return impl_->connection->statement_count();
}

std::shared_ptr<detail::Source> Database::make_source(std::string_view name, std::string_view struct_name,
                                                      std::string_view definition, FetchOptions options) {
    const std::lock_guard lock(impl_->mutex);
    auto layout = impl_->compiled_definition(definition, struct_name);
    return std::make_shared<FetchSource>(impl_, std::string(name), std::move(layout), std::move(options));
}

Answer Database::fetch_rows(std::string_view name, Position at, const FetchOptions& options, DefinitionPtr layout) {
    const std::lock_guard lock(impl_->mutex);
    return read_again([&] { return impl_->fetch(name, at, options, layout); });
}

std::vector<HistoryRecord> Database::history(std::string_view name, const HistoryOptions& options) {
    const std::lock_guard lock(impl_->mutex);
    return read_again([&] {
        const auto tx = impl_->connection->begin(TransactionMode::Read);
        const auto snapshot = impl_->resolve(*tx, options.as_of);
        const auto entry = impl_->get_name(*tx, name, snapshot);
        return index::read_history(*tx, {entry->record.id, entry->record.axis, options.version, options.element,
                                         snapshot, options.limit});
    });
}

std::vector<CommitRecord> Database::log(std::uint64_t limit) {
    const std::lock_guard lock(impl_->mutex);
    return read_again([&] {
        const auto tx = impl_->connection->begin(TransactionMode::Single);
        return index::read_log(*tx, limit);
    });
}

std::vector<StructInfo> Database::structs() {
    const std::lock_guard lock(impl_->mutex);
    return read_again([&] {
        const auto tx = impl_->connection->begin(TransactionMode::Read);
        std::vector<StructInfo> infos;
        for (const auto& record : store::all_structs(*tx)) {
            const auto entry = impl_->get_struct(*tx, record.id);
            StructInfo info{record.name, record.last_schema, static_cast<std::int64_t>(entry->schemas.size()), 0, 0,
                            record.is_binary, entry->columns.empty() ? std::string() : record.table_name};
            if (const auto current = entry->find(record.last_schema)) {
                info.size = current->definition->size;
                info.elements = current->definition->elements.size();
            }
            infos.push_back(std::move(info));
        }
        return infos;
    });
}

namespace {

NameInfo name_info(DatabaseImpl& db, backends::Transaction& tx, const index::NameRecord& record) {
    static const backends::Sql kCount(R"(SELECT count(*) FROM "dataIndex" WHERE "nameID" = ?1 AND "commitSeq" <= ?2)");
    NameInfo info{record.name,    db.get_struct(tx, record.struct_id)->record.name, record.axis, record.policy,
                  record.storage, record.view_name, 0,           record.coverage};
    const auto cursor = tx.query(kCount, {record.id, db.snapshot});
    if (cursor->next()) info.records = cursor->integer(0);
    return info;
}

}  // namespace

std::vector<NameInfo> Database::names() {
    const std::lock_guard lock(impl_->mutex);
    return read_again([&] {
        const auto tx = impl_->connection->begin(TransactionMode::Read);
        std::vector<NameInfo> infos;
        for (const auto& record : index::all_names(*tx, impl_->snapshot)) infos.push_back(name_info(*impl_, *tx, record));
        return infos;
    });
}

std::optional<NameInfo> Database::find_name(std::string_view name) {
    const std::lock_guard lock(impl_->mutex);
    return read_again([&]() -> std::optional<NameInfo> {
        const auto tx = impl_->connection->begin(TransactionMode::Read);
        const auto record = index::find_name(*tx, name, impl_->snapshot);
        if (!record) return std::nullopt;
        return name_info(*impl_, *tx, *record);
    });
}

DefinitionPtr Database::get_definition(std::string_view struct_name, std::int64_t schema) {
    const std::lock_guard lock(impl_->mutex);
    return read_again([&] {
        const auto tx = impl_->connection->begin(TransactionMode::Read);
        const auto entry = impl_->require_struct(*tx, struct_name);
        database::Layout layout;
        layout.schema = schema == 0 ? entry->record.last_schema : schema;
        return impl_->asked_definition(*entry, layout, nullptr);
    });
}

RegisterReport Database::register_structs(std::span<const StructDefinition> definitions,
                                          const RegisterOptions& options) {
    database::check_user_structs(definitions);
    return write_and_forget(*impl_, [&] { return database::register_definitions(*impl_, definitions, options); });
}

std::int64_t Database::define_name(const NameSpec& spec, const CommitInfo& info) {
    return write_and_forget(*impl_, [&] { return database::define_reference(*impl_, spec, info); });
}

CommitResult Database::commit(std::span<const PutRecord> records, const CommitInfo& info,
                              std::span<const NameSpec> names, const Progress& progress) {
    database::check_user_records(records);
    return write_and_forget(*impl_, [&] { return database::write_commit(*impl_, records, names, info, progress); });
}

std::vector<PutEffect> Database::preview(std::span<const PutRecord> records, std::span<const NameSpec> names) {
    database::check_user_records(records);
    return write_and_forget(*impl_, [&] { return database::preview_commit(*impl_, records, names); });
}

RetireReport Database::retire(std::string_view name, const HistoryOptions& which, const CommitInfo& info, bool several,
                              bool dry_run) {
    return write_and_forget(*impl_, [&] { return database::retire_records(*impl_, name, which, info, several, dry_run); });
}

CommitResult Database::put_parameters(std::span<const ParameterPut> puts, const CommitInfo& info) {
    return write_and_forget(*impl_, [&] { return database::write_parameters(*impl_, puts, info); });
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
    const auto reference = database::parameters_reference(software, set);
    if (options.elements.size() != 1) {
        throw Error(ErrorCode::Usage, {"a parameter set is read for one element", reference, "one element",
                                       std::to_string(options.elements.size()), ""});
    }
    const auto answer = fetch_own(*this, reference, at, options, database::parameters_definition(), [&] {
        database::throw_no_parameters(name(), software, set, names());
    });
    return database::to_parameters(software, set, answer);
}

std::vector<ParameterSetInfo> Database::parameter_sets(std::string_view software) {
    if (!software.empty()) database::check_part(software, "software");
    return database::find_parameter_sets(names(), software);
}

CommitResult Database::add_runs(std::span<const RunSpan> runs, std::string_view map, const CommitInfo& info,
                                std::string_view version) {
    return write_and_forget(*impl_, [&] { return database::write_runs(*impl_, runs, map, info, version); });
}

namespace {

/// Asks the references of a run map, with the options of one request; throws for a map that is not recorded.
database::AskRuns ask_runs(Database& db, std::string_view map, FetchOptions options) {
    options.elements = {0};
    return [&db, map, options = std::move(options)](const std::string& reference, Position at) {
        return fetch_own(db, reference, at, options, database::run_definition(),
                         [&] { database::throw_no_map(db.name(), map, db.names()); });
    };
}

}  // namespace

RunAnswer Database::fetch_run(Run run, const FetchOptions& options, std::string_view map) {
    return database::find_run(ask_runs(*this, map, options), map, run);
}

RunAnswer Database::fetch_run_at(Time time, const FetchOptions& options, std::string_view map) {
    return database::find_run_at(ask_runs(*this, map, options), map, time);
}

std::vector<RunAnswer> Database::runs(std::string_view map, const FetchOptions& options, Run first, Run last) {
    const auto by_run = database::by_run_reference(map);
    if (!find_name(by_run)) database::throw_no_map(name(), map, names());
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
        auto answer = database::find_run(ask, map, Run{number});
        if (answer.span) runs.push_back(std::move(answer));
    }
    return runs;
}

std::int64_t Database::add_nodes(std::span<const NodeSpec> nodes, const CommitInfo& info) {
    return write_and_forget(*impl_, [&] { return database::write_tree(*impl_, nodes, info); });
}

std::vector<NodeSpec> Database::tree(std::string_view root, std::string_view key, std::optional<AsOf> as_of) {
    const std::lock_guard lock(impl_->mutex);
    return read_again([&] { return database::list_tree(*impl_, root, key, as_of); });
}

std::vector<NodeSpec> Database::configurations() {
    const std::lock_guard lock(impl_->mutex);
    return read_again([&] { return database::list_roots(*impl_); });
}

AsOf parse_as_of(std::string_view text) {
    // Names of snapshots begin with a letter (set_snapshot), no time does but infinity.
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    if (!text.empty() && is_letter(text.front()) && text != "inf") return SnapshotName{std::string(text)};
    const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return parse_time(text);
    const auto number = parse_integer<std::int64_t>(text);
    if (!number) throw Error(ErrorCode::BadInput, {"commit number out of range", std::string(text), "", "", ""});
    return *number;
}

}  // namespace etalon
