#include "conversion/stream_copy.h"

#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace etalon::conversion {
namespace {

/// `bytes` and `to` are whole lines.
void write_lines(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
#ifdef __SSE2__
    constexpr std::size_t kVector = sizeof(__m128i);
    for (std::size_t at = 0; at < bytes; at += 4 * kVector) {
        for (std::size_t i = 0; i < 4; ++i) {
            const auto value = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at + i * kVector));
            _mm_stream_si128(reinterpret_cast<__m128i*>(to + at + i * kVector), value);
        }
    }
#else
    std::memcpy(to, from, bytes);
#endif
}

}  // namespace

bool has_stream_copy() noexcept {
#ifdef __SSE2__
    return true;
#else
    return false;
#endif
}

void StreamWriter::written(std::size_t bytes) noexcept {
    const std::byte* from = buffer_.data();
    waiting_ += bytes;
    if (const std::size_t behind = reinterpret_cast<std::uintptr_t>(to_) % kLine; behind != 0) {
        const std::size_t head = kLine - behind;
        if (waiting_ < head) return;
        std::memcpy(to_, from, head);
        to_ += head;
        from += head;
        waiting_ -= head;
    }
    const std::size_t lines = waiting_ / kLine * kLine;
    write_lines(to_, from, lines);
    to_ += lines;
    waiting_ -= lines;
    std::memmove(buffer_.data(), from + lines, waiting_);
}

StreamWriter::~StreamWriter() {
    std::memcpy(to_, buffer_.data(), waiting_);
#ifdef __SSE2__
    _mm_sfence();
#endif
}

}  // namespace etalon::conversion
