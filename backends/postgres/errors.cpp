#include "backends/postgres/errors.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <vector>

#include "backends/port.h"
#include "backends/postgres/password.h"
#include "backends/postgres/qualify.h"
#include "backends/postgres/retry.h"

namespace etalon::backends::postgres {
namespace {

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

std::string_view field(const PGresult* result, int code) {
    const char* text = result == nullptr ? nullptr : PQresultErrorField(result, code);
    return text == nullptr ? std::string_view() : text;
}

/// What Etalon says of an SQLSTATE, or of a class of them (two characters).
struct Verdict {
    std::string_view state;
    ErrorCode code;
    bool retryable;
    const char* what;
    const char* advice;
    bool quotes = true;  ///< the server's own words follow
};

constexpr const char* kRepeat = "repeat";
constexpr const char* kLost = "the connection to the server was lost";
constexpr const char* kDefect = "this is a defect of etalon, or the server is older than PostgreSQL 14: report it";

/// The first that fits holds.
constexpr std::array<Verdict, 38> kVerdicts{{
    {"57P01", ErrorCode::Backend, true, "the server was shut down, or somebody ended the connection", kRepeat},
    {"57P02", ErrorCode::Backend, true, "the server crashed and starts anew", kRepeat},
    {"57P03", ErrorCode::Backend, true, "the server is starting up or shutting down", "repeat later"},
    {"57P05", ErrorCode::Backend, true, "the server closed a connection that was idle for too long", kRepeat},
    {"25P03", ErrorCode::Backend, true, "the server closed a connection whose transaction was idle for too long",
     kRepeat},
    {"57014", ErrorCode::Backend, false, "the server broke a statement off",
     "it took longer than statement_timeout of the server, database or role allows, or somebody cancelled it: repeat "
     "it, or ask for a longer time"},
    {"08", ErrorCode::Backend, true, kLost, kRepeat},
    {"40P01", ErrorCode::Backend, true, "two transactions waited for each other, and the server broke this one off",
     kRepeat},
    {"40", ErrorCode::Backend, true, "another transaction was in the way", kRepeat},
    {"55P03", ErrorCode::Backend, true, "another transaction was in the way: it holds a lock", kRepeat},
    {"25006", ErrorCode::ReadOnly, false,
     "the server takes no writes here (a standby, or default_transaction_read_only)", "write to the primary server",
     false},
    {"53300", ErrorCode::Backend, true, "the server has too many connections",
     "repeat later, or ask for more (max_connections, or the limit of the role or database)"},
    {"53100", ErrorCode::Backend, false, "the server's disk is full", "nothing was written: make room, then repeat"},
    {"53200", ErrorCode::Backend, true, "the server is out of memory", "repeat later"},
    {"58", ErrorCode::Backend, false, "the server cannot read or write its files", "see the server's log"},
    {"P0001", ErrorCode::Refused, false, "", ""},  // RAISE EXCEPTION: how the store's triggers refuse, in our words
    {"23505", ErrorCode::Conflict, false, "a row with the same key is there already", ""},
    {"23502", ErrorCode::Conflict, false, "a row lacks a value that every row has", ""},
    {"23", ErrorCode::Conflict, false, "a row breaks a rule of its table", ""},
    {"26000", ErrorCode::Backend, true, "the server forgot a statement that was prepared", kTablesChanged, false},
    {"42P05", ErrorCode::Backend, true, "the connection turned out to be shared with others (a pooler)", kRepeat,
     false},
    {"0A000", ErrorCode::Backend, true, "a table was changed while it was read", kTablesChanged, false},
    {"22", ErrorCode::BadInput, false, "the server does not take a value", ""},
    {"XX001", ErrorCode::Corrupt, false, "the server's data is damaged", "restore it from a backup"},
    {"XX002", ErrorCode::Corrupt, false, "an index of the server is damaged", "make it anew (REINDEX)"},
    {"3F000", ErrorCode::Backend, false, "a schema is not there (any more)", "check the name behind '#'"},
    {"3D000", ErrorCode::Backend, false, "the PostgreSQL database is not there (any more)",
     "check its name in the URL"},
    {"42P01", ErrorCode::Backend, false, "a table of the database is not there",
     "check the name behind '#'; what was dropped is restored from a copy"},
    {"42703", ErrorCode::Backend, false, "a table of the database lacks a column",
     "its tables were changed by hand: restore it from a copy"},
    {"42883", ErrorCode::Backend, false, "the server does not have a function that is needed", kDefect},
    {"42P07", ErrorCode::Conflict, false, "a table or view of that name is there already", ""},
    {"42710", ErrorCode::Conflict, false, "something of that name is there already", ""},
    {"2BP01", ErrorCode::Backend, false, "something else in the schema needs what is to be dropped",
     "drop what somebody added to the schema first"},
    {"42", ErrorCode::Backend, false, "the server does not take a statement", kDefect, false},
    {"25P02", ErrorCode::Backend, false, "an earlier statement of this transaction failed", "", false},
    {"54", ErrorCode::Backend, false, "something is larger than the server can take", ""},
    {"28", ErrorCode::Backend, false, "the server does not let the user in", "check the user and password"},
    {"53", ErrorCode::Backend, true, "the server lacks resources", "repeat later"},
}};

/// With the server's words behind it.
std::string quote_server(std::string what, std::string_view state, std::string_view words) {
    if (words.empty()) return fmt::format("{} (SQLSTATE {})", what, state);
    if (what.empty()) return fmt::format("PostgreSQL: {} (SQLSTATE {})", words, state);
    return fmt::format("{} (PostgreSQL: {}; SQLSTATE {})", what, words, state);
}

/// The text between two parts of another.
std::string_view between(std::string_view text, std::string_view before, std::string_view behind) {
    const auto start = text.find(before);
    if (start == std::string_view::npos) return {};
    const auto from = start + before.size();
    const auto end = behind.empty() ? text.size() : text.find(behind, from);
    return end == std::string_view::npos ? std::string_view() : text.substr(from, end - from);
}

/// The first key word of a statement.
std::string first_word(std::string_view sql) {
    const auto tokens = tokenize(sql);
    return tokens.empty() ? std::string() : std::string(tokens.front().text);
}

/// The rights that a statement needs on a relation that it names; empty when it names no such, or when only its owner
/// may run it.
std::string rights_on(std::string_view relation, std::string_view sql) {
    const auto first = first_word(sql);
    std::set<std::string> rights;
    for (const auto& use : find_uses(sql)) {
        if (use.relation != relation) continue;
        if (use.what == "INTO") {
            rights.insert("INSERT");
            if (has(sql, "RETURNING") || has(sql, "ON CONFLICT")) rights.insert("SELECT");
        } else if (use.what == "COPY") {
            rights.insert("INSERT");
        } else if (use.what == "UPDATE") {
            rights.insert({"SELECT", "UPDATE"});
        } else if (use.what == "FROM" && first == "DELETE" && rights.empty()) {
            rights.insert({"DELETE", "SELECT"});
        } else if (use.what == "FROM" || use.what == "JOIN" || use.what == "USING") {
            rights.insert("SELECT");
        }
    }
    return fmt::format("{}", fmt::join(rights, ", "));
}

/// A right that is missing, as somebody who may give it would say it.
struct MissingRight {
    std::string object;  ///< for people
    std::string grant;   ///< what stands between GRANT and TO; empty when it cannot be granted
};

/// What kinds of relation the server's words name.
constexpr std::array<std::string_view, 5> kRelations{"table", "view", "materialized view", "foreign table", "relation"};

/// From the server's words where they are English, else from the first relation that the statement names.
MissingRight find_missing_right(std::string_view words, const Circumstances& now) {
    const auto first = first_word(now.sql);
    const bool is_ddl = first == "CREATE" || first == "ALTER" || first == "DROP";
    if (const auto schema = between(words, "permission denied for schema ", ""); !schema.empty()) {
        return {fmt::format("schema \"{}\"", schema),
                fmt::format("{} ON SCHEMA {}", is_ddl ? "CREATE" : "USAGE", quote_identifier(schema))};
    }
    if (const auto database = between(words, "permission denied for database ", ""); !database.empty()) {
        return {fmt::format("database \"{}\"", database),
                fmt::format("CREATE ON DATABASE {}", quote_identifier(database))};
    }
    std::string relation;
    for (const auto kind : kRelations) {
        const auto named = between(words, fmt::format("permission denied for {} ", kind), "");
        if (!named.empty()) relation = named;
    }
    if (relation.empty()) {
        const auto other = between(words, "permission denied for ", "");
        if (!other.empty()) return {std::string(other), ""};
        const auto uses = find_uses(now.sql);
        if (uses.empty()) return {fmt::format("schema \"{}\"", now.schema), ""};
        relation = uses.front().relation;
    }
    auto rights = rights_on(relation, now.sql);
    const auto object = fmt::format("table \"{}\" of schema \"{}\"", relation, now.schema);
    if (is_ddl) return {object, ""};
    if (rights.empty()) rights = now.writing ? "SELECT, INSERT, UPDATE" : "SELECT";
    return {object, fmt::format("{} ON {}.{}", rights, quote_identifier(now.schema), quote_identifier(relation))};
}

Error make_right_error(std::string_view words, const Circumstances& now) {
    const auto code = now.writing ? ErrorCode::ReadOnly : ErrorCode::Backend;
    const auto role = now.role.empty() ? std::string("the user of the URL") : fmt::format("the role \"{}\"", now.role);
    const auto where = std::string(now.place);
    if (const auto owned = between(words, "must be owner of ", ""); !owned.empty()) {
        return {code,
                {fmt::format("{} is not the owner of {} (SQLSTATE 42501)", role, owned), where, "", "",
                 "do it as the owner of the schema and of its tables"}};
    }
    if (const auto table = between(words, "row-level security policy for table \"", "\""); !table.empty()) {
        return {code,
                {fmt::format("a policy may hide rows of table \"{}\" from {} (SQLSTATE 42501)", table, role), where, "",
                 "", "let the owner of the table take the policy away: a database is read whole or not at all"}};
    }
    const auto missing = find_missing_right(words, now);
    auto advice = missing.grant.empty()
                      ? std::string("do it as the owner of the schema, or ask the owner for the right")
                      : fmt::format("let the owner run: GRANT {} TO {}", missing.grant,
                                    now.role.empty() ? std::string("...") : quote_identifier(now.role));
    return {code,
            {fmt::format("{} lacks a right on {} (SQLSTATE 42501)", role, missing.object), where, "", "",
             std::move(advice)}};
}

Error make_table_error(std::string_view words, const Circumstances& now) {
    // The server names it with or without its schema.
    auto name = between(words, "relation \"", "\"");
    if (const auto prefix = fmt::format("{}.", now.schema); name.starts_with(prefix)) name.remove_prefix(prefix.size());
    return {ErrorCode::Backend,
            {name.empty() ? fmt::format("a table of schema \"{}\" is not there (SQLSTATE 42P01)", now.schema)
                          : fmt::format("schema \"{}\" has no table \"{}\" (SQLSTATE 42P01)", now.schema, name),
             std::string(now.place), "", "", "check the name behind '#'; what was dropped is restored from a copy"}};
}

/// A trigger function of an older etalon looks up its tables by a search path that is not there any more.
bool is_old_function(std::string_view state, std::string_view context) {
    return (state == "42P01" || state == "42883") && has(context, "function") && has(context, "etalon");
}

}  // namespace

bool is_stale(std::string_view sqlstate) noexcept {
    return sqlstate == "0A000" || sqlstate == "26000";
}

Error make_lost_error(std::string_view when, std::string_view place) {
    Error error(ErrorCode::Backend, {fmt::format("PostgreSQL: {}{}{}", kLost, when.empty() ? "" : " ", when),
                                     std::string(place), "", "", kRepeat});
    error.set_retryable(true);
    return with_obstacle(std::move(error), {});
}

Error make_schema_error(std::string_view place, std::string_view schema, std::string_view role) {
    return {ErrorCode::Backend,
            {fmt::format("the role \"{}\" may not use the schema \"{}\"", role, schema), std::string(place), "", "",
             fmt::format("let the owner run: GRANT USAGE ON SCHEMA {0} TO {1}; and for reading GRANT SELECT ON ALL "
                         "TABLES IN SCHEMA {0} TO {1}",
                         quote_identifier(schema), quote_identifier(role))}};
}

Error make_error(const PGresult* result, const PGconn* connection, const Circumstances& now) {
    const auto state = field(result, PG_DIAG_SQLSTATE);
    auto words = one_line(field(result, PG_DIAG_MESSAGE_PRIMARY), 1000);
    if (state.empty()) {
        // libpq's own words, of which the first line says it all; what follows may be a statement.
        const std::string_view said = PQerrorMessage(connection);
        const auto line = one_line(said.substr(0, said.find('\n')), 300);
        return make_lost_error(line.empty() || line.find(kLost) != std::string::npos ? "" : '(' + line + ')',
                               now.place);
    }
    if (state == "42501") return make_right_error(words, now);
    if (is_old_function(state, field(result, PG_DIAG_CONTEXT))) {
        return {ErrorCode::Refused,
                {"the trigger functions of this schema are of an older etalon, and only their owner can renew them",
                 std::string(now.place), "", "", "let the owner of the schema run 'etalon -d URL init' once"}};
    }
    if (state == "42P01") return make_table_error(words, now);
    if (state.starts_with("23")) {
        if (const auto detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty())
            words += ": " + one_line(detail, 1000);
    }
    const auto verdict = std::ranges::find_if(kVerdicts, [&](const auto& one) { return state.starts_with(one.state); });
    const bool known = verdict != kVerdicts.end();
    Error error(known ? verdict->code : ErrorCode::Backend,
                {quote_server(known ? verdict->what : "", state, !known || verdict->quotes ? words : ""),
                 std::string(now.place), "", "", known ? verdict->advice : ""});
    error.set_retryable(known && verdict->retryable);
    return with_obstacle(std::move(error), state);
}

Error make_connect_error(std::string message, std::string_view url, std::string_view place) {
    message = one_line(without_secrets(std::move(message), url), 1000);
    ErrorInfo info;
    info.what = "cannot connect to PostgreSQL: " + message;
    info.where = place;
    bool retryable = false;
    if (has(message, "unsupported startup parameter")) {
        info.advice = "the pooler in between takes no 'options': leave them out of the URL, or let it ignore them";
    } else if (has(message, "password") || has(message, "authentication failed")) {
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
    return retryable ? error.set_obstacle(obstacle_of_connecting(message)) : error;
}

}  // namespace etalon::backends::postgres
