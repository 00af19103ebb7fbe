#include "backends/postgres/session.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <limits>

#include "backends/postgres/binary.h"
#include "backends/postgres/errors.h"
#include "backends/postgres/translate.h"
#include "etalon/error.h"

namespace etalon::backends::postgres {
Session::Session(const PlaceUrl& place, const std::string& shown_place, OpenMode mode)
    : place_(shown_place), url_(place.target), link_(connect(place, shown_place)), schema_(place.database_name) {
    configure();
    find_schema(mode);
}

Link Session::connect(const PlaceUrl& place, const std::string& shown_place) {
    try {
        return Link(place.target);
    } catch (const pqxx::failure& failure) {
        throw make_connect_error(failure.what(), place.target, shown_place);
    }
}

void Session::configure() {
    // One message. Times are read and written in UTC whatever the server thinks; text is UTF-8; a commit is in the
    // isolation that the design counts on; compiling a plan takes longer than the short statements run here.
    (void)exec(
        "SET client_encoding TO 'UTF8'; SET TimeZone TO 'UTC'; SET client_min_messages TO warning; SET jit TO off;"
        // Rows that a policy of the server would hide are an error, not a gap.
        "SET row_security TO off;"
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED");
    const Result state = exec("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean");
    read_only_ = std::string_view(PQgetvalue(state.get(), 0, 0)) == "t";
}

void Session::find_schema(OpenMode mode) {
    if (schema_.empty()) schema_ = PQdb(link_.raw());
    const std::string find = "SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = ";
    const std::string known = find + quote_literal(schema_);
    if (ask(known) == "0") {
        if (mode == OpenMode::Existing) {
            throw Error(ErrorCode::Backend, {"the PostgreSQL database has no schema \"" + schema_ + '"', place_, "", "",
                                             "check the name behind '#', or run 'etalon -d " + place_ + " init'"});
        }
        const std::string create = "CREATE SCHEMA IF NOT EXISTS " + quote_identifier(schema_);
        const Result created(PQexec(link_.raw(), create.c_str()));
        // Two processes may create it at the same time; the one that comes second may get an error for it.
        if (PQresultStatus(created.get()) != PGRES_COMMAND_OK && (!is_alive() || ask(known) == "0")) {
            throw error(created.get(), create, true);
        }
    }
    (void)exec(("SET search_path TO " + quote_identifier(schema_)).c_str());
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
    return make_error(result, link_.raw(), place_, sql, writing);
}

Result Session::exec(const char* sql, bool writing) {
    Result result(PQexec(link_.raw(), sql));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw error(result.get(), sql, writing);
    return result;
}

std::string Session::ask(const std::string& sql) {
    const Result result = exec(sql.c_str());
    return PQgetvalue(result.get(), 0, 0);
}

Result Session::try_prepare(const Prepared& prepared, const std::string& text) {
    return Result(PQprepare(link_.raw(), prepared.name.c_str(), text.c_str(), static_cast<int>(prepared.types.size()),
                            prepared.types.data()));
}

Result Session::guess_types(Prepared& prepared, const std::string& text, bool in_transaction) {
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
        if (in_transaction) (void)exec("ROLLBACK TO SAVEPOINT etalon_guess");
        Result result = try_prepare(prepared, text);
        if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return result;
        if (!first) first = std::move(result);
    }
    return first;
}

void Session::prepare_on_server(Prepared& prepared, const std::string& text, std::string_view shown_sql, bool writing) {
    const bool unknown = std::ranges::find(prepared.types, Oid{0}) != prepared.types.end();
    const bool guarded = unknown && PQtransactionStatus(link_.raw()) == PQTRANS_INTRANS;
    if (guarded) (void)exec("SAVEPOINT etalon_guess");
    Result result = try_prepare(prepared, text);
    if (unknown && PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
        // A NULL has no type, and the statement may not tell it ("?1 IS NULL OR x = ?1").
        const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        const std::string_view why = state == nullptr ? "" : state;
        if (why == "42P18" || why == "42P08") result = guess_types(prepared, text, guarded);
    }
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) throw error(result.get(), shown_sql, writing);
    if (guarded) (void)exec("RELEASE SAVEPOINT etalon_guess");
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
    Prepared prepared{.name = "s" + std::to_string(++names_), .types = {}, .last_use = 0};
    for (std::size_t i = 0; i < values.size(); ++i) {
        Oid type = natural_type(values[i]);
        if (type == 0 && known && i < found->second.types.size()) type = found->second.types[i];
        prepared.types.push_back(type);
    }
    const Translated translated = translate(sql.text());
    if (translated.parameters != values.size()) {
        throw Error(ErrorCode::Internal,
                    {"a statement got the wrong number of values", place_ + " in statement: " + sql.text(),
                     std::to_string(translated.parameters), std::to_string(values.size()), ""});
    }
    prepare_on_server(prepared, translated.text, sql.text(), writing);
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
    (void)exec(("DEALLOCATE " + prepared.name).c_str());
}

void Session::make_room() {
    const auto oldest = std::ranges::min_element(kept_, {}, [](const auto& entry) { return entry.second.last_use; });
    drop(oldest->second);
    kept_.erase(oldest);
}

void Session::forget_statements() {
    if (kept_.empty()) return;
    (void)exec("DEALLOCATE ALL");
    kept_.clear();
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

Result Session::run(const Sql& sql, std::span<const Value> values, bool writing) {
    Prepared& prepared = prepare(sql, values, writing);
    prepared.last_use = ++uses_;
    bind(values);
    Result result(PQexecPrepared(link_.raw(), prepared.name.c_str(), static_cast<int>(values.size()), pointers_.data(),
                                 lengths_.data(), formats_.data(), 1));
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    throw failure_of(result.get(), sql, writing);
}

Error Session::failure_of(const PGresult* result, const Sql& sql, bool writing) {
    Error failure = error(result, sql.text(), writing);
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    // Another connection changed a table: the kept statement is of no use any more.
    if (state != nullptr && (std::string_view(state) == "0A000" || std::string_view(state) == "26000")) {
        const auto kept = kept_.find(sql);
        if (kept != kept_.end()) kept_.erase(kept);
    }
    return failure;
}

std::vector<Result> Session::run_all(std::span<const Statement> statements, bool writing) {
    std::vector<std::string> names;
    for (const auto& one : statements) {
        Prepared& prepared = prepare(*one.sql, one.values, writing);
        prepared.last_use = ++uses_;
        names.push_back(prepared.name);
    }
    PGconn* connection = link_.raw();
    const auto broken = [&] { return error(nullptr, statements.front().sql->text(), writing); };
    if (PQenterPipelineMode(connection) != 1) throw broken();
    std::size_t sent = 0;
    std::optional<Error> failure;
    try {
        for (; sent < statements.size(); ++sent) {
            bind(statements[sent].values);
            if (PQsendQueryPrepared(connection, names[sent].c_str(), static_cast<int>(statements[sent].values.size()),
                                    pointers_.data(), lengths_.data(), formats_.data(), 1) != 1) {
                throw broken();
            }
        }
    } catch (const Error& error) {
        failure = error;
    } catch (...) {
        is_stuck_ = true;
        throw;
    }
    // What was sent is always read to its end, so that the next statement finds the connection at rest.
    const bool synced = PQpipelineSync(connection) == 1;
    std::vector<Result> results;
    for (std::size_t i = 0; synced && i < sent && is_alive(); ++i) {
        Result result(PQgetResult(connection));
        while (PGresult* more = PQgetResult(connection)) PQclear(more);
        const auto status = PQresultStatus(result.get());
        // After a failure the server passes over the rest.
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && !failure) {
            failure = failure_of(result.get(), *statements[i].sql, writing);
        }
        results.push_back(std::move(result));
    }
    if (synced && is_alive()) PQclear(PQgetResult(connection));  // the end that was asked for
    if (PQexitPipelineMode(connection) != 1) {
        is_stuck_ = true;
        if (!failure) failure = broken();
    }
    if (!failure && results.size() != statements.size()) failure = broken();
    if (failure) throw *failure;
    return results;
}

}  // namespace etalon::backends::postgres
