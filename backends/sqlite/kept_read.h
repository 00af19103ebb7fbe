#pragma once
/// The reading transaction that a connection to a file with a write-ahead log keeps between reads that follow each
/// other closely: the next one asks the system for nothing, neither locks nor the state of the file.
///
/// What is read is never older than without it: the header of the index of the log, which all processes map, says
/// whether anybody committed since (SQLite file format, "WAL-Index Format"), and then a new transaction is begun. A
/// writer can start its log over only where no reader is in the way: nothing is kept while the log is long enough for
/// that, and who leaves a connection idle ends what is kept (Connection::rest).

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "backends/sqlite/handle.h"

namespace etalon::backends::sqlite {

/// Belongs to one connection; used by one thread at a time.
class KeptRead {
public:
    /// A read that comes so long after the one before it keeps nothing: most likely no other follows soon.
    static constexpr std::chrono::milliseconds kClose{50};

    explicit KeptRead(Handle& handle) : handle_(handle) {}
    KeptRead(const KeptRead&) = delete;
    KeptRead& operator=(const KeptRead&) = delete;

    /// True when the connection is inside a transaction that is kept.
    [[nodiscard]] bool holds() const noexcept { return began_with_.has_value(); }
    /// True when a read may go on in the transaction that is held: nobody has committed since it began, nothing went
    /// wrong in it, and the path of the file need not be looked at (Handle::kPathCheck).
    [[nodiscard]] bool is_current() const noexcept;
    /// Notes that a read begins while nothing is held. True when a transaction is to be begun for it and kept: the last
    /// read was a moment ago, and the file has a log.
    [[nodiscard]] bool begin();
    /// Something went wrong in it: the next read does not go on in it.
    void doubt() noexcept { is_doubtful_ = true; }
    /// Forgets it: the transaction was ended.
    void drop() noexcept { began_with_.reset(); }

private:
    /// The header of the index of the log.
    using LogState = std::array<std::uint32_t, 12>;
    [[nodiscard]] LogState look() const noexcept;
    /// True while the log is so long that a writer waits for a moment without readers to start it over.
    [[nodiscard]] bool hinders_writers(const LogState& state) const noexcept;

    Handle& handle_;
    std::optional<LogState> began_with_;
    std::uint32_t* index_ = nullptr;  ///< mapped for as long as the connection is inside a transaction
    bool is_doubtful_ = false;
    std::int64_t last_ = 0;  ///< when the last read began, nanoseconds of the monotonic clock
};

}  // namespace etalon::backends::sqlite
