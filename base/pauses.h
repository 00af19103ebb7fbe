#pragma once
/// Trying again for a bounded time.

#include <chrono>
#include <random>
#include <string>

namespace etalon {

/// The pauses between attempts: longer and longer up to a second, each of them random so that those who wait do not
/// come back together, none beyond the end of the time.
class Pauses {
public:
    using Clock = std::chrono::steady_clock;
    explicit Pauses(std::chrono::milliseconds limit, std::chrono::milliseconds first = std::chrono::milliseconds(50));

    /// Sleeps; false, without, when the time is up.
    [[nodiscard]] bool wait();
    /// What is left of the time; not below zero.
    [[nodiscard]] std::chrono::milliseconds left() const noexcept;
    /// Since it was made.
    [[nodiscard]] std::chrono::milliseconds passed() const noexcept;
    /// True once a second, from the first call on: whoever waits may be told so.
    [[nodiscard]] bool may_tell() noexcept;

private:
    Clock::time_point start_;
    Clock::time_point end_;
    std::chrono::milliseconds next_;
    Clock::time_point told_{};
    std::minstd_rand random_;
};

/// `4 s`, `1.5 s`, `200 ms`.
[[nodiscard]] std::string format_wait(std::chrono::milliseconds time);

}  // namespace etalon
