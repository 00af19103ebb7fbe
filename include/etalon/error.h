#pragma once
/// The one exception of Etalon. "Not there" is a value (see answer.h); an Error is a failure.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace etalon {

enum class ErrorCode : std::uint8_t {
    Usage,       ///< a call or command line that makes no sense
    BadInput,    ///< a file, header, value or time that cannot be read or stored
    Unknown,     ///< a name, struct, schema, database or commit that is not recorded
    WrongAxis,   ///< a run asked of a time-axis name, or the reverse
    Conversion,  ///< rows cannot be given in the asked layout
    Refused,     ///< a write that the rules do not allow
    Conflict,    ///< a write that collides with what is recorded
    ReadOnly,    ///< a write to something that can only be read
    Format,      ///< a database of a newer major format, or not an Etalon database
    Corrupt,     ///< stored bytes that do not match their checksum or definition
    Backend,     ///< the engine or the connection failed
    Internal,    ///< a defect of Etalon
};

/// What was in the way, for those who decide what to do next. Most failures have no name of their own.
enum class Obstacle : std::uint8_t {
    Other,
    Locked,        ///< a lock that others hold: nothing was done
    Disconnected,  ///< the connection to the server was lost, or could not be made; nothing was committed
    Changing,  ///< the engine ended what it ran because of others (deadlock, a standby that replays): nothing was done
    InDoubt,   ///< the connection was lost while the server was asked to commit: it may have
    Behind,    ///< the place, a standby or a copy, has not got a commit (yet)
};

/// What went wrong, in parts. Empty parts are left out of the message.
struct ErrorInfo {
    std::string what;      ///< what failed, one clause
    std::string where;     ///< file:line:column, reference, URL, element and row
    std::string expected;  ///< what would have been right
    std::string found;     ///< what was there
    std::string advice;    ///< what to do
};

/// what(): `what, where; expected E, found F; advice`.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, ErrorInfo info);

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    [[nodiscard]] const ErrorInfo& info() const noexcept { return info_; }
    /// The same error, told by somebody who knows more of the place: `where` and `between` come before what it says
    /// itself. Code, retryable() and obstacle() stay.
    [[nodiscard]] Error within(std::string_view where, std::string_view between = ": ") const;
    // The same error with one part changed, for one that is told to somebody who sees it otherwise; the rest stays.
    [[nodiscard]] Error at(std::string where) const;         ///< `where` in place of what it says itself; may be empty
    [[nodiscard]] Error about(std::string_view what) const;  ///< `what: ` comes before what failed
    [[nodiscard]] Error advised(std::string advice) const;   ///< other advice
    [[nodiscard]] Error as(ErrorCode code) const;            ///< another code
    /// True when the same call may succeed if repeated (connection lost before commit, deadlock, lock time-out).
    [[nodiscard]] bool retryable() const noexcept { return retryable_; }
    Error& set_retryable(bool value) noexcept {
        retryable_ = value;
        return *this;
    }

    [[nodiscard]] Obstacle obstacle() const noexcept { return obstacle_; }
    Error& set_obstacle(Obstacle value) noexcept {
        obstacle_ = value;
        return *this;
    }

private:
    /// The same in other words.
    [[nodiscard]] Error told(ErrorInfo info) const;

    ErrorCode code_;
    Obstacle obstacle_ = Obstacle::Other;
    ErrorInfo info_;
    bool retryable_ = false;
};

/// Exit status of the command line: 2 for Usage, BadInput and WrongAxis, else 3.
[[nodiscard]] int exit_status(ErrorCode code) noexcept;

}  // namespace etalon
