#include "base/pauses.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace etalon {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

Pauses::Pauses(milliseconds limit, milliseconds first)
    : start_(Clock::now()),
      // Beyond a year the clock would overflow, and nobody waits that long.
      end_(start_ + std::clamp(limit, milliseconds(0), milliseconds(std::chrono::hours(24 * 365)))),
      next_(first),
      random_(static_cast<std::minstd_rand::result_type>(getpid()) ^
              static_cast<std::minstd_rand::result_type>(start_.time_since_epoch().count())) {}

bool Pauses::wait() {
    const auto rest = left();
    if (rest <= milliseconds(0)) return false;
    const auto jitter = milliseconds(random_() % static_cast<std::uint64_t>(next_.count() + 1)) / 2;
    std::this_thread::sleep_for(std::min(next_ / 2 + jitter + milliseconds(1), rest));
    constexpr milliseconds kMost{1000};
    next_ = std::min(next_ * 3 / 2, kMost);
    return true;
}

milliseconds Pauses::left() const noexcept {
    return std::max(duration_cast<milliseconds>(end_ - Clock::now()), milliseconds(0));
}

milliseconds Pauses::passed() const noexcept {
    return duration_cast<milliseconds>(Clock::now() - start_);
}

bool Pauses::may_tell() noexcept {
    const auto now = Clock::now();
    if (told_ != Clock::time_point{} && now - told_ < std::chrono::seconds(1)) return false;
    told_ = now;
    return true;
}

std::string format_wait(milliseconds time) {
    if (time < milliseconds(1000)) return fmt::format("{} ms", time.count());
    return fmt::format("{:.3g} s", static_cast<double>(time.count()) / 1000);
}

}  // namespace etalon
