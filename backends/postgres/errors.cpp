#include "backends/postgres/errors.h"

#include <libpq-fe.h>

#include "backends/postgres/password.h"

namespace etalon::backends::postgres {
namespace {

struct Verdict {
    ErrorCode code = ErrorCode::Backend;
    bool retryable = false;
    const char* advice = "";
};

Verdict judge(std::string_view state, bool writing) {
    const auto is_class = [state](std::string_view prefix) { return state.starts_with(prefix); };
    if (state.empty() || is_class("08") || state == "57P01" || state == "57P02" || state == "57P03") {
        return {ErrorCode::Backend, true, "the connection to the server was lost: repeat"};
    }
    if (state == "P0001") return {ErrorCode::Refused};  // RAISE EXCEPTION: how the store's triggers refuse
    if (is_class("23")) return {ErrorCode::Conflict};
    if (state == "25006") return {ErrorCode::ReadOnly, false, "write to the primary server"};
    if (state == "42501") {
        return {writing ? ErrorCode::ReadOnly : ErrorCode::Backend, false,
                "ask the owner of the schema for the permission"};
    }
    if (is_class("40") || state == "55P03") {
        return {ErrorCode::Backend, true, "another transaction was in the way: repeat"};
    }
    if (state == "53300") return {ErrorCode::Backend, true, "the server has too many connections: repeat later"};
    if (state == "53100") return {ErrorCode::Backend, false, "the server's disk is full"};
    // The plan of a kept statement went stale because another connection changed a table.
    if (state == "0A000" || state == "26000")
        return {ErrorCode::Backend, true, "the tables were changed meanwhile: repeat"};
    if (is_class("22")) return {ErrorCode::BadInput};
    if (is_class("XX00") && state != "XX000")
        return {ErrorCode::Corrupt, false, "the server's data is damaged: restore it from a backup"};
    return {};
}

std::string one_line(std::string_view text, std::size_t limit) {
    std::string out;
    for (const char c : text.substr(0, limit)) {
        const bool space = c == '\n' || c == '\t' || c == '\r' || c == ' ';
        if (!space) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    if (text.size() > limit) out += "...";
    return out;
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

Error make_error(std::string_view sqlstate, std::string message, std::string_view place, std::string_view sql,
                 bool writing) {
    const Verdict verdict = judge(sqlstate, writing);
    ErrorInfo info;
    info.what = "PostgreSQL: " + one_line(message.empty() ? "the connection to the server was lost" : message, 1000);
    if (!sqlstate.empty()) info.what += " (SQLSTATE " + std::string(sqlstate) + ')';
    info.where = place;
    if (!sql.empty()) info.where += " in statement: " + one_line(sql, 300);
    info.advice = verdict.advice;
    Error error(verdict.code, std::move(info));
    error.set_retryable(verdict.retryable);
    return error;
}

Error make_error(const PGresult* result, const PGconn* connection, std::string_view place, std::string_view sql,
                 bool writing) {
    const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* primary = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (state == nullptr) return make_error("", PQerrorMessage(connection), place, sql, writing);
    std::string message(primary == nullptr ? "" : primary);
    if (const char* detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL)) message += std::string(": ") + detail;
    if (const char* hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT)) message += std::string(" (") + hint + ')';
    return make_error(state, std::move(message), place, sql, writing);
}

Error make_connect_error(std::string message, std::string_view url, std::string_view place) {
    message = one_line(without_secrets(std::move(message), url), 1000);
    ErrorInfo info;
    info.what = "cannot connect to PostgreSQL: " + message;
    info.where = place;
    bool retryable = false;
    if (has(message, "password") || has(message, "authentication failed")) {
        info.advice = "check the user and password (PGPASSWORD, ~/.pgpass or the URL)";
    } else if (has(message, "role ") && has(message, "does not exist")) {
        info.advice = "check the user in the URL";
    } else if (has(message, "does not exist") && has(message, "database ")) {
        info.advice = "create the database (createdb) or check its name in the URL";
    } else if (has(message, "could not translate host name")) {
        info.advice = "check the host in the URL";
    } else if (has(message, "URI") || has(message, "invalid ")) {
        info.advice = "check the URL";
    } else if (has(message, "starting up") || has(message, "shutting down") || has(message, "too many")) {
        info.advice = "repeat later";
        retryable = true;
    } else {
        info.advice = "check that the server runs and that host and port are right";
        retryable = true;
    }
    Error error(ErrorCode::Backend, std::move(info));
    error.set_retryable(retryable);
    return error;
}

}  // namespace etalon::backends::postgres
