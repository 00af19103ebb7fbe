#pragma once
/// Failures of a server among others: which of them pass, and which server writes go to.

#include <string>
#include <string_view>

#include "backends/postgres/session.h"
#include "etalon/error.h"

namespace etalon::backends::postgres {

/// The error of a SQLSTATE (empty: the connection was lost), with what was in the way. What passes is retryable.
[[nodiscard]] Error with_obstacle(Error error, std::string_view sqlstate);

/// What was in the way of a connection that could not be made, but may be later.
[[nodiscard]] Obstacle obstacle_of_connecting(std::string_view message) noexcept;
/// The URL with bounds for connecting and for a server that does not answer any more, where it says none itself.
[[nodiscard]] std::string with_timeouts(std::string_view url);

/// Asks a session that took no writes whether it does now: a standby that was promoted. Throws Error.
[[nodiscard]] bool writes_again(Session& session);
/// The error of a write there: which server it is, and what to write in the URL.
[[nodiscard]] Error read_only_error(Session& session, std::string_view url, const std::string& place);

}  // namespace etalon::backends::postgres
