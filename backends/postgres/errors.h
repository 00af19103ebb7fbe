#pragma once
/// PostgreSQL's SQLSTATEs and libpq's connection failures as etalon::Error, in Etalon's words: what failed, and what to
/// do. No statement is ever shown.

#include <string>
#include <string_view>

#include "etalon/error.h"

struct pg_conn;
struct pg_result;

namespace etalon::backends::postgres {

/// What was going on when a statement failed.
struct Circumstances {
    std::string_view place;   ///< the URL without a password
    std::string_view schema;  ///< of the place
    std::string_view role;    ///< whose rights hold; empty when not known
    std::string_view sql;     ///< as it was before it was translated: for the rights that it needs
    bool writing = false;     ///< decides what a missing right means
};

/// The Error of a failed result of the connection; null, or one without SQLSTATE: the connection was lost.
[[nodiscard]] Error make_error(const pg_result* result, const pg_conn* connection, const Circumstances& now);

/// The Error of a connection that was lost; retryable. `when` follows "was lost".
[[nodiscard]] Error make_lost_error(std::string_view when, std::string_view place);

/// The Error of a schema that is there and that the role may not use.
[[nodiscard]] Error make_schema_error(std::string_view place, std::string_view schema, std::string_view role);

/// The Error of a connection that could not be made, from libpq's words; `url` is only used to hide its passwords.
[[nodiscard]] Error make_connect_error(std::string message, std::string_view url, std::string_view place);

/// True when a kept statement is of no use any more: another connection changed a table, or the server forgot it.
[[nodiscard]] bool is_stale(std::string_view sqlstate) noexcept;
/// The advice of the Error of a stale statement.
inline constexpr const char* kTablesChanged = "the tables were changed meanwhile: repeat";

}  // namespace etalon::backends::postgres
