#pragma once
/// Writing around the caches. Private to schema/.

#include <array>
#include <cstddef>

namespace etalon::conversion {

/// True where StreamWriter does more than memcpy.
[[nodiscard]] bool has_stream_copy() noexcept;

/// Writes consecutive bytes that are not read soon, so that their cache lines are not read first. Only whole lines go
/// past the caches (a part of one costs more than the line): the rest waits for what comes next. Not thread safe.
class StreamWriter {
public:
    static constexpr std::size_t kMaxBytes = 8 * 1024;  ///< of one room

    /// From `to` on.
    explicit StreamWriter(std::byte* to) noexcept : to_(to) {}
    ~StreamWriter();
    StreamWriter(const StreamWriter&) = delete;
    StreamWriter& operator=(const StreamWriter&) = delete;
    StreamWriter(StreamWriter&&) = delete;
    StreamWriter& operator=(StreamWriter&&) = delete;

    /// Where the next at most kMaxBytes are to be put; valid until written().
    [[nodiscard]] std::byte* room() noexcept { return buffer_.data() + waiting_; }
    /// `bytes` have been put there.
    void written(std::size_t bytes) noexcept;

private:
    static constexpr std::size_t kLine = 64;

    std::byte* to_;            // where the first waiting byte belongs
    std::size_t waiting_ = 0;  // bytes at the begin of buffer_
    alignas(kLine) std::array<std::byte, kMaxBytes + 2 * kLine> buffer_;
};

}  // namespace etalon::conversion
