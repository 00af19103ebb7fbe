#pragma once
/// Binary COPY into a table.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "backends/port.h"
#include "backends/postgres/session.h"

namespace etalon::backends::postgres {

/// What a transaction and its bulk writer know of each other; either may end first.
struct CopyState {
    bool active = false;  ///< COPY is running: nothing else may be sent
    bool failed = false;  ///< a statement of the transaction failed
};

/// Starts COPY; the server's words about wrong values come at the latest with finish().
[[nodiscard]] std::unique_ptr<BulkWriter> start_copy(Session& session, std::shared_ptr<CopyState> state,
                                                     std::string_view table, std::span<const std::string> columns);

/// Breaks a running COPY off; nothing of it is kept.
void abandon_copy(Session& session, CopyState& state) noexcept;

}  // namespace etalon::backends::postgres
