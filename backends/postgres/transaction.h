#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "backends/port.h"
#include "backends/postgres/session.h"

namespace etalon::backends::postgres {

/// What a transaction needs of its connection.
struct Owner {
    std::shared_ptr<const std::string> place;
    std::uint64_t* statement_count = nullptr;
    bool* in_transaction = nullptr;
    /// A new session in place of a lost one; throws Error.
    std::function<std::shared_ptr<Session>()> reconnect;
};

/// Begins a transaction; a Read or Write one sends BEGIN. Throws Error; when the connection turns out to be lost, one
/// that is retryable, and the session is not alive any more. `owner` must outlive it.
[[nodiscard]] std::unique_ptr<Transaction> make_transaction(std::shared_ptr<Session> session, const Owner& owner,
                                                            TransactionMode mode);

}  // namespace etalon::backends::postgres
