#include "backends/sqlite/kept_read.h"

#include <atomic>

namespace etalon::backends::sqlite {

bool KeptRead::is_current() const noexcept {
    return !is_doubtful_ && !handle_.is_path_check_due() && look() == *began_with_;
}

bool KeptRead::begin() {
    const auto before = last_;
    last_ = coarse_clock();
    if (last_ - before > std::chrono::nanoseconds(kClose).count()) return false;
    index_ = handle_.find_log_index();
    if (index_ == nullptr) return false;
    // Seen before the first statement takes its place in the log: a commit in between makes it look older than it is.
    const auto state = look();
    if (hinders_writers(state)) return false;
    began_with_ = state;
    is_doubtful_ = false;
    return true;
}

bool KeptRead::hinders_writers(const LogState& state) const noexcept {
    // From so many pages on a writer moves its log into the file after each commit, as far as no reader is behind, and
    // starts over once all of it was moved (PRAGMA wal_autocheckpoint).
    constexpr std::uint32_t kStartsOver = 1000;
    constexpr std::size_t kFrames = 4;
    constexpr std::size_t kMoved = 24;  // behind the two copies of the header
    const auto frames = state[kFrames];
    return frames >= kStartsOver && std::atomic_ref<std::uint32_t>(index_[kMoved]).load() < frames;
}

KeptRead::LogState KeptRead::look() const noexcept {
    // What another process told this one after its commit must be seen.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    LogState state{};
    for (std::size_t i = 0; i < state.size(); ++i) {
        state[i] = std::atomic_ref<std::uint32_t>(index_[i]).load(std::memory_order_relaxed);
    }
    return state;
}

}  // namespace etalon::backends::sqlite
