#pragma once
/// PostgreSQL's SQLSTATEs and libpq's connection failures as etalon::Error.

#include <string>
#include <string_view>

#include "etalon/error.h"

struct pg_conn;
struct pg_result;

namespace etalon::backends::postgres {

/// The Error of a failed statement, by SQLSTATE (empty: the connection was lost). `writing` decides what a missing
/// permission means.
[[nodiscard]] Error make_error(std::string_view sqlstate, std::string message, std::string_view place,
                               std::string_view sql, bool writing);

/// The Error of a failed result (may be null) of the connection.
[[nodiscard]] Error make_error(const pg_result* result, const pg_conn* connection, std::string_view place,
                               std::string_view sql, bool writing);

/// The Error of a connection that could not be made, from libpq's words; `url` is only used to hide its passwords.
[[nodiscard]] Error make_connect_error(std::string message, std::string_view url, std::string_view place);

}  // namespace etalon::backends::postgres
