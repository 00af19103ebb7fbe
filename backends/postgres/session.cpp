#include "backends/postgres/session.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <limits>

#include "backends/postgres/binary.h"
#include "backends/postgres/errors.h"
#include "backends/postgres/retry.h"
#include "backends/postgres/settings.h"
#include "backends/postgres/translate.h"
#include "base/digest.h"
#include "etalon/error.h"

namespace etalon::backends::postgres {
namespace {

std::string_view state_of(const PGresult* result) {
    const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state == nullptr ? "" : state;
}

bool is_done(const PGresult* result) {
    const auto status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/// A name that says what the statement is, so that one of another text, place or types never answers to it. At most 63
/// bytes, more of which the server would not look at.
std::string statement_name(std::string_view text, std::string_view schema, std::span<const Oid> types) {
    constexpr std::size_t kDigits = 48;
    Sha256Builder builder;
    builder.add_text(text);
    builder.add_text(schema);
    for (const auto type : types) builder.add(std::uint64_t{type});
    return "etalon_" + to_hex(builder.finish()).substr(0, kDigits);
}

}  // namespace

Session::Session(const PlaceUrl& place, const std::string& shown_place, OpenMode mode)
    : place_(shown_place), link_(connect(place, shown_place)), schema_(place.database_name) {
    if (schema_.empty()) schema_ = PQdb(link_.raw());
    find_schema(mode);
    if (!is_shared_) exec(settings_sql(SettingsFor::Session));
}

Link Session::connect(const PlaceUrl& place, const std::string& shown_place) {
    try {
        return Link(with_timeouts(place.target));
    } catch (const pqxx::failure& failure) {
        throw make_connect_error(failure.what(), place.target, shown_place);
    }
}

Result Session::look() const {
    const auto name = escape_literal(schema_);
    // Two statements in one message are one transaction: the settings hold for the second, and for nothing else.
    const auto sql =
        settings_sql(SettingsFor::Transaction) +
        "; SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery() OR "
        "pg_catalog.current_setting('transaction_read_only')::pg_catalog.bool, CURRENT_USER, "
        "(SELECT pg_catalog.has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = " +
        name + ")";
    Result result(PQexec(link_.raw(), sql.c_str()));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw error(result.get(), "", false);
    return result;
}

void Session::find_schema(OpenMode mode) {
    const auto cell = [](const Result& row, int column) { return std::string_view(PQgetvalue(row.get(), 0, column)); };
    auto now = look();
    is_shared_ = cell(now, 0) != std::to_string(PQbackendPID(link_.raw()));
    read_only_ = cell(now, 1) == "t";
    role_ = cell(now, 2);
    constexpr int kMayUse = 3;
    if (PQgetisnull(now.get(), 0, kMayUse) != 0) {
        if (mode == OpenMode::Existing) {
            throw Error(ErrorCode::Backend, {"the PostgreSQL database has no schema \"" + schema_ + '"', place_, "", "",
                                             "check the name behind '#', or run 'etalon -d " + place_ + " init'"});
        }
        create_schema();
        now = look();
    }
    if (cell(now, kMayUse) != "t") throw make_schema_error(place_, schema_, role_);
}

bool Session::ask_read_only() {
    constexpr int kReadOnly = 1;
    return read_only_ = std::string_view(PQgetvalue(look().get(), 0, kReadOnly)) == "t";
}

void Session::create_schema() {
    const auto create = "CREATE SCHEMA IF NOT EXISTS " + quote_identifier(schema_);
    const Result created(PQexec(link_.raw(), create.c_str()));
    if (is_done(created.get())) return;
    // Two processes may create it at the same time; the one that comes second may get an error for it.
    if (!is_alive() || PQgetisnull(look().get(), 0, 3) != 0) throw error(created.get(), create, true);
}

bool Session::still_connected() noexcept {
    PGconn* connection = link_.raw();
    // On an idle connection the server sends a last word and then the end of the stream; libpq must read both to know.
    for (int reads = 0; reads < 100 && PQstatus(connection) == CONNECTION_OK; ++reads) {
        pollfd socket{.fd = PQsocket(connection), .events = POLLIN, .revents = 0};
        if (poll(&socket, 1, 0) <= 0) break;
        if (PQconsumeInput(connection) == 0) break;
        (void)PQisBusy(connection);
    }
    return is_alive();
}

Error Session::error(const PGresult* result, std::string_view sql, bool writing) const {
    return make_error(result, link_.raw(),
                      {.place = place_, .schema = schema_, .role = role_, .sql = sql, .writing = writing});
}

Result Session::exec(const std::string& sql, bool writing) {
    Result result(PQexec(link_.raw(), sql.c_str()));
    if (!is_done(result.get())) throw error(result.get(), sql, writing);
    return result;
}

void Session::begin(bool writing) {
    try {
        exec(begin_sql(writing, is_shared_), writing);
    } catch (const Error&) {
        if (is_alive() && in_transaction()) PQclear(PQexec(link_.raw(), "ROLLBACK"));
        throw;
    }
}

void Session::run_script(std::string_view sql) {
    const Result result(PQexec(link_.raw(), translate(sql, schema_).text.c_str()));
    if (!is_done(result.get())) throw error(result.get(), sql, true);
    forget_statements();
}

Result Session::try_prepare(Prepared& prepared) {
    prepared.name = is_shared_ ? "" : statement_name(prepared.text, schema_, prepared.types);
    return Result(PQprepare(link_.raw(), prepared.name.c_str(), prepared.text.c_str(),
                            static_cast<int>(prepared.types.size()), prepared.types.data()));
}

Result Session::guess_types(Prepared& prepared, bool in_transaction) {
    constexpr std::array<Oid, 4> kTypes{kInt8, kText, kBytea, kFloat8};
    constexpr std::size_t kTries = 64;
    const std::vector<Oid> known = prepared.types;
    Result first;
    for (std::size_t choice = 0; choice < kTries; ++choice) {
        std::size_t digits = choice;
        for (std::size_t i = 0; i < known.size(); ++i) {
            if (known[i] != 0) continue;
            prepared.types[i] = kTypes[digits % kTypes.size()];
            digits /= kTypes.size();
        }
        if (digits != 0) break;  // all choices were tried
        if (in_transaction) exec("ROLLBACK TO SAVEPOINT etalon_guess");
        Result result = try_prepare(prepared);
        if (is_done(result.get())) return result;
        if (!first) first = std::move(result);
    }
    return first;
}

void Session::prepare_on_server(Prepared& prepared, std::string_view shown_sql, bool writing) {
    for (; !is_shared_ && !stale_names_.empty(); stale_names_.pop_back()) exec("DEALLOCATE " + stale_names_.back());
    const bool unknown = std::ranges::find(prepared.types, Oid{0}) != prepared.types.end();
    const bool guarded = unknown && in_transaction();
    if (guarded) exec("SAVEPOINT etalon_guess");
    Result result = try_prepare(prepared);
    // A NULL has no type, and the statement may not tell it ("?1 IS NULL OR x = ?1").
    const auto why = state_of(result.get());
    if (unknown && (why == "42P18" || why == "42P08")) result = guess_types(prepared, guarded);
    if (!is_done(result.get())) {
        if (shows_others(result.get()) && !in_transaction()) return;
        throw error(result.get(), shown_sql, writing);
    }
    if (guarded) exec("RELEASE SAVEPOINT etalon_guess");
}

void Session::find_types(Prepared& prepared, std::string_view shown_sql, bool writing) {
    if (std::ranges::find(prepared.types, Oid{0}) == prepared.types.end()) return;
    if (in_transaction()) return prepare_on_server(prepared, shown_sql, writing);
    begin(false);
    try {
        prepare_on_server(prepared, shown_sql, writing);
    } catch (const Error&) {
        if (is_alive()) exec("ROLLBACK");
        throw;
    }
    exec("ROLLBACK");
}

Session::Prepared& Session::prepare(const Sql& sql, std::span<const Value> values, bool writing) {
    auto found = kept_.find(sql);
    const bool known = found != kept_.end();
    if (known && found->second.types.size() == values.size()) {
        const auto& types = found->second.types;
        bool fits = true;
        for (std::size_t i = 0; i < values.size() && fits; ++i) {
            const auto type = natural_type(values[i]);
            fits = type == 0 || type == types[i];
        }
        if (fits) return found->second;
    }
    // New, or a parameter that was NULL until now has a value: the server's guess of its type need not be ours.
    Prepared prepared;
    for (std::size_t i = 0; i < values.size(); ++i) {
        Oid type = natural_type(values[i]);
        if (type == 0 && known && i < found->second.types.size()) type = found->second.types[i];
        prepared.types.push_back(type);
    }
    Translated translated = translate(sql.text(), schema_);
    if (translated.parameters != values.size()) {
        throw Error(ErrorCode::Internal, {"a statement got the wrong number of values", place_,
                                          std::to_string(translated.parameters), std::to_string(values.size()), ""});
    }
    prepared.text = std::move(translated.text);
    is_shared_ ? find_types(prepared, sql.text(), writing) : prepare_on_server(prepared, sql.text(), writing);
    if (known) {
        drop(found->second);
        found->second = std::move(prepared);
    } else {
        if (kept_.size() >= kLimit) make_room();
        found = kept_.emplace(Key{sql.text(), sql.hash()}, std::move(prepared)).first;
    }
    return found->second;
}

void Session::drop(const Prepared& prepared) {
    if (!is_shared_ && !prepared.name.empty()) exec("DEALLOCATE " + prepared.name);
}

void Session::make_room() {
    const auto oldest = std::ranges::min_element(kept_, {}, [](const auto& entry) { return entry.second.last_use; });
    drop(oldest->second);
    kept_.erase(oldest);
}

void Session::forget_statements() {
    if (kept_.empty()) return;
    if (!is_shared_) exec("DEALLOCATE ALL");
    kept_.clear();
    stale_names_.clear();
}

void Session::bind(std::span<const Value> values) {
    constexpr auto kInPlace = std::numeric_limits<std::size_t>::max();
    const std::size_t count = values.size();
    buffer_.clear();
    offsets_.assign(count, kInPlace);
    pointers_.assign(count, nullptr);
    lengths_.assign(count, 0);
    formats_.assign(count, 1);
    for (std::size_t i = 0; i < count; ++i) {
        const Value& value = values[i];
        std::size_t size = 0;
        if (const auto* text = std::get_if<std::string>(&value)) {
            pointers_[i] = text->c_str();
            size = text->size();
        } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
            // An empty vector may have no address, and that would be NULL.
            pointers_[i] = bytes->empty() ? "" : reinterpret_cast<const char*>(bytes->data());
            size = bytes->size();
        } else if (value.index() != 0) {
            offsets_[i] = buffer_.size();
            append_value(buffer_, value);
            size = buffer_.size() - offsets_[i];
        }
        if (size > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
            throw Error(ErrorCode::BadInput, {"a value is too large for PostgreSQL", place_, "less than 1 GB",
                                              std::to_string(size) + " bytes", ""});
        }
        lengths_[i] = static_cast<int>(size);
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (offsets_[i] != kInPlace) pointers_[i] = buffer_.data() + offsets_[i];
    }
}

bool Session::post(const Prepared& prepared) {
    const auto count = static_cast<int>(pointers_.size());
    if (!is_shared_) {
        return PQsendQueryPrepared(link_.raw(), prepared.name.c_str(), count, pointers_.data(), lengths_.data(),
                                   formats_.data(), 1) == 1;
    }
    return PQsendQueryParams(link_.raw(), prepared.text.c_str(), count, prepared.types.data(), pointers_.data(),
                             lengths_.data(), formats_.data(), 1) == 1;
}

Result Session::send(const Prepared& prepared) {
    const auto count = static_cast<int>(pointers_.size());
    if (!is_shared_) {
        Result result(PQexecPrepared(link_.raw(), prepared.name.c_str(), count, pointers_.data(), lengths_.data(),
                                     formats_.data(), 1));
        if (is_done(result.get()) || !shows_others(result.get()) || in_transaction()) return result;
    }
    if (!in_transaction()) return send_alone(prepared);
    return Result(PQexecParams(link_.raw(), prepared.text.c_str(), count, prepared.types.data(), pointers_.data(),
                               lengths_.data(), formats_.data(), 1));
}

Result Session::send_alone(const Prepared& prepared) {
    // What is sent up to the end of a pipeline is one transaction of the server.
    auto results = pipeline(2, [&](std::size_t i) {
        if (i == 1) return post(prepared);
        return PQsendQueryParams(link_.raw(), settings_sql(SettingsFor::Transaction).c_str(), 0, nullptr, nullptr,
                                 nullptr, nullptr, 0) == 1;
    });
    if (results.empty()) return nullptr;
    // After a failure the server passes over the rest.
    return std::move(is_done(results.front().get()) && results.size() == 2 ? results.back() : results.front());
}

template <class PostOne>
std::vector<Result> Session::pipeline(std::size_t count, const PostOne& post_one) {
    PGconn* connection = link_.raw();
    if (PQenterPipelineMode(connection) != 1) return {};
    std::size_t sent = 0;
    std::exception_ptr failure;
    try {
        while (sent < count && post_one(sent)) ++sent;
    } catch (const Error&) {
        failure = std::current_exception();
    } catch (...) {
        is_stuck_ = true;
        throw;
    }
    // What was sent is always read to its end, so that the next statement finds the connection at rest.
    const bool synced = PQpipelineSync(connection) == 1;
    std::vector<Result> results;
    for (std::size_t i = 0; synced && i < sent && is_alive(); ++i) {
        results.emplace_back(PQgetResult(connection));
        while (PGresult* more = PQgetResult(connection)) PQclear(more);
    }
    if (synced && is_alive()) PQclear(PQgetResult(connection));  // the end that was asked for
    if (PQexitPipelineMode(connection) != 1) is_stuck_ = true;
    if (failure) std::rethrow_exception(failure);
    return results;
}

Result Session::run(const Sql& sql, std::span<const Value> values, bool writing) {
    Prepared& prepared = prepare(sql, values, writing);
    prepared.last_use = ++uses_;
    bind(values);
    Result result = send(prepared);
    if (is_done(result.get())) return result;
    throw failure_of(result.get(), sql, writing);
}

bool Session::shows_others(const PGresult* result) {
    const auto state = state_of(result);
    if (is_shared_ || (state != "42P05" && state != "26000")) return false;
    is_shared_ = true;
    return true;
}

Error Session::failure_of(const PGresult* result, const Sql& sql, bool writing) {
    (void)shows_others(result);
    // Another connection changed a table: the kept statement is of no use any more.
    if (is_stale(state_of(result))) {
        const auto kept = kept_.find(sql);
        if (kept != kept_.end()) {
            // Its name is taken until the server is told; not now, in a transaction that failed.
            if (!is_shared_) stale_names_.push_back(kept->second.name);
            kept_.erase(kept);
        }
    }
    return error(result, sql.text(), writing);
}

std::vector<Result> Session::run_all(std::span<const Statement> statements, bool writing) {
    if (statements.size() >= kLimit) {
        throw Error(ErrorCode::Internal, {"too many statements at once", place_, "less than " + std::to_string(kLimit),
                                          std::to_string(statements.size()), ""});
    }
    std::vector<const Prepared*> prepared;  // those that are used last are not dropped
    for (const auto& one : statements) {
        Prepared& kept = prepare(*one.sql, one.values, writing);
        kept.last_use = ++uses_;
        prepared.push_back(&kept);
    }
    auto results = pipeline(statements.size(), [&](std::size_t i) {
        bind(statements[i].values);
        return post(*prepared[i]);
    });
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!is_done(results[i].get())) throw failure_of(results[i].get(), *statements[i].sql, writing);
    }
    if (results.size() != statements.size() || is_stuck_) {
        throw error(nullptr, statements.front().sql->text(), writing);
    }
    return results;
}

}  // namespace etalon::backends::postgres
